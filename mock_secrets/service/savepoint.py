"""A savepoint: all that happens inside is undone at its end."""

from collections.abc import Iterator
from contextlib import contextmanager

from mock_secrets.service.path import Service


@contextmanager
def savepoint(service: Service) -> Iterator[None]:
    """Bring everything back at the end: the state, the calls, the log, the clock, and the sequence of ids."""
    journal, clock, random = service.state.journal, service.clock, service.state.ids.random
    with service.lock:
        clock.run_due()
        mark = journal.begin_savepoint()
        saved, sequence = clock.saved(), random.getstate()
    try:
        yield
    finally:
        with service.lock:
            try:
                clock.wait_for_others()
            finally:
                journal.end_savepoint(mark)
                random.setstate(sequence)
                clock.restore(saved)
