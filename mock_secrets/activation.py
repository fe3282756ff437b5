"""``mock_secrets``: the activation that the decorator, ``with``, ``async with``, ``start()`` and the fixtures share."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, ParamSpec, TypeVar, overload

from mock_secrets.backend import SecretsBackend, keep_for_report
from mock_secrets.decorators import decorated
from mock_secrets.kernel import phase, redaction
from mock_secrets.kernel.documentation import documented
from mock_secrets.kernel.frames import calling_line
from mock_secrets.kernel.limits import Limits
from mock_secrets.kernel.options import Kms, Leaks, Options, Pace, SeedValue, TokenReuse, Unfired
from mock_secrets.kernel.session_defaults import with_session_defaults
from mock_secrets.transport import caches
from mock_secrets.transport.interception import Interception

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type)


class Running:
    """A started mock, with its backend and its open entrances.

    :ivar origin: the fixture and test, or the line of the user's code, that started it.
    :ivar is_wider: whether it belongs to a test class or to a fixture of a wider scope. A test that uses it then works
        at a savepoint.
    :ivar is_tests: whether a test has it at present, as its own mock or at a savepoint.
    :ivar before_join: called before a nested mock joins it.
    """

    def __init__(self, options: Options, origin: str) -> None:
        self.backend = SecretsBackend(**options.given)
        self.origin = origin
        self.is_wider = False
        self.is_tests = False
        self.before_join: Callable[[], None] = lambda: None
        self.entrances: list[Entrance] = []
        self._interception = Interception(
            self.backend.service.answer,
            self.backend.service.values,
            self.backend.service.let_pause,
            region=options.region,
            passthrough=options.passthrough or (),
            profiles=self.backend.effective["profiles"],
            serve=self.backend.serve if options.processes else None,
            clears_caches=self.backend.effective["clear_caches"],
        )

    def bring_back(self) -> None:
        """Make it answer the calls of the process, at its start or after :meth:`set_aside`."""
        self._interception.enter()
        phase.is_active(self.backend)

    def end(self) -> None:
        """Close its endpoints."""
        for endpoint in self.backend._endpoints:
            endpoint.close()

    def set_aside(self) -> None:
        """Put the process back as it was, except for the user's own changes. The backend keeps its state."""
        self._interception.leave()

    @property
    def changes(self) -> int:
        """The number of changes to its state since the oldest open savepoint; 0 without a savepoint."""
        return len(self.backend.service.state.journal.undo)

    @contextmanager
    def as_tests(self) -> Iterator[None]:
        """Mark it as a test's, so that nested mocks share it with the test."""
        before, self.is_tests = self.is_tests, True
        try:
            yield
        finally:
            self.is_tests = before

    @contextmanager
    def savepoint(self, own: Options | None = None) -> Iterator[None]:
        """Undo what one test does to it.

        :param own: the test's own ``leaks``, ``unfired`` and ``show_values``; other parameters are ignored.
        """
        __tracebackhide__ = True
        backend, own = self.backend, own or Options()
        with backend.savepoint(), self.as_tests(), redaction.showing(backend.service.values, own.show_values):
            listening = list(backend._endpoints)
            guards, backend._guards = backend._guards, backend._guards.at_savepoint(own.leaks, own.unfired)
            try:
                yield
                backend._guards.test_has_ended(failed=False)
            finally:
                backend._guards = guards
                caches.forget()
                for endpoint in backend._endpoints:
                    if endpoint not in listening:
                        endpoint.close()


class Entrance:
    """One entry into a mock, by the outermost start or by a join. The mock ends when its last entrance is left."""

    def __init__(self, running: Running, origin: str) -> None:
        self.running = running
        self.origin = origin
        self.has_begun_it = not running.entrances
        running.entrances.append(self)
        _Process.open.append(self)

    @property
    def is_open(self) -> bool:
        return self in _Process.open

    def leave(self) -> bool:
        """Close this entrance; the last one that is open ends the mock.

        :returns: whether this ended the mock.
        """
        with _Process.lock:
            if not self.is_open:
                return False
            _Process.open.remove(self)
            self.running.entrances.remove(self)
            if self.running.entrances:
                return False
            if _Process.running is self.running:
                switch_to(None)
            self.running.end()
            return True


class _Process:
    """The mock that is active in this process."""

    lock = threading.RLock()
    running: Running | None = None
    # The entrances not yet left, the oldest first.
    open: ClassVar[list[Entrance]] = []
    # Why no mock may start now; None if one may.
    refusal: str | None = None


def running() -> SecretsBackend | None:
    """The backend that is active in this process."""
    return None if _Process.running is None else _Process.running.backend


def current() -> Running | None:
    """The mock that is active in this process."""
    return _Process.running


