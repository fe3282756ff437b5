"""RotateSecret: steps that fail, what abandons a rotation, and functions that misbehave."""

import threading
from datetime import datetime, timedelta, timezone

import pytest
from conformance.fidelity import behaviour
from conformance.rotation.runs import outcomes, rotation_members, stages
from conformance.rotation_functions import NAME, STEPS, Template, failing, idle
from tables import rows

from mock_secrets import Limits
from mock_secrets.model.rotation import Outcome, RotationFailed

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ROTATE = "RotateSecret"
ARN = f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}"
MODEL = "botocore service model"
TRAIL = "AWS Secrets Manager User Guide, CloudTrail entries: RotationFailed"
ABANDONED = "AWS Secrets Manager User Guide, CloudTrail entries: RotationAbandoned"
NOT_COMPLETE = "A previous rotation isn't complete. That rotation will be reattempted."
WEEKLY = {"AutomaticallyAfterDays": 7}

later = pytest.mark.mock_secrets(at=NOON, limits=Limits(rotation_delay=timedelta(minutes=1)))


# --- Failures ---


@behaviour(ROTATE, "a step that fails ends the rotation; AWSPENDING stays, even on an empty version", "AWS-DOC", MODEL)
@behaviour(ROTATE, "the sentence of the failure", "AWS-DOC", TRAIL)
@rows("step", STEPS)
def test_a_failing_step_ends_the_rotation_and_leaves_the_pending_label(client, secrets_backend, rotate, step):
    function = Template(client, **{step: failing})

    answer = rotate(function)

    run = secrets_backend["db"].rotations[0]
    assert answer["VersionId"] == run.token == V2
    assert function.steps == STEPS[: STEPS.index(step) + 1]
    assert stages(client) == {V1: {"AWSCURRENT"}, V2: {"AWSPENDING"}}
    assert (secrets_backend["db"].stages["AWSPENDING"].value is None) == (step == "createSecret")
    assert client.get_secret_value(SecretId="db")["SecretString"] == "old"
    assert rotation_members(client) == {"RotationEnabled", "RotationLambdaARN"}
    assert (run.outcome, run.attempt, run.is_test) == (Outcome.FAILED, 1, False)
    assert isinstance(run.error, RotationFailed)
    assert str(run.error) == f"Error when executing lambda {ARN} during {step} step"
    assert str(run.error.__cause__) == "the database is down"
    assert run.steps[-1].error is run.error.__cause__


@behaviour(ROTATE, "a failed rotation blocks another one", "AWS-DOC", MODEL)
@behaviour(ROTATE, "no other rotation runs while one waits to be retried", "AWS-DOC", "AWS API reference")
@rows("step", STEPS)
def test_a_failed_rotation_blocks_another(client, rotate, step):
    rotate(Template(client, **{step: failing}))

    with pytest.raises(client.exceptions.InvalidRequestException) as caught:
        client.rotate_secret(SecretId="db")

    assert caught.value.response["Error"]["Message"] == NOT_COMPLETE


@behaviour(
    ROTATE,
    "a failed rotation is retried",
    "AWS-DOC",
    "AWS API reference, DescribeSecret, NextRotationDate: 'Secrets Manager retries the entire "
    "rotation process multiple times'",
)
@behaviour(ROTATE, "a retry has the same token", "GUESS", "no source", decided_by="a rotation function")
@pytest.mark.mock_secrets(at=NOON)
def test_a_failed_rotation_is_retried_with_the_same_token(client, secrets_backend, rotate):
    rotate(Template(client, testSecret=failing))

    secrets_backend.clock.advance(days=30)

    runs = secrets_backend["db"].rotations
    assert [(run.attempt, run.token) for run in runs] == [(attempt, V2) for attempt in range(1, 6)]
    assert [run.started_at for run in runs] == [NOON + timedelta(minutes=10 * number) for number in range(5)]
    assert outcomes(secrets_backend) == [Outcome.FAILED] * 5


