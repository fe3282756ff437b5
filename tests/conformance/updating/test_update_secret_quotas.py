"""UpdateSecret: the quotas of versions and labels."""

import pytest
from conformance.fidelity import behaviour
from conformance.raw import at_a_quota, snapshot

from mock_secrets import Limits

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
UPDATE = "UpdateSecret"


@behaviour(
    UPDATE, "sustained updates more often than every 10 minutes: LimitExceededException", "AWS-DOC", "AWS API reference"
)
@at_a_quota
def test_updating_too_often_is_refused(client, secrets_backend, db):
    for number in range(143):
        client.update_secret(SecretId="db", SecretString=str(number))
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.LimitExceededException):
        client.update_secret(SecretId="db", SecretString="one too many", Description="new")

    assert len(secrets_backend["db"].versions) == 144
    assert snapshot(secrets_backend) == before


@behaviour(
    UPDATE,
    "at the quota of versions, metadata can still be updated",
    "GUESS",
    "no version is made",
    decided_by="many calls",
)
@pytest.mark.mock_secrets(limits=Limits(versions_per_secret=1))
@at_a_quota
def test_metadata_can_be_updated_at_the_quota_of_versions(client, db):
    client.update_secret(SecretId="db", Description="new")

    assert client.describe_secret(SecretId="db")["Description"] == "new"


@behaviour(
    UPDATE,
    "at the quota of versions, a used token is handled as usual",
    "GUESS",
    "quotas come last",
    decided_by="many calls",
)
@pytest.mark.mock_secrets(limits=Limits(versions_per_secret=1))
@at_a_quota
def test_the_quota_is_checked_after_the_token(client, db):
    assert client.update_secret(SecretId="db", SecretString="one", ClientRequestToken=V1)["VersionId"] == V1
    with pytest.raises(client.exceptions.ResourceExistsException):
        client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V1)


_REMOVED = "AWS User Guide, quotas; AWS API reference, UpdateSecret"


@behaviour(UPDATE, "one update every 10 minutes can go on for ever", "AWS-DOC", _REMOVED)
def test_updates_every_ten_minutes_can_continue_indefinitely(secrets_backend):
    db = secrets_backend.create("db", "one")

    for number in range(500):
        secrets_backend.clock.advance(minutes=10)
        db.update(str(number))

    assert db.value == "499"


@behaviour(
    UPDATE,
    "versions without a label that are older than 24 hours are removed when there are more than 100",
    "AWS-DOC",
    _REMOVED,
)
def test_old_versions_without_a_label_are_removed(client, secrets_backend, db):
    for number in range(120):
        client.update_secret(SecretId="db", SecretString=str(number))
    secrets_backend.clock.advance(hours=25)

    client.update_secret(SecretId="db", SecretString="new")

    assert len(secrets_backend["db"].versions) in (100, 101)
    assert secrets_backend["db"].value == "new"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_secret_value(SecretId="db", VersionId=V1)


@behaviour(UPDATE, "versions of the last 24 hours are kept, even if there are more than 100", "AWS-DOC", _REMOVED)
def test_versions_from_the_last_day_are_kept(client, secrets_backend, db):
    for number in range(120):
        client.update_secret(SecretId="db", SecretString=str(number))
    secrets_backend.clock.advance(hours=23)

    client.update_secret(SecretId="db", SecretString="new")

    assert len(secrets_backend["db"].versions) == 122
    assert client.get_secret_value(SecretId="db", VersionId=V1)["SecretString"] == "one"


@behaviour(
    UPDATE,
    "of old and young versions only the old ones are removed, even if more than 100 are left",
    "AWS-DOC",
    _REMOVED,
)
def test_only_old_versions_are_removed(client, secrets_backend, db):
    for number in range(9):
        client.update_secret(SecretId="db", SecretString=f"old {number}")
    secrets_backend.clock.advance(hours=23)
    for number in range(110):
        client.update_secret(SecretId="db", SecretString=f"young {number}")

    secrets_backend.clock.advance(hours=2)

    assert [version.value for version in secrets_backend["db"].versions] == [f"young {n}" for n in range(110)]


@behaviour(UPDATE, "versions with a label are never removed", "AWS-DOC", _REMOVED)
def test_versions_with_a_label_are_never_removed(client, secrets_backend, db):
    client.put_secret_value(SecretId="db", SecretString="kept", ClientRequestToken=V2, VersionStages=["blue"])
    for number in range(130):
        client.update_secret(SecretId="db", SecretString=str(number))
    secrets_backend.clock.advance(days=30)

    client.update_secret(SecretId="db", SecretString="new")

    assert client.get_secret_value(SecretId="db", VersionId=V2, VersionStage="blue")["SecretString"] == "kept"
    assert client.get_secret_value(SecretId="db", VersionStage="AWSPREVIOUS")["SecretString"] == "129"
    assert V2 in client.describe_secret(SecretId="db")["VersionIdsToStages"]


@behaviour(UPDATE, "up to 100 versions are kept, however old", "AWS-DOC", _REMOVED)
def test_a_hundred_old_versions_are_kept(client, secrets_backend, db):
    for number in range(98):
        client.update_secret(SecretId="db", SecretString=str(number))
    secrets_backend.clock.advance(days=30)

    client.update_secret(SecretId="db", SecretString="new")

    assert len(secrets_backend["db"].versions) == 100
    assert client.get_secret_value(SecretId="db", VersionId=V1)["SecretString"] == "one"


@behaviour(
    UPDATE,
    "a few deprecated versions can be read for a while",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_deprecated_secret_version_stage",
)
def test_deprecated_versions_are_readable(client, db):
    for token, value in ((V2, "two"), (V3, "three"), (V4, "four")):
        client.update_secret(SecretId="db", SecretString=value, ClientRequestToken=token)

    assert client.get_secret_value(SecretId="db", VersionId=V1)["SecretString"] == "one"
    assert client.get_secret_value(SecretId="db", VersionId=V2)["SecretString"] == "two"


@behaviour(
    UPDATE,
    "a new current value that would make AWSPREVIOUS the 21st label: LimitExceededException",
    "GUESS",
    "AWS User Guide, quotas; AWSPREVIOUS is a label like any other",
    decided_by="plain calls",
)
@at_a_quota
def test_update_secret_cannot_attach_previous_as_the_21st_label(client, secrets_backend, db):
    client.put_secret_value(
        SecretId="db", SecretString="two", VersionStages=[f"label-{number}" for number in range(19)]
    )
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.LimitExceededException):
        client.update_secret(SecretId="db", SecretString="three", Description="new")

    assert snapshot(secrets_backend) == before
