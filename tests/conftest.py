"""The doors: every behaviour test runs through each of them and does not know which."""

from typing import Any

import boto3
import pytest
from doors import without_hook
from project import Project

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


@pytest.fixture
def project(pytester, monkeypatch):
    """A project of its own, in which pytest runs."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    return Project(pytester)
