"""CloudTrail: one record for each call, whoever made it and however it ended."""

import gzip
import json
from datetime import datetime, timedelta, timezone

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from conformance.callers import call
from conformance.fidelity import behaviour
from conformance.raw import post, post_bytes
from conformance.rotation_functions import NAME, idle

from mock_secrets import Limits, Rates
from mock_secrets.operations import OPERATIONS

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ACCOUNT, OTHER_ACCOUNT = "123456789012", "111122223333"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:user/administrator"
LAMBDA = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{NAME}"
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}'
READS = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue", "kms:Decrypt"], "Resource": "*"},
}
ONCE = Config(retries={"total_max_attempts": 1})

BATCH = "BatchGetSecretValue"
TRAIL = "CloudTrail"
ENTRIES = "AWS Secrets Manager User Guide, CloudTrail entries"
STRATUS = "CloudTrail records published with Stratus Red Team"
RELOADER = "CloudTrail record published with External Secrets' reloader"
PANTHER = "CloudTrail records published with Panther's rules"
UNKNOWN = "no record of it was found"

SECRETS = ["f1rst-value", "s3cond-value", "th1rd-value", "b1nary-value"]

pytestmark = pytest.mark.mock_secrets(at=NOON)


@pytest.fixture
def trail(secrets_backend):
    return secrets_backend.cloudtrail


@pytest.fixture
def db(secrets_backend):
    """A secret "db" with a current and a previous version, made through the direct door."""
    stored = secrets_backend.create("db", SECRETS[0], token=V1)
    stored.put(SECRETS[1], token=V2)
    return stored.arn


def names(records):
    return [record["eventName"] for record in records]


def refused(client, operation, **request):
    """The answer of a call that is refused."""
    with pytest.raises(ClientError) as caught:
        call(client, operation, **request)
    return caught.value.response


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
def all_there(client, secrets_backend, db):
    """What each operation of the table needs to succeed."""
    secrets_backend.register_rotation_lambda(NAME, idle)
    client.create_secret(Name="copied", SecretString=SECRETS[0], AddReplicaRegions=[{"Region": "eu-west-1"}])
    client.create_secret(Name="deleted", SecretString=SECRETS[0])
    client.delete_secret(SecretId="deleted")
    elsewhere = secrets_backend.client(region_name="eu-west-1")
    elsewhere.create_secret(Name="copy", SecretString=SECRETS[0], AddReplicaRegions=[{"Region": "us-east-1"}])


def test_the_table_has_every_operation():
    assert set(CALLS) == set(OPERATIONS)


@behaviour(TRAIL, "the event names are the operations' names", "AWS-DOC", ENTRIES)
@behaviour(TRAIL, "the parameters' names begin with a small letter, at every depth", "AWS-VERIFIED", STRATUS)
@behaviour(TRAIL, "secret values are left out of the parameters", "REPORTED", RELOADER)
@pytest.mark.parametrize("operation", CALLS)
def test_each_operation_leaves_one_record(client, trail, all_there, operation):
    sent, logged = CALLS[operation]
    before = len(trail)

    answer = call(client, operation, **sent)

    record, *parts = [record for record in trail[before:] if record["eventType"] == "AwsApiCall"]
    assert {part["eventName"] for part in parts} == ({"GetSecretValue"} if operation == BATCH else set())
    assert (record["eventName"], record["eventSource"]) == (operation, "secretsmanager.amazonaws.com")
    assert record["requestParameters"] == logged
    assert record["requestID"] == answer["ResponseMetadata"]["RequestId"]
    assert record["eventTime"] == "2026-03-01T12:00:00Z"
    assert "errorCode" not in record
    assert_holds_no_value(trail)


def assert_holds_no_value(trail):
    whole = json.dumps(list(trail))
    assert not any(value in whole for value in SECRETS)


@behaviour(TRAIL, "without parameters requestParameters is null", "GUESS", UNKNOWN)
def test_no_parameters(client, trail):
    client.list_secrets()

    assert trail[0]["requestParameters"] is None


@behaviour(TRAIL, "a read has no responseElements, and is readOnly", "AWS-VERIFIED", STRATUS)
def test_nothing_of_an_answer_that_reads_is_logged(client, trail, db):
    client.get_secret_value(SecretId="db")
    client.batch_get_secret_value(SecretIdList=["db"])
    client.get_random_password()

    assert [(record["responseElements"], record["readOnly"]) for record in trail] == [(None, True)] * 4
    assert_holds_no_value(trail)


