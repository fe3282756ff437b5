"""The three samples in AWS's documentation of UpdateSecret, unchanged, sent with boto3.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html
"""

import pytest

from mock_secrets import SecretsBackend
from mock_secrets.backend import StoredSecret

pytestmark = pytest.mark.mock_secrets(region="us-west-2")


@pytest.fixture
def secret(secrets_backend: SecretsBackend) -> StoredSecret:
    return secrets_backend.create("MyTestDatabaseSecret", "before", description="before")


def test_update_the_description_of_a_secret(secrets_client, secret):
    answer = secrets_client.update_secret(
        ClientRequestToken="EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE",
        Description="This is a new description for the secret.",
        SecretId="MyTestDatabaseSecret",
    )

    assert shape(answer) == {"ARN": secret.arn, "Name": "MyTestDatabaseSecret"}
    assert secret.description == "This is a new description for the secret."
    assert len(secret.versions) == 1


def test_update_the_kms_key_of_a_secret(secrets_client, secret):
    answer = secrets_client.update_secret(
        SecretId="MyTestDatabaseSecret",
        KmsKeyId="arn:aws:kms:us-west-2:123456789012:key/EXAMPLE2-90ab-cdef-fedc-ba987EXAMPLE",
    )

    assert shape(answer) == {"ARN": secret.arn, "Name": "MyTestDatabaseSecret"}
    assert secret.kms_key_id == "arn:aws:kms:us-west-2:123456789012:key/EXAMPLE2-90ab-cdef-fedc-ba987EXAMPLE"
    assert len(secret.versions) == 1


def test_create_a_new_version_of_a_secret(secrets_client, secret):
    answer = secrets_client.update_secret(
        SecretId="MyTestDatabaseSecret", SecretString="{JSON STRING WITH CREDENTIALS}"
    )

    new = secret.stages["AWSCURRENT"]
    assert shape(answer) == {"ARN": secret.arn, "Name": "MyTestDatabaseSecret", "VersionId": new.id}
    assert new.value == "{JSON STRING WITH CREDENTIALS}"
    assert secret.stages["AWSPREVIOUS"].value == "before"


def shape(answer: dict) -> dict:
    """The answer without the metadata that boto3 adds."""
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}
