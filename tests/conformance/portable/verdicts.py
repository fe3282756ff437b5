"""What AWS itself said of scenarios, as runs of this suite have recorded it."""

import json
from pathlib import Path
from typing import Any

from conformance.fidelity import VERDICTS, Verdict
from conformance.portable.results import Case, cases_of


def take_over(record: Path, kept: Path = VERDICTS) -> None:
    """Add to what is kept what a run against AWS has recorded.

    :raises ValueError: if it is no record of such a run.
    """
    run = json.loads(record.read_text(encoding="utf-8"))
    if run.get("target") != "AWS":
        raise ValueError(f"{record} is no record of AWS: what answered was {run.get('target')}")
    verdicts = json.loads(kept.read_text(encoding="utf-8")) | verdicts_of(run)
    kept.write_text(json.dumps(dict(sorted(verdicts.items())), indent=1) + "\n", encoding="utf-8")


def verdicts_of(run: dict[str, Any]) -> dict[str, Verdict]:
    """By scenario, whether all its cases agree; none where some could not run."""
    by_scenario: dict[str, list[Case]] = {}
    for case in cases_of(run):
        by_scenario.setdefault(case.scenario, []).append(case)
    taken: dict[str, Verdict] = {}
    for scenario, cases in by_scenario.items():
        differing = [case.parameters for case in cases if case.verdict == "differs"]
        agrees = all(case.verdict == "agrees" for case in cases)
        if agrees or differing:
            taken[scenario] = Verdict(agrees=agrees, differing=differing, date=run["date"], region=run["region"])
    return taken