def open_entrances() -> list[Entrance]:
    """The entrances not yet left, including those of mocks that are set aside."""
    return list(_Process.open)


def switch_to(wanted: Running | None) -> Running | None:
    """Make another mock the active one, or none.

    :param wanted: the mock to activate. None, or a mock that has ended, leaves no mock active.
    :returns: the mock that was active before. Switching back to it continues where it stopped.
    """
    with _Process.lock:
        before = _Process.running
        if wanted is not None and not wanted.entrances:
            wanted = None
        if before is not wanted:
            if before is not None:
                before.set_aside()
            _Process.running = wanted
            if wanted is not None:
                wanted.bring_back()
        return before


def refuse_to_begin(because: str | None) -> None:
    """Make every start of a mock raise a RuntimeError with this message; None allows starts again."""
    _Process.refusal = because


def enter(options: Options, origin: str) -> Entrance:
    """Join the active mock, or start one.

    :raises ValueError: if a parameter contradicts the active mock's.
    """
    with _Process.lock:
        if _Process.running is None:
            return with_session_defaults(partial(_begin, origin=origin), options)
        _Process.running.before_join()
        _join(_Process.running, options)
        return Entrance(_Process.running, origin)


@contextmanager
def entered(options: Options, origin: str) -> Iterator[SecretsBackend]:
    """Enter the mock for the length of a block."""
    __tracebackhide__ = True
    with _entered(options, origin) as entrance:
        yield entrance.running.backend


@contextmanager
def _entered(options: Options, origin: str) -> Iterator[Entrance]:
    __tracebackhide__ = True
    entrance, has_ended = enter(options, origin), False
    try:
        yield entrance
    finally:
        has_ended = entrance.leave()
    if has_ended:
        entrance.running.backend._guards.test_has_ended(failed=False)


@contextmanager
def for_test(options: Options, origin: str) -> Iterator[SecretsBackend]:
    """The mock of one test: a savepoint of the wider mock that is active, or else a new mock."""
    __tracebackhide__ = True
    outer = _Process.running
    with _for_test(outer if outer is not None and outer.is_wider else None, options, origin) as backend:
        yield backend


@contextmanager
def for_test_of_class(options: Options, origin: str) -> Iterator[SecretsBackend]:
    """The mock of one test under a runner that reports no fixtures: any mock already active counts as wider."""
    __tracebackhide__ = True
    with _for_test(_Process.running, options, origin) as backend:
        try:
            yield backend
        finally:
            # A failing TestCase raises nothing here.
            keep_for_report(backend)


@contextmanager
def _for_test(wider: Running | None, options: Options, origin: str) -> Iterator[SecretsBackend]:
    __tracebackhide__ = True
    with ExitStack() as stack:
        if wider is not None and not wider.is_tests:
            stack.enter_context(wider.savepoint(options))
            options = replace(options, leaks=None, unfired=None, show_values=None)
        entrance = stack.enter_context(_entered(options, origin))
        stack.enter_context(entrance.running.as_tests())
        yield entrance.running.backend


def _begin(options: Options, origin: str) -> Entrance:
    if _Process.refusal is not None:
        raise RuntimeError(_Process.refusal)
    entrance = Entrance(Running(options, origin), origin)
    try:
        switch_to(entrance.running)
    except BaseException:
        entrance.leave()
        raise
    return entrance


def _join(outer: Running, options: Options) -> None:
    effective = outer.backend.effective
    for name, wanted in options.given.items():
        if name != "secrets" and not _same(wanted, effective[name]):
            raise ValueError(
                f"mock_secrets({name}={wanted!r}) joins a mock that runs with {name}={effective[name]!r}, started by"
                f" {outer.origin}. A nested mock can't change the parameters of the outermost one: give {name} there."
            )
    try:
        outer.backend.seed(options.secrets or {})
    except ValueError as error:
        raise ValueError(f"{error} The outermost mock was started by {outer.origin}.") from None


def _same(wanted: Any, effective: Any) -> bool:
    # passthrough: the order of the services has no meaning.
    if isinstance(wanted, tuple):
        return set(wanted) == set(effective)
    return bool(wanted == effective)


