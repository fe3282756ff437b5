"""What each operation has to be allowed of KMS, and what it comes to if it is not."""

import pytest
from conformance.fidelity import behaviour
from conformance.keys import (
    ACCOUNT,
    DEFAULT,
    GUIDE,
    NOT_ALLOWED,
    SECRETS,
    TROUBLESHOOT,
    V1,
    V2,
    V3,
    WITHOUT_KEY,
    call_without_key,
    document,
    key_ids,
    may,
    refusal,
    value_of,
)
from conformance.raw import snapshot
from tables import rows

DENIED = ("AccessDeniedException", NOT_ALLOWED)
ALL = {"kms:GenerateDataKey", "kms:Decrypt", "kms:Encrypt"}
RE_ENCRYPTION = "AWS API reference, UpdateSecret, KmsKeyId"
NO_KEY = "Any operation that needs no key"
USE = "Any operation that needs a key"


# --- Which operation needs what ---

NEEDS = {
    "CreateSecret": (
        "kms:GenerateDataKey kms:Decrypt",
        lambda app, key: app.create_secret(Name="new", SecretString="two", KmsKeyId=key.arn),
    ),
    "CreateSecret of bytes": (
        "kms:GenerateDataKey kms:Decrypt",
        lambda app, key: app.create_secret(Name="new", SecretBinary=b"two", KmsKeyId=key.id),
    ),
    "CreateSecret without a value": (
        "kms:GenerateDataKey kms:Decrypt",
        lambda app, key: app.create_secret(Name="new", KmsKeyId="alias/app"),
    ),
    "CreateSecret with a token again": (
        "kms:Decrypt",
        lambda app, _: app.create_secret(Name="db", SecretString="one", ClientRequestToken=V1),
    ),
    "PutSecretValue": ("kms:GenerateDataKey", lambda app, _: app.put_secret_value(SecretId="db", SecretString="two")),
    "PutSecretValue of AWSPENDING": (
        "kms:GenerateDataKey",
        lambda app, _: app.put_secret_value(SecretId="db", SecretBinary=b"two", VersionStages=["AWSPENDING"]),
    ),
    "PutSecretValue with a token again": (
        "kms:Decrypt",
        lambda app, _: app.put_secret_value(SecretId="db", SecretString="one", ClientRequestToken=V1),
    ),
    "UpdateSecret of a value": (
        "kms:GenerateDataKey",
        lambda app, _: app.update_secret(SecretId="db", SecretString="two", Description="new"),
    ),
    "UpdateSecret with a token again": (
        "kms:Decrypt",
        lambda app, _: app.update_secret(SecretId="db", SecretString="one", ClientRequestToken=V1, Description="new"),
    ),
    "UpdateSecret to the same key": (
        "kms:GenerateDataKey kms:Decrypt",
        lambda app, key: app.update_secret(SecretId="db", KmsKeyId=key.arn, Description="new"),
    ),
    "GetSecretValue": ("kms:Decrypt", lambda app, _: app.get_secret_value(SecretId="db")),
    "GetSecretValue of a version": ("kms:Decrypt", lambda app, _: app.get_secret_value(SecretId="db", VersionId=V1)),
}
each_operation = rows("actions, call", NEEDS)


@behaviour(
    USE,
    "storing needs GenerateDataKey, reading or comparing needs Decrypt, choosing a key needs both, and nothing else",
    "AWS-DOC",
    GUIDE,
)
@each_operation
@pytest.mark.usefixtures("db")
def test_the_required_kms_permissions_suffice_for_an_operation(secrets_backend, app, key, actions, call):
    client = app(may(actions, key))

    answer = call(client, key)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    asked = secrets_backend.iam.used_permissions(f"arn:aws:iam::{ACCOUNT}:user/app")["Statement"]
    used = {action for one in asked for action in one["Action"] if action.startswith("kms:")}
    assert used == set(actions.split())