@behaviour(TRAIL, "of PutSecretValue the secret's ARN is logged as the answer", "REPORTED", RELOADER)
def test_the_answer_of_a_write(client, trail, db):
    client.put_secret_value(SecretId="db", SecretString=SECRETS[2])

    assert (trail[0]["responseElements"], trail[0]["readOnly"]) == ({"arn": db}, False)


@behaviour(TRAIL, "of DeleteSecret name, deletionDate and ARN are logged as the answer", "AWS-DOC", f"{ENTRIES}, 2018")
def test_the_answer_of_delete_secret(client, trail, db):
    client.delete_secret(SecretId="db", RecoveryWindowInDays=30)

    (record,) = trail.lookup(name="DeleteSecret")
    assert record["responseElements"] == {"name": "db", "deletionDate": "Mar 31, 2026 12:00:00 PM", "arn": db}


@behaviour(TRAIL, "each record says how, where and what it is", "AWS-VERIFIED", STRATUS)
def test_the_rest_of_a_record(client, trail, db):
    client.get_secret_value(SecretId="db")

    (record,) = trail
    assert record["eventVersion"] == "1.09"
    assert record["eventType"] == "AwsApiCall"
    assert record["eventCategory"] == "Management"
    assert record["managementEvent"] is True
    assert record["recipientAccountId"] == ACCOUNT


def test_ids_of_events_differ_and_stay(client, trail):
    for _ in range(3):
        client.list_secrets()

    ids = [record["eventID"] for record in trail]
    assert len(set(ids)) == 3
    assert [record["eventID"] for record in trail] == ids


# --- Calls that failed ---


@behaviour(TRAIL, "a failed call has errorCode and errorMessage, and no responseElements", "REPORTED", PANTHER)
def test_a_call_for_what_is_not_there(client, trail):
    answer = refused(client, "GetSecretValue", SecretId="nothing")

    (record,) = trail
    assert record["errorCode"] == "ResourceNotFoundException"
    assert record["errorMessage"] == answer["Error"]["Message"]
    assert record["requestParameters"] == {"secretId": "nothing"}
    assert record["responseElements"] is None
    assert record["requestID"] == answer["ResponseMetadata"]["RequestId"]


@behaviour(TRAIL, "the record of a deleted secret says so", "AWS-VERIFIED", PANTHER)
def test_a_call_for_a_deleted_secret(client, trail, db):
    client.delete_secret(SecretId="db")

    refused(client, "GetSecretValue", SecretId="db")

    (record,) = trail.lookup(name="GetSecretValue")
    assert record["errorCode"] == "InvalidRequestException"
    assert "secret because it was marked for deletion" in record["errorMessage"]


@behaviour(TRAIL, "the record of a denied call says AccessDenied, where the answer says more", "AWS-VERIFIED", STRATUS)
@pytest.mark.parametrize("operation", CALLS)
def test_a_denied_call(secrets_backend, trail, all_there, operation):
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


@behaviour(TRAIL, "a throttled call is logged", "GUESS", UNKNOWN)
@pytest.mark.mock_secrets(limits=Limits(rates=Rates(versions=1)))
@pytest.mark.usefixtures("without_retries")
def test_a_throttled_call(client, trail, db):
    client.put_secret_value(SecretId="db", SecretString=SECRETS[2], ClientRequestToken=V3)

    answer = refused(client, "PutSecretValue", SecretId="db", SecretString=SECRETS[3], ClientRequestToken=V4)

    record = trail[-1]
    assert (record["errorCode"], record["errorMessage"]) == ("ThrottlingException", "Rate exceeded")
    assert record["requestParameters"] == {"secretId": "db", "clientRequestToken": V4}
    assert record["requestID"] == answer["ResponseMetadata"]["RequestId"]
    assert_holds_no_value(trail)


