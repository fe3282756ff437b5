"""pytest: the hooks, and the fixtures in their scopes. Nothing heavy at load."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from mock_secrets.pytest_plugin.options import (
    MARKER,
    add_ini_options,
    decorations,
    describe_marker,
    options_of,
    use_ini_options,
)

if TYPE_CHECKING:
    from mock_secrets.backend import SecretsBackend
    from mock_secrets.pytest_plugin.process_clock import ProcessClock

_FIXTURE = "secrets_backend"
_TWINS = tuple(f"{scope}_{_FIXTURE}" for scope in ("session", "package", "module", "class"))


def pytest_addoption(parser: pytest.Parser) -> None:
    add_ini_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    use_ini_options(early_config)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    # Again, for a conftest that loads this plugin itself.
    use_ini_options(config)
    describe_marker(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The mock is active before any other fixture of the test is made, and until the last one is gone.

    A marker or a decorator activates it also where no fixture is asked for. The twins of a wider scope go first:
    what they began, the test's own joins.
    """
    for item in items:
        names = getattr(item, "fixturenames", None)
        if names is None:
            continue
        if _FIXTURE in names or item.get_closest_marker(MARKER) is not None or any(decorations(item)):
            first = [name for name in (*_TWINS, _FIXTURE) if name in names or name == _FIXTURE]
            # A list of its own: pytest shares one among all items of a function.
            item.fixturenames = [*first, *(name for name in names if name not in first)]  # type: ignore[attr-defined]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup() -> "Iterator[None]":
    outcome: Any = yield  # pluggy sends it into an old-style wrapper
    backend = _running()
    if outcome.excinfo is not None and backend is not None:
        backend.mark_leaks_reported()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call() -> "Iterator[None]":
    """A test fails that leaked a secret value into the log, if leaks="fail" is given and it has no other reason."""
    outcome: Any = yield
    backend = _running()
    if backend is None:
        return
    if outcome.excinfo is not None:
        backend.mark_leaks_reported()
        return
    try:
        backend.check_leaks_if_asked()
    except AssertionError as error:
        outcome.force_exception(pytest.fail.Exception(str(error), pytrace=False))


def _running() -> "SecretsBackend | None":
    """The backend that is active; what was not imported yet is not."""
    activation = sys.modules.get("mock_secrets.activation")
    return None if activation is None else activation.running()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(call: "pytest.CallInfo[object]") -> None:
    """A failure report does not print the arguments that carried a secret value to the mock.

    pytest shows the arguments of the frames of a traceback; those of ours, and of botocore below a Secrets Manager
    call, are hidden unless --full-trace asks for them.
    """
    if call.excinfo is not None and "mock_secrets.service.path" in sys.modules:
        from mock_secrets.kernel.frames import hide_frames

        hide_frames(call.excinfo.value)


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """A failed comparison with a recorded secret value does not print the value."""
    from mock_secrets.kernel.call import RedactedBytes, RedactedStr

    if isinstance(left, RedactedStr | RedactedBytes) or isinstance(right, RedactedStr | RedactedBytes):
        return [f"<secret value> {op} <other value>", "mock_secrets does not show secret values"]
    return None


def _backend(request: pytest.FixtureRequest) -> "Iterator[SecretsBackend]":
    """The mock of AWS Secrets Manager, active while this fixture lives: a mock_secrets.SecretsBackend."""
    from mock_secrets.activation import Activation

    activation = Activation(options_of(request.node))
    try:
        backend = activation.start()
    except (TypeError, ValueError, pytest.UsageError) as error:
        raise pytest.fail.Exception(f"{request.node.nodeid or 'session'}: {error}", pytrace=False) from None
    try:
        yield backend
    finally:
        activation.stop()


secrets_backend = pytest.fixture(_backend)
class_secrets_backend = pytest.fixture(scope="class")(_backend)
module_secrets_backend = pytest.fixture(scope="module")(_backend)
package_secrets_backend = pytest.fixture(scope="package")(_backend)
session_secrets_backend = pytest.fixture(scope="session")(_backend)


@pytest.fixture
def secrets_client(secrets_backend: "SecretsBackend") -> Any:
    """A boto3 client for the mocked AWS Secrets Manager."""
    return secrets_backend.client()


@pytest.fixture
def secrets_clock(secrets_backend: "SecretsBackend") -> "Iterator[ProcessClock]":
    """A clock that freezes the whole process and moves it together with AWS Secrets Manager."""
    from mock_secrets.pytest_plugin.process_clock import frozen_process

    with frozen_process(secrets_backend.clock) as clock:
        yield clock
