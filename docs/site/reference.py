"""Writes docs/reference.md from signatures, docstrings and declarations: `python docs/site/reference.py`."""

import argparse
import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import mock_secrets
from mock_secrets import direct, faults, proofs, pytest_plugin
from mock_secrets.aws import functions, records
from mock_secrets.command_line.main import parser
from mock_secrets.kernel import options
from mock_secrets.kernel.options import PARAMETERS
from mock_secrets.policy import document
from mock_secrets.pytest_plugin.options import FAULT_MARKER, MARKER, REPORT, SHOW_VALUES
from mock_secrets.transport import environment
from mock_secrets.transport.extension import ExtensionEndpoint
from mock_secrets.trials import courses

FILE = Path(__file__).resolve().parents[1] / "reference.md"

_HEAD = """\
# Reference

<!-- Written by `python docs/site/reference.py` from the docstrings and declarations of the package: change those. -->

Everything here can be imported from `mock_secrets`, unless it says otherwise. `help()` shows the same texts.
"""

# Objects in the order of the page: as code names one, its type, and where a test gets it.
_OBJECTS = [
    (
        "backend",
        mock_secrets.SecretsBackend,
        "the fixture `secrets_backend`, or what `with mock_secrets() as backend` gives.",
    ),
    (
        "secret",
        mock_secrets.StoredSecret,
        '`backend["db"]`, `backend.create(...)`, and each item when you iterate over a backend.',
    ),
    ("version", mock_secrets.StoredVersion, '`secret.versions`, `secret.stages["AWSCURRENT"]`.'),
    ("clock", mock_secrets.Clock, "`backend.clock`."),
    ("secrets_clock", mock_secrets.ProcessClock, "the fixture `secrets_clock`."),
    ("calls", mock_secrets.CallLog, "`backend.calls`."),
    ("call", mock_secrets.Call, "an item of `backend.calls`."),
    ("run", mock_secrets.RotationRun, "an item of `secret.rotations`."),
    ("outcome", mock_secrets.Outcome, "`run.outcome`."),
    ("step", mock_secrets.StepRun, "an item of `run.steps`."),
    ("fault", faults.Fault, "`backend.fail(...)`. Its type is in `mock_secrets.faults`."),
    ("faults", faults.Faults, "`backend.faults`. Its type is in `mock_secrets.faults`."),
    ("iam", mock_secrets.Iam, "`backend.iam`."),
    ("user", mock_secrets.User, "`backend.iam.create_user(...)`."),
    ("role", mock_secrets.Role, "`backend.iam.create_role(...)`."),
    ("kms", mock_secrets.Kms, "`backend.kms`."),
    ("key", mock_secrets.StoredKey, '`backend.kms.create_key(...)`, `backend.kms["alias/app"]`.'),
    ("cloudtrail", mock_secrets.Trail, "`backend.cloudtrail`."),
    ("leak", mock_secrets.Leak, "an item of `backend.cloudtrail.leaks()`."),
    ("unused", mock_secrets.Unused, "an item of `backend.iam.unused(policy)`."),
    ("endpoint", mock_secrets.Endpoint, "`backend.serve()`, or the fixture `secrets_endpoint`."),
    ("extension", ExtensionEndpoint, "`backend.serve_extension()`."),
]
# What signatures name and no other section explains, by the module that explains it.
_TYPES = {
    options: ["SeedValue"],
    functions: ["Handler"],
    faults: ["NetworkFault"],
    direct.faults: ["HasArn"],
    direct.calls: ["Step"],
    direct.iam: ["PolicyDocuments", "ConditionKeys", "StoredIdentity"],
    document: ["PolicyDocument"],
    direct.cloudtrail: ["Source"],
    records: ["Record"],
    courses: ["Accepts"],
}
# Of these the rest is for the service.
_ONLY = {
    mock_secrets.Clock: {"now", "advance", "travel_to", "go_at"},
    mock_secrets.RotationRun: {"token", "is_test", "attempt", "started_at", "steps", "outcome", "error"},
    mock_secrets.StepRun: {"at", "returned", "error"},
}
_NETWORK_FAULTS = ["LostAnswer", "CorruptAnswer", "ConnectionClosed", "ReadTimeout", "ConnectTimeout", "Latency"]
_RAISED = [
    *(getattr(mock_secrets, name) for name in mock_secrets.__all__),
    faults.UnfiredFault,
    proofs.RotationUnsafe,
]


