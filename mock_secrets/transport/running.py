"""The mock that answers now. Every function that stands in for one of botocore's asks here, at each call."""

import os
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from mock_secrets.kernel import redaction
from mock_secrets.kernel.profiles import Profile
from mock_secrets.protocol import wire

Answerer = Callable[[wire.Request], wire.Answer]


@dataclass(frozen=True)
class Rules:
    """What is in force while a mock is active.

    :ivar values: what no report shows, told what clients are offered.
    :ivar pause: lets so many seconds pass on the clock of the service that answers.
    :ivar region: the region of a session that nobody gave one.
    :ivar passthrough: services whose requests may leave, by both of botocore's names for one.
    :ivar endpoint_of_others: the endpoint that other processes inherit, and that clients of this one don't see.
    :ivar profiles: those that sessions can name, and no others.
    :ivar shares: whether that endpoint is one by which they are answered.
    :ivar clears_caches: whether the caches of libraries that are used meanwhile are emptied at the end.
    :ivar look_again: puts stand-ins where a library was imported since the mock began.
    :ivar process: the process that these rules are for.
    :ivar credentials: what sessions that were given no keys have found, for as long as the mock answers.
    """

    answer: Answerer
    values: redaction.Values
    pause: Callable[[float], None]
    region: str
    passthrough: frozenset[str]
    endpoint_of_others: str
    shares: bool
    clears_caches: bool
    profiles: Mapping[str, Profile]
    look_again: Callable[[], None]
    process: int = field(default_factory=os.getpid)
    credentials: MutableMapping[Any, Any] = field(default_factory=WeakKeyDictionary)


mock: Rules | None = None


def run(rules: Rules | None) -> None:
    global mock  # noqa: PLW0603 - one process, one mock that answers
    mock = rules
    redaction.run(None if rules is None else rules.values)
