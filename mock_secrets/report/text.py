"""Draws a history as text for a terminal."""

import textwrap
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from mock_secrets.kernel.printable import counted
from mock_secrets.report.history import Data

WIDTH = 80

#: The maximum number of rows in a report, unless all are requested.
ROWS = 30
_SECRETS = 10
_VERSIONS = 6
_VALUE = 200
# A span is written in one unit, such as minutes, up to this many of them.
_COUNTABLE = 1000

_INDENT = " " * 15
# Most operation names are not longer than this.
_COLUMN = 14
# The report shows a gap between two calls from this length on. It is time that passed on the process clock, or that a
# time freezer moved.
_PAUSE = timedelta(minutes=1)
_MINUTE = _PAUSE.total_seconds()

Paint = Callable[[str, str], str]


def plain(text: str, _: str) -> str:
    """No colour."""
    return text


class Row(NamedTuple):
    """One thing that happened.

    :ivar about: what happened.
    :ivar change: its effect, shown beside it or below.
    :ivar where: the line of code that did it.
    :ivar below: further lines, each with its colour.
    """

    time: str
    about: str
    change: str = ""
    where: str = ""
    below: tuple[tuple[str, str], ...] = ()


def draw(data: Data, *, width: int = WIDTH, rows: int | None = ROWS, more: str = "", paint: Paint = plain) -> str:
    """Draw what happened and the state of the secrets.

    :param rows: how many of the latest rows to show; None for all.
    :param more: a text that says where to find the rest.
    """
    times = _Times(data["began"])
    lines = [*_head(data, times, width, paint), ""]
    drawn = list(_rows(data, times))
    shown = drawn if rows is None else drawn[len(drawn) - min(rows, len(drawn)) :]
    earlier = data["earlier"] + len(drawn) - len(shown)
    if earlier:
        lines.append(f" … {earlier} earlier{more and ': '}{more}")
    for row in shown:
        lines += _row(row, width, paint)
    if data["secrets"]:
        lines += ["", *_secrets(data, times, width, whole_ids=rows is None)]
    for note in dict.fromkeys(data.get("compared", ())):
        lines += [paint(f" {line}", "yellow") for line in textwrap.wrap(f"→ {note}", width - 1, break_on_hyphens=False)]
    return "\n".join(line.rstrip() for line in lines)


def draw_timeline(data: Data, *, width: int = WIDTH) -> str:
    """Draw what happened to one secret, and its state."""
    times = _Times(data["began"])
    lines = [line for row in _rows(data, times) for line in _row(row, width, plain)]
    return "\n".join(line.rstrip() for line in [*lines, "", *_secrets(data, times, width, whole_ids=True)])


class _Times:
    """Formats instants. The day is shown only if it is not the day of the beginning."""

    def __init__(self, began: str) -> None:
        self.began = datetime.fromisoformat(began)

    def __call__(self, iso: str) -> str:
        at = datetime.fromisoformat(iso)
        if at.date() == self.began.date():
            return f"{at:%H:%M:%S}.{at.microsecond // 1000:03}".removesuffix(".000")
        if at.year == self.began.year:
            return f"{at.day:2} {at:%b %H:%M}"
        return f"{at:%Y-%m-%d}"


# --- The head ---


def _head(data: Data, times: _Times, width: int, paint: Paint) -> list[str]:
    at, now = times.began, datetime.fromisoformat(data["now"])
    when = f"{at:%Y-%m-%d %H:%M:%S}Z"
    if data["moved"]:
        to = f"{now:%Y-%m-%d}" if now.time() == at.time() else f"{now:%Y-%m-%d %H:%M:%S}Z"
        when += f", moved by {_span(timedelta(seconds=data['moved']))} to {to}"
    calls = counted(data["calls"], "call")
    refused = f", {data['refused']} refused" if data["refused"] else ""
    text = f"{data['account_id']} {data['region']} · {when} · {calls}{refused}"
    return [paint(line, "bold") for line in textwrap.wrap(text, width, break_on_hyphens=False)]


def _span(span: timedelta) -> str:
    seconds = span.total_seconds()
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count = int(seconds // size)
        if count and seconds % size == 0 and count <= _COUNTABLE:
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds:.3f} seconds" if seconds < _MINUTE else str(span)


# --- What happened ---


def _rows(data: Data, times: _Times) -> Iterator[Row]:
    before: Data | None = None
    for _, group in groupby(_without_retries(data["entries"]), key=_sameness):
        entries = list(group)
        yield from _pause(before, entries[0])
        yield _DRAWN[entries[0]["kind"]](data, times, entries)
        before = entries[-1]


def _without_retries(entries: list[Data]) -> list[Data]:
    """The entries, with runs of a rotation that keep failing in the same way collapsed into a count and an end."""
    kept: list[Data] = []
    place = 0
    while place < len(entries):
        end = _end_of_run(entries, place)
        run = entries[end]
        if end > place and kept and _failed_alike(kept[-1], run):
            kept[-1] = {**kept[-1], "again": kept[-1].get("again", 0) + 1, "until": run["at"]}
        else:
            kept += entries[place : end + 1] if end > place + 1 else [run]
        place = end + 1
    return kept


