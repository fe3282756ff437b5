"""RotationRules: which are refused and in what words, and how those that are accepted are shown."""

from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.raw import members, snapshot, stored
from tables import rows

ROTATE, DESCRIBE = "RotateSecret", "DescribeSecret"
V1 = "11111111-1111-4111-8111-111111111111"
AFTERNOON = datetime(2026, 2, 3, 17, 42, tzinfo=timezone.utc)

GUIDE = "AWS User Guide, schedule expressions"
RULES = "GitHub badmintoncryer/cdk-preflight, rules/secretsmanager"
TOGETHER = "You cannot specify both rotation frequency and schedule expression together."
INVALID = "Invalid schedule expression."
HOURS = "Rate in hour should be least 4 and less than 24."
DAYS = "Rate in day should be greater than 0 and less than 1000."
DURATION = "Duration must be at least 1 hour, at most 24 hour."
BEYOND_RATE = "Duration cannot be greater than Rate in hour."
BEYOND_DAY = "Starting hour and duration must be within a day."

at_a_date = pytest.mark.mock_secrets(at=AFTERNOON)


@pytest.fixture
def db(client, secrets_backend):
    """The ARN of a function that could rotate the secret "db"."""
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
    return secrets_backend.register_rotation_lambda("rotate", lambda event, context: None)


def configure(client, arn, **rules):
    """Set the rules and rotate later."""
    return client.rotate_secret(SecretId="db", RotationLambdaARN=arn, RotationRules=rules, RotateImmediately=False)


def refusal(client, arn, **rules):
    with pytest.raises(ClientError) as caught:
        configure(client, arn, **rules)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def shown_rules(client):
    return client.describe_secret(SecretId="db")["RotationRules"]


@behaviour(
    ROTATE,
    "AutomaticallyAfterDays and ScheduleExpression exclude each other",
    "REPORTED",
    "GitHub hashicorp/terraform-provider-aws#33329",
)
def test_days_and_a_schedule_expression_cannot_be_combined(client, db):
    refused = refusal(client, db, AutomaticallyAfterDays=30, ScheduleExpression="rate(30 days)")

    assert refused == ("InvalidParameterException", TOGETHER)


@behaviour(ROTATE, "an expression is rate() in hours or days, or cron() with six fields", "REPORTED", RULES)
@rows(
    "expression",
    [
        "daily",
        "30 days",
        "rate()",
        "rate(five days)",
        "rate(5 minutes)",
        "rate(2 weeks)",
        "rate(4hours)",
        "cron()",
        "0 8 * * ? *",
        "cron(0 8 * * ?)",
        "cron(0 0 8 * * ? *)",
        "cron(0 8 first * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 8 32 * ? *)",
        "cron(0 8 1 13 ? *)",
        "cron(0 8 ? * 8 *)",
        "cron(0 8 ? * MONDAY *)",
        "cron(0 8 ? * MON#6 *)",
    ],
)
def test_invalid_schedule_expressions_are_refused(client, db, expression):
    assert refusal(client, db, ScheduleExpression=expression) == ("InvalidParameterException", INVALID)


@behaviour(ROTATE, "cron: the minute is 0, the year is *, and one of the two days is ?", "AWS-DOC", GUIDE)
@rows(
    "fields",
    ["15 8 * * ? *", "* 8 * * ? *", "0/30 8 * * ? *", "0 8 * * ? 2027", "0 8 * * * *", "0 8 ? * ? *", "0 8 1 * MON *"],
)
def test_cron_expressions_that_vary_a_fixed_field_are_refused(client, db, fields):
    assert refusal(client, db, ScheduleExpression=f"cron({fields})") == ("InvalidParameterException", INVALID)


@behaviour(ROTATE, "cron: at most every four hours", "AWS-DOC", GUIDE)
@rows("hours", ["*", "8-10", "8-17/3", "/3", "*/1", "2/3", "8,11", "0,4,8,9"])
def test_a_cron_expression_that_fires_too_often_is_refused(client, db, hours):
    refused = refusal(client, db, ScheduleExpression=f"cron(0 {hours} * * ? *)")

    assert refused == ("InvalidParameterException", INVALID)


@behaviour(
    ROTATE,
    "a rate in hours is between 4 and 23",
    "REPORTED",
    "GitHub badmintoncryer/cdk-preflight, a recorded deployment",
)
@rows("rate", ["0 hours", "1 hour", "3 hours", "24 hours", "1000 hours"])
def test_rates_in_hours_out_of_range_are_refused(client, db, rate):
    assert refusal(client, db, ScheduleExpression=f"rate({rate})") == ("InvalidParameterException", HOURS)


