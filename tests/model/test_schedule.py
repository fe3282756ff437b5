"""Rotation schedules by themselves: which expressions there are, and the windows that they open."""

import time
from datetime import datetime, timedelta, timezone

import pytest
from conformance.fidelity import behaviour
from tables import rows

from mock_secrets.kernel.errors import (
    DurationBeyondRate,
    DurationOutOfRange,
    FrequencyAndExpression,
    InvalidScheduleExpression,
    RateInDaysOutOfRange,
    RateInHoursOutOfRange,
    WindowBeyondDay,
)
from mock_secrets.model.rotation import Rotation
from mock_secrets.model.schedule import read_schedule

NEW_YEAR = "2026-01-01T00:00:00"


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def window(base, *, days=None, expression=None, duration=None):
    return read_schedule(days, expression, duration).next_window(utc(base))


def starts(expression, base, count):
    """The beginnings of the windows that follow each other, each counted from the one before."""
    schedule = read_schedule(None, expression, None)
    found = [schedule.next_window(utc(base)).start]
    while len(found) < count:
        found.append(schedule.next_window(found[-1]).start)
    return found


def on_days(*days, hour=8):
    return [utc(f"2026-{day}T{hour:02d}:00:00") for day in days]


# --- Expressions ---

UNSUPPORTED = [
    "",
    "daily",
    "@daily",
    "30 days",
    "rate()",
    "rate(days)",
    "rate(five days)",
    "rate(5 minutes)",
    "rate(2 weeks)",
    "rate(1.5 days)",
    "rate(-1 days)",
    "rate(4hours)",
    "rate(4 hours",
    "rate(4 hours) ",
    "rate(4 hours)rate(4 hours)",
    "cron()",
    "cron(0 8 * * ? *",
    "0 8 * * ? *",
    "cron(0 8 * * ?)",
    "cron(0 0 8 * * ? *)",
    "cron(15 8 * * ? *)",
    "cron(* 8 * * ? *)",
    "cron(0/30 8 * * ? *)",
    "cron(0 8 * * ? 2027)",
    "cron(0 8 * * ? ?)",
    "cron(0 8 * * * *)",
    "cron(0 8 ? * ? *)",
    "cron(0 8 1 * MON *)",
    "cron(0 * * * ? *)",
    "cron(0 8-10 * * ? *)",
    "cron(0 8-17/3 * * ? *)",
    "cron(0 /3 * * ? *)",
    "cron(0 */1 * * ? *)",
    "cron(0 2/3 * * ? *)",
    "cron(0 8,11 * * ? *)",
    "cron(0 0,4,8,9 * * ? *)",
    "cron(0 ? * * ? *)",
    "cron(0 24 * * ? *)",
    "cron(0 8 0 * ? *)",
    "cron(0 8 32 * ? *)",
    "cron(0 8 30 2 ? *)",
    "cron(0 8 1 0 ? *)",
    "cron(0 8 1 13 ? *)",
    "cron(0 8 1 ? ? *)",
    "cron(0 8 1 JANUARY ? *)",
    "cron(0 8 ? * 0 *)",
    "cron(0 8 ? * 8 *)",
    "cron(0 8 ? * MONDAY *)",
    "cron(0 8 ? * MON#0 *)",
    "cron(0 8 ? * MON#6 *)",
    "cron(0 8 ? * LSUN *)",
    "cron(0 8 first * ? *)",
]


@rows(
    "expression",
    ["cron(0 8 ? * * *)", "cron(0 8 1 jan ? *)", "cron(0 */4 * * ? *)", "cron(0 0,4,8,12,16,20 * * ? *)"],
)
def test_a_supported_expression_is_parsed(expression):
    schedule = read_schedule(None, expression, None)

    assert schedule.expression == expression
    assert schedule.next_window(utc(NEW_YEAR)).start > utc(NEW_YEAR)


@rows("expression", UNSUPPORTED)
def test_an_unsupported_expression_is_refused(expression):
    with pytest.raises(InvalidScheduleExpression):
        read_schedule(None, expression, None)


@rows("hours", [0, 1, 3, 24, 25, 1000])
def test_a_rate_in_hours_is_at_least_four_and_less_than_a_day(hours):
    with pytest.raises(RateInHoursOutOfRange):
        read_schedule(None, f"rate({hours} hours)", None)


