"""What the mock costs, as ratios against a floor and against moto, measured side by side in one run.

    python tests/benchmarks/bench_mock.py [--quick] [--rounds N] [--secrets N] [--no-instructions] [--markdown] [--check]

The floor is a ``before-send`` handler that answers with constant bytes, under an unchanged botocore.
Contestants take turns in one process. A ratio is the smallest of the medians of five stretches of the turns: the
neighbours on a busy machine only ever add. Beside it stands the interval in which the median of all turns lies with
95 % confidence. Where valgrind is installed the instructions of both are counted too, which no neighbour disturbs. With
``--check`` a missed budget is exit code 1.
"""

import argparse
import functools
import gc
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
from contestants import (
    REGION,
    Enter,
    MakeClient,
    client_of_a_new_session,
    contestants,
    default_client,
    handlers_of,
    mock_aws,
    motos,
    ours,
)
from counting import TIMES, Counting
from growth import given_secrets, many_calls, many_secrets, memory, threads
from serving import served
from table import Row, against, print_table
from turns import Sampler, Settings, cpu_time_of_children, median_call, take_turns, timed

CALLS = 50
"""How many calls a turn takes the median of. An UpdateSecret is a new version, and a secret can't have many."""


def main() -> int:
    arguments = _arguments()
    if arguments.count:
        _run_to_be_counted(*arguments.count)
        return 0
    Counting.wanted = not (arguments.quick or arguments.no_instructions) and shutil.which("valgrind") is not None
    quick = Settings(rounds=arguments.rounds or 5, secrets=min(arguments.secrets, 2_000))
    full = Settings(rounds=arguments.rounds or 25, secrets=arguments.secrets)
    rows = []
    for measure in MEASUREMENTS:
        for row in measure(quick if arguments.quick else full):
            rows.append(row)
            # So that whoever waits sees that it goes on.
            print(row.what, file=sys.stderr)
    print_table(rows, as_markdown=arguments.markdown)
    return int(arguments.check and any(row.verdict == "OVER" for row in rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rounds and few secrets: a rough answer")
    parser.add_argument("--rounds", type=int, help="how many turns each contestant has")
    parser.add_argument("--secrets", type=int, default=100_000, help="how many secrets a big backend holds")
    parser.add_argument("--no-instructions", action="store_true", help="count none, though valgrind is installed")
    parser.add_argument("--markdown", action="store_true", help="print the table as a page of the docs has it")
    parser.add_argument("--count", nargs=2, metavar=("WHO", "WHAT"), help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help="exit with 1 when a budget is missed")
    return parser.parse_args()


def _run_to_be_counted(who: str, what: str) -> None:
    # When the collector runs depends on what ran before.
    gc.disable()
    _do(who, {"get": 2, "update": 2, "test": 2, "session": 2})
    _do(who, {what: TIMES.get(what, 0)})


def _do(who: str, times: dict[str, int]) -> None:
    if who != "shared loader":
        _calls_and_tests(who, times)
    for _ in range(times.get("session", 0)):
        if who == "ours":
            with ours():
                _new_session()
        elif who == "shared loader":
            with handlers_of([]):
                client_of_a_new_session()


def _calls_and_tests(who: str, times: dict[str, int]) -> None:
    enter, make_client = contestants()[who]
    with enter():
        client = make_client()
        client.create_secret(Name="db", SecretString="s3cret")
        for _ in range(times.get("get", 0)):
            _get(client)
        for _ in range(times.get("update", 0)):
            _update(client)
    for _ in range(times.get("test", 0)):
        _small_test(enter, make_client)


# --- What is measured ---


def one_call(settings: Settings) -> Iterator[Row]:
    for operation, act in (("GetSecretValue", _get), ("UpdateSecret", _update)):
        samplers = {name: functools.partial(_calls, *entry, act) for name, entry in contestants().items()}
        taken = take_turns(samplers, settings.rounds)
        yield against(f"one call, {operation}", taken, "floor", 1.0, act.__name__.strip("_"))
        yield against(f"one call, {operation}", taken, "moto", None)


def _calls(enter: Enter, make_client: MakeClient, act: Callable[[Any], object]) -> float:
    with enter():
        client = make_client()
        client.create_secret(Name="db", SecretString="s3cret")
        act(client)
        return median_call(functools.partial(act, client), CALLS)


def _get(client: Any) -> object:
    return client.get_secret_value(SecretId="db")


def _update(client: Any) -> object:
    return client.update_secret(SecretId="db", SecretString="n3w")


def recording(settings: Settings) -> Iterator[Row]:
    """What it costs to note down the line of a call, and what the call changed."""
    for operation, act in (("GetSecretValue", _get), ("UpdateSecret", _update)):
        noting = functools.partial(_calls, ours, default_client, act)
        taken = take_turns({"ours": noting, "unnoted": functools.partial(_unnoted, noting)}, settings.rounds)
        yield against(f"one call, {operation}, and its place in a report", taken, "unnoted", 1.03)


def _unnoted(sample: Sampler) -> float:
    with (
        patch("mock_secrets.service.log.line_of_call", lambda: None),
        patch("mock_secrets.service.path.standing", lambda *_: None),
        patch("mock_secrets.operations.context.State.note", lambda *_: None),
    ):
        return sample()


def enter_and_leave(settings: Settings) -> Iterator[Row]:
    samplers = {
        name: functools.partial(timed, functools.partial(_pass_through, enter), 20)
        for name, (enter, _) in contestants().items()
        if name != "floor"
    }
    row = against("enter and leave the mock", take_turns(samplers, settings.rounds), "moto", 0.3e-3)
    yield replace(row, is_absolute=True)


def _pass_through(enter: Enter) -> None:
    with enter():
        pass


def one_test(settings: Settings) -> Iterator[Row]:
    samplers = {
        name: functools.partial(timed, functools.partial(_small_test, *entry), 3)
        for name, entry in contestants().items()
    }
    taken = take_turns(samplers, settings.rounds)
    what = "one test: enter, client, create, update, get, leave"
    yield against(what, taken, "floor", 0.75, "test")
    yield against(what, taken, "moto", 1 / 15)


def _small_test(enter: Enter, make_client: MakeClient) -> None:
    with enter():
        client = make_client()
        client.create_secret(Name="db", SecretString="s3cret")
        _update(client)
        _get(client)


def new_session(settings: Settings) -> Iterator[Row]:
    samplers = {"ours": _in(ours, _new_session), "shared loader": _in(lambda: handlers_of([]), client_of_a_new_session)}
    if mock_aws:
        samplers["moto"] = _in(motos, _new_session)
    taken = take_turns(samplers, settings.rounds)
    yield against("boto3.Session().client(...) in the mock", taken, "shared loader", 0.8, "session")
    yield against("boto3.Session().client(...) in the mock", taken, "moto", None)


def _in(enter: Enter, make: Callable[[], object]) -> Sampler:
    def sample() -> float:
        with enter():
            return timed(make)

    return sample


def _new_session() -> Any:
    return boto3.Session(region_name=REGION).client("secretsmanager")


def pytest_start(settings: Settings) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_nothing.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        samplers = {
            "ours": functools.partial(_run_pytest, folder),
            "without": functools.partial(_run_pytest, folder, "-p", "no:mock_secrets"),
        }
        # The longest of all: a second each time.
        taken = take_turns(samplers, min(settings.rounds, 20))
    more = statistics.median(a - b for a, b in zip(taken["ours"], taken["without"], strict=True))
    row = against("what the unused plugin adds to pytest's start", taken, "without", 10e-3)
    yield replace(row, ours=more, is_absolute=True)


def _run_pytest(folder: str, *options: str) -> float:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    begin = cpu_time_of_children()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603 - our own command
    return cpu_time_of_children() - begin


MEASUREMENTS = (
    *(one_call, recording, enter_and_leave, one_test, new_session, served),
    *(many_secrets, given_secrets, many_calls, threads, memory, pytest_start),
)

if __name__ == "__main__":
    sys.exit(main())