@behaviour(ROTATE, "a retry can succeed, which completes the rotation", "AWS-DOC", MODEL)
@pytest.mark.mock_secrets(at=NOON)
def test_a_retry_can_complete_the_rotation(client, secrets_backend, rotate):
    rotate(Template(client, setSecret=failing))
    secrets_backend.register_rotation_lambda(NAME, Template(client))

    secrets_backend.clock.advance(days=1)

    assert outcomes(secrets_backend) == [Outcome.FAILED, Outcome.SUCCEEDED]
    assert stages(client)[V2] >= {"AWSCURRENT"}
    assert client.describe_secret(SecretId="db")["LastRotatedDate"] == NOON + timedelta(minutes=10)


# --- Abandoned by a new value ---

WRITES = rows("write", ["put_secret_value", "update_secret"])


@behaviour(ROTATE, "a new current value abandons a rotation and removes AWSPENDING", "AWS-DOC", ABANDONED)
@behaviour(ROTATE, "a new current value counts as a rotation", "AWS-DOC", MODEL)
@later
@WRITES
def test_a_new_value_before_the_rotation_runs_abandons_it(client, secrets_backend, rotate, write):
    function = Template(client)
    rotate(function, RotationRules=WEEKLY)

    getattr(client, write)(SecretId="db", SecretString="mine", ClientRequestToken=V3)
    secrets_backend.clock.advance(hours=1)

    assert function.steps == []
    assert stages(client) == {V1: {"AWSPREVIOUS"}, V3: {"AWSCURRENT"}}
    assert client.describe_secret(SecretId="db")["LastRotatedDate"] == NOON
    client.rotate_secret(SecretId="db")


@behaviour(ROTATE, "a new current value set inside a step abandons the rotation", "AWS-DOC", ABANDONED)
@WRITES
@rows("step", STEPS)
def test_a_new_value_stored_inside_a_step_abandons_the_rotation(client, secrets_backend, rotate, write, step):
    def handler(event, context):
        seen.append(event["Step"])
        if event["Step"] == step:
            getattr(client, write)(SecretId="db", SecretString="mine", ClientRequestToken=V3)

    seen = []

    rotate(handler)
    secrets_backend.clock.advance(days=1)

    assert seen == STEPS[: STEPS.index(step) + 1]
    assert stages(client) == {V1: {"AWSPREVIOUS"}, V3: {"AWSCURRENT"}}
    assert outcomes(secrets_backend) == [Outcome.ABANDONED]
    assert client.describe_secret(SecretId="db")["LastRotatedDate"]


@behaviour(ROTATE, "a step that fails after a new current value is not retried", "AWS-DOC", ABANDONED)
def test_a_step_that_fails_after_a_new_value_is_not_retried(client, secrets_backend, rotate):
    def handler(event, context):
        client.update_secret(SecretId="db", SecretString="mine")
        failing()

    rotate(handler)
    secrets_backend.clock.advance(days=1)

    assert len(secrets_backend["db"].rotations) == 1
    assert "AWSPENDING" not in secrets_backend["db"].stages


@behaviour(ROTATE, "a new current value ends the retries of a failed rotation", "AWS-DOC", ABANDONED)
@behaviour(
    ROTATE,
    "an update by hand ends the retries",
    "REPORTED",
    "AWS User Guide, CloudTrail event RotationAbandoned; GitHub hashicorp/terraform-provider-aws",
)
@WRITES
def test_a_new_value_ends_the_retries_of_a_failed_rotation(client, secrets_backend, rotate, write):
    rotate(Template(client, setSecret=failing))

    getattr(client, write)(SecretId="db", SecretString="mine", ClientRequestToken=V3)
    secrets_backend.clock.advance(days=1)

    assert len(secrets_backend["db"].rotations) == 1
    assert stages(client) == {V1: {"AWSPREVIOUS"}, V3: {"AWSCURRENT"}}