@behaviour(TRAIL, "a call that breaks a constraint is logged", "GUESS", UNKNOWN)
@pytest.mark.parametrize(
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


@behaviour(TRAIL, "a call whose body can't be read is logged", "GUESS", UNKNOWN)
@pytest.mark.parametrize(
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
def test_whatever_is_sent_no_value_is_logged(secrets_backend, trail, body):
    post("CreateSecret", {"ClientRequestToken": V3, **body})

    assert names(trail) == ["CreateSecret"]
    assert_holds_no_value(trail)


def test_a_body_that_is_no_json_is_logged_without_parameters(secrets_backend, trail):
    post_bytes(SECRETS[0].encode(), **{"X-Amz-Target": "secretsmanager.CreateSecret"})

    (record,) = trail
    assert (record["eventName"], record["requestParameters"]) == ("CreateSecret", None)
    assert record["errorCode"] == "SerializationException"
    assert_holds_no_value(trail)


@behaviour(TRAIL, "each retry is a record of its own", "GUESS", UNKNOWN)
@pytest.mark.mock_secrets(limits=Limits(rates=Rates(read=1)))
def test_retries_are_records_of_their_own(secrets_backend, trail, db, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: secrets_backend.clock.advance(milliseconds=400))
    client = secrets_backend.client(config=Config(retries={"total_max_attempts": 5, "mode": "standard"}))
    client.get_secret_value(SecretId="db")

    answer = client.get_secret_value(SecretId="db")

    assert [record.get("errorCode") for record in trail] == [None, *["ThrottlingException"] * 3, None]
    assert len({record["requestID"] for record in trail}) == 5
    assert trail[-1]["requestID"] == answer["ResponseMetadata"]["RequestId"]


# --- What is no call ---


def test_the_direct_door_leaves_no_record(secrets_backend, trail):
    secrets_backend.create("db", SECRETS[0])
    secrets_backend["db"].update(SECRETS[1])
    secrets_backend["db"].put(SECRETS[2], stages=["BLUE"])
    secrets_backend.create_managed_secret("rds", "rds!db-1", SECRETS[0])

    assert list(trail) == []


def test_a_refusal_of_the_direct_door_leaves_no_record(secrets_backend, trail, db):
    with pytest.raises(Exception, match="exists"):
        secrets_backend.create("db", SECRETS[0])

    assert list(trail) == []


@behaviour(TRAIL, "a call that nobody signed, or of an operation that there is not, is none", "GUESS", UNKNOWN)
@pytest.mark.parametrize(
    "send",
    [
        lambda: post_bytes(b"{}", signed=False, **{"X-Amz-Target": "secretsmanager.ListSecrets"}),
        lambda: post("MakeCoffee", {}),
        lambda: post("listSecrets", {}),
        lambda: post_bytes(b"{}"),
    ],
    ids=["unsigned", "unknown", "misspelt", "without a target"],
)
def test_what_is_no_call_of_the_api_leaves_no_record(secrets_backend, trail, send):
    assert send().status_code >= 400

    assert len(secrets_backend.calls) == 1
    assert list(trail) == []


def test_a_request_that_boto3_refuses_leaves_no_record(client, trail):
    with pytest.raises(Exception, match="SecretId"):
        client.get_secret_value()

    assert list(trail) == []


def test_a_call_that_was_not_answered_is_not_logged_as_one_that_succeeded(client, trail, monkeypatch):
    """What this library does not support is refused with an error of its own, and nothing was read by anybody."""
    monkeypatch.setattr("mock_secrets.service.path.OPERATIONS", {})

    with pytest.raises(NotImplementedError, match="It was not answered"):
        client.list_secrets()

    assert [record for record in trail if "errorCode" not in record] == []


# --- Who, from where ---


@behaviour(TRAIL, "a user is told with its name, key and unique id", "AWS-VERIFIED", PANTHER)
def test_a_users_call(secrets_backend, trail, db):
    ann = secrets_backend.iam.create_user("ann", READS)
    session = ann.session()

    session.client("secretsmanager").get_secret_value(SecretId="db")

    assert trail[0]["userIdentity"] == {
        "type": "IAMUser",
        "principalId": ann.unique_id,
        "arn": ann.arn,
        "accountId": ACCOUNT,
        "accessKeyId": session.get_credentials().access_key,
        "userName": "ann",
    }


@behaviour(TRAIL, "a role's session is told with its role, and since when it is assumed", "AWS-VERIFIED", STRATUS)
def test_a_role_sessions_call(secrets_backend, trail, db):
    role = secrets_backend.iam.create_role("app", READS)
    session = role.session("worker")
    secrets_backend.clock.advance(hours=1)

    session.client("secretsmanager").get_secret_value(SecretId="db")

    (record,) = trail
    assert record["eventTime"] == "2026-03-01T13:00:00Z"
    assert record["userIdentity"] == {
        "type": "AssumedRole",
        "principalId": f"{role.unique_id}:worker",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/worker",
        "accountId": ACCOUNT,
        "accessKeyId": session.get_credentials().access_key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role.unique_id,
                "arn": role.arn,
                "accountId": ACCOUNT,
                "userName": "app",
            },
            "attributes": {"creationDate": "2026-03-01T12:00:00Z", "mfaAuthenticated": "false"},
        },
    }


