"""What a run found: for each scenario whether it agrees, differs, or could not run, and by operation."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from conformance.fidelity import CLAIMS, Behaviour, behaviours_of

Verdict = Literal["agrees", "differs", "unsupported", "could not run"]
VERDICTS: tuple[Verdict, ...] = ("agrees", "differs", "unsupported", "could not run")


@dataclass(frozen=True)
class Case:
    """A scenario with one set of its parameters.

    :ivar scenario: file and test, as FIDELITY.md names them.
    :ivar why: what was answered last where it differs, masked; why it could not run.
    :ivar operations: that it called.
    """

    scenario: str
    parameters: str
    verdict: Verdict
    why: str = ""
    operations: tuple[str, ...] = ()
    exchanges: tuple[dict[str, Any], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Found:
    """A behaviour, and what became of the cases that show it."""

    behaviour: Behaviour
    scenario: str
    verdict: Verdict
    whys: tuple[str, ...] = ()


def found_by(cases: Iterable[Case]) -> list[Found]:
    """The behaviours that these cases show. One that differs tells against those alone whose operation it called."""
    by_scenario: dict[str, list[Case]] = {}
    for case in cases:
        by_scenario.setdefault(case.scenario, []).append(case)
    found = []
    for scenario, shown in by_scenario.items():
        for behaviour in behaviours_of(scenario):
            cases = [case for case in shown if behaviour.is_shown_in(case.parameters)]
            telling = [case for case in cases if behaviour.operation in case.operations] or cases
            verdict = next(
                (one for one in ("differs", "unsupported", "agrees") if any(case.verdict == one for case in telling)),
                "could not run",
            )
            whys = tuple(dict.fromkeys(case.why for case in telling if case.verdict == verdict and case.why))
            found.append(Found(behaviour, scenario, verdict, whys))
    return found


def without_unsupported(cases: Iterable[Case], operations: Collection[str]) -> list[Case]:
    """The cases, with those that differ after a call of one of these operations as unsupported."""
    return [
        replace(case, verdict="unsupported")
        if case.verdict == "differs" and set(operations) & set(case.operations)
        else case
        for case in cases
    ]


def by_operation(found: Iterable[Found]) -> dict[str, Counter[str]]:
    """How many behaviours of each operation have each verdict."""
    counted: dict[str, Counter[str]] = {}
    for one in found:
        counted.setdefault(one.behaviour.operation, Counter())[one.verdict] += 1
    return dict(sorted(counted.items()))


def left_out(cases: Iterable[Case]) -> Counter[str]:
    """How many cases could not run, by the reason."""
    return Counter(case.why for case in cases if case.verdict == "could not run")


def summary(cases: list[Case]) -> list[str]:
    """The run in lines for a terminal."""
    found = found_by(cases)
    ran = {operation: row for operation, row in by_operation(found).items() if row["agrees"] or row["differs"]}
    lines = [f"{'behaviours by operation':<42}{'agrees':>8}{'differs':>9}{'could not run':>15}"]
    lines += [
        f"{operation:<42}{row['agrees']:>8}{row['differs']:>9}{row['could not run']:>15}"
        for operation, row in ran.items()
    ]
    for confidence in CLAIMS:
        row = Counter(one.verdict for one in found if one.behaviour.confidence == confidence)
        lines.append(
            f"{'all that is ' + confidence:<42}{row['agrees']:>8}{row['differs']:>9}{row['could not run']:>15}"
        )
    counted = Counter(case.verdict for case in cases)
    lines.append(f"scenarios: {', '.join(f'{counted[one]} {one}' for one in VERDICTS if counted[one])}")
    lines += [f"could not run here: {why}: {count}" for why, count in left_out(cases).most_common()]
    return lines


def table(cases: list[Case]) -> str:
    """The run as a table in Markdown, by scenario."""
    lines = ["| scenario | verdict | |", "| --- | --- | --- |"]
    lines += [f"| `{case.scenario}{_cell(case.parameters)}` | {case.verdict} | {_cell(case.why)} |" for case in cases]
    return "\n".join([*lines, ""])


def document(cases: list[Case], *, with_exchanges: bool, **run: Any) -> dict[str, Any]:
    """The run as JSON can hold it."""
    found = [{**asdict(one.behaviour), "scenario": one.scenario, "verdict": one.verdict} for one in found_by(cases)]
    shown = [asdict(case) if with_exchanges else asdict(replace(case, exchanges=())) for case in cases]
    return {**run, "behaviours": found, "cases": shown}


def cases_of(document: dict[str, Any]) -> list[Case]:
    """The cases of a run that was written down."""
    return [
        Case(**{**case, "operations": tuple(case["operations"]), "exchanges": tuple(case["exchanges"])})
        for case in document["cases"]
    ]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
