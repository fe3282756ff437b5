"""``proofs.assert_rotation_safe``: a good rotation function passes, and each mistake fails in the history that shows it."""

import logging
import os
from datetime import timedelta

import broken
import pytest
from tables import rows
from templates import FIRST, Database, SingleUser, TwoUsers

from mock_secrets import Limits, mock_secrets
from mock_secrets.activation import running
from mock_secrets.proofs import RotationUnsafe, assert_rotation_safe
from mock_secrets.trials.histories import all_histories

SECRET_VALUES = ["0ld", "-of-another"]


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def few(monkeypatch):
    """Some of the histories, of each kind one: where all of them tell no more."""
    monkeypatch.setattr("mock_secrets.trials.rotation.BUDGET", 12)


def prove(handler, database, value=FIRST, **given):
    assert_rotation_safe(handler, value=value, accepts=database.accepts, reset=database.reset, **given)


def test_the_rotation_template_for_one_user_is_safe(database):
    prove(SingleUser(database), database)


@mock_secrets(secrets={"master": {"username": "root", "password": "r00t"}})
def test_the_rotation_template_for_two_users_is_safe_with_a_superuser_secret(database):
    def reset():
        database.passwords = {"shop": "0ld", "root": "r00t"}

    first = {**FIRST, "masterarn": running()["master"].arn}

    assert_rotation_safe(TwoUsers(database), value=first, accepts=database.accepts, reset=reset)


@rows(
    "kind, history, problem",
    [
        (
            broken.CreatesAnew,
            "the function is cut off after PutSecretValue in createSecret",
            "the rotation fails every time it is run again: ResourceExistsException in createSecret",
        ),
        (
            broken.FinishesBlindly,
            "somebody moves AWSCURRENT to the pending version before DescribeSecret in finishSecret",
            "the rotation fails every time it is run again: InvalidParameterException in finishSecret",
        ),
        (
            broken.OverwritesAtARetry,
            "the function is cut off after PutSecretValue in createSecret",
            "was not created by Lambda",
        ),
        (
            broken.LacksRemoveFrom,
            "nothing goes wrong",
            "the rotation fails every time it is run again: InvalidParameterException in finishSecret",
        ),
        (
            broken.ChangesBeforeItStores,
            "the function is cut off before PutSecretValue in createSecret",
            "its password is lost",
        ),
        (
            broken.ChecksNoStage,
            "the events of a rotation are delivered again after the next rotation",
            "they move AWSCURRENT away from the version of the next rotation",
        ),
        (
            broken.ReadsByLabel,
            "somebody puts AWSPENDING on a version of their own before GetSecretValue in setSecret",
            "which somebody else stored",
        ),
        (
            broken.FinishesInTheWrongStep,
            "nothing goes wrong",
            "the resource does not accept the AWSCURRENT value",
        ),
        (broken.SaysNothing, "nothing goes wrong", "the rotation fails every time it is run again"),
        (
            broken.LetsGoOfPending,
            "the function is cut off after UpdateSecretVersionStage in testSecret",
            "which no longer has a staging label",
        ),
        (
            broken.SwallowsInSetSecret,
            "GetSecretValue in setSecret",
            "the resource does not accept the AWSCURRENT value",
        ),
        (
            broken.TakesPreviousAway,
            "nothing goes wrong",
            "AWSPREVIOUS is not on the version that had AWSCURRENT before the rotation",
        ),
        (broken.LeavesPendingBehind, "nothing goes wrong", "AWSPENDING stays on version"),
    ],
)
def test_a_mistake_is_reported_with_the_shortest_history_that_shows_it(database, kind, history, problem):
    with pytest.raises(RotationUnsafe) as failure:
        prove(kind(database), database)

    assert failure.value.history.startswith(history)
    assert problem in "".join(failure.value.problems)


def test_every_history_has_a_distinct_description(database, monkeypatch):
    told = []

    def histories(plain):
        told.extend(map(str, all_histories(plain)))
        return []

    monkeypatch.setattr("mock_secrets.trials.rotation.all_histories", histories)

    prove(SingleUser(database), database)

    assert len(told) == len(set(told)) > 100


