"""How an application behaves while a secret is rotated: when it uses a value that no longer works."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from mock_secrets.activation import running
from mock_secrets.aws.functions import Function
from mock_secrets.backend import SecretsBackend
from mock_secrets.direct.secrets import StoredSecret
from mock_secrets.trials.courses import Accepts, then
from mock_secrets.trials.watching import Watch

# The ages of the caches when the rotation begins, and the times after it at which the application is used again.
# The usual times to live of caches lie between them.
_AGES = [timedelta(days=1), timedelta(hours=1), timedelta(minutes=5), timedelta(minutes=1), timedelta(seconds=1)]


@dataclass(frozen=True)
class Instant:
    """One instant at which the application was used, once with each age of its cache.

    :ivar what: what had just happened, or was about to.
    :ivar at: the time on the service clock, an aware UTC datetime.
    :ivar uses: how many instances of the application were used.
    :ivar refused: how many of them used a value that the resource did not accept, or raised an error.
    """

    what: str
    at: datetime
    uses: int
    refused: int


@dataclass(frozen=True)
class StaleWindow:
    """The time during which the application used a value that no longer worked. Truthy if it ever did.

    :ivar instants: all instants at which it was used, in order.
    """

    instants: tuple[Instant, ...]

    @property
    def begins(self) -> Instant | None:
        """The first instant at which a value was refused; None if none ever was."""
        return next((instant for instant in self.instants if instant.refused), None)

    @property
    def ends(self) -> Instant | None:
        """The first instant after the last refusal; None if no value was ever refused, or values still are."""
        last = max((place for place, instant in enumerate(self.instants) if instant.refused), default=-1)
        return self.instants[last + 1] if 0 <= last < len(self.instants) - 1 else None

    @property
    def recovers(self) -> bool:
        """Whether the application uses a working value at the last instant, a day after the rotation."""
        return not self.instants[-1].refused

    def __bool__(self) -> bool:
        return self.begins is not None

    def __str__(self) -> str:
        if self.begins is None:
            return "no stale window: every value that the application used was accepted"
        end = "never" if self.ends is None else f"{self.ends.what} ({self.ends.at:%d %b %H:%M:%S})"
        rows = [
            f"  {instant.at:%d %b %H:%M:%S}  {instant.what}: {instant.refused} of {instant.uses} refused"
            for instant in self.instants
            if instant.refused
        ]
        return "\n".join([f"stale from {self.begins.what} ({self.begins.at:%d %b %H:%M:%S}) until {end}", *rows])


def stale_window(app: Callable[[], Any], *, secret: str, accepts: Accepts) -> StaleWindow:
    """Use an application at every instant of a rotation, with caches of different ages.

    The secret, in the active mock, is rotated once by its own rotation function. The application is used before the
    rotation, between any two calls and steps of the function, and up to a day after it. Each time a new instance is
    used, and so is every instance made before, the oldest with a cache that is a day old. A cache that reads the
    process clock needs the fixture ``secrets_clock``.

    :param app: a factory of instances; an instance is a callable that uses the secret and returns the value that it
        used. You can pass such a callable directly; its cache is then the same throughout.
    :param secret: the secret's name or ARN, in the mock's own account and region.
    :param accepts: called with a value; tells whether the resource accepts it now.
    :returns: the window, which is false if no value was refused. See ``begins``, ``ends`` and ``recovers``; ``print``
        shows it.
    :raises RuntimeError: if no mock is active, or the rotation fails.
    :raises ValueError: if the secret has no rotation function.
    :raises TypeError: if ``app`` or ``accepts`` is not callable, or the application returns None.
    """
    for name, given in {"app": app, "accepts": accepts}.items():
        if not callable(given):
            raise TypeError(f"stale_window({name}=) takes a callable, not {type(given).__name__}")
    backend = running()
    if backend is None:
        raise RuntimeError("stale_window() rotates a secret of the active mock, but no mock is active")
    stored = backend.secret(secret)
    observer = _Observer(backend, app, accepts)
    for age in _AGES:
        observer.join()
        backend.clock.advance(age)
    observer.look("before the rotation")
    with observer.installed(_function(backend, stored)):
        _rotate(backend, stored)
    observer.look("after the rotation")
    for age in reversed(_AGES):
        backend.clock.advance(age)
        observer.look(f"{_in_words(age)} later")
    return StaleWindow(tuple(observer.instants))


def _function(backend: SecretsBackend, stored: StoredSecret) -> Function:
    rotation = stored._secret.rotation
    function = backend.service.state.functions.get((rotation.lambda_arn if rotation else None) or "")
    if function is None:
        raise ValueError(
            f"the secret {stored.name!r} has no rotation function. Register one with"
            " backend.register_rotation_lambda(...) and configure the secret to use it with RotateSecret."
        )
    return function


def _rotate(backend: SecretsBackend, stored: StoredSecret) -> None:
    where = {"account_id": backend.account_id, "region": backend.region}
    before = len(stored.rotations)
    token = backend.service.state.ids.uuid()
    backend.service.direct("RotateSecret", SecretId=stored.arn, ClientRequestToken=token, **where)
    if len(stored.rotations) == before:
        # The rotation is still pending, under pace="aws" or a delay in Limits.
        stored.finish_rotation()
    error = stored.rotations[-1].error
    if error is not None:
        # What was observed is about the failure, not about a rotation.
        raise RuntimeError(f"stale_window(): the rotation of {stored.name!r} failed: {error}") from error


class _Observer:
    """Uses instances of the application, and notes which of them are refused."""

    def __init__(self, backend: SecretsBackend, app: Callable[[], Any], accepts: Accepts) -> None:
        self.instants: list[Instant] = []
        self._backend = backend
        self._app = app
        self._accepts = accepts
        self._instances: list[Callable[[], Any]] = []
        self._watch = Watch()
        self._watch.before = lambda made: self._look_at(f"before {made}")
        self._watch.after = lambda made: self._look_at(f"after {made}")
        # The application must not run in the context of the rotation function, which has its own caller.
        self._context = copy_context()

    @contextmanager
    def installed(self, function: Function) -> Iterator[None]:
        """Use the application between the calls of a function and at the end of each step, for the block."""
        handler = function.handler

        def handle(event: dict[str, Any], context: Any) -> Any:
            self._watch.step = event["Step"]
            with self._watch.on():
                returned = handler(event, context)
            if inspect.isawaitable(returned):
                returned = self._awaiting(returned)
            return then(returned, partial(self.look, f"after {event['Step']}"))

        function.handler = handle
        try:
            with self._watch.installed():
                yield
        finally:
            function.handler = handler

    async def _awaiting(self, returned: Any) -> Any:
        with self._watch.on():
            return await returned

    def _look_at(self, what: str) -> None:
        with self._watch.off():
            self.look(what)

    def join(self) -> None:
        """Make another instance, and use it once, to fill its cache."""
        first = self._app()
        if inspect.isawaitable(first):
            raise TypeError("stale_window(app=) takes a plain function, not a coroutine function")
        self._instances.append(first if callable(first) else self._app)
        self._is_refused(self._instances[-1])

    def look(self, what: str) -> None:
        """Use the secret now, through every instance and a new one."""
        refused = self._context.run(self._refused)
        self.instants.append(Instant(what, self._backend.clock.now(), len(self._instances), refused))

    def _refused(self) -> int:
        self.join()
        return sum(map(self._is_refused, self._instances))

    def _is_refused(self, use: Callable[[], Any]) -> bool:
        try:
            value = use()
        except Exception:  # noqa: BLE001 - what the application raises is its failure
            return True
        if value is None:
            raise TypeError("stale_window(app=): the application returned None. It must return the value that it used.")
        return not self._accepts(value)


def _in_words(age: timedelta) -> str:
    for unit, seconds in {"day": 86400, "hour": 3600, "minute": 60, "second": 1}.items():
        number = int(age.total_seconds()) // seconds
        if number:
            return f"{number} {unit}{'s' if number > 1 else ''}"
    raise AssertionError(age)
