"""Secrets of other accounts and in other regions."""

import pytest
from conformance.fidelity import behaviour
from conformance.policies import let_in
from conformance.raw import members, snapshot
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
THEIRS = "111122223333"
PLACES = "Any operation: accounts and regions"
NOT_FOUND = "Secrets Manager can't find the specified secret."
DEFAULT_KEY = (
    "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS service key."
)
CUSTOMER_KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

CROSS_ACCOUNT = "LocalStack AWS-validated test test_cross_account_access"
OTHER_KEY = "LocalStack AWS-validated test test_cross_account_access_non_default_key"


# --- Regions ---


@behaviour(PLACES, "a name belongs to one account and Region", "AWS-VERIFIED", "LocalStack AWS-validated tests")
def test_a_name_is_unique_to_its_region(client, elsewhere):
    here = client.create_secret(Name="db", SecretString="here", ClientRequestToken=V1)["ARN"]

    there = elsewhere.create_secret(Name="db", SecretString="there", ClientRequestToken=V1)["ARN"]

    assert (here.split(":")[3], there.split(":")[3]) == ("us-east-1", "eu-west-1")
    assert client.get_secret_value(SecretId="db")["SecretString"] == "here"
    assert elsewhere.get_secret_value(SecretId="db")["SecretString"] == "there"


@behaviour(
    PLACES,
    "the client's Region counts, not the ARN's: a secret of another Region is not found",
    "REPORTED",
    "GitHub aws/aws-cli#3474, aws/aws-sdk-js-v3#7278, DataDog/datadog-lambda-js#639",
)
@rows("operation", ["describe_secret", "get_secret_value", "update_secret"])
def test_an_arn_of_another_region_is_not_found(client, elsewhere, operation):
    here = client.create_secret(Name="db", SecretString="here")["ARN"]
    elsewhere.create_secret(Name="db", SecretString="there")

    with pytest.raises(elsewhere.exceptions.ResourceNotFoundException) as caught:
        getattr(elsewhere, operation)(SecretId=here)

    assert caught.value.response["Error"]["Message"] == NOT_FOUND


@behaviour(PLACES, "a name in another Region is not found", "AWS-VERIFIED", "LocalStack AWS-validated tests")
def test_a_name_of_another_region_is_not_found(client, elsewhere):
    client.create_secret(Name="db", SecretString="here")

    with pytest.raises(elsewhere.exceptions.ResourceNotFoundException) as caught:
        elsewhere.get_secret_value(SecretId="db")

    assert caught.value.response["Error"]["Message"] == NOT_FOUND


# --- Accounts ---


@behaviour(PLACES, "the ARN of a new secret names the caller's account", "AWS-VERIFIED", CROSS_ACCOUNT)
def test_a_secret_belongs_to_the_account_of_its_creator(client, stranger):
    client.create_secret(Name="db", SecretString="mine")

    arn = stranger.create_secret(Name="db", SecretString="theirs")["ARN"]

    assert arn.startswith("arn:aws:secretsmanager:us-east-1:111122223333:secret:db-")
    assert stranger.get_secret_value(SecretId="db")["SecretString"] == "theirs"
    assert client.get_secret_value(SecretId="db")["SecretString"] == "mine"


@behaviour(PLACES, "another account's secret can't be named by its name", "AWS-DOC", "AWS API reference, SecretId")
@rows("operation", ["describe_secret", "get_secret_value", "update_secret"])
def test_a_name_refers_only_to_the_callers_own_secrets(client, stranger, operation):
    client.create_secret(Name="db", SecretString="mine", KmsKeyId=CUSTOMER_KEY)

    with pytest.raises(stranger.exceptions.ResourceNotFoundException) as caught:
        getattr(stranger, operation)(SecretId="db")

    assert caught.value.response["Error"]["Message"] == NOT_FOUND


@behaviour("DescribeSecret", "works on another account's secret by its ARN", "AWS-VERIFIED", CROSS_ACCOUNT)
def test_another_accounts_secret_can_be_described(client, stranger):
    arn = client.create_secret(Name="db", SecretString="mine")["ARN"]
    let_in(client, THEIRS)

    assert members(stranger.describe_secret(SecretId=arn)) == members(client.describe_secret(SecretId="db"))
    assert stranger.describe_secret(SecretId=arn[:-7])["ARN"] == arn


