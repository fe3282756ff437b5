"""The mock that answers at present. Every stand-in for a function of botocore checks it at each call."""

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
    """The rules of the active mock.

    :ivar values: the values that no report shows; it is also told what clients send.
    :ivar pause: moves the service clock by a number of seconds.
    :ivar region: the region of a session that was given none.
    :ivar passthrough: the services whose requests may leave the machine, by both of botocore's names.
    :ivar endpoint_of_others: the endpoint that other processes inherit, and that clients of this process don't see.
    :ivar shares: whether that endpoint answers them, rather than explaining why it does not.
    :ivar clears_caches: whether to empty the caches of client-side libraries at the end.
    :ivar profiles: the only profiles that sessions can use.
    :ivar look_again: replaces functions of libraries that were imported since the mock started.
    :ivar process: id of the process to which these rules apply.
    :ivar credentials: the credentials found by sessions without keys of their own, while the mock is active.
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
