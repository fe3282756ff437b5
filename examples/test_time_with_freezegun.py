"""Using freezegun yourself: the service follows it, whether its decorator is above or below that of the mock.

You need not configure anything. Whatever has fallen due since the last call happens before the next one. The service
follows time-machine in the same way.
"""

from datetime import datetime, timedelta, timezone

import boto3
import pytest
from freezegun import freeze_time

from mock_secrets import SecretsBackend, mock_secrets

NEW_YEAR = datetime(2024, 1, 1, tzinfo=timezone.utc)


@freeze_time("2024-01-01")
@mock_secrets
def test_freezegun_can_stand_above_the_mock():
    client = boto3.client("secretsmanager")
    client.create_secret(Name="db", SecretString="s3cret")

    assert client.describe_secret(SecretId="db")["CreatedDate"] == NEW_YEAR


@mock_secrets
@freeze_time("2024-01-01")
def test_freezegun_can_stand_below_the_mock():
    client = boto3.client("secretsmanager")
    client.create_secret(Name="db", SecretString="s3cret")

    assert client.describe_secret(SecretId="db")["CreatedDate"] == NEW_YEAR


@mock_secrets
def test_a_freeze_can_be_a_block_inside_a_test(secrets_backend: SecretsBackend):
    with freeze_time("2024-01-01"):
        secret = secrets_backend.create("db", "s3cret")

    assert secret.created_at == NEW_YEAR


@freeze_time("2024-01-01")
def test_the_mock_can_be_a_block_inside_a_freeze():
    with mock_secrets(secrets={"db": "s3cret"}) as backend:
        assert backend["db"].created_at == NEW_YEAR


@mock_secrets
def test_moving_freezegun_moves_the_service(secrets_backend: SecretsBackend):
    with freeze_time("2024-01-01") as frozen:
        client = boto3.client("secretsmanager")
        client.create_secret(Name="db", SecretString="s3cret")
        client.delete_secret(SecretId="db", RecoveryWindowInDays=7)

        frozen.move_to("2024-01-07")
        assert "db" in secrets_backend

        frozen.tick(timedelta(days=1))
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.restore_secret(SecretId="db")


@mock_secrets
def test_advancing_the_service_adds_to_freezegun(secrets_backend: SecretsBackend):
    with freeze_time("2024-01-01") as frozen:
        secrets_backend.clock.advance(hours=1)
        frozen.tick(timedelta(minutes=1))

        assert secrets_backend.clock.now() == NEW_YEAR + timedelta(hours=1, minutes=1)
        assert datetime.now(timezone.utc) == NEW_YEAR + timedelta(minutes=1)
