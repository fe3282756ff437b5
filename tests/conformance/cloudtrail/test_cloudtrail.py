"""CloudTrail: one record for each call, whoever made it and however it ended."""

from datetime import datetime, timezone

import pytest
from botocore.config import Config
from conformance.callers import call
from conformance.cloudtrail.records import SECRETS, assert_holds_no_value, names, refused
from conformance.fidelity import behaviour
from conformance.raw import post, post_bytes
from conformance.rotation_functions import NAME, idle
from tables import rows

from mock_secrets import Limits, Rates
from mock_secrets.operations import OPERATIONS

V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ACCOUNT = "123456789012"
LAMBDA = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{NAME}"
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}'
ONCE = Config(retries={"total_max_attempts": 1})

BATCH = "BatchGetSecretValue"
TRAIL = "CloudTrail"
ENTRIES = "AWS Secrets Manager User Guide, CloudTrail entries"
STRATUS = "CloudTrail records in GitHub DataDog/stratus-red-team, docs/detonation-logs"
RELOADER = "a CloudTrail record in the documentation of External Secrets' reloader"
PANTHER = "CloudTrail records in the tests of GitHub panther-labs/panther-analysis"
UNKNOWN = "no source"
pytestmark = pytest.mark.mock_secrets(at=NOON)


# --- Every operation ---

# What is sent, and what is logged of it.
CALLS = {
    "BatchGetSecretValue": (
        {"Filters": [{"Key": "name", "Values": ["db"]}]},
        {"filters": [{"key": "name", "values": ["db"]}]},
    ),
    "CancelRotateSecret": ({"SecretId": "db"}, {"secretId": "db"}),
    "CreateSecret": (
        {
            "Name": "new",
            "ClientRequestToken": V3,
            "SecretString": SECRETS[2],
            "Tags": [{"Key": "team", "Value": "core"}],
            "AddReplicaRegions": [{"Region": "eu-west-1", "KmsKeyId": "alias/aws/secretsmanager"}],
        },
        {
            "name": "new",
            "clientRequestToken": V3,
            "tags": [{"key": "team", "value": "core"}],
            "addReplicaRegions": [{"region": "eu-west-1", "kmsKeyId": "alias/aws/secretsmanager"}],
        },
    ),
    "DeleteResourcePolicy": ({"SecretId": "db"}, {"secretId": "db"}),
    "DeleteSecret": ({"SecretId": "db", "RecoveryWindowInDays": 7}, {"secretId": "db", "recoveryWindowInDays": 7}),
    "DescribeSecret": ({"SecretId": "db"}, {"secretId": "db"}),
    "GetRandomPassword": (
        {"PasswordLength": 20, "ExcludeCharacters": '"@/'},
        {"passwordLength": 20, "excludeCharacters": '"@/'},
    ),
    "GetResourcePolicy": ({"SecretId": "db"}, {"secretId": "db"}),
    "GetSecretValue": (
        {"SecretId": "db", "VersionId": V2, "VersionStage": "AWSCURRENT"},
        {"secretId": "db", "versionId": V2, "versionStage": "AWSCURRENT"},
    ),
    "ListSecretVersionIds": (
        {"SecretId": "db", "IncludeDeprecated": True, "MaxResults": 5},
        {"secretId": "db", "includeDeprecated": True, "maxResults": 5},
    ),
    "ListSecrets": (
        {"Filters": [{"Key": "name", "Values": ["d"]}], "MaxResults": 100},
        {"filters": [{"key": "name", "values": ["d"]}], "maxResults": 100},
    ),
    "PutResourcePolicy": (
        {"SecretId": "db", "ResourcePolicy": POLICY},
        {"secretId": "db", "resourcePolicy": POLICY},
    ),
    "PutSecretValue": (
        {"SecretId": "db", "ClientRequestToken": V3, "SecretBinary": SECRETS[3].encode(), "VersionStages": ["BLUE"]},
        {"secretId": "db", "clientRequestToken": V3, "versionStages": ["BLUE"]},
    ),
    "RemoveRegionsFromReplication": (
        {"SecretId": "copied", "RemoveReplicaRegions": ["eu-west-1"]},
        {"secretId": "copied", "removeReplicaRegions": ["eu-west-1"]},
    ),
    "ReplicateSecretToRegions": (
        {"SecretId": "db", "AddReplicaRegions": [{"Region": "eu-west-1"}]},
        {"secretId": "db", "addReplicaRegions": [{"region": "eu-west-1"}]},
    ),
    "RestoreSecret": ({"SecretId": "deleted"}, {"secretId": "deleted"}),
    "RotateSecret": (
        {
            "SecretId": "db",
            "ClientRequestToken": V3,
            "RotationLambdaARN": LAMBDA,
            "RotationRules": {"AutomaticallyAfterDays": 7},
            "RotateImmediately": False,
        },
        {
            "secretId": "db",
            "clientRequestToken": V3,
            "rotationLambdaARN": LAMBDA,
            "rotationRules": {"automaticallyAfterDays": 7},
            "rotateImmediately": False,
        },
    ),
    "StopReplicationToReplica": ({"SecretId": "copy"}, {"secretId": "copy"}),
    "TagResource": (
        {"SecretId": "db", "Tags": [{"Key": "team", "Value": "core"}]},
        {"secretId": "db", "tags": [{"key": "team", "value": "core"}]},
    ),
    "UntagResource": ({"SecretId": "db", "TagKeys": ["team"]}, {"secretId": "db", "tagKeys": ["team"]}),
    "UpdateSecret": (
        {"SecretId": "db", "ClientRequestToken": V3, "SecretString": SECRETS[2], "Description": "of the app"},
        {"secretId": "db", "clientRequestToken": V3, "description": "of the app"},
    ),
    "UpdateSecretVersionStage": (
        {"SecretId": "db", "VersionStage": "GREEN", "MoveToVersionId": V2},
        {"secretId": "db", "versionStage": "GREEN", "moveToVersionId": V2},
    ),
    "ValidateResourcePolicy": ({"ResourcePolicy": POLICY}, {"resourcePolicy": POLICY}),
}


