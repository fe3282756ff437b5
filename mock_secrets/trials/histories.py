"""What happens to rotation functions in production but is never tried in a unit test.

Sources: AWS retries a failed rotation from its first step, with the same token (User Guide, "How rotation works" and
"Rotation function"); Lambda may deliver an event twice, and ends a function that takes too long.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mock_secrets.faults import LostAnswer, NetworkFault, ReadTimeout
from mock_secrets.model.rotation import STEPS
from mock_secrets.protocol import wire
from mock_secrets.service.savepoint import savepoint
from mock_secrets.trials.courses import Course, History, then
from mock_secrets.trials.watching import Made


class AtCall(History):
    """Something that happens at one of the function's calls."""

    def __init__(self, made: Made) -> None:
        self.made = made
        self.length = made.number

    def is_it(self, made: Made) -> bool:
        return made.number == self.made.number


class CutBefore(AtCall):
    def __str__(self) -> str:
        return f"the function is cut off before {self.made} and run again"

    def before(self, course: Course, made: Made) -> None:
        if self.is_it(made):
            course.watch.cut_off()


class CutAfter(AtCall):
    def __str__(self) -> str:
        return f"the function is cut off after {self.made} and run again"

    def after(self, course: Course, made: Made) -> None:
        if self.is_it(made):
            course.watch.cut_off()


class Refused(AtCall):
    """A call fails at every attempt, or only at the first ones, after which botocore's retry succeeds."""

    def __init__(self, made: Made, error: str | NetworkFault, times: int | None = None) -> None:
        super().__init__(made)
        self._error = error
        self._times = times

    def __str__(self) -> str:
        again = "" if self._times is None else ", and botocore retries it"
        return f"{self.made} fails with {self._error}{again}"

    def begin(self, course: Course) -> None:
        course.backend.fail("*", self._error, when=lambda _: course.watch.is_at(self.made.number), times=self._times)


class Stale(AtCall):
    """A read sees the secret as it was before the function's last write."""

    def __init__(self, made: Made, write: Made) -> None:
        super().__init__(made)
        self._write = write
        self._seen: wire.Answer | None = None

    def __str__(self) -> str:
        return f"{self.made} sees the secret as it was before {self._write}"

    def before(self, course: Course, made: Made) -> wire.Answer | None:
        if made.number == self._write.number:
            with savepoint(course.backend.service):
                self._seen = course.backend.service.answer(self.made.request)
        return self._seen if self.is_it(made) else None


class Meanwhile(AtCall):
    """Somebody else acts before a call of the function."""

    what = ""

    def __str__(self) -> str:
        return f"{self.what} before {self.made}"

    def before(self, course: Course, made: Made) -> None:
        if self.is_it(made):
            self.happen(course)

    def happen(self, course: Course) -> None:
        raise NotImplementedError


class Cancelled(Meanwhile):
    what = "the rotation is cancelled"
    can_succeed = False

    def happen(self, course: Course) -> None:
        course.do("CancelRotateSecret")


class WrittenByAnother(Meanwhile):
    what = "somebody stores the current value again"
    can_succeed = False
    # The rotation's version loses AWSPENDING.
    may_lose_labels = True

    def happen(self, course: Course) -> None:
        token = course.backend.service.state.ids.uuid()
        course.do("PutSecretValue", ClientRequestToken=token, **_member(course.secret.value))


class PendingOfAnother(Meanwhile):
    what = "somebody puts AWSPENDING on a version of their own"
    can_succeed = False
    may_lose_labels = True

    def __init__(self, made: Made, value: str | bytes) -> None:
        super().__init__(made)
        self._value = value
        self._token = ""

    def happen(self, course: Course) -> None:
        self._token = course.backend.service.state.ids.uuid()
        stages = ["AWSPENDING"]
        course.do("PutSecretValue", ClientRequestToken=self._token, VersionStages=stages, **_member(self._value))

    def end(self, course: Course) -> list[str]:
        if self._token not in [version.id for version in course.accepted()]:
            return []
        return [f"the resource was given the value of version {self._token}, which somebody else stored"]


class Deleted(Meanwhile):
    what = "the secret is deleted"
    can_succeed = False

    def happen(self, course: Course) -> None:
        course.do("DeleteSecret", RecoveryWindowInDays=7)


class KeyDisabled(Meanwhile):
    what = "the secret's key is disabled"
    can_succeed = False

    def begin(self, course: Course) -> None:
        course.key = course.backend.kms.create_key(description="of a rotation under test")

    def happen(self, course: Course) -> None:
        if course.key is not None:
            course.key.disable()


class FinishedByAnother(Meanwhile):
    what = "somebody moves AWSCURRENT to the pending version"

    def happen(self, course: Course) -> None:
        stages = course.secret.stages
        if course.token != stages["AWSCURRENT"].id:
            move = {"MoveToVersionId": course.token, "RemoveFromVersionId": stages["AWSCURRENT"].id}
            course.do("UpdateSecretVersionStage", VersionStage="AWSCURRENT", **move)


class OfStep(History):
    """Something that happens at a step, the first time it runs."""

    def __init__(self, step: str) -> None:
        self.step = step
        self._has_happened = False

    def invoke(self, course: Course, step: str, call: Callable[[str], Any]) -> Any:
        if step != self.step or self._has_happened:
            return call(step)
        self._has_happened = True
        return self.happen(course, call)

    def happen(self, course: Course, call: Callable[[str], Any]) -> Any:
        raise NotImplementedError


