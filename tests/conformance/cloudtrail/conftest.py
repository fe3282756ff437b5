import pytest
from conformance.cloudtrail.records import SECRETS

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def trail(secrets_backend):
    return secrets_backend.cloudtrail


@pytest.fixture
def db(secrets_backend):
    """A secret "db" with a current and a previous version, made through the direct door."""
    stored = secrets_backend.create("db", SECRETS[0], token=V1)
    stored.put(SECRETS[1], token=V2)
    return stored.arn
