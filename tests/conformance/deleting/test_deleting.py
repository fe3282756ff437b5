"""DeleteSecret: the window that it opens, deletion without recovery, and what it refuses."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.policies import let_in
from conformance.raw import all_versions, members, replicated, snapshot, stored
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
DELETE, RESTORE = "DeleteSecret", "RestoreSecret"
THEIRS = "111122223333"
NEW_YEAR = datetime(2026, 1, 1, 12, 30, 0, 7000, tzinfo=timezone.utc)
NOT_FOUND = "Secrets Manager can't find the specified secret."
INVALID_NAME = (
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
)

MODEL = "AWS API reference, DeleteSecret"
RECORDED = "recorded responses in GitHub cloud-custodian/cloud-custodian, test_secrets_manager_delete"
FORCE_DELETED = "LocalStack AWS-validated test test_force_delete_deleted_secret"
NO_SUCH_SECRET = "botocore service model, the errors of the operation; the sentence is recorded for other operations"
AS_IF_IT_EXISTS = "LocalStack AWS-validated test test_delete_non_existent_secret_returns_as_if_secret_exists"
RECREATED = "LocalStack AWS-validated test test_can_recreate_delete_secret"
CROSS_ACCOUNT = "LocalStack AWS-validated test test_cross_account_access"
OTHER_KEY = "LocalStack AWS-validated test test_cross_account_access_non_default_key"
INVALID = "LocalStack AWS-validated test test_invalid_secret_name"

at_new_year = pytest.mark.mock_secrets(at=NEW_YEAR)


# --- The window ---


@behaviour(DELETE, "answers ARN, Name and DeletionDate", "AWS-VERIFIED", RECORDED)
@behaviour(DELETE, "the window is 30 days if none is given", "AWS-DOC", MODEL)
@at_new_year
def test_the_recovery_window_is_30_days_by_default(client, db):
    answer = client.delete_secret(SecretId="db")

    assert members(answer) == {"ARN": db, "Name": "db", "DeletionDate": NEW_YEAR + timedelta(days=30)}


@behaviour(DELETE, "a window of 7 to 30 days is accepted", "AWS-DOC", MODEL)
@behaviour(DELETE, "DeletionDate is the instant of the call plus the window", "AWS-VERIFIED", RECORDED)
@rows("days", [7, 8, 29, 30])
@at_new_year
def test_a_recovery_window_of_7_to_30_days_is_accepted(client, secrets_backend, db, days):
    secrets_backend.clock.advance(hours=1)

    answer = client.delete_secret(SecretId="db", RecoveryWindowInDays=days)

    assert members(answer) == {"ARN": db, "Name": "db", "DeletionDate": NEW_YEAR + timedelta(days=days, hours=1)}


@behaviour(
    DELETE,
    "a window below 7 or above 30 days: InvalidParameterException",
    "REPORTED",
    "GitHub getmoto/moto#6461, with AWS's answer; AWS API reference for the bounds",
)
@rows("days", [-7, 0, 1, 6, 31, 365])
@rows("force", [{}, {"ForceDeleteWithoutRecovery": False}])
def test_a_recovery_window_out_of_range_is_refused(client, secrets_backend, db, days, force):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.delete_secret(SecretId="db", RecoveryWindowInDays=days, **force)

    assert snapshot(secrets_backend) == before


@behaviour(
    DELETE,
    "ForceDeleteWithoutRecovery with RecoveryWindowInDays: InvalidParameterException",
    "REPORTED",
    "GitHub getmoto/moto, where a command line's error is quoted; AWS API reference says they can't be combined",
)
@rows("days", [7, 30])
def test_force_with_a_recovery_window_is_refused(client, secrets_backend, db, days):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.delete_secret(SecretId="db", RecoveryWindowInDays=days, ForceDeleteWithoutRecovery=True)

    assert snapshot(secrets_backend) == before


@behaviour(
    DELETE,
    "a wrong recovery window, or a window with force, is reported before a missing secret",
    "GUESS",
    "no source; other checks on the request come first",
    decided_by="plain calls",
)
@rows("request_members", [{"RecoveryWindowInDays": 6}, {"RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": True}])
def test_the_window_is_checked_before_the_secret(client, request_members):
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.delete_secret(SecretId="missing", **request_members)


@behaviour(DELETE, "ForceDeleteWithoutRecovery=False with a window is accepted", "AWS-VERIFIED", OTHER_KEY)
@behaviour(DELETE, "ForceDeleteWithoutRecovery=False alone gives 30 days", "AWS-DOC", MODEL)
@rows("window, days", [({"RecoveryWindowInDays": 7}, 7), ({}, 30)])
@at_new_year
def test_deleting_with_force_false_keeps_the_recovery_window(client, db, window, days):
    answer = client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=False, **window)

    assert answer["DeletionDate"] == NEW_YEAR + timedelta(days=days)
    assert client.describe_secret(SecretId="db")["DeletedDate"] == NEW_YEAR


@behaviour(DELETE, "the secret can be named by its name, ARN or partial ARN", "AWS-VERIFIED", CROSS_ACCOUNT)
@behaviour(RESTORE, "the secret can be named by its name, ARN or partial ARN", "AWS-VERIFIED", OTHER_KEY)
@rows("part", [slice(None), slice(-7)])
def test_a_secret_is_deleted_and_restored_by_name_arn_or_partial_arn(client, db, part):
    deleted = client.delete_secret(SecretId=db[part])
    restored = client.restore_secret(SecretId=db[part])

    assert (deleted["ARN"], deleted["Name"]) == (db, "db")
    assert members(restored) == {"ARN": db, "Name": "db"}


# --- Without recovery ---


@behaviour(DELETE, "with force the secret is gone", "AWS-VERIFIED", FORCE_DELETED)
@behaviour(
    DELETE,
    "with force the answer has ARN, Name and DeletionDate, which is the instant of the call",
    "AWS-VERIFIED",
    "recordings of GitHub google/go-cloud, runtimevar/awssecretsmanager: DeletionDate is in the "
    "second of the answer's Date",
)
@at_new_year
def test_force_deletes_at_once(client, secrets_backend, db):
    answer = client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    assert members(answer) == {"ARN": db, "Name": "db", "DeletionDate": NEW_YEAR}
    assert "db" not in secrets_backend
    for operation in ("describe_secret", "get_secret_value", "restore_secret", "list_secret_version_ids"):
        for secret_id in ("db", db, db[:-7]):
            with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
                getattr(client, operation)(SecretId=secret_id)
            assert caught.value.response["Error"]["Message"] == NOT_FOUND


@behaviour(DELETE, "with force a secret that is scheduled for deletion is gone", "AWS-VERIFIED", FORCE_DELETED)
@at_new_year
def test_force_deletes_a_scheduled_secret_at_once(client, secrets_backend, scheduled):
    secrets_backend.clock.advance(days=3)

    answer = client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    assert members(answer) == {"ARN": scheduled, "Name": "db", "DeletionDate": NEW_YEAR + timedelta(days=3)}
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_secret(SecretId="db")


@behaviour(
    DELETE,
    "with force a missing name succeeds, with the given Name, an ARN and a DeletionDate",
    "AWS-VERIFIED",
    AS_IF_IT_EXISTS,
)
@behaviour(
    DELETE,
    "with force, the ARN of a missing name ends in six random characters",
    "GUESS",
    "the recording masks it",
    decided_by="plain calls",
)
@at_new_year
def test_force_deleting_a_missing_name_succeeds(client, secrets_backend):
    answer = client.delete_secret(SecretId="missing", ForceDeleteWithoutRecovery=True)

    assert members(answer).keys() == {"ARN", "Name", "DeletionDate"}
    assert answer["Name"] == "missing"
    assert answer["ARN"].startswith("arn:aws:secretsmanager:us-east-1:123456789012:secret:missing-")
    assert list(secrets_backend) == []


@behaviour(
    DELETE, "with force a name that was already deleted by force succeeds again", "AWS-VERIFIED", AS_IF_IT_EXISTS
)
def test_force_deleting_twice_succeeds(client, db):
    for _ in range(2):
        answer = client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

        assert answer["Name"] == "db"


@behaviour(
    DELETE, "with force a name with a forbidden character is still a ValidationException", "AWS-VERIFIED", INVALID
)
@rows("name", ["a name", "db*", "db?", "db\\", "db]"])
@rows("force", [{"ForceDeleteWithoutRecovery": True}, {}])
def test_force_does_not_accept_a_name_with_a_forbidden_character(client, name, force):
    with pytest.raises(ClientError) as caught:
        client.delete_secret(SecretId=name, **force)

    assert caught.value.response["Error"] == {"Code": "ValidationException", "Message": INVALID_NAME}


@behaviour(
    DELETE,
    "after a forced deletion the name is free at once, where AWS may need some seconds; the new secret has another ARN",
    "AWS-VERIFIED",
    RECREATED,
)
@at_new_year
def test_a_force_deleted_name_can_be_recreated_at_once(client, db):
    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    created = client.create_secret(Name="db", SecretString="new", ClientRequestToken=V1)

    assert created["ARN"] != db
    assert created["ARN"][:-6] == db[:-6]
    assert client.get_secret_value(SecretId="db")["SecretString"] == "new"
    assert members(client.describe_secret(SecretId="db")).keys() == {
        "ARN",
        "Name",
        "CreatedDate",
        "LastChangedDate",
        "LastAccessedDate",
        "VersionIdsToStages",
    }


@behaviour(DELETE, "the ARN of the deleted secret doesn't find the new one", "AWS-VERIFIED", RECREATED)
def test_the_old_arn_finds_nothing(client, db):
    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)
    created = client.create_secret(Name="db", SecretString="new")["ARN"]

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_secret_value(SecretId=db)
    assert client.get_secret_value(SecretId=db[:-7])["ARN"] == created


@behaviour(DELETE, "the end of the deleted secret's window doesn't affect the new one", "AWS-DOC", MODEL)
@at_new_year
def test_a_recreated_secret_outlives_the_old_recovery_window(client, secrets_backend, scheduled):
    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)
    client.create_secret(Name="db", SecretString="new")

    secrets_backend.clock.advance(days=60)

    assert client.get_secret_value(SecretId="db")["SecretString"] == "new"


# --- What is not there, and what may not be touched ---


@behaviour(DELETE, "a secret that doesn't exist: ResourceNotFoundException", "AWS-DOC", NO_SUCH_SECRET)
@behaviour(RESTORE, "a secret that doesn't exist: ResourceNotFoundException", "AWS-DOC", NO_SUCH_SECRET)
@rows("operation", ["delete_secret", "restore_secret"])
@rows("secret_id", ["missing", "arn:aws:secretsmanager:us-east-1:123456789012:secret:missing-abcdef"])
def test_a_missing_secret_cannot_be_deleted(client, operation, secret_id):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        getattr(client, operation)(SecretId=secret_id)

    assert caught.value.response["Error"]["Message"] == NOT_FOUND


@behaviour(
    RESTORE,
    "a secret's name with a forbidden character: ValidationException",
    "GUESS",
    "recorded for ten other operations",
    decided_by="plain calls",
)
def test_restoring_a_name_with_a_forbidden_character_is_refused(client):
    with pytest.raises(ClientError) as caught:
        client.restore_secret(SecretId="a name")

    assert caught.value.response["Error"]["Code"] == "ValidationException"


@behaviour(DELETE, "a replica: InvalidParameterException", "REPORTED", "GitHub gruntwork-io/cloud-nuke#435")
@rows("force", [{}, {"RecoveryWindowInDays": 7}, {"ForceDeleteWithoutRecovery": True}])
def test_deleting_a_replica_is_refused(client, secrets_backend, db, force):
    replicated(secrets_backend)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException) as caught:
        client.delete_secret(SecretId="db", **force)

    assert caught.value.response["Error"]["Message"] == (
        "Operation not permitted on a replica secret. Call must be made in primary secret's region."
    )
    assert snapshot(secrets_backend) == before


@behaviour(
    RESTORE,
    "a replica: InvalidParameterException",
    "GUESS",
    "recorded for DeleteSecret",
    decided_by="a second Region",
)
def test_restoring_a_replica_is_refused(client, secrets_backend, scheduled):
    replicated(secrets_backend)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.restore_secret(SecretId="db")

    assert snapshot(secrets_backend) == before


@behaviour(
    DELETE,
    "a secret that another service manages, with force: InvalidRequestException",
    "GUESS",
    "AWS User Guide, secrets managed by other services: the service may refuse it",
    decided_by="a managed secret",
)
def test_forcing_the_deletion_of_a_managed_secret_is_refused(client, secrets_backend, db):
    stored(secrets_backend).owning_service = "rds"
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    assert snapshot(secrets_backend) == before


# --- Other accounts and regions ---


@behaviour(DELETE, "works on another account's secret by its ARN", "AWS-VERIFIED", f"{CROSS_ACCOUNT}; {OTHER_KEY}")
@behaviour(RESTORE, "works on another account's secret by its ARN", "AWS-VERIFIED", OTHER_KEY)
@behaviour("DescribeSecret", "shows DeletedDate of another account's secret, by its ARN", "AWS-VERIFIED", CROSS_ACCOUNT)
@at_new_year
def test_another_accounts_secret_can_be_deleted_and_restored_by_its_arn(client, stranger, db):
    let_in(client, THEIRS)
    listed = members(stranger.list_secret_version_ids(SecretId=db))

    deleted = stranger.delete_secret(SecretId=db, ForceDeleteWithoutRecovery=False, RecoveryWindowInDays=7)
    during = stranger.describe_secret(SecretId=db)
    assert members(stranger.list_secret_version_ids(SecretId=db)) == listed
    restored = stranger.restore_secret(SecretId=db)

    assert members(deleted) == {"ARN": db, "Name": "db", "DeletionDate": NEW_YEAR + timedelta(days=7)}
    assert during["DeletedDate"] == NEW_YEAR
    assert members(restored) == {"ARN": db, "Name": "db"}
    assert client.get_secret_value(SecretId="db")["SecretString"] == "three"


@behaviour(DELETE, "with force another account's secret can be deleted by its ARN", "AWS-VERIFIED", CROSS_ACCOUNT)
def test_force_deletes_another_accounts_secret_by_its_arn(client, stranger, db):
    let_in(client, THEIRS)
    stranger.create_secret(Name="db", SecretString="theirs")

    stranger.delete_secret(SecretId=db, ForceDeleteWithoutRecovery=True)

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_secret(SecretId="db")
    assert stranger.get_secret_value(SecretId="db")["SecretString"] == "theirs"


@behaviour(DELETE, "another account's secret can't be named by its name", "AWS-DOC", "AWS API reference, SecretId")
@behaviour(RESTORE, "another account's secret can't be named by its name", "AWS-DOC", "AWS API reference, SecretId")
def test_a_name_deletes_and_restores_only_the_callers_own_secret(secrets_backend, stranger, scheduled):
    before = snapshot(secrets_backend)

    for operation in ("delete_secret", "restore_secret"):
        with pytest.raises(stranger.exceptions.ResourceNotFoundException):
            getattr(stranger, operation)(SecretId="db")

    assert snapshot(secrets_backend) == before


@behaviour(DELETE, "a secret of the same name in another Region or account isn't affected", "AWS-DOC", MODEL)
@at_new_year
def test_the_same_name_elsewhere(client, secrets_backend, stranger, db):
    elsewhere = secrets_backend.session(region="eu-west-1").client("secretsmanager")
    for other in (stranger, elsewhere):
        other.create_secret(Name="db", SecretString="elsewhere")
    elsewhere.delete_secret(SecretId="db", RecoveryWindowInDays=8)

    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    secrets_backend.clock.advance(days=7)

    assert "db" not in secrets_backend
    assert stranger.get_secret_value(SecretId="db")["SecretString"] == "elsewhere"
    assert elsewhere.describe_secret(SecretId="db")["DeletedDate"] == NEW_YEAR
    secrets_backend.clock.advance(days=1)
    with pytest.raises(elsewhere.exceptions.ResourceNotFoundException):
        elsewhere.describe_secret(SecretId="db")


@behaviour(
    DELETE,
    "outdated versions are removed during the recovery window too",
    "GUESS",
    "no source",
    decided_by="days of waiting",
)
@at_new_year
def test_version_retention_continues_during_the_recovery_window(client, secrets_backend, db):
    for number in range(120):
        client.update_secret(SecretId="db", SecretString=str(number))
    client.delete_secret(SecretId="db")

    secrets_backend.clock.advance(days=1)

    assert len(all_versions(client, IncludeDeprecated=True)) == 100
    client.restore_secret(SecretId="db")
    assert client.get_secret_value(SecretId="db", VersionStage="blue")["SecretString"] == "two"
