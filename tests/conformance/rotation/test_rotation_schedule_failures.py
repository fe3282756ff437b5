"""Rotations that the clock brings and that fail, or are turned off."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.rotation.scheduled import configure, dates, rotate, started, utc, value
from tables import rows

from mock_secrets import Limits

ROTATE, CANCEL, DESCRIBE, DELETE = "RotateSecret", "CancelRotateSecret", "DescribeSecret", "DeleteSecret"
REFERENCE = "AWS API reference"
CUSTODIAN = "recorded responses in GitHub cloud-custodian/cloud-custodian"

START = datetime(2026, 2, 3, 17, 42, tzinfo=timezone.utc)
DAILY = {"AutomaticallyAfterDays": 1}

at_start = pytest.mark.mock_secrets(at=START)


# --- Failures ---


@behaviour(
    ROTATE,
    "a failed rotation is retried",
    "AWS-DOC",
    "AWS API reference, DescribeSecret, NextRotationDate: 'Secrets Manager retries the entire "
    "rotation process multiple times'",
)
@behaviour(DESCRIBE, "NextRotationDate is in the past after failures", "AWS-VERIFIED", CUSTODIAN)
@at_start
def test_a_failed_scheduled_rotation_is_retried_in_each_window(client, secrets_backend, function, db):
    configure(client, function, **DAILY)
    function.fails = True
    window = utc("02-04T00:00:00")

    secrets_backend.clock.travel_to(utc("02-05T12:00:00"))

    runs = [run for run in secrets_backend["db"].rotations if not run.is_test]
    tries = [timedelta(minutes=10 * number) for number in range(5)]
    assert [run.started_at for run in runs] == [
        *[window + wait for wait in tries],
        *[window + timedelta(days=1) + wait for wait in tries],
    ]
    assert [run.attempt for run in runs] == [1, 2, 3, 4, 5] * 2
    assert len({run.token for run in runs}) == 1
    assert dates(client) == (None, utc("02-04T23:59:59"))
    assert value(client) == "one"


@behaviour(
    ROTATE, "the window after a failure continues with its version", "AWS-DOC", f"{REFERENCE}: will be reattempted"
)
@at_start
def test_a_success_in_the_following_window(client, secrets_backend, function, db):
    configure(client, function, **DAILY)
    function.fails = True
    secrets_backend.clock.travel_to(utc("02-04T12:00:00"))
    left = secrets_backend["db"].stages["AWSPENDING"].id
    function.fails = False

    secrets_backend.clock.travel_to(utc("02-05T12:00:00"))

    assert value(client) == left
    assert secrets_backend["db"].rotations[-1].token == left
    assert dates(client) == (utc("02-05T00:00:00"), utc("02-06T23:59:59"))


@behaviour(
    ROTATE, "how often and when a failed rotation is retried is the mock's choice", "OURS", "the mock's own design"
)
@pytest.mark.mock_secrets(at=START, limits=Limits(rotation_attempts=2, rotation_retry_delay=timedelta(hours=1)))
def test_retry_limits(client, secrets_backend, function, db):
    configure(client, function, **DAILY)
    function.fails = True

    secrets_backend.clock.travel_to(utc("02-04T12:00:00"))

    assert started(secrets_backend) == [utc("02-04T00:00:00"), utc("02-04T01:00:00")]


@behaviour(ROTATE, "no other rotation runs while one waits to be retried", "AWS-DOC", REFERENCE)
@at_start
def test_a_rotation_is_refused_while_a_failed_one_awaits_its_retry(client, secrets_backend, function, db):
    configure(client, function, **DAILY)
    function.fails = True
    secrets_backend.clock.travel_to(utc("02-04T00:05:00"))
    before = dates(client)

    with pytest.raises(ClientError) as caught:
        client.rotate_secret(SecretId="db", RotationRules={"AutomaticallyAfterDays": 9}, RotateImmediately=False)

    assert caught.value.response["Error"] == {
        "Code": "InvalidRequestException",
        "Message": "A previous rotation isn't complete. That rotation will be reattempted.",
    }
    assert dates(client) == before
    assert client.describe_secret(SecretId="db")["RotationRules"] == DAILY


@behaviour(
    ROTATE,
    "an update by hand ends the retries",
    "REPORTED",
    "AWS User Guide, CloudTrail event RotationAbandoned; GitHub hashicorp/terraform-provider-aws",
)
@at_start
def test_a_manual_update_between_two_retries_ends_the_retries(client, secrets_backend, function, db):
    configure(client, function, AutomaticallyAfterDays=3)
    function.fails = True
    secrets_backend.clock.travel_to(utc("02-06T00:15:00"))

    client.update_secret(SecretId="db", SecretString="by hand")

    secrets_backend.clock.advance(days=1)
    assert len(started(secrets_backend)) == 2
    assert "AWSPENDING" not in secrets_backend["db"].stages
    assert dates(client) == (utc("02-06T00:15:00"), utc("02-09T23:59:59"))


# --- Off ---


@behaviour(CANCEL, "ends the schedule: NextRotationDate is removed, and the rules stay", "AWS-DOC", REFERENCE)
@at_start
def test_cancelling_rotation_ends_the_schedule_and_keeps_the_rules(client, secrets_backend, function, db):
    rotate(client, function, **DAILY)

    client.cancel_rotate_secret(SecretId="db")

    secrets_backend.clock.advance(days=40)
    described = client.describe_secret(SecretId="db")
    assert started(secrets_backend) == [START]
    assert (described["RotationEnabled"], described["RotationRules"]) == (False, DAILY)
    assert described["RotationLambdaARN"] == function.arn
    assert dates(client) == (None, None)


@behaviour(CANCEL, "also ends the retries, and leaves AWSPENDING", "AWS-DOC", f"{REFERENCE}; AWS PCS guide")
@at_start
def test_cancelling_between_two_retries_ends_the_retries(client, secrets_backend, function, db):
    function.fails = True
    token = rotate(client, function, **DAILY)["VersionId"]
    secrets_backend.clock.advance(minutes=15)

    answer = client.cancel_rotate_secret(SecretId="db")

    secrets_backend.clock.advance(days=2)
    assert answer["VersionId"] == token
    assert len(started(secrets_backend)) == 2
    assert secrets_backend["db"].stages["AWSPENDING"].id == token


@behaviour(
    CANCEL,
    "called in a rotation that then succeeds: rotation stays off",
    "AWS-DOC",
    "AWS API reference, CancelRotateSecret: 'Turns off automatic rotation'",
)
@at_start
def test_rotation_stays_off_if_the_last_step_cancels_it(client, secrets_backend, function, db):
    def finish_and_cancel(event, context):
        function(event, context)
        if event["Step"] == "finishSecret":
            secrets_backend.client().cancel_rotate_secret(SecretId="db")

    arn = secrets_backend.register_rotation_lambda("cancels", finish_and_cancel)

    client.rotate_secret(SecretId="db", RotationLambdaARN=arn, RotationRules=DAILY)

    secrets_backend.clock.advance(days=3)
    described = client.describe_secret(SecretId="db")
    assert described["RotationEnabled"] is False
    assert "NextRotationDate" not in described
    assert started(secrets_backend) == [START]


@behaviour(
    DELETE,
    "called in a rotation that then succeeds: rotation stays off after RestoreSecret",
    "GUESS",
    "as similar operations do",
    decided_by="a rotation function",
)
@at_start
def test_rotation_stays_off_after_a_restore_if_the_last_step_deleted_the_secret(client, secrets_backend, function, db):
    def finish_and_delete(event, context):
        function(event, context)
        if event["Step"] == "finishSecret":
            secrets_backend.client().delete_secret(SecretId="db", RecoveryWindowInDays=30)

    arn = secrets_backend.register_rotation_lambda("deletes", finish_and_delete)

    client.rotate_secret(SecretId="db", RotationLambdaARN=arn, RotationRules=DAILY)

    client.restore_secret(SecretId="db")
    assert dates(client) == (None, None)


@behaviour(
    ROTATE,
    "a test of the rotation doesn't remove a version that has become current",
    "GUESS",
    "as similar operations do",
    decided_by="a rotation function",
)
@pytest.mark.mock_secrets(at=START, limits=Limits(rotation_delay=timedelta(minutes=1)))
def test_a_rotation_test_does_not_remove_a_version_that_became_current(client, secrets_backend, function, db):
    token = configure(client, function, **DAILY)["VersionId"]
    current = secrets_backend["db"].stages["AWSCURRENT"].id
    client.update_secret_version_stage(
        SecretId="db", VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
    )

    secrets_backend.clock.advance(minutes=1)

    assert value(client) == "one"
    assert secrets_backend["db"].stages["AWSCURRENT"].id == token


@behaviour(
    ROTATE,
    "if a window opens before the test has run, the window rotates to a new value",
    "GUESS",
    "as similar operations do",
    decided_by="a rotation function",
)
@pytest.mark.mock_secrets(
    at=datetime(2026, 2, 3, 23, 59, 30, tzinfo=timezone.utc), limits=Limits(rotation_delay=timedelta(minutes=1))
)
def test_a_window_that_opens_before_the_rotation_test_rotates_to_a_new_value(client, secrets_backend, function, db):
    tested = configure(client, function, **DAILY)["VersionId"]

    secrets_backend.clock.advance(minutes=30)

    assert value(client) != "one"
    assert tested not in {run.token for run in secrets_backend["db"].rotations if not run.is_test}


@behaviour(ROTATE, "turning rotation on again uses the stored rules", "AWS-DOC", REFERENCE)
@at_start
def test_turning_rotation_on_again(client, secrets_backend, function, db):
    rotate(client, function, **DAILY)
    client.cancel_rotate_secret(SecretId="db")
    secrets_backend.clock.advance(days=9)

    client.rotate_secret(SecretId="db")

    secrets_backend.clock.advance(days=1)
    assert started(secrets_backend) == [START, START + timedelta(days=9), utc("02-13T00:00:00")]


@behaviour(DELETE, "turns rotation off", "AWS-VERIFIED", CUSTODIAN)
@behaviour(
    DELETE, "RestoreSecret doesn't turn rotation on again", "GUESS", "no source", decided_by="a rotation function"
)
@at_start
def test_restoring_a_secret_does_not_turn_rotation_on_again(client, secrets_backend, function, db):
    rotate(client, function, **DAILY)

    client.delete_secret(SecretId="db", RecoveryWindowInDays=30)
    secrets_backend.clock.advance(days=10)
    deleted = client.describe_secret(SecretId="db")
    client.restore_secret(SecretId="db")
    secrets_backend.clock.advance(days=10)
    restored = client.describe_secret(SecretId="db")

    assert started(secrets_backend) == [START]
    assert (deleted["RotationEnabled"], restored["RotationEnabled"]) == (False, False)
    assert "NextRotationDate" not in deleted
    assert "NextRotationDate" not in restored
    assert restored["RotationRules"] == DAILY


@behaviour(DELETE, "a secret that was deleted no longer rotates", "AWS-DOC", REFERENCE)
@at_start
@rows("how", [{"RecoveryWindowInDays": 7}, {"ForceDeleteWithoutRecovery": True}])
def test_a_deleted_secret_is_not_rotated(client, secrets_backend, function, db, how):
    rotate(client, function, **DAILY)
    begun = len(function.begun)

    client.delete_secret(SecretId="db", **how)

    secrets_backend.clock.advance(days=40)
    assert len(function.begun) == begun
    assert "db" not in secrets_backend


@at_start
@behaviour(
    ROTATE,
    "a pending version that another caller created fails the scheduled rotation until its label is removed",
    "AWS-DOC",
    "AWS User Guide, Troubleshoot rotation",
)
def test_a_pending_version_created_by_someone_else(client, function, db, secrets_backend):
    rotate(client, function, **DAILY)
    put = client.put_secret_value(SecretId="db", SecretString="theirs", VersionStages=["AWSPENDING"])

    secrets_backend.clock.advance(days=1)

    foreign = secrets_backend["db"].rotations[-1]
    arn = secrets_backend["db"].arn
    assert foreign.outcome.value == "failed"
    assert str(foreign.error) == (
        f"Pending secret version {put['VersionId']} for Secret {arn} was not created by Lambda {function.arn}."
        " Remove the AWSPENDING staging label and restart rotation"
    )
    client.update_secret_version_stage(SecretId="db", VersionStage="AWSPENDING", RemoveFromVersionId=put["VersionId"])
    secrets_backend.clock.advance(days=1)
    assert secrets_backend["db"].rotations[-1].outcome.value == "succeeded"
