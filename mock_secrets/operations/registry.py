"""The table of operations, filled where each is defined."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

Response: TypeAlias = dict[str, Any]
Operation = TypeVar("Operation", bound=Callable[..., Response | None])

_table: dict[str, Callable[..., Response | None]] = {}

#: The functions by AWS's names, such as ``"UpdateSecret"``.
OPERATIONS = MappingProxyType(_table)


def operation(function: Operation) -> Operation:
    """Enter a function in the table: ``update_secret`` answers ``UpdateSecret``."""
    name = "".join(word.capitalize() for word in function.__name__.split("_"))
    if name in _table:
        raise TypeError(f"two functions for {name}: {_table[name].__qualname__} and {function.__qualname__}")
    _table[name] = function
    return function


class OperationNotSupported(NotImplementedError):
    """An operation, or a part of one, that this version of mock_secrets does not imitate yet."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"mock_secrets does not support {what} yet. It was not answered, so that a test can't pass on a"
            " made-up answer. The README lists what is supported."
        )
