"""CloudTrail: the records of what the service does by itself, when it rotates, deletes and restores."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.callers import call
from conformance.fidelity import behaviour
from conformance.rotation_functions import NAME, Template, failing

from mock_secrets import Limits

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ACCOUNT, OTHER_ACCOUNT = "123456789012", "111122223333"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:user/administrator"
LAMBDA = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{NAME}"
SECRETS = ["f1rst-value", "s3cond-value", "th1rd-value"]

TRAIL = "CloudTrail"
ENTRIES = "AWS Secrets Manager User Guide, CloudTrail entries"
ROTATED = "a published record of RotationSucceeded, 2021"
UNKNOWN = "no record of it was found"

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


def names(records):
    return [record["eventName"] for record in records]


def service_events(trail):
    return [record for record in trail if record["eventType"] == "AwsServiceEvent"]


def versions_told(trail, name):
    return [record["additionalEventData"]["SecretVersionId"] for record in trail.lookup(name=name)]


def assert_holds_no_value(trail):
    whole = json.dumps(list(trail))
    assert not any(value in whole for value in SECRETS)


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


@behaviour(TRAIL, "a rotation begins with RotationStarted and ends with RotationSucceeded", "AWS-DOC", ENTRIES)
def test_a_rotation(client, trail, function, db):
    function()

    rotate(client)

    assert names(trail) == ["RotateSecret", "RotationStarted", *ALL_STEPS, "RotationSucceeded"]
    assert_holds_no_value(trail)


@behaviour(TRAIL, "the record of a service event", "REPORTED", ROTATED)
@behaviour(TRAIL, "a rotation's requestID is made of the secret's ARN and the ClientRequestToken", "REPORTED", ROTATED)
def test_the_record_of_a_rotation(client, trail, function, db):
    function()

    rotate(client)

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


def test_the_functions_own_calls_are_its_roles(client, secrets_backend, trail, function, db):
    function()

    rotate(client)

    arns = {record["userIdentity"]["arn"] for record in trail.lookup(name="PutSecretValue")}
    assert arns == {f"arn:aws:sts::{ACCOUNT}:assumed-role/{NAME}/{NAME}"}


def test_the_records_have_the_time_that_passes_in_the_function(client, secrets_backend, trail, function, db):
    function(testSecret=lambda event: secrets_backend.clock.advance(minutes=5))

    rotate(client)

    (began,), (ended,) = trail.lookup(name="RotationStarted"), trail.lookup(name="RotationSucceeded")
    assert (began["eventTime"], ended["eventTime"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:05:00Z")
    assert names(trail.lookup(end=NOON))[-1] != "RotationSucceeded"


@behaviour(TRAIL, "RotationFailed says which lambda failed in which step", "AWS-DOC", ENTRIES)
def test_a_rotation_that_fails(client, trail, function, db):
    function(setSecret=failing)

    rotate(client)

    assert names(trail) == ["RotateSecret", "RotationStarted", *CREATE_STEP, "RotationFailed"]
    record = trail[-1]
    assert record["errorMessage"] == f"Error when executing lambda {LAMBDA} during setSecret step"
    assert "errorCode" not in record
    assert record["requestID"] == f"Rotation-{db}-{V3}"
    assert "the database is down" not in json.dumps(list(trail))


@behaviour(TRAIL, "RotationFailed says that somebody else made the pending version", "AWS-DOC", "Troubleshoot rotation")
def test_a_rotation_of_somebody_elses_pending_version(client, secrets_backend, trail, function, db):
    function()
    rotate(client, RotationRules={"AutomaticallyAfterDays": 1})
    secrets_backend["db"].put(SECRETS[2], stages=["AWSPENDING"], token=V4)

    secrets_backend.clock.advance(days=1)

    (record,) = trail.lookup(name="RotationFailed")
    assert record["errorMessage"].startswith(f"Pending secret version {V4} for Secret {db} was not created by Lambda")


@behaviour(TRAIL, "each retry is a rotation that starts and fails", "GUESS", UNKNOWN)
def test_a_rotation_that_is_tried_again(client, secrets_backend, trail, function, db):
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


@behaviour(TRAIL, "a new current value while a retry waits is RotationAbandoned", "AWS-DOC", ENTRIES)
@pytest.mark.parametrize(
    "put",
    [
        lambda client, backend: client.put_secret_value(SecretId="db", SecretString=SECRETS[2]),
        lambda client, backend: client.update_secret(SecretId="db", SecretString=SECRETS[2]),
        lambda client, backend: backend["db"].update(SECRETS[2]),
    ],
    ids=["PutSecretValue", "UpdateSecret", "direct door"],
)
def test_a_rotation_that_waits_is_abandoned(client, secrets_backend, function, db, put):
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


@pytest.mark.parametrize(
    "change",
    [
        {"SecretString": SECRETS[2], "VersionStages": ["BLUE"]},
        {"SecretString": SECRETS[2], "VersionStages": ["AWSPENDING"], "ClientRequestToken": V3},
    ],
    ids=["another label", "the pending version"],
)
def test_a_value_that_is_not_current_abandons_no_rotation(client, trail, function, db, change):
    function(createSecret=failing)
    rotate(client)

    client.put_secret_value(SecretId="db", **change)

    assert trail.lookup(name="RotationAbandoned") == []


@behaviour(TRAIL, "a new current value while a rotation runs is RotationAbandoned", "AWS-DOC", ENTRIES)
def test_a_rotation_that_runs_is_abandoned(client, secrets_backend, trail, db):
    def handler(event, context):
        if event["Step"] == "setSecret":
            client.put_secret_value(SecretId="db", SecretString=SECRETS[2], ClientRequestToken=V4)

    secrets_backend.register_rotation_lambda(NAME, handler)

    rotate(client)
    secrets_backend.clock.advance(days=1)

    assert names(trail) == ["RotateSecret", "RotationStarted", "PutSecretValue", "RotationAbandoned"]
    assert trail[-1]["requestID"] == f"Rotation-{db}-{V3}"


@behaviour(TRAIL, "a cancelled rotation that runs, or of a deleted secret, is RotationAbandoned", "GUESS", UNKNOWN)
@pytest.mark.parametrize("operation", ["CancelRotateSecret", "DeleteSecret"])
def test_a_rotation_that_is_ended_while_it_runs(client, secrets_backend, trail, db, operation):
    def handler(event, context):
        call(client, operation, SecretId="db")

    secrets_backend.register_rotation_lambda(NAME, handler)

    rotate(client)

    assert names(trail)[:3] == ["RotateSecret", "RotationStarted", operation]
    assert names(trail)[-1] == "RotationAbandoned"


@behaviour(TRAIL, "RotateImmediately=false is TestRotationStarted and TestRotationSucceeded", "AWS-DOC", ENTRIES)
def test_a_rotation_that_is_only_tested(client, trail, function, db):
    function()

    rotate(client, RotateImmediately=False)

    assert names(trail) == ["RotateSecret", "TestRotationStarted", "DescribeSecret", "TestRotationSucceeded"]
    assert {record["requestID"] for record in service_events(trail)} == {f"Rotation-{db}-{V3}"}


@behaviour(TRAIL, "a test step that fails is TestRotationFailed", "AWS-DOC", ENTRIES)
def test_a_rotation_whose_test_fails(client, secrets_backend, trail, function, db):
    function(testSecret=failing)

    rotate(client, RotateImmediately=False)
    secrets_backend.clock.advance(days=1)

    assert names(service_events(trail)) == ["TestRotationStarted", "TestRotationFailed"]
    assert trail[-1]["errorMessage"] == f"Error when executing lambda {LAMBDA} during testSecret step"


def test_rotations_of_the_schedule(client, secrets_backend, trail, function, db):
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


def test_a_rotation_by_the_owner_of_a_secret(client, secrets_backend, trail):
    secrets_backend.create_managed_secret("rds", "rds!db-1", {"username": "admin", "password": SECRETS[0]})

    client.rotate_secret(SecretId="rds!db-1")

    assert names(trail) == ["RotateSecret", "RotationStarted", "RotationSucceeded"]
    assert secrets_backend["rds!db-1"].json["password"] not in json.dumps(list(trail))


def test_a_rotation_in_another_account_and_region_is_told_there(secrets_backend, trail):
    arn = f"arn:aws:lambda:eu-west-1:{OTHER_ACCOUNT}:function:{NAME}"
    theirs = secrets_backend.session(account_id=OTHER_ACCOUNT, region="eu-west-1").client("secretsmanager")
    secrets_backend.create("db", SECRETS[0], account_id=OTHER_ACCOUNT, region="eu-west-1")
    secrets_backend.register_rotation_lambda(arn, Template(theirs))

    theirs.rotate_secret(SecretId="db", RotationLambdaARN=arn)

    events = service_events(trail)
    assert names(events) == ["RotationStarted", "RotationSucceeded"]
    assert {(record["recipientAccountId"], record["awsRegion"]) for record in events} == {(OTHER_ACCOUNT, "eu-west-1")}


# --- Versions that are deleted ---


@behaviour(TRAIL, "DeleteSecret is StartSecretVersionDelete for each version", "AWS-DOC", ENTRIES)
def test_a_deletion(client, trail, db):
    client.delete_secret(SecretId="db")

    assert names(trail) == ["DeleteSecret", "StartSecretVersionDelete", "StartSecretVersionDelete"]
    assert versions_told(trail, "StartSecretVersionDelete") == [V1, V2]
    assert {record["additionalEventData"]["SecretId"] for record in service_events(trail)} == {db}


def test_the_ids_of_a_versions_deletion(client, trail, db):
    client.delete_secret(SecretId="db")

    events = service_events(trail)
    assert [record["requestID"] for record in events] == [f"SecretVersionDelete-{db}-{one}" for one in (V1, V2)]
    assert len({record["eventID"] for record in events}) == 2


@behaviour(TRAIL, "RestoreSecret is CancelSecretVersionDelete for each version", "AWS-DOC", ENTRIES)
def test_a_restored_secret(client, secrets_backend, trail, db):
    client.delete_secret(SecretId="db")
    secrets_backend.clock.advance(days=1)

    client.restore_secret(SecretId="db")
    secrets_backend.clock.advance(days=60)

    assert names(trail)[3:] == ["RestoreSecret", "CancelSecretVersionDelete", "CancelSecretVersionDelete"]
    assert versions_told(trail, "CancelSecretVersionDelete") == [V1, V2]
    assert {record["eventTime"] for record in service_events(trail)[2:]} == {"2026-03-02T12:00:00Z"}


@behaviour(TRAIL, "RestoreSecret of a secret that is not deleted cancels nothing", "GUESS", UNKNOWN)
def test_nothing_is_cancelled_that_was_not_begun(client, trail, db):
    client.restore_secret(SecretId="db")

    assert names(trail) == ["RestoreSecret"]


@behaviour(TRAIL, "the end of the window is EndSecretVersionDelete for each version", "AWS-DOC", ENTRIES)
def test_the_end_of_the_window(client, secrets_backend, trail, db):
    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)

    secrets_backend.clock.advance(days=7, milliseconds=-1)
    before = trail.lookup(name="EndSecretVersionDelete")
    secrets_backend.clock.advance(days=400)

    assert before == []
    assert versions_told(trail, "EndSecretVersionDelete") == [V1, V2]
    assert {record["eventTime"] for record in trail.lookup(name="EndSecretVersionDelete")} == {"2026-03-08T12:00:00Z"}
    assert len(service_events(trail)) == 4
    assert names(trail.lookup(name="EndSecretVersionDelete", secret=db)) == ["EndSecretVersionDelete"] * 2


@behaviour(TRAIL, "a deletion without a window starts and ends the deletion of each version", "GUESS", UNKNOWN)
def test_a_forced_deletion(client, trail, db):
    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    assert names(trail) == ["DeleteSecret", *["StartSecretVersionDelete"] * 2, *["EndSecretVersionDelete"] * 2]
    assert versions_told(trail, "StartSecretVersionDelete") == [V1, V2]
    assert versions_told(trail, "EndSecretVersionDelete") == [V1, V2]


def test_a_forced_deletion_of_nothing_is_only_a_call(client, trail):
    client.delete_secret(SecretId="nothing", ForceDeleteWithoutRecovery=True)

    assert names(trail) == ["DeleteSecret"]


def test_a_secret_without_a_version_has_none_to_delete(client, secrets_backend, trail):
    secrets_backend.create("empty")

    client.delete_secret(SecretId="empty", ForceDeleteWithoutRecovery=True)

    assert names(trail) == ["DeleteSecret"]


@pytest.mark.parametrize("request_", [{"SecretId": "nothing"}, {"SecretId": "db", "RecoveryWindowInDays": 3}])
def test_a_refused_deletion_starts_none(unchecked, trail, db, request_):
    with pytest.raises(ClientError):
        unchecked.delete_secret(**request_)

    assert names(trail) == ["DeleteSecret"]


@behaviour(TRAIL, "a removed outdated version starts and ends its deletion", "GUESS", UNKNOWN)
def test_an_outdated_version(client, secrets_backend, trail):
    tokens = [f"{number:036d}" for number in range(102)]
    stored = secrets_backend.create("db", "0", token=tokens[0])
    for token in tokens[1:]:
        stored.put(token, token=token)

    secrets_backend.clock.advance(hours=24, milliseconds=-1)
    before = service_events(trail)
    secrets_backend.clock.advance(days=30)

    events = service_events(trail)
    assert before == []
    assert names(events) == ["StartSecretVersionDelete", "EndSecretVersionDelete"] * 2
    assert [record["additionalEventData"]["SecretVersionId"] for record in events] == [
        *[tokens[0]] * 2,
        *[tokens[1]] * 2,
    ]
    assert {record["eventTime"] for record in events} == {"2026-03-02T12:00:00Z"}


@pytest.mark.mock_secrets(limits=Limits(retained_versions=2))
def test_an_outdated_version_of_a_deleted_secret_is_begun_once(client, secrets_backend, trail, db):
    secrets_backend["db"].put(SECRETS[2], token=V3)

    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    secrets_backend.clock.advance(days=30)

    ends = trail.lookup(name="EndSecretVersionDelete")
    assert versions_told(trail, "StartSecretVersionDelete") == [V1, V2, V3]
    assert versions_told(trail, "EndSecretVersionDelete") == [V1, V2, V3]
    assert [record["eventTime"][:10] for record in ends] == ["2026-03-02", "2026-03-08", "2026-03-08"]


def test_a_deletion_that_is_forced_later_is_begun_once(client, secrets_backend, trail, db):
    """The versions' deletion was begun by the first call; the second only brings its end nearer."""
    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    secrets_backend.clock.advance(days=1)

    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    assert versions_told(trail, "StartSecretVersionDelete") == [V1, V2]
    assert versions_told(trail, "EndSecretVersionDelete") == [V1, V2]


