"""Runs due rotations: the four steps, and their consequences for the secret."""

import logging
import sys
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from traceback import format_exception

from mock_secrets.aws.functions import LONGEST_RUN, FunctionTimedOut, LambdaContext
from mock_secrets.aws.iam import Caller
from mock_secrets.aws.records import ServiceEventName, rotation_event
from mock_secrets.kernel.clock import Clock
from mock_secrets.kernel.frames import own_part
from mock_secrets.kernel.happened import Rotated
from mock_secrets.kernel.lock import BackendLock
from mock_secrets.kernel.redaction import redacted
from mock_secrets.model.passwords import changed_password
from mock_secrets.model.rotation import (
    STEPS,
    TEST_STEPS,
    Outcome,
    Pending,
    Rotation,
    RotationRun,
    StepRun,
)
from mock_secrets.model.secret import Secret
from mock_secrets.model.versions import AWSCURRENT, Version
from mock_secrets.operations.context import State
from mock_secrets.operations.rotation import begin_version
from mock_secrets.service.log import standing


@dataclass
class _Running:
    """A running function: its deadline, the caller of its calls, and how many more it may make."""

    deadline: datetime
    caller: Caller
    calls_left: int


_logger = logging.getLogger("mock_secrets.rotation")

_END_EVENTS: dict[tuple[bool, Outcome], ServiceEventName] = {
    (False, Outcome.SUCCEEDED): "RotationSucceeded",
    (False, Outcome.FAILED): "RotationFailed",
    (False, Outcome.ABANDONED): "RotationAbandoned",
    (True, Outcome.SUCCEEDED): "TestRotationSucceeded",
    (True, Outcome.FAILED): "TestRotationFailed",
}

# Set only in the function's own calls, not in other threads.
_RUNNING: ContextVar[_Running | None] = ContextVar("_RUNNING", default=None)


