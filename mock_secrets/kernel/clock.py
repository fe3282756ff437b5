"""The service clock. It follows the process or stands still, moves forward only, and stops at every due event."""

import heapq
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

from mock_secrets.kernel.frames import Line, calling_line
from mock_secrets.kernel.instants import checked_instant, service_instant, span_of
from mock_secrets.kernel.lock import BackendLock
from mock_secrets.kernel.process_time import END, PacedTime, ProcessTime

_DAWN = datetime.min.replace(tzinfo=timezone.utc)
_MILLISECOND = timedelta(milliseconds=1)

# Real seconds that a thread waits for due events that another thread is running.
_PATIENCE = 30.0

_FASTEST = 10**9


# The attributes that a savepoint restores.
_STATE = ("_standing_at", "_latest", "_settled", "_held_at", "_beginning")


@dataclass(frozen=True, slots=True, eq=False)
class Happening:
    """A due event that is running, or a move of the clock, with its thread and the line of the user's code behind it.

    :ivar is_journey: whether it is a move of the clock rather than a due event.
    """

    thread: str
    line: Line
    is_journey: bool

    def __str__(self) -> str:
        if self.is_journey:
            return f"its move of the clock at {self.line}"
        return f"an event that its call at {self.line} made due, such as a rotation function"


_Timer: TypeAlias = tuple[datetime, int, Callable[[datetime], None]]

# What is running in this code's own call. A rotation function that is a coroutine runs in a thread of its own, which
# inherits this.
_OWN: ContextVar[tuple[Happening, ...]] = ContextVar("_OWN", default=())


# The methods that users of freezegun and time-machine expect.
_WORDS_OF_OTHERS = {
    "move_to": "travel_to(when), with an aware datetime",
    "travel": "travel_to(when), with an aware datetime",
    "tick": "advance(timedelta | seconds | days=..., hours=...)",
    "shift": "advance(timedelta | seconds | days=..., hours=...)",
}


def check_speed(speed: float, name: str) -> float:
    """Check a speed of the clock, and return it.

    :raises ValueError: if it is not above 0, or is more than a billion.
    """
    if not 0 < speed <= _FASTEST:
        raise ValueError(f"{name} takes a speed above 0 and at most {_FASTEST:,}, not {speed}")
    return speed