@pytest.fixture
def all_there(client, elsewhere, secrets_backend, db):
    """What each operation of the table needs to succeed."""
    secrets_backend.register_rotation_lambda(NAME, idle)
    client.create_secret(Name="copied", SecretString=SECRETS[0], AddReplicaRegions=[{"Region": "eu-west-1"}])
    client.create_secret(Name="deleted", SecretString=SECRETS[0])
    client.delete_secret(SecretId="deleted")
    elsewhere.create_secret(Name="copy", SecretString=SECRETS[0], AddReplicaRegions=[{"Region": "us-east-1"}])


def test_the_record_table_covers_every_operation():
    of_newer_models = {"AssociateCrossAccountReplica", "DisassociateCrossAccountReplica", "ListResourcePolicies"}

    assert set(CALLS) == set(OPERATIONS) - of_newer_models


@behaviour(TRAIL, "the event names are the operations' names", "AWS-DOC", ENTRIES)
@behaviour(TRAIL, "the parameters' names begin with a small letter, at every depth", "AWS-VERIFIED", STRATUS)
@behaviour(TRAIL, "secret values are left out of the parameters", "REPORTED", RELOADER)
@rows("operation", [*CALLS])
def test_each_operation_leaves_one_record(client, trail, all_there, operation):
    sent, logged = CALLS[operation]
    before = len(trail)

    answer = call(client, operation, **sent)

    record, *parts = [record for record in trail[before:] if record["eventType"] == "AwsApiCall"]
    assert {part["eventName"] for part in parts} == ({"GetSecretValue"} if operation == BATCH else set())
    assert (record["eventName"], record["eventSource"]) == (operation, "secretsmanager.amazonaws.com")
    assert record["eventVersion"] == "1.09"
    assert record["requestParameters"] == logged
    assert record["requestID"] == answer["ResponseMetadata"]["RequestId"]
    assert record["eventTime"] == "2026-03-01T12:00:00Z"
    assert "errorCode" not in record
    assert_holds_no_value(trail)


@behaviour(TRAIL, "requestParameters is null for a call without parameters", "GUESS", UNKNOWN, decided_by="CloudTrail")
def test_a_call_without_parameters_has_null_request_parameters(client, trail):
    client.list_secrets()

    assert trail[0]["requestParameters"] is None