@behaviour(
    "GetSecretValue",
    "another account's secret under the default key: InvalidRequestException",
    "AWS-VERIFIED",
    CROSS_ACCOUNT,
)
@behaviour(
    "PutSecretValue",
    "another account's secret under the default key: InvalidRequestException",
    "AWS-VERIFIED",
    CROSS_ACCOUNT,
)
@rows(
    "call",
    [
        lambda client, arn: client.get_secret_value(SecretId=arn),
        lambda client, arn: client.put_secret_value(SecretId=arn, SecretString="theirs"),
    ],
)
@rows("key", [{}, {"KmsKeyId": ""}, {"KmsKeyId": "alias/aws/secretsmanager"}])
def test_the_default_key_is_not_accessible_to_another_account(client, stranger, secrets_backend, call, key):
    arn = client.create_secret(Name="db", SecretString="mine", **key)["ARN"]
    let_in(client, THEIRS)
    before = snapshot(secrets_backend)

    with pytest.raises(stranger.exceptions.InvalidRequestException) as caught:
        call(stranger, arn)

    assert caught.value.response["Error"]["Message"] == DEFAULT_KEY
    assert snapshot(secrets_backend) == before


@behaviour(
    "UpdateSecret",
    "another account's secret under the default key takes no value, and nothing is applied",
    "AWS-DOC",
    "botocore service model, UpdateSecret$KmsKeyId: aws/secretsmanager needs credentials of the secret's own account",
)
@behaviour(
    "UpdateSecret",
    "a value for another account's secret under the default key: the code is InvalidRequestException",
    "GUESS",
    "recorded for GetSecretValue and PutSecretValue",
    decided_by="a second account",
)
def test_another_account_cannot_update_a_value_under_the_default_key(client, stranger, secrets_backend):
    arn = client.create_secret(Name="db", SecretString="mine")["ARN"]
    let_in(client, THEIRS)
    before = snapshot(secrets_backend)

    with pytest.raises(stranger.exceptions.InvalidRequestException):
        stranger.update_secret(SecretId=arn, SecretString="theirs", Description="theirs", KmsKeyId=CUSTOMER_KEY)

    assert snapshot(secrets_backend) == before


@behaviour(
    "UpdateSecret",
    "another account can update a description under the default key, which only values need",
    "GUESS",
    "the recorded refusals are all of value operations",
    decided_by="a second account",
)
def test_another_account_can_update_a_description(client, stranger):
    arn = client.create_secret(Name="db", SecretString="mine")["ARN"]
    let_in(client, THEIRS)

    answer = stranger.update_secret(SecretId=arn, Description="theirs")

    assert members(answer) == {"ARN": arn, "Name": "db"}
    assert client.describe_secret(SecretId="db")["Description"] == "theirs"


@behaviour("GetSecretValue", "another account's secret under a customer key can be read", "AWS-VERIFIED", OTHER_KEY)
@behaviour("PutSecretValue", "another account's secret under a customer key takes a value", "AWS-VERIFIED", OTHER_KEY)
@behaviour(
    "UpdateSecret",
    "another account can store a value under a customer managed key",
    "AWS-DOC",
    "botocore service model, UpdateSecret$KmsKeyId: the caller needs 'permissions to both the secret and the KMS key'",
)
@rows("write, labels", [("put_secret_value", {"VersionStages": ["AWSCURRENT"]}), ("update_secret", {})])
def test_a_customer_key_is_accessible_to_another_account(client, stranger, write, labels):
    arn = client.create_secret(Name="db", SecretString="mine", KmsKeyId=CUSTOMER_KEY)["ARN"]
    let_in(client, THEIRS)

    answer = getattr(stranger, write)(SecretId=arn, SecretString="theirs", ClientRequestToken=V2)

    assert members(answer) == {"ARN": arn, "Name": "db", "VersionId": V2} | labels
    assert stranger.get_secret_value(SecretId=arn)["SecretString"] == "theirs"
    assert client.get_secret_value(SecretId="db")["SecretString"] == "theirs"


@behaviour(
    "GetSecretValue",
    "a key that is out of reach is reported before a missing version",
    "GUESS",
    "order of the recorded cases",
    decided_by="a second account",
)
@behaviour(
    "UpdateSecret",
    "a key that is out of reach is reported before a token in use",
    "GUESS",
    "order of the recorded cases",
    decided_by="a second account",
)
@rows(
    "operation, asked",
    [
        ("get_secret_value", {"VersionId": V2}),
        ("update_secret", {"SecretString": "theirs", "ClientRequestToken": V1}),
        ("put_secret_value", {"SecretString": "theirs", "ClientRequestToken": V1}),
    ],
)
def test_the_key_is_checked_before_the_version_or_the_token(client, stranger, operation, asked):
    arn = client.create_secret(Name="db", SecretString="mine", ClientRequestToken=V1)["ARN"]
    let_in(client, THEIRS)

    with pytest.raises(stranger.exceptions.InvalidRequestException):
        getattr(stranger, operation)(SecretId=arn, **asked)
