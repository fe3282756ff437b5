"""What somebody meant who wrote a name that there is not."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# AWS's names of what has another one here.
_OURS = {
    "SecretString": "value",
    "SecretBinary": "value",
    "SecretId": "name",
    "ClientRequestToken": "token",
    "VersionStages": "stages",
    "FunctionName": "name_or_arn",
}


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest of what there is, with a space before it; empty if nothing is near."""
    import difflib

    by_folded = {one.casefold(): one for one in known}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=1)
    return f" Did you mean {by_folded[near[0]]!r}?" if near else ""


def explains_names(function: Callable[P, R]) -> Callable[P, R]:
    """Have a function say what was meant by a parameter that it does not have, one of boto3's say."""
    known = [name for name in inspect.signature(function).parameters if name != "self"]

    @functools.wraps(function)
    def explaining(*args: P.args, **kwargs: P.kwargs) -> R:
        __tracebackhide__ = True
        for name in kwargs:
            if name not in known:
                meant = _OURS.get(name)
                hint = f" Did you mean {meant!r}?" if meant in known else did_you_mean(name, known)
                raise TypeError(f"{function.__name__}() has no parameter {name!r}.{hint} It takes: {', '.join(known)}.")
        return function(*args, **kwargs)

    return explaining
