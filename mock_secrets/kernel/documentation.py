"""The parameters of the mock, where ``help()`` and editors look for those of a function."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

from mock_secrets.kernel.limits import Limits
from mock_secrets.kernel.options import PARAMETERS, Options

T = TypeVar("T", bound=Callable[..., Any])


def documented(callable_object: T, name: str) -> T:
    """Have an object that is called with ``**options`` show the parameters in its signature and its docstring."""
    signature = inspect.signature(type(callable_object).__call__)
    _, *own = (one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD)
    # There is no docstring under python -OO.
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
