import pytest

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
THEIRS = "111122223333"


@pytest.fixture
def db(client):
    """A secret "db" with V1 deprecated, V2 AWSPREVIOUS and "blue", V3 AWSCURRENT."""
    arn = client.create_secret(
        Name="db", SecretString="one", ClientRequestToken=V1, Description="words", Tags=[{"Key": "a", "Value": "b"}]
    )["ARN"]
    client.put_secret_value(
        SecretId="db", SecretString="two", ClientRequestToken=V2, VersionStages=["AWSCURRENT", "blue"]
    )
    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)
    return arn


@pytest.fixture
def scheduled(client, db):
    """The same secret in its recovery window."""
    client.delete_secret(SecretId="db")
    return db


@pytest.fixture
def stranger(secrets_backend):
    """A client of another account."""
    return secrets_backend.session(account_id=THEIRS).client("secretsmanager")
