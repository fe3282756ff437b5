import pytest
from conformance.rotation.scheduled import Rotations
from conformance.rotation_functions import NAME

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def function(secrets_backend):
    return Rotations(secrets_backend)


@pytest.fixture
def db(client):
    return client.create_secret(Name="db", SecretString="one")["ARN"]


@pytest.fixture
def secret(client):
    return client.create_secret(Name="db", SecretString="old", ClientRequestToken=V1)["ARN"]


@pytest.fixture
def rotate(client, secrets_backend, secret):
    """Rotate "db" with a handler, to version V2 unless told otherwise."""

    def run(handler, **request):
        arn = secrets_backend.register_rotation_lambda(NAME, handler)
        return client.rotate_secret(**{"SecretId": "db", "RotationLambdaARN": arn, "ClientRequestToken": V2, **request})

    return run
