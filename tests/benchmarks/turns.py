"""Taking turns, and what the samples say on a busy machine."""

import gc
import random
import resource
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Sampler = Callable[[], float]
Action = Callable[[], object]
Taken = Mapping[str, list[float]]


@dataclass(frozen=True)
class Settings:
    """How thoroughly to measure.

    :ivar rounds: how many turns each contestant has.
    :ivar secrets: how many secrets a big backend holds.
    """

    rounds: int
    secrets: int


def take_turns(samplers: Mapping[str, Sampler], rounds: int) -> dict[str, list[float]]:
    """The samples of each contestant, turn by turn, after one that is thrown away."""
    for sample in samplers.values():
        sample()
    taken: dict[str, list[float]] = {name: [] for name in samplers}
    for turn in range(rounds):
        order = list(samplers) if turn % 2 else list(samplers)[::-1]
        for name in order:
            taken[name].append(samplers[name]())
    return taken


def timed(action: Action, times: int = 1) -> float:
    """The mean CPU time of an action. The collector stays on, as in a test suite; the garbage of others is gone."""
    gc.collect()
    begin = time.process_time()
    for _ in range(times):
        action()
    return (time.process_time() - begin) / times


def median_call(action: Action, times: int) -> float:
    """The time of an action that half of its turns keep within: what a neighbour takes falls on few of them."""
    gc.collect()
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        action()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def min_of_medians(samples: list[float], stretches: int = 5) -> float:
    """The median of the quietest stretch of the turns."""
    length = max(1, len(samples) // stretches)
    return min(statistics.median(samples[at : at + length]) for at in range(0, len(samples) - length + 1, length))


def confidence(samples: list[float]) -> tuple[float, float]:
    """Where the median lies with 95 % confidence, by drawing from the samples again and again."""
    drawn = random.Random(0)  # noqa: S311 - a sample, and the same on each run
    medians = sorted(statistics.median(drawn.choices(samples, k=len(samples))) for _ in range(1_000))
    return medians[25], medians[-26]


def cpu_time_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
