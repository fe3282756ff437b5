import pytest
from conformance.listing.versions import labelled

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
V5 = "55555555-5555-4555-8555-555555555555"


@pytest.fixture
def db(client):
    """A secret "db" whose version V1 is AWSCURRENT."""
    return client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)["ARN"]


@pytest.fixture
def five_versions(client, db):
    """V1 AWSCURRENT, and V2 to V5 under a label each, made in another order than that of their ids."""
    labelled(client, V4, V2, V5, V3)
    return db


@pytest.fixture
def deprecated(client, db):
    """V1 and V2 are deprecated, V3 AWSPREVIOUS, V4 AWSCURRENT."""
    for version in (V2, V3, V4):
        client.update_secret(SecretId="db", SecretString=version, ClientRequestToken=version)
    return db
