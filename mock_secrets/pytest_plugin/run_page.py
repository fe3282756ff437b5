"""``--mock-secrets-report=FILE``: one HTML page that shows what happened in each test of a run.

The process that runs a test, which may be a worker of xdist, adds the history to the test's reports. The process that
owns the terminal collects it and writes the file. This module is loaded only with the option.
"""

import json
import os
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from mock_secrets.kernel import phase
from mock_secrets.pytest_plugin.options import PAGE_ATTRIBUTE, REPORT

# The length of each mock's history when it was last reported.
_TOLD = pytest.StashKey[dict[Any, int]]()

# The most recent events of one mock in one test.
_EVENTS = 1000
# The last characters of the text of a failure.
_MESSAGE = 6000


def file_of(config: pytest.Config) -> Path:
    """The file of the option.

    :raises pytest.UsageError: if it can't be written.
    """
    file = Path(config.invocation_params.dir, config.getoption(REPORT))
    can_be_written = os.access(file if file.exists() else file.parent, os.W_OK)
    if file.is_dir() or not file.parent.is_dir() or not can_be_written:
        raise pytest.UsageError(f"{REPORT}: the file {file} can't be written")
    return file


class Recorder:
    """Adds the histories of a test's mocks to its reports."""

    def __init__(self) -> None:
        # The length of each shared mock's history when the current test started.
        self._began: WeakKeyDictionary[Any, int] = WeakKeyDictionary()

    def pytest_configure(self) -> None:
        phase.record(self._told)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        for mock in self._began:
            self._began[mock] = len(mock.service.state.history)

    def pytest_unconfigure(self) -> None:
        phase.record(None)

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        """Add the data as the innermost wrapper, so that whatever other plugins do to the report includes it."""
        outcome: Any = yield  # pluggy sends it into an old-style wrapper
        present = phase.present()
        if outcome.excinfo is None and present is not None:
            report = outcome.get_result()
            # The report of the call includes what happened in a successful set-up.
            happened = list(self._happened(present, item)) if report.when != "setup" or report.failed else []
            if happened:
                # As one string: xdist takes far longer to send many small objects.
                setattr(report, PAGE_ATTRIBUTE, json.dumps(happened))
            if report.when == "teardown" and _TOLD in item.stash:
                # Items live as long as the run; mocks should not.
                del item.stash[_TOLD]

    def _told(self, mock: Any) -> Any:
        """The history of a mock since the start of the test."""
        from mock_secrets.direct.pages import whole_history

        began = self._began.setdefault(mock, 0)
        return whole_history(mock.service, last=min(_EVENTS, max(0, len(mock.service.state.history) - began)))

    def _happened(self, present: phase.Phase, item: pytest.Item) -> Iterator[list[Any]]:
        told = item.stash.setdefault(_TOLD, {})
        if present.undone:
            from mock_secrets.direct.pages import hide_values
        for mock, happened in present.undone:
            yield [_key(mock), {**hide_values(mock.service, happened), "undone": True}]
        for mock in present.mocks:
            so_far = len(mock.service.state.history)
            if told.get(mock) != so_far:
                told[mock] = so_far
                yield [_key(mock), self._told(mock)]


def _key(mock: Any) -> str:
    return f"{os.getpid()}-{id(mock)}"


class Collector:
    """Collects the data from the reports and writes the page."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._began = datetime.now(timezone.utc)
        self._tests: dict[str, _Test] = {}
        self._outcome = ""

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        # Removed, because pytest keeps the report for the whole run.
        happened = json.loads(vars(report).pop(PAGE_ATTRIBUTE, "[]"))
        if isinstance(report, pytest.TestReport):
            self._tests.setdefault(report.nodeid, _Test(report.nodeid)).add(report, happened)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        from mock_secrets.direct.pages import write_run

        tests = [test.told() for test in self._tests.values() if test.has_mocks]
        try:
            write_run(self._file, f"{self._began:%Y-%m-%d %H:%M:%S}Z", tests)
        except OSError as error:
            # The run's result still counts.
            self._outcome = f"the page could not be written: {error}"
        else:
            self._outcome = str(self._file)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._outcome:
            terminalreporter.write_sep("-", f"AWS Secrets Manager: {self._outcome}")


class _Test:
    """One test on the page."""

    def __init__(self, nodeid: str) -> None:
        self._id = nodeid
        self._outcome = "passed"
        self._seconds = 0.0
        self._messages: list[str] = []
        self._happened: dict[str, list[Any]] = {}

    @property
    def has_mocks(self) -> bool:
        return bool(self._happened)

    def add(self, report: pytest.TestReport, happened: list[list[Any]]) -> None:
        self._seconds += report.duration
        if report.failed:
            self._outcome = "failed" if report.when == "call" or self._outcome == "failed" else "error"
            self._messages.append(_message(report))
        elif self._outcome == "passed" and hasattr(report, "wasxfail"):
            self._outcome = "xfailed" if report.skipped else "xpassed"
        elif self._outcome == "passed" and report.skipped:
            self._outcome = "skipped"
        for mock, data in happened:
            self._happened.setdefault(mock, []).append(data)

    def told(self) -> dict[str, Any]:
        return {
            "id": self._id,
            "outcome": self._outcome,
            "seconds": round(self._seconds, 3),
            "message": "\n\n".join(self._messages)[-_MESSAGE:],
            "mocks": [one for told in self._happened.values() for one in _longest(told)],
        }


def _message(report: pytest.TestReport) -> str:
    """What failed and where, without source lines, which may contain values."""
    from mock_secrets.report.history import shown_path

    crash = getattr(report.longrepr, "reprcrash", None)
    return report.longreprtext if crash is None else f"{crash.message}\n{shown_path(str(crash.path))}:{crash.lineno}"


def _longest(told: list[Any]) -> list[Any]:
    """The histories of one mock that are not the beginning of a longer one."""
    kept: list[Any] = []
    for one in sorted(told, key=_weight, reverse=True):
        place = next((place for place, other in enumerate(kept) if _is_beginning_of(other, one)), None)
        if place is None:
            kept.append(one)
        elif not one.get("undone"):
            # It was undone only after the test, which saw all of it.
            kept[place] = {**kept[place], "undone": False}
    return sorted(kept, key=lambda data: bool(data.get("undone")))


def _weight(data: Any) -> tuple[int, str]:
    return data["earlier"] + len(data["entries"]), data["now"]


def _is_beginning_of(whole: Any, part: Any) -> bool:
    if whole["earlier"] != part["earlier"]:
        return bool(whole["earlier"] > part["earlier"])
    return bool(whole["entries"][: len(part["entries"])] == part["entries"])


def register(config: pytest.Config) -> None:
    """Register what collects the mocks of a run and writes their page.

    :raises pytest.UsageError: if the file can't be written.
    """
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collector(file_of(config)), "mock_secrets_page_collector")
    config.pluginmanager.register(Recorder(), "mock_secrets_page_recorder")
