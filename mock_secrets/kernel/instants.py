"""Checks of the instants and time spans that a test passes."""

from datetime import datetime, timedelta, timezone
from typing import Any

from mock_secrets.kernel.process_time import END, EPOCH


def checked_instant(when: Any, name: str) -> datetime:
    """Return an instant as the service keeps it, aware and in whole milliseconds of UTC.

    :raises TypeError: if it is not a datetime.
    :raises ValueError: if it has no time zone, or lies outside the years that a datetime in UTC can show.
    """
    _refuse_naive(when, name)
    try:
        instant: datetime = when.astimezone(timezone.utc)
    except OverflowError:
        raise ValueError(f"{name} takes a datetime of the years 1 to 9999 in UTC, not {when.isoformat()}") from None
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def service_instant(when: Any, name: str) -> datetime:
    """Return an instant that the service clock can show.

    :raises TypeError, ValueError: if it is not one. The message names the parameter and its range.
    """
    _refuse_naive(when, name)
    if not EPOCH <= when < END:
        raise ValueError(f"{name} takes an instant from 1970-01-01 to before 9000-01-01, not {when.isoformat()}")
    return checked_instant(when, name)


def read_instant(text: str) -> datetime:
    """Read an instant from a file or a command line, with or without a time zone.

    :raises ValueError: if it is not in ISO 8601 format.
    """
    # Python 3.10 can't parse a trailing Z.
    try:
        return datetime.fromisoformat(text.removesuffix("Z") + "+00:00" if text.endswith("Z") else text)
    except ValueError:
        raise ValueError(f"takes an instant such as 2026-01-01T12:00:00Z, not {text!r}") from None


def _refuse_naive(when: Any, name: str) -> None:
    if not isinstance(when, datetime):
        raise TypeError(f"{name} takes an aware datetime, not {type(when).__name__}")
    if when.utcoffset() is None:
        # As the user wrote it, even if a time-freezing library has replaced datetime by a class of its own.
        written = f"datetime{repr(when)[repr(when).index('(') :]}"
        raise ValueError(f"{name} takes an aware datetime, but {written} has no time zone: add tzinfo=timezone.utc")


def span_of(span: Any, delta: dict[str, float]) -> timedelta:
    """Return the span by which ``advance()`` moves time.

    :raises TypeError: if no span is given, or it has the wrong type.
    :raises ValueError: if it is too long for a timedelta, or negative.
    """
    if (span is None) == (not delta):
        raise TypeError("advance() takes a timedelta, a number of seconds, or arguments of timedelta, such as days=1")
    given = repr(span) if delta == {} else ", ".join(f"{name}={value!r}" for name, value in delta.items())
    try:
        read = span if isinstance(span, timedelta) else timedelta(**(delta or {"seconds": span}))
    except (TypeError, ValueError, OverflowError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(
            f"advance() takes the arguments of datetime.timedelta, such as days=1, hours=2 or seconds=0.5, not {given}"
        ) from None
    if read < timedelta(0):
        raise ValueError(f"time can't go backwards: advance() takes a span of at least 0, not {given}")
    return read
