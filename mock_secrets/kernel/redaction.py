"""Values that must not show: how one is kept, and whose values a report must not show now.

None of it applies where every mock of a test was given ``show_values=True``.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import get_ident
from typing import Any, TypeAlias

#: What stands where a value would.
REDACTED = "<redacted>"

#: What a comparison that failed is told of: a value, and what it is not equal to.
VALUE, OTHER = "<secret value>", "<other value>"


class RedactedStr(str):
    """A secret string that compares as itself and shows itself to nobody."""

    __slots__ = ()

    def __repr__(self) -> str:
        return super().__repr__() if are_shown() else f"'{REDACTED}'"


class RedactedBytes(bytes):
    """Secret bytes that compare as themselves and show themselves to nobody."""

    __slots__ = ()

    def __repr__(self) -> str:
        return super().__repr__() if are_shown() else f"b'{REDACTED}'"


Redacted: TypeAlias = RedactedStr | RedactedBytes


def redacted(value: str | bytes) -> Redacted:
    """The value as one that does not show in a repr: itself if it is one already, so that it is held once."""
    if isinstance(value, Redacted):
        return value
    return RedactedStr(value) if isinstance(value, str) else RedactedBytes(value)


def redacted_document(document: Any) -> Any:
    """A JSON document whose strings do not show in a repr."""
    if isinstance(document, dict):
        return {name: redacted_document(member) for name, member in document.items()}
    if isinstance(document, list):
        return [redacted_document(item) for item in document]
    return redacted(document) if isinstance(document, str) else document


# --- What a report must not show ---

Offer: TypeAlias = Callable[[], Iterable[Any]]

# A client behind botocore's Stubber offers for ever, and nothing arrives.
_OFFERS_KEPT = 1000


class Values:
    """The values of one backend: what it stored and was sent, and what a client was offered in vain.

    :param names: gives what shows all the same if it is a value too: the names of secrets, say.
    :ivar are_shown: whether they are no secrets, and reports may show them.
    """

    def __init__(self, names: Callable[[], Iterable[str]] = tuple, *, are_shown: bool = False) -> None:
        self.names = names
        self.are_shown = are_shown
        # By its type too, or Python's -bb would find bytes compared with text.
        self._kept: dict[tuple[type, Redacted], None] = {}
        self._offered: dict[int, Offer] = {}
        self._refused: deque[Offer] = deque(maxlen=_OFFERS_KEPT)
        use(self)

    def __iter__(self) -> Iterator[Any]:
        yield from [value for _, value in list(self._kept)]
        for offer in [*self._refused, *self._offered.values()]:
            yield from offer()

    def add(self, value: Redacted) -> None:
        use(self)
        self._kept[type(value), value] = None

    def offer(self, offered: Offer) -> None:
        """Know what this thread gave a client; unless it arrives, the client refused it."""
        before = self._offered.get(get_ident())
        if before is not None:
            self.refuse(before)
        self._offered[get_ident()] = offered

    def arrive(self) -> None:
        """What this thread offered has come through."""
        self._offered.pop(get_ident(), None)

    def refuse(self, offered: Offer) -> None:
        """Know what was no value, and was meant to be one."""
        self._refused.append(offered)


class _Scope:
    """A stretch of time with reports of its own, and all that was a value in it.

    :ivar values: with whether each is shown in it.
    """

    def __init__(self) -> None:
        self.values: dict[Values, bool] = {}
        self.given: list[Any] = []


# Of a session of pytest, and inside of it that of the test that runs. Without pytest there is no report, and no scope.
_scopes: list[_Scope] = []


class _Running:
    """The values of the backend that answers now."""

    values: Values | None = None


def begin_scope() -> None:
    """Begin with new reports: only what is a value from now on, and what a running backend holds, is one in them."""
    _scopes.append(_Scope())
    run(_Running.values)


def end_scope() -> None:
    _scopes.pop()


def run(values: Values | None) -> None:
    """Have the reports from now on show none of these, and tell them what clients are offered. None ends it."""
    _Running.values = values
    if values is not None:
        use(values)


def running() -> Values | None:
    return _Running.values


def use(values: Values) -> None:
    """Have the reports of this scope show none of these."""
    if _scopes:
        _scopes[-1].values[values] = values.are_shown


def are_shown() -> bool:
    """Whether values may be seen now: there are some, and all who hold them let them be seen."""
    if _scopes:
        shown = list(_scopes[-1].values.values())
    else:
        shown = [] if _Running.values is None else [_Running.values.are_shown]
    return bool(shown) and all(shown)


def note(given: Any) -> None:
    """Have the reports of this scope show nothing of what was given as a value, of whatever type it is."""
    if _scopes:
        _scopes[-1].given.append(given)


@contextmanager
def showing(values: Values, shown: bool | None) -> Iterator[None]:
    """Have a test show these values or not; None leaves it as it is."""
    before = values.are_shown
    values.are_shown = before if shown is None else shown
    use(values)
    try:
        yield
    finally:
        # Not of the scope, whose reports are yet to be made.
        values.are_shown = before


def values_in_use() -> Iterator[str | bytes]:
    """Every value that a report of now must not show; one may come twice."""
    for scope in () if are_shown() else _scopes[-1:]:
        yield from _leaves(scope.given)
        for values in list(scope.values):
            yield from _leaves(list(values))


def names_in_use() -> Iterator[str]:
    """What a report of now shows although it may be a value."""
    for scope in _scopes[-1:]:
        for values in list(scope.values):
            yield from values.names()


def _leaves(given: Any) -> Iterator[str | bytes]:
    """The texts and bytes in something; of what is neither, as it reads."""
    if isinstance(given, str | bytes):
        yield given
    elif isinstance(given, bytearray | memoryview):
        yield bytes(given)
    elif isinstance(given, Mapping):
        for member in given.values():
            yield from _leaves(member)
    elif isinstance(given, list | tuple | set | frozenset):
        for item in given:
            yield from _leaves(item)
    else:
        # Somebody else's __str__ may do anything.
        with suppress(Exception):
            yield str(given)
