"""Draws docs/house.svg, the rooms of the package with the steps of a call in them: `python docs/site/house.py`.

The floors are those of tests/test_layers.py, the steps those of docs/how-it-works.md.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "house.svg"

_WIDTH, _FLOOR, _MARGIN, _GAP = 860, 58, 20, 12
_STYLE = """
    text { font: 15px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #22313a; text-anchor: middle }
    .step { font: bold 13px sans-serif; fill: #ffffff }
    .room { fill: #e8eef2; stroke: #90a4ae }
    .met { fill: #fbe9e7; stroke: #d84315 }
    .circle { fill: #d84315 }
"""


def picture() -> str:
    floors, steps = _floors(), _steps()
    height = 2 * _MARGIN + len(floors) * _FLOOR
    title = "The rooms of the package in their floors, with the steps of a call"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{title}">',
        f"  <style>{_STYLE}  </style>",
        f'  <rect width="{_WIDTH}" height="{height}" rx="8" fill="#ffffff"/>',
    ]
    for number, rooms in enumerate(floors):
        width = (_WIDTH - 2 * _MARGIN - (len(rooms) - 1) * _GAP) / len(rooms)
        for place, room in enumerate(rooms):
            left = _MARGIN + place * (width + _GAP)
            parts += _room(room, steps.get(room, []), left, _MARGIN + number * _FLOOR, width)
    return "\n".join([*parts, "</svg>", ""])


def _room(name: str, steps: list[int], left: float, top: float, width: float) -> list[str]:
    kind = "room met" if steps else "room"
    middle = top + (_FLOOR - _GAP) / 2
    parts = [
        f'  <rect class="{kind}" x="{left:g}" y="{top:g}" width="{width:g}" height="{_FLOOR - _GAP}" rx="5"/>',
        f'  <text x="{left + width / 2:g}" y="{middle + 5:g}">{name}</text>',
    ]
    for place, step in enumerate(steps):
        x = left + 18 + place * 26
        parts.append(f'  <circle class="circle" cx="{x:g}" cy="{middle:g}" r="11"/>')
        parts.append(f'  <text class="step" x="{x:g}" y="{middle + 5:g}">{step}</text>')
    return parts


def _floors() -> list[list[str]]:
    written = ast.parse((ROOT / "tests" / "test_layers.py").read_text(encoding="utf-8"))
    for line in written.body:
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "FLOORS":
            return list(ast.literal_eval(line.value))
    raise LookupError("tests/test_layers.py has no FLOORS")


def _steps() -> dict[str, list[int]]:
    """The steps of a call by the room in which they happen."""
    page = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    steps: dict[str, list[int]] = {}
    for number, room in re.findall(r"^(\d+)\. `(\w+)`: ", page, re.MULTILINE):
        steps.setdefault(room, []).append(int(number))
    return steps


if __name__ == "__main__":
    FILE.write_text(picture(), encoding="utf-8")
