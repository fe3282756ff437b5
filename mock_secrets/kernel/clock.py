"""The service's clock: it follows the process or stands still, moves forward only, and stops at whatever is due."""

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

# Real seconds that one thread waits for what another's call made due.
_PATIENCE = 30.0

_FASTEST = 10**9


# What of a clock a savepoint brings back.
_STATE = ("_standing_at", "_latest", "_settled", "_held_at", "_beginning")


@dataclass(frozen=True, slots=True, eq=False)
class Happening:
    """Something that happens now: in which thread, and which line of the user's led to it.

    :ivar is_journey: whether it is time that is moved, and not something due.
    """

    thread: str
    line: Line
    is_journey: bool

    def __str__(self) -> str:
        if self.is_journey:
            return f"time, which it moves at {self.line}"
        return f"what its call at {self.line} made due, a rotation function say"


_Timer: TypeAlias = tuple[datetime, int, Callable[[datetime], None]]

# What happens in this code's own call. A rotation function that is a coroutine
# has a thread of its own, which takes this along.
_OWN: ContextVar[tuple[Happening, ...]] = ContextVar("_OWN", default=())


# What freezegun's and time-machine's users reach for.
_WORDS_OF_OTHERS = {
    "move_to": "travel_to(when), with an aware datetime",
    "travel": "travel_to(when), with an aware datetime",
    "tick": "advance(timedelta | seconds | days=..., hours=...)",
    "shift": "advance(timedelta | seconds | days=..., hours=...)",
}


def check_speed(speed: float, name: str) -> float:
    """:raises ValueError: unless it is above 0 and at most a billion seconds in one."""
    if not 0 < speed <= _FASTEST:
        raise ValueError(f"{name} takes a speed above 0 and at most {_FASTEST:,}, not {speed}")
    return speed