def _end_of_run(entries: list[Data], place: int) -> int:
    """The index at which the run that starts at a place ends, or the place itself if no run starts there."""
    run = entries[place]
    if run["kind"] != "rotated" or run["has_ended"]:
        return place
    for end in range(place + 1, len(entries)):
        entry = entries[end]
        if entry["kind"] == "rotated" and entry["arns"] == run["arns"]:
            return end if entry["has_ended"] else place
        if entry["kind"] != "call" or entry["changes"]:
            return place
    return place


def _failed_alike(before: Data, run: Data) -> bool:
    names = ("kind", "arns", "version", "is_test", "outcome", "step", "error", "raised_at")
    return run["outcome"] == "failed" and all(before.get(name) == run[name] for name in names)


def _sameness(entry: Data) -> Any:
    """The key by which entries are grouped into one row: calls of one line that are alike and change nothing."""
    if entry["kind"] != "call" or entry["changes"] or entry["line"] is None:
        return id(entry)
    line = entry["line"]
    return (
        *(entry[name] for name in ("operation", "error", "message", "hint", "fault", "attempt")),
        *(entry[name] for name in ("region", "account_id", "caller", "is_direct")),
        *(line["file"], line["number"]),
    )


def _pause(before: Data | None, entry: Data) -> Iterator[Row]:
    if before is not None and before["kind"] == entry["kind"] == "call":
        passed = datetime.fromisoformat(entry["at"]) - datetime.fromisoformat(before["at"])
        if passed >= _PAUSE:
            yield Row("", f"── {_span(timedelta(seconds=round(passed.total_seconds())))} later")


def _call(data: Data, times: _Times, entries: list[Data]) -> Row:
    call = entries[0]
    secrets = list(dict.fromkeys(one["secret"] for one in entries))
    asked = {one["asked"] for one in entries}
    words = [
        secrets[0] if len(secrets) == 1 else f"{len(secrets)} secrets",
        call["asked"] if len(asked) == 1 else "",
        f"in {call['region']}" if call["region"] != data["region"] else "",
        f"in account {call['account_id']}" if call["account_id"] != data["account_id"] else "",
        f"by {call['caller']}" if call["caller"] else "",
        "by HTTP" if call["line"] is None and not call["is_direct"] else "",
        ("direct" if call["line"] else "seed") if call["is_direct"] else "",
        f"attempt {call['attempt']}" if call["attempt"] > 1 else "",
        f"… {len(entries)} times until {times(entries[-1]['at']).strip()}" if len(entries) > 1 else "",
    ]
    about = f"{call['operation']:<{_COLUMN}}  {' '.join(word for word in words if word)}"
    below: tuple[tuple[str, str], ...] = ()
    if call["error"] is not None:
        below = ((f"✗ {call['error']}: {call['message']}", "red"),)
    if call["fault"] not in (None, call["error"]):
        below = (*below, (f"✗ {call['fault']}", "red"))
    below = (*below, *_hint(call["hint"]))
    return Row(times(call["at"]), about, _changed(call, times), _place(call["line"]), below)


def _hint(hint: str | None) -> tuple[tuple[str, str], ...]:
    return () if hint is None else ((f"→ {hint}", "yellow"),)


_CAUSES = {"": "clock moved by", "pause": "the client paused for", "latency": "the answer took"}


def _move(_: Data, times: _Times, entries: list[Data]) -> Row:
    move = entries[0]
    span = datetime.fromisoformat(move["to"]) - datetime.fromisoformat(move["at"])
    about = f"── {_CAUSES[move['cause']]} {_span(span)} to {times(move['to']).strip()}"
    return Row("", about, where="" if move["cause"] else _place(move["line"]))


def _rotated(_: Data, times: _Times, entries: list[Data]) -> Row:
    run = entries[0]
    attempt = f", attempt {run['attempt']}" if run["attempt"] > 1 else ""
    about = f"{_rotation(run)} of {run['secret']} to v{run['version']}{attempt} "
    if not run["has_ended"]:
        return Row(times(run["at"]), f"{about}begins")
    below = ((_failure(run), "red"),) if run["error"] is not None else ()
    if "again" in run:
        count = "once more" if run["again"] == 1 else f"{run['again']} more times"
        below = (*below, (f"… and {count}, until {times(run['until']).strip()}", "red"))
    return Row(times(run["at"]), f"{about}{run['outcome']}", _changed(run, times), below=below)


def _rotation(run: Data) -> str:
    return "test of the rotation" if run["is_test"] else "rotation"


def _failure(run: Data) -> str:
    step = f"in {run['step']}: " if run["step"] and run["raised_at"] else ""
    where = f" ({_place(run['raised_at'])})" if run["raised_at"] else ""
    return f"✗ {step}{run['error']}{where}"


def _expired(_: Data, times: _Times, entries: list[Data]) -> Row:
    expired = entries[0]
    numbers = ", ".join(f"v{number}" for number in expired["removed"])
    what = f"outdated {numbers} removed" if expired["is_there"] else "gone: its recovery window has ended"
    return Row(times(expired["at"]), f"{expired['secret']} {what}")


