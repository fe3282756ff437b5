"""A mock of AWS Secrets Manager for test suites.

While it is active, every Secrets Manager call of the process is answered in memory, as AWS answers it. Calls to other
AWS services are refused, unless ``passthrough`` names them.

    import boto3
    from mock_secrets import mock_secrets

    @mock_secrets(secrets={"db": "s3cret"})
    def test_it():
        client = boto3.client("secretsmanager")
        assert client.get_secret_value(SecretId="db")["SecretString"] == "s3cret"

Where to go on:

    help("mock_secrets.mock_secrets")    its parameters, and the other ways to start it
    help("mock_secrets.SecretsBackend")  what a test holds: the secrets, the clock, the calls
    help("mock_secrets.Limits")          quotas, retention and delays
    help("mock_secrets.faults")          faults of the network, for backend.fail
    help("mock_secrets.proofs")          whether a rotation, or an application during one, is safe
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from mock_secrets.activation import mock_secrets
    from mock_secrets.backend import SecretsBackend
    from mock_secrets.direct.calls import CallLog
    from mock_secrets.direct.cloudtrail import Trail
    from mock_secrets.direct.handles import NoLongerThere
    from mock_secrets.direct.iam import Iam, Role, User
    from mock_secrets.direct.kms import Kms, NoSuchKey, StoredKey
    from mock_secrets.direct.leak_guard import SecretLeaked
    from mock_secrets.direct.secrets import NoSuchSecret, NoSuchStage, StoredSecret, StoredVersion
    from mock_secrets.kernel.call import Call
    from mock_secrets.kernel.clock import Clock
    from mock_secrets.kernel.codes import AWSError
    from mock_secrets.kernel.frames import Line
    from mock_secrets.kernel.limits import Limits, Rates, UpdateRateWarning
    from mock_secrets.kernel.process_time import ClockWarning
    from mock_secrets.model.rotation import Outcome, RotationFailed, RotationRun, StepRun
    from mock_secrets.proofs.leaks import Leak
    from mock_secrets.proofs.unused_access import Unused
    from mock_secrets.pytest_plugin.process_clock import ProcessClock
    from mock_secrets.transport.endpoint import Endpoint
    from mock_secrets.transport.hook import MockNotActive
    from mock_secrets.transport.net import NetworkAccessRefused
    from mock_secrets.transport.processes import ForkedWriteWarning

__all__ = [
    "AWSError",
    "Call",
    "CallLog",
    "Clock",
    "ClockWarning",
    "Endpoint",
    "ForkedWriteWarning",
    "Iam",
    "Kms",
    "Leak",
    "Limits",
    "Line",
    "MockNotActive",
    "NetworkAccessRefused",
    "NoLongerThere",
    "NoSuchKey",
    "NoSuchSecret",
    "NoSuchStage",
    "Outcome",
    "ProcessClock",
    "Rates",
    "Role",
    "RotationFailed",
    "RotationRun",
    "SecretLeaked",
    "SecretsBackend",
    "StepRun",
    "StoredKey",
    "StoredSecret",
    "StoredVersion",
    "Trail",
    "Unused",
    "UpdateRateWarning",
    "User",
    "mock_secrets",
]

# Imported on first use. pytest imports this package in every run with the plugin installed, and a run that does not use
# it must not pay for importing botocore.
_HOMES = {
    "activation": ["mock_secrets"],
    "backend": ["SecretsBackend"],
    "direct.calls": ["CallLog"],
    "direct.cloudtrail": ["Trail"],
    "direct.handles": ["NoLongerThere"],
    "direct.iam": ["Iam", "Role", "User"],
    "direct.kms": ["Kms", "NoSuchKey", "StoredKey"],
    "direct.leak_guard": ["SecretLeaked"],
    "direct.secrets": ["NoSuchSecret", "NoSuchStage", "StoredSecret", "StoredVersion"],
    "kernel.call": ["Call"],
    "kernel.clock": ["Clock"],
    "kernel.codes": ["AWSError"],
    "kernel.frames": ["Line"],
    "kernel.limits": ["Limits", "Rates", "UpdateRateWarning"],
    "kernel.process_time": ["ClockWarning"],
    "model.rotation": ["Outcome", "RotationFailed", "RotationRun", "StepRun"],
    "proofs.leaks": ["Leak"],
    "proofs.unused_access": ["Unused"],
    "pytest_plugin.process_clock": ["ProcessClock"],
    "transport.endpoint": ["Endpoint"],
    "transport.hook": ["MockNotActive"],
    "transport.net": ["NetworkAccessRefused"],
    "transport.processes": ["ForkedWriteWarning"],
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names}


# Public modules that can be used after a plain `import mock_secrets`.
_PUBLIC_MODULES = ("faults", "proofs")


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _PUBLIC_MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})


class _Package(ModuleType):
    """The package, which has the same name as the mock that users want. Using it as the mock gets an explanation."""

    def __call__(self, *_: object, **__: object) -> NoReturn:
        raise TypeError(
            "mock_secrets is the package: write `from mock_secrets import mock_secrets` to get the mock itself"
        )

    # The same in a with statement.
    __enter__ = __exit__ = __aenter__ = __aexit__ = __call__


sys.modules[__name__].__class__ = _Package
