"""What the mock costs as the work grows: many secrets, many calls, many threads."""

import functools
import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from contestants import OURS, REGION, contestants, default_client, handlers_of
from table import Row, against, octets
from turns import Settings, take_turns, timed

from mock_secrets import Limits, mock_secrets

_FEW = 1_000
_BY_NAME = [{"Key": "name", "Values": ["app/"]}]
_ONE = "app/000007"
_THREADS = 32


def many_secrets(settings: Settings) -> Iterator[Row]:
    with handlers_of(OURS), mock_secrets(region=REGION) as backend:
        clients = {}
        for number, held in enumerate((_FEW, settings.secrets), start=1):
            account_id = f"{number:012}"
            for index in range(held):
                backend.create(f"app/{index:06}", "s3cret", account_id=account_id)
            clients[held] = backend.session(account_id).client("secretsmanager")
        # The collector is run before each sample, and would look at all of them.
        gc.freeze()
        few = f"{_FEW:,} secrets"
        for what, act, budget in _AMONG_MANY:
            samplers = {
                "ours": functools.partial(timed, functools.partial(act, clients[settings.secrets]), 3),
                few: functools.partial(timed, functools.partial(act, clients[_FEW]), 3),
            }
            taken = take_turns(samplers, max(settings.rounds, 20))
            yield against(f"{what} among {settings.secrets:,} secrets", taken, few, budget)
        client = clients[settings.secrets]
        samplers = {"ours": lambda: timed(lambda: _update_and_take_back(backend, client), 3), few: _savepoint_among_few}
        taken = take_turns(samplers, settings.rounds)
        yield against(f"an update at a savepoint among {settings.secrets:,} secrets", taken, few, 1.2)
    gc.unfreeze()


def _savepoint_among_few() -> float:
    with mock_secrets(region=REGION, secrets=_secrets(_FEW)) as backend:
        client = backend.client()
        _update_and_take_back(backend, client)
        return timed(lambda: _update_and_take_back(backend, client), 3)


def _delete(client: Any) -> None:
    client.delete_secret(SecretId=_ONE)
    client.restore_secret(SecretId=_ONE)


_AMONG_MANY: list[tuple[str, Callable[[Any], object], float]] = [
    ("GetSecretValue", lambda client: client.get_secret_value(SecretId=_ONE), 1.2),
    ("DescribeSecret", lambda client: client.describe_secret(SecretId=_ONE), 1.2),
    ("UpdateSecret", lambda client: client.update_secret(SecretId=_ONE, Description="d"), 1.2),
    ("DeleteSecret, RestoreSecret", _delete, 1.2),
    ("a ListSecrets page", lambda client: client.list_secrets(MaxResults=100), 1.5),
    ("a page by name", lambda client: client.list_secrets(MaxResults=100, Filters=_BY_NAME), 1.5),
    ("a batch by name", lambda client: client.batch_get_secret_value(Filters=_BY_NAME), 1.5),
]


def _update_and_take_back(backend: Any, client: Any) -> None:
    with backend.savepoint():
        client.update_secret(SecretId=_ONE, SecretString="n3w")


def given_secrets(settings: Settings) -> Iterator[Row]:
    """Few turns: each takes its time. Work that grows with the number alone is 10 times as much."""
    tenth = settings.secrets // 10
    samplers = {
        f"{tenth:,}": functools.partial(_begin_with, tenth),
        "ours": functools.partial(_begin_with, settings.secrets),
    }
    with handlers_of(OURS):
        taken = take_turns(samplers, 2)
    yield against(f"to begin with {settings.secrets:,} secrets", taken, f"{tenth:,}", 10.0)


def _begin_with(held: int) -> float:
    given = _secrets(held)
    return timed(lambda: _begin(given))


def _begin(given: dict[str, str]) -> None:
    with mock_secrets(region=REGION, secrets=given) as backend:
        assert _ONE in backend


def _secrets(count: int) -> dict[str, str]:
    return {f"app/{index:06}": "s3cret" for index in range(count)}


def many_calls(_: Settings) -> Iterator[Row]:
    with handlers_of(OURS), mock_secrets(region=REGION, secrets={"db": "s3cret"}) as backend:
        client = backend.client()
        for _ in range(1_000):
            client.get_secret_value(SecretId="db")
        backend.calls.extend(list(backend.calls) * 99)
        took = min(timed(lambda: backend.calls.of("GetSecretValue", SecretId="db")) for _ in range(20))
    yield Row(what="calls.of among 100,000 calls", ours=took, budget=50e-3, is_absolute=True)


def threads(settings: Settings) -> Iterator[Row]:
    """What threads cost. The floor has no lock: what it loses is the price of threads in Python."""
    entries = contestants()
    with ThreadPoolExecutor(_THREADS) as pool:
        for who, budget in (("ours", 1 / 0.9), ("floor", None)):
            enter, make_client = entries[who]
            with enter():
                client = _with_a_secret(make_client())
                samplers = {
                    "ours": functools.partial(_by_threads, pool, client),
                    "one thread": functools.partial(_by_one, client),
                }
                taken = take_turns(samplers, settings.rounds)
            of_the_floor = "" if who == "ours" else ", the floor for comparison"
            yield against(f"GetSecretValue in {_THREADS} threads at once{of_the_floor}", taken, "one thread", budget)


_CALLS_OF_A_THREAD = 10


def _with_a_secret(client: Any) -> Any:
    client.create_secret(Name="db", SecretString="s3cret")
    return client


def _read_often(client: Any, times: int) -> None:
    for _ in range(times):
        client.get_secret_value(SecretId="db")


def _by_threads(pool: ThreadPoolExecutor, client: Any) -> float:
    begin = time.perf_counter()
    list(pool.map(lambda _: _read_often(client, _CALLS_OF_A_THREAD), range(_THREADS)))
    return (time.perf_counter() - begin) / (_THREADS * _CALLS_OF_A_THREAD)


def _by_one(client: Any) -> float:
    begin = time.perf_counter()
    _read_often(client, _THREADS * _CALLS_OF_A_THREAD)
    return (time.perf_counter() - begin) / (_THREADS * _CALLS_OF_A_THREAD)


def memory(_: Settings) -> Iterator[Row]:
    """What stays of a call. A kept one is a record, an event and a permission check; of others nothing stays."""
    for what, limits, budget in (("all calls are kept", Limits(), None), ("100 are kept", Limits(calls_kept=100), 50)):
        with handlers_of(OURS), mock_secrets(region=REGION, limits=limits):
            grown = _grown_by_a_call(_with_a_secret(default_client()), 2_000)
        row = Row(what=f"memory of a GetSecretValue where {what}", ours=grown)
        yield replace(row, budget=budget, is_absolute=True, show=octets)


def _grown_by_a_call(client: Any, times: int) -> float:
    tracemalloc.start()
    try:
        # What these leave goes with the last of them, and is to be known by then.
        _read_often(client, 500)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        _read_often(client, times)
        gc.collect()
        return (tracemalloc.get_traced_memory()[0] - before) / times
    finally:
        tracemalloc.stop()