class Clock:
    """The service clock of one backend.

    Without ``at`` it follows the process's clock, including what freezegun or time-machine make of it, plus any time
    that it was advanced. It never runs backwards, see :class:`mock_secrets.ClockWarning`. With ``at`` it stands still
    there until it is moved.

    :param at: aware datetime at which to stand still.
    :param lock: the backend's lock, so that time does not move in the middle of another thread's call.
    """

    def __init__(self, at: datetime | None, lock: BackendLock) -> None:
        self._lock = lock
        lock.on_fork = self._forget_other_threads
        self._standing_at = at
        self._process: ProcessTime | PacedTime = ProcessTime()
        # The latest instant that was reported: time never runs back behind it.
        self._latest = at or _DAWN
        # The instant up to which all due events have fired.
        self._settled = at or _DAWN
        # What is running now, in all threads: a rotation function releases the lock while it runs.
        self._happenings: tuple[Happening, ...] = ()
        # Those whose thread is waiting for others.
        self._waiting: tuple[Happening, ...] = ()
        # While a due event is running, its own instant.
        self._held_at: datetime | None = None
        self._timers: list[_Timer] = []
        self._order = count()
        # Runs once, before the first use.
        self._beginning: Callable[[], None] | None = None
        # Called with every instant at which this clock stops.
        self._follower: Callable[[datetime], None] | None = None
        # Called before each move.
        self._listener: Callable[[datetime, datetime, str], None] | None = None

    def now(self) -> datetime:
        """Return the service's time, an aware UTC datetime in whole milliseconds."""
        return self._lock.hold(self._read)

    @property
    def latest(self) -> datetime:
        """The latest instant that was reported or at which an event fired.

        Before first use it is the time that the clock would report now. Reading it does not count as a use: a test may
        still freeze time afterwards.
        """
        if self._latest == self._settled == _DAWN:
            return copy(self._process).read(_DAWN)
        return max(self._latest, self._settled)

    if not TYPE_CHECKING:  # type checkers would accept any attribute

        def __getattr__(self, name: str) -> Any:
            if name in _WORDS_OF_OTHERS:
                raise AttributeError(f"the clock has no {name}(): use {_WORDS_OF_OTHERS[name]}")
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def advance(self, span: timedelta | float | None = None, /, **delta: float) -> None:
        """Move time forward by a span. Every event that falls due on the way fires at its own instant.

        :param span: a timedelta, or a number of seconds. Fractions of a millisecond are cut off.
        :param delta: instead of ``span``, arguments of ``datetime.timedelta``: ``days``, ``hours``, ``minutes``, ...
        :raises TypeError: if no span is given, or it is not a span of time.
        :raises ValueError: if the span is negative, or leads to the year 9000 or later.
        """
        self._lock.hold(self._advance, span_of(span, delta))

    def travel_to(self, when: datetime) -> None:
        """Move time forward to an instant. Every event that falls due on the way fires at its own instant.

        :param when: aware datetime to move to, not earlier than now.
        :raises TypeError: if it is not a datetime.
        :raises ValueError: if it has no time zone, is in the past, or is not before the year 9000.
        """
        self._lock.hold(self._travel_to, service_instant(when, "travel_to()"))

    def go_at(self, speed: float) -> None:
        """Let time pass by itself at a given speed, whatever the process's clock shows. It can still be moved.

        :param speed: seconds of the service clock per real second.
        :raises ValueError: if it is not above 0, or is more than a billion.
        """
        check_speed(speed, "go_at()")
        with self._lock:
            self._process = PacedTime(self.run_due(), speed)
            self._standing_at = None

    def begin_from(self, at: datetime, passed: timedelta) -> None:
        """Continue from where another clock stopped. Call it before the first use of this one.

        :param passed: time that has passed since then; events that fell due in it fire at their own instants. A clock
            that stands still ignores it, and stays where it stands if that is later than ``at``.
        """
        with self._lock:
            self._latest = self._settled = at
            if self._standing_at is None:
                self._process.go_on_from(at + passed)
            else:
                self._standing_at = max(self._standing_at, at)

    def let_pass(self, span: timedelta, cause: str) -> None:
        """Move time forward by the length of something that nobody really waits for, such as a fault's latency.

        :param span: less than a millisecond moves nothing.
        :param cause: what takes that time, for the listener of :meth:`on_move`.
        """
        if span >= _MILLISECOND:
            self._lock.hold(self._advance, span, cause)

    def _advance(self, span: timedelta, cause: str = "") -> None:
        self._begin()
        self.wait_for_others()
        now = self._read()
        if span >= END - now:
            raise ValueError(f"advance() can't reach the year 9000: {span} from {now.isoformat()} is too far")
        self._travel(now, checked_instant(now + span, "advance()"), cause)

    def _travel_to(self, when: datetime) -> None:
        self._begin()
        self.wait_for_others()
        self._travel(self._read(), when)

    def _travel(self, start: datetime, end: datetime, cause: str = "") -> None:
        if end < start:
            raise ValueError(
                f"time can't go backwards: it is {start.isoformat()} now, which is later than {end.isoformat()}"
            )
        if self._listener is not None:
            self._listener(start, end, cause)
        try:
            if self._own():
                self._run_due_until(end)
            else:
                self._happen(lambda _: self._run_due_until(end), is_journey=True)
        finally:
            # Less far if an event failed on the way; further if one moved the clock itself.
            self._arrive(start, max(start, self._settled))

    def _arrive(self, start: datetime, end: datetime) -> None:
        if self._held_at is not None:
            self._held_at = end
        else:
            if self._standing_at is not None:
                self._standing_at = end
            else:
                self._process.advance(end - start)
            self._latest = end
        self._lead(end)

    def on_first_use(self, happen: Callable[[], None]) -> None:
        """Run a callback on first use, not at construction: the test may still freeze time in between."""
        self._beginning = happen

    @property
    def has_begun(self) -> bool:
        """Whether the service has been called, moved in time or inspected."""
        return self._beginning is None

    def on_move(self, listener: Callable[[datetime, datetime, str], None]) -> None:
        """Call the listener before each move, with its start, its end and its cause."""
        self._listener = listener

    def _begin(self) -> None:
        beginning = self._beginning
        if beginning is None:
            return
        try:
            self._beginning = None
            beginning()
        except BaseException:
            self._beginning = beginning
            raise

    def call_at(self, due: datetime, happen: Callable[[datetime], None]) -> None:
        """Schedule an event. One in the past fires at the next call, move or inspection."""
        heapq.heappush(self._timers, (due, next(self._order), happen))

    @contextmanager
    def leading(self, follower: Callable[[datetime], None]) -> Iterator[None]:
        """Stand still, and call the follower with every instant at which this clock stops."""
        stood = self._standing_at is not None
        with self._lock:
            self._standing_at = self.run_due()
            self._follower = follower
        try:
            yield
        finally:
            with self._lock:
                self._follower = None
                if not stood:
                    self._standing_at = None
                    self._process.go_on_from(self._latest)

    def saved(self) -> dict[str, Any]:
        """The time and the scheduled events, for :meth:`restore`."""
        return {name: getattr(self, name) for name in _STATE} | {
            "_timers": list(self._timers),
            "_process": copy(self._process),
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Go back to a saved state. Nothing else moves time backwards."""
        for name, value in saved.items():
            setattr(self, name, value)
        self._lead(self._read())

    def _read(self) -> datetime:
        if self._held_at is not None:
            return self._held_at
        if self._standing_at is not None:
            self._latest = max(self._latest, self._standing_at)
        else:
            self._latest = self._process.read(self._latest)
        return self._latest

    def forget_warning(self) -> None:
        """Warn again at the next jump back of the process's clock. The pytest plugin calls it for each test."""
        with self._lock:
            self._process.forget_warning()

    def catch_up(self, at: datetime) -> None:
        """Fire what has become due since the clock was read at this instant."""
        if self._timers and self._timers[0][0] <= at:
            self.run_due()

    def run_due(self) -> datetime:
        """Fire all due events.

        :returns: now.
        """
        # Calls of the service already hold the lock.
        return self._run_due() if self._lock._is_owned() else self._lock.hold(self._run_due)

    def _run_due(self) -> datetime:
        if self._beginning is not None:
            self._begin()
        now = self._read()
        if now >= self._settled and not self._happenings and (not self._timers or self._timers[0][0] > now):
            # The fast path: most calls of most tests.
            self._settled = now
            return now
        try:
            self._run_due_until(now)
        finally:
            if self._settled > now:
                self._arrive(now, self._settled)
        return max(now, self._settled)

    def _run_due_until(self, until: datetime) -> None:
        # One at a time: an event may schedule another one on the way.
        while self._timers and self._timers[0][0] <= until:
            if self._timers[0][0] > self._settled and self._others(self._own()):
                self.wait_for_others()
                continue
            self._fire(self._timers[0])
        if until > self._settled:
            self.wait_for_others()
            self._settled = max(self._settled, until)

    def _fire(self, timer: _Timer) -> None:
        try:
            heapq.heappop(self._timers)
            self._settled = max(timer[0], self._settled)
            self._happen(timer[2])
        except Exception:
            raise
        except BaseException:
            # After an interrupt the event still has to happen.
            if timer not in self._timers:
                heapq.heappush(self._timers, timer)
            raise

    def _happen(self, happen: Callable[[datetime], None], *, is_journey: bool = False) -> None:
        happening, own = Happening(threading.current_thread().name, calling_line(), is_journey), _OWN.get()
        # _end runs twice, in case an interrupt stops the first run halfway.
        try:
            try:
                self._happenings += (happening,)
                self._held_at = self._settled
                _OWN.set((*own, happening))
                self._lead(self._settled)
                happen(self._settled)
            finally:
                self._end(happening, own)
        finally:
            self._end(happening, own)

    def _end(self, happening: Happening, own: tuple[Happening, ...]) -> None:
        if self._held_at is not None:
            self._settled = max(self._settled, self._held_at)
        self._happenings = tuple(one for one in self._happenings if one is not happening)
        if not self._happenings:
            self._held_at = None
        _OWN.set(own)
        self._lock.tell()

    def wait_for_others(self) -> None:
        """Wait until no due event of another thread is running.

        :raises RuntimeError: after 30 real seconds, or if the other thread is waiting for this one.
        """
        own = self._own()
        others = self._others(own)
        if not others:
            return
        if own and any(one in self._waiting for one in others):
            raise RuntimeError(self._complaint(others, "which is itself waiting for this thread"))
        try:
            self._waiting += own
            if self._lock.wait_until(lambda: not self._others(own), _PATIENCE):
                return
        finally:
            self._waiting = tuple(one for one in self._waiting if one not in own)
        raise RuntimeError(self._complaint(self._others(own), f"which has not ended within {_PATIENCE:g} seconds"))

    def _own(self) -> tuple[Happening, ...]:
        return tuple(one for one in _OWN.get() if one in self._happenings) if self._happenings else ()

    def _others(self, own: tuple[Happening, ...]) -> tuple[Happening, ...]:
        """What is running in other threads' calls. A due event does not wait for moves: they wait for it."""
        return tuple(one for one in self._happenings if one not in own and not (own and one.is_journey))

    def _complaint(self, others: tuple[Happening, ...], what: str) -> str:
        return (
            f"thread {threading.current_thread().name!r}, at {calling_line()}, is waiting for thread"
            f" {others[0].thread!r} to finish {others[0]}, {what}"
        )

    def _forget_other_threads(self) -> None:
        """Used in a forked child, in which the other threads' events never end."""
        self._waiting, self._happenings = (), self._own()
        if self._held_at is not None and not self._happenings:
            self._settled, self._held_at = max(self._settled, self._held_at), None

    def _lead(self, instant: datetime) -> None:
        if self._follower is not None:
            self._follower(instant)
