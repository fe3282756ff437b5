"""The pytest plugin: its hooks, and the fixtures of every scope. Loading it imports nothing heavy."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from mock_secrets.pytest_plugin import rewriting

# Before the other modules are imported.
rewriting.leave_out("mock_secrets")

from mock_secrets.pytest_plugin import report_section, reports  # noqa: E402
from mock_secrets.pytest_plugin.isolation import Isolation, is_wider  # noqa: E402
from mock_secrets.pytest_plugin.options import (  # noqa: E402
    FAULT_MARKER,
    MARKER,
    REPORT,
    add_command_line,
    add_ini_options,
    describe_marker,
    is_decorated,
    options_of,
    use_ini_options,
)

if TYPE_CHECKING:
    from mock_secrets.backend import SecretsBackend
    from mock_secrets.direct.faults import Fault
    from mock_secrets.kernel.options import Options
    from mock_secrets.pytest_plugin.process_clock import ProcessClock
    from mock_secrets.transport.endpoint import Endpoint

_FIXTURE = "secrets_backend"
_ISOLATION = pytest.StashKey[Isolation]()


def pytest_addoption(parser: pytest.Parser) -> None:
    add_ini_options(parser)
    add_command_line(parser)
    report_section.add_ini_option(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    use_ini_options(early_config)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    # Again, for a conftest.py that loads this plugin itself.
    use_ini_options(config)
    describe_marker(config)
    config.stash[_ISOLATION] = Isolation()
    config.pluginmanager.register(reports, reports.__name__)
    # Registered after reports, which therefore also scrubs the values from this section.
    config.pluginmanager.register(report_section, report_section.__name__)
    if config.getoption(REPORT):
        from mock_secrets.pytest_plugin import run_page

        run_page.register(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the mock first among a test's own fixtures, so that it is active from the first set-up to the last tear-down.

    A marker or a decorator activates it even if the test requests no fixture. Fixtures of wider scopes still come
    first.
    """
    for item in items:
        names = getattr(item, "fixturenames", None)
        if names is None or is_wider(item, _FIXTURE):
            continue
        is_marked = any(item.get_closest_marker(marker) is not None for marker in (MARKER, FAULT_MARKER))
        if _FIXTURE in names or is_marked or is_decorated(item):
            wider = [name for name in names if is_wider(item, name)]
            own = [name for name in names if name not in wider and name != _FIXTURE]
            # A new list: pytest shares one among all items of a function.
            item.fixturenames = [*wider, _FIXTURE, *own]  # type: ignore[attr-defined]


@pytest.hookimpl(hookwrapper=True)
def pytest_fixture_setup(fixturedef: Any, request: pytest.FixtureRequest) -> Iterator[None]:
    isolation = request.config.stash[_ISOLATION]
    if request.scope == "function":
        isolation.begin_own_part()
        yield
        return
    # Finalizers run in reverse order: this one after the fixture's own, the one added below before them.
    request.addfinalizer(partial(isolation.end_tear_down, fixturedef))
    isolation.begin_set_up(fixturedef, request)
    outcome: Any = yield  # pluggy sends it into an old-style wrapper
    refusal = isolation.end_set_up(fixturedef, failed=outcome.excinfo is not None)
    request.addfinalizer(partial(isolation.begin_tear_down, fixturedef))
    if refusal is not None:
        if outcome.excinfo is None:
            outcome.force_exception(pytest.fail.Exception(refusal, pytrace=False))
        # Otherwise pytest would cache the result or the error for tests that request the fixture in time.
        isolation.after_test(partial(fixturedef.finish, request))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    item.config.stash[_ISOLATION].begin_test(item)
    outcome: Any = yield
    if outcome.excinfo is not None:
        _look_at_the_end(failed=True)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """With ``leaks="fail"`` or ``unfired="fail"``, fail a test that leaked a value or left a fault unfired.

    A test that has already failed keeps its own error.
    """
    item.config.stash[_ISOLATION].begin_own_part()
    backend = _backend_in_force()
    if backend is not None:
        # Tests may share a wider mock, and each is warned of its own jumps.
        backend.clock.forget_warning()
    faults = _begin_marked_faults(item, backend)
    outcome: Any = yield
    for fault in faults:
        fault.end()
    try:
        _look_at_the_end(failed=outcome.excinfo is not None)
    except AssertionError as error:
        outcome.force_exception(pytest.fail.Exception(str(error), pytrace=False))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    try:
        item.config.stash[_ISOLATION].end_test()
    except BaseException as error:  # noqa: BLE001 - passed on, but never in place of an earlier error
        if outcome.excinfo is None:
            outcome.force_exception(error)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    isolation = session.config.stash[_ISOLATION]
    isolation.end_tests()
    yield
    isolation.end_session()


def _backend_in_force() -> "SecretsBackend | None":
    # No mock can be active if the module was never imported.
    activation = sys.modules.get("mock_secrets.activation")
    return None if activation is None else activation.running()


