"""Tests whether a rotation function is safe, by running it through every history that can happen to it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mock_secrets.activation import mock_secrets, running
from mock_secrets.aws.functions import Handler, check_handler
from mock_secrets.backend import SecretsBackend
from mock_secrets.kernel.options import SeedValue, seed_value
from mock_secrets.report.history import history as history_of
from mock_secrets.report.text import draw
from mock_secrets.service.savepoint import savepoint
from mock_secrets.trials.courses import Accepts, Course, History, Trial
from mock_secrets.trials.histories import all_histories

#: The maximum number of histories. Of a function that makes hundreds of calls, only every second or third is tried.
BUDGET = 500


class RotationUnsafe(AssertionError):
    """A rotation function fails in a history that can happen in production.

    :ivar history: what happens in the history.
    :ivar problems: what is wrong at its end.
    """

    def __init__(self, history: str, problems: list[str], text: str) -> None:
        super().__init__(text)
        self.history = history
        self.problems = problems


def assert_rotation_safe(
    handler: Handler,
    *,
    value: SeedValue,
    accepts: Accepts,
    reset: Callable[[], object],
    environment: Mapping[str, str] | None = None,
) -> None:
    """Fail unless a rotation function survives what can happen in production.

    The function is run through many histories: cut off and run again, retried, throttled, with lost answers, stale
    reads and other writers. In each, it rotates a secret made for the purpose, and the resource is asked which of the
    secret's values it accepts. Inside an active mock this happens in savepoints of that mock, so the mock can hold
    other secrets, such as a superuser's; otherwise in a mock of its own. Everything is undone, except what the
    function did to the resource.

    :param handler: ``handler(event, context)`` as you deploy it, or a coroutine function.
    :param value: the secret's initial value: str, bytes, or a mapping, which is stored as JSON.
    :param accepts: called with a value; tells whether the resource accepts it now. The value is a mapping if ``value``
        is one, otherwise the raw value.
    :param reset: puts the resource back into a state in which it accepts ``value``.
    :param environment: environment variables that are set while the function runs.
    :raises RotationUnsafe: an AssertionError with the shortest history in which the function fails, as a timeline.
    :raises ValueError: if ``accepts(value)`` is false after ``reset()``.
    :raises TypeError: if the handler can't be called with an event and a context, or another argument has the wrong
        type.
    """
    __tracebackhide__ = True
    trial = _checked(handler, value, accepts, reset, {} if environment is None else environment)
    with _mock() as backend:
        for history in _histories(backend, trial):
            with _tried(backend, trial, history) as (course, problems):
                unsafe = _unsafe(course, problems) if problems else None
            if unsafe is not None:
                raise unsafe


def _checked(handler: Any, value: Any, accepts: Any, reset: Any, environment: Any) -> Trial:
    for name, given in {"accepts": accepts, "reset": reset}.items():
        if not callable(given):
            raise TypeError(f"assert_rotation_safe({name}=) takes a callable, not {type(given).__name__}")
    check_handler(handler)
    seed_value("value", value)
    return Trial(handler=handler, value=value, accepts=accepts, reset=reset, environment=environment)


@contextmanager
def _mock() -> Iterator[SecretsBackend]:
    """The active mock inside a savepoint, or else a new mock."""
    active = running()
    if active is None:
        with mock_secrets() as backend:
            yield backend
        return
    with savepoint(active.service):
        yield active


def _histories(backend: SecretsBackend, trial: Trial) -> Iterator[History]:
    """All histories, the shortest first.

    Histories in which a correct function succeeds come before all others, because their failures are clearer.
    """
    yield History()
    with _tried(backend, trial, History()) as (plain, _):
        histories = list(all_histories(plain))
    kept = histories[:: max(1, -(-len(histories) // BUDGET))]
    yield from sorted(kept, key=lambda history: (not history.can_succeed, history.length))


@contextmanager
def _tried(backend: SecretsBackend, trial: Trial, history: History) -> Iterator[tuple[Course, list[str]]]:
    """Run one history, and give the problems at its end. Its changes to the mock are undone after the block."""
    course = Course(backend, trial, history)
    with savepoint(backend.service):
        with course.watch.installed():
            course.run()
            problems = [*_judged(course, course.history), *course.history.end(course)]
        yield course, problems


def _judged(course: Course, history: History) -> Iterator[str]:
    """What is wrong at the end of a history."""
    accepted = course.accepted()
    if not accepted:
        yield "the resource no longer accepts the value of any version: its password is lost"
        return
    if not history.may_lose_labels and not any(version.stages for version in accepted):
        yield f"the resource accepts only the value of version {accepted[0].id}, which no longer has a staging label"
        return
    if not history.can_succeed:
        if course.has_succeeded and not course.is_current_accepted():
            yield "the rotation is reported as successful, but the resource does not accept the AWSCURRENT value"
        return
    history.run_again(course)
    yield from _judged_end(course)


def _judged_end(course: Course) -> Iterator[str]:
    """What is wrong after the rotation was run again, as Secrets Manager does."""
    if not course.has_succeeded:
        yield f"the rotation fails every time it is run again: {_why(course)}"
        return
    if not course.is_current_accepted():
        yield "the rotation succeeds, but the resource does not accept the AWSCURRENT value"
    stages = course.secret.stages
    previous = stages.get("AWSPREVIOUS")
    if previous is None or previous.id != course.first:
        yield "AWSPREVIOUS is not on the version that had AWSCURRENT before the rotation"
    pending = stages.get("AWSPENDING")
    if pending is not None and pending.id != stages["AWSCURRENT"].id:
        yield f"AWSPENDING stays on version {pending.id}"


def _why(course: Course) -> str:
    """The error of the last run, with secret values masked."""
    run = course.runs[-1]
    cause = None if run.error is None else run.error.__cause__
    reason = str(run.error) if cause is None else f"{type(cause).__name__} in {run.steps[-1].step}: {cause}"
    return course.backend.service.state.trail.masker()(reason)


def _unsafe(course: Course, problems: list[str]) -> RotationUnsafe:
    """The error for a history in which the function fails. To be called while the history's state still exists."""
    timeline = draw(history_of(course.backend.service, only=course.secret.arn), rows=None)
    lines = [f"the rotation function is not safe when {course.history}:", *(f"  {one}" for one in problems)]
    return RotationUnsafe(str(course.history), problems, "\n".join([*lines, "", timeline]))
