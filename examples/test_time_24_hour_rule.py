"""How often a secret can be updated: outdated versions are removed, but none that is younger than 24 hours.

Every update creates a version. AWS removes versions without a staging label when there are more than 100, but never one
that is younger than 24 hours. So you can update a secret once every ten minutes for ever, but if you update it more
often, it reaches its quota, and the next update fails with a LimitExceededException. ``secrets_backend.clock`` lets
days pass in a moment.

botocore's standard retry mode treats a LimitExceededException as throttling, and retries the call. These tests are
about the error itself, so their client makes only one attempt.
"""

from datetime import timedelta

import pytest
from botocore.config import Config

from mock_secrets import Limits, SecretsBackend, UpdateRateWarning

ONE_TRY = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def client(secrets_backend: SecretsBackend):
    secrets_backend.create("db", "the first")
    return secrets_backend.client(config=ONE_TRY)


def update_every(interval: timedelta, *, times: int, client, clock) -> None:
    for _ in range(times):
        clock.advance(seconds=interval.total_seconds())
        client.update_secret(SecretId="db", SecretString="the next")


def test_a_version_is_kept_for_24_hours_however_many_there_are(client, secrets_backend):
    update_every(timedelta(minutes=10), times=143, client=client, clock=secrets_backend.clock)

    assert len(secrets_backend["db"].versions) == 144
    assert secrets_backend["db"].versions[0].value == "the first"


def test_after_24_hours_the_oldest_versions_are_removed_until_100_are_left(client, secrets_backend):
    update_every(timedelta(minutes=10), times=143, client=client, clock=secrets_backend.clock)

    secrets_backend.clock.advance(hours=24)

    versions = secrets_backend["db"].versions
    assert len(versions) == 100
    assert set(secrets_backend["db"].stages) == {"AWSCURRENT", "AWSPREVIOUS"}


def test_a_version_with_a_staging_label_is_never_removed(client, secrets_backend):
    kept = secrets_backend["db"].put("kept", stages=["before-the-migration"])

    update_every(timedelta(hours=4), times=500, client=client, clock=secrets_backend.clock)

    assert secrets_backend["db"].stages["before-the-migration"] == kept


def test_one_update_every_ten_minutes_can_be_sustained(client, secrets_backend):
    update_every(timedelta(minutes=10), times=1_000, client=client, clock=secrets_backend.clock)

    assert len(secrets_backend["db"].versions) <= 144


def test_more_frequent_updates_cause_a_warning_and_then_an_error(client, secrets_backend):
    with pytest.warns(UpdateRateWarning, match="only one update every 0:10:00 can be sustained"):
        update_every(timedelta(minutes=5), times=143, client=client, clock=secrets_backend.clock)

    with pytest.raises(client.exceptions.LimitExceededException):
        client.update_secret(SecretId="db", SecretString="one too many")

    assert secrets_backend["db"].value == "the next"


@pytest.mark.filterwarnings("ignore::mock_secrets.UpdateRateWarning")
def test_a_day_later_updates_are_accepted_again(client, secrets_backend):
    update_every(timedelta(minutes=5), times=143, client=client, clock=secrets_backend.clock)

    secrets_backend.clock.advance(hours=24)
    client.update_secret(SecretId="db", SecretString="rested")

    assert secrets_backend["db"].value == "rested"


@pytest.mark.mock_secrets(limits=Limits(retained_versions=2, versions_per_secret=3))
def test_with_smaller_limits_a_few_updates_show_the_same(client, secrets_backend):
    update_every(timedelta(hours=12), times=10, client=client, clock=secrets_backend.clock)

    assert len(secrets_backend["db"].versions) == 2
