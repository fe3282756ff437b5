"""The time of the process, which freezers may move as they like, as a time that never runs back."""

import warnings
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from mock_secrets.kernel.frames import calling_line

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
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

    :ivar seen: the process's time when it was last read.
    :ivar detour: what is added to it, to bridge the jumps back.
    :ivar jumps: those that the process has not made up for, one within the other, as the freezers are.
    """

    seen: datetime | None = None
    detour: timedelta = timedelta(0)
    jumps: tuple[_Jump, ...] = ()

    def at(self, now: datetime, ahead: timedelta) -> "_Course":
        """How it is once the process is past the points from which it jumped. :param ahead: for another jump back."""
        detour, jumps = self.detour, self.jumps
        while jumps and now >= jumps[-1].origin:
            detour, jumps = jumps[-1].detour, jumps[:-1]
        if self.seen is not None and now < self.seen:
            jumps = (*jumps, _Jump(self.seen, detour))
            detour = ahead
        return _Course(now, detour, jumps)


class ProcessTime:
    """The process's time and what it was advanced, told as a time that only moves forward."""

    def __init__(self) -> None:
        self._advanced = timedelta(0)
        self._course = _Course()
        self._was_told = False

    def read(self, latest: datetime) -> datetime:
        """The time now.

        :param latest: the latest that was told, behind which it does not run.
        :raises ValueError: if it is beyond what the service can show.
        """
        now, before = _now(), self._course
        course = before.at(now, latest - now - self._advanced)
        instant = max(latest, _checked(_later(now, self._advanced + course.detour)))
        self._course = course
        if before.seen is not None and before.seen - now >= _NOTICEABLE and not self._was_told:
            self._was_told = True
            _tell(before.seen, now, latest)
        return instant

    def advance(self, delta: timedelta) -> None:
        """Be further ahead of the process, now and after every jump."""
        self._advanced += delta

    def go_on_from(self, instant: datetime) -> None:
        """Follow the process from an instant, whatever was before."""
        now = _now()
        self._advanced, self._course = instant - now, _Course(now)

    def forget_warning(self) -> None:
        """Warn again of the next jump, which is another test's."""
        self._was_told = False


def _checked(instant: datetime) -> datetime:
    if instant >= END:
        raise ValueError(
            f"the process's clock leads to {instant.isoformat()}, and the service's shows what is before 9000-01-01"
        )
    return instant


def _tell(origin: datetime, now: datetime, latest: datetime) -> None:
    line = calling_line()
    warnings.warn_explicit(
        f"the process's clock jumped back from {_shown(origin)} to {_shown(now)}, and Secrets Manager's runs forward"
        f" only: it goes on from {_shown(latest)}. Begin a freeze into the past before the mock is first used, and"
        " use the mock no more after one in the future; or move backend.clock instead of the process.",
        ClockWarning,
        line.file,
        line.number,
    )


def _now() -> datetime:
    # freezegun is exact, and the same in every thread, only here: its time.time_ns() is made of a float, and is the
    # real one near the modules that it ignores, threading among them.
    milliseconds = round(datetime.now().timestamp() * 1_000_000) // 1_000  # noqa: DTZ005
    return _later(_EPOCH, timedelta(milliseconds=milliseconds))


def _later(start: datetime, span: timedelta) -> datetime:
    try:
        return start + span
    except OverflowError:
        return datetime.max.replace(tzinfo=timezone.utc)


def _shown(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
