"""The HTML page that shows what happened: a single file that loads nothing from elsewhere."""

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

# Characters in the page's data that HTML or JavaScript would interpret.
_ESCAPED = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}

_NOTHING: tuple[Any, ...] = (None, "", [], {}, False)
_UNSHOWN = frozenset({"changes", "arns", "left", "line", "raised_at"})


def page(data: Mapping[str, Any]) -> str:
    """The page, as HTML.

    :param data: ``title``, ``at``, ``tests`` and ``summary``. Each test has ``id``, ``outcome``, ``message``,
        ``seconds`` and ``mocks``, which are whole histories.
    """
    template = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    return template.replace("__DATA__", page_data(data))


def page_data(data: Mapping[str, Any]) -> str:
    """The data of the page, as JSON that is safe inside HTML and JavaScript.

    :param data: as for :func:`page`.
    """
    lines = _Numbers()
    tests = [{**test, "mocks": [_slim(mock, lines) for mock in test["mocks"]]} for test in data["tests"]]
    slim = {**data, "tests": tests, "lines": [json.loads(line) for line in lines]}
    # json.dumps escapes all non-ASCII characters, among them direction marks and lone surrogates.
    return json.dumps(slim, separators=(",", ":")).translate(_ESCAPED)


class _Numbers(dict[str, int]):
    """Numbers for texts that occur in many places, in the order in which they first appear."""

    def __missing__(self, text: str) -> int:
        self[text] = len(self)
        return self[text]


def _slim(mock: Mapping[str, Any], lines: _Numbers) -> dict[str, Any]:
    """A history without what the page does not show or can work out, since a page may hold thousands of tests.

    Repeated texts are replaced by numbers: source lines by their place in ``lines``, secrets by their place in the
    history's own ``arns``.
    """
    names = {one["arn"]: one["name"] for one in [*mock["secrets"], *mock["before"]]}
    arns = _Numbers()
    as_usual = {"region": mock["region"], "account_id": mock["account_id"], "attempt": 1}

    def standing(one: Mapping[str, Any]) -> dict[str, Any]:
        names.setdefault(one["arn"], one["name"])
        shown = {name: one[name] for name in ("labels", "purged_at", "replicas") if one[name] not in _NOTHING}
        return {"of": arns[one["arn"]], **shown, **({} if one["is_there"] else {"gone": True})}

    def entry(one: Mapping[str, Any]) -> dict[str, Any]:
        slim = {
            name: value
            for name, value in one.items()
            if value not in _NOTHING and name not in _UNSHOWN and as_usual.get(name) != value
        }
        slim |= {name: lines[json.dumps(one[name])] for name in ("line", "raised_at") if one.get(name)}
        if one.get("left"):
            slim["left"] = [*map(standing, one["left"])]
        elif one.get("arns"):
            slim["arns"] = [arns[arn] for arn in one["arns"]]
        return slim

    slim = {
        **{name: value for name, value in mock.items() if name != "evidence"},
        "secrets": [
            {"of": arns[one["arn"]], "ids": {v["number"]: v["id"] for v in one["versions"]}} for one in mock["secrets"]
        ],
        "before": [*map(standing, mock["before"])],
        "entries": [*map(entry, mock["entries"])],
    }
    return {**slim, "arns": [[arn, names.get(arn, arn)] for arn in arns]}


def write_page(path: str | PathLike[str], data: Mapping[str, Any]) -> Path:
    """Write a page, in place of any file that is there.

    :raises OSError: if the file can't be written.
    """
    file = Path(path)
    file.write_text(page(data), encoding="utf-8")
    return file
