"""The parameters of the mock under pytest: ini options, markers and decorators."""

import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pytest

from mock_secrets.kernel.options import PARAMETERS, Options
from mock_secrets.kernel.session_defaults import begin_session

if TYPE_CHECKING:
    from mock_secrets.kernel.limits import Limits
    from mock_secrets.kernel.parameters import Form

T = TypeVar("T")

MARKER = "mock_secrets"
#: Takes the arguments of backend.fail.
FAULT_MARKER = "mock_secrets_fail"
_PREFIX = "mock_secrets_"

SHOW_VALUES = "--mock-secrets-show-values"
REPORT = "--mock-secrets-report"

#: The report attribute that holds, for each mock, what the page of a run shows of a test.
PAGE_ATTRIBUTE = "mock_secrets_page"
_IN_USE = pytest.StashKey[bool]()


def add_ini_options(parser: pytest.Parser) -> None:
    for name, declared in PARAMETERS.items():
        form = _FORMS[declared.form]
        # Without a default, pytest would report an unset flag as False.
        default: dict[str, Any] = {"default": None} if form.type == "bool" else {}
        parser.addini(_PREFIX + name, f"mock_secrets: {declared.help}{form.help}", type=form.type, **default)


def add_command_line(parser: pytest.Parser) -> None:
    group = parser.getgroup("mock_secrets", "mock of AWS Secrets Manager")
    group.addoption(
        REPORT,
        metavar="FILE",
        help="write an HTML page that shows the calls, secrets, refusals and time of each test with a mock",
    )
    group.addoption(
        SHOW_VALUES,
        action="store_true",
        help="show secret values in reprs, comparisons and reports, unless a test's marker or decorator has"
        " show_values=False",
    )


def describe_marker(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{MARKER}({', '.join(f'{name}=...' for name in PARAMETERS)}): mock AWS Secrets Manager in this test;"
        f" the nearest marker wins, and markers override the ini options {_PREFIX}*",
    )
    config.addinivalue_line(
        "markers",
        f"{FAULT_MARKER}(operation, error, *, secret=..., stage=..., principal=..., region=..., when=..., times=...,"
        " after=..., sequence=..., rate=..., until=...): mock AWS Secrets Manager in this test, and make calls of the"
        " test itself (not of its set-up) fail as with backend.fail(...); of several markers the nearest applies first",
    )


def is_decorated(node: Any) -> bool:
    """Whether the test itself, or a class around it, is decorated with the mock."""
    decorators = _decorators()
    return decorators is not None and any(decorators.decoration_of(obj) for obj in _objects(node))


def options_of(node: Any) -> Options:
    """The parameters of a test: those of its decorators, then those of its markers, the nearest first."""
    options = Options()
    for activation in _decorations(node):
        options = options.over(activation.options)
    for marker in node.iter_markers(MARKER):
        if marker.args:
            pytest.fail(f"{node.nodeid}: the marker {MARKER} takes only keyword arguments", pytrace=False)
        options = options.over(_of_marker(marker.kwargs, node))
    return options


def seeds_of(node: Any) -> list[Any]:
    """The ``secrets`` of a test's decorators and markers, unchecked."""
    decorated = [activation.options.secrets for activation in _decorations(node)]
    return [*decorated, *(marker.kwargs.get("secrets") for marker in node.iter_markers(MARKER))]


def _decorations(node: Any) -> "Iterator[Any]":
    """The activations of a test's decorators, the nearest first, including those below other decorators."""
    decorators = _decorators()
    if decorators is not None:
        yield from filter(None, map(decorators.decoration_within, _objects(node)))


def _decorators() -> Any:
    # Nothing is decorated if the module was never imported.
    return sys.modules.get("mock_secrets.decorators")


def _objects(node: Any) -> "Iterator[Any]":
    """The function and the classes of a test, the nearest first."""
    objects = (getattr(level, "obj", None) for level in reversed(node.listchain()))
    return (obj for obj in objects if callable(obj))


def _of_marker(given: dict[str, Any], node: Any) -> Options:
    try:
        return Options.of(given)
    except (TypeError, ValueError) as error:
        raise pytest.fail.Exception(f"{node.nodeid}: marker {MARKER}: {error}", pytrace=False) from None


