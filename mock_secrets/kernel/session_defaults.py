"""What a test session gives to every mock that is inside no other."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from mock_secrets.kernel.options import Options

T = TypeVar("T")


class SessionDefaults(Protocol):
    def activate(self, activate: Callable[[Options], T], given: Options) -> T:
        """Activate a mock with the options given, over the session's own.

        An error that is due to one of the latter says so.
        """


# The innermost comes last: pytest may run inside pytest.
_sessions: list[SessionDefaults] = []


def begin_session(defaults: SessionDefaults) -> Callable[[], None]:
    """:returns: what ends it."""
    _sessions.append(defaults)
    return lambda: _sessions.remove(defaults)


def with_session_defaults(activate: Callable[[Options], T], given: Options) -> T:
    return _sessions[-1].activate(activate, given) if _sessions else activate(given)
