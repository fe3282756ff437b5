"""Puts the parameters of the mock where ``help()`` and editors look for them."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

from mock_secrets.kernel.limits import Limits
from mock_secrets.kernel.options import PARAMETERS, Options

T = TypeVar("T", bound=Callable[..., Any])


def documented(callable_object: T, name: str) -> T:
    """Add the parameters to the signature and docstring of an object that is called with ``**options``."""
    signature = inspect.signature(type(callable_object).__call__)
    _, *own = (one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD)
    # Under python -OO there is no docstring.
    text = inspect.cleandoc(type(callable_object).__doc__ or "").replace(":returns:", f"{_explained()}\n:returns:")
    for attribute, value in {
        "__signature__": signature.replace(parameters=[*own, *_keywords()]),
        "__doc__": text,
        "__name__": name,
        "__qualname__": name,
        "__module__": type(callable_object).__module__,
    }.items():
        setattr(callable_object, attribute, value)
    return callable_object


def _keywords() -> list[inspect.Parameter]:
    types = get_type_hints(Options, localns={"Limits": Limits})
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=types[name])
        for name in PARAMETERS
    ]


def _explained() -> str:
    return "\n".join(
        f":param {name}: {declared.help} (default: {declared.default_help})." for name, declared in PARAMETERS.items()
    )
