"""Keys that are disabled, pending deletion or gone."""

import re
from datetime import datetime, timedelta, timezone

import pytest
from conformance.fidelity import behaviour
from conformance.keys import GUIDE, V1, V2, refusal, value_of
from conformance.kms.unusable import delete, disable, schedule_deletion, unusable
from conformance.raw import begin_rotation, snapshot
from tables import rows

GOVCLOUD = "AWS GovCloud (US) User Guide, Troubleshooting AWS KMS keys"
PENDING = 'issues that quote "Secrets Manager can\'t decrypt the secret value" and "is pending deletion"'
MODEL = "botocore service model, the errors of the operation"
DOCUMENTED_CHECK = f"{GUIDE}, which names the calls of KMS"
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


# --- Reading ---


@behaviour("GetSecretValue", "a disabled key: DecryptionFailure, naming the key", "AWS-DOC", GOVCLOUD)
def test_a_value_under_a_disabled_key_cannot_be_read(client, secrets_backend, db, key):
    key.disable()
    before = snapshot(secrets_backend)

    code, message = refusal(client.get_secret_value, SecretId="db")

    assert code == "DecryptionFailure"
    head, _, tail = re.split(f"(?<=Request ID: )({UUID})", message)
    assert head == (
        f"Secrets Manager can't decrypt the secret value: {key.arn} is disabled. (Service: AWSKMS; Status Code: 400;"
        " Error Code: DisabledException; Request ID: "
    )
    assert tail == "; Proxy: null)"
    assert snapshot(secrets_backend) == before


@behaviour("GetSecretValue", "each DecryptionFailure has its own request id", "AWS-DOC", GOVCLOUD)
def test_each_failure_has_its_own_request_id(client, db, key):
    key.disable()

    messages = {refusal(client.get_secret_value, SecretId="db")[1] for _ in range(2)}

    assert len(messages) == 2


@behaviour(
    "BatchGetSecretValue",
    "a secret under a disabled key is listed in Errors, and the others are read",
    "AWS-DOC",
    GOVCLOUD,
)
def test_a_batch_reports_a_disabled_key(client, db, key):
    client.create_secret(Name="other", SecretString="two")
    key.disable()

    answer = client.batch_get_secret_value(SecretIdList=["db", "other"])

    assert [value["SecretString"] for value in answer["SecretValues"]] == ["two"]
    [error] = answer["Errors"]
    assert (error["SecretId"], error["ErrorCode"]) == ("db", "DecryptionFailure")
    assert error["Message"].startswith(f"Secrets Manager can't decrypt the secret value: {key.arn} is disabled. (")


@behaviour(
    "BatchGetSecretValue", "with Filters too, a secret under a disabled key is listed in Errors", "AWS-DOC", GOVCLOUD
)
def test_a_batch_with_filters_reports_a_disabled_key(client, db, key):
    client.create_secret(Name="db-other", SecretString="two")
    key.disable()

    answer = client.batch_get_secret_value(Filters=[{"Key": "name", "Values": ["db"]}])

    assert [value["SecretString"] for value in answer["SecretValues"]] == ["two"]
    assert [(error["SecretId"], error["ErrorCode"]) for error in answer["Errors"]] == [(db, "DecryptionFailure")]


@behaviour("GetSecretValue", "a key that is pending deletion: DecryptionFailure, naming the key", "REPORTED", PENDING)
def test_a_value_under_a_key_pending_deletion_cannot_be_read(client, secrets_backend, db, key):
    key.schedule_deletion()
    before = snapshot(secrets_backend)

    code, message = refusal(client.get_secret_value, SecretId="db")

    assert code == "DecryptionFailure"
    assert message.startswith(f"Secrets Manager can't decrypt the secret value: {key.arn} is pending deletion")
    assert snapshot(secrets_backend) == before


@behaviour(
    "GetSecretValue",
    "a deleted key: DecryptionFailure",
    "AWS-DOC",
    "KMS API reference, ScheduleKeyDeletion: 'all data that was encrypted under the KMS key is "
    "unrecoverable'; botocore service model, DecryptionFailure",
)
def test_a_value_under_a_deleted_key_cannot_be_read(client, secrets_backend, db, key):
    key.schedule_deletion(7)
    secrets_backend.clock.advance(days=7)

    code, _ = refusal(client.get_secret_value, SecretId="db")

    assert code == "DecryptionFailure"
    assert key.state == "Deleted"


