"""Many threads on the same secrets: nothing is lost, and what they did is what happened one after the other."""

import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from threading import Barrier

import pytest
from properties.reference import CURRENT, Reference, Refused

from mock_secrets import Limits, SecretsBackend
from mock_secrets.kernel.call import Call
from mock_secrets.kernel.happened import Move
from mock_secrets.model.rotation import Outcome
from mock_secrets.protocol import wire

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
LIMITS = Limits(retained_versions=4, retention=timedelta(hours=24), versions_per_secret=40, labels_per_secret=5)
THREADS, STEPS = 8, 300
NAMES = ["app/db", "app/api", "app/cache"]
LABELS = [CURRENT, "AWSPREVIOUS", "AWSPENDING", "blue", "green", "red"]

pytestmark = pytest.mark.filterwarnings("ignore::mock_secrets.UpdateRateWarning")


@pytest.fixture(autouse=True)
def threads_take_turns_often():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def call(backend, operation, **params):
    """The answer, or None for an error."""
    request = wire.Request(operation, "AKIAMOCKSECRETS00000", "us-east-1", 1, json.dumps(params).encode())
    answer = backend.service.answer(request)
    return json.loads(answer.body or "{}") if answer.status == 200 else None


def in_threads(work):
    """What work gives for the number of each thread, all of which begin at once."""
    begin = Barrier(THREADS, timeout=20)

    def begun(number):
        begin.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(begun, range(THREADS)))


class Caller:
    """Calls at random, but the same ones in each run."""

    def __init__(self, backend, number):
        self._backend = backend
        self._random = random.Random(number)  # noqa: S311 - repeatable on purpose
        self._number = number
        self._tokens = [f"{number:016d}{0:016d}"]

    def run(self):
        works = {
            self.create: 3,
            self.update: 5,
            self.put: 5,
            self.move: 4,
            self.delete: 1,
            self.delete_at_once: 1,
            self.restore: 2,
            self.wait: 1,
        }
        for _ in range(STEPS):
            self._random.choices(list(works), works.values())[0](self._random.choice(NAMES))

    def _token(self):
        if self._random.random() < 0.8:
            self._tokens.append(f"{self._number:016d}{len(self._tokens):016d}")
        return self._random.choice(self._tokens[-5:])

    def _store(self, operation, **params):
        value = self._random.choice(["one", "two"])
        call(self._backend, operation, SecretString=value, ClientRequestToken=self._token(), **params)

    def create(self, name):
        self._store("CreateSecret", Name=name)

    def update(self, name):
        self._store("UpdateSecret", SecretId=name)

    def put(self, name):
        self._store("PutSecretValue", SecretId=name, VersionStages=self._random.sample(LABELS, 2))

    def move(self, name):
        listed = call(self._backend, "ListSecretVersionIds", SecretId=name)
        versions = [version["VersionId"] for version in (listed or {"Versions": []})["Versions"]]
        ends = {"MoveToVersionId": self._random.choice([None, *versions])}
        ends["RemoveFromVersionId"] = self._random.choice([None, *versions])
        call(self._backend, "UpdateSecretVersionStage", SecretId=name, VersionStage=self._random.choice(LABELS), **ends)

    def delete(self, name):
        call(self._backend, "DeleteSecret", SecretId=name, RecoveryWindowInDays=7)

    def delete_at_once(self, name):
        call(self._backend, "DeleteSecret", SecretId=name, ForceDeleteWithoutRecovery=True)

    def restore(self, name):
        call(self._backend, "RestoreSecret", SecretId=name)

    def wait(self, name):
        self._backend.clock.advance(hours=self._random.randrange(1, 30))


