"""``proofs.stale_window``: when an application uses a value that a rotation has made useless."""

import json
import time
from datetime import datetime, timedelta, timezone

import boto3
import pytest
from tables import rows
from templates import FIRST, Database, SingleUser, TwoUsers

from mock_secrets import Limits, mock_secrets
from mock_secrets.proofs import stale_window

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


class Cache:
    """Keeps the value for some seconds of the process's clock."""

    def __init__(self, seconds, retries=None):
        self._seconds = seconds
        self._accepts = retries
        self._until = 0.0
        self._value = None
        self._client = boto3.client("secretsmanager")

    def __call__(self):
        if self._value is None or time.time() >= self._until:
            self._read()
        if self._accepts and not self._accepts(self._value):
            self._read()
        return self._value

    def _read(self):
        answer = self._client.get_secret_value(SecretId="db")
        self._value, self._until = json.loads(answer["SecretString"]), time.time() + self._seconds


@pytest.fixture
def database():
    database = Database()
    database.reset()
    return database


def rotates(backend, function, value=FIRST):
    backend.create("db", value)
    arn = backend.register_rotation_lambda("rotator", function)
    # Not yet: the function is tested only.
    backend.client().rotate_secret(
        SecretId="db",
        RotationLambdaARN=arn,
        RotationRules={"AutomaticallyAfterDays": 90},
        RotateImmediately=False,
    )


@pytest.fixture
def one_user(secrets_backend, database):
    database.passwords["shop"] = "0ld"
    rotates(secrets_backend, SingleUser(database))


@pytest.fixture
def two_users(secrets_backend, database):
    database.passwords["root"] = "r00t"
    master = secrets_backend.create("master", {"username": "root", "password": "r00t"})
    rotates(secrets_backend, TwoUsers(database), {**FIRST, "masterarn": master.arn})


@pytest.mark.usefixtures("one_user")
def test_a_cache_is_stale_from_set_secret_until_its_ttl_ends(database, secrets_clock):
    window = stale_window(lambda: Cache(300), secret="db", accepts=database.accepts)

    assert window
    assert window.begins.what == "after setSecret"
    assert window.ends.what == "5 minutes later"
    assert window.recovers
    assert str(window).startswith("stale from after setSecret (")
    assert "until 5 minutes later" in str(window)


@pytest.mark.usefixtures("one_user")
def test_a_cache_that_never_expires_stays_stale(database):
    window = stale_window(lambda: Cache(10**9), secret="db", accepts=database.accepts)

    assert (window.recovers, window.ends) == (False, None)
    assert "until never" in str(window)


@pytest.mark.usefixtures("one_user")
def test_a_refreshing_cache_with_one_user_is_stale_from_set_secret_to_finish_secret(database):
    window = stale_window(lambda: Cache(300, database.accepts), secret="db", accepts=database.accepts)

    assert (window.begins.what, window.ends.what[:11]) == ("after setSecret", "after Updat")


@pytest.mark.usefixtures("two_users")
def test_a_rotation_with_two_users_has_no_stale_window(database, secrets_clock):
    window = stale_window(lambda: Cache(300), secret="db", accepts=database.accepts)

    assert not window
    assert (window.begins, window.ends, window.recovers) == (None, None, True)
    assert str(window) == "no stale window: every value that the application used was accepted"


@pytest.mark.usefixtures("one_user")
def test_the_application_is_checked_before_and_after_every_call_and_step(database):
    window = stale_window(lambda: Cache(0), secret="db", accepts=database.accepts)

    looked = [instant.what.partition(" (")[0] for instant in window.instants]
    assert looked[0] == "before the rotation"
    assert {"before DescribeSecret in createSecret", "after PutSecretValue in createSecret"} <= set(looked)
    assert {f"after {step}" for step in ("createSecret", "setSecret", "testSecret", "finishSecret")} <= set(looked)
    assert looked[-1] == "1 day later"


@pytest.mark.usefixtures("one_user")
def test_the_application_does_not_call_as_the_rotation_function(database, secrets_backend):
    stale_window(lambda: Cache(0), secret="db", accepts=database.accepts)

    callers = {call.principal for call in secrets_backend.calls if call.line and call.line.function == "_read"}
    assert not [caller for caller in callers if "rotator" in caller]
    assert secrets_backend["db"].rotations[-1].outcome.value == "succeeded"


@mock_secrets(at=NOON, limits=Limits(rotation_delay=timedelta(minutes=1)))
def test_a_stale_window_accepts_a_cacheless_application_and_a_coroutine_function(database, secrets_backend):
    good = SingleUser(database)

    async def rotator(event, context):
        good(event, context)

    secrets_backend.create("db", FIRST)
    secrets_backend.client().rotate_secret(
        SecretId="db", RotationLambdaARN=secrets_backend.register_rotation_lambda("rotator", rotator)
    )
    secrets_backend["db"].finish_rotation()

    window = stale_window(Cache(0), secret="db", accepts=database.accepts)

    assert window.recovers


@pytest.mark.usefixtures("one_user")
def test_an_application_that_raises_counts_as_stale(database):
    cache = Cache(0)

    def app():
        value = cache()
        if not database.accepts(value):
            raise ConnectionError
        return value

    window = stale_window(lambda: app, secret="db", accepts=database.accepts)

    assert window.begins.what == "after setSecret"


@pytest.mark.usefixtures("one_user")
def test_a_failing_rotation_raises_instead_of_giving_a_stale_window(database, monkeypatch):
    monkeypatch.setattr(SingleUser, "set", lambda *_: 1 / 0)

    with pytest.raises(RuntimeError, match="the rotation of 'db' failed: Error when executing lambda") as failure:
        stale_window(lambda: Cache(0), secret="db", accepts=database.accepts)
    assert isinstance(failure.value.__cause__.__cause__, ZeroDivisionError)


async def coroutine():
    return 1


@mock_secrets(secrets={"db": "1"})
@rows(
    "wrong, error, match",
    [
        ({"app": 7}, TypeError, "app="),
        ({"accepts": 7}, TypeError, "accepts="),
        ({}, ValueError, "has no rotation function"),
        ({"secret": "other"}, KeyError, "no secret 'other'"),
    ],
)
def test_a_stale_window_refuses_invalid_arguments(wrong, error, match):
    with pytest.raises(error, match=match):
        stale_window(**{"app": lambda: 1, "secret": "db", "accepts": bool, **wrong})


@pytest.mark.usefixtures("one_user")
@rows("app, match", [(lambda: lambda: None, "returned None"), (coroutine, "coroutine")])
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
def test_an_application_that_does_not_return_a_value_is_refused(database, app, match):
    with pytest.raises(TypeError, match=match):
        stale_window(app, secret="db", accepts=database.accepts)


def test_a_stale_window_needs_a_mock():
    with pytest.raises(RuntimeError, match="active mock"):
        stale_window(lambda: 1, secret="db", accepts=bool)