@behaviour(
    "GetSecretValue",
    "a deleted key is gone at the end of its waiting period, not before",
    "AWS-DOC",
    "KMS Developer Guide, Deleting AWS KMS keys",
)
@pytest.mark.mock_secrets(at=datetime(2026, 3, 1, tzinfo=timezone.utc))
def test_a_key_is_kept_until_its_waiting_period_is_over(client, secrets_backend, db, key):
    end = key.schedule_deletion(7)

    secrets_backend.clock.travel_to(end - timedelta(milliseconds=1))
    before = key.state
    key.cancel_deletion()
    key.enable()

    assert before == "PendingDeletion"
    assert value_of(client) == "one"


@behaviour(
    "GetSecretValue",
    "a key that was enabled again can be used",
    "AWS-DOC",
    "KMS Developer Guide, Enabling and disabling keys",
)
def test_a_reenabled_key_works(client, db, key):
    key.disable()
    refusal(client.get_secret_value, SecretId="db")

    key.enable()

    assert value_of(client) == "one"
    client.put_secret_value(SecretId="db", SecretString="two")


@behaviour(
    "GetSecretValue",
    "a key whose deletion was cancelled stays disabled until it is enabled",
    "AWS-DOC",
    "KMS API reference, CancelKeyDeletion",
)
def test_a_key_whose_deletion_was_cancelled_is_disabled(client, db, key):
    key.schedule_deletion()
    key.cancel_deletion()

    code, message = refusal(client.get_secret_value, SecretId="db")

    assert (code, key.state) == ("DecryptionFailure", "Disabled")
    assert f"{key.arn} is disabled." in message
    key.enable()
    assert value_of(client) == "one"


@behaviour(
    "GetSecretValue",
    "a missing version is reported before its key is used",
    "GUESS",
    "order of the recorded cases",
    decided_by="a KMS key",
)
def test_a_missing_version_is_reported_before_the_key(client, db, key):
    key.disable()

    code, _ = refusal(client.get_secret_value, SecretId="db", VersionId=V2)

    assert code == "ResourceNotFoundException"


@behaviour(
    "GetSecretValue",
    "a secret marked for deletion is reported before its key is used",
    "GUESS",
    "order of the recorded cases",
    decided_by="a KMS key",
)
def test_a_deleted_secret_is_reported_before_its_key(client, db, key):
    key.disable()
    client.delete_secret(SecretId="db")

    code, _ = refusal(client.get_secret_value, SecretId="db")

    assert code == "InvalidRequestException"


# --- Storing ---


@behaviour(
    "CreateSecret",
    "a disabled key, or one pending deletion: EncryptionFailure, and nothing is created",
    "AWS-DOC",
    "botocore service model, EncryptionFailure: 'Check that the KMS key is available, enabled, and "
    "not in an invalid state'",
)
@rows("value", [{"SecretString": "one"}, {"SecretBinary": b"one"}, {}])
@rows("spoil", [disable, schedule_deletion])
def test_no_secret_is_created_under_an_unusable_key(client, secrets_backend, key, spoil, value):
    spoil(key, secrets_backend)

    code, _ = refusal(client.create_secret, Name="db", KmsKeyId=key.arn, **value)

    assert code == "EncryptionFailure"
    assert "db" not in secrets_backend


@behaviour(
    "CreateSecret",
    "a deleted key is unknown by its id, its ARN and its alias",
    "AWS-DOC",
    "KMS API reference, ScheduleKeyDeletion: KMS deletes the key and 'all aliases that refer to it'",
)
@behaviour(
    "CreateSecret",
    "a deleted key: the code is InvalidParameterException",
    "GUESS",
    "as for a key that never existed",
    decided_by="days of waiting",
)
@behaviour(
    "UpdateSecret",
    "a deleted key is unknown by its id, its ARN and its alias",
    "AWS-DOC",
    "KMS API reference, ScheduleKeyDeletion: KMS deletes the key and 'all aliases that refer to it'",
)
@behaviour(
    "UpdateSecret",
    "a deleted key: the code is InvalidParameterException",
    "GUESS",
    "as for a key that never existed",
    decided_by="days of waiting",
)
@rows("name", ["id", "arn", "alias"])
def test_a_deleted_key_cannot_be_chosen(client, secrets_backend, key, name):
    client.create_secret(Name="db", SecretString="one")
    name = "alias/app" if name == "alias" else getattr(key, name)
    delete(key, secrets_backend)
    before = snapshot(secrets_backend)

    created, _ = refusal(client.create_secret, Name="new", KmsKeyId=name)
    updated, _ = refusal(client.update_secret, SecretId="db", KmsKeyId=name, Description="new")

    assert (created, updated) == ("InvalidParameterException", "InvalidParameterException")
    assert "new" not in secrets_backend
    assert snapshot(secrets_backend) == before


