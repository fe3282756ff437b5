"""One rotation from its beginning, with the calls of its function counted, so that something can happen at one of them."""

import inspect
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from mock_secrets.aws.functions import LONGEST_RUN, FunctionTimedOut, Handler, LambdaContext
from mock_secrets.backend import SecretsBackend
from mock_secrets.direct.kms import StoredKey
from mock_secrets.direct.secrets import StoredSecret, StoredVersion
from mock_secrets.kernel.options import SeedValue
from mock_secrets.model.rotation import Outcome, Rotation, RotationRun
from mock_secrets.protocol import wire
from mock_secrets.trials.watching import Made, Watch

#: How the secret and its function are called while they are tried.
NAME = "rotation-under-test"

# The window in which a rotation is run that failed too often.
_MONTH = 31
# What does not succeed in so many runs more never does.
_RERUNS = 2

Accepts: TypeAlias = Callable[[Any], object]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a user gives to have a rotation function tried.

    :ivar value: what the secret holds at first, which the resource accepts after ``reset``.
    """

    handler: Handler
    value: SeedValue
    accepts: Accepts
    reset: Callable[[], object]
    environment: Mapping[str, str] = field(default_factory=dict)

    def is_accepted(self, value: str | bytes | None) -> bool:
        """Whether the resource takes a stored value now; one that can't be read as the first could is taken by none."""
        if value is None:
            return False
        if not isinstance(self.value, Mapping):
            return bool(self.accepts(value))
        try:
            document = json.loads(value)
        except ValueError:
            return False
        return isinstance(document, dict) and bool(self.accepts(document))


class History:
    """What happens in the course of a rotation; here, nothing.

    :ivar length: after how many calls of the function it differs from one in which nothing goes wrong.
    :cvar can_succeed: whether a good function ends it well, if it is run again.
    :cvar may_lose_labels: whether what the resource accepts may end under no label, which no function can help.
    """

    length = 0
    can_succeed = True
    may_lose_labels = False

    def __str__(self) -> str:
        return "nothing goes wrong"

    def begin(self, course: "Course") -> None:
        """Before the rotation is asked for."""

    def before(self, course: "Course", made: Made) -> wire.Answer | None:
        """Before a call of the function. :returns: an answer in place of the service's, or None."""

    def after(self, course: "Course", made: Made) -> None:
        """After a call has had its effect, and before the function has its answer."""

    def invoke(self, course: "Course", step: str, call: Callable[[str], Any]) -> Any:  # noqa: ARG002 - for others
        """A step is due: call the function for it."""
        return call(step)

    def run_again(self, course: "Course") -> None:
        """Once it has happened: run the rotation again, until it succeeds or never will."""
        course.run_again()

    def end(self, course: "Course") -> list[str]:  # noqa: ARG002 - for others
        """When the rotation has ended. :returns: what is wrong, beside what is looked at in every history."""
        return []


class Course:
    """A rotation that is run, and what its function does.

    :ivar watch: what sees the calls of the function.
    :ivar first: the id of the version that the secret has at first.
    :ivar events: those that the function was given.
    """

    def __init__(self, backend: SecretsBackend, trial: Trial, history: History) -> None:
        self.backend = backend
        self.trial = trial
        self.history = history
        self.watch = Watch()
        self.watch.before = partial(history.before, self)
        self.watch.after = partial(history.after, self)
        self.token = ""
        self.key: StoredKey | None = None
        self.first = ""
        self.events: list[dict[str, Any]] = []

    @property
    def made(self) -> list[Made]:
        return self.watch.made

    def handle(self, event: dict[str, Any], context: Any) -> Any:
        """Stands for the function."""
        self.watch.step = event["Step"]
        self.events.append(event)

        def call(step: str) -> Any:
            return self.trial.handler({**event, "Step": step}, context)

        with self.watch.on():
            returned = self.history.invoke(self, event["Step"], call)
        return self._awaiting(returned) if inspect.isawaitable(returned) else returned

    async def _awaiting(self, returned: Any) -> Any:
        with self.watch.on():
            return await returned

    # --- The rotation ---

    def run(self) -> None:
        """Make the secret, put the resource back, and rotate."""
        self.trial.reset()
        if not self.trial.is_accepted(_as_stored(self.trial.value)):
            raise ValueError(
                "reset() has to put the resource back to where it takes value, and accepts(value) is false"
            )
        self.history.begin(self)
        stored = self.backend.create(NAME, self.trial.value, kms_key_id=None if self.key is None else self.key.arn)
        self.first = stored.stages["AWSCURRENT"].id
        function = self.backend.register_rotation_lambda(NAME, self.handle, environment=self.trial.environment)
        rules = {"AutomaticallyAfterDays": 30}
        self.token = self.backend.service.state.ids.uuid()
        self.do("RotateSecret", ClientRequestToken=self.token, RotationLambdaARN=function, RotationRules=rules)
        if not self.runs:
            # AWS's pace, or a delay in Limits.
            self.secret.finish_rotation()

    def do(self, operation: str, **params: Any) -> Mapping[str, Any]:
        """What somebody else does to the secret."""
        where = {"account_id": self.backend.account_id, "region": self.backend.region}
        return self.backend.service.direct(operation, SecretId=NAME, **where, **params)

    @property
    def secret(self) -> StoredSecret:
        return self.backend[NAME]

    @property
    def rotation(self) -> Rotation:
        rotation = self.secret._secret.rotation
        assert rotation is not None, "it was asked for"
        return rotation

    @property
    def runs(self) -> list[RotationRun]:
        return list(self.rotation.runs)

    @property
    def has_succeeded(self) -> bool:
        return bool(self.runs) and self.runs[-1].outcome is Outcome.SUCCEEDED

    def run_again(self, times: int = _RERUNS) -> None:
        """As Secrets Manager does after a failure: soon, or in the next window if the rotation was given up."""
        for _ in range(times):
            if self.has_succeeded:
                return
            if self.rotation.pending is not None:
                self.secret.finish_rotation()
            elif self.rotation.enabled:
                self.next_window()
            else:
                return

    def next_window(self) -> None:
        self.backend.clock.advance(days=_MONTH)

    def deliver(self, event: dict[str, Any]) -> None:
        """An event once more, by itself. That the function refuses it is all right."""
        service, arn = self.backend.service, self.rotation.lambda_arn
        function = service.state.functions.get(arn or "")
        assert function is not None, "it was registered"
        now = self.backend.clock.now()
        context = LambdaContext(
            function.arn, service.state.ids.uuid(), function.name, now + LONGEST_RUN, self.backend.clock.now
        )
        with suppress(Exception, FunctionTimedOut):
            function.invoke(event, context, self.backend.region)

    # --- How it stands ---

    def accepted(self) -> list[StoredVersion]:
        """The versions whose values the resource takes now."""
        return [version for version in self.secret.versions if self.trial.is_accepted(version.value)]

    def is_current_accepted(self) -> bool:
        return self.trial.is_accepted(self.secret.value)


def then(returned: Any, do: Callable[[], Any]) -> Any:
    """Do something once a function has returned, also where it is a coroutine function."""
    if not inspect.isawaitable(returned):
        return do()

    async def both() -> Any:
        await returned
        after = do()
        return await after if inspect.isawaitable(after) else after

    return both()


def _as_stored(value: SeedValue) -> str | bytes:
    return json.dumps(value) if isinstance(value, Mapping) else value