# --- Functions that misbehave ---


@rows("handler", [None, "handler", 7, {}])
def test_a_rotation_handler_that_is_not_callable_is_a_type_error(secrets_backend, handler):
    with pytest.raises(TypeError, match="callable"):
        secrets_backend.register_rotation_lambda(NAME, handler)


@rows("name", ["", "two words", "x" * 65, "arn:aws:s3:::bucket", "arn:aws:lambda:us-east-1:1:function:f"])
def test_a_name_must_be_a_valid_function_name(secrets_backend, name):
    with pytest.raises(ValueError, match="neither the name nor the ARN"):
        secrets_backend.register_rotation_lambda(name, idle)


@pytest.mark.mock_secrets(at=NOON)
@rows("afterwards", ["calls", "returns"])
@pytest.mark.in_process
def test_a_rotation_function_that_never_finishes_times_out(client, secrets_backend, rotate, afterwards):
    def linger(event):
        if afterwards == "returns":
            secrets_backend.clock.advance(minutes=16)
        while afterwards == "calls":
            secrets_backend.clock.advance(minutes=1)
            client.describe_secret(SecretId="db")

    rotate(Template(client, setSecret=linger))

    run = secrets_backend["db"].rotations[0]
    assert run.outcome is Outcome.FAILED
    assert str(run.error) == f"Error when executing lambda {ARN} during setSecret step"
    assert "Task timed out" in str(run.error.__cause__)
    assert stages(client) == {V1: {"AWSCURRENT"}, V2: {"AWSPENDING"}}


@pytest.mark.in_process
def test_a_function_that_never_finishes_cannot_continue_by_ignoring_errors(client, secrets_backend, rotate):
    swallowed = []

    def linger(event):
        while len(swallowed) < 3:
            secrets_backend.clock.advance(minutes=6)
            try:
                client.describe_secret(SecretId="db")
            except Exception as error:  # noqa: BLE001 - what a careless function does
                swallowed.append(error)

    rotate(Template(client, setSecret=linger))

    assert swallowed == []
    assert "Task timed out" in str(secrets_backend["db"].rotations[0].error.__cause__)


@rows("kind", [KeyboardInterrupt, SystemExit])
@pytest.mark.in_process
def test_a_program_exit_propagates_to_the_test_and_fails_the_run(client, secrets_backend, rotate, kind):
    def stop(event):
        raise kind

    function = Template(client, setSecret=stop)

    with pytest.raises(kind):
        rotate(function)
    del function.during["setSecret"]

    assert client.get_secret_value(SecretId="db")["SecretString"] == "old"
    assert outcomes(secrets_backend) == [Outcome.FAILED]
    assert stages(client) == {V1: {"AWSCURRENT"}, V2: {"AWSPENDING"}}
    secrets_backend.clock.advance(minutes=10)
    assert outcomes(secrets_backend) == [Outcome.FAILED, Outcome.SUCCEEDED]


def test_a_program_exit_in_a_retry_propagates_to_the_code_moving_the_clock(client, secrets_backend, rotate):
    began = secrets_backend.clock.now()

    def stop(event):
        raise KeyboardInterrupt

    rotate(Template(client, setSecret=failing))
    secrets_backend.register_rotation_lambda(NAME, Template(client, setSecret=stop))
    with pytest.raises(KeyboardInterrupt):
        secrets_backend.clock.advance(hours=1)
    secrets_backend.register_rotation_lambda(NAME, Template(client))

    secrets_backend.clock.advance(hours=1)

    assert client.get_secret_value(SecretId="db")["VersionId"] == V2
    assert secrets_backend.clock.now() >= began + timedelta(hours=1, minutes=10)
    assert Outcome.RUNNING not in outcomes(secrets_backend)


