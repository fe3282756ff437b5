"""The one lock of a backend."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class BackendLock:
    """A re-entrant lock that its holder can lay down while somebody else's code runs.

    A rotation function is somebody else's code: it may call from another thread, and wait for that.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        # How often the holder has entered; only the holder reads or writes it.
        self._depth = 0

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        self._lock.release()

    @contextmanager
    def released(self) -> Iterator[None]:
        """Let others in meanwhile. The holder has it again afterwards, as deep as before."""
        depth, self._depth = self._depth, 0
        for _ in range(depth):
            self._lock.release()
        try:
            yield
        finally:
            for _ in range(depth):
                self._lock.acquire()
            self._depth = depth
