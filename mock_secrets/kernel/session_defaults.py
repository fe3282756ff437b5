"""The defaults that a test session gives to every outermost mock."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from mock_secrets.kernel.options import Options

T = TypeVar("T")


class SessionDefaults(Protocol):
    def activate(self, activate: Callable[[Options], T], given: Options) -> T:
        """Activate a mock with the given options over the session's own. An error due to the session's says so."""


# The innermost comes last: pytest may run inside pytest.
_sessions: list[SessionDefaults] = []


def begin_session(defaults: SessionDefaults) -> Callable[[], None]:
    """Begin a session of pytest, with defaults of its own for mocks.

    :returns: a function that ends the session.
    """
    _sessions.append(defaults)
    return lambda: _sessions.remove(defaults)


def with_session_defaults(activate: Callable[[Options], T], given: Options) -> T:
    return _sessions[-1].activate(activate, given) if _sessions else activate(given)
