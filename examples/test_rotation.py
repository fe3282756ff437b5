"""A rotation function under test: your own ``lambda_handler``, a real database, and 90 days of schedule in a second."""

import sqlite3
from contextlib import closing
from datetime import datetime, timezone

import boto3
import pytest
import rotation_function
from rotation_function import AuthenticationFailed, lambda_handler, log_in

from mock_secrets import SecretsBackend
from mock_secrets.model.rotation import Outcome

pytestmark = pytest.mark.mock_secrets(at=datetime(2026, 1, 1, 9, tzinfo=timezone.utc), region="eu-west-1")

MONTHLY = {"AutomaticallyAfterDays": 30}


@pytest.fixture
def database(tmp_path):
    """A database with one user."""
    path = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table users (name text, password text)")
        connection.execute("insert into users values ('shop', '0ld')")
    return path


@pytest.fixture
def secret(secrets_backend: SecretsBackend, database):
    """The secret with the user's password."""
    return secrets_backend.create("shop/db", {"database": str(database), "username": "shop", "password": "0ld"})


@pytest.fixture
def rotator(secrets_backend: SecretsBackend) -> str:
    """The ARN of the registered function."""
    return secrets_backend.register_rotation_lambda(
        "shop-rotator", lambda_handler, environment={"EXCLUDE_CHARACTERS": "'"}
    )


def test_a_rotation_changes_the_password_in_the_database_and_in_the_secret(secret, rotator):
    old = secret.json

    boto3.client("secretsmanager").rotate_secret(SecretId="shop/db", RotationLambdaARN=rotator)

    log_in(secret.json)
    with pytest.raises(AuthenticationFailed):
        log_in(old)
    assert set(secret.stages) == {"AWSCURRENT", "AWSPREVIOUS"}


def test_ninety_days_with_one_failure_in_the_middle(secret, rotator, secrets_backend, monkeypatch):
    boto3.client("secretsmanager").rotate_secret(SecretId="shop/db", RotationLambdaARN=rotator, RotationRules=MONTHLY)
    secrets_backend.clock.advance(days=45)

    def unplugged(*_):
        raise ConnectionError("the database is away")

    with monkeypatch.context() as outage:
        outage.setitem(rotation_function.STEPS, "testSecret", unplugged)
        secrets_backend.clock.travel_to(datetime(2026, 3, 2, 0, 5, tzinfo=timezone.utc))
    secrets_backend.clock.travel_to(datetime(2026, 4, 1, 9, tzinfo=timezone.utc))

    runs = secret.rotations
    assert [(f"{run.started_at:%d %b %H:%M}", run.outcome) for run in runs] == [
        ("01 Jan 09:00", Outcome.SUCCEEDED),
        ("31 Jan 00:00", Outcome.SUCCEEDED),
        ("02 Mar 00:00", Outcome.FAILED),
        ("02 Mar 00:10", Outcome.SUCCEEDED),
        ("01 Apr 00:00", Outcome.SUCCEEDED),
    ]
    log_in(secret.json)


def test_a_failed_rotation_reports_its_step_and_cause(secret, rotator, monkeypatch):
    def unplugged(*_):
        raise ConnectionError("the database is away")

    monkeypatch.setitem(rotation_function.STEPS, "setSecret", unplugged)

    boto3.client("secretsmanager").rotate_secret(SecretId="shop/db", RotationLambdaARN=rotator)

    run = secret.rotations[-1]
    assert [step.step for step in run.steps] == ["createSecret", "setSecret"]
    assert str(run.error) == f"Error when executing lambda {rotator} during setSecret step"
    assert str(run.error.__cause__) == "the database is away"
    assert secret.json["password"] == "0ld"
    log_in(secret.json)


def test_a_retry_does_not_create_a_second_password(secret, rotator, secrets_backend, monkeypatch):
    def unplugged(*_):
        raise ConnectionError("the database is away")

    with monkeypatch.context() as outage:
        outage.setitem(rotation_function.STEPS, "testSecret", unplugged)
        boto3.client("secretsmanager").rotate_secret(SecretId="shop/db", RotationLambdaARN=rotator)
    pending = secret.stages["AWSPENDING"].value

    secret.finish_rotation()

    assert secret.value == pending
    log_in(secret.json)
