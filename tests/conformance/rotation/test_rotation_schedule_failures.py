"""Rotations that the clock brings and that fail, or are turned off."""

from datetime import datetime, timedelta, timezone

import pytest
from conformance.fidelity import behaviour
from conformance.rotation.scheduled import configure, dates, rotate, started, utc, value

from mock_secrets import Limits

ROTATE, DESCRIBE, DELETE = "RotateSecret", "DescribeSecret", "DeleteSecret"
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
@behaviour(
    ROTATE,
    "after its retries, a failed rotation is tried again in the next window",
    "GUESS",
    "no source",
    decided_by="days of waiting",
)
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
def test_the_next_window_completes_the_version_of_a_failed_rotation(client, secrets_backend, function, db):
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
def test_limits_set_how_often_and_when_a_failed_rotation_is_retried(client, secrets_backend, function, db):
    configure(client, function, **DAILY)
    function.fails = True

    secrets_backend.clock.travel_to(utc("02-04T12:00:00"))

    assert started(secrets_backend) == [utc("02-04T00:00:00"), utc("02-04T01:00:00")]


# --- Off ---


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
def test_turning_rotation_on_again_uses_the_stored_rules(client, secrets_backend, function, db):
    rotate(client, function, **DAILY)
    client.cancel_rotate_secret(SecretId="db")
    secrets_backend.clock.advance(days=9)

    client.rotate_secret(SecretId="db")

    secrets_backend.clock.advance(days=1)
    assert started(secrets_backend) == [START, START + timedelta(days=9), utc("02-13T00:00:00")]


@at_start
@behaviour(
    ROTATE,
    "a pending version that another caller created fails the scheduled rotation until its label is removed",
    "AWS-DOC",
    "AWS User Guide, Troubleshoot rotation",
)
def test_anothers_pending_version_fails_rotations_until_its_label_is_removed(client, function, db, secrets_backend):
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
