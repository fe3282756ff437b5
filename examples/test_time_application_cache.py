"""An application that caches what it reads: ``secrets_clock`` moves the time of application and service together.

The shop caches its credentials for five minutes by ``time.monotonic()``. A test that moves only the service, with
``secrets_backend.clock``, leaves the cache as fresh as it was. ``secrets_clock`` freezes the process and moves both.
"""

from itertools import pairwise

import pytest
from shop import credentials
from shop.credentials import ChangedMeanwhile, CredentialsCache, change_password

from mock_secrets import SecretsBackend
from mock_secrets.backend import StoredSecret

pytestmark = pytest.mark.mock_secrets(region=credentials.REGION)


@pytest.fixture
def secret(secrets_backend: SecretsBackend) -> StoredSecret:
    return secrets_backend.create(credentials.SECRET, {"username": "shop", "password": "0ld"})


def test_advancing_only_the_service_leaves_the_cache_fresh(secret, secrets_backend):
    cache = CredentialsCache(max_age=300)
    cache.get()
    secret.update({"username": "shop", "password": "n3w"})

    secrets_backend.clock.advance(days=1)

    assert cache.get().password == "0ld"


def test_during_a_day_the_cache_reads_every_five_minutes(secret, secrets_clock, secrets_backend):
    cache = CredentialsCache(max_age=300)

    for _ in range(24 * 60):
        cache.get()
        secrets_clock.advance(minutes=1)

    reads = secrets_backend.calls.of("GetSecretValue")
    assert len(reads) == 24 * 60 / 5
    assert {(later.at - earlier.at).seconds for earlier, later in pairwise(reads)} == {300}


def test_a_change_based_on_stale_credentials_is_refused_but_works_with_fresh_ones(secret, secrets_clock):
    cache = CredentialsCache(max_age=300)
    change_password(cache.get(), "by somebody else")
    with pytest.raises(ChangedMeanwhile):
        change_password(cache.get(), "mine")

    secrets_clock.advance(minutes=5)
    change_password(cache.get(), "mine")

    assert secret.json["password"] == "mine"


def test_a_deleted_secret_is_noticed_when_the_cache_is_too_old(secret, secrets_clock):
    cache = CredentialsCache(max_age=300)
    cache.get()
    credentials.client.delete_secret(SecretId=credentials.SECRET, RecoveryWindowInDays=7)
    assert cache.get().password == "0ld"

    secrets_clock.advance(minutes=5)
    with pytest.raises(credentials.client.exceptions.InvalidRequestException):
        cache.get()

    secrets_clock.advance(days=7)
    with pytest.raises(credentials.client.exceptions.ResourceNotFoundException):
        cache.get()
