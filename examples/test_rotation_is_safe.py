"""A rotation function under production conditions: cut off anywhere, run again, throttled, overtaken by others."""

import json
import sqlite3
from contextlib import closing

import boto3
import pytest
import rotation_function
import rotation_function_two_users
from rotation_function import AuthenticationFailed, log_in

from mock_secrets import SecretsBackend
from mock_secrets.proofs import RotationUnsafe, assert_rotation_safe, stale_window

USERS = {"shop": "0ld", "root": "r00t"}


@pytest.fixture
def database(tmp_path):
    """A database in which each user has a password."""
    path = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table users (name text, password text)")
    return str(path)


@pytest.fixture
def reset(database):
    """Resets the users to their first passwords."""

    def put_back():
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("delete from users")
            connection.executemany("insert into users values (?, ?)", USERS.items())

    put_back()
    return put_back


def accepts(value) -> bool:
    try:
        log_in(value)
    except AuthenticationFailed:
        return False
    return True


@pytest.fixture
def first(database):
    return {"database": database, "username": "shop", "password": USERS["shop"]}


@pytest.fixture
def first_of_two(secrets_backend: SecretsBackend, database, first):
    master = secrets_backend.create("root", {"database": database, "username": "root", "password": USERS["root"]})
    return {**first, "masterarn": master.arn}


def test_two_users_in_turns_are_safe(first_of_two, reset):
    assert_rotation_safe(rotation_function_two_users.lambda_handler, value=first_of_two, accepts=accepts, reset=reset)


def test_one_user_is_safe(first, reset):
    assert_rotation_safe(rotation_function.lambda_handler, value=first, accepts=accepts, reset=reset)


def test_reading_the_pending_password_by_its_label_alone_is_unsafe(first, reset, monkeypatch):
    def by_its_label(client, secret, token):
        return rotation_function.credentials(client, secret, "AWSPENDING")

    monkeypatch.setattr(rotation_function, "pending_credentials", by_its_label)

    with pytest.raises(RotationUnsafe, match="which somebody else stored"):
        assert_rotation_safe(rotation_function.lambda_handler, value=first, accepts=accepts, reset=reset)


def for_ever():
    """An application that reads the secret only once."""
    cached = []

    def use():
        if not cached:
            answer = boto3.client("secretsmanager").get_secret_value(SecretId="shop/db")
            cached.append(json.loads(answer["SecretString"]))
        return cached[0]

    return use


def until_it_is_refused():
    """An application that reads the secret again when its value is refused."""
    cached = for_ever()

    def use():
        nonlocal cached
        if not accepts(cached()):
            cached = for_ever()
        return cached()

    return use


@pytest.fixture
def rotating(secrets_backend: SecretsBackend, secrets_client):
    """Creates the secret, and configures a function to rotate it."""

    def rotate(handler, value):
        secrets_backend.create("shop/db", value)
        arn = secrets_backend.register_rotation_lambda("rotator", handler)
        secrets_client.rotate_secret(SecretId="shop/db", RotationLambdaARN=arn)

    return rotate


def test_an_application_that_reads_the_secret_once_never_recovers(rotating, first, reset):
    rotating(rotation_function.lambda_handler, first)

    window = stale_window(for_ever, secret="shop/db", accepts=accepts)

    assert window.begins.what == "after setSecret"
    assert not window.recovers


def test_one_that_reads_it_again_recovers_at_finish_secret(rotating, first, reset):
    rotating(rotation_function.lambda_handler, first)

    window = stale_window(until_it_is_refused, secret="shop/db", accepts=accepts)

    assert window.recovers
    assert "finishSecret" in window.ends.what


def test_with_two_users_it_is_never_refused(rotating, first_of_two, reset):
    rotating(rotation_function_two_users.lambda_handler, first_of_two)

    assert not stale_window(until_it_is_refused, secret="shop/db", accepts=accepts)
