"""The rotation of a secret: its rules, the run that is under way, and the runs that were."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from mock_secrets.kernel.journal import Journaled, JournaledList
from mock_secrets.model.schedule import Schedule, Window

#: The steps of a rotation function, each only after the one before returned.
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")

#: What is run when the rules are set and no rotation is wanted yet.
TEST_STEPS = ("testSecret",)


class Outcome(Enum):
    """How a run stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABANDONED = "abandoned"


class RotationFailed(Exception):
    """Why a rotation failed, in the words of its CloudTrail event. What the function raised is its cause."""


@dataclass(slots=True)
class StepRun(Journaled):
    """One step of a run.

    :ivar at: when the function was invoked.
    :ivar returned: what it returned.
    :ivar error: what it raised, or None.
    """

    step: str
    at: datetime
    returned: Any = None
    error: BaseException | None = None

    def __repr__(self) -> str:
        return f"<{self.step} at {self.at:%Y-%m-%d %H:%M:%S}{f' raised {type(self.error).__name__}' if self.error else ''}>"


@dataclass(slots=True)
class RotationRun(Journaled):
    """One attempt at a rotation, as a test reads it.

    :ivar token: the ClientRequestToken, which is the id of the new version.
    :ivar is_test: whether only the test step was wanted (RotateImmediately=False).
    :ivar attempt: 1 for the first, 2 for its first retry, and so on.
    :ivar started_at: an aware UTC datetime.
    :ivar steps: the steps that were run.
    :ivar outcome: how it stands.
    :ivar error: why it failed, with what the function raised as its cause.
    """

    token: str
    is_test: bool
    attempt: int
    started_at: datetime
    steps: JournaledList[StepRun] = field(default_factory=JournaledList)
    outcome: Outcome = Outcome.RUNNING
    error: RotationFailed | None = None

    def fail(self, reason: str, cause: BaseException | None = None) -> None:
        self.outcome, self.error = Outcome.FAILED, RotationFailed(reason)
        self.error.__cause__ = cause

    def abandon(self) -> None:
        """Somebody stored another current value, cancelled the rotation or deleted the secret meanwhile."""
        self.outcome = Outcome.ABANDONED
        self.error = RotationFailed("The rotation was abandoned: the secret was changed while it was under way")

    def __repr__(self) -> str:
        kind = "test of a rotation" if self.is_test else "rotation"
        return f"<{kind} {self.token} at {self.started_at:%Y-%m-%d %H:%M:%S}: {self.outcome.value}, {self.steps}>"


@dataclass(slots=True)
class Pending(Journaled):
    """A rotation that has begun and not ended."""

    token: str
    due_at: datetime
    is_test: bool = False
    attempts: int = 0


@dataclass(slots=True, eq=False)
class Rotation(Journaled):
    """A secret's rotation, once it was ever configured.

    :ivar window: the one that NextRotationDate shows; after a failure it may be past.
    :ivar next_run_at: when the schedule next begins a run.
    """

    enabled: bool = False
    lambda_arn: str | None = None
    schedule: Schedule | None = None
    external_metadata: list[dict[str, str]] = field(default_factory=list)
    external_role_arn: str | None = None
    last_rotated_at: datetime | None = None
    window: Window | None = None
    next_run_at: datetime | None = None
    pending: Pending | None = None
    is_running: bool = False
    runs: JournaledList[RotationRun] = field(default_factory=JournaledList)

    def next_due(self) -> datetime | None:
        """When a run next begins."""
        if self.is_running:
            return None
        if self.pending is not None:
            return self.pending.due_at
        return self.next_run_at if self.enabled else None

    def plan(self, base: datetime) -> None:
        """Set the next window, counted from the last rotation or from the setting of the rules."""
        self.window = self.schedule.next_window(base) if self.schedule else None
        self.next_run_at = self.window.start if self.window else None

    def plan_after_failure(self, at: datetime) -> None:
        """Try again in the next window. The date that is shown stays, and may lie in the past (recorded)."""
        self.next_run_at = self.schedule.next_window(at).start if self.schedule else None

    def record_rotation(self, at: datetime) -> None:
        """A rotation has ended well, or somebody changed the value by hand, which counts as one."""
        self.pending = None
        self.last_rotated_at = at
        if self.enabled:
            self.plan(at)

    def disable(self) -> None:
        self.enabled = False
        self.window = self.next_run_at = self.pending = None
