"""``mock_secrets``: one activation behind every entrance, be it decorator, ``with``, ``async with``, start or fixture."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ParamSpec, TypeVar, overload

from mock_secrets.backend import SecretsBackend
from mock_secrets.decorators import decorated
from mock_secrets.kernel.limits import Limits
from mock_secrets.kernel.options import Kms, Leaks, Options, SeedValue, TokenReuse
from mock_secrets.transport.interception import Interception

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type)


class _Process:
    """What is active in this process: one backend, and how often it was entered."""

    lock = threading.RLock()
    backend: SecretsBackend | None = None
    depth = 0
    interception: Interception


class Activation:
    """The mock with its parameters, ready to be entered any number of times.

    The outermost entrance makes a new backend; one inside it joins the backend
    that runs.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self._entered = 0

    def __repr__(self) -> str:
        return f"mock_secrets({', '.join(f'{name}={value!r}' for name, value in self._shown().items())})"

    def start(self) -> SecretsBackend:
        """Activate the mock, until :meth:`stop`."""
        with _Process.lock:
            if _Process.backend is None:
                _Process.backend = _activate(self.options)
            else:
                _join(_Process.backend, self.options)
            _Process.depth += 1
            self._entered += 1
            return _Process.backend

    def stop(self) -> None:
        """Leave the mock: the outermost stop puts everything back as it was.

        :raises SecretLeaked: at the outermost stop, if ``leaks="fail"`` is given and there are some.
        """
        __tracebackhide__ = True
        backend = self._leave()
        if backend is not None:
            backend.check_leaks_if_asked()

    def _leave(self) -> SecretsBackend | None:
        """:returns: the backend that has ended, at the outermost stop."""
        with _Process.lock:
            if self._entered == 0:
                raise RuntimeError(
                    "this mock_secrets is not active: each stop() needs a start() of the same object before it"
                )
            self._entered -= 1
            _Process.depth -= 1
            if _Process.depth > 0:
                return None
            ended, _Process.backend = _Process.backend, None
            _Process.interception.__exit__()
            return ended

    def __enter__(self) -> SecretsBackend:
        return self.start()

    def __exit__(self, *raised: object) -> None:
        __tracebackhide__ = True
        # What the body raised tells more than a leak would.
        if raised and raised[0] is not None:
            self._leave()
        else:
            self.stop()

    async def __aenter__(self) -> SecretsBackend:
        return self.start()

    async def __aexit__(self, *raised: object) -> None:
        self.__exit__(*raised)

    @overload
    def __call__(self, target: C, /) -> C: ...
    @overload
    def __call__(self, target: Callable[P, R], /) -> Callable[P, R]: ...
    def __call__(self, target: Any, /) -> Any:
        """Decorate a function of any kind, or a test class."""
        return decorated(self, target)

    def _shown(self) -> dict[str, Any]:
        shown = self.options.given
        if "secrets" in shown:
            shown["secrets"] = f"<{len(shown['secrets'])} redacted>"
        return shown


@overload
def mock_secrets(target: C, /) -> C: ...
@overload
def mock_secrets(target: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def mock_secrets(
    *,
    region: str | None = None,
    account_id: str | None = None,
    secrets: Mapping[str, SeedValue] | None = None,
    at: datetime | None = None,
    token_reuse: TokenReuse | None = None,
    limits: Limits | None = None,
    passthrough: list[str] | tuple[str, ...] | None = None,
    seed: int | str | None = None,
    kms: Kms | None = None,
    leaks: Leaks | None = None,
) -> Activation: ...
def mock_secrets(target: Any = None, /, **options: Any) -> Any:
    """Mock AWS Secrets Manager for a function, a test class, or a block.

    Bare or with parameters as a decorator of functions, ``async def`` functions, generators used as fixtures and
    test classes; as ``with`` and ``async with``; or by ``start()`` and ``stop()``. Inside an active mock it joins
    the backend that runs.

    :param region: the region of clients that name none. The process's own, or else ``"us-east-1"``.
    :param account_id: the account of the calls, 12 digits. ``"123456789012"``.
    :param secrets: values to begin with, by name: str, bytes, or a mapping to store as JSON.
    :param at: an aware datetime at which the service's clock stands still until it is moved.
        Without it the clock follows the process.
    :param token_reuse: ``"aws"``, or ``"documented"`` to have UpdateSecret refuse every used ClientRequestToken.
    :param limits: quotas and retention, a :class:`mock_secrets.Limits`.
    :param passthrough: services, as boto3 names them, whose calls may leave the machine.
    :param seed: the seed of everything random, an int or a str.
    :param kms: ``"any"``: every well-named key of the caller's region exists; ``"strict"``: only those that were made
        with ``backend.kms`` do.
    :param leaks: ``"fail"`` to have the test fail when a call put a secret value where CloudTrail logs it.
    :returns: the decorated object; or an activation, which gives a :class:`mock_secrets.SecretsBackend` when entered.
    :raises TypeError, ValueError: for a parameter that is unknown or not what it takes.
    """
    if target is None:
        return Activation(Options.of(options))
    if options:
        raise TypeError("mock_secrets takes its parameters before what it decorates: @mock_secrets(...)")
    return Activation(Options())(target)


def running() -> SecretsBackend | None:
    """The backend that is active in this process."""
    return _Process.backend


def _activate(options: Options) -> SecretsBackend:
    backend = SecretsBackend(**options.given)
    _Process.interception = Interception(
        backend.service.answer, region=options.region, passthrough=options.passthrough or ()
    )
    _Process.interception.__enter__()
    return backend


def _join(backend: SecretsBackend, options: Options) -> None:
    effective = backend.effective
    for name, wanted in options.given.items():
        if name != "secrets" and not _same(wanted, effective[name]):
            raise ValueError(
                f"mock_secrets({name}={wanted!r}) is inside a mock that is active with {name}={effective[name]!r}:"
                " an inner mock joins the outer one and can't change it. Give the parameter to the outer one."
            )
    backend.seed(options.secrets or {})


def _same(wanted: Any, effective: Any) -> bool:
    # The order of the services that may leave means nothing.
    if isinstance(wanted, tuple):
        return set(wanted) == set(effective)
    return bool(wanted == effective)
