"""Pages of a listing, and the opaque tokens between them."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from mock_secrets.errors import InvalidNextToken

Item = TypeVar("Item")

#: GUESS: AWS does not say how many it gives when nobody asks.
DEFAULT_SIZE = 100


def page(
    items: Sequence[Item], key: Callable[[Item], str], scope: str, size: int | None, token: str | None
) -> tuple[list[Item], str | None]:
    """The next page of a sorted listing, and the token of the one after it, if there is one.

    A token holds the key after which to go on, so items that come or go between
    two pages neither repeat nor hide others.

    :param items: all items in the order of their keys.
    :param scope: what is listed; a token of another listing is invalid.
    :raises InvalidNextToken:
    """
    after = None if token is None else _read(token, scope)
    rest = [item for item in items if after is None or key(item) > after]
    shown = rest[: size or DEFAULT_SIZE]
    more = len(rest) > len(shown)
    return shown, _write(scope, key(shown[-1])) if more else None


def _write(scope: str, after: str) -> str:
    return base64.urlsafe_b64encode(f"{scope}\0{after}".encode()).decode()


def _read(token: str, scope: str) -> str:
    try:
        given_scope, _, after = base64.b64decode(token, altchars=b"-_", validate=True).decode().partition("\0")
    except (binascii.Error, ValueError):
        raise InvalidNextToken from None
    if given_scope != scope:
        raise InvalidNextToken
    return after
