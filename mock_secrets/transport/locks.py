"""The lock for everything that changes the process: starting and stopping mocks, and default sessions."""

import os
import threading


class _Lock:
    held = threading.RLock()

    @classmethod
    def renew(cls) -> None:
        cls.held = threading.RLock()


def one_at_a_time() -> threading.RLock:
    """Return the lock, for a ``with`` statement."""
    return _Lock.held


if hasattr(os, "register_at_fork"):
    # A forked child has no thread that would release it.
    os.register_at_fork(after_in_child=_Lock.renew)