@behaviour(TRAIL, "a read has no responseElements, and is readOnly", "AWS-VERIFIED", STRATUS)
def test_responses_of_read_operations_are_not_logged(client, trail, db):
    client.get_secret_value(SecretId="db")
    client.batch_get_secret_value(SecretIdList=["db"])
    client.get_random_password()

    assert [(record["responseElements"], record["readOnly"]) for record in trail] == [(None, True)] * 4
    assert_holds_no_value(trail)


def test_event_ids_are_unique_and_stable(client, trail):
    for _ in range(3):
        client.list_secrets()

    ids = [record["eventID"] for record in trail]
    assert len(set(ids)) == 3
    assert [record["eventID"] for record in trail] == ids


# --- Calls that failed ---


@behaviour(TRAIL, "a failed call has errorCode and errorMessage, and no responseElements", "REPORTED", PANTHER)
@behaviour(TRAIL, "the record of a call to a deleted secret says so", "AWS-VERIFIED", PANTHER)
@rows(
    "secret_id, error",
    [
        ("nothing", ("ResourceNotFoundException", "can't find the specified secret")),
        ("db", ("InvalidRequestException", "secret because it was marked for deletion")),
    ],
)
def test_a_call_for_a_missing_or_deleted_secret_is_logged(client, trail, db, secret_id, error):
    client.delete_secret(SecretId="db")

    answer = refused(client, "GetSecretValue", SecretId=secret_id)

    (record,) = trail.lookup(name="GetSecretValue")
    code, sentence = error
    assert record["errorCode"] == code
    assert sentence in record["errorMessage"] == answer["Error"]["Message"]
    assert record["requestParameters"] == {"secretId": secret_id}
    assert record["responseElements"] is None
    assert record["requestID"] == answer["ResponseMetadata"]["RequestId"]


@behaviour(
    TRAIL, "the record of a denied call has AccessDenied, although the answer's code is longer", "AWS-VERIFIED", STRATUS
)
@rows("operation", [*CALLS])
def test_a_denied_call_is_logged_as_access_denied(secrets_backend, trail, all_there, operation):
    ann = secrets_backend.iam.create_user("ann")
    sent, logged = CALLS[operation]

    answer = refused(ann.client(config=ONCE), operation, **sent)

    assert answer["Error"]["Code"] == "AccessDeniedException"
    (record,) = trail.lookup(principal="ann")
    assert (record["eventName"], record["errorCode"]) == (operation, "AccessDenied")
    assert record["errorMessage"] == answer["Error"]["Message"]
    assert record["requestParameters"] == logged
    assert (record["userIdentity"]["arn"], record["responseElements"]) == (ann.arn, None)
    assert trail.lookup(error="AccessDeniedException") == trail.lookup(error="AccessDenied") == [record]
    assert_holds_no_value(trail)


@behaviour(TRAIL, "a throttled call is logged", "GUESS", UNKNOWN, decided_by="many calls")
@pytest.mark.mock_secrets(limits=Limits(rates=Rates(versions=1)))
@pytest.mark.usefixtures("without_retries")
def test_a_throttled_call_is_logged(client, trail, db):
    client.put_secret_value(SecretId="db", SecretString=SECRETS[2], ClientRequestToken=V3)

    answer = refused(client, "PutSecretValue", SecretId="db", SecretString=SECRETS[3], ClientRequestToken=V4)

    record = trail[-1]
    assert (record["errorCode"], record["errorMessage"]) == ("ThrottlingException", "Rate exceeded")
    assert record["requestParameters"] == {"secretId": "db", "clientRequestToken": V4}
    assert record["requestID"] == answer["ResponseMetadata"]["RequestId"]
    assert_holds_no_value(trail)


@behaviour(TRAIL, "a call that breaks a constraint is logged", "GUESS", UNKNOWN, decided_by="CloudTrail")
@rows(
    "wrong",
    [
        {"SecretString": SECRETS[0], "ClientRequestToken": "short"},
        {"SecretString": SECRETS[0] * 6_000},
        {"SecretString": SECRETS[0], "SecretBinary": SECRETS[3].encode()},
        {"SecretBinary": SECRETS[3].encode() * 6_000},
    ],
)
def test_a_call_that_breaks_a_constraint(unchecked, trail, wrong):
    answer = refused(unchecked, "CreateSecret", **{"Name": "new", "ClientRequestToken": V3, **wrong})

    (record,) = trail
    assert record["errorCode"] == answer["Error"]["Code"]
    assert record["errorMessage"] == answer["Error"]["Message"]
    assert set(record["requestParameters"]) == {"name", "clientRequestToken"}
    assert_holds_no_value(trail)


