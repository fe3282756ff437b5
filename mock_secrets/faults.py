"""What ``backend.fail(operation, error)`` takes beside AWS's error codes: what happens on the way, and how long it takes."""

from mock_secrets.direct.faults import Fault, Faults, UnfiredFault
from mock_secrets.kernel.faults import (
    ConnectionClosed,
    ConnectTimeout,
    CorruptAnswer,
    Latency,
    LostAnswer,
    NetworkFault,
    ReadTimeout,
)

__all__ = [
    "ConnectTimeout",
    "ConnectionClosed",
    "CorruptAnswer",
    "Fault",
    "Faults",
    "Latency",
    "LostAnswer",
    "NetworkFault",
    "ReadTimeout",
    "UnfiredFault",
]
