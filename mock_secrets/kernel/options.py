"""The parameters of the mock, whoever gives them: decorator, fixture, marker or ini file.

pytest's start imports this: what only a check needs is imported when it checks.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from mock_secrets.kernel.parameters import Check, Parameter, parameter
from mock_secrets.kernel.redaction import Redacted, note, redacted
from mock_secrets.kernel.suggestions import did_you_mean

if TYPE_CHECKING:
    from mock_secrets.kernel.limits import Limits
    from mock_secrets.kernel.profiles import Profile

SeedValue: TypeAlias = str | bytes | Mapping[str, Any]
TokenReuse: TypeAlias = Literal["aws", "documented"]
Kms: TypeAlias = Literal["any", "strict"]
Leaks: TypeAlias = Literal["allow", "fail"]
Unfired: TypeAlias = Literal["allow", "fail"]
Pace: TypeAlias = Literal["instant", "aws"]


def seed_value(name: str, value: Any) -> str | bytes:
    """A secret's value as it is stored: a mapping becomes JSON.

    :raises TypeError: if it is neither str, bytes nor a mapping that JSON can hold. The value is never shown.
    """
    if isinstance(value, str | bytes):
        return value
    note(value)
    if isinstance(value, Mapping):
        try:
            return json.dumps(dict(value), allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            raise TypeError(f"the mapping given for the secret {name!r} holds something that JSON can't") from None
    raise TypeError(
        f"the value of the secret {name!r} is a {type(value).__name__}: give a str, bytes, or a mapping to store as JSON"
    )


def check_region(value: Any, name: str = "region", *, any_region: bool = False) -> str:
    """:raises TypeError, ValueError: if it is no region, or unless any will do, none that the installed botocore knows."""
    from mock_secrets.kernel.regions import is_region, known_regions

    if not isinstance(value, str):
        raise TypeError(f"{name} takes a string such as 'eu-west-1', not {type(value).__name__}")
    if any_region and is_region(value):
        return value
    if value not in known_regions():
        hint = did_you_mean(value, known_regions())
        newer = (
            " One that is newer than the installed botocore is taken with any_region=True." if is_region(value) else ""
        )
        raise ValueError(f"{name} takes a name such as 'eu-west-1', and {value!r} is not one.{hint}{newer}")
    return value


def _check_any_region_given(value: Any, name: str) -> str:
    return check_region(value, name, any_region=True)


def _check_flag(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} takes True or False, not {type(value).__name__}")
    return value


def check_account_id(value: Any, name: str = "account_id") -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} takes a string of 12 digits, not {type(value).__name__}")
    if not re.fullmatch("[0-9]{12}", value):
        raise ValueError(f"{name} takes 12 digits, and {value!r} is not that")
    return value


def _check_secrets(value: Any, name: str) -> dict[str, Redacted]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} takes a mapping of names to values, not {type(value).__name__}")
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"{name} takes names as strings, and one is a {type(key).__name__}")
    return {key: redacted(seed_value(key, seed)) for key, seed in value.items()}


def _check_at(value: Any, name: str) -> datetime:
    from mock_secrets.kernel.instants import service_instant

    return service_instant(value, name)


def _check_limits(value: Any, name: str) -> "Limits":
    from mock_secrets.kernel.limits import Limits

    if not isinstance(value, Limits):
        raise TypeError(f"{name} takes a mock_secrets.Limits, not {type(value).__name__}")
    return value


@cache
def _limits_of_aws() -> "Limits":
    from mock_secrets.kernel.limits import Limits

    return Limits()


def _check_passthrough(value: Any, name: str) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError(f"{name} takes a list of service names, such as ['s3']")
    services = tuple(value)
    for service in services:
        if not isinstance(service, str):
            raise TypeError(f"{name} takes service names as strings, and one is a {type(service).__name__}")
        if service == "secretsmanager":
            raise ValueError(
                f"{name} can't hold 'secretsmanager': the mock answers it, and its requests carry no true signature"
            )
    return services


def _check_profiles(value: Any, name: str) -> "dict[str, Profile]":
    from mock_secrets.kernel.profiles import read_profiles

    return read_profiles(value, name)


def _check_seed(value: Any, name: str) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"{name} takes an int or a str, not {type(value).__name__}")
    return value


def _one_of(literal: Any) -> Check:
    words = get_args(literal)

    def check(value: Any, name: str) -> Any:
        if value not in words:
            raise ValueError(f"{name} takes {' or '.join(map(repr, words))}, not {value!r}")
        return value

    return check


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was given; None where nothing was, so that a join can tell a wish from a default.

    A parameter is declared here and nowhere else. Type checkers read its name and type in the overload of
    ``mock_secrets``, and people its row in the README; tests hold both to this.
    """

    region: str | None = parameter(
        "region of clients that name none",
        check=_check_any_region_given,
        default_help="that of boto3's default session or the environment, or us-east-1",
    )
    account_id: str | None = parameter("account of the calls", check=check_account_id, default="123456789012")
    secrets: Mapping[str, SeedValue] | None = parameter(
        "values to begin with: str, bytes, or a mapping stored as JSON",
        check=_check_secrets,
        default_factory=dict,
        default_help="none",
        form="pairs",
        repr=False,
    )
    at: datetime | None = parameter(
        "aware datetime at which the service's clock stands still",
        check=_check_at,
        default_help="follows the process",
        form="instant",
    )
    token_reuse: TokenReuse | None = parameter(
        '"aws", or "documented": UpdateSecret refuses every used token, as its documentation says',
        check=_one_of(TokenReuse),
        default="aws",
    )
    limits: "Limits | None" = parameter(
        "a mock_secrets.Limits: quotas, retention, delays of rotation and replication",
        check=_check_limits,
        default_factory=_limits_of_aws,
        default_help="AWS's",
        form="limits",
    )
    pace: Pace | None = parameter(
        '"aws": rotations, replicas, forced deletions and new principals take their time, and pages are short',
        check=_one_of(Pace),
        default="instant",
    )
    passthrough: list[str] | tuple[str, ...] | None = parameter(
        "services whose calls may leave the machine",
        check=_check_passthrough,
        default=(),
        default_help="none",
        form="words",
    )
    profiles: Mapping[str, Mapping[str, str]] | Iterable[str] | None = parameter(
        "profiles that sessions can name, each with its region and account_id; or a list of names",
        check=_check_profiles,
        default_factory=dict,
        default_help="none",
        form="profiles",
    )
    seed: int | str | None = parameter(
        "seed of the service's randomness: the same ARNs and passwords on every run", check=_check_seed, default=0
    )
    kms: Kms | None = parameter(
        '"any": every well-named key of the region exists; "strict": only those made with backend.kms',
        check=_one_of(Kms),
        default="any",
    )
    leaks: Leaks | None = parameter(
        '"fail": the test fails when a call puts a secret value where CloudTrail logs it',
        check=_one_of(Leaks),
        default="allow",
    )
    unfired: Unfired | None = parameter(
        '"fail": the test fails when a fault that it began with backend.fail never fired',
        check=_one_of(Unfired),
        default="allow",
    )
    processes: bool | None = parameter(
        "other processes that the test starts read and write the same secrets",
        check=_check_flag,
        default=False,
        form="flag",
    )
    clear_caches: bool | None = parameter(
        "empty the caches of aws-lambda-powertools and aws-secretsmanager-caching when the mock ends",
        check=_check_flag,
        default=True,
        form="flag",
    )
    show_values: bool | None = parameter(
        "reprs, comparisons and reports show the values, which are no secrets; also --mock-secrets-show-values",
        check=_check_flag,
        default=False,
        form="flag",
    )
    any_region: bool | None = parameter(
        "also regions that the installed botocore does not know",
        check=_check_flag,
        default=False,
        form="flag",
    )

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Options":
        """Options from parameters by name, checked.

        :raises TypeError, ValueError: naming the parameter, and what it takes.
        """
        note(given.get("secrets"))
        for name in given:
            if name not in PARAMETERS:
                raise TypeError(_unknown(name))
        checked = {name: PARAMETERS[name].check(value, name) for name, value in given.items() if value is not None}
        if not given.get("any_region"):
            regions = {f"profiles[{name!r}]['region']": one.region for name, one in checked.get("profiles", {}).items()}
            for name, region in {"region": given.get("region"), **regions}.items():
                if region is not None:
                    check_region(region, name)
        return cls(**checked)

    @property
    def given(self) -> dict[str, Any]:
        return {name: value for name in PARAMETERS if (value := getattr(self, name)) is not None}

    @property
    def in_force(self) -> dict[str, Any]:
        """What was given, and the default where nothing was."""
        given = self.given
        return {name: given[name] if name in given else declared.default() for name, declared in PARAMETERS.items()}

    def over(self, outer: "Options") -> "Options":
        """These where given, the outer ones elsewhere; the secrets of both, these winning."""
        merged = replace(outer, **self.given)
        if self.secrets and outer.secrets:
            merged = replace(merged, secrets={**outer.secrets, **self.secrets})
        return merged


PARAMETERS: dict[str, Parameter] = {field.name: field.metadata["parameter"] for field in fields(Options)}


def _unknown(name: str) -> str:
    return f"mock_secrets has no parameter {name!r}.{did_you_mean(name, PARAMETERS)} It takes: {', '.join(PARAMETERS)}."
