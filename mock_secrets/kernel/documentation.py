"""The parameters of the mock, where ``help()`` and editors look for those of a function."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

from mock_secrets.kernel.limits import Limits
from mock_secrets.kernel.options import PARAMETERS, Options

F = TypeVar("F", bound=Callable[..., Any])


def takes_parameters(function: F) -> F:
    """Have a function that takes ``**options`` show the parameters in its signature and its docstring."""
    signature = inspect.signature(function)
    own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    function.__signature__ = signature.replace(parameters=[*own, *_keywords()])  # type: ignore[attr-defined]
    # There is no docstring under python -OO.
    function.__doc__ = inspect.cleandoc(function.__doc__ or "").replace(":returns:", f"{_explained()}\n:returns:")
    return function


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