@rows("days", [0, 1000, 99999])
def test_a_rate_in_days_is_between_1_and_999(days):
    with pytest.raises(RateInDaysOutOfRange):
        read_schedule(None, f"rate({days} days)", None)


def test_days_and_an_expression_are_mutually_exclusive():
    with pytest.raises(FrequencyAndExpression):
        read_schedule(30, "rate(30 days)", None)


def test_rules_without_a_time_are_not_a_schedule():
    assert read_schedule(None, None, None) is None


# --- Durations ---


@rows("duration", ["0h", "00h", "25h", "99h", "2", "h", "2d", "-1h", "1.5h"])
def test_a_duration_is_1_to_24_hours(duration):
    with pytest.raises(DurationOutOfRange):
        read_schedule(30, None, duration)


@rows("duration", ["1h", "02h", "24h"])
def test_days_accept_every_duration_up_to_a_day(duration):
    opened = window("2026-02-03T17:42:00", days=30, duration=duration)

    assert opened.end - opened.start == timedelta(hours=int(duration[:-1]))


def test_a_duration_as_long_as_the_rate_is_accepted():
    opened = window("2026-02-03T17:42:00", expression="rate(4 hours)", duration="4h")

    assert opened.shown_date == utc("2026-02-03T23:59:59")


@rows("rate, duration", [(4, "5h"), (4, "24h"), (12, "13h"), (23, "24h")])
def test_a_duration_longer_than_the_rate_is_refused(rate, duration):
    with pytest.raises(DurationBeyondRate):
        read_schedule(None, f"rate({rate} hours)", duration)


@rows(
    "fields, duration", [("16 1,15 * ? *", "9h"), ("1 * * ? *", "24h"), ("23 ? * SUN *", "2h"), ("0,20 * * ? *", "5h")]
)
def test_a_cron_window_past_midnight_is_refused(fields, duration):
    with pytest.raises(WindowBeyondDay):
        read_schedule(None, f"cron(0 {fields})", duration)


@rows("hour, duration", [(0, "24h"), (16, "8h"), (23, "1h")])
def test_a_cron_window_may_last_until_midnight(hour, duration):
    opened = window("2026-03-01T23:30:00", expression=f"cron(0 {hour} * * ? *)", duration=duration)

    assert opened.shown_date == utc("2026-03-02T23:59:59")


# --- Days ---


@rows(
    "days, base, shown",
    [
        # Recorded.
        (30, "2026-02-03T17:42:00", "2026-03-05T23:59:59"),
        (1, "2026-03-01T00:00:00", "2026-03-02T23:59:59"),
        (1, "2026-03-01T23:59:59.999000", "2026-03-02T23:59:59"),
        (30, "2026-12-15T08:00:00", "2027-01-14T23:59:59"),
        (1, "2026-12-31T23:00:00", "2027-01-01T23:59:59"),
        (30, "2028-01-30T08:00:00", "2028-02-29T23:59:59"),
        (1, "2027-02-28T08:00:00", "2027-03-01T23:59:59"),
        (365, "2028-01-01T08:00:00", "2028-12-31T23:59:59"),
        (1000, "2026-01-01T08:00:00", "2028-09-27T23:59:59"),
    ],
)
def test_days_are_counted_from_the_utc_date(days, base, shown):
    assert window(base, days=days).shown_date == utc(shown)


@rows("days", [1, 30, 999])
def test_a_rate_in_days_has_the_same_windows_as_automatically_after_days(days):
    assert window("2026-02-03T17:42:00", expression=f"rate({days} days)") == window("2026-02-03T17:42:00", days=days)


# --- Hours ---


@rows(
    "hours, base, shown",
    [
        # Recorded.
        (4, "2025-11-20T04:04:59.557000", "2025-11-20T08:59:59"),
        (4, "2026-01-01T00:00:00", "2026-01-01T04:59:59"),
        (4, "2026-01-01T03:59:59.999000", "2026-01-01T04:59:59"),
        (4, "2026-01-01T04:00:00", "2026-01-01T08:59:59"),
        (4, "2026-01-01T20:00:01", "2026-01-02T00:59:59"),
        (12, "2026-12-31T12:00:00", "2027-01-01T00:59:59"),
        (8, "2028-02-28T16:00:00", "2028-02-29T00:59:59"),
    ],
)
def test_rates_in_hours_are_aligned_to_midnight(hours, base, shown):
    assert window(base, expression=f"rate({hours} hours)").shown_date == utc(shown)


