"""What is known of AWS's behaviour, how surely, and from where: each scenario says it, and the table lists it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

Confidence = Literal["AWS-VERIFIED", "AWS-DOC", "REPORTED", "GUESS"]
Test = TypeVar("Test", bound=Callable[..., None])

TABLE = Path(__file__).with_name("FIDELITY.md")

_INTRODUCTION = """\
# Fidelity

What mock_secrets does, how surely AWS does the same, and how that is known. Written by the scenarios in this folder:
`pytest tests/conformance --write-fidelity`. No scenario here was run against an AWS account by us.

- **AWS-VERIFIED**: recorded from AWS, or asserted against it, by the named public test.
- **AWS-DOC**: AWS's documentation or its service model says so.
- **REPORTED**: a public issue, log or tool quotes an answer of AWS.
- **GUESS**: no evidence was found; this is what siblings of the case suggest. Only the error's code is asserted, never its text.
"""


@dataclass(frozen=True)
class Behaviour:
    operation: str
    rule: str
    confidence: Confidence
    source: str


_behaviours: dict[tuple[str, str], list[Behaviour]] = {}


def behaviour(operation: str, rule: str, confidence: Confidence, source: str) -> Callable[[Test], Test]:
    """Say which of AWS's behaviours a scenario shows, and how it is known. May stand more than once above a test."""

    def note(test: Test) -> Test:
        noted = _behaviours.setdefault((Path(test.__code__.co_filename).name, test.__name__), [])
        entry = Behaviour(operation, rule, confidence, source)
        if entry not in noted:
            noted.append(entry)
        return test

    return note


def render() -> str:
    """The table, by operation, in the order in which the scenarios stand."""
    by_operation: dict[str, list[tuple[Behaviour, str]]] = {}
    for (file, test), noted in sorted(_behaviours.items(), key=lambda item: item[0][0]):
        for entry in reversed(noted):
            by_operation.setdefault(entry.operation, []).append((entry, f"{file}::{test}"))
    sections = [_section(operation, rows) for operation, rows in sorted(by_operation.items())]
    return "\n".join([_INTRODUCTION, *sections])


def _section(operation: str, rows: list[tuple[Behaviour, str]]) -> str:
    lines = [f"## {operation}", "", "| behaviour | confidence | source | scenario |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {_cell(entry.rule)} | {entry.confidence} | {_cell(entry.source)} | `{test}` |" for entry, test in rows
    ]
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
