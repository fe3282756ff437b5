"""RotateSecret: what a rotation function is given, and what its steps make of the secret."""

import asyncio
import json
import os
import threading
from datetime import timedelta

import boto3
import pytest
from conformance.fidelity import behaviour
from conformance.rotation.runs import stages
from conformance.rotation_functions import NAME, STEPS, AlternatingUsers, Database, SingleUser, Template, failing, idle
from tables import rows

from mock_secrets.model.rotation import Outcome

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
ROTATE = "RotateSecret"
GUIDE = "AWS Secrets Manager User Guide, Lambda rotation functions"
SAMPLES = "GitHub aws-samples/aws-secrets-manager-rotation-lambdas, SecretsManagerRotationTemplate"
LAMBDA_TEST = "LocalStack AWS-validated test test_rotate_secret_with_lambda_success"
MOTO_TEST = "moto test test_rotate_secret_using_lambda"
MODEL_TEXT = "text of the service's model in botocore 1.44.2"
MODEL = "botocore service model"

module_client = boto3.client("secretsmanager", region_name="us-east-1")


# --- What the function is given ---


@behaviour(ROTATE, "the function is invoked once for each step, in order", "AWS-DOC", GUIDE)
@behaviour(ROTATE, "the event has Step, SecretId (the ARN), ClientRequestToken and RotationToken", "AWS-DOC", GUIDE)
def test_each_step_receives_an_event_with_its_ids_and_tokens(client, secret, rotate):
    function = Template(client)

    rotate(function)

    assert function.steps == STEPS
    for event in function.events:
        assert set(event) == {"Step", "SecretId", "ClientRequestToken", "RotationToken"}
        assert (event["SecretId"], event["ClientRequestToken"]) == (secret, V2)
        assert 36 <= len(event["RotationToken"]) <= 256


@behaviour(ROTATE, "the event's RotationToken can be given to PutSecretValue", "AWS-DOC", MODEL)
def test_put_secret_value_accepts_the_rotation_token_of_the_event(client, secrets_backend, rotate):
    if "RotationToken" not in client.meta.service_model.operation_model("PutSecretValue").input_shape.members:
        pytest.skip("this botocore does not know RotationToken")

    def put(event):
        client.put_secret_value(
            SecretId=event["SecretId"],
            ClientRequestToken=event["ClientRequestToken"],
            RotationToken=event["RotationToken"],
            SecretString="new",
            VersionStages=["AWSPENDING"],
        )

    rotate(Template(client, createSecret=put))

    assert secrets_backend["db"].value == "new"


