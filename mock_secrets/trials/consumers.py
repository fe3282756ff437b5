"""What an application does while a secret is rotated: at which instants it uses a value that no longer works."""

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

# How old the caches are when the rotation begins, and how long after it the application is used on: the common
# times to live of caches lie between them.
_AGES = [timedelta(days=1), timedelta(hours=1), timedelta(minutes=5), timedelta(minutes=1), timedelta(seconds=1)]


@dataclass(frozen=True)
class Instant:
    """One instant at which the application was used, once with each age of its cache.

    :ivar what: what had just happened.
    :ivar at: an aware UTC datetime, of the service's clock.
    :ivar uses: how many instances of the application were used.
    :ivar refused: how many of them used a value that the resource did not accept, or raised an error.
    """

    what: str
    at: datetime
    uses: int
    refused: int


@dataclass(frozen=True)
class StaleWindow:
    """When the application used a value that no longer worked. True if it ever did.

    :ivar instants: all at which it was used, in their order.
    """

    instants: tuple[Instant, ...]

    @property
    def begins(self) -> Instant | None:
        """The first instant at which it did; None if it never did."""
        return next((instant for instant in self.instants if instant.refused), None)

    @property
    def ends(self) -> Instant | None:
        """The first instant from which on it never did again; None if it never did, or still does."""
        last = max((place for place, instant in enumerate(self.instants) if instant.refused), default=-1)
        return self.instants[last + 1] if 0 <= last < len(self.instants) - 1 else None

    @property
    def recovers(self) -> bool:
        """Whether it uses a value that works at the last instant, a day after the rotation."""
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
    """Use an application at every instant of a rotation, with every age of its cache.

    The secret of the active mock is rotated once, by the function that it has. Before it, between any two of the
    function's calls and steps, and up to a day after it, the application is used: each time by a new instance, and by
    each that was made before, down to a cache that is a day old. A cache that reads the process's clock needs the fixture
    ``secrets_clock``.

    :param app: makes an instance: a callable that uses the secret and returns the value that it used. Or such a callable
        itself, whose cache is then the same all the time.
    :param secret: by its name or ARN, in the mock's own account and region.
    :param accepts: whether the resource takes such a value now.
    :returns: the window: false if there is none; ``begins``, ``ends``, ``recovers``, and ``print`` shows it.
    :raises RuntimeError: outside of a mock, or if the rotation fails.
    :raises ValueError: if the secret has no rotation function.
    :raises TypeError: if ``app`` or ``accepts`` can't be called, or ``app`` returns nothing.
    """
    for name, given in {"app": app, "accepts": accepts}.items():
        if not callable(given):
            raise TypeError(f"stale_window({name}=) takes a callable, not {type(given).__name__}")
    backend = running()
    if backend is None:
        raise RuntimeError("stale_window() rotates a secret of the active mock, and none is active")
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
        observer.look(f"{_told(age)} later")
    return StaleWindow(tuple(observer.instants))


def _function(backend: SecretsBackend, stored: StoredSecret) -> Function:
    rotation = stored._secret.rotation
    function = backend.service.state.functions.get((rotation.lambda_arn if rotation else None) or "")
    if function is None:
        raise ValueError(
            f"the secret {stored.name!r} has no rotation function: register one with backend.register_rotation_lambda,"
            " and give it to the secret with RotateSecret"
        )
    return function


def _rotate(backend: SecretsBackend, stored: StoredSecret) -> None:
    where = {"account_id": backend.account_id, "region": backend.region}
    before = len(stored.rotations)
    token = backend.service.state.ids.uuid()
    backend.service.direct("RotateSecret", SecretId=stored.arn, ClientRequestToken=token, **where)
    if len(stored.rotations) == before:
        # AWS's pace, or a delay in Limits.
        stored.finish_rotation()
    error = stored.rotations[-1].error
    if error is not None:
        # Whatever was seen tells of this, and of no rotation.
        raise RuntimeError(f"stale_window(): the rotation of {stored.name!r} failed: {error}") from error


class _Observer:
    """Who uses the application."""

    def __init__(self, backend: SecretsBackend, app: Callable[[], Any], accepts: Accepts) -> None:
        self.instants: list[Instant] = []
        self._backend = backend
        self._app = app
        self._accepts = accepts
        self._instances: list[Callable[[], Any]] = []
        self._watch = Watch()
        self._watch.before = lambda made: self._look_at(f"before {made}")
        self._watch.after = lambda made: self._look_at(f"after {made}")
        # Not as a part of the function, which has a caller of its own.
        self._context = copy_context()

    @contextmanager
    def installed(self, function: Function) -> Iterator[None]:
        """While it looks between the calls of a function, and at the end of each of its steps."""
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
        """Make another instance, and have it fill its cache."""
        first = self._app()
        if inspect.isawaitable(first):
            raise TypeError("stale_window(app=) takes a function, and not a coroutine function")
        self._instances.append(first if callable(first) else self._app)
        self._is_refused(self._instances[-1])

    def look(self, what: str) -> None:
        """Have each instance, and a new one, use the secret now."""
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
            raise TypeError(
                "stale_window(app=): the application returned nothing: have it return the value that it used"
            )
        return not self._accepts(value)


def _told(age: timedelta) -> str:
    for unit, seconds in {"day": 86400, "hour": 3600, "minute": 60, "second": 1}.items():
        number = int(age.total_seconds()) // seconds
        if number:
            return f"{number} {unit}{'s' if number > 1 else ''}"
    raise AssertionError(age)
