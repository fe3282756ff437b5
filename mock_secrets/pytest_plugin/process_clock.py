"""The clock of the service and of the whole process, frozen and moved as one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from freezegun import freeze_time

from mock_secrets.kernel.clock import Clock
from mock_secrets.pytest_plugin.sleep import moved_by_sleep


class ProcessClock:
    """Moves the service's time and the process's together: an application's cache sees what the service sees."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """The time of both, an aware UTC datetime in whole milliseconds."""
        return self._clock.now()

    if not TYPE_CHECKING:  # or any attribute would pass

        def __getattr__(self, name: str) -> Any:
            return getattr(self._clock, name)

    def advance(self, span: timedelta | float | None = None, /, **delta: float) -> None:
        """Move both forward. What falls due on the way happens at its own instant, of both.

        :param span, delta: as for ``backend.clock.advance``: a timedelta, or seconds, or ``days=``, ``hours=``, ...
        :raises TypeError, ValueError: if it is nothing, or not that, or would move time back.
        """
        self._clock.advance(span, **delta)

    def travel_to(self, when: datetime) -> None:
        """Move both forward to an instant.

        :param when: an aware datetime, not before now.
        :raises TypeError, ValueError: if it is not an aware datetime, or is in the past.
        """
        self._clock.travel_to(when)

    @contextmanager
    def sleeping(self) -> Iterator[None]:
        """A block in which ``time.sleep`` and ``asyncio.sleep`` move the clock and take no real time.

        For code that polls. Python's own library sleeps on for real, and so does what imported ``sleep`` by name before
        the block, in a module of its own, unless it is a module's global.
        """
        with moved_by_sleep(self.advance):
            yield


@contextmanager
def frozen_process(clock: Clock) -> Iterator[ProcessClock]:
    """Freeze the process at the service's time, and let both go on from where they are at the end.

    asyncio keeps its own time, or no loop could ever wake up.
    """
    # pytest's measures of its own duration are not the test's business.
    freezer = freeze_time(real_asyncio=True, ignore=["_pytest.timing"])

    def follow(instant: datetime) -> None:
        frozen.move_to(_for_freezegun(instant))

    with clock.leading(follow), freezer as frozen:
        follow(clock.now())
        yield ProcessClock(clock)


def _for_freezegun(instant: datetime) -> datetime:
    # freezegun takes a naive datetime for UTC.
    return instant.replace(tzinfo=None)
