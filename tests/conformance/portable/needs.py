"""What a scenario needs that no client can give it, told from its code, its fixtures and its marks."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NoReturn

import pytest
from conformance.fidelity import behaviours_of
from conformance.portable.names import ACCOUNT, REGION

KEY = "a KMS key"
_SCENARIOS = Path(__file__).parent.parent

#: By the attribute of the backend, of a stored secret or of a helper that leads to it.
NEEDS = {
    "calls": "the log of calls",
    "clock": "the clock",
    "cloudtrail": "CloudTrail",
    "create_managed_secret": "a secret of another service",
    "fail": "faults",
    "iam": "other identities",
    "kms": KEY,
    "register_rotation_lambda": "a rotation function",
    "mock_secrets": "the mock's own parameters",
    "respond": "raw requests",
    "rotations": "a rotation function",
    "savepoint": "a savepoint",
    "service": "the direct door",
    "session": "another account",
}
#: Not ``fail``, which is pytest's too.
_TELLING = {name: reason for name, reason in NEEDS.items() if name != "fail"}

#: Portable, as Elsewhere has them.
_PORTABLE_HELPERS = {"snapshot"}
#: The mock's parameters that a scenario has anyway.
_AS_ELSEWHERE = {"region": REGION, "account_id": ACCOUNT}


def needs(what: str) -> NoReturn:
    """Leave the running scenario out."""
    pytest.skip(f"needs {what}")


def scenario_of(item: Any) -> str:
    """Its file and its test, as FIDELITY.md names them."""
    return f"{item.path.name}::{getattr(item, 'originalname', None) or item.name}"


def missing(item: Any) -> str | None:
    """What keeps a scenario from running anywhere else; None where nothing is known to."""
    return next(_reasons(item), None)


def _reasons(item: Any) -> Iterator[str]:
    yield from _marked(item)
    shown = behaviours_of(scenario_of(item))
    if shown and all(one.confidence == "OURS" for one in shown):
        yield "says nothing of AWS"
    used = set(_names_used(item))
    yield from (f"needs {reason}" for name, reason in _TELLING.items() if name in used)
    if not {"client", "secrets_backend"} & set(item.fixturenames):
        yield "speaks through no client"


def _marked(item: Any) -> Iterator[str]:
    yield from (str(marker.args[0]) for marker in item.iter_markers("not_portable"))
    if item.get_closest_marker("in_process"):
        yield "needs this process"
    if item.get_closest_marker("mock_secrets_fail"):
        yield f"needs {NEEDS['fail']}"
    for marker in item.iter_markers("mock_secrets"):
        own = {name for name, value in marker.kwargs.items() if _AS_ELSEWHERE.get(name) != value}
        if own:
            yield f"needs {NEEDS['clock' if 'at' in own else 'mock_secrets']}"


def _names_used(item: Any) -> Iterator[str]:
    """The names of attributes and functions in a scenario, its fixtures, and the functions of this folder they call."""
    fixtures = item._fixtureinfo.name2fixturedefs
    waiting = [item.function, *[defined[-1].func for name, defined in fixtures.items() if name in item.fixturenames]]
    seen: set[Any] = set()
    while waiting:
        function = inspect.unwrap(waiting.pop())
        code = getattr(function, "__code__", None)
        if code is None or code in seen or _SCENARIOS not in Path(code.co_filename).parents:
            continue
        seen.add(code)
        names = set(_names_of(code))
        yield from names
        known = getattr(function, "__globals__", {})
        waiting += [known[name] for name in names - _PORTABLE_HELPERS if isinstance(known.get(name), FunctionType)]


def _names_of(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_of(constant)