def _begin_marked_faults(item: pytest.Item, backend: "SecretsBackend | None") -> "list[Fault]":
    """Start the faults of a test's markers, after its set-up, which they must not affect."""
    faults = []
    for marker in item.iter_markers(FAULT_MARKER):
        if backend is None:
            pytest.fail(f"{item.nodeid}: marker {FAULT_MARKER}: no mock is active in this test", pytrace=False)
        if len(marker.args) + len(marker.kwargs.keys() & {"operation", "error"}) != 2:
            pytest.fail(
                f"{item.nodeid}: marker {FAULT_MARKER}: it takes an operation and an error, such as"
                " ('GetSecretValue', 'ThrottlingException')",
                pytrace=False,
            )
        try:
            fault = backend.fail(*marker.args, **marker.kwargs)
        except (TypeError, ValueError) as error:
            raise pytest.fail.Exception(f"{item.nodeid}: marker {FAULT_MARKER}: {error}", pytrace=False) from None
        # Otherwise it would be a line of pytest.
        fault._plan.origin = f"a marker of {item.nodeid}"
        faults.append(fault)
    return faults


def _look_at_the_end(*, failed: bool) -> None:
    # No mock can be active if the module was never imported.
    activation = sys.modules.get("mock_secrets.activation")
    running = None if activation is None else activation.current()
    if running is not None:
        is_shared = running.is_wider and not running.is_tests
        running.backend._guards.test_has_ended(failed=failed, is_shared=is_shared)


def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[object]") -> None:
    """End a traceback at the call that failed; ``--full-trace`` also shows the frames of botocore and this package.

    This hook is neither ``tryfirst`` nor a wrapper, because pytest supplies the error of a TestCase only in this hook.
    """
    if call.excinfo is not None:
        reports.prepare(call.excinfo.value)
        if isinstance(call.excinfo.value, pytest.fail.Exception):
            from mock_secrets.pytest_plugin.twins import name_twin

            name_twin(call.excinfo.value)
        report_section.add_hints(call.excinfo.value, item.config)


@pytest.fixture
def secrets_backend(request: pytest.FixtureRequest) -> "Iterator[SecretsBackend]":
    """Mock AWS Secrets Manager in this test; a mock_secrets.SecretsBackend."""
    from mock_secrets.activation import for_test

    with _entered(request, for_test, f"for {request.node.nodeid}") as backend:
        yield backend


@pytest.fixture(scope="class")
def class_secrets_backend(request: pytest.FixtureRequest) -> "Iterator[SecretsBackend]":
    """Mock AWS Secrets Manager for a test class. A test that also uses secrets_backend works at a savepoint of it."""
    yield from _wider(request)


@pytest.fixture(scope="module")
def module_secrets_backend(request: pytest.FixtureRequest) -> "Iterator[SecretsBackend]":
    """Mock AWS Secrets Manager for a module. A test that also uses secrets_backend works at a savepoint of it."""
    yield from _wider(request)


@pytest.fixture(scope="package")
def package_secrets_backend(request: pytest.FixtureRequest) -> "Iterator[SecretsBackend]":
    """Mock AWS Secrets Manager for a package. A test that also uses secrets_backend works at a savepoint of it."""
    yield from _wider(request)


@pytest.fixture(scope="session")
def session_secrets_backend(request: pytest.FixtureRequest) -> "Iterator[SecretsBackend]":
    """Mock AWS Secrets Manager for the session. A test that also uses secrets_backend works at a savepoint of it."""
    yield from _wider(request)


def _wider(request: pytest.FixtureRequest) -> "Iterator[SecretsBackend]":
    """The mock of a fixture of a wider scope, for the tests and fixtures that use it."""
    from mock_secrets.activation import entered

    isolation = request.config.stash[_ISOLATION]
    isolation.set_wider_aside()
    with _entered(request, entered, f"first requested by {isolation.test}") as backend:
        yield backend


@contextmanager
def _entered(
    request: pytest.FixtureRequest, enter: "Callable[[Options, str], AbstractContextManager[SecretsBackend]]", who: str
) -> "Iterator[SecretsBackend]":
    with ExitStack() as stack:
        try:
            origin = f"the fixture {request.fixturename!r}, {who}"
            backend = stack.enter_context(enter(options_of(request.node), origin))
        except (TypeError, ValueError, RuntimeError, pytest.UsageError) as error:
            raise pytest.fail.Exception(f"{request.node.nodeid or 'session'}: {error}", pytrace=False) from None
        yield backend


@pytest.fixture
def secrets_client(secrets_backend: "SecretsBackend") -> Any:
    """A boto3 client for the mocked AWS Secrets Manager of this test."""
    return secrets_backend.client()


@pytest.fixture
def async_secrets_client(secrets_backend: "SecretsBackend") -> Any:
    """An aiobotocore client for the mocked AWS Secrets Manager of this test, usable in any event loop."""
    return secrets_backend.async_client()


@pytest.fixture
def secrets_endpoint(secrets_backend: "SecretsBackend") -> "Iterator[Endpoint]":
    """An HTTP endpoint (with a ``url``) of the mocked AWS Secrets Manager, for other processes and languages."""
    with secrets_backend.serve() as endpoint:
        yield endpoint


@pytest.fixture
def secrets_clock(secrets_backend: "SecretsBackend") -> "Iterator[ProcessClock]":
    """A clock that freezes the whole process and moves it together with the mocked AWS Secrets Manager."""
    from mock_secrets.pytest_plugin.process_clock import frozen_process

    with frozen_process(secrets_backend.clock) as clock:
        yield clock
