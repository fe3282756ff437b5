"""Several threads that move one clock."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from threading import Event

import pytest
from freezegun import freeze_time
from tables import rows

from mock_secrets.kernel.clock import Clock
from mock_secrets.kernel.lock import BackendLock

START = datetime(2030, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)
SOON = 20


class ToldLock(BackendLock):
    """Tells when a thread waits for another."""

    def __init__(self):
        super().__init__()
        self.waits = Event()

    def wait_until(self, is_so, seconds):
        self.waits.set()
        return super().wait_until(is_so, seconds)


class Slow:
    """Something due that lets go of the lock, and goes on until it may end."""

    def __init__(self, lock):
        self._lock = lock
        self.begun, self.may_end = Event(), Event()

    def __call__(self, at):
        self._lock.let_go(self._run)

    def _run(self):
        self.begun.set()
        assert self.may_end.wait(SOON)


@pytest.fixture
def threads():
    with ThreadPoolExecutor(3) as executor:
        yield executor


@rows("at", [START, None])
def test_moves_by_two_threads_add_up(threads, at):
    with freeze_time(START):
        lock = ToldLock()
        clock, on_the_way, beside = Clock(at, lock), Slow(lock), Slow(lock)
        clock.call_at(START + DAY, on_the_way)
        clock.call_at(START + 1.5 * DAY, lambda _: None)

        first = threads.submit(clock.advance, days=2)
        assert on_the_way.begun.wait(SOON)
        clock.call_at(START + DAY, beside)
        # Holding the lock, so that it is the other's journey that is waited for, and not the lock.
        second = threads.submit(lock.hold, lambda: (clock.run_due(), clock.advance(days=1)))
        assert beside.begun.wait(SOON)
        on_the_way.may_end.set()
        assert lock.waits.wait(SOON)
        assert clock.now() == START + DAY
        beside.may_end.set()
        for moving in (first, second):
            moving.result(SOON)

        assert clock.now() == START + 3 * DAY
