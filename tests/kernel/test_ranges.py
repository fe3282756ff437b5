"""What the service could not carry is refused at the door, by the parameter's name and its range."""

import math
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from functools import partial

import pytest
import time_machine
from freezegun import freeze_time
from project import output
from tables import rows

from mock_secrets import Limits, SecretsBackend, mock_secrets

UTC = timezone.utc
EAST = timezone(timedelta(hours=12))
LAST = datetime(8999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
LONGEST = timedelta(days=36_500)
SPANS = [field.name for field in fields(Limits) if isinstance(field.default, timedelta)]

OUTSIDE = [
    datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
    datetime(9000, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, tzinfo=UTC),
    datetime.min.replace(tzinfo=EAST),
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
]


@rows("when", OUTSIDE)
def test_an_instant_must_be_from_1970_to_before_9000(when):
    with pytest.raises(ValueError, match=r"^at takes an instant from 1970-01-01 to before 9000-01-01, not "):
        mock_secrets(at=when)
    with pytest.raises(ValueError, match=r"^travel_to\(\) takes an instant from 1970-01-01 to before 9000-01-01, not "):
        SecretsBackend().clock.travel_to(when)


@rows("at", [datetime(1970, 1, 1, tzinfo=UTC), LAST])
def test_the_first_and_last_instants_are_accepted(at):
    assert SecretsBackend(at=at).clock.now() == at


@rows(
    "delta, says",
    [
        ({"days": math.nan}, r"advance\(\) takes the arguments of datetime.timedelta.*, not days=nan$"),
        ({"days": math.inf}, r"advance\(\) takes the arguments of datetime.timedelta.*, not days=inf$"),
        ({"hours": 1, "weeks": 1e300}, r"advance\(\) takes .*, not hours=1, weeks=1e\+300$"),
        ({"days": 365 * 8_000}, r"advance\(\) can't reach the year 9000"),
        ({"days": 999_999_999}, r"advance\(\) can't reach the year 9000"),
        ({"days": -999_999_999}, r"time can't go backwards"),
    ],
)
def test_an_impossible_advance_is_refused_and_no_time_passes(delta, says):
    clock = SecretsBackend(at=datetime(2026, 1, 1, tzinfo=UTC)).clock

    with pytest.raises(ValueError, match=says):
        clock.advance(**delta)

    assert clock.now() == datetime(2026, 1, 1, tzinfo=UTC)


@rows("name", SPANS)
@rows("span", [timedelta.max, LONGEST + timedelta.resolution, -timedelta.resolution])
def test_a_duration_in_the_limits_is_at_most_a_hundred_years(name, span):
    with pytest.raises(ValueError, match=rf"^Limits\({name}=\) takes 0 to 36500 days, not "):
        Limits(**{name: span})


@pytest.mark.parametrize(
    ("option", "text", "says"),
    [
        ("limits", "retention=inf", "retention takes a number of hours"),
        ("limits", "retention=nan", "retention takes a number of hours"),
        ("limits", "retention=1e300", "retention takes a number of hours"),
        ("limits", "retention=900000", "Limits(retention=) takes 0 to 36500 days"),
        ("limits", "retained_versions=inf", "retained_versions takes a whole number"),
        ("limits", "rates=5", "rates can't be set in an ini file: use limits= "),
        ("at", "9999-12-31T23:59:59Z", "at takes an instant from 1970-01-01"),
        ("at", "0001-01-01T00:00:00+12:00", "at takes an instant from 1970-01-01"),
    ],
)
def test_the_ini_file_refuses_the_same_values(project, option, text, says):
    result = project.run("def test_it(secrets_backend): pass", ini=f"mock_secrets_{option} =\n    {text}")

    result.assert_outcomes(errors=1)
    assert f"ini option mock_secrets_{option}: " in output(result)
    assert says in output(result)


@rows("schedule", ["rate(999 days)", "cron(0 8 29 2 ? *)"])
def test_the_last_instant_plus_the_longest_durations_is_still_a_datetime(schedule):
    longest = Limits(**{**dict.fromkeys(SPANS, LONGEST), "rotation_delay": timedelta(0)}, retained_versions=1)
    with mock_secrets(at=LAST, limits=longest, secrets={"db": "one", "gone": "s3cret"}) as backend:
        client = backend.client()
        function = backend.register_rotation_lambda("fails", lambda event, context: 1 / 0)
        client.update_secret(SecretId="db", SecretString="two")
        client.update_secret(SecretId="db", SecretString="three")
        client.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])
        client.delete_secret(SecretId="gone", RecoveryWindowInDays=30)
        backend.kms.create_key(alias="alias/app").schedule_deletion(days=30)
        client.rotate_secret(SecretId="db", RotationLambdaARN=function, RotationRules={"ScheduleExpression": schedule})

        assert client.describe_secret(SecretId="db")["Name"] == "db"
        assert {secret["Name"] for secret in client.list_secrets(IncludePlannedDeletion=True)["SecretList"]} == {
            "db",
            "gone",
        }


@rows("freezer", [freeze_time, partial(time_machine.travel, tick=False)])
@rows("at", [datetime(9000, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)])
def test_a_process_frozen_beyond_the_latest_service_time_is_reported(freezer, at):
    with mock_secrets() as backend:
        client = backend.client()

        with freezer(at), pytest.raises(ValueError, match=r"the process's clock.* can't reach the year 9000"):
            client.create_secret(Name="db", SecretString="s3cret")

        assert list(backend) == []


def test_records_can_be_looked_up_at_any_valid_utc_instant():
    lookup = SecretsBackend().cloudtrail.lookup

    assert lookup(start=datetime.min.replace(tzinfo=UTC), end=datetime.max.replace(tzinfo=UTC)) == []
    with pytest.raises(ValueError, match=r"^start takes a datetime of the years 1 to 9999 in UTC, not 0001-01-01T"):
        lookup(start=datetime.min.replace(tzinfo=EAST))
