"""The secrets of one region in the sort orders of listings, kept from one page to the next.

What a listing shows is read from the secrets themselves. Only their places are kept here, and which of them may have
moved since, so that the cost of a page depends on its size, not on the number of secrets.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from mock_secrets.kernel.journal import Journaled
from mock_secrets.model.filters import Filter, sort_key
from mock_secrets.model.secret import Secret

Pair: TypeAlias = tuple[str, Secret]

_key = itemgetter(0)
# Sorts after every character of a name.
_BEYOND = "\U0010ffff"
# The default page size.
_USUAL_PAGE = 100


class Orders(Journaled):
    """The orders in which a region's secrets have been listed.

    :param secrets: the region's secrets, by name.
    """

    __slots__ = ("_kept", "_secrets")

    def __init__(self, secrets: Mapping[str, Secret]) -> None:
        self._secrets = secrets
        self._kept: dict[str, _Order] = {}

    def moved(self, secret: Secret) -> None:
        """Note that a secret was added or removed, that its place may have changed, or that this was undone."""
        journal = self._journal
        if journal is not None and journal.recording:
            journal.undo.append((self._look_again, secret))
        if self._kept:
            self._look_again(secret)

    def listed(self, sort_by: str, filters: Sequence[Filter], after: str | None, *, descending: bool) -> Iterator[Pair]:
        """The secrets after a key, in an order, with their keys: all that match the filters, and maybe others."""
        few = self._few(filters)
        if few is None:
            return self._order(sort_by).walk(after, descending=descending)
        key = sort_key(sort_by)
        pairs = sorted(((key(secret), secret) for secret in few), key=_key, reverse=descending)
        return (pair for pair in pairs if after is None or (pair[0] < after if descending else pair[0] > after))

    def _look_again(self, secret: Secret) -> None:
        for order in self._kept.values():
            order.moved[secret] = None

    def _order(self, sort_by: str) -> "_Order":
        if sort_by not in self._kept:
            self._kept[sort_by] = _Order(sort_by, self._secrets)
        order = self._kept[sort_by]
        order.put_right()
        return order

    def _few(self, filters: Sequence[Filter]) -> list[Secret] | None:
        """The secrets that a name filter lets through, or None if sorting them would cost more than a full walk."""
        begins = [one.beginnings for one in filters if one.beginnings is not None]
        if not begins:
            return None
        names = self._order("name")
        spans = min(([names.span(one) for one in beginnings] for beginnings in begins), key=_length)
        if _length(spans) ** 2 > len(self._secrets) * _USUAL_PAGE:
            return None
        return list(dict.fromkeys(chain.from_iterable(map(names.within, spans))))


class _Sorted(NamedTuple):
    pairs: list[Pair]
    keys: dict[Secret, str]


class _Order:
    """One order, which is brought up to date when it is needed.

    An interrupt may come at any point of that. Each step can be repeated, and a secret counts as moved until the last
    step.
    """

    def __init__(self, sort_by: str, secrets: Mapping[str, Secret]) -> None:
        self._key_of = sort_key(sort_by)
        self._secrets = secrets
        self._sorted = _Sorted([], {})
        self.moved: dict[Secret, None] = dict.fromkeys(secrets.values())

    def put_right(self) -> None:
        if len(self.moved) > len(self._sorted.pairs) // 8:
            self._sort()
            self.moved.clear()
        for secret in list(self.moved):
            self._take(secret)
            self._put(secret)
            del self.moved[secret]

    def walk(self, after: str | None, *, descending: bool) -> Iterator[Pair]:
        pairs = self._sorted.pairs
        if descending:
            end = len(pairs) if after is None else bisect_left(pairs, after, key=_key)
            return map(pairs.__getitem__, range(end - 1, -1, -1))
        start = 0 if after is None else bisect_right(pairs, after, key=_key)
        return map(pairs.__getitem__, range(start, len(pairs)))

    def span(self, beginning: str) -> range:
        """The places of the keys with this prefix."""
        pairs = self._sorted.pairs
        return range(bisect_left(pairs, beginning, key=_key), bisect_left(pairs, beginning + _BEYOND, key=_key))

    def within(self, span: range) -> list[Secret]:
        return [secret for _, secret in islice(self._sorted.pairs, span.start, span.stop)]

    def _sort(self) -> None:
        keys = {secret: self._key_of(secret) for secret in self._secrets.values()}
        self._sorted = _Sorted(sorted(((key, secret) for secret, key in keys.items()), key=_key), keys)

    def _take(self, secret: Secret) -> None:
        pairs, keys = self._sorted
        key = keys.get(secret)
        if key is not None:
            index = bisect_left(pairs, key, key=_key)
            if pairs[index : index + 1] == [(key, secret)]:
                del pairs[index]
            del keys[secret]

    def _put(self, secret: Secret) -> None:
        if self._secrets.get(secret.name) is secret:
            pairs, keys = self._sorted
            key = keys[secret] = self._key_of(secret)
            pairs.insert(bisect_left(pairs, key, key=_key), (key, secret))


def _length(spans: Sequence[range]) -> int:
    return sum(map(len, spans))
