"""The parameters of the mock, whoever gives them: decorator, fixture, marker or ini file."""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from mock_secrets.kernel.clock import checked_instant
from mock_secrets.kernel.limits import Limits
from mock_secrets.kernel.regions import is_region

SeedValue: TypeAlias = str | bytes | Mapping[str, Any]
TokenReuse: TypeAlias = Literal["aws", "documented"]
Kms: TypeAlias = Literal["any", "strict"]
Leaks: TypeAlias = Literal["allow", "fail"]

_ACCOUNT = re.compile("[0-9]{12}")
_TOKEN_REUSE = ("aws", "documented")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was given; None where nothing was, so that a join can tell a wish from a default.

    :param region: the region of clients that name none; the process's own, or else us-east-1.
    :param account_id: the account whose administrator the calls are, 12 digits; 123456789012.
    :param secrets: values to begin with by name; a mapping is stored as JSON.
    :param at: the aware datetime at which the service's clock stands still.
    :param token_reuse: whether UpdateSecret treats a used token as AWS does ("aws") or as its documentation
        says ("documented").
    :param limits: quotas and retention.
    :param passthrough: names of AWS services, as boto3 has them, whose calls may leave the process.
    :param seed: the seed of everything random; the same for every run unless given.
    :param kms: whether any well-named key exists ("any") or only those made with ``backend.kms`` ("strict").
    :param leaks: whether a secret value in a parameter that CloudTrail logs makes the test fail ("fail") or not
        ("allow").
    """

    region: str | None = None
    account_id: str | None = None
    secrets: Mapping[str, SeedValue] | None = field(default=None, repr=False)
    at: datetime | None = None
    token_reuse: TokenReuse | None = None
    limits: Limits | None = None
    passthrough: tuple[str, ...] | None = None
    seed: int | str | None = None
    kms: Kms | None = None
    leaks: Leaks | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Options":
        """Options from parameters by name, checked.

        :raises TypeError, ValueError: naming the parameter, and what it takes.
        """
        for name in given:
            if name not in NAMES:
                near = difflib.get_close_matches(name, NAMES, n=1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                raise TypeError(f"mock_secrets has no parameter {name!r}.{hint} It takes: {', '.join(NAMES)}.")
        checked: dict[str, Any] = {name: _CHECKS[name](value) for name, value in given.items() if value is not None}
        return cls(**checked)

    @property
    def given(self) -> dict[str, Any]:
        return {name: value for name in NAMES if (value := getattr(self, name)) is not None}

    def over(self, outer: "Options") -> "Options":
        """These where given, the outer ones elsewhere; the secrets of both, these winning."""
        merged = replace(outer, **self.given)
        if self.secrets and outer.secrets:
            merged = replace(merged, secrets={**outer.secrets, **self.secrets})
        return merged


NAMES = tuple(field.name for field in fields(Options))


def seed_value(name: str, value: Any) -> str | bytes:
    """A secret's value as it is stored: a mapping becomes JSON.

    :raises TypeError: if it is neither str, bytes nor a mapping that JSON can hold. The value is never shown.
    """
    if isinstance(value, str | bytes):
        return value
    if isinstance(value, Mapping):
        try:
            return json.dumps(dict(value), allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            raise TypeError(f"the mapping given for the secret {name!r} holds something that JSON can't") from None
    raise TypeError(
        f"the value of the secret {name!r} is a {type(value).__name__}: give a str, bytes, or a mapping to store as JSON"
    )


def check_region(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"region takes a string such as 'eu-west-1', not {type(value).__name__}")
    if not is_region(value):
        raise ValueError(f"region takes a name such as 'eu-west-1', and {value!r} is not one")
    return value


def check_account_id(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"account_id takes a string of 12 digits, not {type(value).__name__}")
    if not _ACCOUNT.fullmatch(value):
        raise ValueError(f"account_id takes 12 digits, and {value!r} is not that")
    return value


def _check_secrets(value: Any) -> dict[str, str | bytes]:
    if not isinstance(value, Mapping):
        raise TypeError(f"secrets takes a mapping of names to values, not {type(value).__name__}")
    for name in value:
        if not isinstance(name, str):
            raise TypeError(f"secrets takes names as strings, and one is a {type(name).__name__}")
    return {name: seed_value(name, seed) for name, seed in value.items()}


def _check_at(value: Any) -> datetime:
    return checked_instant(value, "at")


def _check_token_reuse(value: Any) -> TokenReuse:
    if value not in _TOKEN_REUSE:
        raise ValueError(f"token_reuse takes 'aws' or 'documented', not {value!r}")
    return value  # type: ignore[no-any-return]  # the tuple above holds just the literals


def _check_kms(value: Any) -> Kms:
    if value not in ("any", "strict"):
        raise ValueError(f"kms takes 'any' or 'strict', not {value!r}")
    return value  # type: ignore[no-any-return]  # one of the two


def _check_leaks(value: Any) -> Leaks:
    if value not in ("allow", "fail"):
        raise ValueError(f"leaks takes 'allow' or 'fail', not {value!r}")
    return value  # type: ignore[no-any-return]  # one of the two


def _check_limits(value: Any) -> Limits:
    if not isinstance(value, Limits):
        raise TypeError(f"limits takes a mock_secrets.Limits, not {type(value).__name__}")
    return value


def _check_passthrough(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError("passthrough takes a list of service names, such as ['s3']")
    names = tuple(value)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"passthrough takes service names as strings, and one is a {type(name).__name__}")
        if name == "secretsmanager":
            raise ValueError("passthrough can't hold 'secretsmanager': answering it is what mock_secrets is for")
    return names


def _check_seed(value: Any) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"seed takes an int or a str, not {type(value).__name__}")
    return value


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "region": check_region,
    "account_id": check_account_id,
    "secrets": _check_secrets,
    "at": _check_at,
    "token_reuse": _check_token_reuse,
    "limits": _check_limits,
    "passthrough": _check_passthrough,
    "seed": _check_seed,
    "kms": _check_kms,
    "leaks": _check_leaks,
}
