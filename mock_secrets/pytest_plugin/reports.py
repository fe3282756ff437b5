"""Keeps secret values out of pytest's reports of tests and of collection. ``scrub`` says what is removed."""

import dataclasses
import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import pytest

from mock_secrets.kernel import redaction
from mock_secrets.pytest_plugin.options import PAGE_ATTRIBUTE, seeds_of

if TYPE_CHECKING:
    from mock_secrets.kernel.forms import Piece
    from mock_secrets.pytest_plugin.scrub import Needles, Scrubber

Rewrite = Callable[[str], str]

_NOTICE = "mock_secrets hides secret values; show them with show_values=True or --mock-secrets-show-values"
_PLACEHOLDERS = (redaction.REDACTED, redaction.VALUE, redaction.OTHER)
# What pytest writes before each line of an error.
_ERROR = "E   "

# Attributes that are not searched: a report's names and times (a test that puts a value in a name does so itself), and
# the page data, which never contain values and would take longer to search than the test took.
_ITS_OWN = frozenset(
    {
        "_id",
        "nodeid",
        "location",
        "keywords",
        "outcome",
        "when",
        "duration",
        "start",
        "stop",
        "call",
        "result",
        PAGE_ATTRIBUTE,
    }
)


def pytest_configure() -> None:
    redaction.begin_scope()


def pytest_unconfigure() -> None:
    redaction.end_scope()


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol() -> Iterator[None]:
    """Forget the values of one test before the next."""
    redaction.begin_scope()
    yield
    redaction.end_scope()
    _needles.cache_clear()


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Scrub the report before any other plugin sees it."""
    outcome: Any = yield  # pluggy sends it into an old-style wrapper
    if outcome.excinfo is None and _told(outcome.get_result()):
        redaction.note(seeds_of(item))
        _scrub(outcome.get_result())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Scrub what other plugins have added, and the reports of subtests, which other plugins create."""
    _scrub(report)


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    outcome: Any = yield
    report: Any = None if outcome.excinfo else outcome.get_result()
    call = getattr(report, "call", None)
    if call is not None and call.excinfo is not None:
        prepare(call.excinfo.value)
        told: Any = collector.repr_failure(call.excinfo) if report.failed else None
        if hasattr(told, "toterminal"):
            # Rendered again without the hidden frames. A plain text has no frames.
            report.longrepr = told
        _scrub(report)


@pytest.hookimpl(tryfirst=True)
def pytest_collectreport(report: pytest.CollectReport) -> None:
    _scrub(report)


@pytest.hookimpl(tryfirst=True)
def pytest_warning_recorded(warning_message: Any) -> None:
    text = str(warning_message.message)
    scrubber = _scrubber([text])
    if scrubber is not None and scrubber.scrub(text) != text:
        warning_message.message = scrubber.scrub(text)


@pytest.hookimpl(tryfirst=True)
def pytest_internalerror(excrepr: Any) -> None:
    scrubber = _scrubber(_texts(excrepr))
    if scrubber is not None:
        _rewritten(excrepr, scrubber.scrub)


def pytest_assertrepr_compare(config: pytest.Config, op: str, left: object, right: object) -> list[str] | None:
    """Explain a failed comparison without the differences between secret values, also inside documents."""
    if redaction.are_shown():
        return None
    if isinstance(left, redaction.Redacted) or isinstance(right, redaction.Redacted):
        return [f"{redaction.VALUE} {op} {redaction.OTHER}"]
    from mock_secrets.pytest_plugin.comparisons import told

    sides = told(left, right)
    if sides is None:
        return None
    explained = config.hook.pytest_assertrepr_compare(config=config, op=op, left=sides[0], right=sides[1])
    return next((lines for lines in explained if lines), None)


def prepare(error: BaseException) -> None:
    """Prepare an error for its report, using what only the error itself knows."""
    from mock_secrets.kernel.frames import client_calls, hide_frames

    for call in client_calls(error):
        from mock_secrets.protocol.offers import offered_in

        redaction.note(list(offered_in(call)))
    hide_frames(error)


def _scrub(report: Any) -> None:
    """Remove the values in use from every part of a report."""
    told = _told(report)
    texts = _texts(list(told.values()))
    scrubber = _scrubber(texts, report.nodeid) if told else None
    if scrubber is not None:
        from mock_secrets.pytest_plugin.scrub import source_lines

        source = source_lines(str(report.longrepr))
        for name, value in told.items():
            rewrite = partial(scrubber.scrub, source=source) if name == "longrepr" else scrubber.scrub
            setattr(report, name, _rewritten(value, rewrite))
    if scrubber is not None or any(place in text for text in texts for place in _PLACEHOLDERS):
        _give_notice(report)


