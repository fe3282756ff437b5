import pytest
from conformance.labels.moving import put

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"


@pytest.fixture
def db(client):
    """A secret "db" whose version V1, of the value V1, is AWSCURRENT."""
    return client.create_secret(Name="db", SecretString=V1, ClientRequestToken=V1)["ARN"]


@pytest.fixture
def four_versions(client, db):
    """V1 is deprecated, V2 AWSPREVIOUS, V3 AWSCURRENT and "blue", V4 AWSPENDING and "green"."""
    put(V2)(client)
    put(V3, "AWSCURRENT", "blue")(client)
    put(V4, "AWSPENDING", "green")(client)
    return db
