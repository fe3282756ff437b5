"""RotateSecret: what it refuses, RotateImmediately=False, deletion, and when it runs."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.raw import post, replicated, snapshot
from conformance.rotation.runs import outcomes, rotation_members, stages
from conformance.rotation_functions import NAME, STEPS, Template, failing, idle
from tables import rows

from mock_secrets import Limits
from mock_secrets.model.rotation import Outcome

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ROTATE = "RotateSecret"
ARN = f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}"
MODEL = "botocore service model"
TOKEN_TEST = "LocalStack AWS-validated test test_no_client_request_token"
MISSING_TEST = "LocalStack AWS-validated test test_rotate_secret_invalid_lambda_arn"
NO_LAMBDA_TEST = "LocalStack AWS-validated test test_first_rotate_secret_with_missing_lambda_arn"
TEST_ONLY = "moto test_rotate_secret_using_lambda_dont_rotate_immediately"
NOT_COMPLETE = "A previous rotation isn't complete. That rotation will be reattempted."
WEEKLY = {"AutomaticallyAfterDays": 7}

later = pytest.mark.mock_secrets(at=NOON, limits=Limits(rotation_delay=timedelta(minutes=1)))


# --- What it refuses ---


@behaviour(
    ROTATE, "no ClientRequestToken, which every SDK sends: InvalidParameterException", "AWS-VERIFIED", TOKEN_TEST
)
@pytest.mark.usefixtures("client")
def test_a_missing_rotation_token_is_an_error():
    response = post(ROTATE, {"SecretId": "missing"})

    assert response.status_code == 400
    assert b'"InvalidParameterException"' in response.content
    assert b"You must provide a ClientRequestToken value. We recommend a UUID-type value." in response.content


@behaviour(ROTATE, "a Lambda function that doesn't exist: AccessDeniedException", "AWS-VERIFIED", MISSING_TEST)
@behaviour(ROTATE, "a failed configuration stores nothing", "AWS-VERIFIED", MISSING_TEST)
def test_rotating_with_a_missing_lambda_is_refused_and_stores_nothing(client, secrets_backend, secret):
    before = snapshot(secrets_backend)

    with pytest.raises(ClientError) as caught:
        client.rotate_secret(SecretId="db", RotationLambdaARN=ARN, RotationRules=WEEKLY)

    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert caught.value.response["Error"]["Message"] == (
        "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to"
        " the principal secretsmanager.amazonaws.com."
    )
    assert snapshot(secrets_backend) == before
    assert rotation_members(client) == set()
    assert secrets_backend["db"].rotations == []


@behaviour(
    ROTATE,
    "if the Lambda function doesn't exist, the earlier configuration stays",
    "GUESS",
    MISSING_TEST,
    decided_by="a rotation function",
)
def test_a_missing_lambda_keeps_the_previous_configuration(client, secrets_backend, rotate):
    rotate(Template(client), RotationRules=WEEKLY)
    before = client.describe_secret(SecretId="db")

    with pytest.raises(ClientError):
        client.rotate_secret(SecretId="db", RotationLambdaARN=ARN + "2", RotationRules={"AutomaticallyAfterDays": 9})

    after = client.describe_secret(SecretId="db")
    assert {**after, "ResponseMetadata": None} == {**before, "ResponseMetadata": None}


@behaviour(
    ROTATE, "no Lambda function, neither given nor stored: InvalidRequestException", "AWS-VERIFIED", NO_LAMBDA_TEST
)
def test_rotating_without_a_lambda_is_refused(client, secret):
    with pytest.raises(client.exceptions.InvalidRequestException) as caught:
        client.rotate_secret(SecretId="db", RotationRules=WEEKLY)

    assert (
        caught.value.response["Error"]["Message"] == "No Lambda rotation function ARN is associated with this secret."
    )
    assert rotation_members(client) == set()


@behaviour(
    ROTATE,
    "a malformed RotationLambdaARN: the sentence",
    "REPORTED",
    "GitHub badmintoncryer/cdk-preflight, a recorded deployment",
)
@behaviour(
    ROTATE,
    "a RotationLambdaARN of another Region: the same sentence",
    "REPORTED",
    "GitHub badmintoncryer/cdk-preflight, a recorded deployment",
)
@behaviour(
    ROTATE,
    "a malformed RotationLambdaARN: InvalidParameterException",
    "GUESS",
    "as for bad rules",
    decided_by="plain calls",
)
@rows("arn", [NAME, "arn:aws:s3:::bucket", ARN.replace("us-east-1", "eu-west-1"), ARN.replace("function", "layer")])
def test_an_invalid_rotation_lambda_arn_is_refused(client, secrets_backend, secret, arn):
    secrets_backend.register_rotation_lambda(ARN.replace("us-east-1", "eu-west-1"), idle)

    with pytest.raises(client.exceptions.InvalidParameterException) as caught:
        client.rotate_secret(SecretId="db", RotationLambdaARN=arn)

    assert caught.value.response["Error"]["Message"].startswith(
        "Invalid rotation Lambda ARN. Ensure the ARN matches format arn:aws:lambda:us-east-1:"
    )
    assert rotation_members(client) == set()


@behaviour(
    ROTATE,
    "a ClientRequestToken that is a version's id already: refused",
    "GUESS",
    "no source",
    decided_by="a rotation function",
)
def test_rotating_with_the_id_of_an_existing_version_is_refused(client, secrets_backend, rotate):
    with pytest.raises(client.exceptions.InvalidRequestException):
        rotate(Template(client), ClientRequestToken=V1)

    assert stages(client) == {V1: {"AWSCURRENT"}}
    assert rotation_members(client) == set()


@behaviour(
    ROTATE,
    "a secret that doesn't exist: ResourceNotFoundException",
    "AWS-DOC",
    "botocore service model, the errors of the operation; the sentence is recorded for other operations",
)
def test_rotating_a_nonexistent_secret_is_refused(client):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.rotate_secret(SecretId="missing", RotationLambdaARN=ARN)

    assert caught.value.response["Error"]["Message"] == "Secrets Manager can't find the specified secret."


@behaviour(
    ROTATE,
    "a secret scheduled for deletion: InvalidRequestException",
    "AWS-DOC",
    "botocore service model, InvalidRequestException: 'The secret is scheduled for deletion'",
)
def test_rotating_a_deleted_secret_is_refused(client, rotate):
    client.delete_secret(SecretId="db")

    with pytest.raises(client.exceptions.InvalidRequestException):
        rotate(Template(client))


@behaviour(
    ROTATE, "a replica: InvalidParameterException", "GUESS", "as similar operations do", decided_by="a second Region"
)
def test_rotating_a_replica_is_refused(client, secrets_backend, rotate):
    replicated(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        rotate(Template(client))


@behaviour(
    ROTATE,
    "AWSPENDING on another version than AWSCURRENT blocks the call",
    "REPORTED",
    "tests of GitHub hashicorp/terraform-provider-aws; AWS PCS User Guide",
)
@behaviour(
    ROTATE,
    "AWSPENDING on another version than AWSCURRENT blocks a change of rules too",
    "REPORTED",
    "tests of GitHub hashicorp/terraform-provider-aws",
)
@rows("request_", [{}, {"RotationRules": WEEKLY, "RotateImmediately": False}])
def test_a_leftover_pending_version_blocks_rotation(client, rotate, request_):
    client.put_secret_value(SecretId="db", SecretString="mine", VersionStages=["AWSPENDING"], ClientRequestToken=V3)

    with pytest.raises(client.exceptions.InvalidRequestException) as caught:
        rotate(Template(client), **request_)

    assert caught.value.response["Error"]["Message"] == NOT_COMPLETE
    assert rotation_members(client) == set()
    assert stages(client) == {V1: {"AWSCURRENT"}, V3: {"AWSPENDING"}}


@behaviour(
    ROTATE, "after AWSPENDING is removed, the call works again", "AWS-DOC", "User Guide, troubleshooting rotation"
)
def test_removing_the_pending_label_unblocks_rotation(client, secrets_backend, rotate):
    rotate(Template(client, setSecret=failing))
    client.update_secret_version_stage(SecretId="db", VersionStage="AWSPENDING", RemoveFromVersionId=V2)

    rotate(Template(client), ClientRequestToken=V3)

    assert stages(client)[V3] >= {"AWSCURRENT"}
    assert outcomes(secrets_backend) == [Outcome.FAILED, Outcome.SUCCEEDED]


@behaviour("DescribeSecret", "no rotation members before rotation is configured", "AWS-VERIFIED", MISSING_TEST)
@behaviour(
    "DescribeSecret",
    "after a rotation, all rotation members",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_rotate_secret_with_lambda_success",
)
def test_rotation_members_are_shown_only_once_rotation_is_configured(client, rotate):
    before = rotation_members(client)

    rotate(Template(client), RotationRules=WEEKLY)

    assert before == set()
    assert rotation_members(client) == {
        "RotationEnabled",
        "RotationLambdaARN",
        "RotationRules",
        "LastRotatedDate",
        "NextRotationDate",
    }


# --- RotateImmediately=False ---


@behaviour(ROTATE, "RotateImmediately=False runs only testSecret, on a copy of the value", "AWS-VERIFIED", TEST_ONLY)
@behaviour(ROTATE, "RotateImmediately=False removes the copy", "AWS-DOC", MODEL)
def test_rotate_immediately_false_runs_only_the_test_step_on_a_copy(client, secrets_backend, rotate):
    copies = []
    function = Template(
        client,
        testSecret=lambda event: copies.append(client.get_secret_value(SecretId="db", VersionStage="AWSPENDING")),
    )

    rotate(function, RotationRules=WEEKLY, RotateImmediately=False)

    assert function.steps == ["testSecret"]
    assert [(one["SecretString"], one["VersionStages"]) for one in copies] == [("old", ["AWSPENDING"])]
    assert copies[0]["VersionId"] != V1
    assert client.list_secret_version_ids(SecretId="db", IncludeDeprecated=True)["Versions"][0]["VersionId"] == V1
    assert [version.id for version in secrets_backend["db"].versions] == [V1]
    assert stages(client) == {V1: {"AWSCURRENT"}}
    assert rotation_members(client) == {"RotationEnabled", "RotationLambdaARN", "RotationRules", "NextRotationDate"}
    assert [(run.is_test, run.outcome) for run in secrets_backend["db"].rotations] == [(True, Outcome.SUCCEEDED)]


@behaviour(
    ROTATE,
    "RotateImmediately=False: the test version is removed after a failed test too",
    "GUESS",
    MODEL,
    decided_by="a rotation function",
)
def test_a_failed_rotation_test_leaves_no_copy(client, secrets_backend, rotate):
    rotate(Template(client, testSecret=failing), RotateImmediately=False)
    secrets_backend.clock.advance(days=1)

    assert stages(client) == {V1: {"AWSCURRENT"}}
    assert outcomes(secrets_backend) == [Outcome.FAILED]
    rotate(Template(client))


@later
@behaviour(
    ROTATE,
    "RotateImmediately=False: the test version is removed too if a new current value comes first",
    "GUESS",
    MODEL,
    decided_by="a rotation function",
)
def test_a_new_value_before_the_rotation_test_leaves_no_copy(client, secrets_backend, rotate):
    rotate(Template(client), RotateImmediately=False)

    client.update_secret(SecretId="db", SecretString="mine", ClientRequestToken=V3)
    secrets_backend.clock.advance(hours=1)

    assert [version.id for version in secrets_backend["db"].versions] == [V1, V3]


@behaviour(ROTATE, "a replica doesn't keep the test version", "GUESS", MODEL, decided_by="a second Region")
def test_a_replica_does_not_keep_the_rotation_test_version(client, secrets_backend, rotate):
    client.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])

    rotate(Template(client), RotateImmediately=False)

    assert list(secrets_backend.secret("db", region="eu-west-1").stages) == ["AWSCURRENT"]


# --- Deletion ---


@behaviour(
    "DeleteSecret",
    "turns rotation off and removes NextRotationDate",
    "AWS-VERIFIED",
    "recorded responses in GitHub cloud-custodian/cloud-custodian",
)
@behaviour("RestoreSecret", "rotation stays off", "GUESS", "no source", decided_by="a rotation function")
@behaviour(
    "DeleteSecret", "turns rotation off", "AWS-VERIFIED", "recorded responses in GitHub cloud-custodian/cloud-custodian"
)
@behaviour(
    "DeleteSecret",
    "RestoreSecret doesn't turn rotation on again",
    "GUESS",
    "no source",
    decided_by="a rotation function",
)
def test_deleting_a_secret_turns_rotation_off(client, secrets_backend, rotate):
    function = Template(client)
    rotate(function, RotationRules=WEEKLY)
    client.delete_secret(SecretId="db")
    deleted = client.describe_secret(SecretId="db")
    client.restore_secret(SecretId="db")

    secrets_backend.clock.advance(days=30)

    restored = client.describe_secret(SecretId="db")
    for described in (deleted, restored):
        assert described["RotationEnabled"] is False
        assert "NextRotationDate" not in described
        assert (described["RotationLambdaARN"], described["RotationRules"]) == (ARN, WEEKLY)
    assert len(secrets_backend["db"].rotations) == 1


@behaviour("DeleteSecret", "ends a running rotation", "GUESS", "no source", decided_by="a rotation function")
@behaviour("DeleteSecret", "a secret that was deleted no longer rotates", "AWS-DOC", "AWS API reference")
@rows("step", STEPS)
@rows("how", [{}, {"ForceDeleteWithoutRecovery": True}])
def test_deleting_the_secret_inside_a_step_ends_the_rotation(client, secrets_backend, rotate, step, how):
    steps = []

    def handler(event, context):
        steps.append(event["Step"])
        if event["Step"] == step:
            client.delete_secret(SecretId="db", **how)

    rotate(handler, RotationRules=WEEKLY)
    secrets_backend.clock.advance(days=60)

    assert steps == STEPS[: STEPS.index(step) + 1]
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_secret(SecretId="db")


# --- When it runs ---


@behaviour(ROTATE, "answers before the rotation has run", "AWS-DOC", MODEL)
@later
def test_polling_code_sees_a_delayed_rotation_finish(client, secrets_backend, rotate):
    rotate(Template(client, removes_pending=True))
    polls = []

    while stages(client).get(V2) != {"AWSCURRENT"}:
        polls.append(stages(client)[V2])
        assert len(polls) < 10
        secrets_backend.clock.advance(seconds=20)

    assert polls == [{"AWSPENDING"}] * 3
    assert secrets_backend["db"].rotations[0].started_at == NOON + timedelta(minutes=1)


@later
def test_a_pending_rotation_can_be_finished_without_moving_the_clock(client, secrets_backend, rotate):
    rotate(Template(client))
    assert secrets_backend["db"].rotations == []

    runs = secrets_backend["db"].finish_rotation()

    assert [run.outcome for run in runs] == [Outcome.SUCCEEDED]
    assert runs[0].started_at == secrets_backend.clock.now() == NOON
    assert secrets_backend["db"].finish_rotation() == runs


def test_a_retry_can_be_triggered_without_moving_the_clock(client, secrets_backend, rotate):
    rotate(Template(client, setSecret=failing))
    secrets_backend.register_rotation_lambda(NAME, Template(client))

    runs = secrets_backend["db"].finish_rotation()

    assert [(run.attempt, run.outcome) for run in runs] == [(1, Outcome.FAILED), (2, Outcome.SUCCEEDED)]