@behaviour(
    "RotateSecret",
    "a rate in hours that doesn't divide the day starts again at midnight",
    "GUESS",
    "as documented for cron",
    decided_by="days of waiting",
)
@rows("hours, expected", [(5, [5, 10, 15, 20, 0, 5]), (9, [9, 18, 0, 9, 18, 0]), (23, [23, 0, 23, 0, 23, 0])])
def test_hours_that_do_not_divide_a_day_restart_at_midnight(hours, expected):
    assert [start.hour for start in starts(f"rate({hours} hours)", NEW_YEAR, 6)] == expected


# --- Cron ---


@rows(
    "weekdays, expected",
    [
        ("SUN", ["01-04", "01-11"]),
        ("1", ["01-04", "01-11"]),
        ("sun", ["01-04", "01-11"]),
        ("SAT", ["01-03", "01-10"]),
        ("7", ["01-03", "01-10"]),
        ("L", ["01-03", "01-10"]),
        ("MON-FRI", ["01-02", "01-05", "01-06"]),
        ("2-6", ["01-02", "01-05", "01-06"]),
        ("SUN,WED", ["01-04", "01-07", "01-11"]),
        ("SUN,WED,7", ["01-03", "01-04", "01-07", "01-10"]),
        ("1,4", ["01-04", "01-07", "01-11"]),
        ("1-3", ["01-04", "01-05", "01-06", "01-11"]),
        ("*/2", ["01-03", "01-04", "01-06", "01-08", "01-10"]),
        ("2/2", ["01-02", "01-05", "01-07", "01-09", "01-12"]),
        ("MON/3", ["01-05", "01-08", "01-12", "01-15"]),
        ("SUNL", ["01-25", "02-22", "03-29"]),
        ("1L", ["01-25", "02-22", "03-29"]),
        ("6L", ["01-30", "02-27"]),
        ("TUE#3", ["01-20", "02-17"]),
        ("3#3", ["01-20", "02-17"]),
        ("FRI#5", ["01-30", "05-29"]),
        ("SUN#1,SUN#3", ["01-04", "01-18", "02-01"]),
    ],
)
def test_days_of_the_week_start_with_sunday_as_1(weekdays, expected):
    found = starts(f"cron(0 8 ? * {weekdays} *)", "2026-01-01T09:00:00", len(expected))

    assert found == on_days(*expected)


@rows(
    "days, months, expected",
    [
        ("L", "*", ["01-31", "02-28", "03-31", "04-30"]),
        ("1,15", "*", ["01-15", "02-01", "02-15"]),
        ("30-31", "*", ["01-30", "01-31", "03-30"]),
        ("*/10", "*", ["01-11", "01-21", "01-31", "02-01"]),
        ("20/5", "*", ["01-20", "01-25", "01-30", "02-20"]),
        ("1", "JAN,JUL", ["07-01"]),
        ("1", "MAR-MAY", ["03-01", "04-01", "05-01"]),
        ("1", "1/3", ["04-01", "07-01", "10-01"]),
        ("1", "12", ["12-01"]),
        ("1", "DEC", ["12-01"]),
    ],
)
def test_names_of_days_and_months_are_accepted(days, months, expected):
    found = starts(f"cron(0 8 {days} {months} ? *)", "2026-01-01T09:00:00", len(expected))

    assert found == on_days(*expected)


@rows(
    "hours, expected",
    [
        ("/8", [8, 16, 0, 8]),
        ("*/8", [8, 16, 0, 8]),
        ("4/12", [4, 16, 4, 16]),
        ("2/5", [2, 7, 12, 17, 22, 2]),
        ("0,12", [12, 0, 12]),
        ("9", [9, 9]),
    ],
)
def test_hours_of_a_cron_expression_restart_each_day(hours, expected):
    assert [start.hour for start in starts(f"cron(0 {hours} * * ? *)", NEW_YEAR, len(expected))] == expected


