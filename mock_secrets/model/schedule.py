"""When a secret is rotated: days, ``rate()`` and ``cron()`` expressions, and their rotation windows.

All times are UTC. A scheduled rotation runs at the beginning of its window; AWS says only that it runs within the
window. The first window is the one after the rules were set, as with the one secret that is recorded; the documentation
says that it may be the current window.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from itertools import islice, pairwise
from typing import ClassVar, NamedTuple, Protocol

from cronsim import CronSim, CronSimError

from mock_secrets.kernel.errors import (
    DurationBeyondRate,
    DurationOutOfRange,
    FrequencyAndExpression,
    InvalidScheduleExpression,
    RateInDaysOutOfRange,
    RateInHoursOutOfRange,
    WindowBeyondDay,
)

_RATE = re.compile(r"rate\((\d+) (hours?|days?)\)")
_CRON = re.compile(r"cron\((.+)\)")
_DURATION = re.compile(r"(\d+)h")
_SHORTEST_GAP = timedelta(hours=4)
_DAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


class Window(NamedTuple):
    """A rotation window."""

    start: datetime
    end: datetime

    @property
    def shown_date(self) -> datetime:
        """NextRotationDate: the last second of the window (recorded: 08:59:59 for the window from 8 to 9)."""
        return self.end - timedelta(seconds=1)


class Timetable(Protocol):
    """The start times of a schedule, without the length of its windows."""

    @property
    def default_length(self) -> timedelta | None:
        """The length of a window without a Duration; None for the rest of its day."""
        ...

    @property
    def days_between(self) -> int:
        """AutomaticallyAfterDays as AWS computes it: the shortest time between two rotations."""
        ...

    def next_start(self, base: datetime) -> datetime:
        """The start of the first window after a rotation, or after the schedule was set."""
        ...

    def check_length(self, length: timedelta) -> None:
        """Check the Duration of the windows.

        :raises InvalidParameterException: if windows of this length are not allowed.
        """
        ...


@dataclass(frozen=True)
class Days:
    """Every given number of days, with the whole UTC day as the window."""

    days: int
    default_length: ClassVar[None] = None

    @property
    def days_between(self) -> int:
        return self.days

    def next_start(self, base: datetime) -> datetime:
        return _midnight(base) + timedelta(days=self.days)

    def check_length(self, length: timedelta) -> None:
        """Every allowed window fits into a day."""


@dataclass(frozen=True)
class Hours:
    """Every given number of hours, counted from midnight (GUESS if it does not divide 24)."""

    hours: int
    default_length: ClassVar[timedelta] = _HOUR
    days_between: ClassVar[int] = 1

    def next_start(self, base: datetime) -> datetime:
        midnight = _midnight(base)
        starts = [midnight + timedelta(hours=hour) for hour in range(0, 24, self.hours)]
        return next((start for start in starts if start > base), midnight + _DAY)

    def check_length(self, length: timedelta) -> None:
        if length > timedelta(hours=self.hours):
            raise DurationBeyondRate


class Cron:
    """A cron expression in AWS's six fields: minutes, hours, day of month, month, day of week (Sunday is 1), year."""

    def __init__(self, expression: str) -> None:
        fields = expression.split()
        if len(fields) != 6:
            raise InvalidScheduleExpression
        minutes, hours, day, month, weekday, year = (field.upper() for field in fields)
        if minutes != "0" or year != "*" or (day == "?") == (weekday == "?"):
            raise InvalidScheduleExpression
        # The W wildcard exists in other cron dialects, but not here (User Guide, "Schedule expressions").
        if "W" in day:
            raise InvalidScheduleExpression
        # cronsim needs a start before an increment; AWS does not: /8 is every eight hours from midnight.
        hours = re.sub(r"^/", "*/", hours)
        self._expression = f"0 {hours} {_any(day)} {month} {_any(_from_sunday(weekday))}"
        try:
            starts = list(islice(CronSim(self._expression, datetime(2026, 1, 1, tzinfo=timezone.utc)), 24))
        except (CronSimError, StopIteration):
            raise InvalidScheduleExpression from None
        if not starts:
            raise InvalidScheduleExpression
        self._hours = _hours_of_day(hours)
        gaps = [later - earlier for earlier, later in pairwise(starts)]
        # Also across midnight: "a maximum of every four hours" (same page). That AWS refuses it is a GUESS.
        if any(gap < _SHORTEST_GAP for gap in gaps):
            raise InvalidScheduleExpression
        self.days_between: int = max(1, min((gap.days for gap in gaps), default=1))
        self.default_length: timedelta | None = _HOUR if len(self._hours) > 1 else None

    def next_start(self, base: datetime) -> datetime:
        return next(CronSim(self._expression, base))

    def check_length(self, length: timedelta) -> None:
        if self._hours[-1] + length // _HOUR > 24:
            raise WindowBeyondDay
        if any(length > (later - earlier) * _HOUR for earlier, later in pairwise(self._hours)):
            # AWS documents the rule; the error is a GUESS.
            raise DurationBeyondRate


