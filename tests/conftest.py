"""The doors: every behaviour test runs through each of them and does not know which."""

from typing import Any

import boto3
import pytest
from botocore import handlers

from mock_secrets import SecretsBackend

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-fidelity", action="store_true", help="write tests/conformance/FIDELITY.md anew")


@pytest.fixture(params=["hook", "net"])
def client(request: pytest.FixtureRequest, secrets_backend: SecretsBackend) -> Any:
    """A client for Secrets Manager, answered through one of the doors."""
    if request.param == "hook":
        return secrets_backend.client()
    with without_hook():
        return boto3.Session().client("secretsmanager")


@pytest.fixture
def unchecked(secrets_backend: SecretsBackend) -> Any:
    """A client that sends what it is given, so that the service's own checks are reached."""
    from botocore.config import Config

    return secrets_backend.client(config=Config(parameter_validation=False))


class without_hook:  # noqa: N801 - read as a phrase
    """A session made inside is like one that is older than the first import of mock_secrets."""

    def __enter__(self) -> None:
        self._before = list(handlers.BUILTIN_HANDLERS)
        handlers.BUILTIN_HANDLERS[:] = [entry for entry in self._before if entry[0] != "before-send.secrets-manager"]

    def __exit__(self, *_: object) -> None:
        handlers.BUILTIN_HANDLERS[:] = self._before