@behaviour(
    USE,
    "if a required KMS action is not allowed: AccessDeniedException, and nothing is changed",
    "AWS-DOC",
    TROUBLESHOOT,
)
@pytest.mark.parametrize(
    ("missing", "call"),
    [
        pytest.param(action, call, id=f"{name} without {action}")
        for name, (actions, call) in NEEDS.items()
        for action in actions.split()
    ],
)
@pytest.mark.usefixtures("db")
def test_a_required_action_that_is_not_allowed(secrets_backend, app, key, missing, call):
    client = app(may(" ".join(sorted(ALL - {missing})), key))
    before = snapshot(secrets_backend)

    error = refusal(call, client, key)

    assert error == DENIED
    assert snapshot(secrets_backend) == before
    assert "new" not in secrets_backend


@behaviour(
    "PutSecretValue", "only a caller who may decrypt learns that a token is in use for another value", "AWS-DOC", GUIDE
)
@behaviour(
    "UpdateSecret", "only a caller who may decrypt learns that a token is in use for another value", "AWS-DOC", GUIDE
)
@behaviour(
    "CreateSecret", "only a caller who may decrypt learns that a token is in use for another value", "AWS-DOC", GUIDE
)
@rows(
    "call",
    [
        lambda app: app.create_secret(Name="db", SecretString="two", ClientRequestToken=V1),
        lambda app: app.put_secret_value(SecretId="db", SecretString="two", ClientRequestToken=V1),
        lambda app: app.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V1),
    ],
)
@pytest.mark.usefixtures("db")
def test_reusing_a_token_with_another_value_needs_decrypt(secrets_backend, app, key, call):
    client = app(may("kms:GenerateDataKey kms:Encrypt", key))
    denied = refusal(call, client)

    reader = secrets_backend.iam.create_user("reader", document(SECRETS, may("kms:Decrypt", key))).client()
    compared, _ = refusal(call, reader)

    assert denied == DENIED
    assert compared == "ResourceExistsException"


@behaviour("BatchGetSecretValue", "a secret without kms:Decrypt is listed in Errors", "AWS-DOC", GUIDE)
@pytest.mark.usefixtures("db")
def test_a_batch_needs_decrypt_for_each_key(client, app, key, other):
    client.create_secret(Name="readable", SecretString="two", KmsKeyId=other.arn)
    user = app(may("kms:Decrypt", other), may("kms:GenerateDataKey kms:Encrypt", key))

    answer = user.batch_get_secret_value(SecretIdList=["db", "readable"])

    assert [value["SecretString"] for value in answer["SecretValues"]] == ["two"]
    assert answer["Errors"] == [{"SecretId": "db", "ErrorCode": DENIED[0], "Message": NOT_ALLOWED}]


@behaviour(NO_KEY, "needs no permission of KMS", "AWS-DOC", f"{GUIDE}, which names the calls of KMS")
@rows("operation", [*WITHOUT_KEY])
@pytest.mark.usefixtures("db")
def test_operations_that_use_no_key_need_no_kms_permission(app, operation):
    answer = call_without_key(app(), operation)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@behaviour("ListSecrets", "needs no permission of KMS", "AWS-DOC", f"{GUIDE}, which names the calls of KMS")
@pytest.mark.usefixtures("db")
def test_a_list_needs_no_kms_permission(app, key):
    assert [entry["KmsKeyId"] for entry in app().list_secrets()["SecretList"]] == [key.arn]


@behaviour("RotateSecret", "needs no permission of KMS", "AWS-DOC", f"{GUIDE}, which names the calls of KMS")
@pytest.mark.usefixtures("db")
def test_a_rotation_starts_without_kms_permission(secrets_backend, app):
    arn = secrets_backend.register_rotation_lambda("rotate", lambda *_: None)
    invoke = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": arn}

    answer = app(invoke).rotate_secret(
        SecretId="db", RotationLambdaARN=arn, ClientRequestToken=V2, RotationRules={"AutomaticallyAfterDays": 30}
    )

    assert answer["VersionId"] == V2