@dataclass(frozen=True)
class Schedule:
    """A secret's rotation rules.

    :ivar days: AutomaticallyAfterDays, as it was given.
    :ivar expression: ScheduleExpression, as it was given.
    :ivar duration: Duration, as it was given.
    """

    timetable: Timetable
    days: int | None
    expression: str | None
    duration: str | None

    def next_window(self, base: datetime) -> Window:
        """The window after a rotation, or after the schedule was set."""
        start = self.timetable.next_start(base)
        length = _length(self.duration) if self.duration else self.timetable.default_length
        return Window(start, start + length if length else _midnight(start) + _DAY)


def read_schedule(days: int | None, expression: str | None, duration: str | None) -> Schedule | None:
    """Read rotation rules.

    :returns: the schedule, or None if the rules contain none.
    :raises InvalidParameterException: with AWS's message, see the errors.
    """
    if days is not None and expression is not None:
        raise FrequencyAndExpression
    length = _length(duration) if duration is not None else None
    if days is not None:
        timetable: Timetable = Days(days)
    elif expression is not None:
        timetable = _read_expression(expression)
    elif duration is not None:
        # GUESS: a Duration without a schedule is an error.
        raise InvalidScheduleExpression
    else:
        return None
    if length is not None:
        timetable.check_length(length)
    return Schedule(timetable, days, expression, duration)


def _read_expression(expression: str) -> Timetable:
    rate = _RATE.fullmatch(expression)
    if rate is None:
        cron = _CRON.fullmatch(expression)
        if cron is None:
            raise InvalidScheduleExpression
        return Cron(cron[1])
    number = int(rate[1])
    if rate[2].startswith("hour"):
        if not 4 <= number < 24:
            raise RateInHoursOutOfRange
        return Hours(number)
    if not 0 < number < 1000:
        raise RateInDaysOutOfRange
    return Days(number)


def _length(duration: str) -> timedelta:
    match = _DURATION.fullmatch(duration)
    if match is None or not 1 <= int(match[1]) <= 24:
        raise DurationOutOfRange
    return timedelta(hours=int(match[1]))


def _midnight(instant: datetime) -> datetime:
    return datetime.combine(instant.date(), time(), timezone.utc)


def _any(field: str) -> str:
    return "*" if field == "?" else field


def _from_sunday(field: str) -> str:
    """Convert AWS's days of the week, where Sunday is 1, to cron's, where it is 0.

    ``L`` alone is Saturday; ``TUE#3`` is the third Tuesday, ``SUNL`` the last Sunday.
    """
    if field == "L":
        return "6"

    def number(match: re.Match[str]) -> str:
        name = match[0]
        if name in _DAY_NAMES:
            return str(_DAY_NAMES.index(name))
        if not 1 <= int(name) <= 7:
            raise InvalidScheduleExpression
        return str(int(name) - 1)

    # A number after # or / counts weeks or steps, not days. AWS's week ends with Saturday, but cron's with a second
    # Sunday, so a step needs an explicit end.
    days = re.sub(r"(?<![#/\d])(SUN|MON|TUE|WED|THU|FRI|SAT|\d+)", number, field)
    return re.sub(r"(?<![-\d])(\d|\*|)/", lambda match: f"{match[1].strip('*') or 0}-6/", days)


def _hours_of_day(field: str) -> list[int]:
    """The hours of a day that match an hours field."""
    day = CronSim(f"0 {field} * * *", datetime(2025, 12, 31, 23, tzinfo=timezone.utc))
    hours: list[int] = []
    for start in day:
        if start.day != 1:
            return hours
        hours.append(start.hour)
    return hours