def test_a_removed_function_fails_its_next_run(client, secrets_backend, rotate):
    rotate(Template(client, setSecret=failing))
    secrets_backend.service.state.functions._by_arn.clear()

    secrets_backend.clock.advance(minutes=10)

    run = secrets_backend["db"].rotations[-1]
    assert (run.outcome, run.steps) == (Outcome.FAILED, [])
    assert ARN in str(run.error)


def test_one_function_can_rotate_two_secrets(client, secrets_backend, rotate):
    client.create_secret(Name="other", SecretString="other")
    function = Template(client)

    rotate(function)
    client.rotate_secret(SecretId="other", RotationLambdaARN=ARN)

    assert function.steps == STEPS * 2
    assert outcomes(secrets_backend) == outcomes(secrets_backend, "other") == [Outcome.SUCCEEDED]
    assert secrets_backend["db"].value != secrets_backend["other"].value


@rows("step", STEPS)
def test_a_rotation_step_can_rotate_another_secret(client, secrets_backend, rotate, step):
    client.create_secret(Name="other", SecretString="other")
    inner = secrets_backend.register_rotation_lambda("inner", Template(client))

    def also(event):
        client.rotate_secret(SecretId="other", RotationLambdaARN=inner)
        assert secrets_backend["other"].value != "other"

    rotate(Template(client, **{step: also}))

    assert outcomes(secrets_backend) == outcomes(secrets_backend, "other") == [Outcome.SUCCEEDED]


# --- Threads ---


@pytest.fixture
def in_another_thread():
    """Have a thread that is there already do some work; what a function calls to let it begin, and to wait for it."""

    def prepare(work):
        inside, done = threading.Event(), threading.Event()

        def run():
            assert inside.wait(timeout=20)
            try:
                work()
            finally:
                done.set()

        def wait(*_):
            inside.set()
            assert done.wait(timeout=20)

        threading.Thread(target=run, daemon=True).start()
        return wait

    return prepare


def test_other_threads_can_read_while_a_rotation_function_runs(client, secrets_backend, rotate, in_another_thread):
    read = []

    def reader():
        read.append(client.get_secret_value(SecretId="db")["SecretString"])
        read.append(secrets_backend["db"].value)

    rotate(Template(client, testSecret=in_another_thread(reader)))

    assert read == ["old", "old"]
    assert outcomes(secrets_backend) == [Outcome.SUCCEEDED]


def test_a_write_from_another_thread_abandons_the_running_function(client, secrets_backend, rotate, in_another_thread):
    rotate(in_another_thread(lambda: client.update_secret(SecretId="db", SecretString="mine", ClientRequestToken=V3)))

    assert outcomes(secrets_backend) == [Outcome.ABANDONED]
    assert stages(client) == {V1: {"AWSPREVIOUS"}, V3: {"AWSCURRENT"}}


def test_a_function_timeout_does_not_affect_other_threads(client, secrets_backend, rotate, in_another_thread):
    read = []
    wait = in_another_thread(lambda: read.append(client.get_secret_value(SecretId="db")["SecretString"]))

    def linger(event):
        secrets_backend.clock.advance(minutes=16)
        wait()

    rotate(Template(client, testSecret=linger))

    assert read == ["old"]
    assert outcomes(secrets_backend) == [Outcome.FAILED]


@behaviour(ROTATE, "a rotation started inside a rotation is refused like any other second one", "AWS-DOC", MODEL)
def test_rotating_the_same_secret_is_refused_even_after_current_has_moved(client, secrets_backend, rotate):
    function, refused = Template(client), []

    def handler(event, context):
        function(event, context)
        if event["Step"] == "finishSecret":
            with pytest.raises(client.exceptions.InvalidRequestException) as caught:
                client.rotate_secret(SecretId="db")
            refused.append(caught.value.response["Error"]["Message"])

    rotate(handler)

    assert refused == [NOT_COMPLETE]
    assert outcomes(secrets_backend) == [Outcome.SUCCEEDED]