def _give_notice(report: Any) -> None:
    """Say below an error, once in a report, that values are hidden in it."""
    told = report.longrepr
    if not report.failed or next(redaction.values_in_use(), None) is None or _NOTICE in str(told):
        return
    if isinstance(told, str):
        report.longrepr = "\n".join(_with_notice(told.split("\n")))
    elif hasattr(told, "chain"):
        # The last error is the one that pytest shows last. Others are its causes.
        entries = [entry for traceback, *_ in told.chain for entry in traceback.reprentries]
        hiding = [entry for entry in entries if len(_with_notice(entry.lines)) > len(entry.lines)]
        for entry in hiding[-1:]:
            entry.lines = _with_notice(entry.lines)
    elif isinstance(getattr(told, "longrepr", None), str):
        # An error of collection.
        told.longrepr = "\n".join(_with_notice(told.longrepr.split("\n")))


def _with_notice(lines: list[str]) -> list[str]:
    """The lines of an error with the notice below them, if they hide a value."""
    start = next((at for at, line in enumerate(lines) if line.startswith(_ERROR)), None)
    told = lines[start:]
    if not any(place in line for line in told for place in _PLACEHOLDERS):
        return lines
    # Indented below the error, as pytest's own explanations are. Lines of a native traceback end in newlines.
    margin = "" if start is None else told[0][: len(told[0]) - len(told[0][1:].lstrip())] + "  "
    return [*lines, f"{margin}{_NOTICE}" + "\n" * told[-1].endswith("\n")]


def _told(report: Any) -> dict[str, Any]:
    """The parts of a report with text in them; most tests have none."""
    return {name: value for name, value in vars(report).items() if value and name not in _ITS_OWN}


def _scrubber(texts: list[str], nodeid: str = "") -> "Scrubber | None":
    """A scrubber for the values in use; None if no text can contain one."""
    values = tuple(redaction.values_in_use())
    if not values:
        return None
    from mock_secrets.pytest_plugin.scrub import Scrubber

    names = {*redaction.names_in_use(), nodeid, *re.split(r"::|/|\[", nodeid)}
    needles = _needles(values, frozenset(names))
    return None if needles.clean.issuperset(texts) else Scrubber(needles, texts)


@lru_cache(maxsize=1)
def _needles(values: "tuple[Piece, ...]", names: frozenset[str]) -> "Needles":
    # Cached because the report of a test is searched several times.
    from mock_secrets.pytest_plugin.scrub import Needles

    return Needles(values, names)


# --- The texts of a report, wherever they are ---


def _texts(told: Any) -> list[str]:
    texts: list[str] = []

    def collect(text: str) -> str:
        texts.append(text)
        return text

    _rewritten(told, collect)
    return texts


def _rewritten(told: Any, rewrite: Rewrite) -> Any:
    if isinstance(told, str):
        return rewrite(told)
    if isinstance(told, bytes | int):
        # For example a property of the test, which is reported as text.
        text = str(told)
        return told if rewrite(text) == text else rewrite(text)
    if isinstance(told, list):
        return [_rewritten(one, rewrite) for one in told]
    if isinstance(told, tuple):
        return tuple(_rewritten(one, rewrite) for one in told)
    if isinstance(told, dict):
        return {name: _rewritten(one, rewrite) for name, one in told.items()}
    if hasattr(told, "toterminal") or _is_record(told):
        for name in _fields(told):
            was = getattr(told, name)
            now = _rewritten_field(told, name, rewrite)
            if now != was:
                # Some are frozen dataclasses.
                object.__setattr__(told, name, now)
    return told


def _rewritten_field(told: Any, name: str, rewrite: Rewrite) -> Any:
    value = getattr(told, name)
    if name == "path":
        return value
    if name == "lines":
        # Joined, since a diff is recognized by the lines around it. The lines of a native traceback end in newlines.
        end = "" if getattr(told, "style", None) == "native" else "\n"
        text = rewrite(end.join(value))
        return text.split(end) if end else [text]
    return _rewritten(value, rewrite)


def _is_record(told: Any) -> bool:
    """Whether it is a dataclass or attrs instance, such as the context of a subtest in pytest or pytest-subtests."""
    return not isinstance(told, type) and (dataclasses.is_dataclass(told) or hasattr(told, "__attrs_attrs__"))


def _fields(told: Any) -> list[str]:
    return list(vars(told)) if hasattr(told, "__dict__") else [field.name for field in dataclasses.fields(told)]