class CutAtEnd(OfStep):
    def __str__(self) -> str:
        return f"the function is cut off at the end of {self.step} and run again"

    def happen(self, course: Course, call: Callable[[str], Any]) -> Any:
        return then(call(self.step), course.watch.cut_off)


class Twice(OfStep):
    def __str__(self) -> str:
        return f"{self.step} is delivered twice"

    def happen(self, _: Course, call: Callable[[str], Any]) -> Any:
        return then(call(self.step), lambda: call(self.step))


class OutOfOrder(OfStep):
    can_succeed = False

    def __init__(self, step: str, other: str) -> None:
        super().__init__(step)
        self._other = other

    def __str__(self) -> str:
        return f"{self._other} is delivered in place of {self.step}"

    def happen(self, _: Course, call: Callable[[str], Any]) -> Any:
        return call(self._other)


class LeftPending(History):
    """A rotation fails at a step until it is given up; in the next window its version still has AWSPENDING."""

    def __init__(self, step: str) -> None:
        self._step = step
        self._is_over = False

    def __str__(self) -> str:
        return (
            f"{self._step} fails until the rotation is given up, and its version is still AWSPENDING in the next window"
        )

    def invoke(self, course: Course, step: str, call: Callable[[str], Any]) -> Any:
        if step == self._step and not self._is_over:
            course.watch.cut_off()
        return call(step)

    def run_again(self, course: Course) -> None:
        while course.rotation.pending is not None:
            course.secret.finish_rotation()
        self._is_over = True
        course.next_window()
        course.run_again()


class Late(History):
    """The events of a rotation are delivered again after the next rotation."""

    def __str__(self) -> str:
        return "the events of a rotation are delivered again after the next rotation"

    def end(self, course: Course) -> list[str]:
        old, events = course.secret.value, list(course.events)
        course.next_window()
        current = course.secret.stages["AWSCURRENT"].id
        for event in events:
            course.deliver(event)
        if course.secret.value == old or course.secret.stages["AWSCURRENT"].id != current:
            return ["they move AWSCURRENT away from the version of the next rotation"]
        return [] if course.is_current_accepted() else ["they change what the resource accepts, but not the secret"]


# For each step, the later ones that are delivered in its place. A correct function refuses them.
_LATER: dict[str, tuple[str, ...]] = {
    "createSecret": ("setSecret", "testSecret", "finishSecret"),
    "setSecret": ("testSecret",),
    "testSecret": (),
    "finishSecret": (),
}


# The operations that use a KMS key. A disabled key makes no difference to the others.
_WITH_A_KEY = {"GetSecretValue", "PutSecretValue", "UpdateSecret", "CreateSecret", "BatchGetSecretValue"}


def _cut_or_refused(one: Made, *, is_first: bool) -> Iterator[History]:
    """The cuts and faults at one call.

    A cut after a read leaves the same state as a cut before it, and to a read it makes no difference how its answer
    gets lost.
    """
    if not is_first:
        yield CutBefore(one)
    yield Refused(one, "ThrottlingException")
    if not one.reads:
        yield CutAfter(one)
        yield Refused(one, LostAnswer())
        yield Refused(one, LostAnswer(), times=1)
        yield Refused(one, ReadTimeout())


def all_histories(plain: Course) -> Iterator[History]:
    """Every history of a function, derived from an undisturbed run of it."""
    made = plain.made
    pending = _of_another(plain)
    last_write: Made | None = None
    first_in_step = {step: next((one.number for one in made if one.step == step), 0) for step in STEPS}
    for one in made:
        yield from _cut_or_refused(one, is_first=one.number == first_in_step[one.step])
        if one.reads and last_write is not None:
            yield Stale(one, last_write)
        yield PendingOfAnother(one, pending)
        yield from (kind(one) for kind in (Cancelled, WrittenByAnother, Deleted))
        if one.operation in _WITH_A_KEY:
            yield KeyDisabled(one)
        if one.step == "finishSecret":
            yield FinishedByAnother(one)
        if not one.reads:
            last_write = one
    for step in STEPS:
        last = max((one.number for one in made if one.step == step), default=0)
        for of_step in (CutAtEnd(step), Twice(step), *(OutOfOrder(step, other) for other in _LATER[step])):
            of_step.length = last
            yield of_step
        left = LeftPending(step)
        left.length = last + len(made)
        yield left
    late = Late()
    late.length = 2 * len(made)
    yield late


def _of_another(plain: Course) -> str | bytes:
    """A value that somebody else could have stored; in a document, only members that the rotation changes differ."""
    old, new = plain.trial.value, plain.secret.value
    if isinstance(old, Mapping):
        try:
            made = json.loads(new or b"{}")
        except ValueError:
            made = {}
        changed = {name: f"{value}-of-another" for name, value in made.items() if old.get(name) != value}
        return json.dumps({**old, **changed})
    return old + (b"-of-another" if isinstance(old, bytes) else "-of-another")  # type: ignore[operator]  # alike


def _member(value: str | bytes | None) -> dict[str, Any]:
    return {"SecretBinary": value} if isinstance(value, bytes) else {"SecretString": value}
