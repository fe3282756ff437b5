import pytest
from conformance.keys import V1


@pytest.fixture
def key(secrets_backend):
    return secrets_backend.kms.create_key(alias="alias/app")


@pytest.fixture
def db(client, key):
    """A secret "db" under the key, whose version V1, of the value "one", is AWSCURRENT."""
    return client.create_secret(Name="db", SecretString="one", KmsKeyId=key.arn, ClientRequestToken=V1)["ARN"]