def test_an_unsafe_rotation_is_reported_as_a_timeline_with_lines_but_no_values(database):
    with pytest.raises(RotationUnsafe) as failure:
        prove(broken.ChangesBeforeItStores(database), database)

    told = str(failure.value)
    assert "rotation of rotation-under-test to v2 begins" in told
    assert "tests/trials/templates.py:" in told
    assert "cut off here" in told
    assert not [value for value in SECRET_VALUES if value in told]


class Held:
    """A resource that takes one value, which is no document."""

    value: str | bytes = ""

    def accepts(self, value):
        return value == self.value


class OfPlainValues(SingleUser):
    def create(self, client, secret, token):
        try:
            self.read(client, secret, VersionId=token, VersionStage="AWSPENDING")
        except client.exceptions.ResourceNotFoundException:
            new = self.password(client)
            value = {"SecretString": new} if isinstance(self.database.value, str) else {"SecretBinary": new.encode()}
            client.put_secret_value(SecretId=secret, ClientRequestToken=token, VersionStages=["AWSPENDING"], **value)

    def set(self, client, secret, token):
        self.database.value = self.pending(client, secret, token)

    @staticmethod
    def read(client, secret, **version):
        answer = client.get_secret_value(SecretId=secret, **version)
        return answer.get("SecretString") or answer["SecretBinary"]


@pytest.mark.usefixtures("few")
@rows("value", ["0ld", b"\x000ld"])
def test_a_proved_rotation_may_use_plain_string_or_binary_values(value):
    held = Held()

    assert_rotation_safe(
        OfPlainValues(held), value=value, accepts=held.accepts, reset=lambda: setattr(held, "value", value)
    )


@pytest.mark.usefixtures("few")
def test_a_proved_rotation_function_may_be_a_coroutine_function(database):
    good = SingleUser(database)

    async def handler(event, context):
        good(event, context)

    prove(handler, database)


@pytest.mark.usefixtures("few")
def test_a_proved_rotation_function_sees_its_environment_variables(database, monkeypatch):
    monkeypatch.delenv("PROOF", raising=False)
    good, seen = SingleUser(database), set()

    def handler(event, context):
        seen.add(os.environ["PROOF"])
        good(event, context)

    prove(handler, database, environment={"PROOF": "1"})

    assert seen == {"1"}


@mock_secrets(secrets={"db": "s3cret"})
def test_a_rotation_proof_leaves_the_mock_unchanged(database, secrets_backend):
    before = secrets_backend.clock.now()

    with pytest.raises(RotationUnsafe):
        prove(broken.CreatesAnew(database), database)

    assert [secret.name for secret in secrets_backend] == ["db"]
    assert len(secrets_backend.calls) == len(secrets_backend.faults.unfired) == 0
    assert (secrets_backend.clock.now() - before).days == 0
    assert not logging.getLogger("mock_secrets.rotation").disabled


@pytest.mark.usefixtures("few")
@mock_secrets(limits=Limits(rotation_delay=timedelta(minutes=1)))
def test_a_rotation_proof_also_runs_a_delayed_rotation(database):
    prove(SingleUser(database), database)


def test_a_rotation_proof_gives_the_same_result_on_every_run(database):
    told = []
    for _ in range(2):
        with pytest.raises(RotationUnsafe) as failure:
            prove(broken.CreatesAnew(database), database)
        told.append((failure.value.history, failure.value.problems))

    assert told[0] == told[1]


def test_a_rotation_proof_tries_no_more_histories_than_the_budget(database, monkeypatch):
    monkeypatch.setattr("mock_secrets.trials.rotation.BUDGET", 5)
    good, runs = SingleUser(database), []

    def handler(event, context):
        runs.append(event["Step"])
        good(event, context)

    prove(handler, database)

    assert runs.count("createSecret") <= 2 * (5 + 1)


@rows(
    "wrong, error, match",
    [
        ({"handler": 7}, TypeError, "handler"),
        ({"handler": lambda event: None}, TypeError, "event, context"),
        ({"accepts": 7}, TypeError, "accepts="),
        ({"reset": None}, TypeError, "reset="),
        ({"value": 7}, TypeError, "value"),
        ({"reset": lambda: None}, ValueError, r"reset\(\) must put the resource back"),
    ],
)
def test_a_rotation_proof_refuses_invalid_arguments(database, wrong, error, match):
    given = {"value": FIRST, "accepts": database.accepts, "reset": database.reset, **wrong}

    with pytest.raises(error, match=match):
        assert_rotation_safe(given.pop("handler", SingleUser(database)), **given)