@behaviour(ROTATE, "a rate in days is between 1 and 999", "REPORTED", RULES)
@rows("rate", ["0 days", "1000 days", "99999 days"])
def test_rates_in_days_out_of_range_are_refused(client, db, rate):
    assert refusal(client, db, ScheduleExpression=f"rate({rate})") == ("InvalidParameterException", DAYS)


@behaviour(ROTATE, "Duration is between 1h and 24h", "REPORTED", RULES)
@rows("duration", ["0h", "00h", "25h", "99h"])
@rows("schedule", [{"AutomaticallyAfterDays": 30}, {"ScheduleExpression": "rate(30 days)"}])
def test_durations_out_of_range_are_refused(client, db, schedule, duration):
    assert refusal(client, db, Duration=duration, **schedule) == ("InvalidParameterException", DURATION)


@behaviour(ROTATE, "Duration is at most the rate in hours", "REPORTED", RULES)
@rows("rate, duration", [(4, "5h"), (12, "13h"), (23, "24h")])
def test_durations_longer_than_the_rate_are_refused(client, db, rate, duration):
    refused = refusal(client, db, ScheduleExpression=f"rate({rate} hours)", Duration=duration)

    assert refused == ("InvalidParameterException", BEYOND_RATE)


@behaviour(ROTATE, "the window of a cron expression ends within its day", "REPORTED", RULES)
@rows("hours, duration", [("16", "9h"), ("1", "24h"), ("0,20", "5h"), ("8/12", "5h")])
def test_durations_that_extend_beyond_the_day_are_refused(client, db, hours, duration):
    refused = refusal(client, db, ScheduleExpression=f"cron(0 {hours} * * ? *)", Duration=duration)

    assert refused == ("InvalidParameterException", BEYOND_DAY)


@behaviour(
    ROTATE,
    "a window must not extend into the next one",
    "AWS-DOC",
    "botocore service model, RotationRulesType$Duration",
)
@behaviour(
    ROTATE,
    "a window that extends into the next one: the code is InvalidParameterException",
    "GUESS",
    "no source names the error",
    decided_by="a rotation function",
)
@rows("hours, duration", [("8,12", "5h"), ("/8", "9h"), ("0,4,20", "5h"), ("0/12", "13h")])
def test_a_window_that_overlaps_the_next_one_is_refused(client, db, hours, duration):
    refused = refusal(client, db, ScheduleExpression=f"cron(0 {hours} * * ? *)", Duration=duration)

    assert refused[0] == "InvalidParameterException"


@behaviour(
    ROTATE,
    "a window may last until the next one begins",
    "AWS-DOC",
    "botocore service model, RotationRulesType$Duration",
)
@rows("hours, duration", [("8,12", "4h"), ("/8", "8h"), ("0,4,20", "4h"), ("0/12", "12h")])
def test_a_window_may_last_until_the_next_one_starts(client, db, hours, duration):
    configure(client, db, ScheduleExpression=f"cron(0 {hours} * * ? *)", Duration=duration)

    assert shown_rules(client)["Duration"] == duration


@behaviour(
    ROTATE, "AutomaticallyAfterDays is 1 to 1000", "AWS-DOC", "botocore service model, AutomaticallyRotateAfterDaysType"
)
@behaviour(
    ROTATE,
    "AutomaticallyAfterDays outside 1 to 1000: the code is ValidationException",
    "GUESS",
    "form of AWS's JSON services",
    decided_by="plain calls",
)
@rows("days", [-1, 0, 1001])
def test_days_out_of_range_are_a_validation_error(unchecked, db, days):
    assert refusal(unchecked, db, AutomaticallyAfterDays=days)[0] == "ValidationException"


@behaviour(
    ROTATE,
    "ScheduleExpression and Duration must match the model's patterns",
    "AWS-DOC",
    "botocore service model, ScheduleExpressionType, DurationType",
)
@behaviour(
    ROTATE,
    "ScheduleExpression or Duration outside the model's patterns: the code is ValidationException",
    "GUESS",
    "form of AWS's JSON services",
    decided_by="plain calls",
)
@rows(
    "rules",
    [
        {"ScheduleExpression": ""},
        {"ScheduleExpression": "@daily"},
        {"ScheduleExpression": "rate(1.5 days)"},
        {"ScheduleExpression": "cron(0 8 * * ? *)" + " " * 256},
        {"ScheduleExpression": "rate(1 day)", "Duration": "2d"},
        {"ScheduleExpression": "rate(1 day)", "Duration": "h"},
        {"ScheduleExpression": "rate(1 day)", "Duration": "100h"},
    ],
)
def test_rules_that_do_not_match_the_models_patterns_are_a_validation_error(unchecked, db, rules):
    assert refusal(unchecked, db, **rules)[0] == "ValidationException"


