"""The network faults for ``backend.fail(operation, error)``, which also takes AWS error codes."""

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
