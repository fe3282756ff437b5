"""The table of a run: its rows, and how they are printed."""

import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib import metadata

from counting import Counting
from turns import Taken, confidence, min_of_medians


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.3f} ms"


def octets(count: float) -> str:
    return f"{count:,.0f} B"


def times(ratio: float) -> str:
    return f"{ratio:.2f} x"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table.

    :ivar ours: what the mock costs, in seconds or what else ``show`` shows.
    :ivar other: the name of the floor or the peer, empty where there is none. Its cost and the ratio are None when it is
        not installed.
    :ivar interval: where the median of the turns' ratios lies with 95 % confidence, or None.
    :ivar instructions: the ratio in instructions, or None where they are not counted.
    :ivar budget: the most that the ratio may be, or ``ours`` where ``is_absolute``; None where there is none.
    """

    what: str
    ours: float
    other: str = ""
    other_cost: float | None = None
    ratio: float | None = None
    budget: float | None = None
    is_absolute: bool = False
    show: Callable[[float], str] = milliseconds
    interval: tuple[float, float] | None = None
    instructions: float | None = None

    @property
    def verdict(self) -> str:
        held = self.ours if self.is_absolute else self.ratio
        if self.budget is None or held is None:
            return ""
        return "within" if held <= self.budget else "OVER"

    def cells(self) -> tuple[str, ...]:
        budget = "" if self.budget is None else f"<= {(self.show if self.is_absolute else times)(self.budget)}"
        return (
            self.what,
            self.show(self.ours),
            self._other(),
            "" if self.ratio is None else times(self.ratio),
            "" if self.interval is None else "{:.2f} to {:.2f}".format(*self.interval),
            "" if self.instructions is None else times(self.instructions),
            budget,
            self.verdict,
        )

    def _other(self) -> str:
        if not self.other:
            return ""
        return f"{self.other}: {'not installed' if self.other_cost is None else self.show(self.other_cost)}"


HEADINGS = ("what", "ours", "floor or peer", "ratio", "95 %", "instructions", "budget", "")


def against(what: str, taken: Taken, other: str, budget: float | None, counted: str = "") -> Row:
    """Our samples against another's.

    :param counted: the name under which the instructions of both are counted, if they are.
    """
    mine, theirs = taken["ours"], taken.get(other)
    if theirs is None:
        return Row(what=what, ours=min_of_medians(mine), other=other, budget=budget)
    return Row(
        what=what,
        ours=min_of_medians(mine),
        other=other,
        other_cost=min_of_medians(theirs),
        ratio=min_of_medians(mine) / min_of_medians(theirs),
        interval=confidence([a / b for a, b in zip(mine, theirs, strict=True)]),
        instructions=Counting.ratio(counted, other) if counted else None,
        budget=budget,
    )


def print_table(rows: Sequence[Row], *, as_markdown: bool) -> None:
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    if as_markdown:
        padded.insert(1, ["-" * width for width in widths])
    print(_circumstances(), end="\n\n")
    for line in padded:
        print(f"| {' | '.join(line)} |" if as_markdown else " | ".join(line).rstrip())


def _circumstances() -> str:
    """How, when and with what the table came about."""
    versions = [f"{name} {metadata.version(name)}" for name in ("boto3", "botocore", "moto") if _is_installed(name)]
    day = datetime.now(timezone.utc).date()
    command = " ".join(["python", "tests/benchmarks/bench_mock.py", *sys.argv[1:]])
    return f"`{command}` on {day}, Python {platform.python_version()}, {', '.join(versions)}"


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
