"""Suggestions for a name that does not exist."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar

from mock_secrets.kernel.redaction import note

P = ParamSpec("P")
R = TypeVar("R")

# AWS's names of parameters that have another name here.
_OURS = {
    "SecretString": "value",
    "SecretBinary": "value",
    "SecretId": "name",
    "ClientRequestToken": "token",
    "VersionStages": "stages",
    "FunctionName": "name_or_arn",
}


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question that suggests the most similar known name, with a leading space; empty if none is similar."""
    import difflib

    by_folded = {one.casefold(): one for one in known}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=1)
    return _question(by_folded[near[0]]) if near else ""


def explains_names(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function suggest the right name for an unknown parameter, for example one of boto3's.

    If the function raises, whatever was given as a secret's value is hidden in reports.
    """
    parameters = list(inspect.signature(function).parameters)
    known = [name for name in parameters if name != "self"]

    @functools.wraps(function)
    def explaining(*args: P.args, **kwargs: P.kwargs) -> R:
        __tracebackhide__ = True
        try:
            _check_names(function.__name__, kwargs, known)
            return function(*args, **kwargs)
        except Exception:
            given: list[tuple[str, Any]] = [*zip(parameters, args, strict=False), *kwargs.items()]
            note([one for name, one in given if name in _VALUES or _hint(name, known) in _VALUES_MEANT])
            raise

    return explaining


def _check_names(function: str, given: Iterable[str], known: list[str]) -> None:
    for name in given:
        if name not in known:
            hint = _hint(name, known)
            raise TypeError(f"{function}() has no parameter {name!r}.{hint} It takes: {', '.join(known)}.")


def _hint(name: str, known: Iterable[str]) -> str:
    meant = _OURS.get(name)
    return _question(meant) if meant is not None and meant in known else did_you_mean(name, known)


def _question(meant: str) -> str:
    return f" Did you mean {meant!r}?"


# Parameters that take secret values.
_VALUES = ("value", "secrets")
_VALUES_MEANT = tuple(map(_question, _VALUES))
