"""The service clock and the clock of the whole process, frozen and moved together."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from freezegun import freeze_time

from mock_secrets.kernel.clock import Clock
from mock_secrets.pytest_plugin.sleep import moved_by_sleep


class ProcessClock:
    """Moves the service clock and the process's clock together, so that an application's cache sees the same time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """Return the time of both, an aware UTC datetime in whole milliseconds."""
        return self._clock.now()

    if not TYPE_CHECKING:  # type checkers would accept any attribute

        def __getattr__(self, name: str) -> Any:
            return getattr(self._clock, name)

    def advance(self, span: timedelta | float | None = None, /, **delta: float) -> None:
        """Move both forward by a span. Every event that falls due on the way fires at its own instant, by both clocks.

        :param span: a timedelta, or a number of seconds.
        :param delta: instead of ``span``, arguments of ``datetime.timedelta``: ``days``, ``hours``, ``minutes``, ...
        :raises TypeError: if no span is given, or it is not a span of time.
        :raises ValueError: if the span is negative.
        """
        self._clock.advance(span, **delta)

    def travel_to(self, when: datetime) -> None:
        """Move both forward to an instant.

        :param when: aware datetime to move to, not earlier than now.
        :raises TypeError: if it is not a datetime.
        :raises ValueError: if it has no time zone, or is in the past.
        """
        self._clock.travel_to(when)

    def sleeping(self) -> AbstractContextManager[None]:
        """Make ``time.sleep`` and ``asyncio.sleep`` move the clock inside a ``with`` block, without real waiting.

        Use it for code that polls. Python's standard library still sleeps for real, and so does code that holds a
        reference to ``sleep`` anywhere but in a module's globals.
        """
        return moved_by_sleep(self.advance)


@contextmanager
def frozen_process(clock: Clock) -> Iterator[ProcessClock]:
    """Freeze the process at the service's time; at the end, let both continue from where they are.

    asyncio keeps its own time: otherwise no event loop would ever wake up.
    """
    # pytest must still measure how long a test really takes.
    freezer = freeze_time(real_asyncio=True, ignore=["_pytest.timing"])

    def follow(instant: datetime) -> None:
        frozen.move_to(_for_freezegun(instant))

    with clock.leading(follow), freezer as frozen:
        follow(clock.now())
        yield ProcessClock(clock)


def _for_freezegun(instant: datetime) -> datetime:
    # freezegun treats a naive datetime as UTC.
    return instant.replace(tzinfo=None)