def test_the_administrators_call(client, trail):
    client.list_secrets()

    identity = trail[0]["userIdentity"]
    assert (identity["type"], identity["arn"], identity["accountId"]) == ("IAMUser", ADMINISTRATOR, ACCOUNT)


def test_a_call_as_somebody_elses_default(client, secrets_backend, trail, db):
    role = secrets_backend.iam.create_role("app", READS)

    with role.as_default():
        client.get_secret_value(SecretId="db")
    client.get_secret_value(SecretId="db")

    assert [record["userIdentity"]["type"] for record in trail] == ["AssumedRole", "IAMUser"]


@behaviour(TRAIL, "the record tells the host that was called and the client's user agent", "AWS-VERIFIED", STRATUS)
def test_host_and_user_agent(client, trail):
    client.list_secrets()

    assert trail[0]["tlsDetails"]["clientProvidedHostHeader"] == "secretsmanager.us-east-1.amazonaws.com"
    assert trail[0]["userAgent"].startswith("Boto3/")
    assert "Botocore/" in trail[0]["userAgent"]


def test_a_user_agent_of_ones_own(secrets_backend, trail):
    secrets_backend.client(config=Config(user_agent="deployer/1.0")).list_secrets()

    assert trail[0]["userAgent"].startswith("deployer/1.0")


def test_an_endpoint_of_ones_own_is_the_host(secrets_backend, trail):
    host = "vpce-1a2b3c4d.secretsmanager.us-east-1.vpce.amazonaws.com"

    secrets_backend.client(endpoint_url=f"https://{host}").list_secrets()

    assert trail[0]["tlsDetails"]["clientProvidedHostHeader"] == host


@behaviour(TRAIL, "the record tells the caller's address", "AWS-VERIFIED", STRATUS)
@pytest.mark.parametrize("key", ["aws:SourceIp", "aws:sourceip", "AWS:SourceIP"])
def test_the_address_is_the_sessions(client, secrets_backend, trail, db, key):
    role = secrets_backend.iam.create_role("app", READS)

    role.client(context={key: "192.0.2.7"}).get_secret_value(SecretId="db")
    role.client().get_secret_value(SecretId="db")
    client.get_secret_value(SecretId="db")

    assert [record["sourceIPAddress"] for record in trail] == ["192.0.2.7", "203.0.113.10", "203.0.113.10"]


@behaviour(TRAIL, "the account of a call to another account's secret is the caller's", "GUESS", UNKNOWN)
def test_a_call_across_accounts(secrets_backend, trail):
    stored = secrets_backend.create("theirs", SECRETS[0], account_id=OTHER_ACCOUNT, kms_key_id="alias/shared")

    answer = refused(secrets_backend.client(), "GetSecretValue", SecretId=stored.arn)

    assert answer["Error"]["Code"] == "AccessDeniedException"
    (record,) = trail
    assert record["recipientAccountId"] == record["userIdentity"]["accountId"] == ACCOUNT
    assert record["requestParameters"] == {"secretId": stored.arn}
    assert trail.lookup(secret=stored.arn) == [record]
    assert trail.lookup(secret="theirs") == [record]


def test_a_call_of_another_account(secrets_backend, trail):
    secrets_backend.session(account_id=OTHER_ACCOUNT).client("secretsmanager").list_secrets()

    assert trail[0]["recipientAccountId"] == trail[0]["userIdentity"]["accountId"] == OTHER_ACCOUNT


@behaviour(TRAIL, "awsRegion is the region of the call", "AWS-VERIFIED", STRATUS)
def test_a_call_in_another_region(secrets_backend, trail):
    secrets_backend.client(region_name="eu-west-1").list_secrets()

    assert trail[0]["awsRegion"] == "eu-west-1"
    assert trail[0]["tlsDetails"]["clientProvidedHostHeader"] == "secretsmanager.eu-west-1.amazonaws.com"


# --- Questions ---


