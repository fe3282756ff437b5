"""The quotas, rates and delays of Secrets Manager that a test may want to change."""

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

from mock_secrets.kernel.options import Pace

#: The delay where none is given, unless the pace is "aws".
AT_ONCE = timedelta(0)

# The delays of pace="aws". DescribeSecret still finds a secret deleted by force for a median of 5 seconds (recorded in
# 2020 to 2026 by google/go-cloud), and the events of the deletion follow after 5 seconds or more (recorded in 2023).
# That a new principal is refused "for some seconds" and that pages are short is REPORTED (boto/boto3#3206; the API
# reference of 2018). The other numbers are GUESSes.
_OF_AWS: dict[str, Any] = {
    "deletion_delay": timedelta(seconds=5),
    "rotation_delay": timedelta(seconds=2),
    "replication_delay": timedelta(seconds=5),
    "principal_delay": timedelta(seconds=10),
    "short_pages": True,
}

# A hundred years: added to any time that the service can show, the result is still a valid datetime.
_LONGEST = timedelta(days=36_500)


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Requests per second that one account may make in one region; ``math.inf`` means unlimited.

    Operations listed under one parameter share its quota.

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
    :param create: CreateSecret; the quota of 2021.
    :param delete: DeleteSecret; the quota of 2021.
    :param passwords: GetRandomPassword; the quota of 2021.
    :param listing: ListSecrets. GUESS: in 2021 the quota was 50, shared with ListSecretVersionIds.
    :param version_listing: ListSecretVersionIds; the quota of 2021, then shared with ListSecrets.

    Source: "Secrets Manager quotas" in the AWS Secrets Manager User Guide, unless stated otherwise above.
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
    """A secret is updated faster than its outdated versions can be removed, so AWS will soon refuse an update.

    The warning is given once for each secret, when its versions fill the quota and the next update at this rate would
    be refused.
    """


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Quotas, retention and delays. Numbers are at least 1; time spans are timedeltas from 0 to 36,500 days.

    The delays and ``short_pages`` are None by default and then follow the mock's pace: with ``"instant"`` nothing is
    delayed, with ``"aws"`` the values below apply. A value that you give, zero included, applies at both paces.

    :param retained_versions: number of versions of a secret that are kept when versions without a staging label are
        removed.
    :param retention: minimum age of a version without a staging label before it may be removed.
    :param versions_per_secret: maximum number of versions of a secret; one more is a LimitExceededException. AWS
        publishes no exact number: 144 allows for one update every ten minutes over 24 hours.
    :param labels_per_secret: maximum number of staging labels on all versions of a secret together.
    :param secrets_per_region: maximum number of secrets of one account in one region.
    :param tags_per_secret: maximum number of tags of a secret.
    :param replication_delay: time that a replica takes to follow its primary; 5 seconds at the pace ``"aws"``.
    :param deletion_delay: time for which a secret deleted without a recovery window can still be described and keeps
        its name; 5 seconds at the pace ``"aws"``.
    :param rotation_delay: time between RotateSecret and the rotation; 2 seconds at the pace ``"aws"``. AWS answers
        before the rotation runs. Here, without a delay, the rotation has run when the call returns; with a delay, it
        runs once the clock has moved that far.
    :param principal_delay: time for which a resource policy that names a new user or role is refused; 10 seconds at the
        pace ``"aws"``.
    :param consistency_delay: time for which reads and lists may still see a secret as it was before a change. A read
        sees the newest state or an older one within the delay, but no older than the same caller has seen before. It
        is 0 by default at both paces.
    :param short_pages: whether ListSecrets may return fewer entries than requested, or none, with a NextToken; True at
        the pace ``"aws"``.
    :param rotation_attempts: number of times a failing rotation is tried before it waits for its next window.
    :param rotation_retry_delay: time between a failed rotation and the next attempt.
    :param rotation_calls: number of calls that a rotation function may make in one step before it times out. The
        service clock stands still while a function runs, so the clock alone would never make it time out.
    :param calls_kept: number of the most recent calls, log events and permission checks to keep, of each kind, for a
        mock that receives millions of calls. ``backend.calls``, ``backend.cloudtrail`` and ``backend.iam`` then know
        only those. By default all are kept, so memory grows with the number of calls.
    :param rates: request rates, as a :class:`mock_secrets.Rates`, above which a request is a ThrottlingException. By
        default no request is throttled.

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
        """The shortest interval at which a secret can be updated indefinitely; ten minutes by default."""
        return self.retention / self.versions_per_secret

    def at_pace(self, pace: Pace) -> "Limits":
        """Return these limits, at the pace "aws" with AWS's delays where none is given."""
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


#: The names of the limits that are time spans.
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
