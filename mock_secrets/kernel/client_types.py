"""The type of a client, for who has types of boto3: those of types-boto3, of boto3-stubs, or of neither."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    import boto3

P = ParamSpec("P")
T = TypeVar("T")


def _returning(_: Callable[[], T]) -> Callable[[Callable[P, Any]], Callable[P, T]]:
    """Give methods the type that a call would return. The call is for type checkers, and never made."""
    return lambda method: method


# No name of a type, since each package of types has its own.
gives_client = _returning(lambda: boto3.client("secretsmanager"))
