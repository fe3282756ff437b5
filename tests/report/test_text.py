"""``backend.report()``, ``backend["db"].timeline()`` and ``print(backend)``: what happened, as a text."""

import re
from datetime import datetime, timezone
from pathlib import Path

import boto3
import pytest
from freezegun import freeze_time

from mock_secrets import mock_secrets

START = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
HERE = Path(__file__).name


@pytest.fixture
def backend():
    with mock_secrets(at=START, region="us-east-1") as backend:
        yield backend


@pytest.fixture
def sm(backend):
    return backend.client()


def rows(text):
    """What happened, each with what came of it, the spaces and the places in this file aside."""
    lines = [re.sub(r" *tests/report/\S+$", "", line) for line in text.split("\n\n")[1].splitlines()]
    happened = "\n".join(" ".join(line.split()) for line in lines if line)
    return happened.replace("\n→", " →").splitlines()


def secrets(text):
    return [" ".join(line.split()) for line in text.split("\n\n")[2].splitlines()]


def test_the_report_starts_with_the_place_time_and_totals(backend, sm):
    sm.create_secret(Name="db", SecretString="s3cret")
    backend.clock.advance(days=30)

    with pytest.raises(sm.exceptions.ResourceExistsException):
        sm.create_secret(Name="db", SecretString="s3cret")

    head = backend.report().split("\n\n")[0].replace("\n", " ")
    assert head == (
        "123456789012 us-east-1 · 2026-03-01 12:00:00Z, moved by 30 days to 2026-03-31 · 2 calls, 1 refused"
    )


def test_each_call_is_reported_with_what_it_changed(backend, sm):
    sm.create_secret(Name="db", SecretString="one")
    sm.update_secret(SecretId="db", SecretString="two")
    sm.put_secret_value(SecretId="db", SecretString="three", VersionStages=["blue"])
    sm.update_secret_version_stage(
        SecretId="db", VersionStage="blue", RemoveFromVersionId=backend["db"].stages["blue"].id
    )
    sm.delete_secret(SecretId="db", RecoveryWindowInDays=7)

    assert rows(backend.report()) == [
        "12:00:00 CreateSecret db → v1 AWSCURRENT",
        "12:00:00 UpdateSecret db → v2 AWSCURRENT, v1 AWSPREVIOUS",
        "12:00:00 PutSecretValue db → v3 blue",
        "12:00:00 UpdateSecretVersionStage db blue → no blue on v3",
        "12:00:00 DeleteSecret db → gone at 8 Mar 12:00",
    ]


def test_each_call_is_shown_with_the_line_that_made_it(backend, sm):
    def application():
        sm.create_secret(Name="db", SecretString="s3cret")

    application()

    line = application.__code__.co_firstlineno + 1
    assert f"{HERE}:{line}\n" in backend.report()
    assert (backend.calls[0].line.file, backend.calls[0].line.number) == (__file__, line)


def test_direct_access_is_reported_as_such_and_not_counted_as_a_call(backend):
    backend.create("db", "one").update("two")

    assert rows(backend.report()) == [
        "12:00:00 CreateSecret db direct → v1 AWSCURRENT",
        "12:00:00 UpdateSecret db direct → v2 AWSCURRENT, v1 AWSPREVIOUS",
    ]
    assert "· 0 calls" in backend.report()


def test_refused_direct_access_is_not_reported(backend):
    backend.create("db", "one")

    with pytest.raises(Exception, match="already exists"):
        backend.create("db", "two")

    assert len(rows(backend.report())) == 1


def test_a_clock_move_is_reported_with_its_line_before_its_effects(backend, sm):
    sm.create_secret(Name="db", SecretString="s3cret")
    sm.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    backend.clock.advance(days=7)

    assert rows(backend.report())[2:] == [
        "── clock moved by 7 days to 8 Mar 12:00",
        "8 Mar 12:00 db gone: its recovery window has ended",
    ]
    assert "db — gone since 8 Mar 12:00" in secrets(backend.report())[0]


def test_calls_from_one_line_that_change_nothing_are_reported_together(backend, sm):
    sm.create_secret(Name="db", SecretString="s3cret")
    for _ in range(312):
        sm.get_secret_value(SecretId="db")

    assert rows(backend.report())[1] == "12:00:00 GetSecretValue db … 312 times until 12:00:00"