@behaviour("GetSecretValue", "aws/secretsmanager needs no permission of KMS", "AWS-DOC", GUIDE)
@behaviour("CreateSecret", "aws/secretsmanager needs no permission of KMS", "AWS-DOC", GUIDE)
@behaviour("UpdateSecret", "aws/secretsmanager needs no permission of KMS", "AWS-DOC", GUIDE)
@rows("name", [{}, {"KmsKeyId": "alias/aws/secretsmanager"}, {"KmsKeyId": ""}])
def test_the_default_key_needs_no_permission(client, app, name):
    user = app({"Effect": "Deny", "Action": "kms:*", "Resource": "*"})

    user.create_secret(Name="db", SecretString="one", ClientRequestToken=V1, **name)
    user.create_secret(Name="db", SecretString="one", ClientRequestToken=V1, **name)
    user.put_secret_value(SecretId="db", SecretString="two", ClientRequestToken=V2)
    user.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3, **name)

    assert value_of(user) == "three"
    assert [value["SecretString"] for value in user.batch_get_secret_value(SecretIdList=["db"])["SecretValues"]]
    assert set(map(tuple, key_ids(client).values())) == {tuple(DEFAULT)}


# --- Changing the key ---


@pytest.fixture
def labelled(client, db):
    """V1 AWSPREVIOUS, V2 AWSCURRENT, V3 AWSPENDING; "mine" is on a version by itself; two others have none."""
    for version, value in (("0" * 36, "zero"), ("m" * 36, "mine"), (V2, "two")):
        client.put_secret_value(SecretId="db", SecretString=value, ClientRequestToken=version)
        if value == "mine":
            client.update_secret_version_stage(SecretId="db", VersionStage="mine", MoveToVersionId=version)
            client.put_secret_value(SecretId="db", SecretString="between", ClientRequestToken="b" * 36)
            client.put_secret_value(SecretId="db", SecretString="previous", ClientRequestToken="p" * 36)
    client.put_secret_value(SecretId="db", SecretString="three", ClientRequestToken=V3, VersionStages=["AWSPENDING"])
    return db


@behaviour(
    "UpdateSecret", "a new key needs GenerateDataKey and Decrypt, and Encrypt to re-encrypt versions", "AWS-DOC", GUIDE
)
def test_the_required_permissions_suffice_for_a_key_change(client, app, key, other, labelled):
    user = app(may("kms:Decrypt", key), may("kms:GenerateDataKey kms:Decrypt kms:Encrypt", other))

    user.update_secret(SecretId="db", KmsKeyId=other.arn)

    assert client.describe_secret(SecretId="db")["KmsKeyId"] == other.arn
    again = {version for version, ids in key_ids(client).items() if other.arn in ids}
    assert again == {"p" * 36, V2, V3}


@behaviour(
    "UpdateSecret", "a new key that fails the check: AccessDeniedException, and nothing is changed", "AWS-DOC", GUIDE
)
@rows("missing", ["kms:GenerateDataKey", "kms:Decrypt"])
@rows("value", [{}, {"SecretString": "two"}])
@pytest.mark.usefixtures("db")
def test_a_new_key_is_tested(secrets_backend, app, *, key, other, missing, value):
    user = app(may("kms:Decrypt kms:GenerateDataKey kms:Encrypt", key), may(" ".join(ALL - {missing}), other))
    before = snapshot(secrets_backend)

    error = refusal(user.update_secret, SecretId="db", KmsKeyId=other.arn, Description="new", **value)

    assert error == DENIED
    assert snapshot(secrets_backend) == before


