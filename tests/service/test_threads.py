"""Calls of other threads while a rotation function runs, and time that waits for it."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from threading import Barrier, Event

import pytest
import time_machine
from freezegun import freeze_time
from tables import rows

from mock_secrets import mock_secrets
from mock_secrets.kernel import clock
from mock_secrets.kernel.lock import BackendLock
from mock_secrets.model.rotation import Outcome

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)

# A test that would wait for longer has gone wrong.
SOON = 20


@pytest.fixture
def threads():
    with ThreadPoolExecutor(4, thread_name_prefix="other") as executor:
        yield executor


class SlowFunction:
    """The rotation of a secret that another thread began, whose function runs until the test lets it end.

    Used as a context manager, inside which it runs.
    """

    def __init__(self, backend, threads, name="slow"):
        self._backend = backend
        self._threads = threads
        self._name = name
        self._runs, self._may_end = Event(), Event()

    def _handler(self, event, context):
        self._runs.set()
        assert self._may_end.wait(SOON)

    def __enter__(self):
        self._backend.create(self._name, "old")
        self._rotation = self._threads.submit(rotate, self._backend, self._name, self._handler)
        assert self._runs.wait(SOON)
        return self

    def __exit__(self, *_):
        self.end()

    @property
    def has_ended(self):
        return self._rotation.done()

    def end(self):
        self._may_end.set()
        self._rotation.result(SOON)


def rotate(backend, name, handler):
    function = backend.register_rotation_lambda(f"rotate-{name}", handler)
    backend.client().rotate_secret(SecretId=name, RotationLambdaARN=function)


def store_new(backend):
    """A rotation function that makes its version current at the first step."""

    def handler(event, context):
        if event["Step"] == "createSecret":
            backend[event["SecretId"]].put("new", token=event["ClientRequestToken"], stages=["AWSCURRENT"])

    return handler


@pytest.fixture
def waits(monkeypatch):
    """Set as soon as a thread waits for another."""
    waits, wait_until = Event(), BackendLock.wait_until

    def told(self, is_so, seconds):
        waits.set()
        return wait_until(self, is_so, seconds)

    monkeypatch.setattr(BackendLock, "wait_until", told)
    return waits


# --- What a call makes due while another thread's function runs ---


def rotation(backend):
    rotate(backend, "db", store_new(backend))
    return backend["db"].value == "new"


def forced_deletion(backend):
    backend.client().delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)
    return len(backend.service.state.store.region("123456789012", "us-east-1")) == 1


def update_of_a_replica(backend):
    backend.client().replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])
    backend.client().update_secret(SecretId="db", SecretString="new")
    return backend.client(region_name="eu-west-1").get_secret_value(SecretId="db")["SecretString"] == "new"


@rows("has_happened", [rotation, forced_deletion, update_of_a_replica])
@rows("clock_of", [{"at": START}, {}])
def test_a_call_takes_effect_at_once_while_another_threads_function_runs(threads, has_happened, clock_of):
    with mock_secrets(**clock_of, secrets={"db": "old"}) as backend, SlowFunction(backend, threads) as slow:
        assert has_happened(backend)
        assert not slow.has_ended


def test_a_secret_can_be_deleted_while_its_function_runs(secrets_backend, threads):
    with SlowFunction(secrets_backend, threads):
        held = secrets_backend["slow"]
        secrets_backend.client().delete_secret(SecretId="slow", ForceDeleteWithoutRecovery=True)
        assert "slow" not in secrets_backend

    assert held.rotations[-1].outcome is Outcome.ABANDONED


# --- Moving time while another thread's function runs ---


@pytest.mark.mock_secrets(at=START)
def test_a_clock_move_waits_for_another_threads_function(secrets_backend, threads, waits):
    with SlowFunction(secrets_backend, threads) as slow:
        moving = threads.submit(secrets_backend.clock.advance, days=1)
        assert waits.wait(SOON)
        assert not moving.done()
        assert secrets_backend.clock.now() == START
        slow.end()
        moving.result(SOON)

    assert secrets_backend.clock.now() == START + DAY


@pytest.mark.mock_secrets(at=START)
def test_a_clock_move_that_waited_too_long_names_both_threads_and_lines(secrets_backend, threads, monkeypatch):
    monkeypatch.setattr(clock, "_PATIENCE", 0.02)
    file = r"\S*test_threads\.py"
    waiting, slow = rf"thread 'MainThread', at {file}:\d+ in test_\w+", rf"thread 'other_0' .* at {file}:\d+ in rotate"

    with (
        SlowFunction(secrets_backend, threads),
        pytest.raises(
            RuntimeError, match=rf"^{waiting}, is waiting for {slow} made due, .* has not ended within 0.02 seconds$"
        ),
    ):
        secrets_backend.clock.advance(days=1)

    secrets_backend.clock.advance(days=1)


@pytest.mark.mock_secrets(at=START, secrets={"a": "old", "b": "old"})
def test_one_of_two_functions_that_both_move_time_is_refused_at_once(secrets_backend, threads):
    both_run = Barrier(2, timeout=SOON)

    def move_time(event, context):
        if event["Step"] == "createSecret":
            both_run.wait()
            secrets_backend.clock.advance(minutes=1)
        if event["Step"] == "finishSecret":
            store_new(secrets_backend)({**event, "Step": "createSecret"}, context)

    for rotating in [threads.submit(rotate, secrets_backend, name, move_time) for name in "ab"]:
        rotating.result(SOON)

    runs = [secrets_backend[name].rotations[-1] for name in "ab"]
    assert {run.outcome for run in runs} == {Outcome.SUCCEEDED, Outcome.FAILED}
    refused = next(run for run in runs if run.outcome is Outcome.FAILED)
    assert "which is itself waiting for this thread" in str(refused.error.__cause__)
    assert secrets_backend.clock.now() == START + timedelta(minutes=1)


def by_secrets_clock(request):
    request.getfixturevalue("secrets_clock")


def by_freezegun(request):
    freezer = freeze_time(START)
    freezer.start()
    request.addfinalizer(freezer.stop)


def by_time_machine(request):
    traveller = time_machine.travel(START, tick=False)
    traveller.start()
    request.addfinalizer(traveller.stop)


@pytest.fixture(params=[by_secrets_clock, by_freezegun, by_time_machine])
def frozen(request):
    request.param(request)


def test_a_frozen_process_stays_frozen_while_a_clock_move_waits(frozen, secrets_backend, threads, waits, monkeypatch):
    with SlowFunction(secrets_backend, threads) as slow:
        before = time.time()
        moving = threads.submit(secrets_backend.clock.advance, days=1)
        assert waits.wait(SOON)
        assert time.time() == before
        # Patience is of real seconds all the same.
        monkeypatch.setattr(clock, "_PATIENCE", 0.02)
        with pytest.raises(RuntimeError, match="has not ended"):
            secrets_backend.clock.advance(days=1)
        slow.end()
        moving.result(SOON)


def test_a_function_waiting_for_a_thread_that_moves_time_does_not_hang(secrets_backend, threads, monkeypatch):
    monkeypatch.setattr(clock, "_PATIENCE", 0.02)
    raised = []

    def handler(event, context):
        raised.append(threads.submit(secrets_backend.clock.advance, days=1).exception(SOON))

    secrets_backend.create("db", "old")
    rotate(secrets_backend, "db", handler)

    assert {type(error) for error in raised} == {RuntimeError}
