"""Rotations that the clock brings: when they run, what they leave, and what they wait for."""

import time
from datetime import datetime, timedelta, timezone

import freezegun
import pytest
from conformance.fidelity import behaviour
from conformance.rotation.scheduled import Rotations, configure, dates, rotate, started, utc, value
from tables import rows

from mock_secrets import Limits, mock_secrets

ROTATE, DESCRIBE = "RotateSecret", "DescribeSecret"
REFERENCE = "AWS API reference"
GUIDE = "AWS User Guide, rotation schedules"
CUSTODIAN = "recorded responses in GitHub cloud-custodian/cloud-custodian"
RECORDED_RUN = datetime(2025, 11, 20, 4, 4, 59, 557000, tzinfo=timezone.utc)

START = datetime(2026, 2, 3, 17, 42, tzinfo=timezone.utc)
TWICE_A_MONTH = "cron(0 16 1,15 * ? *)"
DAILY = {"AutomaticallyAfterDays": 1}

at_start = pytest.mark.mock_secrets(at=START)


@pytest.fixture
def new_york(monkeypatch):
    """A machine in New York."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


# --- The recorded dates ---


@behaviour(DESCRIBE, "NextRotationDate is the last second of the next window", "AWS-VERIFIED", CUSTODIAN)
@behaviour(DESCRIBE, "AutomaticallyAfterDays is computed: 1 for a rate in hours", "AWS-VERIFIED", CUSTODIAN)
@pytest.mark.mock_secrets(at=RECORDED_RUN)
def test_a_rate_in_hours_gives_the_recorded_next_rotation_date(client, function, db):
    rotate(client, function, ScheduleExpression="rate(4 hours)")

    assert dates(client) == (RECORDED_RUN, datetime(2025, 11, 20, 8, 59, 59, tzinfo=timezone.utc))
    assert client.describe_secret(SecretId="db")["RotationRules"] == {
        "AutomaticallyAfterDays": 1,
        "ScheduleExpression": "rate(4 hours)",
    }


@behaviour(
    DESCRIBE,
    "days count from the day of the rotation",
    "AWS-DOC",
    "botocore service model, RotationRulesType$AutomaticallyAfterDays: 'based on the previous rotation'",
)
@at_start
def test_days_count_from_the_day_of_the_rotation(client, function, db):
    rotate(client, function, AutomaticallyAfterDays=30)

    assert dates(client) == (START, utc("03-05T23:59:59"))
    assert client.describe_secret(SecretId="db")["RotationRules"] == {"AutomaticallyAfterDays": 30}


@behaviour(DESCRIBE, "cron on the 1st and 15th: 14 days, and its window", "AWS-DOC", f"{REFERENCE}, example")
@at_start
def test_the_documented_cron_expression_gives_14_days_and_its_window(client, function, db):
    rotate(client, function, ScheduleExpression=TWICE_A_MONTH, Duration="2h")

    assert dates(client) == (START, utc("02-15T17:59:59"))
    assert client.describe_secret(SecretId="db")["RotationRules"] == {
        "AutomaticallyAfterDays": 14,
        "Duration": "2h",
        "ScheduleExpression": TWICE_A_MONTH,
    }


@behaviour("ListSecrets", "shows the rules and dates of a rotation", "AWS-VERIFIED", CUSTODIAN)
@at_start
def test_list_secrets_shows_rotation_rules_and_dates(client, function, db):
    rotate(client, function, **DAILY)

    (listed,) = client.list_secrets()["SecretList"]

    assert (listed["LastRotatedDate"], listed["NextRotationDate"]) == (START, utc("02-04T23:59:59"))
    assert (listed["RotationEnabled"], listed["RotationRules"]) == (True, DAILY)


# --- Windows ---


@behaviour(ROTATE, "a scheduled rotation runs in its window, here at its start", "AWS-DOC", GUIDE)
@at_start
def test_a_scheduled_rotation_runs_at_the_start_of_its_window(client, secrets_backend, function, db):
    rotate(client, function, **DAILY)
    secrets_backend.clock.travel_to(utc("02-03T23:59:59.999000"))
    before = started(secrets_backend)
    first = value(client)

    secrets_backend.clock.advance(milliseconds=1)

    assert before == [START]
    assert started(secrets_backend) == [START, utc("02-04T00:00:00")]
    assert value(client) != first
    assert dates(client) == (utc("02-04T00:00:00"), utc("02-05T23:59:59"))


@behaviour(ROTATE, "the first window after rules were set without a rotation", "AWS-DOC", GUIDE)
@at_start
def test_the_first_rotation_runs_in_the_first_window_after_rules_are_set(client, secrets_backend, function, db):
    configure(client, function, ScheduleExpression="rate(4 hours)")
    before = dates(client)

    secrets_backend.clock.advance(hours=3)

    assert before == (None, utc("02-03T20:59:59"))
    assert started(secrets_backend) == [utc("02-03T20:00:00")]
    assert dates(client) == (utc("02-03T20:00:00"), utc("02-04T00:59:59"))
    assert client.describe_secret(SecretId="db")["RotationRules"]["AutomaticallyAfterDays"] == 1


@behaviour(ROTATE, "each window has one rotation, however the clock moves", "AWS-DOC", GUIDE)
@at_start
@rows("steps", [1, 10, 400, 3200])
def test_each_cron_window_rotates_once_in_400_days_however_the_clock_moves(
    client, secrets_backend, function, db, steps
):
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


@behaviour(ROTATE, "each secret rotates on its own schedule", "AWS-DOC", GUIDE)
@at_start
def test_two_secrets_rotate_on_their_own_schedules(client, secrets_backend, function, db):
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


@behaviour(ROTATE, "any number of secrets can rotate in one window", "AWS-DOC", GUIDE)
@at_start
def test_many_secrets_can_rotate_in_one_window(client, secrets_backend, function):
    many = [f"db-{number}" for number in range(60)]
    for name in many:
        client.create_secret(Name=name, SecretString="one")
        configure(client, function, secret=name, **DAILY)

    secrets_backend.clock.advance(days=1)

    outcomes = {name: [run.outcome.value for run in secrets_backend[name].rotations] for name in many}
    assert outcomes == {name: ["succeeded", "succeeded"] for name in many}


@behaviour(ROTATE, "a rotation sees what was deleted before it", "AWS-DOC", GUIDE)
@at_start
def test_a_scheduled_rotation_sees_earlier_deletions(client, secrets_backend, function, db):
    client.create_secret(Name="doomed", SecretString="one")
    configure(client, function, **DAILY)
    client.delete_secret(SecretId="doomed", RecoveryWindowInDays=7)
    function.look = lambda: "doomed" in secrets_backend

    secrets_backend.clock.advance(days=9)

    assert function.seen == [True] * 7 + [False] * 2


@behaviour(ROTATE, "a rotation sees which versions were removed before it", "AWS-DOC", GUIDE)
@pytest.mark.mock_secrets(at=START, limits=Limits(retained_versions=2))
def test_a_scheduled_rotation_sees_earlier_version_removals(client, secrets_backend, function, db):
    client.create_secret(Name="log", SecretString="0")
    for text in "123":
        client.update_secret(SecretId="log", SecretString=text)
    configure(client, function, ScheduleExpression="rate(12 hours)")
    function.look = lambda: len(secrets_backend["log"].versions)

    secrets_backend.clock.advance(hours=48)

    assert function.seen == [4, 4, 2, 2]


@behaviour(ROTATE, "windows are in UTC", "AWS-DOC", GUIDE)
@pytest.mark.mock_secrets(at=datetime(2026, 3, 7, 12, tzinfo=timezone.utc))
def test_rotation_windows_are_in_utc_despite_daylight_saving_time(client, secrets_backend, function, db, new_york):
    rotate(client, function, **DAILY)

    secrets_backend.clock.advance(days=3)

    days = [utc("03-08T00:00:00"), utc("03-09T00:00:00"), utc("03-10T00:00:00")]
    assert started(secrets_backend)[1:] == days
    assert dates(client) == (utc("03-10T00:00:00"), utc("03-11T23:59:59"))


@behaviour(ROTATE, "a secret without rules doesn't rotate on a schedule", "AWS-VERIFIED", CUSTODIAN)
@at_start
def test_a_secret_without_rules_is_not_rotated_on_a_schedule(client, secrets_backend, function, db):
    client.rotate_secret(SecretId="db", RotationLambdaARN=function.arn)

    secrets_backend.clock.advance(days=400)

    described = client.describe_secret(SecretId="db")
    assert started(secrets_backend) == [START]
    assert described["RotationEnabled"] is True
    assert "RotationRules" not in described


# --- The process's clock ---


@behaviour(ROTATE, "a clock that follows the process runs rotations that become due", "AWS-DOC", GUIDE)
def test_advancing_a_clock_that_follows_real_time_runs_due_rotations(client, secrets_backend, function, db):
    configure(client, function, **DAILY)
    (shown,) = dates(client)[1:]
    opens = shown + timedelta(seconds=1) - timedelta(days=1)

    secrets_backend.clock.advance(days=2)

    assert started(secrets_backend) == [opens, opens + timedelta(days=1)]


@behaviour(ROTATE, "if time is frozen elsewhere, due rotations run at the next call", "AWS-DOC", GUIDE)
def test_rotations_due_under_freezegun_run_at_the_next_call():
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
@rows("operation", ["update_secret", "put_secret_value"])
def test_a_manual_update_counts_as_a_rotation(client, secrets_backend, function, db, operation):
    rotate(client, function, AutomaticallyAfterDays=10)
    secrets_backend.clock.advance(days=4)

    getattr(client, operation)(SecretId="db", SecretString="by hand")

    assert dates(client) == (START + timedelta(days=4), utc("02-17T23:59:59"))
    secrets_backend.clock.travel_to(utc("02-16T23:59:59"))
    assert value(client) == "by hand"
    secrets_backend.clock.advance(seconds=1)
    assert started(secrets_backend) == [START, utc("02-17T00:00:00")]


@behaviour(ROTATE, "a write that makes no new current value is no rotation", "AWS-DOC", REFERENCE)
@at_start
def test_events_that_do_not_count_as_a_rotation(client, secrets_backend, function, db):
    rotate(client, function, AutomaticallyAfterDays=10)
    before = dates(client)
    secrets_backend.clock.advance(days=4)

    client.update_secret(SecretId="db", Description="changed")
    client.put_secret_value(SecretId="db", SecretString="aside", VersionStages=["blue"])

    assert dates(client) == before


@behaviour(
    ROTATE,
    "omitted rules and function are the stored ones",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_rotate_secret_multiple_times",
)
@behaviour(
    ROTATE,
    "omitted members keep their stored values",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_rotate_secret_multiple_times",
)
@at_start
def test_rotating_without_arguments_uses_the_stored_configuration(client, secrets_backend, function, db):
    rotate(client, function, AutomaticallyAfterDays=10, Duration="3h")
    secrets_backend.clock.advance(days=4)

    client.rotate_secret(SecretId="db")

    described = client.describe_secret(SecretId="db")
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 10, "Duration": "3h"}
    assert described["RotationLambdaARN"] == function.arn
    assert dates(client) == (START + timedelta(days=4), utc("02-17T02:59:59"))


@behaviour(
    ROTATE,
    "new rules alone count from the day on which they are set",
    "GUESS",
    "the recorded first window",
    decided_by="a rotation function",
)
@at_start
def test_new_rotation_rules_count_from_the_day_they_are_set(client, secrets_backend, function, db):
    rotate(client, function, AutomaticallyAfterDays=10)
    secrets_backend.clock.advance(days=4)

    client.rotate_secret(SecretId="db", RotationRules={"ScheduleExpression": "rate(2 days)"}, RotateImmediately=False)

    assert dates(client) == (START, utc("02-09T23:59:59"))
    secrets_backend.clock.advance(days=5)
    assert started(secrets_backend) == [START, utc("02-09T00:00:00"), utc("02-11T00:00:00")]
