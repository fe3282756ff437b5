"""Whether a rotation function is safe: it is run through every history that can happen to it."""

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

#: So many histories are tried at most; of a function that makes hundreds of calls, every second or third.
BUDGET = 500


class RotationUnsafe(AssertionError):
    """A rotation function fails in a history that can happen in production.

    :ivar history: what happens in it.
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
    """Run a rotation function through what happens in production: cuts, retries, faults, stale reads, others' writes.

    In each history the function rotates a secret of its own, and the resource is asked whether it accepts the values of
    the secret. Inside an active mock that happens at savepoints of it, so that a secret of a superuser can be there;
    else in a mock of its own. Nothing of it stays, but for what the function did to the resource.

    :param handler: ``handler(event, context)`` as it is deployed, or a coroutine function.
    :param value: what the secret holds at first: str, bytes, or a mapping that is stored as JSON.
    :param accepts: whether the resource takes a value now; given a mapping where ``value`` is one, else the raw value.
    :param reset: puts the resource back to where it takes ``value``.
    :param environment: variables of the process while the function runs.
    :raises RotationUnsafe: an AssertionError with the shortest history in which the function fails, as a timeline.
    :raises ValueError: if ``accepts(value)`` is false after ``reset()``.
    :raises TypeError: for a handler that can't be called so, or anything else of the wrong type.
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
    """The active mock at a savepoint, or one for this."""
    active = running()
    if active is None:
        with mock_secrets() as backend:
            yield backend
        return
    with savepoint(active.service):
        yield active


def _histories(backend: SecretsBackend, trial: Trial) -> Iterator[History]:
    """All histories, so that the first in which the function fails is the shortest.

    Those that a good function ends well come first: what they show is the clearer.
    """
    yield History()
    with _tried(backend, trial, History()) as (plain, _):
        histories = list(all_histories(plain))
    kept = histories[:: max(1, -(-len(histories) // BUDGET))]
    yield from sorted(kept, key=lambda history: (not history.can_succeed, history.length))


@contextmanager
def _tried(backend: SecretsBackend, trial: Trial, history: History) -> Iterator[tuple[Course, list[str]]]:
    """One history from its beginning to its end, with what is wrong then. What it did to the mock is taken back."""
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
        yield "the resource accepts no version's value any more: its password is lost"
        return
    if not history.may_lose_labels and not any(version.stages for version in accepted):
        yield f"the resource accepts only the value of version {accepted[0].id}, which has no staging label any more"
        return
    if not history.can_succeed:
        if course.has_succeeded and not course.is_current_accepted():
            yield "the rotation is told to have succeeded, and the resource does not accept the value under AWSCURRENT"
        return
    history.run_again(course)
    yield from _judged_end(course)


def _judged_end(course: Course) -> Iterator[str]:
    """What is wrong once the rotation was run again, as often as Secrets Manager does."""
    if not course.has_succeeded:
        yield f"no later run of the rotation succeeds: {_why(course)}"
        return
    if not course.is_current_accepted():
        yield "the rotation has succeeded, and the resource does not accept the value under AWSCURRENT"
    stages = course.secret.stages
    previous = stages.get("AWSPREVIOUS")
    if previous is None or previous.id != course.first:
        yield "AWSPREVIOUS is not on the version that was AWSCURRENT before"
    pending = stages.get("AWSPENDING")
    if pending is not None and pending.id != stages["AWSCURRENT"].id:
        yield f"AWSPENDING stays on version {pending.id}"


def _why(course: Course) -> str:
    """What the last run ended with; no value is in it."""
    run = course.runs[-1]
    cause = None if run.error is None else run.error.__cause__
    told = str(run.error) if cause is None else f"{type(cause).__name__} in {run.steps[-1].step}: {cause}"
    return course.backend.service.state.trail.masker()(told)


def _unsafe(course: Course, problems: list[str]) -> RotationUnsafe:
    """What tells of a history in which the function fails, while its state is there."""
    timeline = draw(history_of(course.backend.service, only=course.secret.arn), rows=None)
    told = [f"the rotation function is not safe where {course.history}:", *(f"  {one}" for one in problems)]
    return RotationUnsafe(str(course.history), problems, "\n".join([*told, "", timeline]))