class Rotator:
    """The part of Secrets Manager that rotates."""

    def __init__(self, state: State, clock: Clock, lock: BackendLock) -> None:
        self._state = state
        self._clock = clock
        self._lock = lock

    @property
    def is_running(self) -> bool:
        """Whether this is a call from a running function."""
        return _RUNNING.get() is not None

    @property
    def caller(self) -> Caller | None:
        """The caller for the running function whose call this is, or None."""
        running = _RUNNING.get()
        return running.caller if running is not None else None

    def was_asked_for(self, secret: Secret) -> bool:
        """Whether the due rotation was requested by a call, and is neither scheduled nor a retry."""
        pending = secret.rotation.pending if secret.rotation is not None else None
        return pending is not None and pending.attempts == 0

    def charge_call(self, at: datetime) -> None:
        """Count a call against the limits of the running function, if it comes from one.

        :raises FunctionTimedOut: if the function has run for longer, or made more calls, than it may.
        """
        running = _RUNNING.get()
        if running is not None:
            running.calls_left -= 1
            if at > running.deadline or running.calls_left < 0:
                raise FunctionTimedOut

    def run_due(self, secret: Secret, at: datetime) -> None:
        """Run a secret's rotation if it is due."""
        rotation = secret.rotation
        if rotation is None or rotation.is_running or secret.deleted_at is not None:
            return
        if rotation.pending is not None:
            if rotation.pending.due_at <= at:
                self._run(secret, rotation, rotation.pending, at)
        elif rotation.enabled and rotation.next_run_at is not None and rotation.next_run_at <= at:
            self._run_of_schedule(secret, rotation, at)

    def _run_of_schedule(self, secret: Secret, rotation: Rotation, at: datetime) -> None:
        """Run with the version that a failed rotation left, or with a new one."""
        pending = self._state.journal.whole(self._begin_of_schedule, secret, rotation, at)
        if pending is None:
            self._tell(secret, rotation.runs[-1])
        else:
            self._run(secret, rotation, pending, at)

    def _begin_of_schedule(self, secret: Secret, rotation: Rotation, at: datetime) -> Pending | None:
        rotation.next_run_at = None
        left = secret.versions.dangling_pending()
        if left is not None and all(run.token != left.id for run in rotation.runs):
            self._refuse_version(secret, rotation, left, at)
            return None
        token = left.id if left is not None else self._state.ids.uuid()
        if left is None:
            begin_version(secret, token, at, is_test=False)
            secret.schedule_replica_sync(at)
        rotation.pending = Pending(token, at)
        return rotation.pending

    def _refuse_version(self, secret: Secret, rotation: Rotation, version: Version, at: datetime) -> None:
        run = RotationRun(version.id, is_test=False, attempt=1, started_at=at)
        run.fail(_made_by_somebody_else(secret, rotation, version))
        rotation.runs.append(run)
        self._log("RotationFailed", secret, run, at)
        rotation.plan_after_failure(at)
        self._note(secret, run, at, has_ended=True)

    def _run(self, secret: Secret, rotation: Rotation, pending: Pending, at: datetime) -> None:
        run = RotationRun(pending.token, pending.is_test, pending.attempts + 1, at)
        outer = _RUNNING.get()
        # _end runs twice, in case an interrupt stops the first run halfway.
        try:
            try:
                self._state.journal.whole(self._begin, secret, rotation, pending, run)
                self._run_steps(secret, rotation, pending, run)
            finally:
                self._end(secret, rotation, pending, run)
        finally:
            _RUNNING.set(outer)
            self._end(secret, rotation, pending, run)
        self._tell(secret, run)

    def _begin(self, secret: Secret, rotation: Rotation, pending: Pending, run: RotationRun) -> None:
        pending.attempts += 1
        rotation.runs.append(run)
        rotation.is_running = True
        self._log("TestRotationStarted" if run.is_test else "RotationStarted", secret, run, run.started_at)
        self._note(secret, run, run.started_at, has_ended=False)

    def _end(self, secret: Secret, rotation: Rotation, pending: Pending, run: RotationRun) -> None:
        if rotation.is_running:
            self._state.journal.whole(self._end_run, secret, rotation, pending, run)

    def _end_run(self, secret: Secret, rotation: Rotation, pending: Pending, run: RotationRun) -> None:
        now = self._clock.now()
        rotation.is_running = False
        if run.outcome is Outcome.RUNNING:
            run.fail("The rotation was interrupted", sys.exc_info()[1])
        self._log_end(secret, run, now)
        if pending.is_test:
            secret.versions.drop_test(pending.token)
            secret.schedule_replica_sync(now)
            if rotation.pending is pending:
                rotation.pending = None
        elif run.outcome is Outcome.FAILED:
            self._after_failure(rotation, pending, now)
        elif run.outcome is Outcome.SUCCEEDED:
            rotation.record_rotation(now)
            secret.mark_changed(now)
        self._note(secret, run, now, has_ended=True)

    def _note(self, secret: Secret, run: RotationRun, at: datetime, *, has_ended: bool) -> None:
        self._state.note(Rotated(at, secret.arn, secret.name, run, has_ended, standing(self._state.store, secret)))

    def _log_end(self, secret: Secret, run: RotationRun, at: datetime) -> None:
        name = _END_EVENTS.get((run.is_test, run.outcome))
        if name is not None:
            self._log(name, secret, run, at)

    def _log(self, name: ServiceEventName, secret: Secret, run: RotationRun, at: datetime) -> None:
        error = str(run.error) if run.outcome is Outcome.FAILED else None
        self._state.trail.append(rotation_event(name, secret, at, run.token, error))

    def _tell(self, secret: Secret, run: RotationRun) -> None:
        """Log a failure, which nothing else reports: the call that requested the rotation has been answered.

        This comes after the end of the run, since a log handler is foreign code and may raise.
        """
        if run.outcome is not Outcome.FAILED:
            return
        before = secret.rotation.runs[-2:-1] if secret.rotation is not None else []
        told = _told(run)
        if run.attempt > 1 and any(_told(one) == told for one in before):
            told = f"for the same reason as the previous attempt: {told.splitlines()[-1]}"
        kind = "test of the rotation" if run.is_test else "rotation"
        step = f" in {run.steps[-1].step}" if run.steps else ""
        hidden = self._state.trail.masker()(told)
        failed = "%s of %r to version %s failed%s: %s"
        self._lock.let_go(_logger.error, failed, kind, secret.name, run.token, step, hidden)

    def _run_steps(self, secret: Secret, rotation: Rotation, pending: Pending, run: RotationRun) -> None:
        if rotation.lambda_arn is None:
            self._rotate_as_owner(secret, pending, run)
            return
        for step in TEST_STEPS if pending.is_test else STEPS:
            if rotation.pending is not pending:
                break
            self._run_step(secret, rotation, step, run)
            if run.error is not None:
                return
        current = secret.versions.current
        if pending.is_test or (current is not None and current.id == pending.token):
            run.outcome = Outcome.SUCCEEDED
        elif rotation.pending is not pending:
            run.abandon()
        else:
            run.fail(f"{rotation.lambda_arn} returned from all steps, but AWSCURRENT is not on version {pending.token}")

    def _rotate_as_owner(self, secret: Secret, pending: Pending, run: RotationRun) -> None:
        """Rotate as a managing service or a partner does, without a function: the new password is current at once."""
        if not pending.is_test:
            self._state.journal.whole(self._change_password, secret, pending)
        run.outcome = Outcome.SUCCEEDED

    def _change_password(self, secret: Secret, pending: Pending) -> None:
        current = secret.versions.current
        value = redacted(changed_password(self._state.ids.random, current.value if current else None))
        secret.versions.store(pending.token, value, [AWSCURRENT], self._clock.now(), secret.key_id)
        self._state.trail.remember(value, secret.name)

    def _run_step(self, secret: Secret, rotation: Rotation, step: str, run: RotationRun) -> None:
        function = self._state.functions.get(rotation.lambda_arn or "")
        left = secret.versions.dangling_pending()
        if left is not None and left.id != run.token:
            run.fail(_made_by_somebody_else(secret, rotation, left))
            return
        if function is None:
            run.fail(f"There is no Lambda function {rotation.lambda_arn}")
            return
        at = self._clock.now()
        record = StepRun(step, at)
        run.steps.append(record)
        deadline = at + LONGEST_RUN
        event = {
            "Step": step,
            "SecretId": secret.arn,
            "ClientRequestToken": run.token,
            "RotationToken": self._state.ids.uuid(),
        }
        context = LambdaContext(function.arn, self._state.ids.uuid(), function.name, deadline, self._clock.now)
        mark = _RUNNING.set(_Running(deadline, function.caller(at), self._state.limits.rotation_calls))
        try:
            record.returned = self._lock.let_go(function.invoke, event, context, secret.region)
            self.charge_call(self._clock.now())
        except BaseException as error:
            # Whatever a function raises fails its step. What is meant to stop the program is raised again.
            record.error = error
            run.fail(f"Error when executing lambda {function.arn} during {step} step", error)
            if not isinstance(error, Exception | FunctionTimedOut):
                raise
        finally:
            _RUNNING.reset(mark)

    def _after_failure(self, rotation: Rotation, pending: Pending, at: datetime) -> None:
        """Plan a few retries after a delay, and then the next run of the schedule.

        GUESS: AWS only says that it retries "multiple times".
        """
        if rotation.pending is not pending:
            return
        if pending.attempts < self._state.limits.rotation_attempts:
            pending.due_at = at + self._state.limits.rotation_retry_delay
        else:
            rotation.pending = None
            rotation.plan_after_failure(at)


def _made_by_somebody_else(secret: Secret, rotation: Rotation, version: Version) -> str:
    """AWS's message for a version that was labelled AWSPENDING by hand (User Guide, "Troubleshoot rotation")."""
    return (
        f"Pending secret version {version.id} for Secret {secret.arn} was not created by Lambda"
        f" {rotation.lambda_arn}. Remove the AWSPENDING staging label and restart rotation"
    )


def _told(run: RotationRun) -> str:
    """Why a run failed: the traceback of its function, or AWS's message."""
    cause = None if run.error is None else run.error.__cause__
    return str(run.error) if cause is None else "".join(format_exception(type(cause), cause, own_part(cause))).rstrip()
