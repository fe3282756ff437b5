"""A savepoint: everything that happens inside is undone at its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mock_secrets.kernel.clock import Clock
from mock_secrets.service.path import Service


@contextmanager
def savepoint(service: Service) -> Iterator[None]:
    """Restore everything at the end: the state, the calls, the log, the clock, and the sequence of ids."""
    journal, clock, random = service.state.journal, service.clock, service.state.ids.random
    with service.lock:
        clock.run_due()
        saved, sequence = clock.saved(), random.getstate()
        begun = journal.begin_savepoint()

    def bring_back() -> None:
        journal.end_savepoint(begun)
        random.setstate(sequence)
        clock.restore(saved)

    try:
        yield
    finally:
        service.lock.hold(_end, clock, bring_back)


def _end(clock: Clock, bring_back: Callable[[], None]) -> None:
    try:
        clock.wait_for_others()
    finally:
        # Twice, in case an interrupt stops the first run halfway.
        try:
            bring_back()
        finally:
            bring_back()
