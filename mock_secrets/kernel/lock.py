"""The one lock of a backend."""

import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# Seconds.
_LOOK_AGAIN = 0.1


class BackendLock:
    """A re-entrant lock that its holder can release while somebody else's code runs.

    A rotation function is somebody else's code: it may call from another thread, and wait for that.
    """

    def __init__(self) -> None:
        self._lock: Any = threading.RLock()
        self._changed = threading.Condition(self._lock)
        _locks.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def hold(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function with the lock held, and leave it free again wherever an interrupt comes.

        A signal may raise between any two steps, and ``with`` has two where it would leave the lock taken: right after
        it was taken, and right before it is released.
        """
        if self._lock._is_owned():
            with self._lock:
                return function(*args, **kwargs)
        try:
            try:
                self._lock.acquire()
                return function(*args, **kwargs)
            finally:
                self._free()
        except BaseException:
            self._free()
            raise

    @contextmanager
    def released(self) -> Iterator[None]:
        """Let others in meanwhile. The holder has it again afterwards, as deep as before."""
        depth = self._lock._release_save()
        try:
            yield
        finally:
            self._lock._acquire_restore(depth)

    def wait_until(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Let others in until something is so.

        :returns: whether it is; False after so many real seconds, also where a test has frozen the process's clock.
        """
        waited = 0.0
        while not is_so() and waited < seconds:
            if not self._changed.wait(_LOOK_AGAIN):
                waited += _LOOK_AGAIN
        return is_so()

    def tell(self) -> None:
        """Have those who wait look again. The caller holds the lock."""
        self._changed.notify_all()

    def _free(self) -> None:
        while self._lock._is_owned():
            self._lock.release()


# A fork copies the memory of one moment, and only the thread that forks: what
# another thread holds then would be held for ever in the child.
_locks: "weakref.WeakSet[BackendLock]" = weakref.WeakSet()
_held: list[BackendLock] = []


def _before_fork() -> None:
    # In one order, should two threads fork at once.
    for lock in sorted(_locks, key=id):
        lock.__enter__()
        _held.append(lock)


def _after_fork() -> None:
    while _held:
        _held.pop().__exit__()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
