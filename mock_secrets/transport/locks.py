"""The lock of all that changes the process: mocks that begin and end, default sessions and who registers with them."""

import os
import threading


class _Lock:
    held = threading.RLock()

    @classmethod
    def renew(cls) -> None:
        cls.held = threading.RLock()


def one_at_a_time() -> threading.RLock:
    """The lock, to be held by a ``with``."""
    return _Lock.held


if hasattr(os, "register_at_fork"):
    # The thread that held it is not in the child.
    os.register_at_fork(after_in_child=_Lock.renew)
