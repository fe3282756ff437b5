"""What needs no usable key, and versions under two keys."""

import pytest
from conformance.fidelity import behaviour
from conformance.keys import GUIDE, V1, V2, V3, WITHOUT_KEY, call_without_key, key_ids, refusal, value_of
from conformance.kms.unusable import disable, schedule_deletion, unusable
from conformance.raw import members, snapshot
from tables import rows

PENDING = 'issues that quote "Secrets Manager can\'t decrypt the secret value" and "is pending deletion"'
RE_ENCRYPTION = "AWS API reference, UpdateSecret, KmsKeyId"
DOCUMENTED_CHECK = f"{GUIDE}, which names the calls of KMS"
NO_KEY = "Any operation that needs no key"


# --- What needs no key ---


@behaviour(NO_KEY, "works under a key that can't be used", "AWS-DOC", DOCUMENTED_CHECK)
@rows("operation", [*WITHOUT_KEY])
@unusable
@pytest.mark.usefixtures("db")
def test_only_values_need_the_key(client, secrets_backend, key, spoil, operation):
    spoil(key, secrets_backend)

    answer = call_without_key(client, operation)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@behaviour("UpdateSecret", "changing only the description doesn't use the key", "AWS-DOC", DOCUMENTED_CHECK)
def test_a_description_does_not_touch_the_key(client, db, key):
    key.disable()

    answer = client.update_secret(SecretId="db", Description="new")

    assert members(answer) == {"ARN": db, "Name": "db"}
    assert client.describe_secret(SecretId="db")["Description"] == "new"


@behaviour("ListSecrets", "works under a key that can't be used", "AWS-DOC", DOCUMENTED_CHECK)
def test_a_list_needs_no_key(client, db, key):
    key.disable()

    [entry] = client.list_secrets()["SecretList"]

    assert (entry["Name"], entry["KmsKeyId"]) == ("db", key.arn)


@behaviour(
    "DeleteSecret", "without a recovery window, works under a key that can't be used", "AWS-DOC", DOCUMENTED_CHECK
)
def test_a_secret_can_be_force_deleted_without_its_key(client, secrets_backend, db, key):
    key.disable()

    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    assert "db" not in secrets_backend


@behaviour("RotateSecret", "starts under a key that can't be used", "AWS-DOC", DOCUMENTED_CHECK)
def test_a_rotation_starts_without_the_key(client, secrets_backend, db, key):
    steps = []
    arn = secrets_backend.register_rotation_lambda("rotate", lambda event, _: steps.append(event["Step"]))
    key.disable()

    answer = client.rotate_secret(
        SecretId="db", RotationLambdaARN=arn, ClientRequestToken=V2, RotationRules={"AutomaticallyAfterDays": 30}
    )

    assert answer["VersionId"] == V2
    assert "AWSPENDING" in client.describe_secret(SecretId="db")["VersionIdsToStages"][V2]


@behaviour("UpdateSecretVersionStage", "AWSCURRENT moves under a key that can't be used", "AWS-DOC", DOCUMENTED_CHECK)
def test_a_label_moves_without_the_key(client, db, key):
    client.put_secret_value(SecretId="db", SecretString="two", ClientRequestToken=V2)
    key.disable()

    client.update_secret_version_stage(
        SecretId="db", VersionStage="AWSCURRENT", MoveToVersionId=V1, RemoveFromVersionId=V2
    )

    key.enable()
    assert value_of(client) == "one"


# --- Two keys ---


@behaviour(
    "UpdateSecret",
    "the versions AWSCURRENT, AWSPREVIOUS and AWSPENDING can be read with the old key or the new one",
    "AWS-DOC",
    GUIDE,
)
@rows("lost", ["old", "new"])
@unusable
@pytest.mark.usefixtures("db")
def test_a_version_under_two_keys_is_readable_with_either(client, secrets_backend, key, spoil, lost):
    client.put_secret_value(SecretId="db", SecretString="two", ClientRequestToken=V2)
    client.put_secret_value(SecretId="db", SecretString="three", ClientRequestToken=V3, VersionStages=["AWSPENDING"])
    other = secrets_backend.kms.create_key()

    client.update_secret(SecretId="db", KmsKeyId=other.arn)

    spoil({"old": key, "new": other}[lost], secrets_backend)
    assert [value_of(client, VersionId=version) for version in (V1, V2, V3)] == ["one", "two", "three"]
    assert {version: set(ids) for version, ids in key_ids(client).items()} == {
        version: {key.arn, other.arn} for version in (V1, V2, V3)
    }


