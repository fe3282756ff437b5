"""An application that survives a disabled KMS key: it keeps using the password that it has, and logs a warning."""

import logging

import boto3
import pytest

log = logging.getLogger("shop")


class Password:
    """The database's password, read again for each connection, or else the last one that could be read."""

    def __init__(self) -> None:
        self._last: str | None = None
        self._client = boto3.client("secretsmanager", region_name="eu-west-1")

    def read(self) -> str:
        try:
            self._last = self._client.get_secret_value(SecretId="shop/db")["SecretString"]
        except self._client.exceptions.DecryptionFailure as failure:
            if self._last is None:
                raise
            log.warning("going on with the last password: %s", failure)
        return self._last


@pytest.fixture
def key(secrets_backend):
    key = secrets_backend.kms.create_key(description="the shop's", alias="alias/shop", region="eu-west-1")
    secrets_backend.create("shop/db", "pa55word", kms_key_id="alias/shop", region="eu-west-1")
    return key


def test_the_shop_keeps_working_while_its_key_is_disabled(key, caplog):
    password = Password()
    password.read()

    key.disable()

    assert password.read() == "pa55word"
    assert "is disabled." in caplog.text
    assert "pa55word" not in caplog.text


def test_a_shop_that_starts_meanwhile_fails(key):
    key.disable()
    password = Password()

    with pytest.raises(boto3.client("secretsmanager").exceptions.ClientError, match="DecryptionFailure"):
        password.read()


def test_once_the_key_is_enabled_again_the_new_password_is_read(key, secrets_backend, caplog):
    password = Password()
    password.read()
    key.disable()
    password.read()
    key.enable()
    secrets_backend.secret("shop/db", region="eu-west-1").update("n3w pa55word")

    assert password.read() == "n3w pa55word"


def test_a_scheduled_deletion_can_be_cancelled_in_time(key, secrets_backend):
    password = Password()
    key.schedule_deletion(days=7)
    secrets_backend.clock.advance(days=6)

    key.cancel_deletion()
    key.enable()

    assert password.read() == "pa55word"


def test_after_the_waiting_period_the_value_is_lost(key, secrets_backend):
    key.schedule_deletion(days=7)

    secrets_backend.clock.advance(days=7)

    assert key.state == "Deleted"
    with pytest.raises(boto3.client("secretsmanager").exceptions.ClientError, match="DecryptionFailure"):
        Password().read()
