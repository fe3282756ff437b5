"""Several accounts and regions in one test: each has its own secrets, as on AWS."""

import boto3
import pytest

from mock_secrets import mock_secrets

OTHER_ACCOUNT = "444455556666"


def test_each_region_has_its_own_secrets(secrets_backend):
    frankfurt = boto3.client("secretsmanager", region_name="eu-central-1")
    ireland = boto3.client("secretsmanager", region_name="eu-west-1")
    frankfurt.create_secret(Name="db", SecretString="s3cret")

    with pytest.raises(ireland.exceptions.ResourceNotFoundException):
        ireland.get_secret_value(SecretId="db")

    assert secrets_backend.secret("db", region="eu-central-1").value == "s3cret"


def test_each_account_has_its_own_secrets(secrets_client, secrets_backend):
    theirs = secrets_backend.session(account_id=OTHER_ACCOUNT).client("secretsmanager")
    theirs.create_secret(Name="db", SecretString="theirs")

    secrets_client.create_secret(Name="db", SecretString="ours")

    assert theirs.get_secret_value(SecretId="db")["SecretString"] == "theirs"
    assert secrets_backend["db"].value == "ours"


def test_an_arn_names_its_account_and_region(secrets_backend):
    secret = secrets_backend.create("db", "s3cret", account_id=OTHER_ACCOUNT, region="eu-west-1")

    assert secret.arn.startswith(f"arn:aws:secretsmanager:eu-west-1:{OTHER_ACCOUNT}:secret:db-")


@mock_secrets(region="us-east-1")
def test_a_secret_is_not_found_in_a_region_that_its_arn_does_not_name(secrets_client, secrets_backend):
    secret = secrets_backend.create("db", "s3cret", region="eu-west-1")

    with pytest.raises(secrets_client.exceptions.ResourceNotFoundException):
        secrets_client.get_secret_value(SecretId=secret.arn)


def test_a_call_records_its_account_and_region(secrets_backend):
    session = secrets_backend.session(account_id=OTHER_ACCOUNT, region="eu-west-1")

    session.client("secretsmanager").create_secret(Name="db", SecretString="s3cret")

    (call,) = secrets_backend.calls
    assert (call.account_id, call.region) == (OTHER_ACCOUNT, "eu-west-1")


@mock_secrets(region="cn-north-1", account_id=OTHER_ACCOUNT)
def test_the_mock_itself_can_be_another_account_in_another_partition():
    answer = boto3.client("secretsmanager").create_secret(Name="db", SecretString="s3cret")

    assert answer["ARN"].startswith(f"arn:aws-cn:secretsmanager:cn-north-1:{OTHER_ACCOUNT}:secret:db-")