def test_the_records_about_a_secret(client, trail, db):
    client.get_secret_value(SecretId="db")
    client.describe_secret(SecretId=db)
    client.get_secret_value(SecretId=db[:-7])
    client.batch_get_secret_value(SecretIdList=["db"])
    client.list_secrets()
    client.create_secret(Name="db2", SecretString=SECRETS[0])
    refused(client, "DeleteSecret", SecretId="nothing")

    about_db = ["GetSecretValue", "DescribeSecret", "GetSecretValue", "BatchGetSecretValue", "GetSecretValue"]
    for secret in ("db", db, db[:-7]):
        assert names(trail.lookup(secret=secret)) == about_db
    assert names(trail.lookup(secret="db2")) == ["CreateSecret"]
    assert names(trail.lookup(secret="nothing")) == ["DeleteSecret"]


def test_a_filter_that_finds_a_secret_touches_it(client, trail, db):
    client.batch_get_secret_value(Filters=[{"Key": "name", "Values": ["db"]}])

    assert names(trail.lookup(secret="db")) == ["BatchGetSecretValue", "GetSecretValue"]


@behaviour(
    TRAIL,
    "BatchGetSecretValue leaves a GetSecretValue record for each secret",
    "AWS-DOC",
    "API reference, BatchGetSecretValue",
)
def test_a_batch_leaves_a_record_for_each_secret(client, trail, db):
    answer = client.batch_get_secret_value(SecretIdList=["db", "missing"])

    batch, read, missed = trail
    assert names([batch, read, missed]) == [BATCH, "GetSecretValue", "GetSecretValue"]
    assert [one["requestParameters"] for one in (read, missed)] == [{"secretId": "db"}, {"secretId": "missing"}]
    assert ("errorCode" in read, missed["errorCode"]) == (False, "ResourceNotFoundException")
    assert {one["requestID"] for one in trail} == {answer["ResponseMetadata"]["RequestId"]}
    assert len({one["eventID"] for one in trail}) == 3


@pytest.mark.parametrize(
    "asked", [{"name": "getsecretvalue"}, {"name": "GetSecrets"}, {"principal": 5}], ids=["case", "no event", "number"]
)
def test_a_question_that_has_no_answer_is_refused(trail, asked):
    with pytest.raises((TypeError, ValueError)):
        trail.lookup(**asked)


def test_a_principal_is_given_as_the_user_itself(client, secrets_backend, trail, db):
    ann = secrets_backend.iam.create_user("ann", READS)
    ann.client().get_secret_value(SecretId="db")
    client.list_secrets()

    assert names(trail.lookup(principal=ann)) == ["GetSecretValue"]


def test_a_new_secret_is_found_by_the_arn_that_it_got(client, trail):
    arn = client.create_secret(Name="new", SecretString=SECRETS[0])["ARN"]

    assert names(trail.lookup(secret=arn)) == ["CreateSecret"]


def test_the_records_of_a_principal(client, secrets_backend, trail, db):
    ann = secrets_backend.iam.create_user("ann", READS)
    role = secrets_backend.iam.create_role("app", READS)
    client.list_secrets()
    ann.client().get_secret_value(SecretId="db")
    role.client("one").get_secret_value(SecretId="db")
    role.client("two").get_secret_value(SecretId="db")

    records = list(trail)
    assert trail.lookup(principal=ADMINISTRATOR) == records[:1]
    assert trail.lookup(principal="ann") == trail.lookup(principal=ann.arn) == records[1:2]
    assert trail.lookup(principal="app") == trail.lookup(principal=role.arn) == records[2:]
    assert trail.lookup(principal=f"arn:aws:sts::{ACCOUNT}:assumed-role/app/two") == records[3:]


def test_the_records_of_a_time(client, secrets_backend, trail):
    for _ in range(3):
        client.list_secrets()
        secrets_backend.clock.advance(hours=1)

    records = list(trail)
    second = NOON + timedelta(hours=1)
    assert trail.lookup(start=second) == records[1:]
    assert trail.lookup(end=second) == records[:2]
    assert trail.lookup(start=second, end=second) == records[1:2]
    assert trail.lookup(name="GetSecretValue", start=second) == []


# --- Files ---


def test_what_cloudtrail_would_deliver(client, trail, db, tmp_path):
    client.get_secret_value(SecretId="db")
    refused(client, "GetSecretValue", SecretId="nothing")
    client.delete_secret(SecretId="db")

    plain, packed = trail.write(tmp_path / "log.json"), trail.write(tmp_path / "log.json.gz")

    records = list(trail)
    assert len(records) == 5
    assert [json.loads(line) for line in trail.to_json_lines().splitlines()] == records
    assert json.loads(plain.read_bytes()) == {"Records": records}
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
