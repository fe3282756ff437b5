"""The time of the process, which freezers may move as they like, as a time that never runs back."""

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
#: What is counted forward from a time of the service, by a hundred years say, must still be a datetime.
END = datetime(9000, 1, 1, tzinfo=timezone.utc)

# Machines set their clocks back by less, and no test is about that.
_NOTICEABLE = timedelta(seconds=1)


class ClockWarning(UserWarning):
    """The process's clock jumped back: a freeze into the past has begun, or one in the future has ended.

    The service's time runs forward only. It goes on from its latest instant, at the process's pace, until the process
    has passed the point from which it jumped. Told once a test.
    """


class _Jump(NamedTuple):
    """A jump back that the process has not made up for.

    :ivar origin: where the process was before it.
    :ivar detour: what was added to the process's time there.
    """

    origin: datetime
    detour: timedelta


class _Course(NamedTuple):
    """How the service follows the process.

    :ivar detour: what is added to the process's time, to bridge the jumps back.
    :ivar jumps: those that the process has not made up for, one within the other, as the freezers are.
    """

    detour: timedelta = timedelta(0)
    jumps: tuple[_Jump, ...] = ()

    def past(self, now: datetime) -> "_Course":
        """How it is once the process is past the points from which it jumped."""
        detour, jumps = self
        while jumps and now >= jumps[-1].origin:
            detour, jumps = jumps[-1].detour, jumps[:-1]
        return _Course(detour, jumps)

    def back(self, origin: datetime, detour: timedelta) -> "_Course":
        """How it is after another jump back."""
        return _Course(detour, (*self.jumps, _Jump(origin, self.detour)))


class ProcessTime:
    """The process's time and what it was advanced, told as a time that only moves forward."""

    def __init__(self) -> None:
        self._advanced = timedelta(0)
        # The process's time when it was last read.
        self._seen = _DAWN
        self._course = _Course()
        self._was_told = False

    def read(self, latest: datetime) -> datetime:
        """The time now.

        :param latest: the latest that was told, behind which it does not run.
        :raises ValueError: if it is beyond what the service can show.
        """
        now, seen, course = _now(), self._seen, self._course
        if course.jumps:
            course = course.past(now)
        if now < seen:
            course = course.back(seen, latest - now - self._advanced)
        ahead = self._advanced + course.detour
        instant = _checked(now, ahead) if ahead or now >= END else now
        # In this order: an interrupt between them leaves a jump to be seen again, and none unseen.
        self._course, self._seen = course, now
        if now < seen:
            self._tell(seen, now, latest)
        return max(latest, instant)

    def advance(self, delta: timedelta) -> None:
        """Be further ahead of the process, now and after every jump."""
        self._advanced += delta

    def go_on_from(self, instant: datetime) -> None:
        """Follow the process from an instant, whatever was before."""
        self._seen, self._course = _now(), _Course()
        self._advanced = instant - self._seen

    def forget_warning(self) -> None:
        """Warn again of the next jump, which is another test's."""
        self._was_told = False

    def _tell(self, origin: datetime, now: datetime, latest: datetime) -> None:
        if self._was_told or origin - now < _NOTICEABLE:
            return
        self._was_told = True
        line = calling_line()
        warnings.warn_explicit(
            f"the process's clock jumped back from {_shown(origin)} to {_shown(now)}, and Secrets Manager's runs forward"
            f" only: it goes on from {_shown(latest)}. Begin a freeze into the past before the mock is first used, and"
            " use the mock no more after one in the future; or move backend.clock instead of the process.",
            ClockWarning,
            line.file,
            line.number,
        )


class PacedTime:
    """Time that passes by itself, at so many seconds in each real one, whatever the process's clock shows.

    :param seconds: gives real seconds, from any beginning.
    """

    def __init__(self, start: datetime, speed: float, seconds: Callable[[], float] = time.monotonic) -> None:
        self._start = start
        self._speed = speed
        self._seconds = seconds
        self._began = seconds()

    def read(self, latest: datetime) -> datetime:
        """The time now, which stops before the latest that the service can show."""
        milliseconds = int((self._seconds() - self._began) * self._speed * 1000)
        left = (END - self._start) // _MILLISECOND - 1
        return max(latest, self._start + min(milliseconds, left) * _MILLISECOND)

    def advance(self, delta: timedelta) -> None:
        self._start += delta

    def go_on_from(self, instant: datetime) -> None:
        self._start, self._began = instant, self._seconds()

    def forget_warning(self) -> None:
        """It gives none."""


def _checked(process: datetime, ahead: timedelta) -> datetime:
    try:
        instant = process + ahead
    except OverflowError:
        instant = _DUSK
    if instant >= END:
        raise ValueError(
            f"the process's clock leads to {instant.isoformat()}, and the service's shows what is before 9000-01-01"
        )
    return instant


# In a tuple, in which freezegun does not look for what it replaces.
_REAL = (datetime,)


def _now() -> datetime:
    if datetime is _REAL[0]:
        now = datetime.now(timezone.utc)
        return now.replace(microsecond=now.microsecond // 1_000 * 1_000)
    # freezegun is exact, and the same in every thread, only here: its time.time_ns() is made of a float, and is the
    # real one near the modules that it ignores, threading among them.
    milliseconds = round(datetime.now().timestamp() * 1_000_000) // 1_000  # noqa: DTZ005
    try:
        return EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return _DUSK


def _shown(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
