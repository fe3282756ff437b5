"""CloudTrail: the records of what the service does by itself when it rotates."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from conformance.callers import call
from conformance.cloudtrail.records import SECRETS, assert_holds_no_value, names, service_events
from conformance.fidelity import behaviour
from conformance.rotation_functions import NAME, Template, failing
from tables import rows

from mock_secrets import Limits

V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ACCOUNT, OTHER_ACCOUNT = "123456789012", "111122223333"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:user/administrator"
LAMBDA = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{NAME}"

TRAIL = "CloudTrail"
ENTRIES = "AWS Secrets Manager User Guide, CloudTrail entries"
ROTATED = "AWS Secrets Manager User Guide, CloudTrail entries: RotationFailed"
UNKNOWN = "no source"

pytestmark = pytest.mark.mock_secrets(at=NOON)


@pytest.fixture
def function(client, secrets_backend):
    """A rotation function that does its work, but for what a test has it do besides."""

    def register(**during):
        template = Template(client, removes_pending=True, **during)
        secrets_backend.register_rotation_lambda(NAME, template)
        return template

    return register


def rotate(client, **request):
    return client.rotate_secret(**{"SecretId": "db", "RotationLambdaARN": LAMBDA, "ClientRequestToken": V3, **request})


# --- Rotation ---

CREATE_STEP = [
    "DescribeSecret",
    "GetSecretValue",
    "GetSecretValue",
    "GetRandomPassword",
    "PutSecretValue",
]
FINISH_STEP = ["DescribeSecret", "DescribeSecret", "UpdateSecretVersionStage", "UpdateSecretVersionStage"]
ALL_STEPS = [*CREATE_STEP, "DescribeSecret", "DescribeSecret", *FINISH_STEP]


@behaviour(TRAIL, "a rotation starts with RotationStarted and ends with RotationSucceeded", "AWS-DOC", ENTRIES)
@behaviour(TRAIL, "the members of a service event's record", "AWS-DOC", ROTATED)
@behaviour(
    TRAIL,
    "a rotation's requestID consists of the secret's ARN and the ClientRequestToken",
    "AWS-DOC",
    ROTATED,
)
def test_a_rotation(client, trail, function, db):
    function()

    rotate(client)

    assert names(trail) == ["RotateSecret", "RotationStarted", *ALL_STEPS, "RotationSucceeded"]
    assert_holds_no_value(trail)
    (record,) = trail.lookup(name="RotationSucceeded")
    service = "secretsmanager.amazonaws.com"
    assert record.pop("eventID")
    assert record == {
        "eventVersion": "1.08",
        "userIdentity": {"accountId": ACCOUNT, "invokedBy": service},
        "eventTime": "2026-03-01T12:00:00Z",
        "eventSource": service,
        "eventName": "RotationSucceeded",
        "awsRegion": "us-east-1",
        "sourceIPAddress": service,
        "userAgent": service,
        "requestParameters": None,
        "responseElements": None,
        "additionalEventData": {"SecretId": db},
        "requestID": f"Rotation-{db}-{V3}",
        "readOnly": False,
        "eventType": "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }


@pytest.mark.in_process
def test_records_of_a_rotation_are_found_by_its_secret_and_the_calls_by_their_role(
    client, secrets_backend, trail, function, db
):
    function()

    rotate(client)

    arns = {record["userIdentity"]["arn"] for record in trail.lookup(name="PutSecretValue")}
    assert arns == {f"arn:aws:sts::{ACCOUNT}:assumed-role/{NAME}/{NAME}"}
    assert names(trail.lookup(principal=ADMINISTRATOR)) == ["RotateSecret"]
    assert "RotationSucceeded" in names(trail.lookup(secret="db"))
    assert trail.lookup(name="RotationStarted", secret="other") == []


def test_the_records_reflect_the_time_spent_in_the_function(client, secrets_backend, trail, function, db):
    function(testSecret=lambda event: secrets_backend.clock.advance(minutes=5))

    rotate(client)

    (began,), (ended,) = trail.lookup(name="RotationStarted"), trail.lookup(name="RotationSucceeded")
    assert (began["eventTime"], ended["eventTime"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:05:00Z")
    assert names(trail.lookup(end=NOON))[-1] != "RotationSucceeded"


@behaviour(TRAIL, "RotationFailed names the Lambda function and the step that failed", "AWS-DOC", ENTRIES)
def test_a_rotation_that_fails(client, trail, function, db):
    function(setSecret=failing)

    rotate(client)

    assert names(trail) == ["RotateSecret", "RotationStarted", *CREATE_STEP, "RotationFailed"]
    record = trail[-1]
    assert record["errorMessage"] == f"Error when executing lambda {LAMBDA} during setSecret step"
    assert "errorCode" not in record
    assert record["requestID"] == f"Rotation-{db}-{V3}"
    assert "the database is down" not in json.dumps(list(trail))


@behaviour(
    TRAIL,
    "RotationFailed says that another caller created the pending version",
    "AWS-DOC",
    "AWS User Guide, Troubleshoot rotation",
)
def test_rotating_anothers_pending_version_logs_rotation_failed(client, secrets_backend, trail, function, db):
    function()
    rotate(client, RotationRules={"AutomaticallyAfterDays": 1})
    secrets_backend["db"].put(SECRETS[2], stages=["AWSPENDING"], token=V4)

    secrets_backend.clock.advance(days=1)

    (record,) = trail.lookup(name="RotationFailed")
    assert record["errorMessage"].startswith(f"Pending secret version {V4} for Secret {db} was not created by Lambda")


@behaviour(
    TRAIL,
    "each retry is recorded as a rotation that starts and fails",
    "GUESS",
    UNKNOWN,
    decided_by="a rotation function",
)
def test_a_retried_rotation_is_recorded(client, secrets_backend, trail, function, db):
    function(createSecret=failing)
    rotate(client)

    secrets_backend.clock.advance(days=1)

    events = service_events(trail)
    assert names(events) == ["RotationStarted", "RotationFailed"] * 5
    assert [record["eventTime"][11:16] for record in events[::2]] == ["12:00", "12:10", "12:20", "12:30", "12:40"]
    assert {record["requestID"] for record in events} == {f"Rotation-{db}-{V3}"}
    assert len({record["eventID"] for record in events}) == 10


def test_a_rotation_that_succeeds_at_the_second_try(client, secrets_backend, trail, function, db):
    template = function(createSecret=failing)
    rotate(client)
    template.during.clear()

    secrets_backend.clock.advance(days=1)

    assert names(service_events(trail)) == ["RotationStarted", "RotationFailed", "RotationStarted", "RotationSucceeded"]


@behaviour(TRAIL, "a new current value before a retry leaves RotationAbandoned", "AWS-DOC", ENTRIES)
@rows(
    "put",
    [
        lambda client, backend: client.put_secret_value(SecretId="db", SecretString=SECRETS[2]),
        lambda client, backend: client.update_secret(SecretId="db", SecretString=SECRETS[2]),
        lambda client, backend: backend["db"].update(SECRETS[2]),
    ],
)
def test_a_waiting_rotation_is_abandoned(client, secrets_backend, function, db, put):
    function(setSecret=failing)
    rotate(client)
    secrets_backend.clock.advance(minutes=1)

    put(client, secrets_backend)
    secrets_backend.clock.advance(days=1)

    assert names(service_events(secrets_backend.cloudtrail)) == [
        "RotationStarted",
        "RotationFailed",
        "RotationAbandoned",
    ]
    (record,) = secrets_backend.cloudtrail.lookup(name="RotationAbandoned")
    assert (record["requestID"], record["eventTime"]) == (f"Rotation-{db}-{V3}", "2026-03-01T12:01:00Z")


@rows(
    "change",
    [
        {"SecretString": SECRETS[2], "VersionStages": ["BLUE"]},
        {"SecretString": SECRETS[2], "VersionStages": ["AWSPENDING"], "ClientRequestToken": V3},
    ],
)
def test_a_noncurrent_value_abandons_no_rotation(client, trail, function, db, change):
    function(createSecret=failing)
    rotate(client)

    client.put_secret_value(SecretId="db", **change)

    assert trail.lookup(name="RotationAbandoned") == []


@behaviour(TRAIL, "a new current value during a rotation leaves RotationAbandoned", "AWS-DOC", ENTRIES)
def test_a_running_rotation_is_abandoned(client, secrets_backend, trail, db):
    def handler(event, context):
        if event["Step"] == "setSecret":
            client.put_secret_value(SecretId="db", SecretString=SECRETS[2], ClientRequestToken=V4)

    secrets_backend.register_rotation_lambda(NAME, handler)

    rotate(client)
    secrets_backend.clock.advance(days=1)

    assert names(trail) == ["RotateSecret", "RotationStarted", "PutSecretValue", "RotationAbandoned"]
    assert trail[-1]["requestID"] == f"Rotation-{db}-{V3}"


@behaviour(
    TRAIL,
    "cancelling a running rotation, or deleting its secret, is recorded as RotationAbandoned",
    "GUESS",
    UNKNOWN,
    decided_by="a rotation function",
)
@rows("operation", ["CancelRotateSecret", "DeleteSecret"])
def test_a_rotation_that_is_stopped_while_it_runs(client, secrets_backend, trail, db, operation):
    def handler(event, context):
        call(client, operation, SecretId="db")

    secrets_backend.register_rotation_lambda(NAME, handler)

    rotate(client)

    assert names(trail)[:3] == ["RotateSecret", "RotationStarted", operation]
    assert names(trail)[-1] == "RotationAbandoned"


@behaviour(TRAIL, "RotateImmediately=false leaves TestRotationStarted and TestRotationSucceeded", "AWS-DOC", ENTRIES)
def test_a_rotation_that_is_only_tested(client, trail, function, db):
    function()

    rotate(client, RotateImmediately=False)

    assert names(trail) == ["RotateSecret", "TestRotationStarted", "DescribeSecret", "TestRotationSucceeded"]
    assert {record["requestID"] for record in service_events(trail)} == {f"Rotation-{db}-{V3}"}


@behaviour(TRAIL, "a test step that fails leaves TestRotationFailed", "AWS-DOC", ENTRIES)
def test_a_rotation_whose_test_fails(client, secrets_backend, trail, function, db):
    function(testSecret=failing)

    rotate(client, RotateImmediately=False)
    secrets_backend.clock.advance(days=1)

    assert names(service_events(trail)) == ["TestRotationStarted", "TestRotationFailed"]
    assert trail[-1]["errorMessage"] == f"Error when executing lambda {LAMBDA} during testSecret step"


def test_scheduled_rotations_are_recorded(client, secrets_backend, trail, function, db):
    function()
    rotate(client, RotationRules={"ScheduleExpression": "rate(1 days)"}, RotateImmediately=False)
    before = len(service_events(trail))

    secrets_backend.clock.advance(days=3)

    events = service_events(trail)[before:]
    assert names(events) == ["RotationStarted", "RotationSucceeded"] * 3
    assert [record["eventTime"] for record in events[::2]] == [f"2026-03-0{day}T00:00:00Z" for day in (2, 3, 4)]
    assert names(trail).count("RotateSecret") == 1
    tokens = [record["requestID"].removeprefix(f"Rotation-{db}-") for record in events]
    assert tokens[::2] == tokens[1::2]
    assert len(set(tokens)) == 3
    assert secrets_backend["db"].stages["AWSCURRENT"].id == tokens[-1]


def test_a_managed_rotation_logs_its_start_and_success(client, secrets_backend, trail):
    secrets_backend.create_managed_secret("rds", "rds!db-1", {"username": "admin", "password": SECRETS[0]})

    client.rotate_secret(SecretId="rds!db-1")

    assert names(trail) == ["RotateSecret", "RotationStarted", "RotationSucceeded"]
    assert secrets_backend["rds!db-1"].json["password"] not in json.dumps(list(trail))


def test_a_rotation_in_another_account_and_region_is_recorded_there(secrets_backend, trail):
    arn = f"arn:aws:lambda:eu-west-1:{OTHER_ACCOUNT}:function:{NAME}"
    theirs = secrets_backend.session(account_id=OTHER_ACCOUNT, region="eu-west-1").client("secretsmanager")
    secrets_backend.create("db", SECRETS[0], account_id=OTHER_ACCOUNT, region="eu-west-1")
    secrets_backend.register_rotation_lambda(arn, Template(theirs))

    theirs.rotate_secret(SecretId="db", RotationLambdaARN=arn)

    events = service_events(trail)
    assert names(events) == ["RotationStarted", "RotationSucceeded"]
    assert {(record["recipientAccountId"], record["awsRegion"]) for record in events} == {(OTHER_ACCOUNT, "eu-west-1")}


# --- Rotations that waited, and never ran ---


@pytest.mark.mock_secrets(limits=Limits(rotation_delay=timedelta(minutes=1)))
def test_a_waiting_rotation_is_recorded_as_started_when_it_runs(client, secrets_backend, trail, function, db):
    function()
    rotate(client)
    before = names(trail)

    secrets_backend.clock.advance(minutes=5)

    assert before == ["RotateSecret"]
    assert [record["eventTime"] for record in service_events(trail)] == ["2026-03-01T12:01:00Z"] * 2


@pytest.mark.mock_secrets(limits=Limits(rotation_delay=timedelta(minutes=1)))
def test_a_rotation_test_that_never_ran_is_not_an_abandoned_rotation(client, secrets_backend, trail, function, db):
    """No rotation was asked for, only its test: that a value was put meanwhile abandons none."""
    function()
    rotate(client, RotateImmediately=False)

    client.put_secret_value(SecretId="db", SecretString=SECRETS[2])
    secrets_backend.clock.advance(minutes=5)

    assert trail.lookup(name="RotationAbandoned") == []
