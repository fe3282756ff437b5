"""Quotas: what the retries of boto3 make of them, and what Limits changes."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.config import Config
from conformance.fidelity import behaviour
from conformance.quotas.updates import KEPT, kept, numbered, update, update_many
from conformance.raw import at_a_quota, snapshot
from tables import rows

from mock_secrets import Limits, UpdateRateWarning

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
TICK = timedelta(milliseconds=1)
RATE, OURS = "Quotas: rate of updates", "Quotas: changed by Limits"
REMOVED = "AWS User Guide, quotas: unlabeled versions are removed when there are more than 100"
NEVER = "AWS User Guide: never removes labeled versions"
BOTOCORE = "botocore's retry handlers"


# --- Retries ---


@pytest.fixture
def sleeps(monkeypatch):
    """The pauses of botocore, which nobody waits for."""
    paused = []
    monkeypatch.setattr("time.sleep", paused.append)
    return paused


@behaviour(RATE, "botocore retries LimitExceededException in standard mode, not in legacy mode", "AWS-DOC", BOTOCORE)
@rows("mode, attempts", [("standard", [1, 2, 3]), ("legacy", [1])])
@pytest.mark.filterwarnings("ignore::mock_secrets.UpdateRateWarning")
@pytest.mark.mock_secrets(at=NEW_YEAR, limits=Limits(versions_per_secret=2))
def test_botocore_retries_an_exceeded_quota_in_standard_mode_only(secrets_backend, sleeps, mode, attempts):
    client = secrets_backend.client(config=Config(retries={"mode": mode, "total_max_attempts": 3}))
    client.create_secret(Name="db", SecretString="0")
    update(client, 1)
    secrets_backend.calls.clear()

    with pytest.raises(client.exceptions.LimitExceededException) as caught:
        update(client, 2)

    assert [(call.attempt, call.error) for call in secrets_backend.calls] == [
        (attempt, "LimitExceededException") for attempt in attempts
    ]
    assert {call.params["ClientRequestToken"] for call in secrets_backend.calls} == {numbered(2)}
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == len(attempts) - 1
    assert (secrets_backend.clock.now() > NEW_YEAR) == (len(attempts) > 1)
    assert sleeps == []
    assert len(secrets_backend["db"].versions) == 2


@behaviour(RATE, "a retry succeeds when the quota has room again", "AWS-DOC", BOTOCORE)
@pytest.mark.filterwarnings("ignore::mock_secrets.UpdateRateWarning")
@pytest.mark.mock_secrets(
    at=NEW_YEAR, limits=Limits(versions_per_secret=2, retained_versions=1, retention=timedelta(milliseconds=1))
)
def test_a_retry_succeeds_once_the_quota_has_room_again(secrets_backend):
    client = secrets_backend.client(config=Config(retries={"mode": "standard", "total_max_attempts": 3}))
    client.create_secret(Name="db", SecretString="0")
    update(client, 1)
    secrets_backend.calls.clear()

    update(client, 2)

    assert [call.error for call in secrets_backend.calls] == ["LimitExceededException", None]
    assert client.get_secret_value(SecretId="db")["SecretString"] == "2"


# --- Limits ---


@behaviour(OURS, "retained_versions sets how many versions are kept", "AWS-DOC", REMOVED)
@pytest.mark.mock_secrets(at=NEW_YEAR, limits=Limits(retained_versions=5))
def test_retained_versions_sets_how_many_versions_are_kept(client, secrets_backend, db):
    update_many(client, 9)

    secrets_backend.clock.advance(hours=24)

    assert kept(client) == [numbered(number) for number in range(5, 10)]


@behaviour(OURS, "labelled versions are kept beyond retained_versions", "AWS-DOC", NEVER)
@pytest.mark.mock_secrets(at=NEW_YEAR, limits=Limits(retained_versions=1))
def test_labelled_versions_are_kept_beyond_retained_versions(client, secrets_backend, db):
    client.update_secret_version_stage(SecretId="db", VersionStage="first", MoveToVersionId=numbered(0))
    update_many(client, 5)

    secrets_backend.clock.advance(days=400)

    assert kept(client) == [numbered(0), numbered(4), numbered(5)]


@behaviour(OURS, "retention sets how long versions are kept", "AWS-DOC", KEPT)
@pytest.mark.mock_secrets(at=NEW_YEAR, limits=Limits(retained_versions=3, retention=timedelta(hours=1)))
def test_retention_sets_how_long_versions_are_kept(client, secrets_backend, db):
    update_many(client, 5)

    secrets_backend.clock.travel_to(NEW_YEAR + timedelta(hours=1) - TICK)
    before = kept(client)
    secrets_backend.clock.advance(milliseconds=1)

    assert before == [numbered(number) for number in range(6)]
    assert kept(client) == [numbered(number) for number in range(3, 6)]


@behaviour(OURS, "without retention, surplus versions are removed at once", "AWS-DOC", REMOVED)
@pytest.mark.mock_secrets(at=NEW_YEAR, limits=Limits(retained_versions=3, retention=timedelta(0)))
def test_surplus_versions_are_removed_immediately_without_retention(client, db):
    update_many(client, 5)

    assert kept(client) == [numbered(number) for number in range(3, 6)]


@behaviour(OURS, "versions_per_secret sets how many versions a secret can have", "OURS", "the mock's own design")
@rows("operation", ["update_secret", "put_secret_value"])
@pytest.mark.mock_secrets(at=NEW_YEAR, limits=Limits(versions_per_secret=3))
@at_a_quota
def test_versions_per_secret_limits_the_versions_of_a_secret(client, secrets_backend, db, operation):
    update_many(client, 2)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.LimitExceededException):
        getattr(client, operation)(SecretId="db", SecretString="one too many")

    assert snapshot(secrets_backend) == before


@behaviour(
    OURS,
    "versions_per_secret and retention together set the sustainable rate of updates",
    "OURS",
    "the mock's own design",
)
@pytest.mark.usefixtures("without_retries")
@pytest.mark.filterwarnings("error::mock_secrets.UpdateRateWarning")
@pytest.mark.mock_secrets(
    at=NEW_YEAR, limits=Limits(retained_versions=3, versions_per_secret=6, retention=timedelta(hours=1))
)
def test_the_sustainable_update_rate(client, secrets_backend, db):
    for number in range(1, 40):
        secrets_backend.clock.advance(minutes=10)
        update(client, number)
    secrets_backend.clock.advance(minutes=10, milliseconds=-1)

    with pytest.raises(client.exceptions.LimitExceededException):
        update(client, 40)


@behaviour(OURS, "the warning shows the changed figures", "OURS", "the mock's own design")
@pytest.mark.mock_secrets(at=NEW_YEAR, limits=Limits(versions_per_secret=6, retention=timedelta(hours=1)))
def test_the_warning_reflects_changed_limits(client, secrets_backend, db, recwarn):
    for number in range(1, 6):
        secrets_backend.clock.advance(minutes=5)
        update(client, number)

    assert len(recwarn) == 1
    for figure in ("6 versions", "0:05:00", "1:00:00", "0:10:00", "beyond 6"):
        assert figure in str(recwarn[0].message)


@behaviour(OURS, "labels_per_secret sets how many labels a secret can have", "AWS-DOC", "AWS User Guide, quotas")
@rows(
    "call",
    [
        lambda client: client.put_secret_value(SecretId="db", SecretString="x", VersionStages=["c"]),
        lambda client: client.put_secret_value(SecretId="db", SecretString="x"),
        lambda client: client.update_secret(SecretId="db", SecretString="x"),
        lambda client: client.update_secret_version_stage(SecretId="db", VersionStage="c", MoveToVersionId=numbered(0)),
    ],
)
@pytest.mark.mock_secrets(limits=Limits(labels_per_secret=3))
@at_a_quota
def test_labels_per_secret_limits_the_labels_of_a_secret(client, secrets_backend, db, call):
    client.put_secret_value(SecretId="db", SecretString="1", VersionStages=["a", "b"])
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.LimitExceededException):
        call(client)

    assert snapshot(secrets_backend) == before


@behaviour(
    OURS,
    "secrets_per_region sets how many secrets an account can have in one Region",
    "AWS-DOC",
    "AWS User Guide, quotas",
)
@pytest.mark.mock_secrets(limits=Limits(secrets_per_region=2))
@at_a_quota
def test_secrets_per_region_limits_the_secrets_of_an_account_in_a_region(client, secrets_backend, db):
    client.create_secret(Name="second")
    elsewhere = secrets_backend.session(region="eu-west-1").client("secretsmanager")
    stranger = secrets_backend.session(account_id="111122223333").client("secretsmanager")

    with pytest.raises(client.exceptions.LimitExceededException):
        client.create_secret(Name="third", SecretString="x")

    assert {secret.name for secret in secrets_backend} == {"db", "second"}
    for other in (elsewhere, stranger):
        assert other.create_secret(Name="third")["Name"] == "third"
    client.delete_secret(SecretId="second", ForceDeleteWithoutRecovery=True)
    assert client.create_secret(Name="third")["Name"] == "third"


@behaviour(
    OURS,
    "a secret in its recovery window counts towards the quota of secrets",
    "GUESS",
    "it still exists",
    decided_by="AWS's internals",
)
@pytest.mark.mock_secrets(at=NEW_YEAR, limits=Limits(secrets_per_region=1))
@at_a_quota
def test_a_scheduled_secret_counts(client, secrets_backend, db):
    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)

    with pytest.raises(client.exceptions.LimitExceededException):
        client.create_secret(Name="second")

    secrets_backend.clock.advance(days=7)
    assert client.create_secret(Name="second")["Name"] == "second"


@behaviour(OURS, "tags_per_secret sets how many tags a secret can have", "OURS", "the mock's own design")
@pytest.mark.mock_secrets(limits=Limits(tags_per_secret=2))
def test_tags_per_secret_limits_the_tags_of_a_secret(client, secrets_backend):
    tags = [{"Key": key, "Value": ""} for key in "abc"]

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.create_secret(Name="db", Tags=tags)

    assert "db" not in secrets_backend
    client.create_secret(Name="db", Tags=tags[:2])
    assert secrets_backend["db"].tags == {"a": "", "b": ""}


@at_a_quota
def test_the_warning_precedes_the_quota_even_with_an_old_labelled_version(secrets_backend):
    secret = secrets_backend.create("db", "one")
    secrets_backend.client().update_secret_version_stage(
        SecretId="db", VersionStage="KEEP", MoveToVersionId=secret.versions[0].id
    )
    secrets_backend.clock.advance(days=400)

    with pytest.warns(UpdateRateWarning, match="144"):
        _update(secret, 144)


@at_a_quota
def test_the_warning_precedes_the_quota_even_after_a_quiet_day(secrets_backend):
    secret = secrets_backend.create("db", "one")
    secrets_backend.clock.advance(hours=23, minutes=55)

    with pytest.warns(UpdateRateWarning, match="144"):
        _update(secret, 143)


def _update(secret, times):
    for number in range(times):
        secret.update(str(number))
