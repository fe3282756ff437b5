"""Instructions, which no neighbour on a busy machine disturbs: counted by valgrind, where it is installed."""

import functools
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_BENCHMARKS = Path(__file__).with_name("bench_mock.py")

TIMES = {"get": 80, "update": 80, "test": 4, "session": 4}
"""How often each action is done while it is counted."""


class Counting:
    """Instructions of one action: those of a process that does it some times more than another.

    valgrind's processor has none of the instructions that a real one has for hashes, so a computed signature weighs
    some hundredths more here than in time.
    """

    wanted = False

    @classmethod
    def ratio(cls, what: str, other: str) -> float | None:
        return cls.of("ours", what) / cls.of(other, what) if cls.wanted else None

    @classmethod
    @functools.cache
    def of(cls, who: str, what: str) -> float:
        return (cls.totals(who)[what] - cls.totals(who)["nothing"]) / TIMES[what]

    @classmethod
    @functools.cache
    def totals(cls, who: str) -> dict[str, int]:
        done = ["nothing", "session"] if who == "shared loader" else ["nothing", "get", "update", "test"]
        if who == "ours":
            done.append("session")
        with ThreadPoolExecutor(max_workers=2) as both:
            return dict(zip(done, both.map(functools.partial(cls._total, who), done), strict=True))

    @staticmethod
    def _total(who: str, what: str) -> int:
        counter = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={os.devnull}"]
        command = [*counter, sys.executable, str(_BENCHMARKS), "--count", who, what]
        ended = subprocess.run(  # noqa: S603 - our own command
            command, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": "0"}
        )
        found = re.search(r"I *refs: *([0-9,]+)", ended.stderr)
        assert found is not None, ended.stderr
        return int(found[1].replace(",", ""))
