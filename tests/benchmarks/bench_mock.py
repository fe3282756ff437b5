"""What the mock costs, as ratios against a floor and against moto, measured side by side in one run.

    python tests/benchmarks/bench_mock.py [--quick] [--rounds N] [--secrets N] [--check]

The floor is the least that any mock below botocore can cost: a ``before-send`` handler that answers constant bytes.
Enters take turns, each ratio is taken within a turn, and the table shows medians over the turns. Times are CPU
times, which the neighbours on a busy machine disturb least. With ``--check`` a missed budget is exit code 1.
"""

import argparse
import functools
import gc
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
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

Sampler = Callable[[], float]
Action = Callable[[], object]


@dataclass(frozen=True)
class Settings:
    rounds: int
    secrets: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table; times in seconds.

    :ivar other: the name of the floor or the peer. Its time and the ratio are None when it is not installed.
    :ivar budget: the most that the ratio may be, or our time where ``in_time``; None where there is none.
    """

    what: str
    ours: float
    other: str
    other_time: float | None
    ratio: float | None
    budget: float | None
    in_time: bool = False

    @property
    def verdict(self) -> str:
        held = self.ours if self.in_time else self.ratio
        if self.budget is None or held is None:
            return ""
        return "within" if held <= self.budget else "OVER"

    def cells(self) -> tuple[str, ...]:
        other = "not installed" if self.other_time is None else _milliseconds(self.other_time)
        ratio = "" if self.ratio is None else _times(self.ratio)
        show = _milliseconds if self.in_time else _times
        budget = "" if self.budget is None else f"<= {show(self.budget)}"
        return self.what, _milliseconds(self.ours), f"{self.other}: {other}", ratio, budget, self.verdict


def main() -> int:
    arguments = _arguments()
    quick = Settings(rounds=arguments.rounds or 5, secrets=min(arguments.secrets, 1_000))
    full = Settings(rounds=arguments.rounds or 25, secrets=arguments.secrets)
    rows = [row for measure in MEASUREMENTS for row in measure(quick if arguments.quick else full)]
    print_table(rows)
    return int(arguments.check and any(row.verdict == "OVER" for row in rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rounds and few secrets: a rough answer")
    parser.add_argument("--rounds", type=int, help="how many turns each contestant has")
    parser.add_argument("--secrets", type=int, default=10_000, help="how many secrets a big backend holds")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a budget is missed")
    return parser.parse_args()


def print_table(rows: list[Row]) -> None:
    lines = [("what", "ours", "floor or peer", "ratio", "budget", ""), *(row.cells() for row in rows)]
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


def against(what: str, taken: Mapping[str, list[float]], other: str, budget: float | None) -> Row:
    """Our samples against another's as the median of the turns' ratios."""
    mine, theirs = taken["ours"], taken.get(other)
    return Row(
        what=what,
        ours=statistics.median(mine),
        other=other,
        other_time=statistics.median(theirs) if theirs else None,
        ratio=statistics.median(a / b for a, b in zip(mine, theirs, strict=True)) if theirs else None,
        budget=budget,
    )


# --- What is measured ---


def one_call(settings: Settings) -> Iterator[Row]:
    for operation, act in (("GetSecretValue", _get), ("UpdateSecret", _update)):
        samplers = {name: functools.partial(_calls, *entry, act) for name, entry in contestants().items()}
        taken = take_turns(samplers, settings.rounds)
        yield against(f"one call, {operation}", taken, "floor", 1.25)
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
    yield against(what, taken, "floor", 1.5)
    yield against(what, taken, "moto", 0.1)


def _small_test(enter: Enter, make_client: MakeClient) -> None:
    with enter():
        client = make_client()
        client.create_secret(Name="db", SecretString="s3cret")
        _update(client)
        _get(client)


def new_session(settings: Settings) -> Iterator[Row]:
    samplers = {"ours": _new_session_in_the_mock, "shared loader": _new_session_with_a_shared_loader}
    taken = take_turns(samplers, settings.rounds)
    yield against("boto3.Session().client(...) in the mock", taken, "shared loader", 1.2)


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
    samplers = {
        "ours": functools.partial(_get_among, settings.secrets),
        "1 secret": functools.partial(_get_among, 1),
    }
    taken = take_turns(samplers, min(settings.rounds, 10))
    yield against(f"GetSecretValue with {settings.secrets:,} secrets", taken, "1 secret", 1.2)


def _get_among(number: int) -> float:
    with handlers_of(_OURS), mock_secrets(region=REGION) as backend:
        for index in range(number - 1):
            backend.create(f"other{index}", "s3cret")
        backend.create("db", "s3cret")
        client = backend.client()
        _get(client)
        return timed(functools.partial(_get, client), CALLS)


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


MEASUREMENTS = (one_call, recording, enter_and_leave, one_test, new_session, many_secrets, pytest_start)

if __name__ == "__main__":
    sys.exit(main())
