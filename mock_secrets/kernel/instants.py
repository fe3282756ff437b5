"""Instants and spans of time as a test gives them, checked."""

from datetime import datetime, timedelta, timezone
from typing import Any

from mock_secrets.kernel.process_time import END, EPOCH


def checked_instant(when: Any, name: str) -> datetime:
    """An instant as the service keeps it, aware and in UTC milliseconds.

    :raises TypeError: if it is not a datetime.
    :raises ValueError: if it has no time zone, so that nobody can say when it is, or is none in UTC.
    """
    _refuse_naive(when, name)
    try:
        instant: datetime = when.astimezone(timezone.utc)
    except OverflowError:
        raise ValueError(f"{name} takes a datetime of the years 1 to 9999 in UTC, not {when.isoformat()}") from None
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def service_instant(when: Any, name: str) -> datetime:
    """An instant that the service's clock can show.

    :raises TypeError, ValueError: naming the parameter and its range.
    """
    _refuse_naive(when, name)
    if not EPOCH <= when < END:
        raise ValueError(f"{name} takes an instant from 1970-01-01 to before 9000-01-01, not {when.isoformat()}")
    return checked_instant(when, name)


def read_instant(text: str) -> datetime:
    """An instant as a file or a command line writes it, with or without a time zone.

    :raises ValueError: if it is none of ISO 8601.
    """
    # Python 3.10 does not read the Z.
    try:
        return datetime.fromisoformat(text.removesuffix("Z") + "+00:00" if text.endswith("Z") else text)
    except ValueError:
        raise ValueError(f"takes an instant such as 2026-01-01T12:00:00Z, and {text!r} is not one") from None


def _refuse_naive(when: Any, name: str) -> None:
    if not isinstance(when, datetime):
        raise TypeError(f"{name} takes an aware datetime, not {type(when).__name__}")
    if when.utcoffset() is None:
        # As it was written, also where a freezer's kind of datetime stands in.
        written = f"datetime{repr(when)[repr(when).index('(') :]}"
        raise ValueError(f"{name} takes an aware datetime, and {written} has no time zone: give it tzinfo=timezone.utc")


def span_of(span: Any, delta: dict[str, float]) -> timedelta:
    """How far ``advance()`` is to move time.

    :raises TypeError, ValueError: if it is nothing, or no span of time, or would lead back.
    """
    if (span is None) == (not delta):
        raise TypeError("advance() takes a timedelta, or seconds, or what timedelta takes by name, such as days=1")
    given = repr(span) if delta == {} else ", ".join(f"{name}={value!r}" for name, value in delta.items())
    try:
        read = span if isinstance(span, timedelta) else timedelta(**(delta or {"seconds": span}))
    except (TypeError, ValueError, OverflowError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(
            "advance() takes what datetime.timedelta takes, such as days=1, hours=2 or seconds=0.5:"
            f" {given} is not that"
        ) from None
    if read < timedelta(0):
        raise ValueError(f"time can't go backwards: advance() takes what is not negative, and {given} is")
    return read
