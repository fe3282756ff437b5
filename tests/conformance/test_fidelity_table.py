from pathlib import Path

import pytest
from conformance import fidelity
from tables import rows


def test_the_fidelity_table_matches_the_scenarios(request: pytest.FixtureRequest, scenario_files: list[Path]):
    fidelity.load(scenario_files)

    table = fidelity.render()

    if request.config.getoption("--write-fidelity"):
        fidelity.TABLE.write_text(table, encoding="utf-8")
    assert fidelity.TABLE.read_text(encoding="utf-8") == table, "run: pytest tests/conformance --write-fidelity"


def _scenario() -> None:
    """A scenario that is no part of the table."""


@rows("confidence, decided_by", [("GUESS", None), ("GUESS", "a coin"), ("AWS-DOC", "plain calls")])
def test_only_a_guess_names_what_would_settle_it(confidence: fidelity.Confidence, decided_by: str | None):
    with pytest.raises(ValueError, match="names what would decide it"):
        fidelity.behaviour("CreateSecret", "anything", confidence, "a source", decided_by=decided_by)(_scenario)