@rows(
    "fields, base, expected",
    [
        ("0 29 2 ? *", "2026-01-01T00:00:00", ["2028-02-29T00:00:00", "2032-02-29T00:00:00"]),
        ("0 29 2 ? *", "2096-03-01T00:00:00", ["2104-02-29T00:00:00"]),
        ("12 L 2 ? *", "2027-01-01T00:00:00", ["2027-02-28T12:00:00", "2028-02-29T12:00:00"]),
        ("0 1 1 ? *", "2026-01-01T00:00:00", ["2027-01-01T00:00:00", "2028-01-01T00:00:00"]),
        ("23 31 12 ? *", "2026-12-31T23:00:00", ["2027-12-31T23:00:00"]),
        ("0 ? * 1L *", "2026-12-27T00:00:00", ["2027-01-31T00:00:00"]),
    ],
)
def test_year_ends_and_leap_days(fields, base, expected):
    assert starts(f"cron(0 {fields})", base, len(expected)) == [utc(text) for text in expected]


def test_a_window_never_starts_at_its_own_base():
    assert window("2026-03-01T16:00:00", expression="cron(0 16 * * ? *)").start == utc("2026-03-02T16:00:00")
    assert window("2026-03-01T15:59:59.999000", expression="cron(0 16 * * ? *)").start == utc("2026-03-01T16:00:00")


@rows(
    "fields, shown",
    [
        ("16 * * ? *", "2026-03-01T23:59:59"),
        ("4/12 * * ? *", "2026-03-01T04:59:59"),
        ("0 ? * 2 *", "2026-03-02T23:59:59"),
    ],
)
def test_a_cron_window_lasts_an_hour_for_an_hourly_schedule_and_otherwise_the_day(fields, shown):
    assert window("2026-03-01T00:00:00", expression=f"cron(0 {fields})").shown_date == utc(shown)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    ("expression", "base", "shown"),
    [
        ("rate(1 day)", "2026-03-07T12:00:00", "2026-03-08T23:59:59"),
        ("rate(1 day)", "2026-03-28T12:00:00", "2026-03-29T23:59:59"),
        ("rate(4 hours)", "2026-03-08T05:00:00", "2026-03-08T08:59:59"),
        ("cron(0 2 * * ? *)", "2026-03-28T02:00:00", "2026-03-29T23:59:59"),
        ("cron(0 1 * * ? *)", "2026-10-25T00:00:00", "2026-10-25T23:59:59"),
    ],
)
def test_daylight_saving_does_not_affect_windows(monkeypatch, zone, expression, base, shown):
    with monkeypatch.context() as patched:
        patched.setenv("TZ", zone)
        time.tzset()
        opened = window(base, expression=expression)
    time.tzset()

    assert opened.shown_date == utc(shown)
    assert opened.start.utcoffset() == timedelta(0)


# --- AutomaticallyAfterDays ---


@rows(
    "expression, days",
    [
        ("rate(4 hours)", 1),
        ("rate(23 hours)", 1),
        ("rate(1 day)", 1),
        ("rate(30 days)", 30),
        ("cron(0 16 1,15 * ? *)", 14),
        ("cron(0 16 * * ? *)", 1),
        ("cron(0 4/12 * * ? *)", 1),
        ("cron(0 16 ? * SUN *)", 7),
    ],
)
def test_an_expression_determines_the_days_between_two_rotations(expression, days):
    assert read_schedule(None, expression, None).timetable.days_between == days


# --- A rotation and its schedule ---


def test_a_rotation_that_is_off_is_never_due():
    rotation = Rotation(enabled=True, schedule=read_schedule(1, None, None))
    rotation.plan(utc(NEW_YEAR))
    planned = rotation.next_due()

    rotation.disable()

    assert planned == utc("2026-01-02T00:00:00")
    assert rotation.next_due() is None
    assert rotation.window is None


def test_after_a_failure_the_next_run_moves_on_and_the_shown_window_stays():
    rotation = Rotation(enabled=True, schedule=read_schedule(1, None, None))
    rotation.plan(utc(NEW_YEAR))

    rotation.plan_after_failure(utc("2026-01-02T00:40:00"))

    assert rotation.next_due() == utc("2026-01-03T00:00:00")
    assert rotation.window.shown_date == utc("2026-01-02T23:59:59")
