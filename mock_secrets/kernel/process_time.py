"""The time of the process, which libraries like freezegun may move at will, made into a time that never runs back."""

import time
import warnings
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from mock_secrets.kernel.frames import calling_line

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_DAWN = datetime.min.replace(tzinfo=timezone.utc)
_DUSK = datetime.max.replace(tzinfo=timezone.utc)
_MILLISECOND = timedelta(milliseconds=1)
#: The service clock stops before this, so that a hundred years added to its time are still a valid datetime.
END = datetime(9000, 1, 1, tzinfo=timezone.utc)

# Machines correct their clocks by less, and no test depends on that.
_NOTICEABLE = timedelta(seconds=1)


class ClockWarning(UserWarning):
    """The process's clock jumped back: a freeze in the past started, or a freeze in the future ended.

    The service clock only runs forward. It continues from its latest instant, at the process's pace, until the process
    has passed the point from which it jumped. The warning is given once per test.
    """


class _Jump(NamedTuple):
    """A jump back that the process has not yet made up for.

    :ivar origin: the process's time before the jump.
    :ivar detour: what was added to the process's time before the jump.
    """

    origin: datetime
    detour: timedelta


class _Course(NamedTuple):
    """How the service clock follows the process.

    :ivar detour: what is added to the process's time to bridge the jumps back.
    :ivar jumps: the jumps that the process has not made up for, the outermost first, nested like the freezes.
    """

    detour: timedelta = timedelta(0)
    jumps: tuple[_Jump, ...] = ()

    def past(self, now: datetime) -> "_Course":
        """The course without the jumps whose origin the process has passed."""
        detour, jumps = self
        while jumps and now >= jumps[-1].origin:
            detour, jumps = jumps[-1].detour, jumps[:-1]
        return _Course(detour, jumps)

    def back(self, origin: datetime, detour: timedelta) -> "_Course":
        """The course after another jump back."""
        return _Course(detour, (*self.jumps, _Jump(origin, self.detour)))


class ProcessTime:
    """The process's time plus what it was advanced, as a time that only moves forward."""

    def __init__(self) -> None:
        self._advanced = timedelta(0)
        # The process's time when it was last read.
        self._seen = _DAWN
        self._course = _Course()
        self._was_told = False

    def read(self, latest: datetime) -> datetime:
        """Return the time now.

        :param latest: the latest time reported so far; the result is never earlier.
        :raises ValueError: if the time is beyond what the service clock can show.
        """
        now, seen, course = _now(), self._seen, self._course
        if course.jumps:
            course = course.past(now)
        if now < seen:
            course = course.back(seen, latest - now - self._advanced)
        ahead = self._advanced + course.detour
        instant = _checked(now, ahead) if ahead or now >= END else now
        # In this order, so that an interrupt between the two can make a jump seen twice, but never unseen.
        self._course, self._seen = course, now
        if now < seen:
            self._tell(seen, now, latest)
        return max(latest, instant)

    def advance(self, delta: timedelta) -> None:
        """Run further ahead of the process, now and after every jump."""
        self._advanced += delta

    def go_on_from(self, instant: datetime) -> None:
        """Follow the process from this instant on, regardless of earlier jumps."""
        self._seen, self._course = _now(), _Course()
        self._advanced = instant - self._seen

    def forget_warning(self) -> None:
        """Warn again at the next jump, which belongs to another test."""
        self._was_told = False

    def _tell(self, origin: datetime, now: datetime, latest: datetime) -> None:
        if self._was_told or origin - now < _NOTICEABLE:
            return
        self._was_told = True
        line = calling_line()
        warnings.warn_explicit(
            f"the process's clock jumped back from {_shown(origin)} to {_shown(now)}, but the service clock only runs"
            f" forward: it continues from {_shown(latest)}. Start a freeze in the past before the mock is first used,"
            " and don't use the mock after a freeze in the future has ended; or move backend.clock instead.",
            ClockWarning,
            line.file,
            line.number,
        )


class PacedTime:
    """Time that passes by itself at a given speed, whatever the process's clock shows.

    :param speed: seconds of this time per real second.
    :param seconds: returns real seconds, counted from any fixed point.
    """

    def __init__(self, start: datetime, speed: float, seconds: Callable[[], float] = time.monotonic) -> None:
        self._start = start
        self._speed = speed
        self._seconds = seconds
        self._began = seconds()

    def read(self, latest: datetime) -> datetime:
        """Return the time now. It stops just before the end of what the service clock can show."""
        milliseconds = int((self._seconds() - self._began) * self._speed * 1000)
        left = (END - self._start) // _MILLISECOND - 1
        return max(latest, self._start + min(milliseconds, left) * _MILLISECOND)

    def advance(self, delta: timedelta) -> None:
        self._start += delta

    def go_on_from(self, instant: datetime) -> None:
        self._start, self._began = instant, self._seconds()

    def forget_warning(self) -> None:
        """Do nothing: this time gives no warnings."""


def _checked(process: datetime, ahead: timedelta) -> datetime:
    try:
        instant = process + ahead
    except OverflowError:
        instant = _DUSK
    if instant >= END:
        raise ValueError(
            f"the process's clock leads to {instant.isoformat()}, but the service clock can't reach the year 9000"
        )
    return instant


# In a tuple, where freezegun does not look for names to replace.
_REAL = (datetime,)


def _now() -> datetime:
    if datetime is _REAL[0]:
        now = datetime.now(timezone.utc)
        return now.replace(microsecond=now.microsecond // 1_000 * 1_000)
    # Only datetime.now() is exact and the same in every thread under freezegun: its time.time_ns() is computed from a
    # float, and returns the real time near modules that freezegun ignores, threading among them.
    milliseconds = round(datetime.now().timestamp() * 1_000_000) // 1_000  # noqa: DTZ005
    try:
        return EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return _DUSK


def _shown(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
