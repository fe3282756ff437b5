"""CancelRotateSecret: at every point of a rotation."""

from datetime import datetime, timedelta, timezone
from functools import partial

import pytest
from conformance.fidelity import behaviour
from conformance.raw import members, replicated
from conformance.rotation.runs import stages
from conformance.rotation_functions import NAME, STEPS, Template, failing
from tables import rows

from mock_secrets import Limits
from mock_secrets.model.rotation import Outcome

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
CANCEL = "CancelRotateSecret"
ARN = f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}"
MODEL = "botocore service model"
PCS = "AWS PCS User Guide; service model"
WEEKLY = {"AutomaticallyAfterDays": 7}


@pytest.fixture
def rotate(rotate):
    """Rotate "db" weekly with a handler, to version V2 unless told otherwise."""
    return partial(rotate, RotationRules=WEEKLY)


def is_off(client):
    described = client.describe_secret(SecretId="db")
    return described["RotationEnabled"] is False and "NextRotationDate" not in described


@behaviour(
    CANCEL,
    "a secret that never had rotation: the call succeeds and changes nothing",
    "GUESS",
    "no source",
    decided_by="plain calls",
)
def test_cancelling_without_configured_rotation_changes_nothing(client, secret):
    answer = client.cancel_rotate_secret(SecretId="db")

    assert members(answer) == {"ARN": secret, "Name": "db"}
    assert is_off(client)
    assert stages(client) == {V1: {"AWSCURRENT"}}


@behaviour(CANCEL, "answers ARN and Name if no rotation is running", "AWS-DOC", MODEL)
@behaviour(CANCEL, "turns rotation off, and keeps the function and the rules", "AWS-DOC", MODEL)
@behaviour(CANCEL, "DescribeSecret shows neither NextRotationDate nor LastRotatedDate", "AWS-DOC", MODEL)
@behaviour(CANCEL, "ends the schedule: NextRotationDate is removed, and the rules stay", "AWS-DOC", "AWS API reference")
@rows("removes_pending", [True, False])
def test_cancelling_after_a_successful_rotation_turns_rotation_off(
    client, secret, secrets_backend, rotate, removes_pending
):
    rotate(Template(client, removes_pending=removes_pending))
    before = stages(client)

    answer = client.cancel_rotate_secret(SecretId="db")
    secrets_backend.clock.advance(days=30)

    described = client.describe_secret(SecretId="db")
    assert members(answer) == {"ARN": secret, "Name": "db"}
    assert is_off(client)
    assert (described["RotationLambdaARN"], described["RotationRules"]) == (ARN, WEEKLY)
    assert "LastRotatedDate" not in described
    assert stages(client) == before
    assert len(secrets_backend["db"].rotations) == 1


def test_cancelling_before_the_first_rotation_turns_rotation_off(client, secret, secrets_backend, rotate):
    rotate(Template(client), RotateImmediately=False)

    answer = client.cancel_rotate_secret(SecretId="db")
    secrets_backend.clock.advance(days=30)

    assert members(answer) == {"ARN": secret, "Name": "db"}
    assert is_off(client)
    assert [run.is_test for run in secrets_backend["db"].rotations] == [True]


@behaviour(CANCEL, "answers the VersionId of the running rotation", "AWS-DOC", MODEL)
@behaviour(CANCEL, "leaves AWSPENDING where it is", "AWS-DOC", PCS)
@pytest.mark.mock_secrets(at=NOON, limits=Limits(rotation_delay=timedelta(minutes=1)))
def test_cancelling_while_a_rotation_is_pending(client, secret, secrets_backend, rotate):
    function = Template(client)
    rotate(function)

    answer = client.cancel_rotate_secret(SecretId="db")
    secrets_backend.clock.advance(days=30)

    assert members(answer) == {"ARN": secret, "Name": "db", "VersionId": V2}
    assert function.steps == []
    assert is_off(client)
    assert stages(client) == {V1: {"AWSCURRENT"}, V2: {"AWSPENDING"}}


@behaviour(CANCEL, "a failed rotation is not retried afterwards", "AWS-DOC", MODEL)
@behaviour(CANCEL, "also ends the retries, and leaves AWSPENDING", "AWS-DOC", "AWS API reference; AWS PCS guide")
@rows("step", STEPS)
def test_cancelling_after_a_failed_rotation_ends_its_retries(client, secret, secrets_backend, rotate, step):
    rotate(Template(client, **{step: failing}))

    answer = client.cancel_rotate_secret(SecretId="db")
    secrets_backend.clock.advance(days=30)

    assert members(answer) == {"ARN": secret, "Name": "db", "VersionId": V2}
    assert is_off(client)
    assert stages(client) == {V1: {"AWSCURRENT"}, V2: {"AWSPENDING"}}
    assert len(secrets_backend["db"].rotations) == 1


