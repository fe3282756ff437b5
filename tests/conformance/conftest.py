from pathlib import Path

import pytest

_TESTS = Path(__file__).parent.parent


@pytest.fixture
def scenario_files() -> list[Path]:
    """All files whose tests say how certain it is that AWS does the same; those of its neighbours stand beside their code."""
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
    """A secret "db", whose version is 11111111-1111-4111-8111-111111111111."""
    token = "11111111-1111-4111-8111-111111111111"
    return client.create_secret(Name="db", SecretString="one", ClientRequestToken=token)["ARN"]


@pytest.fixture
def app(secrets_backend):
    """A user who may do nothing."""
    return secrets_backend.iam.create_user("app")


@pytest.fixture
def elsewhere(secrets_backend):
    """A client of the same account in eu-west-1."""
    return secrets_backend.client(region_name="eu-west-1")


@pytest.fixture
def stranger(secrets_backend):
    """A client of another account, 111122223333."""
    return secrets_backend.session(account_id="111122223333").client("secretsmanager")
