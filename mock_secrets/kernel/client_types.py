"""The type of a client, for users with types-boto3, with boto3-stubs, or with neither."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    import boto3

P = ParamSpec("P")
T = TypeVar("T")


def _returning(_: Callable[[], T]) -> Callable[[Callable[P, Any]], Callable[P, T]]:
    """Give methods the return type of a call. The call is only for type checkers and is never made."""
    return lambda method: method


# Derived from a call, since each package of types names the type differently.
gives_client = _returning(lambda: boto3.client("secretsmanager"))
