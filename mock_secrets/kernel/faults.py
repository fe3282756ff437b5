"""The network faults: what can go wrong between client and service, and what the client sees."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

#: What a client sees instead of an answer.
Seen: TypeAlias = Literal["closed", "read timeout", "connect timeout", "corrupt"]


class Spoiled(NamedTuple):
    """The effect of a fault on an answer.

    :ivar seen: what the client sees instead of the answer; None if it sees the answer.
    :ivar latency: the delay of the answer.
    :ivar hint: the origin of the fault, for the reader of a report.
    """

    seen: Seen | None
    latency: timedelta
    hint: str


@dataclass(frozen=True)
class NetworkFault:
    """Base class of the network faults for ``backend.fail(operation, ...)``."""

    seen: ClassVar[Seen | None] = None
    # Whether the service executes the call.
    takes_effect: ClassVar[bool] = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class LostAnswer(NetworkFault):
    """The call takes effect, but its answer never comes: botocore raises ConnectionClosedError."""

    seen = "closed"
    takes_effect = True


class ConnectionClosed(NetworkFault):
    """The connection is closed before the call has any effect: botocore raises ConnectionClosedError."""

    seen = "closed"


class ReadTimeout(NetworkFault):
    """The call has no effect, and no answer comes in time: botocore raises ReadTimeoutError."""

    seen = "read timeout"


class ConnectTimeout(NetworkFault):
    """No connection is made, so the call has no effect: botocore raises ConnectTimeoutError."""

    seen = "connect timeout"


class CorruptAnswer(NetworkFault):
    """The call takes effect, but its answer can't be read: botocore raises ResponseParserError."""

    seen = "corrupt"
    takes_effect = True


@dataclass(frozen=True, repr=False)
class Latency(NetworkFault):
    """The call is answered as usual, but takes this much time by the service clock.

    :param span: timedelta above 0.
    :raises TypeError: if it is not a timedelta.
    :raises ValueError: if it is not above 0.
    """

    span: timedelta

    takes_effect: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not isinstance(self.span, timedelta):
            raise TypeError(f"Latency() takes a timedelta, not {type(self.span).__name__}")
        if self.span <= timedelta(0):
            raise ValueError(f"Latency() takes a timedelta above 0, not {self.span}")

    def __repr__(self) -> str:
        return f"Latency({self.span!r})"


def corrupt(body: bytes) -> bytes:
    """Cut the body in the middle of a character, so that no client accepts the rest as an answer."""
    return body[: len(body) // 2] + b"\xe2\x82"


#: The network faults by name.
NETWORK_FAULTS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (LostAnswer, ConnectionClosed, ReadTimeout, ConnectTimeout, CorruptAnswer, Latency)
}