@behaviour(TRAIL, "a call whose body can't be read is logged", "GUESS", UNKNOWN, decided_by="CloudTrail")
@rows(
    "body",
    [
        {"Name": "new", "SecretString": [SECRETS[0]]},
        {"Name": "new", "SecretString": {"password": SECRETS[0]}},
        {"Name": "new", "SecretBinary": SECRETS[3]},
        {"Name": "new", "SecretBinary": {"password": SECRETS[3]}},
        {"Name": "new", "secretString": SECRETS[0]},
        {"Name": "new", "Tags": [{"Key": "a", "Value": "b", "SecretString": SECRETS[0]}]},
        {"Name": "new", "Tags": "none", "SecretString": SECRETS[0]},
    ],
)
def test_no_sent_value_is_ever_logged(secrets_backend, trail, body):
    post("CreateSecret", {"ClientRequestToken": V3, **body})

    assert names(trail) == ["CreateSecret"]
    assert_holds_no_value(trail)


def test_a_body_that_is_not_json_is_logged_without_parameters(secrets_backend, trail):
    post_bytes(SECRETS[0].encode(), **{"X-Amz-Target": "secretsmanager.CreateSecret"})

    (record,) = trail
    assert (record["eventName"], record["requestParameters"]) == ("CreateSecret", None)
    assert record["errorCode"] == "SerializationException"
    assert_holds_no_value(trail)


@behaviour(TRAIL, "each retry has a record of its own", "GUESS", UNKNOWN, decided_by="CloudTrail")
@pytest.mark.mock_secrets(limits=Limits(rates=Rates(read=1)))
def test_each_retry_has_its_own_record(secrets_backend, trail, db):
    client = secrets_backend.client(config=Config(retries={"total_max_attempts": 5, "mode": "standard"}))
    client.get_secret_value(SecretId="db")

    answer = client.get_secret_value(SecretId="db")

    retries = answer["ResponseMetadata"]["RetryAttempts"]
    assert [record.get("errorCode") for record in trail] == [None, *["ThrottlingException"] * retries, None]
    assert len({record["requestID"] for record in trail}) == retries + 2
    assert trail[-1]["requestID"] == answer["ResponseMetadata"]["RequestId"]


# --- What is no call ---


def test_direct_access_leaves_no_record(secrets_backend, trail):
    secrets_backend.create("db", SECRETS[0])
    secrets_backend["db"].update(SECRETS[1])
    secrets_backend["db"].put(SECRETS[2], stages=["BLUE"])
    secrets_backend.create_managed_secret("rds", "rds!db-1", SECRETS[0])
    with pytest.raises(Exception, match="exists"):
        secrets_backend.create("db", SECRETS[0])

    assert list(trail) == []


@behaviour(
    TRAIL,
    "an unsigned call, or one to an unknown operation, leaves no record",
    "GUESS",
    UNKNOWN,
    decided_by="CloudTrail",
)
@rows(
    "send",
    [
        lambda: post_bytes(b"{}", signed=False, **{"X-Amz-Target": "secretsmanager.ListSecrets"}),
        lambda: post("MakeCoffee", {}),
        lambda: post("listSecrets", {}),
        lambda: post_bytes(b"{}"),
    ],
)
def test_a_request_outside_the_api_leaves_no_record(secrets_backend, trail, send):
    assert send().status_code >= 400

    assert len(secrets_backend.calls) == 1
    assert list(trail) == []


def test_a_request_that_boto3_refuses_leaves_no_record(client, trail):
    with pytest.raises(Exception, match="SecretId"):
        client.get_secret_value()

    assert list(trail) == []


@pytest.mark.in_process
def test_an_unanswered_call_is_not_logged_as_successful(client, trail, monkeypatch):
    """What this library does not support is refused with an error of its own, and nothing was read by anybody."""
    monkeypatch.setattr("mock_secrets.service.path.OPERATIONS", {})

    with pytest.raises(NotImplementedError, match="The call is refused"):
        client.list_secrets()

    assert [record for record in trail if "errorCode" not in record] == []
