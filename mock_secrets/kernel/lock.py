"""The one lock of a backend."""

import os
import threading
from collections.abc import Callable
from itertools import starmap
from typing import Any, ParamSpec, TypeVar
from weakref import WeakValueDictionary

P = ParamSpec("P")
R = TypeVar("R")

# Seconds: on Windows nothing interrupts a wait for a lock, so nobody waits for longer at once.
_LOOK_AGAIN = 0.1

# Not threading.RLock, which is a function. Written in C, so that no signal comes between its steps.
_RLock: Any = type(threading.RLock())


class BackendLock(_RLock):  # type: ignore[misc]
    """A re-entrant lock that its holder can release while somebody else's code runs.

    A rotation function is somebody else's code: it may call from another thread, and wait for that.
    """

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        # Done in a forked child, where no other thread lives on.
        self.on_fork: Callable[[], None] | None = None
        _locks[id(self)] = self

    def hold(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function with the lock held, and leave it free again wherever an interrupt comes.

        A signal may raise between any two steps; ``with`` is safe from that as long as nobody traces opcodes.
        """
        if self._is_owned():
            return function(*args, **kwargs)
        # Freed twice, should the interrupt come while another error goes out.
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
        """Call a function that others need not wait for. Then the lock is held again, as deep as before."""
        depth: list[Any] = []
        try:
            try:
                # In one step, so that no interrupt comes between letting go and knowing how deep it was held.
                depth.extend(starmap(self._release_save, [()]))
                result = function(*args, **kwargs)
            finally:
                self._take_again(depth)
        finally:
            self._take_again(depth)
        return result

    def wait_until(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Let others in until something is so, of which they :meth:`tell`.

        :returns: whether it is; False after so many real seconds. No clock is asked, which a test may have frozen.
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
        """Wake those whose time has come. The caller holds the lock."""
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
        """A fork copies the memory of one moment, and only the thread that forks."""
        self._waiting = []
        if self.on_fork is not None:
            self.on_fork()


class _Waiting:
    def __init__(self, is_so: Callable[[], bool]) -> None:
        self.is_so = is_so
        self.turn = threading.Event()


# What another thread holds while this one forks would be held for ever in the child.
_locks: "WeakValueDictionary[int, BackendLock]" = WeakValueDictionary()


class _Forking(threading.local):
    """What this thread holds while it forks."""

    def __init__(self) -> None:
        self.held: list[BackendLock] = []


_forking = _Forking()


def _before_fork() -> None:
    # The references in one step, since others make locks meanwhile; in one order, should two threads fork at once.
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
