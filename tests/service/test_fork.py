"""Children that are forked while other threads call."""

import json
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from mock_secrets import SecretsBackend, mock_secrets
from mock_secrets.protocol import wire

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here"),
    pytest.mark.skipif(
        sys.gettrace() is not None, reason="what measures coverage has locks of its own, which a fork may meet"
    ),
    # What Python warns of is what is tested.
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),
]

SOON = 20


@pytest.fixture
def threads():
    with ThreadPoolExecutor(4) as executor:
        yield executor


@pytest.fixture
def backend():
    with mock_secrets(secrets={"db": "s3cret", "api": "other"}) as backend:
        yield backend


def answered(backend, operation, **params):
    body = json.dumps({"SecretId": "db", **params}).encode()
    return backend.service.answer(wire.Request(operation, "AKIAMOCKSECRETS00000", "us-east-1", 1, body)).status == 200


def reads_and_writes(backend):
    return answered(backend, "GetSecretValue") and answered(backend, "TagResource", Tags=[{"Key": "a", "Value": "b"}])


def is_done_by_a_child(work, *args):
    """Whether a forked child does some work, and soon."""
    child = os.fork()
    if child == 0:
        done = False
        try:
            done = bool(work(*args))
        finally:
            os._exit(0 if done else 1)
    pause = Event()
    for _ in range(SOON * 200):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status == 0
        pause.wait(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


@contextmanager
def going_on(threads, *works):
    """Do each of these again and again in a thread of its own."""
    stop = Event()

    def go_on(work):
        while not stop.is_set():
            work()

    ongoing = [threads.submit(go_on, work) for work in works]
    try:
        yield
    finally:
        stop.set()
        for one in ongoing:
            one.result(SOON)


def test_children_forked_while_other_threads_call_still_answer(backend, threads):
    with going_on(threads, lambda: reads_and_writes(backend), lambda: reads_and_writes(backend)):
        assert all(is_done_by_a_child(reads_and_writes, backend) for _ in range(30))


def test_children_forked_by_several_threads_at_once_still_answer(backend, threads):
    # Others come and go meanwhile, each with a lock.
    with going_on(threads, SecretsBackend):
        forks = [threads.submit(is_done_by_a_child, reads_and_writes, backend) for _ in range(16)]

        assert all(fork.result(2 * SOON) for fork in forks)
    assert reads_and_writes(backend)


def test_a_forked_child_can_use_the_client_of_its_parent(backend, threads):
    client = backend.client()

    with going_on(threads, lambda: client.get_secret_value(SecretId="db")):
        assert is_done_by_a_child(lambda: client.get_secret_value(SecretId="db")["SecretString"] == "s3cret")


def test_a_thread_holding_the_lock_may_fork(backend):
    with backend.service.lock:
        assert is_done_by_a_child(reads_and_writes, backend)
        assert backend.service.lock._is_owned()

    assert not backend.service.lock._is_owned()


# --- While a rotation function runs ---


def time_goes_on(backend):
    """Whether the clock is nobody's: it can be moved, and otherwise follows the process."""
    before = backend.clock.now()
    backend.clock.advance(days=1)
    moved = backend.clock.now()
    Event().wait(0.01)
    return reads_and_writes(backend) and (moved - before).days == 1 and backend.clock.now() > moved


def rotate(backend, handler):
    arn = backend.register_rotation_lambda("rotate", handler)
    assert answered(backend, "RotateSecret", SecretId="api", ClientRequestToken="a" * 32, RotationLambdaARN=arn)


def test_a_forked_child_does_not_wait_for_another_threads_function(backend, threads):
    runs, may_end = Event(), Event()

    def handler(event, context):
        runs.set()
        assert may_end.wait(SOON)

    rotating = threads.submit(rotate, backend, handler)
    assert runs.wait(SOON)
    try:
        assert is_done_by_a_child(time_goes_on, backend)
    finally:
        may_end.set()
        rotating.result(SOON)


def test_a_rotation_function_may_fork(backend):
    done = []

    rotate(backend, lambda event, context: done.append(is_done_by_a_child(reads_and_writes, backend)))

    assert done == [True] * 4
