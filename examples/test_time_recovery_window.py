"""A secret deleted by mistake: it can be restored until its recovery window ends, but not after.

The window is 7 to 30 days long, by default 30. Until it ends, the secret can't be read and its name is taken;
RestoreSecret brings it back with all its versions. Then the secret is gone, and its name is free.
"""

from datetime import timedelta

import pytest

from mock_secrets import SecretsBackend


@pytest.fixture
def client(secrets_backend: SecretsBackend):
    secrets_backend.create("db", "s3cret")
    return secrets_backend.client()


def test_a_deleted_secret_cannot_be_read(client):
    client.delete_secret(SecretId="db")

    with pytest.raises(client.exceptions.InvalidRequestException, match="marked for deletion"):
        client.get_secret_value(SecretId="db")


def test_a_secret_restored_in_time_is_unchanged(client, secrets_backend):
    secrets_backend["db"].update("n3w")
    before = secrets_backend["db"].versions
    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)

    secrets_backend.clock.advance(days=6, hours=23, minutes=59)
    client.restore_secret(SecretId="db")

    assert client.get_secret_value(SecretId="db")["SecretString"] == "n3w"
    assert secrets_backend["db"].versions == before


def test_a_restored_secret_outlives_the_window(client, secrets_backend):
    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    client.restore_secret(SecretId="db")

    secrets_backend.clock.advance(days=365)

    assert client.get_secret_value(SecretId="db")["SecretString"] == "s3cret"


def test_after_the_window_there_is_nothing_to_restore(client, secrets_backend):
    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)

    secrets_backend.clock.advance(days=7)

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.restore_secret(SecretId="db")


def test_the_response_says_when_the_window_ends(client, secrets_backend):
    answer = client.delete_secret(SecretId="db", RecoveryWindowInDays=7)

    assert answer["DeletionDate"] == secrets_backend.calls[-1].at + timedelta(days=7)

    secrets_backend.clock.travel_to(answer["DeletionDate"])
    assert "db" not in secrets_backend


def test_the_default_window_has_30_days(client, secrets_backend):
    client.delete_secret(SecretId="db")

    secrets_backend.clock.advance(days=29)
    assert "db" in secrets_backend

    secrets_backend.clock.advance(days=1)
    assert "db" not in secrets_backend


def test_the_name_is_taken_until_the_window_ends_and_then_free(client, secrets_backend):
    first = secrets_backend["db"].arn
    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    with pytest.raises(client.exceptions.InvalidRequestException, match="already scheduled for deletion"):
        client.create_secret(Name="db", SecretString="another")

    secrets_backend.clock.advance(days=7)
    second = client.create_secret(Name="db", SecretString="another")["ARN"]

    assert second != first
