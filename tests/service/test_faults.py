"""``backend.fail``: which calls go wrong, how often, and what is left of them."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from conformance.fidelity import behaviour
from tables import rows

from mock_secrets import mock_secrets
from mock_secrets.faults import CorruptAnswer, Latency, LostAnswer, ReadTimeout
from mock_secrets.kernel.errors_on_demand import ON_DEMAND
from mock_secrets.protocol.shapes import service_model

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ONCE = Config(retries={"total_max_attempts": 1})
THROTTLED = "ThrottlingException"
ON_REQUEST = "Any operation: errors that a test asks for"


@pytest.fixture
def backend():
    with mock_secrets(at=NOON, secrets={"db": "old", "api": "old"}) as backend:
        yield backend


@pytest.fixture
def client(backend):
    """A client that tries each call once."""
    return backend.client(config=ONCE)


def fails(call, *args, **params):
    """Whether a call goes wrong."""
    try:
        call(*args, **params)
    except (BotoCoreError, ClientError, ResponseParserError):
        return True
    return False


def read(client, **params):
    return fails(client.get_secret_value, **{"SecretId": "db", **params})


def outcomes(client, count):
    """Of so many calls which go wrong, as a text of x for those, and of dots."""
    return "".join("x" if read(client) else "." for _ in range(count))


# --- Errors by their codes ---


@behaviour(
    ON_REQUEST,
    "the codes of the service's model, with the sentence of an answer on record or else of the model",
    "AWS-DOC",
    "botocore service model, the errors",
)
@behaviour(
    ON_REQUEST,
    "the codes of all services, with the sentence of the API reference",
    "AWS-DOC",
    "AWS API reference, Common error types",
)
@behaviour(
    ON_REQUEST,
    "the sentence of a modelled error is its documentation, if no answer is on record",
    "GUESS",
    "AWS's answers are more specific",
    decided_by="AWS's internals",
)
@behaviour(
    ON_REQUEST,
    "errors of signatures and tokens are HTTP 400",
    "GUESS",
    "reported for services of this protocol; the API reference says 403",
    decided_by="signed requests",
)
@rows("code", sorted(ON_DEMAND))
def test_an_injected_error_has_the_aws_message_and_status_of_its_code(backend, client, code):
    backend.fail("GetSecretValue", code)

    with pytest.raises(ClientError) as caught:
        client.get_secret_value(SecretId="db")

    answer = caught.value.response
    assert answer["Error"]["Code"] == code
    assert answer["Error"]["Message"].startswith(ON_DEMAND[code].message.partition("{")[0])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == ON_DEMAND[code].status


def test_every_error_in_the_service_model_can_be_requested_and_has_its_class(backend, client):
    for shape in service_model().error_shapes:
        with backend.fail("*", shape.name), pytest.raises(getattr(client.exceptions, shape.name)):
            client.describe_secret(SecretId="db")


def test_an_injected_access_denied_error_names_the_caller_action_and_secret(backend, client):
    backend.fail("PutSecretValue", "AccessDeniedException")

    with pytest.raises(ClientError) as caught:
        client.put_secret_value(SecretId="db", SecretString="new")

    assert caught.value.response["Error"]["Message"] == (
        "User: arn:aws:iam::123456789012:user/administrator is not authorized to perform:"
        " secretsmanager:PutSecretValue on resource: db because no identity-based policy allows the"
        " secretsmanager:PutSecretValue action"
    )


def test_a_refused_call_changes_nothing_and_is_logged(backend, client):
    backend.fail("UpdateSecret", "InternalServiceError")

    assert fails(client.update_secret, SecretId="db", SecretString="new")

    assert backend["db"].value == "old"
    [call] = backend.calls
    assert (call.error, call.fault, call.message) == (
        "InternalServiceError",
        "InternalServiceError",
        "An error occurred on the server side.",
    )
    assert [one["errorCode"] for one in backend.cloudtrail.lookup(name="UpdateSecret")] == ["InternalServiceError"]


def test_a_fault_is_raised_before_the_request_is_validated(backend, client):
    backend.fail("*", THROTTLED)

    with pytest.raises(ClientError, match="Rate exceeded"):
        client.update_secret(SecretId="missing", SecretString="new")


def test_faults_do_not_affect_direct_access(backend):
    backend.fail("*", THROTTLED)

    backend["db"].update("new")

    assert backend.create("more", "value").value == "value"


# --- What happens on the way ---


@rows("fault, value, logged", [(LostAnswer(), "new", 1), (CorruptAnswer(), "new", 1), (ReadTimeout(), "old", 0)])
def test_the_state_and_log_show_whether_a_failed_call_took_effect(backend, client, fault, value, logged):
    backend.fail("UpdateSecret", fault)

    assert fails(client.update_secret, SecretId="db", SecretString="new")

    assert backend["db"].value == value
    assert len(backend.cloudtrail.lookup(name="UpdateSecret")) == logged
    [call] = backend.calls
    assert (call.error, call.fault) == (None, repr(fault))


def test_a_lost_answer_may_be_a_refusal(backend, client):
    backend.fail("*", LostAnswer())

    assert fails(client.get_secret_value, SecretId="missing")

    assert [(call.error, call.fault) for call in backend.calls] == [("ResourceNotFoundException", "LostAnswer()")]


def test_latency_moves_the_service_clock_after_the_call_takes_effect(backend, client):
    backend.fail("UpdateSecret", Latency(timedelta(seconds=3)))

    client.update_secret(SecretId="db", SecretString="new")

    assert backend.clock.now() == NOON + timedelta(seconds=3)
    assert backend.calls[0].at == backend["db"].versions[-1].created_at == NOON


def test_latencies_add_up_and_the_next_fault_decides_the_answer(backend, client):
    backend.fail("*", Latency(timedelta(seconds=3)))
    backend.fail("GetSecretValue", Latency(timedelta(seconds=1)))
    backend.fail("GetSecretValue", THROTTLED)

    assert read(client)

    assert backend.clock.now() == NOON + timedelta(seconds=4)
    assert backend.calls[0].error == THROTTLED


def test_work_due_during_a_latency_is_done_before_the_answer(backend, client):
    backend.fail("DeleteSecret", Latency(timedelta(days=8)))

    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)

    assert "db" not in backend


# --- Which calls ---


@rows("which, hit, missed", [
        ({"secret": "db"}, {"SecretId": "db"}, {"SecretId": "api"}),
        ({"secret": "db"}, {"SecretId": "arn:aws:secretsmanager:us-east-1:123456789012:secret:db"}, {"SecretId": "d"}),
        ({"stage": "AWSPREVIOUS"}, {"SecretId": "db", "VersionStage": "AWSPREVIOUS"}, {"SecretId": "db"}),
        ({"stage": "AWSCURRENT"}, {"SecretId": "db"}, {"SecretId": "db", "VersionId": "0" * 32}),
        ({"when": lambda call: "VersionId" in call.params}, {"SecretId": "db", "VersionId": "0" * 32}, {"SecretId": "db"}),
        ({"principal": "administrator"}, {"SecretId": "db"}, None),
        ({"principal": "somebody"}, None, {"SecretId": "db"}),
        ({"region": "us-east-1"}, {"SecretId": "db"}, None),
        ({"region": "eu-west-1"}, None, {"SecretId": "db"}),
    ])  # fmt: skip
def test_a_fault_affects_only_the_calls_it_names(backend, client, which, hit, missed):
    fault = backend.fail("GetSecretValue", THROTTLED, **which)

    for params in filter(None, (hit, missed)):
        fails(client.get_secret_value, **params)

    assert [call.params for call in fault.calls] == ([] if hit is None else [hit])


@rows("operation, params, stages", [
        ("put_secret_value", {"SecretId": "db", "SecretString": "v", "VersionStages": ["blue"]}, {"blue"}),
        ("put_secret_value", {"SecretId": "db", "SecretString": "v"}, {"AWSCURRENT"}),
        ("update_secret", {"SecretId": "db", "SecretString": "v"}, {"AWSCURRENT"}),
        ("update_secret", {"SecretId": "db", "Description": "d"}, set()),
        ("batch_get_secret_value", {"SecretIdList": ["db"]}, {"AWSCURRENT"}),
        ("update_secret_version_stage", {"SecretId": "db", "VersionStage": "blue", "MoveToVersionId": "0" * 32}, {"blue"}),
        ("describe_secret", {"SecretId": "db"}, set()),
    ])  # fmt: skip
def test_a_call_matches_the_stages_it_names_or_those_aws_defaults_to(backend, client, operation, params, stages):
    faults = {stage: backend.fail("*", Latency(timedelta(seconds=1)), stage=stage) for stage in ("AWSCURRENT", "blue")}

    fails(getattr(client, operation), **params)

    assert {stage for stage, fault in faults.items() if fault.calls} == stages


def test_a_fault_on_any_listed_secret_affects_the_batch(backend, client):
    backend.fail("*", THROTTLED, secret="db")

    assert fails(client.batch_get_secret_value, SecretIdList=["api", "db"])
    assert not fails(client.batch_get_secret_value, SecretIdList=["api"])


def test_a_fault_principal_can_be_a_user_or_role_object_an_arn_or_a_name(backend):
    everything = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    user, role = backend.iam.create_user("app", everything), backend.iam.create_role("job", everything)

    for principal, caller in [(user, user), (role, role), (role.arn, role), ("job", role)]:
        with backend.fail("*", THROTTLED, principal=principal):
            assert read(caller.client(config=ONCE))
            assert not read(backend.client(config=ONCE))


def test_faults_affect_the_calls_of_a_rotation_function(backend):
    def handler(event, context):
        backend.client(config=ONCE).describe_secret(SecretId=event["SecretId"])

    arn = backend.register_rotation_lambda("rotator", handler)
    backend.fail("DescribeSecret", THROTTLED)

    backend.client().rotate_secret(SecretId="db", RotationLambdaARN=arn)

    assert THROTTLED in str(backend["db"].rotations[0].error.__cause__)


# --- How often ---


@rows(
    "how_often, expected",
    [
        ({}, "xxxxxxxxxxxx"),
        ({"times": 2}, "xx.........."),
        ({"after": 3}, "...xxxxxxxxx"),
        ({"after": 3, "times": 1}, "...x........"),
        ({"sequence": (3, 2)}, "xxx..xxx..xx"),
        ({"sequence": (1, 1, 2, 1)}, "x.xx.x.xx.x."),
        ({"sequence": (1, 0)}, "xxxxxxxxxxxx"),
        ({"sequence": (2, 1), "after": 1, "times": 3}, ".xx.x......."),
        ({"rate": 1}, "xxxxxxxxxxxx"),
    ],
)
def test_calls_fail_as_often_as_requested(backend, client, how_often, expected):
    backend.fail("GetSecretValue", THROTTLED, **how_often)

    assert outcomes(client, 12) == expected


def test_calls_that_do_not_match_a_fault_are_not_counted(backend, client):
    backend.fail("GetSecretValue", THROTTLED, secret="db", after=1)

    client.get_secret_value(SecretId="api")

    assert outcomes(client, 2) == ".x"


def test_a_rate_picks_the_same_calls_on_every_run_unless_the_seed_changes():
    def picked(seed):
        with mock_secrets(seed=seed, secrets={"db": "old"}) as backend:
            backend.fail("GetSecretValue", THROTTLED, rate=0.3)
            return outcomes(backend.client(config=ONCE), 100)

    assert picked(1) == picked(1) != picked(2)
    assert 15 < picked(1).count("x") < 45


def test_no_call_fails_after_the_given_instant(backend, client):
    backend.fail("GetSecretValue", THROTTLED, until=NOON + timedelta(hours=1))

    before = outcomes(client, 2)
    backend.clock.advance(hours=1)

    assert before + outcomes(client, 2) == "xx.."


def test_the_earliest_of_several_faults_answers_while_it_lasts(backend, client):
    backend.fail("GetSecretValue", THROTTLED, times=1)
    backend.fail("*", "InternalServiceError", times=1)

    assert outcomes(client, 3) == "xx."
    assert [call.error for call in backend.calls] == [THROTTLED, "InternalServiceError", None]


# --- Where it ends ---


def test_a_fault_starts_at_once_and_ends_with_its_block_or_by_itself(backend, client):
    with backend.fail("*", THROTTLED) as fault:
        assert fault.is_active
        assert read(client)

    assert not fault.is_active
    assert not read(client)
    fault.end()
    with pytest.raises(RuntimeError, match=r"has ended\. Start a new one"), fault:
        pass


def test_a_fault_started_in_a_savepoint_ends_with_it_and_counts_are_restored(backend, client):
    outer = backend.fail("GetSecretValue", THROTTLED, times=2)
    with backend.savepoint():
        inner = backend.fail("*", "InternalServiceError")
        assert outcomes(client, 3) == "xxx"
        assert (len(outer.calls), len(inner.calls)) == (2, 1)

    assert not inner.is_active
    assert outer.calls == []
    assert outcomes(client, 3) == "xx."


def test_fired_and_unfired_faults_are_distinguished_even_after_they_end(backend, client):
    fired, unfired = backend.fail("GetSecretValue", THROTTLED), backend.fail("DeleteSecret", THROTTLED)
    read(client)
    fired.end()

    assert backend.faults.fired == [fired]
    assert backend.faults.unfired == [unfired]
    assert {fired: 1}[backend.faults.fired[0]] == 1
    assert repr(backend.faults) == "<faults: 1 fired, 1 did not>"
    assert repr(fired) == "<fail('GetSecretValue', 'ThrottlingException'): fired once, ended>"
    assert repr(unfired) == "<fail('DeleteSecret', 'ThrottlingException'): not fired>"
    assert (unfired.operation, unfired.error) == ("DeleteSecret", THROTTLED)


# --- What a report shows ---


def test_a_report_says_that_the_fault_was_injected_by_the_test(backend, client):
    with backend.fail("GetSecretValue", THROTTLED, secret="db"), backend.fail("UpdateSecret", LostAnswer()):
        read(client)
        fails(client.update_secret, SecretId="db", SecretString="new")

    report = " ".join(backend.report().split())
    assert "✗ ThrottlingException: Rate exceeded → injected: fail('GetSecretValue', 'ThrottlingException'" in report
    assert "✗ LostAnswer() → injected: fail('UpdateSecret', LostAnswer())" in report
    assert "1 refused" in report


def test_the_report_says_why_time_passed(backend, client):
    backend.fail("*", Latency(timedelta(milliseconds=1500)))

    read(client)

    assert "── the answer took 1.500 seconds to 12:00:01.500" in backend.report()
    assert "moved by 1.500 seconds" in backend.report()
