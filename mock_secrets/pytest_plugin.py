"""pytest: the fixtures in their scopes, the marker and the ini options. No logic, and nothing heavy at load."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_secrets.backend import SecretsBackend

_MARKER = "mock_secrets"
_FIXTURE = "secrets_backend"
_PREFIX = "mock_secrets_"

# Names, kinds and help of the ini options. The parameters themselves live in
# mock_secrets.options, which pytest's start must not pay for.
_INI: dict[str, tuple[Any, str]] = {
    "region": ("string", "region of clients that name none, such as eu-west-1"),
    "account_id": ("string", "account of the calls, 12 digits"),
    "secrets": ("linelist", "secrets to begin with, one name=value a line"),
    "at": ("string", "ISO 8601 instant with a time zone at which the service's clock stands still"),
    "token_reuse": ("string", "aws or documented: what UpdateSecret does with a used ClientRequestToken"),
    "limits": ("linelist", "quotas and retention, one name=value a line; retention in hours"),
    "passthrough": ("args", "services, as boto3 names them, whose calls may leave the machine"),
    "seed": ("string", "seed of everything random"),
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
    """A marker or a decorator activates the mock before any other fixture of the test is made."""
    for item in items:
        names = getattr(item, "fixturenames", None)
        if names is not None and _FIXTURE not in names and (_marked(item) or _decorated(item)):
            names.insert(0, _FIXTURE)


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """A failed comparison with a recorded secret value does not print the value."""
    from mock_secrets.call import RedactedBytes, RedactedStr

    if isinstance(left, RedactedStr | RedactedBytes) or isinstance(right, RedactedStr | RedactedBytes):
        return [f"<secret value> {op} <other value>", "mock_secrets does not show secret values"]
    return None


def _backend(request: pytest.FixtureRequest) -> "Iterator[SecretsBackend]":
    """The mock of AWS Secrets Manager, active while this fixture lives: a mock_secrets.SecretsBackend."""
    __tracebackhide__ = True
    from mock_secrets.activation import Activation

    with Activation(_options(request)) as backend:
        yield backend


secrets_backend = pytest.fixture(_backend)
class_secrets_backend = pytest.fixture(scope="class")(_backend)
module_secrets_backend = pytest.fixture(scope="module")(_backend)
package_secrets_backend = pytest.fixture(scope="package")(_backend)
session_secrets_backend = pytest.fixture(scope="session")(_backend)


@pytest.fixture
def secrets_client(secrets_backend: "SecretsBackend") -> Any:
    """A boto3 client for the mocked AWS Secrets Manager."""
    return secrets_backend.client()


def _marked(item: pytest.Item) -> bool:
    return item.get_closest_marker(_MARKER) is not None


def _decorated(item: pytest.Item) -> bool:
    return any(True for _ in _decorations(item))


def _decorations(node: Any) -> "Iterator[Any]":
    """The activations of a test's decorators, the nearest first."""
    for level in reversed(node.listchain()):
        activation = getattr(getattr(level, "obj", None), "__mock_secrets__", None)
        if activation is not None:
            yield activation


def _options(request: pytest.FixtureRequest) -> Any:
    """The parameters for this test: its decorators, then its markers from the nearest on, then the ini options."""
    __tracebackhide__ = True
    from mock_secrets.options import Options

    options = Options()
    for activation in _decorations(request.node):
        options = options.over(activation.options)
    for marker in request.node.iter_markers(_MARKER):
        if marker.args:
            pytest.fail(f"{request.node.nodeid}: the marker {_MARKER} takes its arguments by name", pytrace=False)
        options = options.over(_checked(marker.kwargs, f"{request.node.nodeid}: marker {_MARKER}"))
    return options.over(_checked(_ini(request.config), "the ini options mock_secrets_*"))


def _checked(given: dict[str, Any], where: str) -> Any:
    __tracebackhide__ = True
    from mock_secrets.options import Options

    try:
        return Options.of(given)
    except (TypeError, ValueError) as error:
        pytest.fail(f"{where}: {error}", pytrace=False)


def _ini(config: pytest.Config) -> dict[str, Any]:
    __tracebackhide__ = True
    read = {name: config.getini(_PREFIX + name) for name in _INI}
    given = {name: value for name, value in read.items() if value}
    for name, parse in (("secrets", _pairs), ("at", datetime.fromisoformat), ("limits", _limits)):
        if name in given:
            try:
                given[name] = parse(given[name])
            except (TypeError, ValueError) as error:
                raise pytest.UsageError(f"ini option {_PREFIX}{name}: {error}") from None
    return given


def _pairs(lines: list[str]) -> dict[str, str]:
    for line in lines:
        if "=" not in line:
            raise ValueError("each line takes the form name=value")
    return {name.strip(): value.strip() for name, value in (line.split("=", 1) for line in lines)}


def _limits(lines: list[str]) -> Any:
    from datetime import timedelta

    from mock_secrets.limits import Limits

    limits: dict[str, Any] = {
        name: timedelta(hours=float(number)) if name == "retention" else int(number)
        for name, number in _pairs(lines).items()
    }
    return Limits(**limits)
