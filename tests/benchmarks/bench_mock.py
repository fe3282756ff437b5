"""What the mock costs, as ratios against a floor and against moto, measured side by side in one run.

    python tests/benchmarks/bench_mock.py [--quick] [--rounds N] [--secrets N] [--no-instructions] [--check]

The floor is the least that any mock below botocore can cost: a ``before-send`` handler that answers constant bytes.
Contestants take turns in one process. A ratio is the smallest of the medians of five stretches of the turns: the
neighbours on a busy machine only ever add. Beside it stands the interval in which the median of all turns lies with
95 % confidence. Times are CPU times. Where valgrind is installed the instructions of both are counted too, which no
neighbour disturbs; a budget is then held by these. With ``--check`` a missed budget is exit code 1.
"""

import argparse
import functools
import gc
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import botocore.session
from botocore import handlers
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.loaders import Loader
from turns import Sampler, confidence, min_of_medians, take_turns, timed

# Every import below enters a handler into each session made later, so a
# contestant would carry those of the others: it gets its own ones by name.
_PRISTINE = list(handlers.BUILTIN_HANDLERS)

from mock_secrets import mock_secrets  # noqa: E402

_OURS = [entry for entry in handlers.BUILTIN_HANDLERS if entry not in _PRISTINE]

mock_aws: Any = None
with suppress(ImportError):
    mock_aws = import_module("moto").mock_aws

_MOTOS = [entry for entry in handlers.BUILTIN_HANDLERS if entry not in _PRISTINE and entry not in _OURS]

REGION = "us-east-1"
CALLS = 50
"""How many calls a turn takes the mean of. An UpdateSecret is a new version, and a secret can't have many."""


@dataclass(frozen=True)
class Settings:
    rounds: int
    secrets: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table; times in seconds.

    :ivar other: the name of the floor or the peer. Its time and the ratio are None when it is not installed.
    :ivar interval: where the median of the turns' ratios lies with 95 % confidence, or None.
    :ivar instructions: the ratio in instructions, or None where they are not counted.
    :ivar budget: the most that the ratio may be, or our time where ``in_time``; None where there is none.
    """

    what: str
    ours: float
    other: str
    other_time: float | None
    ratio: float | None
    budget: float | None
    in_time: bool = False
    interval: tuple[float, float] | None = None
    instructions: float | None = None

    @property
    def verdict(self) -> str:
        held = self.ours if self.in_time else self.instructions or self.ratio
        if self.budget is None or held is None:
            return ""
        return "within" if held <= self.budget else "OVER"

    def cells(self) -> tuple[str, ...]:
        other = "not installed" if self.other_time is None else _milliseconds(self.other_time)
        ratio = "" if self.ratio is None else _times(self.ratio)
        show = _milliseconds if self.in_time else _times
        budget = "" if self.budget is None else f"<= {show(self.budget)}"
        interval = "" if self.interval is None else "{:.2f} to {:.2f}".format(*self.interval)
        counted = "" if self.instructions is None else _times(self.instructions)
        ours = _milliseconds(self.ours)
        return self.what, ours, f"{self.other}: {other}", ratio, interval, counted, budget, self.verdict


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
    print_table(rows)
    return int(arguments.check and any(row.verdict == "OVER" for row in rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rounds and few secrets: a rough answer")
    parser.add_argument("--rounds", type=int, help="how many turns each contestant has")
    parser.add_argument("--secrets", type=int, default=20_000, help="how many secrets a big backend holds")
    parser.add_argument("--no-instructions", action="store_true", help="count none, though valgrind is installed")
    parser.add_argument("--count", nargs=3, metavar=("WHO", "WHAT", "TIMES"), help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help="exit with 1 when a budget is missed")
    return parser.parse_args()


def print_table(rows: list[Row]) -> None:
    lines = [
        ("what", "ours", "floor or peer", "ratio", "95 %", "instructions", "budget", ""),
        *(row.cells() for row in rows),
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print(" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.3f} ms"


def _times(ratio: float) -> str:
    return f"{ratio:.2f} x"


# --- The contestants ---


@contextmanager
def handlers_of(entries: list[Any]) -> Iterator[None]:
    """Have sessions made meanwhile take botocore's own handlers and these."""
    before = list(handlers.BUILTIN_HANDLERS)
    handlers.BUILTIN_HANDLERS[:] = _PRISTINE + entries
    try:
        yield
    finally:
        handlers.BUILTIN_HANDLERS[:] = before


@contextmanager
def ours() -> Iterator[None]:
    with handlers_of(_OURS), mock_secrets(region=REGION):
        yield


@contextmanager
def motos() -> Iterator[None]:
    with handlers_of(_MOTOS), mock_aws():
        yield


_BODY = json.dumps(
    {
        "ARN": f"arn:aws:secretsmanager:{REGION}:123456789012:secret:db-AbCdEf",
        "Name": "db",
        "VersionId": "11111111-1111-4111-8111-111111111111",
        "SecretString": "s3cret",
        "VersionStages": ["AWSCURRENT"],
        "CreatedDate": 1735689600.0,
    }
).encode()
_HEADERS = {
    "x-amzn-RequestId": "22222222-2222-4222-8222-222222222222",
    "Content-Type": "application/x-amz-json-1.1",
    "Content-Length": str(len(_BODY)),
    "Date": "Wed, 01 Jan 2025 00:00:00 GMT",
}