class Activation:
    """The mock with its parameters. It can be entered any number of times.

    The outermost entry creates a new backend; a nested one joins the backend that is already running.
    """

    def __init__(self, options: Options, origin: str | None = None) -> None:
        self.options = options
        self._origin = origin
        self._entered: list[Entrance] = []

    def __repr__(self) -> str:
        return f"mock_secrets({', '.join(f'{name}={value!r}' for name, value in self._shown().items())})"

    def start(self) -> SecretsBackend:
        """Activate the mock until :meth:`stop` is called.

        :returns: the backend.
        :raises ValueError: if a parameter contradicts the mock that is already active.
        """
        entrance = enter(self.options, str(calling_line()))
        self._entered.append(entrance)
        return entrance.running.backend

    def stop(self) -> None:
        """Leave the mock. The outermost stop puts the process back as it was.

        :raises SecretLeaked: at the outermost stop with ``leaks="fail"``, if a call leaked a secret value.
        :raises UnfiredFault: at the outermost stop with ``unfired="fail"``, if a fault never fired.
        :raises RuntimeError: if the mock is not active.
        """
        __tracebackhide__ = True
        self._leave(failed=False)

    def for_call(self) -> AbstractContextManager[SecretsBackend]:
        """The mock for one call of a decorated function."""
        return entered(self.options, self._origin or str(calling_line()))

    def for_test(self) -> AbstractContextManager[SecretsBackend]:
        """The mock for one test of a decorated class: a savepoint of the active mock, or else a new one."""
        return for_test_of_class(self.options, self._origin or str(calling_line()))

    @contextmanager
    def for_class(self) -> Iterator[SecretsBackend]:
        """The mock for a whole test class; each of its tests works at a savepoint."""
        __tracebackhide__ = True
        with _entered(self.options, self._origin or str(calling_line())) as entrance:
            entrance.running.is_wider |= entrance.has_begun_it
            yield entrance.running.backend

    def _leave(self, *, failed: bool) -> None:
        __tracebackhide__ = True
        if not self._entered:
            raise RuntimeError("this mock_secrets is not active: call start() on the same object before each stop()")
        entrance = self._entered.pop()
        while self._entered and not entrance.is_open:
            # The pytest plugin has already ended it, after a test that forgot to.
            entrance = self._entered.pop()
        if entrance.leave():
            entrance.running.backend._guards.test_has_ended(failed=failed)

    def __enter__(self) -> SecretsBackend:
        return self.start()

    def __exit__(self, *raised: object) -> None:
        __tracebackhide__ = True
        # An error from the body tells more than a leak would.
        self._leave(failed=bool(raised) and raised[0] is not None)

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
        # A new one for each target, to remember where it was decorated.
        return decorated(Activation(self.options, f"the decorator at {calling_line()}"), target)

    def _shown(self) -> dict[str, Any]:
        shown = self.options.given
        if "secrets" in shown:
            shown["secrets"] = f"<{len(shown['secrets'])} redacted>"
        return shown


class Mock:
    """Mock AWS Secrets Manager for a function, a test class, or a block.

    Use it with or without parameters as a decorator of functions, ``async def`` functions, generator fixtures and test
    classes; in ``with`` and ``async with`` statements; or through ``start()`` and ``stop()``. A nested mock joins the
    backend that is already running.

    :returns: the decorated object; or, without one, an activation that gives a :class:`mock_secrets.SecretsBackend`
        when it is entered.
    :raises TypeError: if a parameter is unknown or has the wrong type.
    :raises ValueError: if a parameter has a value that it does not accept.
    """

    def __init__(self) -> None:
        # One for each ``with mock_secrets:`` block.
        self._entered: list[Activation] = []

    @overload
    def __call__(self, target: C, /) -> C: ...
    @overload
    def __call__(self, target: Callable[P, R], /) -> Callable[P, R]: ...
    @overload
    def __call__(
        self,
        /,
        *,
        region: str | None = None,
        account_id: str | None = None,
        secrets: Mapping[str, SeedValue] | None = None,
        at: datetime | None = None,
        token_reuse: TokenReuse | None = None,
        limits: Limits | None = None,
        pace: Pace | None = None,
        passthrough: list[str] | tuple[str, ...] | None = None,
        profiles: Mapping[str, Mapping[str, str]] | Iterable[str] | None = None,
        seed: int | str | None = None,
        kms: Kms | None = None,
        leaks: Leaks | None = None,
        unfired: Unfired | None = None,
        processes: bool | None = None,
        clear_caches: bool | None = None,
        show_values: bool | None = None,
        any_region: bool | None = None,
    ) -> Activation: ...
    def __call__(self, target: Any = None, /, **options: Any) -> Any:
        if target is None:
            return Activation(Options.of(options))
        if options:
            raise TypeError("mock_secrets takes parameters or what it decorates, not both: write @mock_secrets(...)")
        return Activation(Options())(target)

    def __repr__(self) -> str:
        return "mock_secrets"

    def __enter__(self) -> SecretsBackend:
        activation = Activation(Options())
        backend = activation.start()
        self._entered.append(activation)
        return backend

    def __exit__(self, *raised: object) -> None:
        __tracebackhide__ = True
        self._entered.pop().__exit__(*raised)

    async def __aenter__(self) -> SecretsBackend:
        return self.__enter__()

    async def __aexit__(self, *raised: object) -> None:
        self.__exit__(*raised)


mock_secrets = documented(Mock(), "mock_secrets")
