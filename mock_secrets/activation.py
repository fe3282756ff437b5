"""``mock_secrets``: one activation behind every entrance, be it decorator, ``with``, ``async with``, start or fixture."""

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
    """A mock that has begun, and all who have entered it.

    :ivar origin: the fixture and the test, or the line of the user's code, that began it.
    :ivar is_wider: whether it belongs to a test class or to a fixture of a wider scope, so that a test of its own has a
        savepoint of it.
    :ivar is_tests: whether it is a test's now: its own, or at its savepoint.
    :ivar before_join: called before somebody enters it who has not begun it.
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
        """Have it answer the process's calls."""
        self._interception.enter()
        phase.is_active(self.backend)

    def end(self) -> None:
        """Stop what listens for other processes."""
        for endpoint in self.backend._endpoints:
            endpoint.close()

    def set_aside(self) -> None:
        """Have the process be as it was before, but for what the user changed. What it holds stays."""
        self._interception.leave()

    @property
    def changes(self) -> int:
        """How often what it holds has changed since the oldest savepoint; 0 outside of one."""
        return len(self.backend.service.state.journal.undo)

    @contextmanager
    def as_tests(self) -> Iterator[None]:
        """While it is a test's: who enters it meanwhile shares it with the test."""
        before, self.is_tests = self.is_tests, True
        try:
            yield
        finally:
            self.is_tests = before

    @contextmanager
    def savepoint(self, own: Options | None = None) -> Iterator[None]:
        """What a test does to it is undone at the end.

        :param own: what the test wants for itself: whether leaks and unfired faults fail it, whether its values show.
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
    """One who has entered a mock, and has to leave it."""

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
        """:returns: whether the mock has ended with it."""
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
    """What is active in this process."""

    lock = threading.RLock()
    running: Running | None = None
    # Who has entered a mock and not left it, in their order.
    open: ClassVar[list[Entrance]] = []
    # Why no mock can begin now, if none can.
    refusal: str | None = None


def running() -> SecretsBackend | None:
    """The backend that is active in this process."""
    return None if _Process.running is None else _Process.running.backend


def current() -> Running | None:
    """The mock that is active in this process."""
    return _Process.running


def open_entrances() -> list[Entrance]:
    """Who has entered a mock and not left it, also one that is set aside."""
    return list(_Process.open)


def switch_to(wanted: Running | None) -> Running | None:
    """Have another mock be the active one, or none.

    :param wanted: a mock; of one that has ended nothing comes back.
    :returns: the one that was, which goes on as it was when it is switched to again.
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
    """From now on refuse to begin a mock, for this reason; None refuses nothing."""
    _Process.refusal = because


def enter(options: Options, origin: str) -> Entrance:
    """Enter the mock that is active, or begin one.

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
    """A mock from its entrance to where it is left."""
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
    """The mock of one test: a new one, or a savepoint of a wider one that the test has."""
    __tracebackhide__ = True
    outer = _Process.running
    with _for_test(outer if outer is not None and outer.is_wider else None, options, origin) as backend:
        yield backend


@contextmanager
def for_test_of_class(options: Options, origin: str) -> Iterator[SecretsBackend]:
    """The same for a test whose runner does not tell us of fixtures: what is active when it begins is wider."""
    __tracebackhide__ = True
    with _for_test(_Process.running, options, origin) as backend:
        try:
            yield backend
        finally:
            # A TestCase raises nothing when it fails.
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
                f"mock_secrets({name}={wanted!r}) is inside a mock that is active with {name}={effective[name]!r},"
                f" begun by {outer.origin}: an inner mock joins the outer one and can't change it. Give the parameter"
                " to the outer one."
            )
    try:
        outer.backend.seed(options.secrets or {})
    except ValueError as error:
        raise ValueError(f"{error} The outer mock was begun by {outer.origin}.") from None


def _same(wanted: Any, effective: Any) -> bool:
    # The order of the services that may leave means nothing.
    if isinstance(wanted, tuple):
        return set(wanted) == set(effective)
    return bool(wanted == effective)


class Activation:
    """The mock with its parameters, ready to be entered any number of times.

    The outermost entrance makes a new backend; one inside it joins the backend
    that runs.
    """

    def __init__(self, options: Options, origin: str | None = None) -> None:
        self.options = options
        self._origin = origin
        self._entered: list[Entrance] = []

    def __repr__(self) -> str:
        return f"mock_secrets({', '.join(f'{name}={value!r}' for name, value in self._shown().items())})"

    def start(self) -> SecretsBackend:
        """Activate the mock, until :meth:`stop`."""
        entrance = enter(self.options, str(calling_line()))
        self._entered.append(entrance)
        return entrance.running.backend

    def stop(self) -> None:
        """Leave the mock: the outermost stop puts everything back as it was.

        :raises SecretLeaked, UnfiredFault: at the outermost stop, if ``leaks="fail"`` or ``unfired="fail"`` is given and
            there are some.
        """
        __tracebackhide__ = True
        self._leave(failed=False)

    def for_call(self) -> AbstractContextManager[SecretsBackend]:
        """The mock for a call of what is decorated."""
        return entered(self.options, self._origin or str(calling_line()))

    def for_test(self) -> AbstractContextManager[SecretsBackend]:
        """The mock for a test of a decorated class: its own, or a savepoint of one that is active."""
        return for_test_of_class(self.options, self._origin or str(calling_line()))

    @contextmanager
    def for_class(self) -> Iterator[SecretsBackend]:
        """The mock for a whole test class, of which each of its tests has a savepoint."""
        __tracebackhide__ = True
        with _entered(self.options, self._origin or str(calling_line())) as entrance:
            entrance.running.is_wider |= entrance.has_begun_it
            yield entrance.running.backend

    def _leave(self, *, failed: bool) -> None:
        __tracebackhide__ = True
        if not self._entered:
            raise RuntimeError(
                "this mock_secrets is not active: each stop() needs a start() of the same object before it"
            )
        entrance = self._entered.pop()
        while self._entered and not entrance.is_open:
            # The pytest plugin has ended it, with the test that had forgotten to.
            entrance = self._entered.pop()
        if entrance.leave():
            entrance.running.backend._guards.test_has_ended(failed=failed)

    def __enter__(self) -> SecretsBackend:
        return self.start()

    def __exit__(self, *raised: object) -> None:
        __tracebackhide__ = True
        # What the body raised tells more than a leak would.
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
        # One for each target, which has to know where it was decorated.
        return decorated(Activation(self.options, f"the decorator at {calling_line()}"), target)

    def _shown(self) -> dict[str, Any]:
        shown = self.options.given
        if "secrets" in shown:
            shown["secrets"] = f"<{len(shown['secrets'])} redacted>"
        return shown


class Mock:
    """Mock AWS Secrets Manager for a function, a test class, or a block.

    Bare or with parameters as a decorator of functions, ``async def`` functions, generators used as fixtures and
    test classes; as ``with`` and ``async with``; or by ``start()`` and ``stop()``. Inside an active mock it joins
    the backend that runs.

    :returns: the decorated object; or an activation, which gives a :class:`mock_secrets.SecretsBackend` when entered.
    :raises TypeError, ValueError: for a parameter that is unknown or not what it takes.
    """

    def __init__(self) -> None:
        # Of those who enter it bare, each its own.
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
            raise TypeError("mock_secrets takes its parameters before what it decorates: @mock_secrets(...)")
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
