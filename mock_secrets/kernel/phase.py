"""The mocks of the current phase of a test, including those that have ended. Recorded only under pytest."""

from collections.abc import Callable
from typing import Any


class Phase:
    """A test's set-up, call or tear-down.

    :ivar mocks: the backends that were active, in order.
    :ivar taken_back: by backend, the error that ended its last savepoint (None for the end of a test), and the history
        until then.
    :ivar undone: if recording is on, each backend with its history at the end of a savepoint.
    :ivar compared: notes on the sides of failed comparisons.
    """

    def __init__(self) -> None:
        self.mocks: dict[Any, None] = {}
        self.compared: list[str] = []
        self.taken_back: dict[Any, tuple[BaseException | None, Any]] = {}
        self.undone: list[tuple[Any, Any]] = []


class _Recording:
    """How to read the history of a backend; None if recording is off."""

    read: Callable[[Any], Any] | None = None


#: The maximum number of savepoints recorded per phase.
_UNDONE = 20

# The innermost comes last: pytest may run inside pytest.
_phases: list[Phase] = []


def begin_session() -> Callable[[], None]:
    """Begin a session of pytest, with phases of its own.

    :returns: a function that ends the session.
    """
    _phases.append(Phase())
    return _end_session


def _end_session() -> None:
    _phases.pop()


def begin_phase(active: Any) -> None:
    """Start a new phase.

    :param active: the backend that is already active, or None.
    """
    if _phases:
        _phases[-1] = Phase()
    if active is not None:
        is_active(active)


def present() -> Phase | None:
    return _phases[-1] if _phases else None


def is_active(mock: Any) -> None:
    """Record that a backend is active."""
    if _phases:
        _phases[-1].mocks[mock] = None


def is_taken_back(mock: Any, error: BaseException | None, read: Callable[[], Any]) -> None:
    """Record the history of a savepoint that is about to end.

    :param error: the error that ends it, or None.
    :param read: returns the history.
    """
    if not _phases:
        return
    present = _phases[-1]
    present.mocks[mock] = None
    # For the same error, a nested savepoint ends first and has the longer history: keep that.
    if error is None or present.taken_back.get(mock, (None,))[0] is not error:
        present.taken_back[mock] = error, read()


def record(read: Callable[[Any], Any] | None) -> None:
    """Start to record the history of savepoints that end, or stop with None.

    :param read: returns the history of a backend.
    """
    _Recording.read = read


def is_undone(mock: Any) -> None:
    """Record the history of a savepoint that is about to end, if recording is on."""
    if _phases and _Recording.read is not None and len(_phases[-1].undone) < _UNDONE:
        _phases[-1].undone.append((mock, _Recording.read(mock)))