class _Constant:
    """A body as a stream, as botocore reads it."""

    def stream(self, **_: object) -> list[bytes]:
        return [_BODY]


def _answer_constant_bytes(request: AWSPreparedRequest, **_: object) -> AWSResponse:
    return AWSResponse(request.url, 200, _HEADERS, _Constant())


@functools.cache
def floor_session() -> boto3.Session:
    """A session whose Secrets Manager is the floor, warm after its first client."""
    with handlers_of([("before-send.secrets-manager", _answer_constant_bytes)]):
        return boto3.Session("key", "secret", region_name=REGION)


Enter = Callable[[], AbstractContextManager[None]]
MakeClient = Callable[[], Any]


def contestants() -> dict[str, tuple[Enter, MakeClient]]:
    """How each one is entered, and how it then makes a client."""
    always: dict[str, tuple[Enter, MakeClient]] = {
        "ours": (ours, _default_client),
        "floor": (nullcontext, _floor_client),
    }
    return always | ({"moto": (motos, _default_client)} if mock_aws else {})


def _default_client() -> Any:
    return boto3.client("secretsmanager", region_name=REGION)


def _floor_client() -> Any:
    return floor_session().client("secretsmanager")


# --- Taking turns ---


def against(what: str, taken: Mapping[str, list[float]], other: str, budget: float | None, counted: str = "") -> Row:
    """Our samples against another's.

    :param counted: the name under which the instructions of both are counted, if they are.
    """
    mine, theirs = taken["ours"], taken.get(other)
    ratios = [a / b for a, b in zip(mine, theirs, strict=True)] if theirs else []
    return Row(
        what=what,
        ours=min_of_medians(mine),
        other=other,
        other_time=min_of_medians(theirs) if theirs else None,
        ratio=min_of_medians(mine) / min_of_medians(theirs) if theirs else None,
        interval=confidence(ratios) if ratios else None,
        instructions=Counting.ratio(counted, other) if counted and theirs else None,
        budget=budget,
    )


# --- Counting instructions ---


class Counting:
    """Instructions of one action: those of a process that does it often, less those of one that does it once."""

    wanted = False

    @classmethod
    def ratio(cls, what: str, other: str) -> float | None:
        return cls.of("ours", what) / cls.of(other, what) if cls.wanted else None

    @classmethod
    @functools.cache
    def of(cls, who: str, what: str) -> float:
        times = COUNTED[what][1]
        with ThreadPoolExecutor() as both:
            often, once = both.map(functools.partial(cls.total, who, what), (times + 1, 1))
        return (often - once) / times

    @staticmethod
    def total(who: str, what: str, times: int) -> int:
        counter = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={os.devnull}"]
        command = [*counter, sys.executable, __file__, "--count", who, what, str(times)]
        ended = subprocess.run(  # noqa: S603 - our own command
            command, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": "0"}
        )
        found = re.search(r"I *refs: *([0-9,]+)", ended.stderr)
        assert found is not None, ended.stderr
        return int(found[1].replace(",", ""))


def _run_to_be_counted(who: str, what: str, times: str) -> None:
    # When the collector runs depends on what ran before.
    gc.disable()
    COUNTED[what][0](who, int(times))


def _count_calls(act: Callable[[Any], object], who: str, times: int) -> None:
    enter, make_client = contestants()[who]
    with enter():
        client = make_client()
        client.create_secret(Name="db", SecretString="s3cret")
        for _ in range(times + 1):
            act(client)


def _count_tests(who: str, times: int) -> None:
    for _ in range(times + 1):
        _small_test(*contestants()[who])


def _count_sessions(who: str, times: int) -> None:
    with ours() if who == "ours" else handlers_of([]):
        for _ in range(times + 1):
            boto3.Session().client("secretsmanager") if who == "ours" else _client_of_a_new_session()


# --- What is measured ---


def one_call(settings: Settings) -> Iterator[Row]:
    for operation, act in (("GetSecretValue", _get), ("UpdateSecret", _update)):
        samplers = {name: functools.partial(_calls, *entry, act) for name, entry in contestants().items()}
        taken = take_turns(samplers, settings.rounds)
        yield against(f"one call, {operation}", taken, "floor", 1.0, act.__name__)
        yield against(f"one call, {operation}", taken, "moto", None)


def _calls(enter: Enter, make_client: MakeClient, act: Callable[[Any], object]) -> float:
    with enter():
        client = make_client()
        client.create_secret(Name="db", SecretString="s3cret")
        act(client)
        return timed(functools.partial(act, client), CALLS)


def _get(client: Any) -> object:
    return client.get_secret_value(SecretId="db")


def _update(client: Any) -> object:
    return client.update_secret(SecretId="db", SecretString="n3w")


