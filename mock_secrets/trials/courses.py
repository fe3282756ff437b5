"""One rotation from beginning to end, with its function's calls counted so that a history can act at any of them."""

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

#: The name of the secret under test, and of its function.
NAME = "rotation-under-test"

# Days until the next rotation window, in which a rotation that was given up runs again.
_MONTH = 31
# A rotation that fails this many more times is taken never to succeed.
_RERUNS = 2

#: Called with a value of the secret; true if the resource accepts it.
Accepts: TypeAlias = Callable[[Any], object]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The user's arguments for testing a rotation function.

    :ivar value: the secret's initial value, which the resource accepts after ``reset``.
    """

    handler: Handler
    value: SeedValue
    accepts: Accepts
    reset: Callable[[], object]
    environment: Mapping[str, str] = field(default_factory=dict)

    def is_accepted(self, value: str | bytes | None) -> bool:
        """Whether the resource accepts a stored value now. Only JSON objects can be, if the first value is a mapping."""
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
    """What happens in the course of a rotation; in this base class, nothing.

    :ivar length: the number of the function's calls after which the history departs from an undisturbed one.
    :cvar can_succeed: whether a correct function succeeds in the end, when the rotation is run again.
    :cvar may_lose_labels: whether the accepted value may end up without a staging label, which no function can prevent.
    """

    length = 0
    can_succeed = True
    may_lose_labels = False

    def __str__(self) -> str:
        return "nothing goes wrong"

    def begin(self, course: "Course") -> None:
        """Act before the rotation is requested."""

    def before(self, course: "Course", made: Made) -> wire.Answer | None:
        """Act before a call of the function.

        :returns: an answer to give in place of the service's, or None.
        """

    def after(self, course: "Course", made: Made) -> None:
        """Act after a call has taken effect, but before the function gets the answer."""

    def invoke(self, course: "Course", step: str, call: Callable[[str], Any]) -> Any:  # noqa: ARG002 - for others
        """Call the function for a step."""
        return call(step)

    def run_again(self, course: "Course") -> None:
        """Run the rotation again after the history, until it succeeds or is taken never to."""
        course.run_again()

    def end(self, course: "Course") -> list[str]:  # noqa: ARG002 - for others
        """Act after the rotation has ended.

        :returns: problems specific to this history, in addition to those checked in every history.
        """
        return []


class Course:
    """One run of a rotation under a history.

    :ivar watch: observes the calls of the function.
    :ivar first: the id of the secret's first version.
    :ivar events: the events that the function received.
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
        """The registered rotation function, which calls the user's."""
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
        """Reset the resource, create the secret and rotate it."""
        self.trial.reset()
        if not self.trial.is_accepted(_as_stored(self.trial.value)):
            raise ValueError(
                "accepts(value) is false after reset(). reset() must put the resource back into a state in which it"
                " accepts value."
            )
        self.history.begin(self)
        stored = self.backend.create(NAME, self.trial.value, kms_key_id=None if self.key is None else self.key.arn)
        self.first = stored.stages["AWSCURRENT"].id
        function = self.backend.register_rotation_lambda(NAME, self.handle, environment=self.trial.environment)
        rules = {"AutomaticallyAfterDays": 30}
        self.token = self.backend.service.state.ids.uuid()
        self.do("RotateSecret", ClientRequestToken=self.token, RotationLambdaARN=function, RotationRules=rules)
        if not self.runs:
            # The rotation is still pending, under pace="aws" or a delay in Limits.
            self.secret.finish_rotation()

    def do(self, operation: str, **params: Any) -> Mapping[str, Any]:
        """Call an operation on the secret, as somebody else would."""
        where = {"account_id": self.backend.account_id, "region": self.backend.region}
        return self.backend.service.direct(operation, SecretId=NAME, **where, **params)

    @property
    def secret(self) -> StoredSecret:
        return self.backend[NAME]

    @property
    def rotation(self) -> Rotation:
        rotation = self.secret._secret.rotation
        assert rotation is not None, "RotateSecret was called"
        return rotation

    @property
    def runs(self) -> list[RotationRun]:
        return list(self.rotation.runs)

    @property
    def has_succeeded(self) -> bool:
        return bool(self.runs) and self.runs[-1].outcome is Outcome.SUCCEEDED

    def run_again(self, times: int = _RERUNS) -> None:
        """Retry as Secrets Manager does after a failure: soon, or in the next window once the rotation was given up."""
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
        """Deliver an event again, outside a rotation. The function may refuse it."""
        service, arn = self.backend.service, self.rotation.lambda_arn
        function = service.state.functions.get(arn or "")
        assert function is not None, "it was registered"
        now = self.backend.clock.now()
        context = LambdaContext(
            function.arn, service.state.ids.uuid(), function.name, now + LONGEST_RUN, self.backend.clock.now
        )
        with suppress(Exception, FunctionTimedOut):
            function.invoke(event, context, self.backend.region)

    # --- The state ---

    def accepted(self) -> list[StoredVersion]:
        """The versions whose values the resource accepts now."""
        return [version for version in self.secret.versions if self.trial.is_accepted(version.value)]

    def is_current_accepted(self) -> bool:
        return self.trial.is_accepted(self.secret.value)


def then(returned: Any, do: Callable[[], Any]) -> Any:
    """Do something once a function has returned, whether it is a plain or a coroutine function."""
    if not inspect.isawaitable(returned):
        return do()

    async def both() -> Any:
        await returned
        after = do()
        return await after if inspect.isawaitable(after) else after

    return both()


def _as_stored(value: SeedValue) -> str | bytes:
    return json.dumps(value) if isinstance(value, Mapping) else value
