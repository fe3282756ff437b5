"""RestoreSecret."""

from datetime import datetime, timedelta, timezone

import pytest
from conformance.fidelity import behaviour
from conformance.raw import all_versions, members, snapshot
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
RESTORE = "RestoreSecret"
NEW_YEAR = datetime(2026, 1, 1, 12, 30, 0, 7000, tzinfo=timezone.utc)
TICK = timedelta(milliseconds=1)
RESTORED = "LocalStack AWS-validated test test_secret_restore"
OTHER_KEY = "LocalStack AWS-validated test test_cross_account_access_non_default_key"

at_new_year = pytest.mark.mock_secrets(at=NEW_YEAR)


@behaviour(RESTORE, "answers ARN and Name", "AWS-VERIFIED", RESTORED)
@behaviour(RESTORE, "DeletedDate is gone, and everything else is unchanged", "AWS-VERIFIED", f"{RESTORED}; {OTHER_KEY}")
@behaviour(
    RESTORE,
    "LastChangedDate moves",
    "AWS-DOC",
    "botocore service model, DescribeSecret$LastChangedDate: 'modified in any way'",
)
@at_new_year
def test_restoring_removes_the_deletion_date_and_changes_nothing_else(client, secrets_backend, db):
    described, listed = members(client.describe_secret(SecretId="db")), all_versions(client, IncludeDeprecated=True)
    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    secrets_backend.clock.advance(days=6)

    answer = client.restore_secret(SecretId="db")

    assert members(answer) == {"ARN": db, "Name": "db"}
    later = {"LastChangedDate": NEW_YEAR + timedelta(days=6)}
    assert members(client.describe_secret(SecretId="db")) == described | later
    assert all_versions(client, IncludeDeprecated=True) == listed
    assert described["VersionIdsToStages"] == {V2: ["AWSPREVIOUS", "blue"], V3: ["AWSCURRENT"]}


@behaviour(RESTORE, "a restored secret can be read and written again", "AWS-VERIFIED", RESTORED)
def test_a_restored_secret_is_usable(client, scheduled):
    client.restore_secret(SecretId="db")

    read = [client.get_secret_value(SecretId="db", VersionId=version)["SecretString"] for version in (V1, V2, V3)]
    client.update_secret(SecretId="db", SecretString="four")
    assert read == ["one", "two", "three"]
    assert client.get_secret_value(SecretId="db")["SecretString"] == "four"
    assert client.get_secret_value(SecretId="db", VersionStage="AWSPREVIOUS")["SecretString"] == "three"


@behaviour(RESTORE, "a restored secret outlives the end of its previous window", "AWS-DOC", "AWS API reference")
@at_new_year
def test_a_restored_secret_outlives_its_window(client, secrets_backend, scheduled):
    secrets_backend.clock.advance(days=29)
    client.restore_secret(SecretId="db")

    secrets_backend.clock.advance(days=400)

    assert client.get_secret_value(SecretId="db")["SecretString"] == "three"


@behaviour(RESTORE, "a restored secret that is deleted again gets a new window", "AWS-DOC", "AWS API reference")
@rows("days", [7, 30])
@at_new_year
def test_deleting_a_restored_secret_starts_a_new_window(client, secrets_backend, scheduled, days):
    secrets_backend.clock.advance(days=20)
    client.restore_secret(SecretId="db")

    end = client.delete_secret(SecretId="db", RecoveryWindowInDays=days)["DeletionDate"]

    assert end == NEW_YEAR + timedelta(days=20 + days)
    secrets_backend.clock.travel_to(end - TICK)
    assert client.describe_secret(SecretId="db")["DeletedDate"] == NEW_YEAR + timedelta(days=20)
    secrets_backend.clock.travel_to(end)
    assert "db" not in secrets_backend


@behaviour(
    RESTORE,
    "a secret that is not deleted: the call succeeds and changes nothing",
    "GUESS",
    "no error is documented",
    decided_by="plain calls",
)
@at_new_year
def test_restoring_a_live_secret_changes_nothing(client, secrets_backend, db):
    secrets_backend.clock.advance(hours=1)
    before = snapshot(secrets_backend)

    answer = client.restore_secret(SecretId="db")

    assert members(answer) == {"ARN": db, "Name": "db"}
    assert snapshot(secrets_backend) == before


@behaviour(RESTORE, "a secret without a value can be deleted and restored", "AWS-DOC", "AWS API reference")
def test_a_secret_without_a_value_can_be_restored(client):
    client.create_secret(Name="db")
    client.delete_secret(SecretId="db")

    client.restore_secret(SecretId="db")

    assert members(client.describe_secret(SecretId="db")).keys() == {"ARN", "Name", "CreatedDate", "LastChangedDate"}
