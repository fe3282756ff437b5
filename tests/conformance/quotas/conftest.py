import pytest
from conformance.quotas.updates import numbered


@pytest.fixture
def db(client):
    """A secret "db" whose version number 0 is AWSCURRENT."""
    return client.create_secret(Name="db", SecretString="0", ClientRequestToken=numbered(0))["ARN"]
