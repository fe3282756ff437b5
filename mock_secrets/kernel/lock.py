"""The lock of a backend."""

import os
import threading
from collections.abc import Callable
from itertools import starmap
from typing import Any, ParamSpec, TypeVar
from weakref import WeakValueDictionary

P = ParamSpec("P")
R = TypeVar("R")

# Seconds. On Windows nothing interrupts a wait for a lock, so no single wait is longer than this.
_LOOK_AGAIN = 0.1

# The type, since threading.RLock is a function. It is written in C, so no signal can come between its steps.
_RLock: Any = type(threading.RLock())


class BackendLock(_RLock):  # type: ignore[misc]
    """A re-entrant lock that its holder can release while foreign code runs.

    A rotation function is foreign code: it may call the service from another thread, and wait for that thread.
    """

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        # Called in a forked child, in which no other thread exists.
        self.on_fork: Callable[[], None] | None = None
        _locks[id(self)] = self

    def hold(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function with the lock held, and release the lock even if an interrupt comes at any point.

        A signal handler may raise between any two steps. A ``with`` statement would not be safe under opcode tracing.
        """
        if self._is_owned():
            return function(*args, **kwargs)
        # Freed twice, in case the interrupt comes while another error is handled.
        try:
            try:
                self.acquire()
                result = function(*args, **kwargs)
                self.release()
            except BaseException:
                self._free()
                raise
        except BaseException:
            self._free()
            raise
        return result

    def let_go(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function with the lock released, then acquire the lock again, as deeply as before."""
        depth: list[Any] = []
        try:
            try:
                # In one step, so that no interrupt comes between the release and the note of the depth.
                depth.extend(starmap(self._release_save, [()]))
                result = function(*args, **kwargs)
            finally:
                self._take_again(depth)
        finally:
            self._take_again(depth)
        return result

    def wait_until(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Release the lock until a condition holds. Other threads report changes with :meth:`tell`.

        :param is_so: returns whether the condition holds.
        :param seconds: real seconds to wait at most. No clock is read, since a test may have frozen it.
        :returns: whether the condition holds.
        """
        waiting, waited = _Waiting(is_so), 0.0
        try:
            self._waiting.append(waiting)
            while not is_so() and waited < seconds:
                waiting.turn.clear()
                pause = min(_LOOK_AGAIN, seconds - waited)
                if not self.let_go(waiting.turn.wait, pause):
                    waited += pause
            return is_so()
        finally:
            self._waiting = [one for one in self._waiting if one is not waiting]

    def tell(self) -> None:
        """Wake the threads whose condition holds now. The caller holds the lock."""
        for waiting in self._waiting:
            if waiting.is_so():
                waiting.turn.set()

    def _free(self) -> None:
        while self._is_owned():
            self.release()

    def _take_again(self, depth: list[Any]) -> None:
        if depth and not self._is_owned():
            self._acquire_restore(depth[0])

    def forget_other_threads(self) -> None:
        """Used in a forked child, which has a copy of the memory but only the forking thread."""
        self._waiting = []
        if self.on_fork is not None:
            self.on_fork()


class _Waiting:
    def __init__(self, is_so: Callable[[], bool]) -> None:
        self.is_so = is_so
        self.turn = threading.Event()


# A lock that another thread held during a fork would never be released in the child.
_locks: "WeakValueDictionary[int, BackendLock]" = WeakValueDictionary()


class _Forking(threading.local):
    """The locks that this thread holds while it forks."""

    def __init__(self) -> None:
        self.held: list[BackendLock] = []


_forking = _Forking()


def _before_fork() -> None:
    # All references in one step, since other threads may create locks. Sorted, in case two threads fork at once.
    there = filter(None, [reference() for reference in _locks.valuerefs()])
    for lock in sorted(there, key=id):
        lock.acquire()
        _forking.held.append(lock)


def _after_fork() -> None:
    while _forking.held:
        _forking.held.pop().release()


def _after_fork_in_child() -> None:
    for lock in _forking.held:
        lock.forget_other_threads()
    _after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork_in_child)