@rows("name", {"by its name": NAME, "by an alias": f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}:live"})
def test_the_context_looks_like_a_lambda_context(client, secrets_backend, secret, name):
    function = Template(client)
    arn = secrets_backend.register_rotation_lambda(name, function)

    client.rotate_secret(SecretId="db", RotationLambdaARN=arn)

    assert {(one.function_name, one.invoked_function_arn) for one in function.contexts} == {(NAME, arn)}
    assert len({one.aws_request_id for one in function.contexts}) == 4


def test_the_remaining_time_runs_down_with_the_clock_and_restarts_with_each_step(client, secrets_backend, rotate):
    remaining = []

    def handler(event, context):
        before = context.get_remaining_time_in_millis()
        secrets_backend.clock.advance(minutes=5)
        remaining.append((before, context.get_remaining_time_in_millis()))

    rotate(handler)

    assert remaining == [(15 * 60_000, 10 * 60_000)] * 4


@rows("fails", [False, True])
def test_the_function_sees_its_own_environment_which_is_restored_afterwards(
    client, secrets_backend, secret, monkeypatch, fails
):
    monkeypatch.setenv("EXCLUDE_CHARACTERS", "before")
    monkeypatch.delenv("TABLE", raising=False)
    before = dict(os.environ)
    seen = []

    def handler(event, context):
        seen.append(dict(os.environ))
        if fails:
            failing()

    arn = secrets_backend.register_rotation_lambda(NAME, handler, environment={"EXCLUDE_CHARACTERS": "/", "TABLE": "t"})

    client.rotate_secret(SecretId="db", RotationLambdaARN=arn)

    assert (
        seen[0].items()
        >= {
            "SECRETS_MANAGER_ENDPOINT": "https://secretsmanager.us-east-1.amazonaws.com",
            "AWS_LAMBDA_FUNCTION_NAME": NAME,
            "AWS_REGION": "us-east-1",
            "EXCLUDE_CHARACTERS": "/",
            "TABLE": "t",
        }.items()
    )
    assert dict(os.environ) == before


@rows("environment", [{"TABLE": 7}, {7: "TABLE"}])
def test_environment_values_must_be_text(secrets_backend, environment):
    with pytest.raises(TypeError):
        secrets_backend.register_rotation_lambda(NAME, idle, environment=environment)


def test_the_rotation_endpoint_matches_the_regions_partition(secrets_backend):
    secrets_backend.create("db", "old", region="cn-north-1")
    seen = []
    arn = secrets_backend.register_rotation_lambda(
        f"arn:aws-cn:lambda:cn-north-1:123456789012:function:{NAME}",
        lambda event, context: seen.append(os.environ["SECRETS_MANAGER_ENDPOINT"]),
    )

    secrets_backend.client(region_name="cn-north-1").rotate_secret(SecretId="db", RotationLambdaARN=arn)

    assert set(seen) == {"https://secretsmanager.cn-north-1.amazonaws.com.cn"}


def test_the_function_makes_calls_as_its_own_account(secrets_backend):
    secret = secrets_backend.create("db", "old", account_id="222222222222", region="us-east-1")
    arn = secrets_backend.register_rotation_lambda(
        f"arn:aws:lambda:us-east-1:222222222222:function:{NAME}", with_its_endpoint(secrets_backend)
    )
    client = secrets_backend.session("222222222222", "us-east-1").client("secretsmanager")

    client.rotate_secret(SecretId="db", RotationLambdaARN=arn, ClientRequestToken=V2)

    assert secret.rotations[0].error is None, secret.rotations[0].error.__cause__
    assert secret.stages["AWSCURRENT"].id == V2


def test_the_return_value_of_each_step_is_recorded(secrets_backend, rotate):
    rotate(lambda event, context: f"did {event['Step']}")

    run = secrets_backend["db"].rotations[0]
    assert [(step.step, step.returned, step.error) for step in run.steps] == [
        (step, f"did {step}", None) for step in STEPS
    ]


# --- How it calls Secrets Manager ---


def from_here(backend):
    return Template(backend.client())


def with_its_endpoint(backend):
    def handler(event, context):
        client = boto3.client("secretsmanager", endpoint_url=os.environ["SECRETS_MANAGER_ENDPOINT"])
        Template(client)(event, context)

    return handler


def with_a_client_of_the_module(backend):
    return Template(module_client)


def from_a_thread_that_it_waits_for(backend):
    def handler(event, context):
        raised = []

        def work():
            try:
                Template(backend.client())(event, context)
            except Exception as error:  # noqa: BLE001 - raised again where it belongs
                raised.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(timeout=20)
        assert not thread.is_alive()
        if raised:
            raise raised[0]

    return handler


def as_a_coroutine(backend):
    template = Template(backend.client())

    async def handler(event, context):
        await asyncio.sleep(0)
        template(event, context)

    return handler


def as_a_coroutine_with_worker_threads(backend):
    template = Template(backend.client())

    async def handler(event, context):
        await asyncio.to_thread(template, event, context)

    return handler


WAYS = [
    from_here,
    with_its_endpoint,
    with_a_client_of_the_module,
    from_a_thread_that_it_waits_for,
    as_a_coroutine,
    as_a_coroutine_with_worker_threads,
]


@pytest.mark.mock_secrets(region="us-east-1")
@rows("way", WAYS)
def test_a_rotation_functions_calls_reach_the_same_backend(secrets_backend, rotate, way):
    rotate(way(secrets_backend))

    run = secrets_backend["db"].rotations[0]
    assert run.outcome is Outcome.SUCCEEDED, run.error and run.error.__cause__
    assert secrets_backend["db"].stages["AWSCURRENT"].id == V2


@pytest.mark.asyncio
@pytest.mark.mock_secrets(region="us-east-1")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_rotation_also_works_inside_a_running_event_loop(secrets_backend, rotate, way):
    rotate(way(secrets_backend))

    assert secrets_backend["db"].rotations[0].outcome is Outcome.SUCCEEDED
    assert secrets_backend["db"].stages["AWSCURRENT"].id == V2


@pytest.mark.mock_secrets(region="us-east-1")
def test_an_async_handler_that_raises_fails_its_step(secrets_backend, rotate):
    async def handler(event, context):
        raise LookupError("no database")

    rotate(handler)

    run = secrets_backend["db"].rotations[0]
    assert run.outcome is Outcome.FAILED
    assert isinstance(run.error.__cause__, LookupError)


@rows("kind", [KeyboardInterrupt, SystemExit])
@pytest.mark.in_process
def test_a_program_exit_also_propagates_from_a_coroutine(secrets_backend, rotate, kind):
    async def handler(event, context):
        raise kind

    with pytest.raises(kind):
        rotate(handler)

    assert secrets_backend["db"].value == "old"


def test_an_async_handler_can_rotate_another_secret(client, secrets_backend, rotate):
    client.create_secret(Name="other", SecretString="other")
    inner = secrets_backend.register_rotation_lambda("inner", Template(client))
    template = Template(client, setSecret=lambda event: client.rotate_secret(SecretId="other", RotationLambdaARN=inner))

    async def handler(event, context):
        template(event, context)

    rotate(handler)

    runs = [*secrets_backend["db"].rotations, *secrets_backend["other"].rotations]
    assert [run.outcome for run in runs] == [Outcome.SUCCEEDED] * 2


@pytest.mark.mock_secrets(region="us-east-1")
def test_an_async_handler_can_advance_the_clock(secrets_backend, rotate):
    began = secrets_backend.clock.now()

    async def handler(event, context):
        secrets_backend.clock.advance(minutes=1)

    rotate(handler)

    assert secrets_backend["db"].rotations[0].steps[-1].error is None
    assert secrets_backend.clock.now() - began >= timedelta(minutes=4)


# --- AWS's template ---


@pytest.fixture
def database(tmp_path):
    return Database(tmp_path / "db.sqlite", admin="r00t", shop="0ld")


@behaviour(
    ROTATE, "the single-user strategy: the user's password is changed, and the secret with it", "AWS-DOC", SAMPLES
)
def test_single_user_rotation_changes_the_users_password_and_the_secret(client, secrets_backend, database):
    client.create_secret(Name="db", SecretString=json.dumps({"username": "shop", "password": "0ld"}))
    arn = secrets_backend.register_rotation_lambda(NAME, SingleUser(client, database))

    client.rotate_secret(SecretId="db", RotationLambdaARN=arn)

    password = secrets_backend["db"].json["password"]
    assert password != "0ld"
    assert database.users() == {"admin": "r00t", "shop": password}


@behaviour(ROTATE, "the alternating-users strategy: the user and its clone take turns", "AWS-DOC", SAMPLES)
def test_alternating_users_rotation_alternates_between_a_user_and_its_clone(client, secrets_backend, database):
    admin = client.create_secret(Name="admin", SecretString=json.dumps({"username": "admin", "password": "r00t"}))
    value = {"username": "shop", "password": "0ld", "masterarn": admin["ARN"]}
    client.create_secret(Name="db", SecretString=json.dumps(value))
    arn = secrets_backend.register_rotation_lambda(NAME, AlternatingUsers(client, database))
    client.rotate_secret(SecretId="db", RotationLambdaARN=arn)
    first = secrets_backend["db"].json

    client.rotate_secret(SecretId="db")

    second = secrets_backend["db"].json
    assert (first["username"], second["username"]) == ("shop_clone", "shop")
    assert database.users() == {"admin": "r00t", "shop": second["password"], "shop_clone": first["password"]}
    assert second["password"] != "0ld"


@behaviour(ROTATE, "a retry keeps the pending value", "AWS-DOC", SAMPLES)
def test_a_retry_keeps_the_password_the_database_already_has(client, secrets_backend, database):
    client.create_secret(Name="db", SecretString=json.dumps({"username": "shop", "password": "0ld"}))
    failures = [RuntimeError("the network is down")]

    def fail_once(event):
        if failures:
            raise failures.pop()

    arn = secrets_backend.register_rotation_lambda(NAME, SingleUser(client, database, testSecret=fail_once))
    client.rotate_secret(SecretId="db", RotationLambdaARN=arn)
    changed = database.users()["shop"]
    assert changed != "0ld"

    secrets_backend.clock.advance(minutes=10)

    assert secrets_backend["db"].json["password"] == changed == database.users()["shop"]
    assert [run.outcome for run in secrets_backend["db"].rotations] == [Outcome.FAILED, Outcome.SUCCEEDED]


# --- The versions on the way ---


@behaviour(ROTATE, "VersionId is the ClientRequestToken", "AWS-VERIFIED", LAMBDA_TEST)
@behaviour(ROTATE, "the id of the pending version is the ClientRequestToken", "AWS-VERIFIED", LAMBDA_TEST)
@rows("removes_pending", [True, False])
def test_a_successful_rotation_moves_current_to_the_tokens_version(
    client, secret, secrets_backend, rotate, removes_pending
):
    answer = rotate(Template(client, removes_pending=removes_pending))

    assert (answer["ARN"], answer["Name"], answer["VersionId"]) == (secret, "db", V2)
    assert stages(client)[V1] == {"AWSPREVIOUS"}
    assert stages(client)[V2] - {"AWSPENDING"} == {"AWSCURRENT"}
    assert secrets_backend["db"].rotations[0].outcome is Outcome.SUCCEEDED
    assert client.describe_secret(SecretId="db")["LastRotatedDate"]


@behaviour(ROTATE, "AWSPENDING on the AWSCURRENT version doesn't block the next rotation", "AWS-DOC", MODEL)
@rows("removes_pending", [True, False])
def test_a_pending_label_on_the_current_version_does_not_block_rotation(
    client, secrets_backend, rotate, removes_pending
):
    rotate(Template(client, removes_pending=removes_pending))

    client.rotate_secret(SecretId="db", ClientRequestToken=V3)

    assert set(stages(client)) == {V2, V3}
    assert stages(client)[V2] == {"AWSPREVIOUS"}
    assert [run.outcome for run in secrets_backend["db"].rotations] == [Outcome.SUCCEEDED] * 2


@behaviour(
    ROTATE, "at createSecret DescribeSecret shows the token's version as AWSPENDING", "AWS-VERIFIED", LAMBDA_TEST
)
@behaviour(ROTATE, "at createSecret the pending version has no value", "AWS-VERIFIED", LAMBDA_TEST)
def test_the_pending_version_has_no_value_at_the_create_secret_step(client, rotate):
    seen = {}

    def look(event):
        described = client.describe_secret(SecretId="db")
        seen.update(
            enabled=described["RotationEnabled"],
            described=described["VersionIdsToStages"],
            listed=client.list_secrets()["SecretList"][0]["SecretVersionsToStages"],
            batch=[
                value["SecretString"] for value in client.batch_get_secret_value(SecretIdList=["db"])["SecretValues"]
            ],
            current=client.get_secret_value(SecretId="db")["SecretString"],
        )
        for selection in (
            {"VersionId": V2, "VersionStage": "AWSPENDING"},
            {"VersionStage": "AWSPENDING"},
            {"VersionId": V2},
        ):
            with pytest.raises(client.exceptions.ResourceNotFoundException):
                client.get_secret_value(SecretId="db", **selection)
        seen["looked"] = True

    rotate(Template(client, createSecret=look))

    both = {V1: ["AWSCURRENT"], V2: ["AWSPENDING"]}
    assert seen == {
        "enabled": True, "described": both, "listed": both, "batch": ["old"], "current": "old", "looked": True
    }  # fmt: skip


@behaviour(ROTATE, "at createSecret, ListSecretVersionIds doesn't list the placeholder", "AWS-DOC", MODEL_TEXT)
@rows("deprecated", [True, False])
def test_the_pending_version_is_not_listed_at_the_create_secret_step(client, rotate, deprecated):
    listed = []

    def look(event):
        listed.append(client.list_secret_version_ids(SecretId="db", IncludeDeprecated=deprecated)["Versions"])

    rotate(Template(client, createSecret=look))

    assert [[version["VersionId"] for version in versions] for versions in listed] == [[V1]]


@behaviour(ROTATE, "at finishSecret, the pending version has its value", "AWS-VERIFIED", MOTO_TEST)
def test_the_pending_version_has_a_value_at_the_finish_secret_step(client, rotate):
    seen = []
    rotate(
        Template(
            client,
            finishSecret=lambda event: seen.append(client.get_secret_value(SecretId="db", VersionStage="AWSPENDING")),
        )
    )

    assert [(one["VersionId"], one["VersionStages"]) for one in seen] == [(V2, ["AWSPENDING"])]


@behaviour(
    ROTATE,
    "if all steps return and AWSCURRENT hasn't moved, AWSPENDING stays",
    "REPORTED",
    "GitHub go-to-k/cdkd, tests/integration/secrets-rotation-schedule",
)
@behaviour(
    ROTATE,
    "if all steps return and AWSCURRENT hasn't moved, the rotation counts as failed",
    "GUESS",
    "it blocks the next one",
    decided_by="a rotation function",
)
def test_a_rotation_that_never_moves_current_fails(client, secrets_backend, rotate):
    rotate(idle)

    assert stages(client) == {V1: {"AWSCURRENT"}, V2: {"AWSPENDING"}}
    assert secrets_backend["db"].rotations[0].outcome is Outcome.FAILED
    with pytest.raises(client.exceptions.InvalidRequestException):
        client.rotate_secret(SecretId="db")
