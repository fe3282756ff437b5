"""Rotations that the clock brings: when they run, what they leave, and what they wait for."""

import time
from datetime import datetime, timedelta, timezone

import freezegun
import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour

from mock_secrets import Limits, mock_secrets

ROTATE, CANCEL, DESCRIBE, DELETE = "RotateSecret", "CancelRotateSecret", "DescribeSecret", "DeleteSecret"
REFERENCE = "AWS API reference"
GUIDE = "AWS User Guide, rotation schedules"
CUSTODIAN = "recorded answers of cloud-custodian"
RECORDED_RUN = datetime(2025, 11, 20, 4, 4, 59, 557000, tzinfo=timezone.utc)

START = datetime(2026, 2, 3, 17, 42, tzinfo=timezone.utc)
TWICE_A_MONTH = "cron(0 16 1,15 * ? *)"
DAILY = {"AutomaticallyAfterDays": 1}

at_start = pytest.mark.mock_secrets(at=START)


class Rotations:
    """A function that rotates well unless it is told to fail, and notes when and what it saw."""

    def __init__(self, backend):
        self._client = backend.client()
        self._clock = backend.clock
        self.arn = backend.register_rotation_lambda("rotate", self)
        self.fails = False
        self.begun = []
        self.look = lambda: None
        self.seen = []

    def __call__(self, event, _):
        name, token = event["SecretId"], event["ClientRequestToken"]
        if event["Step"] == "createSecret":
            self.begun.append((name.split(":")[-1][:-7], self._clock.now()))
            self.seen.append(self.look())
        if self.fails:
            raise RuntimeError("no database")
        if event["Step"] == "createSecret":
            self._client.put_secret_value(
                SecretId=name, ClientRequestToken=token, SecretString=token, VersionStages=["AWSPENDING"]
            )
        elif event["Step"] == "finishSecret":
            stages = self._client.describe_secret(SecretId=name)["VersionIdsToStages"]
            current = next(version for version, labels in stages.items() if "AWSCURRENT" in labels)
            move = {"MoveToVersionId": token, "RemoveFromVersionId": current}
            self._client.update_secret_version_stage(SecretId=name, VersionStage="AWSCURRENT", **move)
            self._client.update_secret_version_stage(
                SecretId=name, VersionStage="AWSPENDING", RemoveFromVersionId=token
            )


@pytest.fixture
def function(secrets_backend):
    return Rotations(secrets_backend)


@pytest.fixture
def db(client):
    return client.create_secret(Name="db", SecretString="one")["ARN"]


