"""The numbers of Secrets Manager that a test may want to change."""

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

from mock_secrets.kernel.options import Pace

#: What a delay is that nobody gave, unless the pace is AWS's.
AT_ONCE = timedelta(0)

# What AWS does some time later, by its pace. DescribeSecret finds a secret that was deleted by force for a median of 5
# seconds (recorded in 2020 to 2026 by google/go-cloud), and the events of the deletion come 5 seconds later or more
# (recorded in 2023). That a new principal is refused "for some seconds", and that pages are short, is reported
# (boto/boto3#3206; API reference of 2018). The other numbers are GUESSes.
_OF_AWS: dict[str, Any] = {
    "deletion_delay": timedelta(seconds=5),
    "rotation_delay": timedelta(seconds=2),
    "replication_delay": timedelta(seconds=5),
    "principal_delay": timedelta(seconds=10),
    "short_pages": True,
}

# A hundred years: what is counted from any time of the service by this much is still a datetime.
_LONGEST = timedelta(days=36_500)


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Requests per second that one account may make in one region; ``math.inf`` for as many as it likes.

    Operations under one name share its quota.

    :param read: DescribeSecret, GetSecretValue.
    :param batch: BatchGetSecretValue.
    :param policies: PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy, ValidateResourcePolicy; GUESS:
        ListResourcePolicies.
    :param versions: PutSecretValue, UpdateSecret, UpdateSecretVersionStage, ReplicateSecretToRegions,
        RemoveRegionsFromReplication, StopReplicationToReplica; GUESS: AssociateCrossAccountReplica,
        DisassociateCrossAccountReplica.
    :param rotation: RotateSecret, CancelRotateSecret.
    :param tags: TagResource, UntagResource.
    :param restore: RestoreSecret.
    :param create: CreateSecret; the number is of 2021.
    :param delete: DeleteSecret; the number is of 2021.
    :param passwords: GetRandomPassword; the number is of 2021.
    :param listing: ListSecrets. GUESS: in 2021 it was 50, together with ListSecretVersionIds.
    :param version_listing: ListSecretVersionIds; the number is of 2021, together with ListSecrets.

    Source: "Secrets Manager quotas" in the AWS Secrets Manager User Guide, where nothing else is said.
    """

    read: float = 10_000
    batch: float = 100
    policies: float = 50
    versions: float = 50
    rotation: float = 50
    tags: float = 50
    restore: float = 50
    create: float = 50
    delete: float = 50
    passwords: float = 50
    listing: float = 100
    version_listing: float = 50

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int | float) or isinstance(value, bool):
                raise TypeError(f"Rates({field.name}=) takes a number of requests, not {type(value).__name__}")
            if not value > 0:
                raise ValueError(f"Rates({field.name}=) must be above 0 requests per second, not {value}")


class UpdateRateWarning(UserWarning):
    """A secret is updated more often than its outdated versions may be removed, so an update will soon be refused.

    Told once for each secret, when its versions fill the quota and the next at this pace would be refused.
    """


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Quotas and retention. Numbers are from 1, spans of time from 0 to 36,500 days.

    What is None follows the mock's pace: nothing is delayed with ``"instant"``, and all of it with ``"aws"``. What is
    given wins, a zero too.

    :param retained_versions: how many versions of a secret are kept when those without a staging label are removed.
    :param retention: how old a version without a label must be before it may be removed.
    :param versions_per_secret: how many versions a secret can have before a new one is a LimitExceededException.
        AWS publishes no hard number: 144 is what one update every ten minutes needs in 24 hours.
    :param labels_per_secret: how many staging labels all versions of a secret can carry together.
    :param secrets_per_region: how many secrets an account can have in one region.
    :param tags_per_secret: how many tags a secret can have.
    :param replication_delay: how long a replica takes to follow its primary. At AWS's pace 5 seconds.
    :param deletion_delay: how long a secret that is deleted without a recovery window goes on being described, and its
        name stays taken. At AWS's pace 5 seconds.
    :param rotation_delay: how long after RotateSecret the rotation runs. AWS answers before it runs; here it has run
        when the call returns, unless there is a delay for the clock to pass. At AWS's pace 2 seconds.
    :param principal_delay: how long a user or a role that was made is refused in a resource policy. At AWS's pace 10
        seconds.
    :param consistency_delay: for how long a read may see a secret as it was before a change: each read of a caller sees
        the newest state or an older one within the delay, and never an older one than before; so do lists. 0, unless
        given, at both paces.
    :param short_pages: whether ListSecrets gives fewer than it was asked for, or none, with a NextToken. At AWS's pace
        it does.
    :param rotation_attempts: how often a rotation that fails is run, before it waits for its next window.
    :param rotation_retry_delay: how long after a failure it is run again.
    :param rotation_calls: how many calls a rotation function can make in one step before it has timed out: the
        service's clock stands still while it runs, so it would never time out by the clock alone.
    :param calls_kept: how many calls, events of the log and permission checks are kept, the latest of each, for a mock
        that takes millions. None, unless given: all, and the memory that they need grows with the calls. What is asked
        of ``backend.calls``, ``backend.cloudtrail`` and ``backend.iam`` is then answered from those that are kept.
    :param rates: how many requests a second are answered, a :class:`mock_secrets.Rates`, before one is a
        ThrottlingException. None, unless given: every request is answered.

    Source: "Secrets Manager quotas" in the AWS Secrets Manager User Guide, and the documentation of UpdateSecret.
    """

    retained_versions: int = 100
    retention: timedelta = timedelta(hours=24)
    versions_per_secret: int = 144
    labels_per_secret: int = 20
    secrets_per_region: int = 500_000
    tags_per_secret: int = 50
    replication_delay: timedelta | None = None
    deletion_delay: timedelta | None = None
    rotation_delay: timedelta | None = None
    principal_delay: timedelta | None = None
    consistency_delay: timedelta = AT_ONCE
    short_pages: bool | None = None
    rotation_attempts: int = 5
    rotation_retry_delay: timedelta = timedelta(minutes=10)
    rotation_calls: int = 1_000
    calls_kept: int | None = None
    rates: Rates | None = None

    @property
    def shortest_interval(self) -> timedelta:
        """How often a secret can be updated for ever: every ten minutes, unless the limits are changed."""
        return self.retention / self.versions_per_secret

    def at_pace(self, pace: Pace) -> "Limits":
        """The same, with AWS's delays where none is given and the pace is AWS's."""
        if pace == "instant":
            return self
        return replace(self, **{name: value for name, value in _OF_AWS.items() if getattr(self, name) is None})

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and field.default is None:
                continue
            if field.name == "rates":
                _check_rates(value)
            elif field.name == "short_pages":
                _check_flag(field.name, value)
            elif field.name in SPANS:
                _check_span(field.name, value)
            else:
                _check_quota(field.name, value)


#: The limits that are spans of time.
SPANS = frozenset(field.name for field in fields(Limits) if "timedelta" in str(field.type))


def _check_flag(name: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"Limits({name}=) takes True or False, not {type(value).__name__}")


def _check_rates(value: Any) -> None:
    if not isinstance(value, Rates):
        raise TypeError(f"Limits(rates=) takes a mock_secrets.Rates, not {type(value).__name__}")


def _check_span(name: str, value: Any) -> None:
    if not isinstance(value, timedelta):
        raise TypeError(f"Limits({name}=) takes a timedelta, not {type(value).__name__}")
    if not timedelta(0) <= value <= _LONGEST:
        raise ValueError(f"Limits({name}=) takes 0 to {_LONGEST.days} days, not {value}")


def _check_quota(name: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"Limits({name}=) takes a whole number, not {type(value).__name__}")
    if value < 1:
        raise ValueError(f"Limits({name}=) must be at least 1, not {value}")
