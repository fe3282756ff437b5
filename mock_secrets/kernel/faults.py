"""What can go wrong on the way to the service and back, and how the client sees it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

#: What a client sees in place of an answer.
Seen: TypeAlias = Literal["closed", "read timeout", "connect timeout", "corrupt"]


class Spoiled(NamedTuple):
    """What a fault made of an answer.

    :ivar seen: what the client sees in place of it; None where it sees the answer.
    :ivar latency: how much later it comes.
    :ivar hint: whose doing it is, for the reader of a report.
    """

    seen: Seen | None
    latency: timedelta
    hint: str


@dataclass(frozen=True)
class NetworkFault:
    """Something that happens to a call between the client and the service, for ``backend.fail(operation, ...)``."""

    seen: ClassVar[Seen | None] = None
    # Whether the service does what the call asks for.
    takes_effect: ClassVar[bool] = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class LostAnswer(NetworkFault):
    """The call takes effect, and its answer never comes: botocore's ConnectionClosedError."""

    seen = "closed"
    takes_effect = True


class ConnectionClosed(NetworkFault):
    """The connection is closed before the call has any effect: botocore's ConnectionClosedError."""

    seen = "closed"


class ReadTimeout(NetworkFault):
    """The call has no effect, and no answer comes in time: botocore's ReadTimeoutError."""

    seen = "read timeout"


class ConnectTimeout(NetworkFault):
    """No connection is made, so the call has no effect: botocore's ConnectTimeoutError."""

    seen = "connect timeout"


class CorruptAnswer(NetworkFault):
    """The call takes effect, and its answer can't be read: botocore's ResponseParserError."""

    seen = "corrupt"
    takes_effect = True


@dataclass(frozen=True, repr=False)
class Latency(NetworkFault):
    """The call is answered as ever, and takes this much time of the service's clock.

    :param span: how long, a timedelta above 0.
    :raises TypeError, ValueError: if it is not that.
    """

    span: timedelta

    takes_effect: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not isinstance(self.span, timedelta):
            raise TypeError(f"Latency() takes a timedelta, not {type(self.span).__name__}")
        if self.span <= timedelta(0):
            raise ValueError(f"Latency() takes a span of time above 0, not {self.span}")

    def __repr__(self) -> str:
        return f"Latency({self.span!r})"


def corrupt(body: bytes) -> bytes:
    """A body that ends in the midst of a character, so that no client takes what is left of it for an answer."""
    return body[: len(body) // 2] + b"\xe2\x82"


#: The faults by their names.
NETWORK_FAULTS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (LostAnswer, ConnectionClosed, ReadTimeout, ConnectTimeout, CorruptAnswer, Latency)
}