class Clock:
    """The time of one backend.

    Without ``at`` it follows the process's clock (and so whatever freezegun or
    time-machine make of it) plus what it was advanced, but never back, see
    :class:`mock_secrets.ClockWarning`; with ``at`` it stands still there until
    it is moved.

    :param at: the aware datetime at which to stand still.
    :param lock: the backend's lock, so that time does not move in the middle of another thread's call.
    """

    def __init__(self, at: datetime | None, lock: BackendLock) -> None:
        self._lock = lock
        lock.on_fork = self._forget_other_threads
        self._standing_at = at
        self._process: ProcessTime | PacedTime = ProcessTime()
        # The latest instant that anybody was told: time never runs back behind it.
        self._latest = at or _DAWN
        # The instant up to which everything due has happened.
        self._settled = at or _DAWN
        # What is happening now, in all threads: a function lets go of the lock while it runs.
        self._happenings: tuple[Happening, ...] = ()
        # Those of them whose thread waits for others.
        self._waiting: tuple[Happening, ...] = ()
        # While something due is happening, its own instant.
        self._held_at: datetime | None = None
        self._timers: list[_Timer] = []
        self._order = count()
        # What is to be there before anything else happens, from the first question on.
        self._beginning: Callable[[], None] | None = None
        # What moves with this clock, to every instant at which it stops.
        self._follower: Callable[[datetime], None] | None = None
        # Who is told of each move that somebody makes, before it is made.
        self._listener: Callable[[datetime, datetime, str], None] | None = None

    def now(self) -> datetime:
        """The service's time, an aware UTC datetime in whole milliseconds."""
        return self._lock.hold(self._read)

    @property
    def latest(self) -> datetime:
        """The latest instant that anybody was told or that something happened at.

        Where there is none yet, what the first to ask would be told. Looking has no effect: a freeze may yet come.
        """
        if self._latest == self._settled == _DAWN:
            return copy(self._process).read(_DAWN)
        return max(self._latest, self._settled)

    if not TYPE_CHECKING:  # or any attribute would pass

        def __getattr__(self, name: str) -> Any:
            if name in _WORDS_OF_OTHERS:
                raise AttributeError(f"the clock has no {name}(): it has {_WORDS_OF_OTHERS[name]}")
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def advance(self, span: timedelta | float | None = None, /, **delta: float) -> None:
        """Move time forward; everything that falls due on the way happens at its own instant.

        :param span: how far: a timedelta, or seconds. The service keeps whole milliseconds; what is below one is cut off.
        :param delta: in place of it, what ``datetime.timedelta`` takes: ``days``, ``hours``, ``minutes``, ...
        :raises TypeError, ValueError: if it is nothing, or not that, or would move time back, or to the year 9000.
        """
        self._lock.hold(self._advance, span_of(span, delta))

    def travel_to(self, when: datetime) -> None:
        """Move time forward to an instant; everything that falls due on the way happens at its own instant.

        :param when: an aware datetime, not before now.
        :raises TypeError, ValueError: if it is not an aware datetime, or is in the past, or not before the year 9000.
        """
        self._lock.hold(self._travel_to, service_instant(when, "travel_to()"))

    def go_at(self, speed: float) -> None:
        """Have time pass by itself from where it is, whatever the process's clock shows. It can still be moved.

        :param speed: seconds of the service in a real one.
        :raises ValueError: unless it is above 0 and at most a billion.
        """
        check_speed(speed, "go_at()")
        with self._lock:
            self._process = PacedTime(self.run_due(), speed)
            self._standing_at = None

    def begin_from(self, at: datetime, passed: timedelta) -> None:
        """Go on where another clock was, before this one is asked for the first time.

        :param passed: how much time has passed since then: what was due in it happens at its own instant. A clock that
            stands still stays where it stands, if that is later.
        """
        with self._lock:
            self._latest = self._settled = at
            if self._standing_at is None:
                self._process.go_on_from(at + passed)
            else:
                self._standing_at = max(self._standing_at, at)

    def let_pass(self, span: timedelta, cause: str) -> None:
        """Move time forward by what something takes that nobody waits for: less than a millisecond is nothing.

        :param cause: what takes it, for whoever is told of moves.
        """
        if span >= _MILLISECOND:
            self._lock.hold(self._advance, span, cause)

    def _advance(self, span: timedelta, cause: str = "") -> None:
        self._begin()
        self.wait_for_others()
        now = self._read()
        if span >= END - now:
            raise ValueError(
                f"advance() takes a time that ends before 9000-01-01: {span} after {now.isoformat()} does not"
            )
        self._travel(now, checked_instant(now + span, "advance()"), cause)

    def _travel_to(self, when: datetime) -> None:
        self._begin()
        self.wait_for_others()
        self._travel(self._read(), when)

    def _travel(self, start: datetime, end: datetime, cause: str = "") -> None:
        if end < start:
            raise ValueError(f"time can't go backwards: it is {start.isoformat()}, which is after {end.isoformat()}")
        if self._listener is not None:
            self._listener(start, end, cause)
        try:
            if self._own():
                self._run_due_until(end)
            else:
                self._happen(lambda _: self._run_due_until(end), is_journey=True)
        finally:
            # Where something failed on the way; or further, where something on the way went on a journey itself.
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
        """Have something happen when the service is first asked or moved: a freeze may yet come before that."""
        self._beginning = happen

    @property
    def has_begun(self) -> bool:
        """Whether the service has been asked, moved or looked at."""
        return self._beginning is None

    def on_move(self, listener: Callable[[datetime, datetime, str], None]) -> None:
        """Have somebody told of each move, from which instant to which, and what caused it."""
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
        """Have something happen at an instant; if that is past, with the next call, move, or look at the state."""
        heapq.heappush(self._timers, (due, next(self._order), happen))

    @contextmanager
    def leading(self, follower: Callable[[datetime], None]) -> Iterator[None]:
        """Stand still, with something that follows to every instant at which this clock stops."""
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
        """What time it is and what is due, for :meth:`restore`."""
        return {name: getattr(self, name) for name in _STATE} | {
            "_timers": list(self._timers),
            "_process": copy(self._process),
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Be again as when this was saved: the only way back in time."""
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
        """Have the next jump back of the process's clock warn again; for the plugin, at the end of each test."""
        with self._lock:
            self._process.forget_warning()

    def catch_up(self, at: datetime) -> None:
        """Let happen what became due at this instant, which is the present one, since the clock was read."""
        if self._timers and self._timers[0][0] <= at:
            self.run_due()

    def run_due(self) -> datetime:
        """Let everything happen that is due by now. :returns: now"""
        # Already held by each call of the service.
        return self._run_due() if self._lock._is_owned() else self._lock.hold(self._run_due)

    def _run_due(self) -> datetime:
        if self._beginning is not None:
            self._begin()
        now = self._read()
        if now >= self._settled and not self._happenings and (not self._timers or self._timers[0][0] > now):
            # Most calls of most tests.
            self._settled = now
            return now
        try:
            self._run_due_until(now)
        finally:
            if self._settled > now:
                self._arrive(now, self._settled)
        return max(now, self._settled)

    def _run_due_until(self, until: datetime) -> None:
        # One at a time: what happens may make another thing due on the way.
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
            # An interrupt; what is due has to happen still.
            if timer not in self._timers:
                heapq.heappush(self._timers, timer)
            raise

    def _happen(self, happen: Callable[[datetime], None], *, is_journey: bool = False) -> None:
        happening, own = Happening(threading.current_thread().name, calling_line(), is_journey), _OWN.get()
        # The end twice, should an interrupt come in the midst of the first.
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
        """Wait until nothing happens any more that another thread's call made due.

        :raises RuntimeError: after 30 real seconds, or if that waits for this one in its turn.
        """
        own = self._own()
        others = self._others(own)
        if not others:
            return
        if own and any(one in self._waiting for one in others):
            raise RuntimeError(self._complaint(others, "waits for this one in its turn"))
        try:
            self._waiting += own
            if self._lock.wait_until(lambda: not self._others(own), _PATIENCE):
                return
        finally:
            self._waiting = tuple(one for one in self._waiting if one not in own)
        raise RuntimeError(self._complaint(self._others(own), f"has not ended in {_PATIENCE:g} seconds"))

    def _own(self) -> tuple[Happening, ...]:
        return tuple(one for one in _OWN.get() if one in self._happenings) if self._happenings else ()

    def _others(self, own: tuple[Happening, ...]) -> tuple[Happening, ...]:
        """What happens in other threads' calls. Something due, which moves time itself, waits for no journey."""
        return tuple(one for one in self._happenings if one not in own and not (own and one.is_journey))

    def _complaint(self, others: tuple[Happening, ...], what: str) -> str:
        return (
            f"thread {threading.current_thread().name!r}, at {calling_line()}, waits for thread {others[0].thread!r}:"
            f" {others[0]}, {what}"
        )

    def _forget_other_threads(self) -> None:
        """In a forked child, where what they began never ends."""
        self._waiting, self._happenings = (), self._own()
        if self._held_at is not None and not self._happenings:
            self._settled, self._held_at = max(self._settled, self._held_at), None

    def _lead(self, instant: datetime) -> None:
        if self._follower is not None:
            self._follower(instant)