class IniOptions:
    """The ini options of a pytest session: the defaults of every outermost mock."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._options: Options | None = None

    def _read(self) -> Options:
        options = Options()
        any_region = {"any_region": True} if self._given("any_region") else {}
        for name, declared in PARAMETERS.items():
            text = self._given(name)
            if text or text is False:
                options = options.over(_of_ini(name, _FORMS[declared.form].read, text, any_region))
        if self._config.getoption(SHOW_VALUES):
            options = options.over(Options(show_values=True))
        return options

    def _given(self, name: str) -> Any:
        try:
            return self._config.getini(_PREFIX + name)
        except (ValueError, pytest.UsageError) as error:
            # pytest's own message does not name the option. Only a flag can be wrong here.
            raise _usage_error(name, ValueError(f"takes true or false: {error}")) from None

    def activate(self, activate: Callable[[Options], T], given: Options) -> T:
        """Start a mock with the given options over the ini options.

        :raises pytest.UsageError: if an ini option is wrong. Some are only found out when the mock starts.
        """
        # Not a cached_property: its frame would appear in the report of a wrong option.
        if self._options is None:
            self._options = self._read()
        ini = self._options
        try:
            return activate(given.over(ini))
        except (TypeError, ValueError) as error:
            for name in ini.given.keys() - given.given.keys():
                if str(error).startswith(name):
                    raise _usage_error(name, error) from None
            raise


def use_ini_options(config: pytest.Config) -> None:
    """Make the ini options the defaults of every outermost mock of this session. They are read when first needed."""
    if _IN_USE not in config.stash:
        config.stash[_IN_USE] = True
        config.add_cleanup(begin_session(IniOptions(config)))


def _of_ini(name: str, read: Callable[[Any], Any], text: Any, beside: dict[str, Any]) -> Options:
    try:
        return Options.of({name: read(text), **beside})
    except (TypeError, ValueError) as error:
        raise _usage_error(name, error) from None


def _usage_error(name: str, error: Exception) -> pytest.UsageError:
    return pytest.UsageError(f"ini option {_PREFIX}{name}: {error}")


def _pairs(lines: list[str]) -> dict[str, str]:
    if not all("=" in line for line in lines):
        raise ValueError("each line must have the form name=value")
    return {name.strip(): value.strip() for name, value in (line.split("=", 1) for line in lines)}


def _profiles(lines: list[str]) -> dict[str, dict[str, str]]:
    named = (line.partition(":") for line in lines)
    return {name.strip(): _pairs([one for one in rest.split() if one]) for name, _, rest in named}


def _instant(text: str) -> datetime:
    from mock_secrets.kernel.instants import read_instant

    instant = read_instant(text)
    if instant.tzinfo is None:
        raise ValueError(f"takes an instant with its time zone, such as {instant.isoformat()}Z, not {text!r}")
    return instant


def _limits(lines: list[str]) -> "Limits":
    from mock_secrets.kernel.limits import SPANS, Limits

    limits: dict[str, Any] = {}
    for name, number in _pairs(lines).items():
        if name == "rates":
            raise ValueError("rates can't be set in an ini file: use limits= of a marker or a decorator")
        if name not in Limits.__dataclass_fields__:
            raise ValueError(f"there is no limit {name!r}. The limits are: {', '.join(Limits.__dataclass_fields__)}")
        read = _hours if name in SPANS else _flag_of_limits if name == "short_pages" else _whole_number
        limits[name] = read(name, number)
    return Limits(**limits)


def _flag_of_limits(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{name} takes true or false, not {text!r}")
    return text.lower() == "true"


def _whole_number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{name} takes a whole number, not {text!r}") from None


def _hours(name: str, text: str) -> timedelta:
    try:
        return timedelta(hours=float(text))
    except (ValueError, OverflowError):
        raise ValueError(f"{name} takes a number of hours, not {text!r}") from None


class _IniForm(NamedTuple):
    type: Any
    read: Callable[[Any], Any]
    help: str = ""


_FORMS: "dict[Form, _IniForm]" = {
    "word": _IniForm("string", str),
    "flag": _IniForm("bool", bool),
    "words": _IniForm("args", list),
    "pairs": _IniForm("linelist", _pairs, "; one name=value per line"),
    "profiles": _IniForm("linelist", _profiles, "; one per line: name, or name: region=... account_id=..."),
    "instant": _IniForm("string", _instant, "; ISO 8601 with a time zone"),
    "limits": _IniForm("linelist", _limits, "; one name=value per line, time spans in hours"),
}
