"""One page of HTML that shows what happened: everything in one file, which asks nobody for anything."""

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

# What HTML or JavaScript would take for its own inside of the page's data.
_ESCAPED = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}

_NOTHING: tuple[Any, ...] = (None, "", [], {}, False)
_UNSHOWN = frozenset({"changes"})


def page(data: Mapping[str, Any]) -> str:
    """The page.

    :param data: ``title``, ``at``, ``tests`` and ``summary``; each test with ``id``, ``outcome``, ``message``,
        ``seconds`` and ``mocks``, whole histories.
    """
    template = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    slim = {**data, "tests": [{**test, "mocks": [*map(_slim, test["mocks"])]} for test in data["tests"]]}
    # Every character that is not ASCII as an escape: marks of direction, halves of pairs.
    written = json.dumps(slim, separators=(",", ":")).translate(_ESCAPED)
    return template.replace("__DATA__", written)


def _slim(mock: Mapping[str, Any]) -> dict[str, Any]:
    """A history without what the page does not show, or knows by itself: thousands of tests make one file."""
    place = {"region": mock["region"], "account_id": mock["account_id"]}
    names = [
        {"name": one["name"], "arn": one["arn"], "ids": {v["number"]: v["id"] for v in one["versions"]}}
        for one in mock["secrets"]
    ]
    entries = [
        {
            name: value
            for name, value in entry.items()
            if value not in _NOTHING
            and name not in _UNSHOWN
            and not (name == "arns" and entry.get("left"))
            and place.get(name) != value
        }
        for entry in mock["entries"]
    ]
    return {**{name: value for name, value in mock.items() if name != "evidence"}, "secrets": names, "entries": entries}


def write_page(path: str | PathLike[str], data: Mapping[str, Any]) -> Path:
    """:raises OSError: if the file can't be written."""
    file = Path(path)
    file.write_text(page(data), encoding="utf-8")
    return file