@pytest.fixture
def new_york(monkeypatch):
    """A machine in New York."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


def utc(text):
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=timezone.utc)


def rotate(client, function, *, secret="db", **rules):
    return client.rotate_secret(SecretId=secret, RotationLambdaARN=function.arn, RotationRules=rules)


def configure(client, function, *, secret="db", **rules):
    return client.rotate_secret(
        SecretId=secret, RotationLambdaARN=function.arn, RotationRules=rules, RotateImmediately=False
    )


def dates(client, secret="db"):
    described = client.describe_secret(SecretId=secret)
    return described.get("LastRotatedDate"), described.get("NextRotationDate")


def started(backend, secret="db"):
    return [run.started_at for run in backend[secret].rotations if not run.is_test]


def value(client, secret="db"):
    return client.get_secret_value(SecretId=secret)["SecretString"]


# --- The recorded dates ---


@behaviour(DESCRIBE, "NextRotationDate is the last second of the next window", "AWS-VERIFIED", CUSTODIAN)
@behaviour(DESCRIBE, "AutomaticallyAfterDays is computed: 1 for a rate in hours", "AWS-VERIFIED", CUSTODIAN)
@pytest.mark.mock_secrets(at=RECORDED_RUN)
def test_the_recorded_rate_in_hours(client, function, db):
    rotate(client, function, ScheduleExpression="rate(4 hours)")

    assert dates(client) == (RECORDED_RUN, datetime(2025, 11, 20, 8, 59, 59, tzinfo=timezone.utc))
    assert client.describe_secret(SecretId="db")["RotationRules"] == {
        "AutomaticallyAfterDays": 1,
        "ScheduleExpression": "rate(4 hours)",
    }


@behaviour(DESCRIBE, "days count from the day of the rotation", "REPORTED", "GitHub issue with a CLI's output")
@at_start
def test_the_recorded_days(client, function, db):
    rotate(client, function, AutomaticallyAfterDays=30)

    assert dates(client) == (START, utc("03-05T23:59:59"))
    assert client.describe_secret(SecretId="db")["RotationRules"] == {"AutomaticallyAfterDays": 30}


@behaviour(DESCRIBE, "cron on the 1st and 15th: 14 days, and its window", "AWS-DOC", f"{REFERENCE}, example")
@at_start
def test_the_documented_cron(client, function, db):
    rotate(client, function, ScheduleExpression=TWICE_A_MONTH, Duration="2h")

    assert dates(client) == (START, utc("02-15T17:59:59"))
    assert client.describe_secret(SecretId="db")["RotationRules"] == {
        "AutomaticallyAfterDays": 14,
        "Duration": "2h",
        "ScheduleExpression": TWICE_A_MONTH,
    }


@behaviour("ListSecrets", "lists the rules and dates of a rotation", "AWS-VERIFIED", CUSTODIAN)
@at_start
def test_the_dates_are_listed(client, function, db):
    rotate(client, function, **DAILY)

    (listed,) = client.list_secrets()["SecretList"]

    assert (listed["LastRotatedDate"], listed["NextRotationDate"]) == (START, utc("02-04T23:59:59"))
    assert (listed["RotationEnabled"], listed["RotationRules"]) == (True, DAILY)


# --- Windows ---


@behaviour(ROTATE, "a scheduled rotation runs in its window, here at its beginning", "AWS-DOC", GUIDE)
@at_start
def test_the_clock_reaches_a_window(client, secrets_backend, function, db):
    rotate(client, function, **DAILY)
    secrets_backend.clock.travel_to(utc("02-03T23:59:59.999000"))
    before = started(secrets_backend)
    first = value(client)

    secrets_backend.clock.advance(milliseconds=1)

    assert before == [START]
    assert started(secrets_backend) == [START, utc("02-04T00:00:00")]
    assert value(client) != first
    assert dates(client) == (utc("02-04T00:00:00"), utc("02-05T23:59:59"))


@behaviour(ROTATE, "the first window of rules that were set without a rotation", "AWS-DOC", GUIDE)
@at_start
def test_the_first_scheduled_window(client, secrets_backend, function, db):
    configure(client, function, ScheduleExpression="rate(4 hours)")
    before = dates(client)

    secrets_backend.clock.advance(hours=3)

    assert before == (None, utc("02-03T20:59:59"))
    assert started(secrets_backend) == [utc("02-03T20:00:00")]
    assert dates(client) == (utc("02-03T20:00:00"), utc("02-04T00:59:59"))
    assert client.describe_secret(SecretId="db")["RotationRules"]["AutomaticallyAfterDays"] == 1


@behaviour(ROTATE, "each window has one rotation, whatever steps the clock takes", "AWS-DOC", GUIDE)
@at_start
@pytest.mark.parametrize("steps", [1, 10, 400, 3200])
def test_400_days_of_cron(client, secrets_backend, function, db, steps):
    rotate(client, function, ScheduleExpression=TWICE_A_MONTH)

    for _ in range(steps):
        secrets_backend.clock.advance(hours=400 * 24 / steps)

    firsts = [datetime(2026 + month // 12, month % 12 + 1, 1, 16, tzinfo=timezone.utc) for month in range(2, 15)]
    fifteenths = [first.replace(day=15) for first in firsts]
    due = sorted([utc("02-15T16:00:00"), *firsts, *fifteenths])
    expected = [start for start in due if start <= START + timedelta(days=400)]
    assert started(secrets_backend) == [START, *expected]
    assert dates(client)[0] == expected[-1]
    assert {run.outcome.value for run in secrets_backend["db"].rotations} == {"succeeded"}
    assert len({run.token for run in secrets_backend["db"].rotations}) == len(expected) + 1


@behaviour(ROTATE, "secrets rotate each in its own time", "AWS-DOC", GUIDE)
@at_start
def test_two_secrets_interleave(client, secrets_backend, function, db):
    client.create_secret(Name="api", SecretString="one")
    configure(client, function, ScheduleExpression="rate(12 hours)")
    configure(client, function, secret="api", ScheduleExpression="cron(0 8/8 * * ? *)")

    secrets_backend.clock.advance(days=1)

    assert function.begun == [
        ("db", utc("02-04T00:00:00")),
        ("api", utc("02-04T08:00:00")),
        ("db", utc("02-04T12:00:00")),
        ("api", utc("02-04T16:00:00")),
    ]


@behaviour(ROTATE, "any number of secrets rotate in one window", "AWS-DOC", GUIDE)
@at_start
def test_many_secrets_in_one_window(client, secrets_backend, function):
    many = [f"db-{number}" for number in range(60)]
    for name in many:
        client.create_secret(Name=name, SecretString="one")
        configure(client, function, secret=name, **DAILY)

    secrets_backend.clock.advance(days=1)

    outcomes = {name: [run.outcome.value for run in secrets_backend[name].rotations] for name in many}
    assert outcomes == {name: ["succeeded", "succeeded"] for name in many}


@behaviour(ROTATE, "a rotation sees what was deleted before it", "AWS-DOC", GUIDE)
@at_start
def test_rotations_and_a_deletion_in_order(client, secrets_backend, function, db):
    client.create_secret(Name="doomed", SecretString="one")
    configure(client, function, **DAILY)
    client.delete_secret(SecretId="doomed", RecoveryWindowInDays=7)
    function.look = lambda: "doomed" in secrets_backend

    secrets_backend.clock.advance(days=9)

    assert function.seen == [True] * 7 + [False] * 2


@behaviour(ROTATE, "a rotation sees which versions were removed before it", "AWS-DOC", GUIDE)
@pytest.mark.mock_secrets(at=START, limits=Limits(retained_versions=2))
def test_rotations_and_retention_in_order(client, secrets_backend, function, db):
    client.create_secret(Name="log", SecretString="0")
    for text in "123":
        client.update_secret(SecretId="log", SecretString=text)
    configure(client, function, ScheduleExpression="rate(12 hours)")
    function.look = lambda: len(secrets_backend["log"].versions)

    secrets_backend.clock.advance(hours=48)

    assert function.seen == [4, 4, 2, 2]


@behaviour(ROTATE, "windows are in UTC", "AWS-DOC", GUIDE)
@pytest.mark.mock_secrets(at=datetime(2026, 3, 7, 12, tzinfo=timezone.utc))
def test_a_machine_that_changes_its_clocks(client, secrets_backend, function, db, new_york):
    rotate(client, function, **DAILY)

    secrets_backend.clock.advance(days=3)

    days = [utc("03-08T00:00:00"), utc("03-09T00:00:00"), utc("03-10T00:00:00")]
    assert started(secrets_backend)[1:] == days
    assert dates(client) == (utc("03-10T00:00:00"), utc("03-11T23:59:59"))


@behaviour(ROTATE, "without rules a secret does not rotate by itself", "AWS-VERIFIED", CUSTODIAN)
@at_start
def test_a_rotation_without_rules(client, secrets_backend, function, db):
    client.rotate_secret(SecretId="db", RotationLambdaARN=function.arn)

    secrets_backend.clock.advance(days=400)

    described = client.describe_secret(SecretId="db")
    assert started(secrets_backend) == [START]
    assert described["RotationEnabled"] is True
    assert "RotationRules" not in described


# --- The process's clock ---


@behaviour(ROTATE, "a clock that follows the process rotates on its way too", "AWS-DOC", GUIDE)
def test_a_following_clock_that_is_advanced(client, secrets_backend, function, db):
    configure(client, function, **DAILY)
    (shown,) = dates(client)[1:]
    opens = shown + timedelta(seconds=1) - timedelta(days=1)

    secrets_backend.clock.advance(days=2)

    assert started(secrets_backend) == [opens, opens + timedelta(days=1)]


@behaviour(ROTATE, "time that is frozen elsewhere rotates at the next call", "AWS-DOC", GUIDE)
def test_frozen_time_that_moves():
    with freezegun.freeze_time(START) as frozen, mock_secrets() as backend:
        client, function = backend.client(), Rotations(backend)
        client.create_secret(Name="db", SecretString="one")
        configure(client, function, **DAILY)
        frozen.move_to(utc("02-06T12:00:00"))

        seen = dates(client)

        assert started(backend) == [utc("02-04T00:00:00"), utc("02-05T00:00:00"), utc("02-06T00:00:00")]
        assert seen == (utc("02-06T00:00:00"), utc("02-07T23:59:59"))


# --- Changes between two windows ---


@behaviour(ROTATE, "a manual update counts as a rotation", "AWS-DOC", REFERENCE)
@at_start
@pytest.mark.parametrize("operation", ["update_secret", "put_secret_value"])
def test_a_manual_update(client, secrets_backend, function, db, operation):
    rotate(client, function, AutomaticallyAfterDays=10)
    secrets_backend.clock.advance(days=4)

    getattr(client, operation)(SecretId="db", SecretString="by hand")

    assert dates(client) == (START + timedelta(days=4), utc("02-17T23:59:59"))
    secrets_backend.clock.travel_to(utc("02-16T23:59:59"))
    assert value(client) == "by hand"
    secrets_backend.clock.advance(seconds=1)
    assert started(secrets_backend) == [START, utc("02-17T00:00:00")]


@behaviour(ROTATE, "what is no new current value is no rotation", "AWS-DOC", REFERENCE)
@at_start
def test_what_does_not_count_as_a_rotation(client, secrets_backend, function, db):
    rotate(client, function, AutomaticallyAfterDays=10)
    before = dates(client)
    secrets_backend.clock.advance(days=4)

    client.update_secret(SecretId="db", Description="changed")
    client.put_secret_value(SecretId="db", SecretString="aside", VersionStages=["blue"])

    assert dates(client) == before


@behaviour(ROTATE, "rules and function that are left out are those that are stored", "AWS-VERIFIED", "LocalStack test")
@at_start
def test_a_rotation_by_what_is_stored(client, secrets_backend, function, db):
    rotate(client, function, AutomaticallyAfterDays=10, Duration="3h")
    secrets_backend.clock.advance(days=4)

    client.rotate_secret(SecretId="db")

    described = client.describe_secret(SecretId="db")
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 10, "Duration": "3h"}
    assert described["RotationLambdaARN"] == function.arn
    assert dates(client) == (START + timedelta(days=4), utc("02-17T02:59:59"))


@behaviour(ROTATE, "new rules alone count from the day on which they are set", "GUESS", "the recorded first window")
@at_start
def test_a_change_of_rules(client, secrets_backend, function, db):
    rotate(client, function, AutomaticallyAfterDays=10)
    secrets_backend.clock.advance(days=4)

    client.rotate_secret(SecretId="db", RotationRules={"ScheduleExpression": "rate(2 days)"}, RotateImmediately=False)

    assert dates(client) == (START, utc("02-09T23:59:59"))
    secrets_backend.clock.advance(days=5)
    assert started(secrets_backend) == [START, utc("02-09T00:00:00"), utc("02-11T00:00:00")]


# --- Failures ---


@behaviour(ROTATE, "a rotation that fails is tried again", "GUESS", 'documented as "multiple times"')
@behaviour(DESCRIBE, "NextRotationDate lies in the past after failures", "AWS-VERIFIED", CUSTODIAN)
@at_start
def test_a_failure_in_a_window(client, secrets_backend, function, db):
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
    ROTATE, "the window after a failure goes on with its version", "AWS-DOC", f"{REFERENCE}: will be reattempted"
)
@at_start
def test_a_success_in_the_window_after(client, secrets_backend, function, db):
    configure(client, function, **DAILY)
    function.fails = True
    secrets_backend.clock.travel_to(utc("02-04T12:00:00"))
    left = secrets_backend["db"].stages["AWSPENDING"].id
    function.fails = False

    secrets_backend.clock.travel_to(utc("02-05T12:00:00"))

    assert value(client) == left
    assert secrets_backend["db"].rotations[-1].token == left
    assert dates(client) == (utc("02-05T00:00:00"), utc("02-06T23:59:59"))


@behaviour(ROTATE, "how often and when a failure is tried again is the mock's choice", "GUESS", "nothing is documented")
@pytest.mark.mock_secrets(at=START, limits=Limits(rotation_attempts=2, rotation_retry_delay=timedelta(hours=1)))
def test_limits_of_retries(client, secrets_backend, function, db):
    configure(client, function, **DAILY)
    function.fails = True

    secrets_backend.clock.travel_to(utc("02-04T12:00:00"))

    assert started(secrets_backend) == [utc("02-04T00:00:00"), utc("02-04T01:00:00")]


@behaviour(ROTATE, "while a rotation waits to be tried again there is no other", "AWS-DOC", REFERENCE)
@at_start
def test_a_rotation_after_a_failure(client, secrets_backend, function, db):
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


@behaviour(ROTATE, "an update by hand ends the retries", "REPORTED", "event RotationAbandoned; terraform-provider-aws")
@at_start
def test_a_manual_update_between_two_retries(client, secrets_backend, function, db):
    configure(client, function, AutomaticallyAfterDays=3)
    function.fails = True
    secrets_backend.clock.travel_to(utc("02-06T00:15:00"))

    client.update_secret(SecretId="db", SecretString="by hand")

    secrets_backend.clock.advance(days=1)
    assert len(started(secrets_backend)) == 2
    assert "AWSPENDING" not in secrets_backend["db"].stages
    assert dates(client) == (utc("02-06T00:15:00"), utc("02-09T23:59:59"))


# --- Off ---


@behaviour(CANCEL, "ends the schedule: no NextRotationDate, and the rules stay", "AWS-DOC", REFERENCE)
@at_start
def test_cancelling(client, secrets_backend, function, db):
    rotate(client, function, **DAILY)

    client.cancel_rotate_secret(SecretId="db")

    secrets_backend.clock.advance(days=40)
    described = client.describe_secret(SecretId="db")
    assert started(secrets_backend) == [START]
    assert (described["RotationEnabled"], described["RotationRules"]) == (False, DAILY)
    assert described["RotationLambdaARN"] == function.arn
    assert dates(client) == (None, None)


@behaviour(CANCEL, "ends the retries too, and leaves AWSPENDING", "AWS-DOC", f"{REFERENCE}; AWS PCS guide")
@at_start
def test_cancelling_between_two_retries(client, secrets_backend, function, db):
    function.fails = True
    token = rotate(client, function, **DAILY)["VersionId"]
    secrets_backend.clock.advance(minutes=15)

    answer = client.cancel_rotate_secret(SecretId="db")

    secrets_backend.clock.advance(days=2)
    assert answer["VersionId"] == token
    assert len(started(secrets_backend)) == 2
    assert secrets_backend["db"].stages["AWSPENDING"].id == token


@behaviour(CANCEL, "within a rotation that then ends well, rotation stays off", "GUESS", "siblings")
@at_start
def test_a_function_that_cancels_its_rotation_at_the_end(client, secrets_backend, function, db):
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


@behaviour(DELETE, "within a rotation that then ends well, rotation stays off after RestoreSecret", "GUESS", "siblings")
@at_start
def test_a_function_that_deletes_its_secret_at_the_end(client, secrets_backend, function, db):
    def finish_and_delete(event, context):
        function(event, context)
        if event["Step"] == "finishSecret":
            secrets_backend.client().delete_secret(SecretId="db", RecoveryWindowInDays=30)

    arn = secrets_backend.register_rotation_lambda("deletes", finish_and_delete)

    client.rotate_secret(SecretId="db", RotationLambdaARN=arn, RotationRules=DAILY)

    client.restore_secret(SecretId="db")
    assert dates(client) == (None, None)


@behaviour(ROTATE, "a test of the rotation takes no version that has become current", "GUESS", "siblings")
@pytest.mark.mock_secrets(at=START, limits=Limits(rotation_delay=timedelta(minutes=1)))
def test_a_tested_version_that_became_current(client, secrets_backend, function, db):
    token = configure(client, function, **DAILY)["VersionId"]
    current = secrets_backend["db"].stages["AWSCURRENT"].id
    client.update_secret_version_stage(
        SecretId="db", VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
    )

    secrets_backend.clock.advance(minutes=1)

    assert value(client) == "one"
    assert secrets_backend["db"].stages["AWSCURRENT"].id == token


@behaviour(ROTATE, "a window that opens before the test was run rotates to a new value", "GUESS", "siblings")
@pytest.mark.mock_secrets(
    at=datetime(2026, 2, 3, 23, 59, 30, tzinfo=timezone.utc), limits=Limits(rotation_delay=timedelta(minutes=1))
)
def test_a_window_that_opens_before_a_test_was_run(client, secrets_backend, function, db):
    tested = configure(client, function, **DAILY)["VersionId"]

    secrets_backend.clock.advance(minutes=30)

    assert value(client) != "one"
    assert tested not in {run.token for run in secrets_backend["db"].rotations if not run.is_test}


@behaviour(ROTATE, "turning rotation on again goes by the stored rules", "AWS-VERIFIED", "LocalStack test")
@at_start
def test_turning_it_on_again(client, secrets_backend, function, db):
    rotate(client, function, **DAILY)
    client.cancel_rotate_secret(SecretId="db")
    secrets_backend.clock.advance(days=9)

    client.rotate_secret(SecretId="db")

    secrets_backend.clock.advance(days=1)
    assert started(secrets_backend) == [START, START + timedelta(days=9), utc("02-13T00:00:00")]


@behaviour(DELETE, "turns rotation off, and RestoreSecret does not turn it on", "AWS-VERIFIED", CUSTODIAN)
@at_start
def test_deleting_and_restoring(client, secrets_backend, function, db):
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


@behaviour(DELETE, "a secret that is gone rotates no more", "AWS-DOC", REFERENCE)
@at_start
@pytest.mark.parametrize("how", [{"RecoveryWindowInDays": 7}, {"ForceDeleteWithoutRecovery": True}])
def test_a_secret_that_is_gone(client, secrets_backend, function, db, how):
    rotate(client, function, **DAILY)

    client.delete_secret(SecretId="db", **how)

    secrets_backend.clock.advance(days=40)
    assert len(function.begun) == 1
    assert "db" not in secrets_backend


@at_start
@behaviour(
    ROTATE,
    "a pending version that somebody else made fails the scheduled rotation until its label is removed",
    "AWS-DOC",
    "AWS User Guide, Troubleshoot rotation",
)
def test_a_pending_version_of_somebody_else(client, function, db, secrets_backend):
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
