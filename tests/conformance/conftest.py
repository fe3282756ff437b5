from pathlib import Path

import pytest

_TESTS = Path(__file__).parent.parent


@pytest.fixture
def scenario_files() -> list[Path]:
    """All files whose tests say how surely AWS does the same; those of its neighbours stand beside their code."""
    return [
        file
        for file in sorted(_TESTS.rglob("test_*.py"))
        if "\nfrom conformance.fidelity import behaviour\n" in file.read_text(encoding="utf-8")
    ]


@pytest.fixture
def without_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients made in the test try each call once."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture
def db(client):
    """A secret "db"."""
    return client.create_secret(Name="db", SecretString="one")["ARN"]


@pytest.fixture
def app(secrets_backend):
    """A user who may do nothing."""
    return secrets_backend.iam.create_user("app")


@pytest.fixture
def elsewhere(secrets_backend):
    """A client of the same account in eu-west-1."""
    return secrets_backend.client(region_name="eu-west-1")
