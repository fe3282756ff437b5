"""Production failures, provoked in tests: AWS's own errors, concurrent writers, calls that would leave the machine."""

import boto3
import pytest
from botocore.exceptions import ClientError
from shop import credentials
from shop.credentials import ChangedMeanwhile, change_password, read_credentials

from mock_secrets import NetworkAccessRefused, mock_secrets

VERSION = "11111111-1111-4111-8111-111111111111"


def test_a_missing_secret_is_a_typed_exception(secrets_client):
    with pytest.raises(secrets_client.exceptions.ResourceNotFoundException) as raised:
        secrets_client.get_secret_value(SecretId="db")

    assert raised.value.response["Error"] == {
        "Code": "ResourceNotFoundException",
        "Message": "Secrets Manager can't find the specified secret.",
    }


def test_a_name_that_is_taken_is_a_typed_exception(secrets_client, secrets_backend):
    secrets_backend.create("db", "s3cret")

    with pytest.raises(secrets_client.exceptions.ResourceExistsException, match="the secret db already exists"):
        secrets_client.create_secret(Name="db", SecretString="other")


def test_a_version_cannot_be_modified(secrets_client, secrets_backend):
    secrets_backend.create("db", "s3cret", token=VERSION)

    with pytest.raises(secrets_client.exceptions.ResourceExistsException, match=f"ClientRequestToken {VERSION}"):
        secrets_client.update_secret(SecretId="db", SecretString="other", ClientRequestToken=VERSION)

    assert secrets_backend["db"].value == "s3cret"


def test_repeating_the_same_update_is_not_an_error(secrets_client, secrets_backend):
    secrets_backend.create("db", "s3cret", token=VERSION)

    answer = secrets_client.update_secret(SecretId="db", SecretString="s3cret", ClientRequestToken=VERSION)

    assert answer["VersionId"] == VERSION


@mock_secrets(token_reuse="documented")
def test_with_documented_token_reuse_a_used_token_is_always_an_error(secrets_client, secrets_backend):
    secrets_backend.create("db", "s3cret", token=VERSION)

    with pytest.raises(secrets_client.exceptions.ResourceExistsException):
        secrets_client.update_secret(SecretId="db", SecretString="s3cret", ClientRequestToken=VERSION)


def test_text_and_bytes_together_are_refused(secrets_client, secrets_backend):
    secrets_backend.create("db", "s3cret")

    with pytest.raises(secrets_client.exceptions.InvalidParameterException, match="both a binary secret value and a"):
        secrets_client.update_secret(SecretId="db", SecretString="text", SecretBinary=b"bytes")


def test_an_error_that_the_model_does_not_name_is_a_client_error(secrets_client, secrets_backend):
    secrets_backend.create("db", "s3cret")

    with pytest.raises(ClientError) as raised:
        secrets_client.update_secret(SecretId="db", SecretString="x" * 65_537)

    assert raised.value.response["Error"]["Code"] == "ValidationException"


def test_the_value_before_an_update_is_the_previous_version(secrets_client, secrets_backend):
    secrets_backend.create("db", "0ld")
    secrets_client.update_secret(SecretId="db", SecretString="n3w")

    answer = secrets_client.get_secret_value(SecretId="db", VersionStage="AWSPREVIOUS")

    assert answer["SecretString"] == "0ld"


@mock_secrets(region=credentials.REGION, secrets={credentials.SECRET: {"username": "shop", "password": "0ld"}})
def test_a_lost_update_is_detected_by_its_token(secrets_backend):
    first = second = read_credentials()
    change_password(first, "first")

    with pytest.raises(ChangedMeanwhile):
        change_password(second, "second")

    assert secrets_backend[credentials.SECRET].json["password"] == "first"


@mock_secrets
def test_a_call_to_another_service_does_not_leave_the_machine():
    with pytest.raises(NetworkAccessRefused) as raised:
        boto3.client("sts").get_caller_identity()

    message = str(raised.value)
    assert message.startswith("mock_secrets refused a call to sts: POST https://sts.")
    assert __file__ in message
    assert "mock_secrets(passthrough=['sts'])" in message


def test_reports_show_no_secret(secrets_client, secrets_backend):
    secrets_client.create_secret(Name="db", SecretString="s3cret")

    (call,) = secrets_backend.calls
    assert call.params["SecretString"] == "s3cret"
    for shown in (call, secrets_backend.calls, secrets_backend, secrets_backend["db"], secrets_backend["db"].versions):
        assert "s3cret" not in repr(shown)