@behaviour("UpdateSecret", "new versions are encrypted with the new key only", "AWS-DOC", RE_ENCRYPTION)
@rows("together", [True, False])
def test_a_new_version_is_under_the_new_key(client, secrets_backend, db, key, together):
    other = secrets_backend.kms.create_key()
    if together:
        client.update_secret(SecretId="db", KmsKeyId=other.arn, SecretString="two", ClientRequestToken=V2)
    else:
        client.update_secret(SecretId="db", KmsKeyId=other.arn)
        client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2)

    assert key_ids(client)[V2] == [other.arn]
    other.disable()
    assert value_of(client, VersionStage="AWSPREVIOUS") == "one"
    assert refusal(client.get_secret_value, SecretId="db")[0] == "DecryptionFailure"


@behaviour("GetSecretValue", "a version for which neither key can be used: DecryptionFailure", "AWS-DOC", GUIDE)
def test_a_version_whose_keys_are_both_unusable_cannot_be_read(client, secrets_backend, db, key):
    other = secrets_backend.kms.create_key()
    client.update_secret(SecretId="db", KmsKeyId=other.arn)
    key.disable()
    other.disable()

    code, _ = refusal(client.get_secret_value, SecretId="db")

    assert code == "DecryptionFailure"


@behaviour("UpdateSecret", "versions without AWS's labels keep the old key", "AWS-DOC", RE_ENCRYPTION)
def test_versions_without_aws_labels_keep_the_old_key(client, secrets_backend, db, key):
    other = secrets_backend.kms.create_key()
    client.update_secret_version_stage(SecretId="db", VersionStage="mine", MoveToVersionId=V1)
    for version, value in ((V2, "two"), (V3, "three"), ("4" * 36, "four"), ("5" * 36, "five")):
        client.put_secret_value(SecretId="db", SecretString=value, ClientRequestToken=version)

    client.update_secret(SecretId="db", KmsKeyId=other.arn)

    assert {version for version, ids in key_ids(client).items() if ids == [key.arn]} == {V1, V2, V3}
    key.disable()
    assert refusal(client.get_secret_value, SecretId="db", VersionStage="mine")[0] == "DecryptionFailure"
    assert refusal(client.get_secret_value, SecretId="db", VersionId=V2)[0] == "DecryptionFailure"
    assert value_of(client) == "five"


@behaviour(
    "UpdateSecret",
    "after going back to aws/secretsmanager, the versions can be read without the old key",
    "AWS-DOC",
    RE_ENCRYPTION,
)
def test_the_default_key_takes_over(client, db, key):
    client.update_secret(SecretId="db", KmsKeyId="")
    key.disable()

    assert value_of(client) == "one"


@behaviour(
    "UpdateSecret",
    "changing the key decrypts with the old key; if that can't be used: DecryptionFailure",
    "REPORTED",
    PENDING,
)
@rows("spoil", [disable, schedule_deletion])
def test_a_key_change_needs_the_old_key(client, secrets_backend, db, key, spoil):
    other = secrets_backend.kms.create_key()
    spoil(key, secrets_backend)
    before = snapshot(secrets_backend)

    code, _ = refusal(client.update_secret, SecretId="db", KmsKeyId=other.arn)

    assert code == "DecryptionFailure"
    assert snapshot(secrets_backend) == before


@behaviour(
    "PutSecretValue",
    "the placeholder of a rotation takes its value under the secret's present key",
    "AWS-DOC",
    RE_ENCRYPTION,
)
def test_a_placeholder_is_filled_under_the_current_key(client, secrets_backend, db, key):
    arn = secrets_backend.register_rotation_lambda("rotate", lambda *_: None)
    client.rotate_secret(
        SecretId="db", RotationLambdaARN=arn, ClientRequestToken=V2, RotationRules={"AutomaticallyAfterDays": 30}
    )
    other = secrets_backend.kms.create_key()
    client.update_secret(SecretId="db", KmsKeyId=other.arn)

    client.put_secret_value(SecretId="db", SecretString="two", ClientRequestToken=V2, VersionStages=["AWSPENDING"])

    assert key_ids(client)[V2] == [other.arn]
    other.disable()
    assert refusal(client.get_secret_value, SecretId="db", VersionId=V2)[0] == "DecryptionFailure"
