"""The table of operations, filled where each is defined."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

Response: TypeAlias = dict[str, Any]
Function = TypeVar("Function", bound=Callable[..., Response | None])


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: AWS's name of it, the function that performs it, and the arguments that it takes."""

    name: str
    perform: Callable[..., Response | None]
    takes: frozenset[str]

    def check_support(self, arguments: dict[str, Any]) -> None:
        """:raises OperationNotSupported: for an argument that AWS knows and this library does not."""
        unknown = arguments.keys() - self.takes
        if unknown:
            raise OperationNotSupported(f"the member {min(unknown)} of {self.name}")


_table: dict[str, Operation] = {}

#: The operations by AWS's names, such as ``"UpdateSecret"``.
OPERATIONS = MappingProxyType(_table)


def operation(function: Function) -> Function:
    """Enter a function in the table: ``update_secret`` performs ``UpdateSecret``."""
    name = "".join(word.capitalize() for word in function.__name__.split("_"))
    if name in _table:
        raise TypeError(f"two functions for {name}: {_table[name].perform.__qualname__} and {function.__qualname__}")
    _, *arguments = inspect.signature(function).parameters
    _table[name] = Operation(name, function, frozenset(arguments))
    return function


class OperationNotSupported(NotImplementedError):
    """An operation, or a part of one, that this version of mock_secrets does not imitate yet."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"mock_secrets does not support {what} yet. It was not answered, so that a test can't pass on a"
            " made-up answer. The README lists what is supported."
        )
