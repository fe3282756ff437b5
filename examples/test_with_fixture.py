"""The fixtures secrets_backend, secrets_client and secrets_clock, the marker, and your own fixture on top.

The client in shop.credentials is older than every mock here, because it was created when the module was imported. Its
calls are answered like all others.
"""

import pytest
from shop import credentials
from shop.credentials import CredentialsCache, change_password, read_credentials

from mock_secrets import SecretsBackend
from mock_secrets.backend import StoredSecret

# The shop's database is in Frankfurt, so the fixtures must create their secrets there.
pytestmark = pytest.mark.mock_secrets(region=credentials.REGION)


@pytest.fixture
def secret(secrets_backend: SecretsBackend) -> StoredSecret:
    return secrets_backend.create(credentials.SECRET, {"username": "shop", "password": "0ld"})


def test_a_client_that_is_older_than_the_mock_works(secret):
    assert read_credentials().password == "0ld"


def test_a_changed_password_is_the_current_value(secret):
    new = change_password(read_credentials(), "n3w")

    assert secret.json == {"username": "shop", "password": "n3w"}
    assert secret.stages["AWSCURRENT"].id == new.version_id


def test_the_old_password_stays_readable_as_the_previous_version(secret):
    old = read_credentials()

    change_password(old, "n3w")

    assert secret.stages["AWSPREVIOUS"].id == old.version_id


def test_a_change_that_is_sent_twice_makes_one_version(secret, secrets_backend):
    old = read_credentials()

    assert change_password(old, "n3w") == change_password(old, "n3w")

    assert len(secret.versions) == 2
    assert len(secrets_backend.calls.of("UpdateSecret")) == 2


def test_the_cache_reads_once(secret, secrets_backend):
    cache = CredentialsCache()

    assert cache.get() is cache.get()

    assert len(secrets_backend.calls.of("GetSecretValue")) == 1


def test_the_cache_reads_again_when_it_is_too_old(secret, secrets_clock):
    cache = CredentialsCache(max_age=300)
    cache.get()
    secret.update({"username": "shop", "password": "n3w"})

    secrets_clock.advance(seconds=299)
    assert cache.get().password == "0ld"

    secrets_clock.advance(seconds=1)
    assert cache.get().password == "n3w"


def test_an_invalidated_cache_reads_again(secret):
    cache = CredentialsCache()
    cache.get()
    secret.update({"username": "shop", "password": "n3w"})

    cache.invalidate()

    assert cache.get().password == "n3w"


def test_secrets_client_is_a_boto3_client_for_the_same_secrets(secret, secrets_client):
    answer = secrets_client.describe_secret(SecretId=credentials.SECRET)

    assert answer["ARN"] == secret.arn


@pytest.mark.mock_secrets(account_id="111122223333")
def test_a_marker_on_the_test_adds_to_the_marker_of_the_module(secret):
    assert secret.arn.startswith("arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/database-")