def test_a_failed_rotation_is_reported_with_its_step_error_and_line(backend, sm):
    def rotate(event, _context):
        boto3.client("secretsmanager").describe_secret(SecretId=event["SecretId"])
        return event["SecretID"]

    arn = backend.register_rotation_lambda("rotator", rotate)
    sm.create_secret(Name="db", SecretString="s3cret")
    sm.rotate_secret(SecretId="db", RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 30})

    raised = f"tests/report/{HERE}:{rotate.__code__.co_firstlineno + 2}"
    assert rows(backend.report())[1:5] == [
        "12:00:00 RotateSecret db → v2 AWSPENDING",
        "12:00:00 rotation of db to v2 begins",
        "12:00:00 DescribeSecret db by role/rotator",
        "12:00:00 rotation of db to v2 failed",
    ]
    assert f"✗ in createSecret: KeyError: 'SecretID' ({raised})" in " ".join(backend.report().split())


def test_a_repeatedly_failing_rotation_is_reported_twice(backend, sm):
    arn = backend.register_rotation_lambda("rotator", lambda event, _context: event["SecretID"])
    sm.create_secret(Name="db", SecretString="s3cret")
    sm.rotate_secret(SecretId="db", RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 30})
    backend.clock.advance(hours=1)

    assert rows(backend.report())[-1] == "… and 3 more times, until 12:40:00"
    assert "failed 5 times until 12:40:00 in createSecret" in " ".join(secrets(backend.report()))


def test_secrets_are_reported_with_their_versions_and_label_history(backend, sm):
    first = sm.create_secret(Name="db", SecretString="one")["VersionId"]
    backend.clock.advance(hours=1)
    second = sm.update_secret(SecretId="db", SecretString="two")["VersionId"]

    assert " ".join(secrets(backend.report())) == (
        f"db v1 {first} AWSCURRENT until 13:00:00 ─ AWSPREVIOUS since 13:00:00 v2 {second} AWSCURRENT since 13:00:00"
    )


def test_a_timeline_shows_only_its_own_secret(backend, sm):
    sm.create_secret(Name="db", SecretString="one")
    sm.create_secret(Name="api", SecretString="one")
    sm.get_secret_value(SecretId=backend["db"].arn)

    timeline = backend["db"].timeline()

    assert re.findall(r"(\w+) +db ", timeline) == ["CreateSecret", "GetSecretValue"]
    assert "api" not in timeline


def test_the_printed_report_is_short_and_says_where_the_rest_is(backend, sm):
    for number in range(8):
        sm.create_secret(Name=f"db{number}", SecretString="one")

    assert rows(str(backend))[0] == "… 3 earlier: backend.report() has all"
    assert len(rows(str(backend))) == 6


def test_the_report_is_rolled_back_with_a_savepoint(backend, sm):
    before = backend.report()

    with backend.savepoint():
        sm.create_secret(Name="db", SecretString="one")
        backend.clock.advance(days=1)
        backend.create("api", "two")

    assert backend.report() == before


def test_time_that_passed_by_itself_is_reported_between_calls():
    with freeze_time("2026-03-01", real_asyncio=True) as frozen, mock_secrets(region="us-east-1") as backend:
        sm = backend.client()
        sm.create_secret(Name="db", SecretString="one")
        frozen.tick(3600)
        sm.describe_secret(SecretId="db")

        assert rows(backend.report())[1] == "── 1 hour later"


def test_no_line_is_wider_than_a_terminal(backend, sm):
    sm.create_secret(Name="a/name/that/is/long" * 10, SecretString="one")
    with pytest.raises(sm.exceptions.ResourceNotFoundException):
        sm.get_secret_value(SecretId="b/name/that/is/long" * 10)

    assert max(map(len, backend.report().splitlines())) <= 80


def test_an_arn_is_never_split(backend, sm):
    arn = sm.create_secret(Name="db", SecretString="one")["ARN"]
    with pytest.raises(sm.exceptions.ResourceNotFoundException):
        sm.get_secret_value(SecretId=f"{arn[:-6]}AbCdEf")

    assert arn in backend.report()


@pytest.mark.parametrize(
    "value", ["hunter2-hunter2", '{"password": "hunter2-hunter2"}', b"hunter2-hunter2"], ids=["text", "json", "bytes"]
)
def test_the_report_shows_no_value_even_if_a_rotation_error_contains_one(backend, value):
    def rotate(event, _context):
        secret = boto3.client("secretsmanager").get_secret_value(SecretId=event["SecretId"])
        raise ValueError(f"can't log in with {secret.get('SecretString', secret.get('SecretBinary'))}")

    arn = backend.register_rotation_lambda("rotator", rotate)
    sm = boto3.client("secretsmanager")
    backend.create("db", value)
    sm.rotate_secret(SecretId="db", RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 30})

    assert "ValueError: can't log in with" in backend.report()
    assert "hunter2" not in backend.report() + str(backend) + backend["db"].timeline()
