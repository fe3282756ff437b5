"""Rotations that go wrong in ways of their own."""

import threading
from datetime import datetime, timedelta, timezone

import pytest
from conformance.rotation_functions import idle
from tables import rows

from mock_secrets import Limits
from mock_secrets.model.rotation import Outcome

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
pytestmark = pytest.mark.mock_secrets(at=START)


def rotate(backend, handler, name="db", **rules):
    arn = backend.register_rotation_lambda("rotate", handler)
    return backend.client().rotate_secret(SecretId=name, RotationLambdaARN=arn, RotationRules=rules)


def test_a_rotation_function_that_polls_for_ever_times_out(secrets_backend, secrets_client):
    secrets_backend.create("db", "old")

    def poll(event, context):
        while True:
            secrets_client.describe_secret(SecretId="db")

    rotate(secrets_backend, poll, AutomaticallyAfterDays=1)

    run = secrets_backend["db"].rotations[-1]
    assert run.outcome is Outcome.FAILED
    assert "Task timed out" in str(run.error.__cause__)


def test_a_secret_overwritten_by_a_replica_is_no_longer_rotated(secrets_backend):
    away = secrets_backend.client(region_name="eu-west-1")
    begun = []
    arn = secrets_backend.register_rotation_lambda(
        "arn:aws:lambda:eu-west-1:123456789012:function:rotate", lambda event, context: begun.append(event)
    )
    away.create_secret(Name="db", SecretString="theirs")
    away.rotate_secret(SecretId="db", RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 1})
    secrets_backend.client().create_secret(
        Name="db",
        SecretString="ours",
        AddReplicaRegions=[{"Region": "eu-west-1"}],
        ForceOverwriteReplicaSecret=True,
    )
    secrets_backend.clock.advance(seconds=1)
    begun.clear()

    secrets_backend.clock.advance(days=3)

    assert begun == []


def test_promoting_one_replica_does_not_promote_another(secrets_backend):
    home, away, third = (secrets_backend.client(region_name=name) for name in ("us-east-1", "eu-west-1", "ap-south-1"))
    home.create_secret(
        Name="db", SecretString="one", AddReplicaRegions=[{"Region": "eu-west-1"}, {"Region": "ap-south-1"}]
    )
    away.stop_replication_to_replica(SecretId="db")
    away.replicate_secret_to_regions(
        SecretId="db", AddReplicaRegions=[{"Region": "us-east-1"}], ForceOverwriteReplicaSecret=True
    )

    third.stop_replication_to_replica(SecretId="db")

    with pytest.raises(home.exceptions.InvalidParameterException):
        home.put_secret_value(SecretId="db", SecretString="two")


@pytest.mark.mock_secrets(limits=Limits(rotation_delay=timedelta(hours=1)))
def test_a_rotation_can_be_finished_while_another_threads_function_runs(secrets_backend):
    secrets_backend.create("db", "old")
    secrets_backend.create("other", "old")
    outcomes = []

    def in_another_thread(work):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    def handler(event, context):
        if event["SecretId"] == secrets_backend["db"].arn and not outcomes:
            in_another_thread(lambda: outcomes.extend(secrets_backend["other"].finish_rotation()))

    rotate(secrets_backend, handler, "other")
    rotate(secrets_backend, handler)
    secrets_backend["db"].finish_rotation()

    assert [(run.outcome, len(run.steps)) for run in outcomes] == [(Outcome.FAILED, 4)]


def test_a_removed_rotation_function_cannot_be_invoked(secrets_backend, secrets_client):
    secrets_backend.create("db", "old")
    arn = secrets_backend.register_rotation_lambda("rotate", idle)
    secrets_backend.remove_rotation_lambda("rotate")

    with pytest.raises(secrets_client.exceptions.ClientError) as caught:
        secrets_client.rotate_secret(SecretId="db", RotationLambdaARN=arn)

    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


def test_a_pending_version_created_by_another_caller_makes_the_retry_fail(secrets_backend, secrets_client):
    secrets_backend.create("db", "old")
    rotate(secrets_backend, idle, AutomaticallyAfterDays=7)
    secrets_client.put_secret_value(SecretId="db", SecretString="theirs", VersionStages=["AWSPENDING"])

    secrets_backend.clock.advance(minutes=10)

    assert "was not created by Lambda" in str(secrets_backend["db"].rotations[-1].error)


def test_an_invalid_role_arn_for_an_external_secret_is_refused(secrets_backend, secrets_client):
    secrets_backend.create("db", "old")
    members = secrets_client.meta.service_model.operation_model("RotateSecret").input_shape.members
    if "ExternalSecretRotationRoleArn" not in members:
        pytest.skip("this botocore has no external secrets")

    with pytest.raises(secrets_client.exceptions.InvalidRequestException):
        secrets_client.rotate_secret(SecretId="db", ExternalSecretRotationRoleArn="not-a-role-arn-at-all-really")


@rows(
    "name, handler, environment, message",
    [
        ("rotate", lambda event: None, None, r"\(event, context\)"),
        ("rotate", lambda: None, None, r"\(event, context\)"),
        (None, idle, None, "a string"),
        ("rotate", idle, 3, "mapping"),
    ],
)
def test_an_invalid_function_is_refused(secrets_backend, name, handler, environment, message):
    with pytest.raises(TypeError, match=message):
        secrets_backend.register_rotation_lambda(name, handler, environment=environment)
