"""An application that survives a rotation: when the database refuses its password, it reads the secret again."""

import json
import sqlite3
from contextlib import closing

import boto3
import pytest
from rotation_function import AuthenticationFailed, lambda_handler, log_in

from mock_secrets import SecretsBackend

pytestmark = pytest.mark.mock_secrets(region="eu-west-1")


class Shop:
    """Keeps its credentials until the database refuses them."""

    def __init__(self) -> None:
        self._credentials: dict[str, str] | None = None

    def sell(self) -> str:
        try:
            log_in(self._credentials or self._read())
        except AuthenticationFailed:
            log_in(self._read())
        return "sold"

    def _read(self) -> dict[str, str]:
        answer = boto3.client("secretsmanager").get_secret_value(SecretId="shop/db")
        self._credentials = json.loads(answer["SecretString"])
        return self._credentials


@pytest.fixture
def rotator(secrets_backend: SecretsBackend, tmp_path) -> str:
    """A database with one user, the secret with its password, and the function that rotates both."""
    path = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table users (name text, password text)")
        connection.execute("insert into users values ('shop', '0ld')")
    secrets_backend.create("shop/db", {"database": str(path), "username": "shop", "password": "0ld"})
    return secrets_backend.register_rotation_lambda("shop-rotator", lambda_handler)


def test_the_shop_keeps_selling_after_a_rotation(rotator, secrets_backend):
    shop = Shop()
    shop.sell()
    boto3.client("secretsmanager").rotate_secret(SecretId="shop/db", RotationLambdaARN=rotator)
    secrets_backend.calls.clear()

    assert shop.sell() == "sold"
    assert shop.sell() == "sold"

    assert len(secrets_backend.calls.of("GetSecretValue")) == 1


def test_with_a_single_user_the_shop_is_refused_from_set_secret_to_finish_secret(rotator, secrets_backend):
    shop, sold = Shop(), []

    def while_it_rotates(event, context):
        lambda_handler(event, context)
        try:
            sold.append((event["Step"], shop.sell()))
        except AuthenticationFailed:
            sold.append((event["Step"], "refused"))

    secrets_backend.register_rotation_lambda("shop-rotator", while_it_rotates)

    boto3.client("secretsmanager").rotate_secret(SecretId="shop/db", RotationLambdaARN=rotator)

    # A single user has one password, so between setSecret and finishSecret the current version does not work.
    assert sold == [
        ("createSecret", "sold"),
        ("setSecret", "refused"),
        ("testSecret", "refused"),
        ("finishSecret", "sold"),
    ]