def done_by(reference, operation, params):
    """Have the reference do what a call asked for. :returns: the code of its error, or None"""
    name = params.get("SecretId") or params["Name"]
    token, value = params.get("ClientRequestToken"), params.get("SecretString")
    try:
        match operation:
            case "CreateSecret":
                reference.create(name, token, value)
            case "UpdateSecret":
                reference.store(name, token, value, {CURRENT})
            case "PutSecretValue":
                reference.store(name, token, value, params["VersionStages"])
            case "UpdateSecretVersionStage":
                ends = params.get("MoveToVersionId"), params.get("RemoveFromVersionId")
                reference.move(name, params["VersionStage"], *ends)
            case "DeleteSecret" if params.get("ForceDeleteWithoutRecovery"):
                reference.delete_at_once(name)
            case "DeleteSecret":
                reference.delete(name, params["RecoveryWindowInDays"])
            case "RestoreSecret":
                reference.restore(name)
            case "ListSecretVersionIds":
                reference._any(name)
    except Refused as refused:
        return refused.code
    return None


def test_concurrent_calls_have_the_same_effect_as_the_same_calls_in_sequence():
    backend = SecretsBackend(at=START, limits=LIMITS)

    in_threads(lambda number: Caller(backend, number).run())

    reference = Reference(4, LIMITS.retention, LIMITS.versions_per_secret, LIMITS.labels_per_secret, START)
    for happened in backend.service.state.history:
        if isinstance(happened, Move):
            reference.advance(happened.to - happened.at)
        if isinstance(happened, Call):
            assert done_by(reference, happened.operation, happened.params) == happened.error, happened
            reference.settle()
    assert {secret.name for secret in backend} == set(reference.secrets)
    for name, expected in reference.secrets.items():
        found = {version.id: (version.value, set(version.stages)) for version in backend[name].versions}
        assert found == {key: (one.value, expected.stages(key)) for key, one in expected.versions.items()}
    listings = len(backend.calls.of("ListSecretVersionIds"))
    waits = sum(isinstance(happened, Move) for happened in backend.service.state.history)
    assert len(backend.calls) == THREADS * STEPS + listings - waits
    assert len({made.request_id for made in backend.calls}) == len(backend.calls)
    assert [made.at for made in backend.calls] == sorted(made.at for made in backend.calls)
    assert backend.clock.now() == reference.now


def test_every_rotation_requested_by_concurrent_threads_runs_once_to_completion():
    backend = SecretsBackend(at=START)
    for name in NAMES:
        backend.create(name, "old")

    def handler(event, context):
        secret, token = event["SecretId"], event["ClientRequestToken"]
        if event["Step"] == "createSecret":
            stored = {"SecretString": token, "ClientRequestToken": token, "VersionStages": ["AWSPENDING"]}
            assert call(backend, "PutSecretValue", SecretId=secret, **stored)
        if event["Step"] == "finishSecret":
            stages = call(backend, "DescribeSecret", SecretId=secret)["VersionIdsToStages"]
            current = next(version for version, labels in stages.items() if CURRENT in labels)
            move = {"MoveToVersionId": token, "RemoveFromVersionId": current}
            assert call(backend, "UpdateSecretVersionStage", SecretId=secret, VersionStage=CURRENT, **move)

    function = backend.register_rotation_lambda("rotate", handler)

    def rotate(number):
        begun, tries = [], 0
        # One that comes while another runs is refused.
        while len(begun) < 6 and tries < 10_000:
            token, name, tries = f"{number:016d}{len(begun):016d}", NAMES[tries % len(NAMES)], tries + 1
            params = {"SecretId": name, "ClientRequestToken": token, "RotationLambdaARN": function}
            if call(backend, "RotateSecret", **params):
                begun.append(token)
                # It has run when the call returns.
                assert [run.outcome for run in backend[name].rotations if run.token == token] == [Outcome.SUCCEEDED]
        return begun

    begun = [token for tokens in in_threads(rotate) for token in tokens]

    runs = [run for name in NAMES for run in backend[name].rotations]
    assert sorted(run.token for run in runs) == sorted(begun)
    assert len(begun) == THREADS * 6
    assert {run.outcome for run in runs} == {Outcome.SUCCEEDED}
    for name in NAMES:
        last = backend[name].rotations[-1].token
        assert (backend[name].value, backend[name].stages[CURRENT].id) == (last, last)
