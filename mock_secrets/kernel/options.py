"""The parameters of the mock, wherever they are given: decorator, fixture, marker or ini file.

pytest imports this module at startup, so what only a check needs is imported when the check runs.
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

#: A secret's value; a mapping is stored as JSON.
SeedValue: TypeAlias = str | bytes | Mapping[str, Any]
TokenReuse: TypeAlias = Literal["aws", "documented"]
Kms: TypeAlias = Literal["any", "strict"]
Leaks: TypeAlias = Literal["allow", "fail"]
Unfired: TypeAlias = Literal["allow", "fail"]
Pace: TypeAlias = Literal["instant", "aws"]


def seed_value(name: str, value: Any) -> str | bytes:
    """Return a secret's value as it is stored: a mapping becomes JSON.

    :raises TypeError: if it is not a str, bytes, or a mapping that JSON can represent. The message shows no value.
    """
    if isinstance(value, str | bytes):
        return value
    note(value)
    if isinstance(value, Mapping):
        try:
            return json.dumps(dict(value), allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            raise TypeError(f"the mapping given for the secret {name!r} can't be stored as JSON") from None
    raise TypeError(
        f"the secret {name!r} takes a str, bytes, or a mapping to store as JSON, not {type(value).__name__}"
    )


def check_region(value: Any, name: str = "region", *, any_region: bool = False) -> str:
    """Return the region.

    :param any_region: accept any well-formed region name, not only those that the installed botocore knows.
    :raises TypeError: if it is not a string.
    :raises ValueError: if it is not such a region.
    """
    from mock_secrets.kernel.regions import is_region, known_regions

    if not isinstance(value, str):
        raise TypeError(f"{name} takes a string such as 'eu-west-1', not {type(value).__name__}")
    if any_region and is_region(value):
        return value
    if value not in known_regions():
        hint = did_you_mean(value, known_regions())
        newer = " If the region is newer than the installed botocore, use any_region=True." if is_region(value) else ""
        raise ValueError(f"{name} takes the name of a region, such as 'eu-west-1', not {value!r}.{hint}{newer}")
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
        raise ValueError(f"{name} takes a string of 12 digits, not {value!r}")
    return value


def _check_secrets(value: Any, name: str) -> dict[str, Redacted]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} takes a mapping of names to values, not {type(value).__name__}")
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"{name} takes names as strings, but one is of type {type(key).__name__}")
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
        raise TypeError(f"{name} takes a list of service names, such as ['s3'], not {type(value).__name__}")
    services = tuple(value)
    for service in services:
        if not isinstance(service, str):
            raise TypeError(f"{name} takes service names as strings, but one is of type {type(service).__name__}")
        if service == "secretsmanager":
            raise ValueError(
                f"{name} can't include 'secretsmanager': the mock answers its calls and does not sign them for AWS"
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
    """The parameters that were given. None means not given, so that a nested mock can tell a request from a default.

    Parameters are declared here and nowhere else. The overload of ``mock_secrets`` repeats their names and types for
    type checkers, and the README has a row for each; tests keep all three equal.
    """

    region: str | None = parameter(
        "region of clients that don't name one",
        check=_check_any_region_given,
        default_help="the region of boto3's default session or the environment, or us-east-1",
    )
    account_id: str | None = parameter(
        "account of the default caller, 12 digits", check=check_account_id, default="123456789012"
    )
    secrets: Mapping[str, SeedValue] | None = parameter(
        "initial secrets, by name: str, bytes, or a mapping to store as JSON",
        check=_check_secrets,
        default_factory=dict,
        default_help="none",
        form="pairs",
        repr=False,
    )
    at: datetime | None = parameter(
        "aware datetime at which the service clock stands still",
        check=_check_at,
        default_help="it follows the process's clock",
        form="instant",
    )
    token_reuse: TokenReuse | None = parameter(
        '"aws": UpdateSecret treats a used token as AWS does; "documented": it refuses one, as its documentation says',
        check=_one_of(TokenReuse),
        default="aws",
    )
    limits: "Limits | None" = parameter(
        "a mock_secrets.Limits: quotas, retention, and the delays of rotation and replication",
        check=_check_limits,
        default_factory=_limits_of_aws,
        default_help="AWS's",
        form="limits",
    )
    pace: Pace | None = parameter(
        '"instant", or "aws": rotations, replicas, forced deletions and new principals take time, and pages are short',
        check=_one_of(Pace),
        default="instant",
    )
    passthrough: list[str] | tuple[str, ...] | None = parameter(
        "AWS services whose calls may leave the machine",
        check=_check_passthrough,
        default=(),
        default_help="none",
        form="words",
    )
    profiles: Mapping[str, Mapping[str, str]] | Iterable[str] | None = parameter(
        "profiles for sessions to use, each with its region and account_id; or a list of names",
        check=_check_profiles,
        default_factory=dict,
        default_help="none",
        form="profiles",
    )
    seed: int | str | None = parameter(
        "seed of the service's randomness; ARNs and passwords are the same on every run", check=_check_seed, default=0
    )
    kms: Kms | None = parameter(
        '"any": every well-formed key id of the region exists; "strict": only keys created with backend.kms',
        check=_one_of(Kms),
        default="any",
    )
    leaks: Leaks | None = parameter(
        '"allow", or "fail": the test fails if a call puts a secret value where CloudTrail logs it',
        check=_one_of(Leaks),
        default="allow",
    )
    unfired: Unfired | None = parameter(
        '"allow", or "fail": the test fails if a fault that it started with backend.fail never fires',
        check=_one_of(Unfired),
        default="allow",
    )
    processes: bool | None = parameter(
        "let processes that the test starts read and write the same secrets",
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
        "show secret values in reprs, comparisons and reports; also --mock-secrets-show-values",
        check=_check_flag,
        default=False,
        form="flag",
    )
    any_region: bool | None = parameter(
        "accept regions that the installed botocore does not know",
        check=_check_flag,
        default=False,
        form="flag",
    )

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Options":
        """Check parameters given by name and return them as options.

        :raises TypeError, ValueError: if one is unknown or not valid. The message names it and says what it takes.
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
        """Every parameter by name: the given value, or else the default."""
        given = self.given
        return {name: given[name] if name in given else declared.default() for name, declared in PARAMETERS.items()}

    def over(self, outer: "Options") -> "Options":
        """Merge with the outer options. These win where given; the secrets of both are combined."""
        merged = replace(outer, **self.given)
        if self.secrets and outer.secrets:
            merged = replace(merged, secrets={**outer.secrets, **self.secrets})
        return merged


PARAMETERS: dict[str, Parameter] = {field.name: field.metadata["parameter"] for field in fields(Options)}


def _unknown(name: str) -> str:
    return f"mock_secrets has no parameter {name!r}.{did_you_mean(name, PARAMETERS)} It takes: {', '.join(PARAMETERS)}."
