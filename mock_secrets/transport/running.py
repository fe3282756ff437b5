"""The mock that answers now. Every function that stands in for one of botocore's asks here, at each call."""

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from mock_secrets.kernel import redaction
from mock_secrets.protocol import wire

Answerer = Callable[[wire.Request], wire.Answer]


@dataclass(frozen=True)
class Running:
    """What is in force while a mock is active.

    :ivar values: what no report shows, told what clients are offered.
    :ivar region: the region of a session that nobody gave one.
    :ivar passthrough: services whose requests may leave, by both of botocore's names for one.
    :ivar endpoint_of_others: the endpoint that other processes inherit, and that clients of this one don't see.
    :ivar look_again: puts stand-ins where a library was imported since the mock began.
    :ivar credentials: what sessions that were given no keys have found, for as long as the mock answers.
    """

    answer: Answerer
    values: redaction.Values
    region: str
    passthrough: frozenset[str]
    endpoint_of_others: str
    look_again: Callable[[], None]
    credentials: MutableMapping[Any, Any] = field(default_factory=WeakKeyDictionary)


mock: Running | None = None


def run(running: Running | None) -> None:
    global mock  # noqa: PLW0603 - one process, one mock that answers
    mock = running
    redaction.run(None if running is None else running.values)