class Docstring(NamedTuple):
    """What a docstring says: prose, and a text for each name of a kind of field, such as `param`."""

    prose: str
    fields: dict[str, dict[str, str]]


def page() -> str:
    parts = [_HEAD, *_parameters(), *_fixtures()]
    for variable, kind, where in _OBJECTS:
        parts += _class(variable, kind, where)
    parts += [*_settings(mock_secrets.Limits), *_settings(mock_secrets.Rates)]
    parts += [*_network_faults(), *_proofs(), *_errors(), *_types(), *_environment(), *_command_line()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


def _parameters() -> Iterator[str]:
    yield "## Parameters\n"
    yield "Of `mock_secrets(...)` and the marker; with the prefix `mock_secrets_`, ini options of pytest.\n"
    yield from _table(
        ["parameter", "what it is", "default"],
        [[f"`{name}`", _code(one.help), _default(one.default_help)] for name, one in PARAMETERS.items()],
    )


def _default(text: str) -> str:
    return f"`{text}`" if re.fullmatch(r"[\w-]+", text) and text != "none" else text


def _code(text: str) -> str:
    """Texts of declarations, which say no more than a terminal shows: names of ours and quoted words are code."""
    text = re.sub(r'"(\w+)"', r'`"\1"`', text)
    return re.sub(r"(?<![\w`.])(mock_secrets\.\w+|backend\.\w+|--[\w-]+)", r"`\1`", text)


def _fixtures() -> Iterator[str]:
    yield "\n## Fixtures\n"
    rows = []
    for name, value in vars(pytest_plugin).items():
        marker = getattr(value, "_fixture_function_marker", None) or getattr(value, "_pytestfixturefunction", None)
        if marker is not None:
            rows.append([f"`{name}`", str(marker.scope), _prose(inspect.getdoc(value) or "")])
    yield from _table(["fixture", "scope", "what it is"], rows)
    yield "\n## Markers\n"
    yield f"`@pytest.mark.{MARKER}(...)` activates the mock for the test and takes the [parameters](#parameters).\n"
    yield f"`@pytest.mark.{FAULT_MARKER}(...)` takes what [`backend.fail`](#backendfail) takes, for the test's own code."


def _class(variable: str, kind: Any, where: str = "", level: str = "##") -> Iterator[str]:
    said = _read(inspect.getdoc(kind) or "")
    yield f"\n{level} {kind.__name__}\n"
    yield f"Where to get it: {where}\n" if where else ""
    yield said.prose
    attributes = dict(said.fields.get("ivar", {}))
    methods = []
    for member, value in _members(kind):
        if isinstance(value, property):
            attributes.setdefault(member, _property(member, value))
        elif callable(value):
            methods.append((member, inspect.unwrap(getattr(kind, member))))
    if attributes:
        yield ""
        yield from _table(["attribute", "what it is"], [[f"`{key}`", text] for key, text in attributes.items()])
    for member, function in methods:
        yield f"\n### {variable}.{member}\n"
        yield from _function(member, function)


def _property(name: str, value: property) -> str:
    said = _read(inspect.getdoc(value) or "")
    return " ".join(said.prose.split()) or f"its {name.replace('_', ' ').replace('arn', 'ARN')}"


def _members(kind: Any) -> Iterator[tuple[str, Any]]:
    """Its own public members in the order in which they are written, and those of its bases among ours."""
    seen = set()
    for base in reversed(kind.__mro__):
        if base.__module__.startswith("mock_secrets"):
            for name, value in vars(base).items():
                if not name.startswith("_") and name not in seen and name in _ONLY.get(kind, {name}):
                    seen.add(name)
                    if _is_for_tests(value):
                        yield name, value


def _is_for_tests(value: Any) -> bool:
    said = inspect.getdoc(value) or ""
    return "not for tests" not in said and (isinstance(value, property) or (inspect.isroutine(value) and said != ""))


def _function(name: str, function: Any) -> Iterator[str]:
    said = _read(inspect.getdoc(function) or "")
    yield f"```py\n{_signature(name, function)}\n```\n"
    yield said.prose
    yield ""
    for names, text in said.fields.get("param", {}).items():
        yield f"- {', '.join(f'`{one.strip()}`' for one in names.split(','))}: {text}"
    for text in said.fields.get("returns", {}).values():
        yield f"- Returns {text}"
    for kinds, text in said.fields.get("raises", {}).items():
        yield f"- Raises {', '.join(f'`{one.strip()}`' for one in kinds.split(','))}{': ' if text else '.'}{text}"


def _signature(name: str, function: Any) -> str:
    """As it is written, on one line if that is short: another Python would print the types otherwise."""
    written = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(written, ast.FunctionDef | ast.AsyncFunctionDef)
    arguments = written.args
    own = [one for one in [*arguments.posonlyargs, *arguments.args] if one.arg not in {"self", "cls"}]
    shown = []
    for argument, default in zip(reversed(own), [*reversed(arguments.defaults), *[None] * len(own)], strict=False):
        shown.insert(0, _argument(argument, default, function))
    if arguments.vararg:
        shown.append(f"*{_argument(arguments.vararg, None, function)}")
    elif arguments.kwonlyargs:
        shown.append("*")
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    shown += [_argument(one, default, function) for one, default in keywords]
    if arguments.kwarg:
        shown.append(f"**{_argument(arguments.kwarg, None, function)}")
    result = f" -> {_type(written.returns)}" if written.returns else ""
    line = f"{name}({', '.join(shown)}){result}"
    if len(line) <= 100:
        return line
    return "\n".join([f"{name}(", *(f"    {one}," for one in shown), f"){result}"])


def _argument(argument: ast.arg, default: ast.expr | None, function: Any) -> str:
    annotation = f": {_type(argument.annotation)}" if argument.annotation else ""
    if default is None:
        return f"{argument.arg}{annotation}"
    return f"{argument.arg}{annotation} = {_written(default, inspect.signature(function).parameters[argument.arg].default)}"


def _written(default: ast.expr, value: object) -> str:
    """As it is written; but a name of ours says nothing to a reader, so its value, or dots if it is more than a literal."""
    if not isinstance(default, ast.Name):
        return ast.unparse(default)
    return repr(value) if isinstance(value, str | int) else "..."


def _type(annotation: ast.expr | None) -> str:
    return ast.unparse(annotation).strip("'") if annotation is not None else ""


def _settings(kind: Any) -> Iterator[str]:
    """A dataclass whose fields a test chooses."""
    said = _read(inspect.getdoc(kind) or "")
    [written] = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(written, ast.ClassDef)
    defaults = {
        line.target.id: ast.unparse(line.value).replace("AT_ONCE", "timedelta(0)")
        for line in written.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.value is not None
    }
    yield f"\n## {kind.__name__}\n"
    yield said.prose
    yield ""
    params = said.fields["param"]
    yield from _table(
        ["field", "default", "what it is"],
        [[f"`{name}`", f"`{default}`", params[name]] for name, default in defaults.items()],
    )


def _network_faults() -> Iterator[str]:
    yield "\n## Network faults\n"
    yield "In `mock_secrets.faults`, for [`backend.fail`](#backendfail).\n"
    rows = []
    for name in _NETWORK_FAULTS:
        said = _read(inspect.getdoc(getattr(faults, name)) or "")
        takes = ", ".join(said.fields.get("param", {}))
        rows.append([f"`{name}({takes})`", said.prose])
    yield from _table(["fault", "what happens"], rows)


def _proofs() -> Iterator[str]:
    yield "\n## Proofs\n"
    yield "In `mock_secrets.proofs`. [Is a rotation safe?](rotation-proofs.md) explains them."
    for name in ("assert_rotation_safe", "stale_window", "explore"):
        yield f"\n### {name}\n"
        yield from _function(name, inspect.unwrap(getattr(proofs, name)))
    for name, kind in (("window", proofs.StaleWindow), ("finding", proofs.Finding)):
        yield from _class(name, kind, level="###")


def _errors() -> Iterator[str]:
    yield "\n## Errors and warnings\n"
    kinds = [kind for kind in _RAISED if isinstance(kind, type) and issubclass(kind, Exception)]
    rows = []
    for kind in kinds:
        base = next(base.__name__ for base in kind.__mro__[1:] if not base.__module__.startswith("mock_secrets"))
        rows.append([f"`{kind.__name__}`", f"`{base}`", " ".join(_read(inspect.getdoc(kind) or "").prose.split())])
    yield from _table(["name", "is a", "when"], rows)
    yield "\n`UnfiredFault` is in `mock_secrets.faults`, `RotationUnsafe` in `mock_secrets.proofs`."


def _types() -> Iterator[str]:
    yield "\n## Types in signatures\n"
    yield "Names that signatures use. They are not in `mock_secrets`; `NetworkFault` is in `mock_secrets.faults`.\n"
    rows = []
    for module, names in _TYPES.items():
        for name in names:
            value = getattr(module, name)
            # On Python 3.10 isinstance() takes an alias such as dict[str, int] for a class.
            if issubclass(type(value), type):
                rows.append([f"`{name}`", "a class", _read(inspect.getdoc(value) or "").prose.splitlines()[0]])
                continue
            said, written = re.search(
                rf"^#: (.+)\n{name}: TypeAlias = (.+)$", inspect.getsource(module), re.MULTILINE
            ).groups()
            rows.append([f"`{name}`", f"`{written}`", _prose(said)])
    yield from _table(["name", "stands for", "what it is"], rows)


def _environment() -> Iterator[str]:
    yield "\n## Environment variables\n"
    yield "While a mock is active these are set. Afterwards they are as they were, unless the test changed them.\n"
    rules: Any = SimpleNamespace(region="<region>", endpoint_of_others="<endpoint>")
    there = environment.wanted(rules, session=None)  # type: ignore[arg-type]  # it is only handed on
    rows = [
        [f"`{name}`", _SHOWN.get(str(value), f"`{value}`")] for name, value in there.items() if isinstance(value, str)
    ]
    yield from _table(["variable", "value"], rows)
    aside = ", ".join(f"`{name}`" for name, value in there.items() if value is None and name.startswith("AWS_"))
    yield f"\nThese are set aside: {aside}.\n"
    yield "`AWS_DEFAULT_REGION` and `AWS_REGION` from before the mock are the region unless `region` is given."


_SHOWN = {
    "<region>": "the mock's region",
    "<endpoint>": "an endpoint of this backend with `processes=True`, else one that only explains",
    "/dev/null": "the null device",
    "nul": "the null device",
}


def _command_line() -> Iterator[str]:
    yield "\n## Command line\n"
    yield "Of pytest:\n"
    yield from _table(
        ["option", "what it does"],
        [
            [
                f"`{option.names()[0]}{' FILE' if option.names()[0] == REPORT else ''}`",
                _sentence(option.attrs()["help"]),
            ]
            for option in _pytest_options()
        ],
    )
    yield "\nAnd an ini option that is not a parameter: `mock_secrets_report_section = false` turns the section of reports off."
    yield "\nOf `mock-secrets serve` and `python -m mock_secrets serve`, see [The command line](command-line.md):\n"
    commands = next(one for one in parser()._actions if isinstance(one, argparse._SubParsersAction))
    rows = []
    for action in commands.choices["serve"]._actions:
        value = f" [{action.metavar}]" if action.nargs == "?" else f" {action.metavar}" if action.metavar else ""
        if action.nargs != 0 and not value:
            value = f" {action.dest.upper()}"
        if action.dest != "help":
            rows.append([f"`{action.option_strings[0]}{value}`", _sentence(action.help or "")])
    yield from _table(["argument", "what it does"], rows)


def _pytest_options() -> list[Any]:
    from _pytest.config.argparsing import Parser

    found = Parser(_ispytest=True)
    pytest_plugin.add_command_line(found)
    options = found.getgroup("mock_secrets").options
    assert {option.names()[0] for option in options} == {REPORT, SHOW_VALUES}
    return list(options)


def _sentence(text: str) -> str:
    return " ".join(text.replace("%%", "%").split())


def _table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    for row in rows:
        yield f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in row)} |"


def _read(text: str) -> Docstring:
    """The parts of a docstring in Sphinx's form. A field on the line of the summary counts as well."""
    text = re.sub(r"(?<=\S) (?=:(?:param|returns|raises)\b)", "\n", text)
    prose, *rest = re.split(r"^:(?=(?:param|ivar|returns|raises)\b)", text, flags=re.MULTILINE)
    fields: dict[str, dict[str, str]] = {}
    for one in rest:
        head, _, body = one.partition(":")
        kind, _, names = head.partition(" ")
        # What follows a blank line is prose again.
        body, _, more = body.partition("\n\n")
        prose += f"\n\n{more}" if more else ""
        fields.setdefault(kind, {})[names] = " ".join(_prose(body).split())
    return Docstring(_prose(prose).strip(), fields)


def _prose(text: str) -> str:
    """reStructuredText, as much of it as docstrings have, as Markdown."""
    text = re.sub(r":\w+:`~?(?:mock_secrets\.)?([^`]+)`", r"`\1`", text)
    return re.sub(r"``([^`]+)``", r"`\1`", text)


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
