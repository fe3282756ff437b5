"""The mocks that were active in the present phase of a test, also those that have ended. Without pytest nobody asks."""

from collections.abc import Callable
from typing import Any


class Phase:
    """A test's set-up, call or tear-down.

    :ivar mocks: the backends that were active, in their order.
    :ivar taken_back: by backend, what happened in its last savepoint that an error or a test ended, and the error.
    :ivar undone: where somebody records: each backend with what had happened when a savepoint of it ended.
    :ivar compared: what is known of the sides of comparisons that failed.
    """

    def __init__(self) -> None:
        self.mocks: dict[Any, None] = {}
        self.compared: list[str] = []
        self.taken_back: dict[Any, tuple[BaseException | None, Any]] = {}
        self.undone: list[tuple[Any, Any]] = []


class _Recording:
    """Gives what happened to a backend, where somebody records it."""

    read: Callable[[Any], Any] | None = None


#: So many savepoints of one phase are recorded at most.
_UNDONE = 20

# The innermost comes last: pytest may run inside pytest.
_phases: list[Phase] = []


def begin_session() -> Callable[[], None]:
    """:returns: what ends it."""
    _phases.append(Phase())
    return _end_session


def _end_session() -> None:
    _phases.pop()


def begin_phase(active: Any) -> None:
    """:param active: the backend that is active already, or None."""
    if _phases:
        _phases[-1] = Phase()
    if active is not None:
        is_active(active)


def present() -> Phase | None:
    return _phases[-1] if _phases else None


def is_active(mock: Any) -> None:
    """Remember that a backend answers now."""
    if _phases:
        _phases[-1].mocks[mock] = None


def is_taken_back(mock: Any, error: BaseException | None, read: Callable[[], Any]) -> None:
    """Remember what happened in a savepoint that ends now.

    :param error: what ends it, if it is one.
    :param read: gives what happened.
    """
    if not _phases:
        return
    present = _phases[-1]
    present.mocks[mock] = None
    # One inside another knows more of the same error.
    if error is None or present.taken_back.get(mock, (None,))[0] is not error:
        present.taken_back[mock] = error, read()


def record(read: Callable[[Any], Any] | None) -> None:
    """From now on record what happened in savepoints that end. None ends it.

    :param read: gives it, of a backend.
    """
    _Recording.read = read


def is_undone(mock: Any) -> None:
    """Record what happened in a savepoint that ends now."""
    if _phases and _Recording.read is not None and len(_phases[-1].undone) < _UNDONE:
        _phases[-1].undone.append((mock, _Recording.read(mock)))
