"""What the page for those who come from moto says of both mocks is so."""

import json
from datetime import datetime, timedelta, timezone

import boto3
import freezegun
import pytest
from botocore.exceptions import ClientError
from pages import DOCS

from mock_secrets import NetworkAccessRefused, mock_secrets

moto = pytest.importorskip("moto", minversion="5.2")

PAGE = (DOCS / "moving-from-moto.md").read_text(encoding="utf-8")
ROWS = {row.split(" | ")[0].removeprefix("| "): row for row in PAGE.splitlines() if row.startswith("| ")}
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:rotator"
DENY = {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}


def code_of(call, **params):
    """The code of the error, or "accepted"."""
    try:
        call(**params)
    except ClientError as error:
        return error.response["Error"]["Code"]
    except NetworkAccessRefused:
        return "NetworkAccessRefused"
    return "accepted"


def status(client):
    with pytest.raises(ClientError) as raised:
        client.get_secret_value(SecretId="nope")
    return raised.value.response["ResponseMetadata"]["HTTPStatusCode"]


def rotate(client, **params):
    client.create_secret(Name="db", SecretString="s3cret")
    return code_of(client.rotate_secret, SecretId="db", **params)


def create(client, **params):
    return code_of(client.create_secret, **{"Name": "db", "SecretString": "s3cret", **params})


def replica(client):
    made = client.create_secret(Name="db", SecretString="s3cret", AddReplicaRegions=[{"Region": "eu-west-1"}])
    return made["ReplicationStatus"][0]["Status"]


def delete(client):
    client.create_secret(Name="db", SecretString="s3cret")
    client.delete_secret(SecretId="db")


def put_into_deleted(client):
    delete(client)
    return code_of(client.put_secret_value, SecretId="db", SecretString="new")


def tag_deleted(client):
    delete(client)
    return code_of(client.tag_resource, SecretId="db", Tags=[{"Key": "team", "Value": "shop"}])


def create_deleted(client):
    delete(client)
    return create(client)


def list_deleted(client):
    delete(client)
    with freezegun.freeze_time(datetime.now(timezone.utc) + timedelta(days=31)):
        return len(client.list_secrets(IncludePlannedDeletion=True)["SecretList"])


def message(client):
    delete(client)
    with pytest.raises(ClientError) as raised:
        client.get_secret_value(SecretId="db")
    return "  " in raised.value.response["Error"]["Message"]


def deprecated(client):
    client.create_secret(Name="db", SecretString="1")
    for value in "23":
        client.put_secret_value(SecretId="db", SecretString=value)
    return len(client.describe_secret(SecretId="db")["VersionIdsToStages"])


def put_policy(client, policy):
    client.create_secret(Name="db", SecretString="s3cret")
    return code_of(client.put_resource_policy, SecretId="db", ResourcePolicy=policy)


def read_denied(client):
    put_policy(client, json.dumps({"Version": "2012-10-17", "Statement": [DENY]}))
    return code_of(client.get_secret_value, SecretId="db")


def versions(client):
    client.create_secret(Name="db", SecretString="0")
    for value in range(1, 124):
        client.put_secret_value(SecretId="db", SecretString=str(value))
    with freezegun.freeze_time(datetime.now(timezone.utc) + timedelta(hours=25)):
        page = client.list_secret_version_ids(SecretId="db", IncludeDeprecated=True, MaxResults=100)
        found = len(page["Versions"])
        while page.get("NextToken"):
            page = client.list_secret_version_ids(SecretId="db", IncludeDeprecated=True, NextToken=page["NextToken"])
            found += len(page["Versions"])
        return found


# What is tried, what moto does, and what this mock does; by the row's first cell.
CASES = {
    "it expects HTTP status 404 for a missing secret": (status, 404, 400),
    "RotateSecret without a function": (rotate, "accepted", "InvalidRequestException"),
    "RotateSecret with a function of moto's Lambda": (
        lambda client: rotate(client, RotationLambdaARN=FUNCTION),
        "ResourceNotFoundException",
        "AccessDeniedException",
    ),
    "RotateSecret with `RotateImmediately=False` and no function": (
        lambda client: rotate(client, RotateImmediately=False, RotationRules={"AutomaticallyAfterDays": 30}),
        "accepted",
        "InvalidRequestException",
    ),
    '`KmsKeyId="dummy"`': (
        lambda client: create(client, KmsKeyId="dummy"),
        "accepted",
        "InvalidParameterException",
    ),
    "it reads ReplicationStatus from the answer of CreateSecret": (replica, "InSync", "InProgress"),
    "it stores a value in a deleted secret": (put_into_deleted, "accepted", "InvalidRequestException"),
    "it tags a deleted secret": (tag_deleted, "accepted", "InvalidRequestException"),
    "it creates a secret whose name is scheduled for deletion": (
        create_deleted,
        "ResourceExistsException",
        "InvalidRequestException",
    ),
    "it lists deleted secrets after their recovery window": (list_deleted, 1, 0),
    "it matches a message exactly": (message, True, False),
    "it expects deprecated versions in VersionIdsToStages": (deprecated, 3, 2),
    "it gives both SecretString and SecretBinary": (
        lambda client: create(client, SecretBinary=b"s3cret"),
        "accepted",
        "InvalidParameterException",
    ),
    "it uses a name with blanks": (lambda client: create(client, Name="a b"), "accepted", "ValidationException"),
    "it uses a tag whose key begins with `aws:`": (
        lambda client: create(client, Tags=[{"Key": "aws:team", "Value": "shop"}]),
        "accepted",
        "InvalidParameterException",
    ),
    "it stores a policy that is not JSON": (
        lambda client: put_policy(client, "none"),
        "accepted",
        "MalformedPolicyDocumentException",
    ),
    "it stores a policy that denies GetSecretValue, and reads": (read_denied, "accepted", "AccessDeniedException"),
    "it calls STS, S3 or another service": (
        lambda _: code_of(boto3.client("sts", region_name="us-east-1").get_caller_identity),
        "accepted",
        "NetworkAccessRefused",
    ),
    "it makes 124 versions": (versions, 124, 100),
}


@pytest.mark.parametrize(("what", "case"), CASES.items(), ids=CASES)
def test_moto_and_mock_secrets_behave_as_the_row_says(what, case):
    attempt, with_moto, here = case
    assert what in ROWS

    with moto.mock_aws():
        assert attempt(boto3.client("secretsmanager", region_name="us-east-1")) == with_moto
    with mock_secrets():
        assert attempt(boto3.client("secretsmanager")) == here


def test_every_row_of_the_moto_page_is_tested():
    assert set(ROWS) - {"what your test does", "---"} == set(CASES)
