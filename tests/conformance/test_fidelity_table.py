import importlib.util
from pathlib import Path

import pytest
from conformance import fidelity


def test_the_fidelity_table_lists_what_the_scenarios_say(request: pytest.FixtureRequest, scenario_files: list[Path]):
    for file in scenario_files:
        if file != Path(__file__):
            spec = importlib.util.spec_from_file_location(file.stem, file)
            spec.loader.exec_module(importlib.util.module_from_spec(spec))

    table = fidelity.render()

    if request.config.getoption("--write-fidelity"):
        fidelity.TABLE.write_text(table, encoding="utf-8")
    assert fidelity.TABLE.read_text(encoding="utf-8") == table, "run: pytest tests/conformance --write-fidelity"
