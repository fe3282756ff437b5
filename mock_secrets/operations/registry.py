"""The table of operations. Everything that the service needs to know about one is declared with its function."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

Response: TypeAlias = dict[str, Any]
Function = TypeVar("Function", bound=Callable[..., Response | None])

# Recorded for CreateSecret and PutSecretValue; GUESS: the same for the other operations whose response has an ARN.
_ARN_ALONE = MappingProxyType({"ARN": "arn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation.

    :ivar name: AWS's name, such as ``"UpdateSecret"``.
    :ivar perform: the function that performs the operation.
    :ivar takes: the names of its arguments.
    :ivar quota: the field of Rates that its calls count against.
    :ivar reads: whether it is read-only, as in CloudTrail's ``readOnly``.
    :ivar about_secret: whether its resource in policies is a secret, not ``*``.
    :ivar also: further actions that it needs, by the argument that requires them.
    :ivar implied: additional arguments of those further actions.
    :ivar keys: the Secrets Manager condition keys that its arguments set, by argument.
    :ivar check: a check of the arguments alone that AWS makes before it checks the caller's permission, or None.
    :ivar logs: the response members that CloudTrail logs: the record's names by AWS's.
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
        """Refuse an argument that would otherwise be ignored without a word.

        :raises OperationNotSupported: if AWS supports an argument that this library does not.
        """
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
    """An operation, or a part of one, that this version of mock_secrets does not support yet."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"mock_secrets does not support {what} yet. The call is refused, so that no test passes on a made-up"
            " answer. The README lists what is supported."
        )
