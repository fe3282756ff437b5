"""The service's clock: it follows the process or stands still, moves forward only, and stops at whatever is due."""

import heapq
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any

from mock_secrets.kernel.process_time import ProcessTime

_DAWN = datetime.min.replace(tzinfo=timezone.utc)

# The clock on whose journey this code runs. A rotation function that is a
# coroutine has a thread of its own, which takes this along.
_ADVANCING: ContextVar["Clock | None"] = ContextVar("_ADVANCING", default=None)


def checked_instant(when: Any, name: str) -> datetime:
    """An instant as the service keeps it, aware and in UTC milliseconds.

    :raises TypeError: if it is not a datetime.
    :raises ValueError: if it has no time zone, so that nobody can say when it is.
    """
    if not isinstance(when, datetime):
        raise TypeError(f"{name} takes an aware datetime, not {type(when).__name__}")
    if when.utcoffset() is None:
        raise ValueError(f"{name} takes an aware datetime, and {when!r} has no time zone: give it tzinfo=timezone.utc")
    instant: datetime = when.astimezone(timezone.utc)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


class Clock:
    """The time of one backend.

    Without ``at`` it follows the process's clock (and so whatever freezegun or
    time-machine make of it) plus what it was advanced, but never back, see
    :class:`mock_secrets.ClockWarning`; with ``at`` it stands still there until
    it is moved.

    :param at: the aware datetime at which to stand still.
    :param lock: the backend's lock, so that time does not move in the middle of another thread's call.
    """

    def __init__(self, at: datetime | None, lock: AbstractContextManager[Any]) -> None:
        self._lock = lock
        self._standing_at = at
        self._process = ProcessTime()
        # The latest instant that anybody was told: time never runs back behind it.
        self._latest = at or _DAWN
        # The instant up to which everything due has happened.
        self._settled = at or _DAWN
        # Whether something due is happening: the lock may be laid down meanwhile, and others then only ask.
        self._is_advancing = False
        # While something due is happening, its own instant.
        self._held_at: datetime | None = None
        self._timers: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._order = count()
        # What is to be there before anything else happens, from the first question on.
        self._beginning: Callable[[], None] | None = None
        # What moves with this clock, to every instant at which it stops.
        self._follower: Callable[[datetime], None] | None = None

    def now(self) -> datetime:
        """The service's time, an aware UTC datetime in whole milliseconds."""
        with self._lock:
            return self._read()

    def advance(self, **delta: float) -> None:
        """Move time forward; everything that falls due on the way happens at its own instant.

        :param delta: what ``datetime.timedelta`` takes: ``days``, ``hours``, ``minutes``, ``seconds``, ... The service
            keeps whole milliseconds; what is below one is cut off.
        :raises ValueError: if it would move time back.
        """
        with self._lock:
            self._begin()
            now = self.now()
            try:
                end = now + timedelta(**delta)
            except (TypeError, OverflowError) as error:
                raise type(error)(
                    "advance() takes what datetime.timedelta takes, such as days=1, hours=2 or seconds=0.5:"
                    f" {', '.join(f'{name}={value!r}' for name, value in delta.items())} is not that"
                ) from None
            self._travel(now, checked_instant(end, "advance()"))

    def travel_to(self, when: datetime) -> None:
        """Move time forward to an instant; everything that falls due on the way happens at its own instant.

        :param when: an aware datetime, not before now.
        :raises TypeError, ValueError: if it is not an aware datetime, or is in the past.
        """
        when = checked_instant(when, "travel_to()")
        with self._lock:
            self._begin()
            self._travel(self.now(), when)

    def _travel(self, start: datetime, end: datetime) -> None:
        self.refuse_while_another_advances()
        if end < start:
            raise ValueError(f"time can't go backwards: it is {start.isoformat()}, which is after {end.isoformat()}")
        try:
            self._run_due_until(end)
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

    def _begin(self) -> None:
        beginning, self._beginning = self._beginning, None
        if beginning is not None:
            beginning()

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
        with self._lock:
            self._begin()
            now = self._read()
            self._run_due_until(now)
            if self._settled > now:
                self._arrive(now, self._settled)
            return max(now, self._settled)

    def _run_due_until(self, until: datetime) -> None:
        if not self._timers or self._timers[0][0] > until:
            self._settled = max(self._settled, until)
            return
        if self._another_advances():
            return
        outer, self._is_advancing = self._is_advancing, True
        mark = _ADVANCING.set(self)
        try:
            self._pass_dues(until)
        finally:
            self._is_advancing = outer
            _ADVANCING.reset(mark)

    def refuse_while_another_advances(self) -> None:
        """:raises RuntimeError: while something due happens on another thread's journey."""
        if self._another_advances():
            raise RuntimeError("another thread is moving this clock, and something due on its way has not ended yet")

    def _another_advances(self) -> bool:
        return self._is_advancing and _ADVANCING.get() is not self

    def _pass_dues(self, until: datetime) -> None:
        # One at a time: what happens may make another thing due on the same journey.
        while self._timers and self._timers[0][0] <= until:
            due, _, happen = heapq.heappop(self._timers)
            self._settled = max(due, self._settled)
            outer, self._held_at = self._held_at, self._settled
            try:
                self._lead(self._settled)
                happen(self._settled)
            finally:
                self._settled = max(self._settled, self._held_at)
                self._held_at = outer
        self._settled = max(self._settled, until)

    def _lead(self, instant: datetime) -> None:
        if self._follower is not None:
            self._follower(instant)