@behaviour(
    "UpdateSecret",
    "without kms:Encrypt on the new key the call succeeds, and old versions keep their key",
    "AWS-DOC",
    RE_ENCRYPTION,
)
@pytest.mark.usefixtures("labelled")
def test_nothing_is_reencrypted_without_encrypt_permission(client, secrets_backend, app, key, other):
    user = app(may("kms:Decrypt", key), may("kms:GenerateDataKey kms:Decrypt", other))
    only_new = secrets_backend.iam.create_user("new", document(SECRETS, may("kms:*", other))).client()
    only_old = secrets_backend.iam.create_user("old", document(SECRETS, may("kms:*", key))).client()

    user.update_secret(SecretId="db", KmsKeyId=other.arn)

    assert client.describe_secret(SecretId="db")["KmsKeyId"] == other.arn
    assert set(map(tuple, key_ids(client).values())) == {(key.arn,)}
    assert refusal(only_new.get_secret_value, SecretId="db") == DENIED
    assert value_of(only_old) == "two"
    only_new.put_secret_value(SecretId="db", SecretString="four", ClientRequestToken="4" * 36)
    assert key_ids(client)["4" * 36] == [other.arn]


@behaviour(
    "UpdateSecret",
    "with a value and without kms:Encrypt, the new version is encrypted with the new key",
    "AWS-DOC",
    RE_ENCRYPTION,
)
@pytest.mark.usefixtures("db")
def test_a_new_value_with_a_new_key_reencrypts_no_other_version(client, app, key, other):
    user = app(may("kms:Decrypt", key), may("kms:GenerateDataKey kms:Decrypt", other))

    user.update_secret(SecretId="db", KmsKeyId=other.arn, SecretString="two", ClientRequestToken=V2)

    assert key_ids(client) == {V1: [key.arn], V2: [other.arn]}


@behaviour("GetSecretValue", "a version under two keys can be read with either", "AWS-DOC", GUIDE)
@rows("which", ["old", "new"])
@pytest.mark.usefixtures("labelled")
def test_either_key_decrypts_a_reencrypted_version(client, app, key, other, which):
    client.update_secret(SecretId="db", KmsKeyId=other.arn)

    user = app(may("kms:Decrypt", {"old": key, "new": other}[which]))

    labels = ("AWSCURRENT", "AWSPREVIOUS", "AWSPENDING")
    assert [value_of(user, VersionStage=label) for label in labels] == ["two", "previous", "three"]


@behaviour(
    "UpdateSecret", "versions with no label, or with custom labels only, keep the old key", "AWS-DOC", RE_ENCRYPTION
)
@rows("version", [{"VersionStage": "mine"}, {"VersionId": "0" * 36}])
@pytest.mark.usefixtures("labelled")
def test_versions_without_aws_labels_are_read_with_the_old_key(client, secrets_backend, app, *, key, other, version):
    client.update_secret(SecretId="db", KmsKeyId=other.arn)
    only_old = secrets_backend.iam.create_user("old", document(SECRETS, may("kms:Decrypt", key))).client()

    error = refusal(app(may("kms:Decrypt", other)).get_secret_value, SecretId="db", **version)

    assert error == DENIED
    assert value_of(only_old, **version) in {"mine", "zero"}


@behaviour(
    "UpdateSecret",
    "each version is re-encrypted for which the caller has the permissions",
    "GUESS",
    RE_ENCRYPTION,
    decided_by="a KMS key",
)
@pytest.mark.usefixtures("labelled")
def test_each_version_is_reencrypted_independently(client, app, key, other):
    only_current = {"StringNotEquals": {"kms:EncryptionContext:SecretVersionId": [V3, "p" * 36]}}
    user = app(
        may("kms:Decrypt", key),
        may("kms:GenerateDataKey kms:Decrypt", other),
        may("kms:Encrypt", other, **only_current),
    )

    user.update_secret(SecretId="db", KmsKeyId=other.arn)

    assert {version for version, ids in key_ids(client).items() if other.arn in ids} == {V2}


