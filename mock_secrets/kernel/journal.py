"""An undo log of the state's changes, so that they can be rolled back.

The objects and containers of a backend's state record each change before they make it. They join the journal when they
are put into something that has joined. Until then, and while no change may have to be undone, a change costs one
comparison. The cost of undoing depends on the number of changes, not on the size of the state.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, ParamSpec, SupportsIndex, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")

_set = object.__setattr__

#: Sets an attribute of a new object, which is not part of the state yet, without checking for that.
set_first = _set


class Journal:
    """The changes of one backend since the oldest point that may have to be restored."""

    def __init__(self) -> None:
        self.recording = False
        # Each entry is a function that undoes a change, with its arguments.
        self.undo: list[tuple[Any, ...]] = []
        self._savepoints: tuple[Savepoint, ...] = ()

    def whole(self, change: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Make a change completely or not at all, whatever is raised on the way, even a KeyboardInterrupt.

        The change must not release the lock. Nested inside another (which only a signal or warning handler can cause),
        it becomes part of that one.
        """
        outermost = not self.recording
        # None once the change is made.
        mark: int | None = len(self.undo)
        # Ended twice, in case an interrupt comes while another error is handled.
        try:
            try:
                self.recording = True
                result = change(*args, **kwargs)
                mark = None
                if outermost:
                    self._rest()
            except BaseException:
                self._end(mark, outermost)
                raise
        except BaseException:
            self._end(mark, outermost)
            raise
        return result

    def _end(self, mark: int | None, outermost: bool) -> None:
        if mark is not None:
            self.roll_back(mark)
        if outermost:
            self._rest()

    def begin_savepoint(self) -> "Savepoint":
        """Begin to record changes, so that they can be undone.

        :returns: the argument for :meth:`end_savepoint`.
        """
        savepoint = Savepoint(len(self.undo))
        self._savepoints += (savepoint,)
        self.recording = True
        return savepoint

    def end_savepoint(self, savepoint: "Savepoint") -> None:
        """Undo the changes since the savepoint. Nested savepoints must end first."""
        self.roll_back(savepoint.mark)
        self._savepoints = tuple(one for one in self._savepoints if one is not savepoint)
        self._rest()

    def roll_back(self, mark: int) -> None:
        while len(self.undo) > mark:
            take_back, *args = self.undo[-1]
            take_back(*args)
            self.undo.pop()

    def append(self, items: list[T], item: T, most: int | None) -> None:
        """Append to a list that changes in no other way.

        :param most: maximum length, beyond which the oldest item is dropped; None for no maximum.
        """
        if self.recording:
            self.undo.append((_shorten, items, len(items)))
        items.append(item)
        if most is not None and len(items) > most:
            self.drop_first(items)

    def drop_first(self, items: list[Any]) -> None:
        if self.recording:
            self.undo.append((_bring_back_first, items, items[0]))
        list.__delitem__(items, 0)

    def _rest(self) -> None:
        if not self._savepoints:
            self.recording = False
            self.undo.clear()


@dataclass(frozen=True, slots=True, eq=False)
class Savepoint:
    """The start of a block whose changes are undone at its end."""

    mark: int


class Journaled:
    """An object whose attributes are part of the state."""

    __slots__ = ("_journal",)
    _journal: Journal | None
    # Whether any attribute may itself be journaled.
    _has_parts: ClassVar[bool] = True

    def __new__(cls, *_: Any, **__: Any) -> Any:
        self = super().__new__(cls)
        _set(self, "_journal", None)
        return self

    @property
    def is_part_of_state(self) -> bool:
        """Whether it was added to the state, and that was not undone."""
        return self._journal is not None

    def __setattr__(self, name: str, value: Any) -> None:
        journal = self._journal
        if journal is not None:
            if journal.recording:
                journal.undo.append((_set, self, name, getattr(self, name)))
            if isinstance(value, _MEMBERS) and value._journal is not journal:
                value.join(journal)
        _set(self, name, value)

    def join(self, journal: Journal) -> None:
        if self._journal is journal:
            return
        if journal.recording:
            journal.undo.append((_set, self, "_journal", None))
        _set(self, "_journal", journal)
        for name in _names(type(self)) if self._has_parts else ():
            value = getattr(self, name, None)
            if isinstance(value, _MEMBERS):
                value.join(journal)