@behaviour(
    CANCEL,
    "called from inside a step: the later steps don't run",
    "AWS-DOC",
    "AWS API reference, CancelRotateSecret: 'if a rotation is currently in progress, cancels the rotation'",
)
@rows("step", STEPS)
def test_cancelling_inside_a_step_prevents_the_later_steps(client, secrets_backend, rotate, step):
    answers, steps = [], []

    def handler(event, context):
        steps.append(event["Step"])
        if event["Step"] == step:
            answers.append(client.cancel_rotate_secret(SecretId="db"))

    rotate(handler)
    secrets_backend.clock.advance(days=30)

    assert [answer["VersionId"] for answer in answers] == [V2]
    assert steps == STEPS[: STEPS.index(step) + 1]
    assert is_off(client)
    assert stages(client) == {V1: {"AWSCURRENT"}, V2: {"AWSPENDING"}}
    assert [run.outcome for run in secrets_backend["db"].rotations] == [Outcome.ABANDONED]


@behaviour(
    CANCEL,
    "called inside finishSecret, after AWSCURRENT has moved: rotation stays off",
    "AWS-DOC",
    "AWS API reference, CancelRotateSecret: 'Turns off automatic rotation'",
)
@behaviour(
    CANCEL,
    "called in a rotation that then succeeds: rotation stays off",
    "AWS-DOC",
    "AWS API reference, CancelRotateSecret: 'Turns off automatic rotation'",
)
def test_cancelling_inside_the_last_step_after_all_work_is_done(client, secrets_backend, rotate):
    function = Template(client)

    def handler(event, context):
        function(event, context)
        if event["Step"] == "finishSecret":
            client.cancel_rotate_secret(SecretId="db")

    rotate(handler)

    assert is_off(client)
    assert stages(client)[V2] >= {"AWSCURRENT"}
    secrets_backend.clock.advance(days=30)
    assert len(secrets_backend["db"].rotations) == 1


@behaviour(CANCEL, "AWSPENDING, which it leaves, blocks the next rotation until it is removed", "AWS-DOC", PCS)
def test_a_leftover_pending_version_blocks_the_next_rotation(client, secrets_backend, rotate):
    rotate(Template(client, setSecret=failing))
    client.cancel_rotate_secret(SecretId="db")
    secrets_backend.register_rotation_lambda(NAME, Template(client))
    with pytest.raises(client.exceptions.InvalidRequestException) as caught:
        client.rotate_secret(SecretId="db")
    assert caught.value.response["Error"]["Message"] == (
        "A previous rotation isn't complete. That rotation will be reattempted."
    )
    assert is_off(client)

    client.update_secret_version_stage(SecretId="db", VersionStage="AWSPENDING", RemoveFromVersionId=V2)
    client.rotate_secret(SecretId="db", ClientRequestToken=V3)

    described = client.describe_secret(SecretId="db")
    assert (described["RotationEnabled"], described["RotationRules"]) == (True, WEEKLY)
    assert described["NextRotationDate"]
    assert stages(client)[V3] >= {"AWSCURRENT"}


@behaviour(CANCEL, "while rotation is off, a new value doesn't count as a rotation", "AWS-DOC", MODEL)
def test_a_new_value_while_rotation_is_off(client, rotate):
    rotate(Template(client))
    client.cancel_rotate_secret(SecretId="db")

    client.update_secret(SecretId="db", SecretString="mine")

    assert is_off(client)
    assert "LastRotatedDate" not in client.describe_secret(SecretId="db")


@behaviour(CANCEL, "changes LastChangedDate", "AWS-DOC", MODEL)
@pytest.mark.mock_secrets(at=NOON)
def test_cancelling_rotation_changes_the_last_changed_date(client, secrets_backend, rotate):
    rotate(Template(client))
    secrets_backend.clock.advance(hours=1)

    client.cancel_rotate_secret(SecretId="db")

    assert client.describe_secret(SecretId="db")["LastChangedDate"] == NOON + timedelta(hours=1)


@behaviour(
    CANCEL, "called twice: the second call changes nothing", "GUESS", "no source", decided_by="a rotation function"
)
def test_cancelling_rotation_twice_changes_nothing(client, secret, rotate):
    rotate(Template(client))
    client.cancel_rotate_secret(SecretId="db")

    assert members(client.cancel_rotate_secret(SecretId="db")) == {"ARN": secret, "Name": "db"}
    assert is_off(client)


@behaviour(
    CANCEL,
    "a secret that doesn't exist: ResourceNotFoundException",
    "AWS-DOC",
    "botocore service model, the errors of the operation; the sentence is recorded for other operations",
)
def test_cancelling_the_rotation_of_a_nonexistent_secret_is_refused(client):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.cancel_rotate_secret(SecretId="missing")

    assert caught.value.response["Error"]["Message"] == "Secrets Manager can't find the specified secret."


@behaviour(
    CANCEL,
    "a secret scheduled for deletion: InvalidRequestException",
    "AWS-DOC",
    "botocore service model, InvalidRequestException: 'The secret is scheduled for deletion'",
)
def test_cancelling_the_rotation_of_a_deleted_secret_is_refused(client, secret):
    client.delete_secret(SecretId="db")

    with pytest.raises(client.exceptions.InvalidRequestException):
        client.cancel_rotate_secret(SecretId="db")


@behaviour(
    CANCEL, "a replica: InvalidParameterException", "GUESS", "as similar operations do", decided_by="a second Region"
)
def test_cancelling_the_rotation_of_a_replica_is_refused(client, secrets_backend, secret):
    replicated(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.cancel_rotate_secret(SecretId="db")