@behaviour(
    "GetSecretValue",
    "if neither of two keys can be used, the error is the one for the newer key",
    "GUESS",
    GUIDE,
    decided_by="a KMS key",
)
@rows("allowed, code", [("old", "AccessDeniedException"), ("new", "DecryptionFailure")])
@pytest.mark.usefixtures("db")
def test_the_newer_of_two_keys_is_reported(client, app, key, *, other, allowed, code):
    client.update_secret(SecretId="db", KmsKeyId=other.arn)
    one = {"old": key, "new": other}[allowed]
    one.disable()

    error, _ = refusal(app(may("kms:Decrypt", one)).get_secret_value, SecretId="db")

    assert error == code


@behaviour(
    "UpdateSecret",
    "going back to aws/secretsmanager needs only kms:Decrypt on the old key",
    "GUESS",
    GUIDE,
    decided_by="a KMS key",
)
@pytest.mark.usefixtures("db")
def test_going_back_to_the_default_key_needs_decrypt(client, app, key):
    app(may("kms:Decrypt", key)).update_secret(SecretId="db", KmsKeyId="")

    assert set(key_ids(client)[V1]) == {key.arn, *DEFAULT}


@behaviour(
    "UpdateSecret",
    "without kms:Decrypt on the old key: AccessDeniedException, and nothing is changed",
    "GUESS",
    GUIDE,
    decided_by="a KMS key",
)
@pytest.mark.usefixtures("db")
def test_a_key_change_needs_to_decrypt_with_the_old_key(secrets_backend, app, key, other):
    user = app(may("kms:GenerateDataKey kms:Encrypt", key), may("kms:GenerateDataKey kms:Decrypt kms:Encrypt", other))
    before = snapshot(secrets_backend)

    error = refusal(user.update_secret, SecretId="db", KmsKeyId=other.arn)

    assert error == DENIED
    assert snapshot(secrets_backend) == before


@behaviour(
    "UpdateSecret", "without kms:Encrypt on the new key, the old key isn't used either", "AWS-DOC", RE_ENCRYPTION
)
@pytest.mark.usefixtures("db")
def test_versions_that_are_not_reencrypted_are_not_read(client, app, key, other):
    app(may("kms:GenerateDataKey kms:Decrypt", other)).update_secret(SecretId="db", KmsKeyId=other.arn)

    assert key_ids(client)[V1] == [key.arn]


@behaviour(
    "UpdateSecret", "an earlier key that is chosen again becomes the newest", "GUESS", GUIDE, decided_by="a KMS key"
)
@pytest.mark.usefixtures("db")
def test_a_secret_can_go_back_to_an_earlier_key(client, app, key, other):
    client.update_secret(SecretId="db", KmsKeyId=other.arn)

    client.update_secret(SecretId="db", KmsKeyId=key.arn)

    assert key_ids(client)[V1] == [other.arn, key.arn]
    key.disable()
    other.disable()
    assert key.arn in refusal(client.get_secret_value, SecretId="db")[1]


@pytest.mark.usefixtures("db")
def test_with_two_keys_only_the_one_used_was_needed(client, secrets_backend, app, key, other):
    client.update_secret(SecretId="db", KmsKeyId=other.arn)
    reads = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    policy = document(reads, may("kms:Decrypt", key))
    role = secrets_backend.iam.create_role("reader", policy)

    role.client().get_secret_value(SecretId="db")

    secrets_backend.iam.assert_sufficient(policy, role)


@pytest.mark.usefixtures("db")
def test_with_two_refused_keys_the_newer_one_was_needed(client, secrets_backend, key, other):
    client.update_secret(SecretId="db", KmsKeyId=other.arn)
    reads = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    role = secrets_backend.iam.create_role("reader", document(reads))

    refusal(role.client().get_secret_value, SecretId="db")

    asked = [statement["Resource"] for statement in secrets_backend.iam.used_permissions(role)["Statement"]]
    assert [other.arn] in asked
    assert all("alias" not in str(one) and key.arn not in one for one in asked)
