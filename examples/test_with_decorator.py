"""@mock_secrets on a test function, on one that uses the backend, and on a unittest.TestCase."""

import unittest

import boto3
import pytest
from shop.settings import Settings, SettingsError, load_settings

from mock_secrets import SecretsBackend, mock_secrets


@mock_secrets
def test_a_test_starts_with_an_empty_secrets_manager():
    with pytest.raises(SettingsError, match="there is no secret 'shop/settings'"):
        load_settings()


@mock_secrets
def test_the_application_reads_what_boto3_created():
    boto3.client("secretsmanager").create_secret(
        Name="shop/settings", SecretString='{"payment_url": "https://pay.example", "payment_key": "k3y"}'
    )

    settings = load_settings()

    assert settings == Settings(payment_url="https://pay.example", payment_key="k3y")


@mock_secrets(region="eu-west-1")
def test_a_client_that_names_no_region_has_the_region_of_the_mock():
    with pytest.raises(SettingsError, match="in eu-west-1"):
        load_settings()


@mock_secrets(secrets={"shop/settings": {"payment_url": "https://pay.example", "payment_key": "k3y"}})
def test_secrets_can_exist_from_the_start():
    assert load_settings().payment_url == "https://pay.example"


@mock_secrets(secrets={"shop/settings": {"payment_url": "https://pay.example"}})
def test_a_missing_setting_is_named_but_no_value_is_shown():
    with pytest.raises(SettingsError) as raised:
        load_settings()

    assert str(raised.value) == "the secret 'shop/settings' lacks payment_key"


@mock_secrets(secrets={"shop/settings": {"payment_url": "https://pay.example", "payment_key": "k3y"}})
def test_a_parameter_named_secrets_backend_gets_the_backend(secrets_backend: SecretsBackend):
    load_settings()

    (call,) = secrets_backend.calls
    assert call.operation == "GetSecretValue"
    assert call.params == {"SecretId": "shop/settings"}


@mock_secrets(secrets={"shop/settings": {"payment_url": "https://pay.example", "payment_key": "k3y"}})
class SettingsTest(unittest.TestCase):
    """One mock around setUp, the test and tearDown: every test has its own."""

    def setUp(self) -> None:
        self.client = boto3.client("secretsmanager")

    def test_settings_are_read(self) -> None:
        assert load_settings().payment_key == "k3y"

    def test_a_changed_setting_is_read(self) -> None:
        self.client.update_secret(
            SecretId="shop/settings", SecretString='{"payment_url": "https://pay.example", "payment_key": "n3w"}'
        )

        assert load_settings().payment_key == "n3w"