def recording(settings: Settings) -> Iterator[Row]:
    """What it costs to note down the line of a call, and what the call changed."""
    for operation, act in (("GetSecretValue", _get), ("UpdateSecret", _update)):
        noting = functools.partial(_calls, ours, _default_client, act)
        taken = take_turns({"ours": noting, "unnoted": functools.partial(_unnoted, noting)}, settings.rounds)
        yield against(f"one call, {operation}, and its place in a report", taken, "unnoted", 1.03)


def _unnoted(sample: Sampler) -> float:
    with (
        patch("mock_secrets.service.log.calling_line", lambda: None),
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
    yield replace(row, in_time=True)


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
    samplers = {"ours": _new_session_in_the_mock, "shared loader": _new_session_with_a_shared_loader}
    taken = take_turns(samplers, settings.rounds)
    yield against("boto3.Session().client(...) in the mock", taken, "shared loader", 0.8, "session")


def _new_session_in_the_mock() -> float:
    with ours():
        return timed(lambda: boto3.Session().client("secretsmanager"))


def _new_session_with_a_shared_loader() -> float:
    with handlers_of([]):
        return timed(_client_of_a_new_session)


def _client_of_a_new_session() -> Any:
    session = botocore.session.Session()
    session.register_component("data_loader", _shared_loader())
    return boto3.Session("key", "secret", region_name=REGION, botocore_session=session).client("secretsmanager")


@functools.cache
def _loader_cache() -> dict[Any, Any]:
    return {}


def _shared_loader() -> Loader:
    # boto3 appends to a loader's search path, so what is shared is what it has read.
    loader = Loader()
    loader._cache = _loader_cache()
    return loader


def many_secrets(settings: Settings) -> Iterator[Row]:
    few = 1_000
    with handlers_of(_OURS), mock_secrets(region=REGION) as backend:
        clients = {}
        for number, held in enumerate((few, settings.secrets), start=1):
            account_id = f"{number:012}"
            for index in range(held):
                backend.create(f"app/{index:06}", "s3cret", account_id=account_id)
            clients[held] = backend.session(account_id).client("secretsmanager")
        # The collector is run before each sample, and would look at all of them.
        gc.freeze()
        for what, act, budget in AMONG_MANY:
            samplers = {
                "ours": functools.partial(timed, functools.partial(act, clients[settings.secrets]), 3),
                f"{few:,} secrets": functools.partial(timed, functools.partial(act, clients[few]), 3),
            }
            taken = take_turns(samplers, max(settings.rounds, 20))
            yield against(f"{what} among {settings.secrets:,} secrets", taken, f"{few:,} secrets", budget)
    gc.unfreeze()


_BY_NAME = [{"Key": "name", "Values": ["app/"]}]
_ONE = "app/000007"
AMONG_MANY: list[tuple[str, Callable[[Any], object], float]] = [
    ("GetSecretValue", lambda client: client.get_secret_value(SecretId=_ONE), 1.2),
    ("DescribeSecret", lambda client: client.describe_secret(SecretId=_ONE), 1.2),
    ("UpdateSecret", lambda client: client.update_secret(SecretId=_ONE, Description="d"), 1.2),
    ("a ListSecrets page", lambda client: client.list_secrets(MaxResults=100), 1.5),
    ("a page by name", lambda client: client.list_secrets(MaxResults=100, Filters=_BY_NAME), 1.5),
    ("a batch by name", lambda client: client.batch_get_secret_value(Filters=_BY_NAME), 1.5),
]


def pytest_start(settings: Settings) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_nothing.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        samplers = {
            "ours": functools.partial(_run_pytest, folder),
            "without": functools.partial(_run_pytest, folder, "-p", "no:mock_secrets"),
        }
        taken = take_turns(samplers, settings.rounds)
    more = statistics.median(a - b for a, b in zip(taken["ours"], taken["without"], strict=True))
    row = against("what the unused plugin adds to pytest's start", taken, "without", 10e-3)
    yield replace(row, ours=more, in_time=True)


def _run_pytest(folder: str, *options: str) -> float:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    begin = _cpu_time_of_children()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603 - our own command
    return _cpu_time_of_children() - begin


def _cpu_time_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def many_calls(_: Settings) -> Iterator[Row]:
    with handlers_of(_OURS), mock_secrets(region=REGION, secrets={"db": "s3cret"}) as backend:
        client = backend.client()
        for _ in range(1_000):
            _get(client)
        backend.calls.extend(list(backend.calls) * 99)
        took = timed(lambda: backend.calls.of("GetSecretValue", SecretId="db"), 5)
    row = Row(what="calls.of among 100,000", ours=took, other="", other_time=None, ratio=None, budget=50e-3)
    yield replace(row, in_time=True)


MEASUREMENTS = (one_call, recording, enter_and_leave, one_test, new_session, many_secrets, many_calls, pytest_start)

COUNTED: dict[str, tuple[Callable[[str, int], None], int]] = {
    "_get": (functools.partial(_count_calls, _get), 20),
    "_update": (functools.partial(_count_calls, _update), 20),
    "test": (_count_tests, 4),
    "session": (_count_sessions, 4),
}
"""What is counted by its name, and how often it is done."""

if __name__ == "__main__":
    sys.exit(main())
