import pytest
from conformance.keys import SECRETS, V1, document


@pytest.fixture
def db(client, key):
    """A secret "db" under the key, whose version V1, of the value "one", is AWSCURRENT."""
    return client.create_secret(Name="db", SecretString="one", KmsKeyId=key.arn, ClientRequestToken=V1)["ARN"]


@pytest.fixture
def app(secrets_backend):
    """Have a user who may do anything with secrets, and with keys what is said; a client of his."""

    def user(*statements):
        return secrets_backend.iam.create_user("app", document(SECRETS, *statements)).client()

    return user


@pytest.fixture
def key(secrets_backend):
    """A key that leaves it to its account's own policies, as KMS makes one by default."""
    return secrets_backend.kms.create_key(alias="alias/app")


@pytest.fixture
def other(secrets_backend):
    """Another such key."""
    return secrets_backend.kms.create_key()
