from pathlib import Path

import pytest


@pytest.fixture
def scenario_files() -> list[Path]:
    return sorted(Path(__file__).parent.glob("test_*.py"))