_DRAWN: dict[str, Callable[[Data, _Times, list[Data]], Row]] = {
    "call": _call,
    "move": _move,
    "rotated": _rotated,
    "expired": _expired,
}


def _changed(entry: Data, times: _Times) -> str:
    """The labels that moved, with their new versions, and the labels that no version has any more."""
    come: dict[int, list[str]] = {}
    for change in entry["changes"]:
        if change["to"] is not None:
            come.setdefault(change["to"], []).append(change["label"])
    words = [f"v{number} {'+'.join(labels)}" for number, labels in come.items()]
    words += [f"no {change['label']} on v{change['from']}" for change in entry["changes"] if change["to"] is None]
    if entry.get("purged_at"):
        words.append(f"gone at {times(entry['purged_at']).strip()}")
    return f"→ {', '.join(words)}" if words else ""


def _place(line: Data | None) -> str:
    return "" if line is None else f"{line['file']}:{line['number']}"


def _row(row: Row, width: int, paint: Paint) -> Iterator[str]:
    beside = f"{row.about}  {row.change}" if row.change else row.about
    room = width - len(_INDENT) - (len(row.where) + 2 if row.where else 0)
    below = list(row.below)
    if len(beside) > room:
        beside = row.about
        below = [(row.change, ""), *below] if row.change else below
    if len(beside) <= room:
        yield f" {row.time:<12}  {beside}".ljust(width - len(row.where)) + row.where
    else:
        first, *rest = _wrapped(beside, width)
        yield f" {row.time:<12}  {first}"
        yield from (f"{_INDENT}{line}" for line in rest)
        yield row.where.rjust(width)
    for text, colour in below:
        yield from (f"{_INDENT}{paint(line, colour)}" for line in _wrapped(text, width))


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width - len(_INDENT), subsequent_indent="  ", break_on_hyphens=False)


# --- The state of the secrets ---


def _secrets(data: Data, times: _Times, width: int, *, whole_ids: bool) -> Iterator[str]:
    secrets = data["secrets"]
    shown = secrets if whole_ids else secrets[-_SECRETS:]
    if len(shown) < len(secrets):
        yield f" … {len(secrets) - len(shown)} other secrets"
    for secret in shown:
        for line in _secret(data, secret, times, whole_ids=whole_ids):
            yield from textwrap.wrap(line, width, initial_indent=" ", subsequent_indent=" " * 8, break_on_hyphens=False)


def _secret(data: Data, secret: Data, times: _Times, *, whole_ids: bool) -> Iterator[str]:
    where = "" if secret["region"] == data["region"] else f" in {secret['region']}"
    where += "" if secret["account_id"] == data["account_id"] else f" in account {secret['account_id']}"
    yield f"{secret['name']}{where}{_ending(secret, times)}"
    versions = secret["versions"]
    shown = versions if whole_ids else versions[-_VERSIONS:]
    if len(shown) < len(versions):
        yield f"   … {len(versions) - len(shown)} earlier versions"
    for version in shown:
        yield f"   v{version['number']} {_id(version['id'], whole=whole_ids)}  {_spans(version, times)}{_value(version, whole=whole_ids)}"
    for replica in secret["replicas"]:
        due = f" until {times(replica['due']).strip()}" if replica["due"] else ""
        message = f": {replica['message']}" if replica["status"] == "Failed" else ""
        yield f"   replica in {replica['region']} {replica['status']}{due}{message}"
    for (version, failure), group in groupby(secret["failed_rotations"], lambda run: (run["version"], _failure(run))):
        runs = list(group)
        count = f" {len(runs)} times until" if len(runs) > 1 else ""
        kind = _rotation(runs[0])
        yield f"   {kind} to v{version} failed{count} {times(runs[-1]['at']).strip()} {failure.removeprefix('✗ ')}"


def _ending(secret: Data, times: _Times) -> str:
    if not secret["is_there"]:
        return f" — gone since {times(secret['purged_at']).strip()}" if secret["purged_at"] else " — gone"
    if secret["purged_at"]:
        return f" — scheduled for deletion, its recovery window ends {times(secret['purged_at']).strip()}"
    return ""


def _id(version_id: str, *, whole: bool) -> str:
    return version_id if whole else f"{version_id[:8]}…"


def _spans(version: Data, times: _Times) -> str:
    """The labels that a version has or had, with the start or the end of each."""
    parts = [
        f"{label} {'since ' + times(since).strip() if until is None else 'until ' + times(until).strip()}"
        for label, since, until in version["spans"]
    ]
    known = {label for label, _, until in version["spans"] if until is None}
    parts += [label for label in version["labels"] if label not in known]
    if not version["is_there"]:
        parts.append("gone")
    elif not version["labels"]:
        parts.append("no label: deprecated")
    return " ─ ".join(parts)


def _value(version: Data, *, whole: bool) -> str:
    """The value, if the history includes it, as it does under ``show_values``."""
    value = version.get("value")
    if value is None:
        return ""
    return f": {value if whole or len(value) <= _VALUE else value[:_VALUE] + '…'}"