# --- Rotations that waited, and never ran ---


@pytest.mark.mock_secrets(limits=Limits(rotation_delay=timedelta(minutes=1)))
def test_a_rotation_that_waits_starts_when_it_runs(client, secrets_backend, trail, function, db):
    function()
    rotate(client)
    before = names(trail)

    secrets_backend.clock.advance(minutes=5)

    assert before == ["RotateSecret"]
    assert [record["eventTime"] for record in service_events(trail)] == ["2026-03-01T12:01:00Z"] * 2


@pytest.mark.mock_secrets(limits=Limits(rotation_delay=timedelta(minutes=1)))
def test_a_test_that_never_ran_is_no_abandoned_rotation(client, secrets_backend, trail, function, db):
    """No rotation was asked for, only its test: that a value was put meanwhile abandons none."""
    function()
    rotate(client, RotateImmediately=False)

    client.put_secret_value(SecretId="db", SecretString=SECRETS[2])
    secrets_backend.clock.advance(minutes=5)

    assert trail.lookup(name="RotationAbandoned") == []


# --- Questions ---


def test_a_rotation_is_among_the_records_of_its_secret_and_of_no_principal(client, trail, function, db):
    function()

    rotate(client)

    assert "RotationSucceeded" in names(trail.lookup(secret="db"))
    assert names(trail.lookup(principal=ADMINISTRATOR)) == ["RotateSecret"]
    assert trail.lookup(name="RotationStarted", secret="other") == []
