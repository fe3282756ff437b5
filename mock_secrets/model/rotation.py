"""The rotation of a secret: its rules, the pending or running rotation, and past runs."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from mock_secrets.kernel.journal import Journaled, JournaledList
from mock_secrets.model.schedule import Schedule, Window

#: The steps of a rotation function, each of which is invoked only after the one before has returned.
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")

#: The steps that run if the rules are set without rotating immediately.
TEST_STEPS = ("testSecret",)


class Outcome(Enum):
    """The state or result of a run.

    :ivar RUNNING: the rotation has not ended.
    :ivar SUCCEEDED: AWSCURRENT is at the new version; of a test, that its step returned.
    :ivar FAILED: the function raised, did not move AWSCURRENT, or could not be run; the run's ``error`` says which.
    :ivar ABANDONED: another current value was stored, the rotation was cancelled, or the secret was deleted.
    """

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABANDONED = "abandoned"


class RotationFailed(Exception):
    """Why a rotation failed, in the words of its CloudTrail event. The function's exception is its ``__cause__``."""


@dataclass(slots=True)
class StepRun(Journaled):
    """One step of a run.

    :ivar step: the name of the step, such as ``"createSecret"``.
    :ivar at: when the function was invoked, an aware UTC datetime.
    :ivar returned: what the function returned.
    :ivar error: what the function raised, or None.
    """

    step: str
    at: datetime
    returned: Any = None
    error: BaseException | None = None

    def __repr__(self) -> str:
        return f"<{self.step} at {self.at:%Y-%m-%d %H:%M:%S}{f' raised {type(self.error).__name__}' if self.error else ''}>"


@dataclass(slots=True)
class RotationRun(Journaled):
    """One attempt at a rotation.

    :ivar token: the ClientRequestToken, which is the id of the new version.
    :ivar is_test: whether only the test step was requested (RotateImmediately=False).
    :ivar attempt: 1 for the first attempt, 2 for the first retry, and so on.
    :ivar started_at: an aware UTC datetime.
    :ivar steps: the steps that were run.
    :ivar outcome: the state or result of the run.
    :ivar error: why the run failed, with the function's exception as its ``__cause__``, or None.
    """

    token: str
    is_test: bool
    attempt: int
    started_at: datetime
    steps: JournaledList[StepRun] = field(default_factory=JournaledList)
    outcome: Outcome = Outcome.RUNNING
    error: RotationFailed | None = None

    def fail(self, reason: str, cause: BaseException | None = None) -> None:
        """End the run as failed.

        :param cause: what the rotation function raised, if it did.
        """
        self.outcome, self.error = Outcome.FAILED, RotationFailed(reason)
        self.error.__cause__ = cause

    def abandon(self) -> None:
        """End the run because another current value was stored, or the rotation was cancelled or the secret deleted."""
        self.outcome = Outcome.ABANDONED
        self.error = RotationFailed("The rotation was abandoned: the secret was changed while it was under way")

    def __repr__(self) -> str:
        kind = "test of a rotation" if self.is_test else "rotation"
        return f"<{kind} {self.token} at {self.started_at:%Y-%m-%d %H:%M:%S}: {self.outcome.value}, {self.steps}>"


@dataclass(slots=True)
class Pending(Journaled):
    """A rotation that has started but not ended.

    :ivar due_at: when its next attempt runs.
    """

    token: str
    due_at: datetime
    is_test: bool = False
    attempts: int = 0


@dataclass(slots=True, eq=False)
class Rotation(Journaled):
    """A secret's rotation, from its first configuration on.

    :ivar window: the window that NextRotationDate shows; after a failure it may be in the past.
    :ivar next_run_at: when the schedule next starts a rotation.
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
        """When the next run starts, or None."""
        if self.is_running:
            return None
        if self.pending is not None:
            return self.pending.due_at
        return self.next_run_at if self.enabled else None

    def plan(self, base: datetime) -> None:
        """Set the next window, counted from the last rotation or from when the rules were set."""
        self.window = self.schedule.next_window(base) if self.schedule else None
        self.next_run_at = self.window.start if self.window else None

    def plan_after_failure(self, at: datetime) -> None:
        """Plan the next rotation for the next window. NextRotationDate stays, and may be in the past (recorded)."""
        self.next_run_at = self.schedule.next_window(at).start if self.schedule else None

    def record_rotation(self, at: datetime) -> None:
        """Note that a rotation succeeded, or that the value was changed by hand, which counts as one."""
        self.pending = None
        self.last_rotated_at = at
        if self.enabled:
            self.plan(at)

    def disable(self) -> None:
        self.enabled = False
        self.window = self.next_run_at = self.pending = None
