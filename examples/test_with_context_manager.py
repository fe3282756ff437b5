"""``with mock_secrets()``: the mock for a block. Also start() and stop(), for set-up code that can't use a block."""

import boto3
import pytest
from shop.settings import SettingsError, load_settings

from mock_secrets import mock_secrets

SETTINGS = {"payment_url": "https://pay.example", "payment_key": "k3y"}


def test_the_block_provides_the_backend():
    with mock_secrets() as backend:
        backend.create("shop/settings", SETTINGS)

        settings = load_settings()

    assert settings.payment_key == "k3y"


def test_each_block_starts_empty():
    with mock_secrets(secrets={"shop/settings": SETTINGS}):
        load_settings()

    with mock_secrets(), pytest.raises(SettingsError):
        load_settings()


def test_an_inner_block_joins_the_outer_one_and_can_add_secrets():
    with mock_secrets() as outer, mock_secrets(secrets={"shop/settings": SETTINGS}) as inner:
        assert inner is outer
        assert load_settings().payment_key == "k3y"


def test_the_backend_can_be_read_after_the_block():
    with mock_secrets(secrets={"shop/settings": SETTINGS}) as backend:
        boto3.client("secretsmanager").update_secret(SecretId="shop/settings", SecretString="{}")

    assert backend["shop/settings"].value == "{}"
    assert [call.operation for call in backend.calls] == ["UpdateSecret"]


def test_start_and_stop_do_the_same_without_a_block():
    mock = mock_secrets(secrets={"shop/settings": SETTINGS})
    backend = mock.start()
    try:
        load_settings()
    finally:
        mock.stop()

    assert len(backend.calls) == 1
