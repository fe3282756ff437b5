"""The lock of a backend, which its holder lets go while somebody else's code runs."""

import gc
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from mock_secrets.kernel import lock as module
from mock_secrets.kernel.lock import BackendLock

SOON = 20


@pytest.fixture
def lock():
    return BackendLock()


@pytest.fixture
def threads():
    with ThreadPoolExecutor(2) as executor:
        yield executor


def taken(lock):
    """Whether a thread that asks gets it at once."""
    got = lock.acquire(blocking=False)
    if got:
        lock.release()
    return got


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_a_nested_lock_is_fully_released_and_then_reacquired_to_the_same_depth(lock, threads, depth):
    for _ in range(depth):
        lock.acquire()

    assert lock.let_go(lambda: threads.submit(taken, lock).result(SOON))

    for _ in range(depth):
        assert not threads.submit(taken, lock).result(SOON)
        lock.release()
    assert threads.submit(taken, lock).result(SOON)


@pytest.mark.parametrize("depth", [1, 3])
def test_a_lock_is_released_while_its_holder_waits(lock, threads, depth):
    done = []

    def tell():
        with lock:
            done.append(True)
            lock.tell()

    for _ in range(depth):
        lock.acquire()
    telling = threads.submit(tell)

    assert lock.wait_until(lambda: bool(done), SOON)

    telling.result(SOON)
    for _ in range(depth):
        lock.release()
    assert threads.submit(taken, lock).result(SOON)


def test_a_waiting_thread_is_not_woken_for_anything_else(lock, threads):
    asked, done = Event(), []

    def is_so():
        asked.set()
        return bool(done)

    def wait():
        with lock:
            return lock.wait_until(is_so, SOON)

    waiting = threads.submit(wait)
    assert asked.wait(SOON)
    with lock:
        lock.tell()
        assert not lock._waiting[0].turn.is_set()
        done.append(True)
        lock.tell()
        assert lock._waiting[0].turn.is_set()

    assert waiting.result(SOON)


def test_a_wait_without_a_notification_times_out(lock):
    with lock:
        assert not lock.wait_until(lambda: False, 0.02)


def test_an_exception_leaves_the_lock_as_it_was(lock, threads):
    def fail():
        raise LookupError

    with pytest.raises(LookupError):
        lock.hold(fail)
    assert threads.submit(taken, lock).result(SOON)

    with lock:
        with pytest.raises(LookupError):
            lock.let_go(fail)
        assert not threads.submit(taken, lock).result(SOON)


def test_a_discarded_lock_is_forgotten():
    gc.collect()
    before = len(module._locks)

    BackendLock()
    gc.collect()

    assert len(module._locks) == before