class JournaledDict(dict[K, V]):
    """A mapping that is part of the state.

    :param ordered: whether undoing a removal restores the item's place. Each removal then records all items, which
        suits only small mappings. Otherwise the item comes back at the end.
    """

    __slots__ = ("_journal", "_ordered")

    def __init__(self, *, ordered: bool = True) -> None:
        super().__init__()
        self._journal: Journal | None = None
        self._ordered = ordered

    def join(self, journal: Journal) -> None:
        self._journal = journal
        for value in self.values():
            if isinstance(value, _MEMBERS):
                value.join(journal)

    def __setitem__(self, key: K, value: V) -> None:
        journal = self._journal
        if journal is not None:
            if journal.recording:
                journal.undo.append(
                    (dict.__setitem__, self, key, self[key]) if key in self else (dict.pop, self, key, None)
                )
            if isinstance(value, _MEMBERS) and value._journal is not journal:
                value.join(journal)
        dict.__setitem__(self, key, value)

    def __delitem__(self, key: K) -> None:
        if self._journal is not None and self._journal.recording:
            if self._ordered:
                self._journal.undo.append((self._replace, list(self.items())))
            else:
                self._journal.undo.append((dict.__setitem__, self, key, self[key]))
        super().__delitem__(key)

    def pop(self, key: K, *default: Any) -> Any:
        if key not in self:
            return super().pop(key, *default)
        value = self[key]
        del self[key]
        return value

    def _replace(self, items: list[tuple[K, V]]) -> None:
        super().clear()
        super().update(items)

    def clear(self) -> None:
        for key in list(self):
            del self[key]

    def update(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError("a journaled mapping is changed one item at a time")

    setdefault = popitem = __ior__ = update  # type: ignore[assignment]


class JournaledList(list[T]):
    """A list that is part of the state and mostly grows.

    :param most: maximum length, beyond which the oldest item is dropped; None for no maximum.
    """

    __slots__ = ("_journal", "_most")

    def __init__(self, items: Iterable[T] = (), *, most: int | None = None) -> None:
        super().__init__(items)
        self._journal: Journal | None = None
        self._most = most

    def join(self, journal: Journal) -> None:
        self._journal = journal
        for item in self:
            if isinstance(item, _MEMBERS):
                item.join(journal)

    def append(self, item: T) -> None:
        journal = self._journal
        if journal is not None:
            if journal.recording:
                journal.undo.append((_shorten, self, len(self)))
            if isinstance(item, _MEMBERS):
                item.join(journal)
        super().append(item)
        if self._most is not None and len(self) > self._most and journal is not None:
            journal.drop_first(self)

    def remove(self, item: T) -> None:
        self._write_down()
        super().remove(item)

    def clear(self) -> None:
        self._write_down()
        super().clear()

    def _write_down(self) -> None:
        if self._journal is not None and self._journal.recording:
            self._journal.undo.append((list.__setitem__, self, slice(None), list(self)))

    def insert(self, index: SupportsIndex, item: T) -> None:
        raise NotImplementedError("a journaled list only grows at its end")

    extend = __iadd__ = __setitem__ = __delitem__ = pop = insert  # type: ignore[assignment]


_MEMBERS = (Journaled, JournaledDict, JournaledList)


def _shorten(items: list[Any], length: int) -> None:
    list.__delitem__(items, slice(length, None))


def _bring_back_first(items: list[Any], item: Any) -> None:
    # An interrupt may have come before it was removed.
    if not items or items[0] is not item:
        list.insert(items, 0, item)


_slots: dict[type, tuple[str, ...]] = {}


def _names(kind: type) -> tuple[str, ...]:
    """The attributes of a journaled class, by its slots."""
    if kind not in _slots:
        names = [name for one in kind.__mro__ for name in getattr(one, "__slots__", ()) if name != "_journal"]
        _slots[kind] = tuple(names)
    return _slots[kind]