REFUSED = [
    {"AutomaticallyAfterDays": 30, "ScheduleExpression": "rate(30 days)"},
    {"ScheduleExpression": "daily"},
    {"ScheduleExpression": "rate(3 hours)"},
    {"ScheduleExpression": "rate(0 days)"},
    {"AutomaticallyAfterDays": 30, "Duration": "25h"},
    {"ScheduleExpression": "rate(4 hours)", "Duration": "5h"},
    {"ScheduleExpression": "cron(0 16 * * ? *)", "Duration": "9h"},
]


@behaviour(ROTATE, "rules that are refused are not stored", "AWS-DOC", "AWS API reference")
@at_a_date
@rows("rules", REFUSED)
def test_refused_rules_are_not_stored_for_a_secret_that_never_rotated(client, secrets_backend, db, rules):
    before = snapshot(secrets_backend)
    secrets_backend.clock.advance(minutes=1)

    refusal(client, db, **rules)

    assert snapshot(secrets_backend) == before
    assert stored(secrets_backend).rotation is None


@behaviour(ROTATE, "rules that are refused leave the stored ones unchanged", "AWS-DOC", "AWS API reference")
@at_a_date
@rows("rules", REFUSED)
def test_refused_rules_for_a_secret_that_rotates(client, secrets_backend, db, rules):
    other = secrets_backend.register_rotation_lambda("other", lambda event, context: None)
    configure(client, db, AutomaticallyAfterDays=7, Duration="2h")
    before = members(client.describe_secret(SecretId="db"))
    runs = len(secrets_backend["db"].rotations)
    secrets_backend.clock.advance(minutes=1)

    refusal(client, other, **rules)

    assert members(client.describe_secret(SecretId="db")) == before
    assert len(secrets_backend["db"].rotations) == runs


@behaviour(
    ROTATE,
    "rules are checked before the secret is looked up",
    "GUESS",
    "as similar operations do",
    decided_by="plain calls",
)
def test_rules_are_checked_before_the_secret(client, db):
    with pytest.raises(ClientError) as caught:
        client.rotate_secret(
            SecretId="nowhere", RotationLambdaARN=db, RotationRules={"ScheduleExpression": "rate(3 hours)"}
        )

    assert caught.value.response["Error"]["Code"] == "InvalidParameterException"


# --- What is shown ---


@behaviour(
    DESCRIBE,
    "rules in days show only the days",
    "AWS-VERIFIED",
    "recorded responses in GitHub cloud-custodian/cloud-custodian",
)
@at_a_date
def test_rules_in_days_show_only_the_days(client, db):
    configure(client, db, AutomaticallyAfterDays=30)

    described = client.describe_secret(SecretId="db")
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert described["NextRotationDate"] == datetime(2026, 3, 5, 23, 59, 59, tzinfo=timezone.utc)
    assert "LastRotatedDate" not in described


@behaviour(
    ROTATE,
    "AutomaticallyAfterDays and Duration are accepted together",
    "REPORTED",
    "acceptance tests of GitHub hashicorp/terraform-provider-aws",
)
@at_a_date
def test_days_can_be_combined_with_a_duration(client, db):
    configure(client, db, AutomaticallyAfterDays=30, Duration="3h")

    described = client.describe_secret(SecretId="db")
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 30, "Duration": "3h"}
    assert described["NextRotationDate"] == datetime(2026, 3, 5, 2, 59, 59, tzinfo=timezone.utc)


@behaviour(
    DESCRIBE,
    "AutomaticallyAfterDays of an expression is computed only after a rotation",
    "AWS-DOC",
    "AWS API reference",
)
@rows("given", [{}, {"Duration": "2h"}])
def test_computed_days_are_not_shown_before_the_first_rotation(client, db, given):
    configure(client, db, ScheduleExpression="rate(4 hours)", **given)

    assert shown_rules(client) == {"ScheduleExpression": "rate(4 hours)", **given}