@behaviour(
    "PutSecretValue",
    "a key that can't be used: EncryptionFailure, and nothing is changed",
    "AWS-DOC",
    "botocore service model, EncryptionFailure: 'Check that the KMS key is available, enabled, and "
    "not in an invalid state'",
)
@behaviour(
    "UpdateSecret",
    "a value under a key that can't be used: EncryptionFailure, and nothing is changed",
    "AWS-DOC",
    "botocore service model, EncryptionFailure: 'Check that the KMS key is available, enabled, and "
    "not in an invalid state'",
)
@rows(
    "store",
    [
        lambda client: client.put_secret_value(SecretId="db", SecretString="two"),
        lambda client: client.put_secret_value(SecretId="db", SecretBinary=b"two", VersionStages=["AWSPENDING"]),
        lambda client: client.update_secret(SecretId="db", SecretString="two", Description="new"),
    ],
)
@unusable
@pytest.mark.usefixtures("db")
def test_no_value_is_stored_under_an_unusable_key(client, secrets_backend, key, spoil, store):
    spoil(key, secrets_backend)
    before = snapshot(secrets_backend)

    code, _ = refusal(store, client)

    assert code == "EncryptionFailure"
    assert snapshot(secrets_backend) == before


@behaviour(
    "UpdateSecret",
    "a key that can't be used is not accepted as the secret's key: EncryptionFailure",
    "AWS-DOC",
    "botocore service model, EncryptionFailure: 'Check that the KMS key is available, enabled, and "
    "not in an invalid state'; AWS User Guide, Secret encryption and decryption",
)
@rows("spoil", [disable, schedule_deletion])
def test_an_unusable_key_is_not_assigned_to_the_secret(client, secrets_backend, db, spoil):
    other = secrets_backend.kms.create_key()
    spoil(other, secrets_backend)
    before = snapshot(secrets_backend)

    for value in ({}, {"SecretString": "two"}):
        code, _ = refusal(client.update_secret, SecretId="db", KmsKeyId=other.arn, Description="new", **value)
        assert code == "EncryptionFailure"

    assert snapshot(secrets_backend) == before


@behaviour(
    "UpdateSecret",
    "the secret's own key is checked when it is named again: EncryptionFailure if it is disabled",
    "GUESS",
    DOCUMENTED_CHECK,
    decided_by="a KMS key",
)
def test_updating_to_the_same_disabled_key_is_refused(client, secrets_backend, db, key):
    key.disable()
    before = snapshot(secrets_backend)

    code, _ = refusal(client.update_secret, SecretId="db", KmsKeyId=key.arn)

    assert code == "EncryptionFailure"
    assert snapshot(secrets_backend) == before


# --- The same token again: the stored value is decrypted and compared ---


@behaviour("CreateSecret", "repeating a token under a disabled key: DecryptionFailure", "AWS-DOC", GUIDE)
@behaviour("PutSecretValue", "repeating a token under a disabled key: DecryptionFailure", "AWS-DOC", GUIDE)
@behaviour("UpdateSecret", "repeating a token under a disabled key: DecryptionFailure", "AWS-DOC", GUIDE)
@rows("value", ["one", "other"])
@rows(
    "again",
    [
        lambda client, **value: client.create_secret(Name="db", ClientRequestToken=V1, **value),
        lambda client, **value: client.put_secret_value(SecretId="db", ClientRequestToken=V1, **value),
        lambda client, **value: client.update_secret(SecretId="db", ClientRequestToken=V1, **value),
    ],
)
@unusable
@pytest.mark.usefixtures("db")
def test_reusing_a_token_needs_the_key(client, secrets_backend, key, *, spoil, again, value):
    spoil(key, secrets_backend)
    before = snapshot(secrets_backend)

    code, _ = refusal(again, client, SecretString=value)

    assert code == "DecryptionFailure"
    assert snapshot(secrets_backend) == before


@behaviour(
    "PutSecretValue",
    "the placeholder of a rotation has nothing to decrypt, so an unusable key is an EncryptionFailure",
    "GUESS",
    MODEL,
    decided_by="a rotation function",
)
def test_a_placeholder_has_nothing_to_decrypt(client, secrets_backend, db, key):
    begin_rotation(secrets_backend, V2)
    key.disable()

    code, _ = refusal(client.put_secret_value, SecretId="db", SecretString="two", ClientRequestToken=V2)

    assert code == "EncryptionFailure"
