import pytest
from conformance.raw import begin_rotation

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"


@pytest.fixture
def db(client):
    """A secret "db" whose version V1, of the value "one", is AWSCURRENT."""
    return client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)["ARN"]


@pytest.fixture
def four_versions(client, secrets_backend, db):
    """V1 "one" is deprecated, V2 "two" AWSPREVIOUS, V3 "three" AWSCURRENT, V4 AWSPENDING without a value."""
    client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2)
    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)
    begin_rotation(secrets_backend, V4)
    return db
