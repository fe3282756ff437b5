"""An interrupt at any opcode of a call: the lock is free, and the call was made wholly or not at all.

The same work is interrupted again and again, each time at another opcode: an update at every one, everything else at
some of them, unless ``INTERRUPTS=every`` (``tox run -e interrupts``) asks for all.
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import pytest
from interrupts import Interruptible, followed_opcodes, in_a_thread_of_its_own
from traces import what_is_kept

from mock_secrets import Limits, SecretsBackend
from mock_secrets.model.rotation import Outcome
from mock_secrets.protocol import wire

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
EVERY = os.environ.get("INTERRUPTS") == "every"
TOKEN = "a" * 32
OPEN = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
)
EUROPE = [{"Region": "eu-west-1"}]

CALLS = {
    "GetSecretValue": {"SecretId": "db"},
    "CreateSecret": {"Name": "new", "SecretString": "1", "ClientRequestToken": TOKEN, "AddReplicaRegions": EUROPE},
    "UpdateSecret": {"SecretId": "db", "SecretString": "3", "Description": "d", "ClientRequestToken": TOKEN},
    "PutSecretValue": {
        "SecretId": "db",
        "SecretString": "3",
        "ClientRequestToken": TOKEN,
        "VersionStages": ["AWSCURRENT", "green"],
    },
    "UpdateSecretVersionStage": {
        "SecretId": "db",
        "VersionStage": "AWSCURRENT",
        "MoveToVersionId": "1" * 32,
        "RemoveFromVersionId": "2" * 32,
    },
    "DeleteSecret": {"SecretId": "db", "RecoveryWindowInDays": 7},
    "DeleteSecret at once": {"SecretId": "db", "ForceDeleteWithoutRecovery": True},
    "RestoreSecret": {"SecretId": "doomed"},
    "TagResource": {"SecretId": "db", "Tags": [{"Key": "team", "Value": "other"}, {"Key": "tier", "Value": "1"}]},
    "UntagResource": {"SecretId": "db", "TagKeys": ["team"]},
    "PutResourcePolicy": {"SecretId": "db", "ResourcePolicy": OPEN},
    "DeleteResourcePolicy": {"SecretId": "open"},
    "ReplicateSecretToRegions": {"SecretId": "db", "AddReplicaRegions": EUROPE},
    "RemoveRegionsFromReplication": {"SecretId": "copied", "RemoveReplicaRegions": ["eu-west-1"]},
    "StopReplicationToReplica": {"SecretId": "copied"},
    "RotateSecret": {"SecretId": "rotated", "ClientRequestToken": "b" * 32},
    "CancelRotateSecret": {"SecretId": "rotating"},
}
REGIONS = {"StopReplicationToReplica": "eu-west-1"}


@pytest.fixture(scope="module", autouse=True)
def opcodes():
    with followed_opcodes():
        yield


@pytest.fixture(scope="module")
def another_thread():
    with ThreadPoolExecutor(1) as executor:
        yield executor


@pytest.fixture(scope="module")
def backend():
    """One in which each of the calls has something to do, and no rotation runs within a call."""
    backend = SecretsBackend(at=START, limits=Limits(rotation_delay=timedelta(minutes=1)))
    for name in ("db", "doomed", "open", "copied", "rotated", "rotating"):
        backend.create(name, "1", token="1" * 32, tags={"team": "shop"}).update("2", token="2" * 32)
    rotation = {
        "RotationLambdaARN": backend.register_rotation_lambda("idle", lambda event, context: None),
        "RotationRules": {"AutomaticallyAfterDays": 30},
    }
    backend["db"].put("0", stages=["blue"])
    call(backend, "DeleteSecret", SecretId="doomed")
    call(backend, "PutResourcePolicy", SecretId="open", ResourcePolicy=OPEN)
    call(backend, "ReplicateSecretToRegions", SecretId="copied", AddReplicaRegions=EUROPE)
    call(backend, "RotateSecret", SecretId="rotated", ClientRequestToken=TOKEN, RotateImmediately=False, **rotation)
    backend.clock.advance(minutes=1)
    call(backend, "RotateSecret", SecretId="rotating", ClientRequestToken=TOKEN, **rotation)
    return backend


def request(operation, region="us-east-1", **params):
    return wire.Request(operation, "AKIAMOCKSECRETS00000", region, 1, json.dumps(params).encode())


def call(backend, operation, **params):
    answer = backend.service.answer(request(operation, **params))
    assert answer.status == 200, answer.body
    return json.loads(answer.body or "null")


def every(stride, opcodes):
    """The opcodes to interrupt at; a prime stride meets a loop at another place each time."""
    return range(0, opcodes, 1 if EVERY else stride)


def is_free(lock, another_thread):
    def take():
        taken = lock.acquire(blocking=False)
        if taken:
            lock.release()
        return taken

    return another_thread.submit(take).result()


def settled(backend):
    """The state when everything has happened that is due."""
    backend.service.clock.run_due()
    return what_is_kept(backend)


@contextmanager
def again(backend):
    """A savepoint at which a call was made, so that what is cached of an answer is of this instant."""
    with backend.savepoint():
        call(backend, "ListSecrets")
        yield


def uninterrupted(backend, work):
    """The state before some work, its opcodes, and the state after it."""
    # Twice: the first time fills the caches.
    for _ in range(2):
        with again(backend):
            before, opcodes, after = settled(backend), work.opcodes(), settled(backend)
    return before, opcodes, after


@pytest.mark.parametrize("name", CALLS)
@in_a_thread_of_its_own
def test_an_interrupted_call_takes_effect_completely_or_not_at_all(backend, another_thread, name):
    asked = request(name.split()[0], REGIONS.get(name, "us-east-1"), **CALLS[name])
    work = Interruptible(lambda: backend.service.answer(asked))
    before, opcodes, after = uninterrupted(backend, work)

    for opcode in every(37, opcodes):
        with again(backend):
            work.interrupt(opcode)

            assert is_free(backend.service.lock, another_thread), opcode
            assert settled(backend) in (before, after), opcode
            call(backend, "ListSecrets")

    assert before != after


@in_a_thread_of_its_own
def test_an_update_interrupted_at_any_opcode_takes_effect_completely_or_not_at_all(another_thread):
    def made():
        backend = SecretsBackend(at=START)
        backend.create("db", "1", token="1" * 32)
        return backend

    asked = request("UpdateSecret", SecretId="db", SecretString="2", ClientRequestToken=TOKEN)
    work = Interruptible(lambda: backend.service.answer(asked))
    # Twice: the first time fills the caches.
    for _ in range(2):
        backend = made()
        before, opcodes, after = settled(backend), work.opcodes(), settled(backend)

    for opcode in range(opcodes):
        backend = made()
        work.interrupt(opcode)

        assert is_free(backend.service.lock, another_thread), opcode
        assert settled(backend) in (before, after), opcode
        call(backend, "GetSecretValue", SecretId="db")
        assert not backend.service.state.journal.recording, opcode
        assert not backend.service.state.journal.undo, opcode


@in_a_thread_of_its_own
def test_an_interrupted_first_call_keeps_all_seeded_secrets():
    def made():
        return SecretsBackend(at=START, secrets={"db": "1", "api": "2"})

    work = Interruptible(lambda: backend.service.answer(request("ListSecrets")))
    for _ in range(2):
        backend = made()
        opcodes = work.opcodes()

    for opcode in every(53, opcodes):
        backend = made()
        work.interrupt(opcode)

        assert [secret.name for secret in backend] == ["db", "api"], opcode


@in_a_thread_of_its_own
def test_due_work_happens_even_if_time_was_interrupted(another_thread):
    limits = Limits(retained_versions=1, retention=timedelta(hours=1), replication_delay=timedelta(hours=2))
    backend = SecretsBackend(at=START, limits=limits)
    for number in range(4):
        backend.create(f"db{number}", "1").update("2")
        backend[f"db{number}"].update("3")
    call(backend, "ReplicateSecretToRegions", SecretId="db0", AddReplicaRegions=EUROPE)
    call(backend, "DeleteSecret", SecretId="db1", RecoveryWindowInDays=7)
    end = START + timedelta(days=8)
    work = Interruptible(lambda: backend.clock.travel_to(end))
    _, opcodes, after = uninterrupted(backend, work)

    for opcode in every(41, opcodes):
        with again(backend):
            work.interrupt(opcode)
            assert is_free(backend.service.lock, another_thread), opcode
            backend.clock.travel_to(end)

            assert backend.clock.now() == end, opcode
            assert settled(backend) == after, opcode


# --- Rotation ---


def rotator(backend, interrupt_at=None):
    """A rotation function that does not mind being run again; once it can be interrupted at a step."""
    interrupts = [interrupt_at]

    def handler(event, context):
        secret, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
        if step in interrupts:
            interrupts.remove(step)
            raise KeyboardInterrupt
        if step == "createSecret":
            new = {"SecretString": "new", "ClientRequestToken": token, "VersionStages": ["AWSPENDING"]}
            call(backend, "PutSecretValue", SecretId=secret, **new)
        if step == "finishSecret":
            stages = call(backend, "DescribeSecret", SecretId=secret)["VersionIdsToStages"]
            current = next(version for version, labels in stages.items() if "AWSCURRENT" in labels)
            label = {"VersionStage": "AWSCURRENT", "MoveToVersionId": token, "RemoveFromVersionId": current}
            call(backend, "UpdateSecretVersionStage", SecretId=secret, **label)

    return handler


def rotate(backend, handler):
    function = backend.register_rotation_lambda("rotate", handler)
    rules = {"RotationLambdaARN": function, "RotationRules": {"AutomaticallyAfterDays": 30}}
    return request("RotateSecret", SecretId="db", ClientRequestToken=TOKEN, **rules)


def by_function(backend):
    backend.create("db", "old")
    asked = rotate(backend, rotator(backend))
    return lambda: backend.service.answer(asked)


def by_schedule(backend):
    by_function(backend)()
    return lambda: backend.clock.advance(days=30)


def by_owner(backend):
    backend.create_managed_secret("rds", "db", "old")
    asked = request("RotateSecret", SecretId="db", ClientRequestToken=TOKEN)
    return lambda: backend.service.answer(asked)


@pytest.mark.parametrize(
    ("begin", "stride", "files"),
    [
        (by_function, 37, ["service/*.py", "aws/invocation.py", "kernel/clock.py", "kernel/lock.py"]),
        (by_function, 199, []),
        (by_schedule, 199, []),
        (by_owner, 29, []),
    ],
)
@in_a_thread_of_its_own
def test_an_interrupted_rotation_fails_and_is_retried(another_thread, begin, stride, files):
    backend = SecretsBackend(at=START)
    rotate = begin(backend)
    work, environment = Interruptible(rotate, *files), dict(os.environ)
    versions, runs = len(backend["db"].versions), len(backend["db"].rotations)
    _, opcodes, _ = uninterrupted(backend, work)

    for opcode in every(stride, opcodes):
        with again(backend):
            work.interrupt(opcode)

            assert is_free(backend.service.lock, another_thread), opcode
            assert os.environ == environment, opcode
            call(backend, "GetSecretValue", SecretId="db")
            assert backend.calls[-1].principal.endswith(":user/administrator"), opcode
            now = backend.clock.now()
            backend.clock.advance(hours=1)
            assert backend.clock.now() == now + timedelta(hours=1), opcode
            if len(backend["db"].versions) == versions:
                rotate()
            *failed, last = backend["db"].rotations[runs:]
            assert (last.outcome, {run.outcome for run in failed} - {Outcome.FAILED}) == (Outcome.SUCCEEDED, set()), (
                opcode
            )
            assert len(backend["db"].versions) == versions + 1, opcode
            assert backend["db"].value != "old", opcode


STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]


@pytest.mark.parametrize("step", STEPS)
@in_a_thread_of_its_own
def test_an_interrupted_function_fails_its_rotation_but_rotation_stays_enabled(step):
    backend = SecretsBackend(at=START)
    backend.create("db", "old")
    asked = rotate(backend, rotator(backend, interrupt_at=step))

    with pytest.raises(KeyboardInterrupt):
        backend.service.answer(asked)

    failed = backend["db"].rotations[-1]
    assert (failed.outcome, [run.step for run in failed.steps][-1]) == (Outcome.FAILED, step)
    assert isinstance(failed.error.__cause__, KeyboardInterrupt)
    assert call(backend, "DescribeSecret", SecretId="db")["RotationEnabled"]
    backend.clock.advance(minutes=10)
    assert [run.outcome for run in backend["db"].rotations] == [Outcome.FAILED, Outcome.SUCCEEDED]
    assert backend["db"].value == "new"
