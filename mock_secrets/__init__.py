"""A mock of AWS Secrets Manager for test suites: every call of the process, answered as AWS answers it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock_secrets.activation import mock_secrets
    from mock_secrets.backend import SecretsBackend
    from mock_secrets.direct.leak_guard import SecretLeaked
    from mock_secrets.kernel.limits import Limits, Rates, UpdateRateWarning
    from mock_secrets.kernel.process_time import ClockWarning
    from mock_secrets.transport.hook import MockNotActive
    from mock_secrets.transport.net import NetworkAccessRefused
    from mock_secrets.transport.processes import ForkedWriteWarning

__all__ = [
    "ClockWarning",
    "ForkedWriteWarning",
    "Limits",
    "MockNotActive",
    "NetworkAccessRefused",
    "Rates",
    "SecretLeaked",
    "SecretsBackend",
    "UpdateRateWarning",
    "mock_secrets",
]

# Imported on first use: pytest imports this package in every run that has the
# plugin installed, and a run that does not use it must not pay for botocore.
_HOMES = {
    "ClockWarning": "mock_secrets.kernel.process_time",
    "ForkedWriteWarning": "mock_secrets.transport.processes",
    "Limits": "mock_secrets.kernel.limits",
    "MockNotActive": "mock_secrets.transport.hook",
    "NetworkAccessRefused": "mock_secrets.transport.net",
    "Rates": "mock_secrets.kernel.limits",
    "SecretLeaked": "mock_secrets.direct.leak_guard",
    "SecretsBackend": "mock_secrets.backend",
    "UpdateRateWarning": "mock_secrets.kernel.limits",
    "mock_secrets": "mock_secrets.activation",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
