"""Hides secret values: how a value is kept, and which values a report must not show at present.

None of this applies if every mock of a test has ``show_values=True``.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import get_ident
from typing import Any, TypeAlias

#: Shown in place of a value.
REDACTED = "<redacted>"

#: Shown in a failed comparison: a value, and what it was compared with.
VALUE, OTHER = "<secret value>", "<other value>"


class RedactedStr(str):
    """A secret string that compares like any string but hides itself in its repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return super().__repr__() if are_shown() else f"'{REDACTED}'"


class RedactedBytes(bytes):
    """Secret bytes that compare like any bytes but hide themselves in their repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return super().__repr__() if are_shown() else f"b'{REDACTED}'"


Redacted: TypeAlias = RedactedStr | RedactedBytes


def redacted(value: str | bytes) -> Redacted:
    """Return the value in a form that its repr hides; the same object if it already has that form."""
    if isinstance(value, Redacted):
        return value
    return RedactedStr(value) if isinstance(value, str) else RedactedBytes(value)


def redacted_document(document: Any) -> Any:
    """Return a JSON document whose strings are hidden in its repr."""
    if isinstance(document, dict):
        return {name: redacted_document(member) for name, member in document.items()}
    if isinstance(document, list):
        return [redacted_document(item) for item in document]
    return redacted(document) if isinstance(document, str) else document


# --- What a report must not show ---

Offer: TypeAlias = Callable[[], Iterable[Any]]

# A client behind botocore's Stubber offers values that never arrive.
_OFFERS_KEPT = 1000


class Values:
    """The values of one backend: stored, received, or given to a client that refused them.

    :param names: returns the texts that are shown even if they are also values, such as the names of secrets.
    :ivar are_shown: whether reports may show the values.
    """

    def __init__(self, names: Callable[[], Iterable[str]] = tuple, *, are_shown: bool = False) -> None:
        self.names = names
        self.are_shown = are_shown
        # The type is part of the key: comparing bytes with str is an error under Python's -bb.
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
        """Note what this thread passed to a client. If it does not arrive, the client has refused it."""
        before = self._offered.get(get_ident())
        if before is not None:
            self.refuse(before)
        self._offered[get_ident()] = offered

    def arrive(self) -> None:
        """Note that what this thread offered has arrived."""
        self._offered.pop(get_ident(), None)

    def refuse(self, offered: Offer) -> None:
        """Note what was meant as a value but was not accepted."""
        self._refused.append(offered)


class _Scope:
    """A period with reports of its own, and the values in it.

    :ivar values: the backends' values, each with whether they are shown.
    """

    def __init__(self) -> None:
        self.values: dict[Values, bool] = {}
        self.given: list[Any] = []


# The scope of a pytest session, and inside it that of the running test. Without pytest there are no reports or scopes.
_scopes: list[_Scope] = []


class _Running:
    """The values of the active backend."""

    values: Values | None = None


def begin_scope() -> None:
    """Start new reports, which hide only values from now on and those of the active backend."""
    _scopes.append(_Scope())
    run(_Running.values)


def end_scope() -> None:
    _scopes.pop()


def run(values: Values | None) -> None:
    """Hide these values in reports, and note in them what clients are offered. None stops it."""
    _Running.values = values
    if values is not None:
        use(values)


def running() -> Values | None:
    return _Running.values


def use(values: Values) -> None:
    """Hide these values in the reports of this scope."""
    if _scopes:
        _scopes[-1].values[values] = values.are_shown


def are_shown() -> bool:
    """Whether values may be shown now: there are backends, and all of them allow it."""
    if _scopes:
        shown = list(_scopes[-1].values.values())
    else:
        shown = [] if _Running.values is None else [_Running.values.are_shown]
    return bool(shown) and all(shown)


def note(given: Any) -> None:
    """Hide what was given as a value, of any type, in the reports of this scope."""
    if _scopes:
        _scopes[-1].given.append(given)


@contextmanager
def showing(values: Values, shown: bool | None) -> Iterator[None]:
    """Show or hide these values during a test; None leaves the setting as it is."""
    before = values.are_shown
    values.are_shown = before if shown is None else shown
    use(values)
    try:
        yield
    finally:
        # The scope keeps its setting, since its reports are made later.
        values.are_shown = before


def values_in_use() -> Iterator[str | bytes]:
    """Every value that a report must not show at present. A value may appear more than once."""
    for scope in () if are_shown() else _scopes[-1:]:
        yield from _leaves(scope.given)
        for values in list(scope.values):
            yield from _leaves(list(values))


def names_in_use() -> Iterator[str]:
    """The texts that a report shows even if they are also values."""
    for scope in _scopes[-1:]:
        for values in list(scope.values):
            yield from values.names()


def _leaves(given: Any) -> Iterator[str | bytes]:
    """The strings and bytes in a structure, and the str() of anything else in it."""
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
        # A foreign __str__ may raise anything.
        with suppress(Exception):
            yield str(given)
