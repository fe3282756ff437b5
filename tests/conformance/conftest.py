from pathlib import Path

import pytest


@pytest.fixture
def scenario_files() -> list[Path]:
    return sorted(Path(__file__).parent.rglob("test_*.py"))


@pytest.fixture
def without_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients made in the test try each call once."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
