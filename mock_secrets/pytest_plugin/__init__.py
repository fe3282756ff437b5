"""pytest: the fixtures in their scopes, the marker and the ini options. No logic, and nothing heavy at load."""

import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_secrets.backend import SecretsBackend
    from mock_secrets.kernel.limits import Limits
    from mock_secrets.kernel.options import Options
    from mock_secrets.pytest_plugin.process_clock import ProcessClock

_MARKER = "mock_secrets"
_FIXTURE = "secrets_backend"
_PREFIX = "mock_secrets_"
_TWINS = tuple(f"{scope}_{_FIXTURE}" for scope in ("session", "package", "module", "class"))

# Names, kinds and help of the ini options. The parameters themselves live in
# mock_secrets.kernel.options, which pytest's start must not pay for.
_INI: dict[str, tuple[Any, str]] = {
    "region": ("string", "region of clients that name none, such as eu-west-1"),
    "account_id": ("string", "account of the calls, 12 digits"),
    "secrets": ("linelist", "secrets to begin with, one name=value a line"),
    "at": ("string", "ISO 8601 instant with a time zone at which the service's clock stands still"),
    "token_reuse": ("string", "aws or documented: what UpdateSecret does with a used ClientRequestToken"),
    "limits": ("linelist", "quotas and retention, one name=value a line; spans of time in hours"),
    "passthrough": ("args", "services, as boto3 names them, whose calls may leave the machine"),
    "seed": ("string", "seed of everything random"),
    "kms": ("string", "any or strict: whether only keys made with backend.kms exist"),
    "leaks": ("string", "allow or fail: whether a secret value in what CloudTrail logs fails the test"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    for name, (kind, text) in _INI.items():
        parser.addini(_PREFIX + name, f"mock_secrets: {text}", type=kind)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{_MARKER}({', '.join(f'{name}=...' for name in _INI)}): mock AWS Secrets Manager in this test;"
        " the nearest marker wins, over the ini options mock_secrets_*",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The mock is active before any other fixture of the test is made, and until the last one is gone.

    A marker or a decorator activates it also where no fixture is asked for. The twins of a wider scope go first:
    what they began, the test's own joins.
    """
    for item in items:
        names = getattr(item, "fixturenames", None)
        if names is None:
            continue
        if _FIXTURE in names or item.get_closest_marker(_MARKER) is not None or any(_decorations(item)):
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

    activation = Activation(_options(request))
    try:
        backend = activation.start()
    except (TypeError, ValueError) as error:
        ini = "".join(f"\nini option {_PREFIX}{name} is set" for name in _INI if request.config.getini(_PREFIX + name))
        raise pytest.fail.Exception(f"{request.node.nodeid or 'session'}: {error}{ini}", pytrace=False) from None
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


def _decorations(node: Any) -> "Iterator[Any]":
    """The activations of a test's decorators, the nearest first."""
    for level in reversed(node.listchain()):
        activation = getattr(getattr(level, "obj", None), "__mock_secrets__", None)
        if activation is not None:
            yield activation


def _options(request: pytest.FixtureRequest) -> "Options":
    """The parameters for this test: its decorators, then its markers from the nearest on, then the ini options."""
    from mock_secrets.kernel.options import Options

    options = Options()
    for activation in _decorations(request.node):
        options = options.over(activation.options)
    for marker in request.node.iter_markers(_MARKER):
        if marker.args:
            pytest.fail(f"{request.node.nodeid}: the marker {_MARKER} takes its arguments by name", pytrace=False)
        options = options.over(_checked(marker.kwargs, f"{request.node.nodeid}: marker {_MARKER}"))
    for name in _INI:
        value = request.config.getini(_PREFIX + name)
        if value:
            options = options.over(_checked({name: value}, f"ini option {_PREFIX}{name}", read=_INI_READERS.get(name)))
    return options


def _checked(given: dict[str, Any], where: str, read: Callable[[Any], Any] | None = None) -> "Options":
    from mock_secrets.kernel.options import Options

    try:
        if read is not None:
            given = {name: read(value) for name, value in given.items()}
        return Options.of(given)
    except (TypeError, ValueError) as error:
        raise pytest.fail.Exception(f"{where}: {error}", pytrace=False) from None


def _pairs(lines: list[str]) -> dict[str, str]:
    if not all("=" in line for line in lines):
        raise ValueError("each line takes the form name=value")
    return {name.strip(): value.strip() for name, value in (line.split("=", 1) for line in lines)}


def _instant(text: str) -> datetime:
    # Python 3.10 does not read the Z of ISO 8601.
    try:
        return datetime.fromisoformat(text.removesuffix("Z") + "+00:00" if text.endswith("Z") else text)
    except ValueError:
        raise ValueError(f"takes an instant such as 2026-01-01T12:00:00Z, and {text!r} is not one") from None


def _limits(lines: list[str]) -> "Limits":
    from mock_secrets.kernel.limits import Limits

    limits: dict[str, Any] = {}
    for name, number in _pairs(lines).items():
        if name == "rates":
            raise ValueError("rates takes a mock_secrets.Rates, which only limits= of a marker or a decorator can hold")
        if name not in Limits.__dataclass_fields__:
            raise ValueError(f"there is no limit {name!r}; there are {', '.join(Limits.__dataclass_fields__)}")
        is_span = isinstance(Limits.__dataclass_fields__[name].default, timedelta)
        limits[name] = timedelta(hours=_number(name, number, float)) if is_span else _number(name, number, int)
    return Limits(**limits)


def _number(name: str, text: str, kind: Callable[[str], Any]) -> Any:
    try:
        return kind(text)
    except ValueError:
        what = "a whole number" if kind is int else "a number of hours"
        raise ValueError(f"{name} takes {what}, and {text!r} is not one") from None


_INI_READERS: dict[str, Callable[[Any], Any]] = {"secrets": _pairs, "at": _instant, "limits": _limits}
