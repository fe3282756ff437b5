"""The table of operations: all that the service has to know of one stands where it is defined."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

Response: TypeAlias = dict[str, Any]
Function = TypeVar("Function", bound=Callable[..., Response | None])

# Recorded for CreateSecret and PutSecretValue; GUESS: for the other operations that
# answer it too.
_ARN_ALONE = MappingProxyType({"ARN": "arn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation.

    :ivar name: AWS's name of it, such as ``"UpdateSecret"``.
    :ivar perform: the function that performs it.
    :ivar takes: the arguments that it takes.
    :ivar quota: the field of Rates that it counts against.
    :ivar reads: whether it changes nothing, by CloudTrail's ``readOnly``.
    :ivar about_secret: whether a policy is asked about a secret, and not about "*".
    :ivar also: actions that it needs besides its own, by the argument that makes it need them.
    :ivar implied: arguments that those other actions have besides its own.
    :ivar keys: the condition keys of Secrets Manager that its arguments fill, by argument.
    :ivar check: what AWS checks of its arguments by themselves, before the caller's permission, or None.
    :ivar logs: what CloudTrail logs of its answer: the record's names by AWS's.
    """

    name: str
    perform: Callable[..., Response | None]
    takes: frozenset[str]
    quota: str
    reads: bool = False
    about_secret: bool = True
    also: Mapping[str, str] = field(default_factory=dict)
    implied: Mapping[str, Any] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[Mapping[str, Any]], object] | None = None
    logs: Mapping[str, str] = field(default_factory=lambda: _ARN_ALONE)

    def check_support(self, arguments: dict[str, Any]) -> None:
        """:raises OperationNotSupported: for an argument that AWS knows and this library does not."""
        unknown = arguments.keys() - self.takes
        if unknown:
            raise OperationNotSupported(f"the member {min(unknown)} of {self.name}")


_table: dict[str, Operation] = {}

#: The operations by AWS's names, such as ``"UpdateSecret"``.
OPERATIONS = MappingProxyType(_table)


def operation(quota: str, **row: Any) -> Callable[[Function], Function]:
    """Enter a function in the table: ``update_secret`` performs ``UpdateSecret``.

    :param quota, row: the fields of :class:`Operation`.
    """

    def enter(function: Function) -> Function:
        name = "".join(word.capitalize() for word in function.__name__.split("_"))
        if name in _table:
            raise TypeError(
                f"two functions for {name}: {_table[name].perform.__qualname__} and {function.__qualname__}"
            )
        _, *arguments = inspect.signature(function).parameters
        _table[name] = Operation(name=name, perform=function, takes=frozenset(arguments), quota=quota, **row)
        return function

    return enter


class OperationNotSupported(NotImplementedError):
    """An operation, or a part of one, that this version of mock_secrets does not imitate yet."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"mock_secrets does not support {what} yet. It was not answered, so that a test can't pass on a"
            " made-up answer. The README lists what is supported."
        )
