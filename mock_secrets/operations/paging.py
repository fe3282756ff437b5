"""Pages of a listing, and the opaque tokens between them."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from mock_secrets.kernel.errors import InvalidNextToken

Item = TypeVar("Item")

#: GUESS: AWS does not document its default page size.
DEFAULT_SIZE = 100

_SEAL_BYTES = 8
# A character that occurs in no key.
_TURN = "\0"


def page(
    after: Callable[[str | None], Iterable[tuple[str, Item]]],
    scope: str,
    size: int | None,
    token: str | None,
    *,
    wanted: Callable[[Item], bool] = lambda _: True,
) -> tuple[list[Item], str | None]:
    """The next page of a listing, and the token of the one after it, if there is one.

    A token holds the last key shown, so items that are added or removed between two pages neither repeat nor hide
    others. An item whose key changes meanwhile, such as a date of change, may be shown again.

    :param after: gives the items in order with their keys, from the beginning or after a key.
    :param scope: identifies the listing; a token of another listing is invalid.
    :param size: the number of items; None for the default. 0 gives an empty page, and needs a token.
    :param wanted: a filter for the items; called only for as many as the page needs.
    :raises InvalidNextToken:
    """
    size = DEFAULT_SIZE if size is None else size
    last, turn = (None, 0) if token is None else _place(_read(token, scope))
    pairs = after(last)
    found = list(islice((pair for pair in pairs if wanted(pair[1])), size + 1))
    if not size:
        # The token must differ from the last one: botocore's paginators take a repeated token for an endless loop.
        return [], _write(scope, f"{last or ''}{_TURN}{turn + 1}") if found else None
    shown = found[:size]
    return [item for _, item in shown], _write(scope, shown[-1][0]) if len(found) > size else None


def in_order(items: Iterable[Item], key: Callable[[Item], str]) -> Callable[[str | None], Iterable[tuple[str, Item]]]:
    """The ``after`` function of :func:`page` for a few items, in the order of a unique key."""

    def after(last: str | None) -> list[tuple[str, Item]]:
        keyed = ((key(item), item) for item in items)
        return sorted((pair for pair in keyed if last is None or pair[0] > last), key=lambda pair: pair[0])

    return after


def _place(key: str) -> tuple[str, int]:
    """The key after which to continue, and the number of empty pages since."""
    last, _, turn = key.partition(_TURN)
    return last, int(turn or 0)


def _write(scope: str, after: str) -> str:
    return base64.urlsafe_b64encode(_seal(scope, after.encode()) + after.encode()).decode()


def _read(token: str, scope: str) -> str:
    try:
        given = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidNextToken from None
    seal, after = given[:_SEAL_BYTES], given[_SEAL_BYTES:]
    if seal != _seal(scope, after):
        raise InvalidNextToken
    return after.decode()


def _seal(scope: str, after: bytes) -> bytes:
    """A seal by which tokens of other listings and damaged tokens are recognised."""
    return hashlib.blake2b(after, key=hashlib.blake2b(scope.encode()).digest(), digest_size=_SEAL_BYTES).digest()
