"""The section "AWS Secrets Manager" in the report of a failing test, and the hints added as notes to its error.

The section is plain text, 80 columns wide, for every reader of ``report.sections``. The report also holds the
underlying plain data. xdist's workers send those along, and the process that owns the terminal draws the section again
at the terminal's width.
"""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from mock_secrets.kernel import phase

TITLE = "AWS Secrets Manager"

#: The ini option that turns the section off.
OPTION = "mock_secrets_report_section"

#: The report attribute that holds the data, a list with one item for each mock.
ATTRIBUTE = "mock_secrets"

_VERY_VERBOSE = 2


def add_ini_option(parser: pytest.Parser) -> None:
    parser.addini(
        OPTION, f"mock_secrets: add a section {TITLE!r} to the report of a failing test", type="bool", default=True
    )


def pytest_configure(config: pytest.Config) -> None:
    config.add_cleanup(phase.begin_session())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    _begin_phase()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call() -> None:
    _begin_phase()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    _begin_phase()


def _begin_phase() -> None:
    activation = _loaded()
    phase.begin_phase(None if activation is None else activation.running())


def add_hints(error: BaseException, config: pytest.Config) -> None:
    """Add the hints for refused calls as notes to their errors, and remember what a TestCase compared."""
    present = phase.present()
    if present is not None and _loaded() is not None and config.getini(OPTION):
        from mock_secrets.report import notes

        notes.add_hints(error, _active())
        compared = notes.sides_of_unittest(error)
        if compared is not None:
            present.compared += notes.sides(*compared, _active())


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[object]") -> Iterator[None]:
    """Add the section as the innermost wrapper, so that whatever other plugins do to the report includes it."""
    outcome: Any = yield  # pluggy sends it into an old-style wrapper
    if outcome.excinfo is None and outcome.get_result().failed and item.config.getini(OPTION):
        data = _happened(None if call.excinfo is None else call.excinfo.value)
        if data:
            _add_section(outcome.get_result(), data, item)


def pytest_assertrepr_compare(op: str, left: object, right: object) -> None:
    """Remember which version of a secret a side is the value of. Other implementations of this hook explain it."""
    if op == "==" and _loaded() is not None:
        from mock_secrets.report.notes import sides

        present = phase.present()
        if present is not None:
            present.compared += sides(left, right, _active())


def _add_section(report: Any, data: list[dict[str, Any]], item: pytest.Item) -> None:
    text = _drawn(data, item.config)
    setattr(report, ATTRIBUTE, data)
    report.sections.append((TITLE, text))
    # JUnit files take these from the report of the tear-down.
    item.user_properties.append((TITLE, text))
    if item.config.pluginmanager.hasplugin("html"):
        extra = {"name": TITLE, "format_type": "text", "content": text, "mime_type": "text/plain", "extension": "txt"}
        report.extras = [*getattr(report, "extras", []), extra]


def _active() -> list[Any]:
    present = phase.present()
    return [] if present is None else list(present.mocks)


def _loaded() -> Any:
    """The module of the mock, or None: no mock can be active if it was never imported."""
    return sys.modules.get("mock_secrets.activation")


def _happened(error: BaseException | None) -> list[dict[str, Any]]:
    present = phase.present()
    if _loaded() is None or present is None:
        return []
    data = [_of_mock(mock, present, error) for mock in present.mocks]
    if data:
        data[-1] = {**data[-1], "compared": present.compared}
    return data


def _of_mock(mock: Any, active: phase.Phase, error: BaseException | None) -> dict[str, Any]:
    """The history of a mock. That of a savepoint already undone, if the test or its error ended it."""
    from mock_secrets.report.history import KEPT, history
    from mock_secrets.report.notes import chain

    if mock in active.taken_back:
        ended_by, data = active.taken_back[mock]
        if ended_by is None or any(one is ended_by for one in chain(error)):
            taken_back: dict[str, Any] = data
            return taken_back
    return history(mock.service, last=KEPT)


def _drawn(data: list[dict[str, Any]], config: pytest.Config, **terminal: Any) -> str:
    from mock_secrets.report.text import ROWS, draw

    rows = None if config.getoption("verbose") >= _VERY_VERBOSE else ROWS
    return "\n\n".join(draw(one, rows=rows, more="all with -vv", **terminal) for one in data)


# --- On the terminal ---


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> Iterator[None]:
    """Draw the sections again for this terminal while the summary is printed."""
    before = _redrawn(terminalreporter, config)
    try:
        yield
    finally:
        for report, sections in before:
            report.sections = sections


def _redrawn(terminalreporter: Any, config: pytest.Config) -> list[tuple[Any, list[tuple[str, str]]]]:
    reports = [
        report
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, ATTRIBUTE, None) and getattr(report, "sections", None)
    ]
    before = [(report, report.sections) for report in reports]
    writer = config.get_terminal_writer()
    for report, sections in before:
        text = _drawn(getattr(report, ATTRIBUTE), config, width=max(60, writer.fullwidth), paint=_paint(writer))
        report.sections = [(title, text if title == TITLE else content) for title, content in sections]
    return before


def _paint(writer: Any) -> Any:
    return lambda text, colour: writer.markup(text, **{colour: True}) if colour else text
