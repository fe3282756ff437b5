"""The policies of keys, and the conditions under which a key may be used."""

import json

import pytest
from conformance.fidelity import behaviour
from conformance.keys import (
    ACCOUNT,
    GUIDE,
    NOT_ALLOWED,
    SECRETS,
    STRANGERS,
    V1,
    V2,
    V3,
    document,
    everything,
    key_ids,
    lets,
    may,
    refusal,
    value_of,
)
from conformance.raw import snapshot
from tables import rows

DENIED = ("AccessDeniedException", NOT_ALLOWED)
KEY_POLICIES = "KMS Developer Guide, Key policies in AWS KMS"
CONDITIONS = "KMS Developer Guide, Condition keys for AWS KMS"
VALIDATION = "RequestToValidateKeyAccess"
USE = "Any operation that needs a key"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


# --- Key policies ---


@behaviour(USE, "nobody can use a key whose policy names neither the account nor the caller", "AWS-DOC", KEY_POLICIES)
def test_a_key_policy_that_does_not_name_the_account(client, secrets_backend, app, key, db):
    key.set_policy(document(lets(f"arn:aws:iam::{ACCOUNT}:role/somebody-else")))
    user = app({"Effect": "Allow", "Action": "kms:*", "Resource": "*"})
    before = snapshot(secrets_backend)

    for caller in (client, user):
        assert refusal(caller.get_secret_value, SecretId="db") == DENIED
        assert refusal(caller.put_secret_value, SecretId="db", SecretString="two") == DENIED
        assert refusal(caller.create_secret, Name="new", KmsKeyId=key.arn) == DENIED

    assert snapshot(secrets_backend) == before
    assert "new" not in secrets_backend


@behaviour(USE, "a key policy that names a user is enough", "AWS-DOC", KEY_POLICIES)
@rows("with_account", [True, False])
@pytest.mark.usefixtures("db")
def test_a_key_policy_that_names_a_user_suffices(app, key, with_account):
    user = app()
    named = lets(f"arn:aws:iam::{ACCOUNT}:user/app", "kms:Decrypt")
    key.set_policy(document(named, *([everything()] if with_account else [])))

    assert value_of(user) == "one"
    assert refusal(user.put_secret_value, SecretId="db", SecretString="two") == DENIED


@behaviour(USE, "a key policy that names a role is enough for its sessions", "AWS-DOC", KEY_POLICIES)
@rows("name", ["iam::{}:role/app", "sts::{}:assumed-role/app/worker"])
@pytest.mark.usefixtures("db")
def test_a_key_policy_that_names_a_role_suffices(secrets_backend, key, name):
    role = secrets_backend.iam.create_role("app", document(SECRETS))
    key.set_policy(document(lets(f"arn:aws:{name.format(ACCOUNT)}", "kms:Decrypt")))

    assert value_of(role.client("worker")) == "one"
    assert refusal(role.client("worker").put_secret_value, SecretId="db", SecretString="two") == DENIED


@behaviour(
    USE, "a key policy that names everybody is enough for principals of its own account", "AWS-DOC", KEY_POLICIES
)
@pytest.mark.usefixtures("db")
def test_a_key_policy_that_names_everyone(client, app, key):
    key.set_policy(document(lets("*", "kms:Decrypt")))

    assert value_of(app()) == "one"
    assert value_of(client) == "one"


@behaviour(
    USE, "a key policy that names the account leaves the decision to the user's own policies", "AWS-DOC", KEY_POLICIES
)
@rows("name", [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"])
@pytest.mark.usefixtures("db")
def test_a_key_policy_that_names_the_account(client, secrets_backend, app, key, name):
    key.set_policy(document(lets(name)))
    user = secrets_backend.iam.create_user("reader", document(SECRETS, may("kms:Decrypt", key))).client()

    assert refusal(app().get_secret_value, SecretId="db") == DENIED
    assert value_of(user) == "one"
    assert value_of(client) == "one"


@behaviour(USE, "an explicit Deny in a key policy overrides every Allow", "AWS-DOC", KEY_POLICIES)
@rows("name", [f"arn:aws:iam::{ACCOUNT}:user/app", "*"])
@pytest.mark.usefixtures("db")
def test_a_deny_in_a_key_policy_overrides_every_allow(secrets_backend, app, key, name):
    user = app(may("kms:*", key))
    key.set_policy(document(everything(), lets(name, "kms:Decrypt", effect="Deny")))
    before = snapshot(secrets_backend)

    assert refusal(user.get_secret_value, SecretId="db") == DENIED
    assert snapshot(secrets_backend) == before
    assert user.put_secret_value(SecretId="db", SecretString="two")["Name"] == "db"


@behaviour(USE, "an explicit Deny in a key policy also applies to the administrator", "AWS-DOC", KEY_POLICIES)
@pytest.mark.usefixtures("db")
def test_a_key_policy_that_denies_the_administrator(client, key):
    key.set_policy(document(everything(), lets("*", "kms:GenerateDataKey", effect="Deny")))

    assert refusal(client.put_secret_value, SecretId="db", SecretString="two") == DENIED
    assert value_of(client) == "one"


@behaviour(USE, "an explicit Deny in a user's own policy overrides the key policy", "AWS-DOC", KEY_POLICIES)
@pytest.mark.usefixtures("db")
def test_a_denying_user_policy_overrides_the_key_policy(app, key):
    key.set_policy(document(lets(f"arn:aws:iam::{ACCOUNT}:user/app")))
    user = app({"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"})

    assert refusal(user.get_secret_value, SecretId="db") == DENIED


@behaviour(USE, "a key policy is evaluated as it is at the time of the call", "AWS-DOC", KEY_POLICIES)
@pytest.mark.usefixtures("db")
def test_policies_apply_as_they_are_at_the_time_of_the_call(client, secrets_backend, key):
    user = secrets_backend.iam.create_user("app", document(SECRETS, may("kms:Decrypt", key)))
    app = user.client()
    read = [value_of(app)]

    key.set_policy(document(lets(STRANGERS)))
    refused = [refusal(app.get_secret_value, SecretId="db"), refusal(client.get_secret_value, SecretId="db")]
    key.set_policy(document(everything()))
    read.append(value_of(app))
    user.set_policy(document(SECRETS))
    refused.append(refusal(app.get_secret_value, SecretId="db"))

    assert read == ["one", "one"]
    assert refused == [DENIED] * 3


@behaviour(USE, "for a key that the test didn't make, the caller's own policies decide", "AWS-DOC", KEY_POLICIES)
def test_an_assumed_key_needs_only_a_policy_of_the_caller(client, secrets_backend, app):
    client.create_secret(Name="db", SecretString="one", KmsKeyId=KEY)
    allowed = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY}
    reader = secrets_backend.iam.create_user("reader", document(SECRETS, allowed)).client()

    assert value_of(client) == "one"
    assert refusal(app().get_secret_value, SecretId="db") == DENIED
    assert value_of(reader) == "one"


@behaviour(
    USE,
    "a missing permission is reported before the state of the key",
    "GUESS",
    "KMS API reference, common errors",
    decided_by="a KMS key",
)
@pytest.mark.usefixtures("db")
def test_permission_is_checked_before_the_key_state(app, key):
    key.disable()

    assert refusal(app().get_secret_value, SecretId="db") == DENIED


@behaviour(USE, "the user's own policy needn't allow what the key policy allows by itself", "AWS-DOC", KEY_POLICIES)
@pytest.mark.usefixtures("db")
def test_permissions_granted_by_a_key_policy_are_not_needed_from_the_user(secrets_backend, app, key):
    user = app()
    key.set_policy(document(lets(f"arn:aws:iam::{ACCOUNT}:user/app", "kms:Decrypt")))
    value_of(user)

    used = secrets_backend.iam.used_permissions(f"arn:aws:iam::{ACCOUNT}:user/app")

    assert [action for one in used["Statement"] for action in one["Action"] if action.startswith("kms:")] == []
    secrets_backend.iam.assert_sufficient(document(SECRETS), f"arn:aws:iam::{ACCOUNT}:user/app")


# --- Conditions ---

FITTING = {
    "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com",
    "kms:EncryptionContext:SecretARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-??????",
    "kms:EncryptionContext:SecretVersionId": V1,
    "kms:CallerAccount": ACCOUNT,
    "kms:ResourceAliases": "alias/app",
    "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    "aws:ResourceAccount": ACCOUNT,
    "aws:ViaAWSService": "true",
    "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/app",
}
OTHERWISE = {
    "kms:ViaService": "rds.us-east-1.amazonaws.com",
    "kms:EncryptionContext:SecretARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:other-??????",
    "kms:EncryptionContext:SecretVersionId": V2,
    "kms:CallerAccount": STRANGERS,
    "kms:ResourceAliases": "alias/other",
    "kms:EncryptionAlgorithm": "RSAES_OAEP_SHA_256",
    "aws:ResourceAccount": STRANGERS,
    "aws:ViaAWSService": "false",
    "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/other",
}


def like(key, value):
    several = {"kms:ResourceAliases": "ForAnyValue:StringLike"}
    return {several.get(key, "StringLike"): {key: value}}


@behaviour(USE, "conditions on the use of a key by Secrets Manager, in a user's policy", "AWS-DOC", CONDITIONS)
@rows("condition", [*FITTING])
@pytest.mark.usefixtures("db")
def test_a_condition_in_a_user_policy_restricts_the_use_of_a_key(secrets_backend, app, key, condition):
    user = secrets_backend.iam.create_user(
        "other", document(SECRETS, may("kms:Decrypt", key, **like(condition, OTHERWISE[condition])))
    )
    if condition == "aws:PrincipalArn":
        user.set_policy(document(SECRETS, may("kms:Decrypt", key, **like(condition, FITTING[condition]))))

    assert value_of(app(may("kms:Decrypt", key, **like(condition, FITTING[condition])))) == "one"
    assert refusal(user.client().get_secret_value, SecretId="db") == DENIED


@behaviour(USE, "conditions on the use of a key by Secrets Manager, in the key's policy", "AWS-DOC", CONDITIONS)
@rows("condition", [*FITTING])
@pytest.mark.usefixtures("db")
def test_a_condition_in_a_key_policy_restricts_the_use_of_the_key(app, key, condition):
    user = app()
    name = f"arn:aws:iam::{ACCOUNT}:user/app"

    key.set_policy(document(lets(name, "kms:Decrypt", **like(condition, FITTING[condition]))))
    fitting = value_of(user)
    key.set_policy(document(lets(name, "kms:Decrypt", **like(condition, OTHERWISE[condition]))))

    assert fitting == "one"
    assert refusal(user.get_secret_value, SecretId="db") == DENIED


@behaviour(
    USE,
    "a key policy can allow everybody in an account who comes through Secrets Manager",
    "AWS-DOC",
    "KMS Developer Guide, kms:CallerAccount",
)
@pytest.mark.usefixtures("db")
def test_a_key_policy_can_allow_everyone_in_an_account_through_the_service(client, secrets_backend, app, key, db):
    by_the_service = {
        "StringEquals": {
            "kms:CallerAccount": ACCOUNT,
            "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com",
        }
    }
    key.set_policy(document(lets("*", "kms:Decrypt kms:GenerateDataKey*", **by_the_service)))
    client.put_resource_policy(
        SecretId="db",
        ResourcePolicy=json.dumps(document(lets(STRANGERS, "secretsmanager:GetSecretValue"))),
    )

    assert value_of(app()) == "one"
    assert (
        refusal(secrets_backend.session(account_id=STRANGERS).client("secretsmanager").get_secret_value, SecretId=db)
        == DENIED
    )


@behaviour(
    "CreateSecret",
    "a key is checked with SecretVersionId RequestToValidateKeyAccess and the secret's ARN",
    "AWS-DOC",
    GUIDE,
)
def test_checking_a_key_uses_its_own_encryption_context(app, key):
    context = {
        "StringEquals": {"kms:EncryptionContext:SecretVersionId": VALIDATION},
        "StringLike": {
            "kms:EncryptionContext:SecretARN": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:new-??????"
        },
    }
    user = app(may("kms:GenerateDataKey kms:Decrypt", key, **context))

    denied = refusal(user.create_secret, Name="new", SecretString="one", KmsKeyId=key.arn)
    user.create_secret(Name="new", KmsKeyId=key.arn)

    assert denied == DENIED
    assert refusal(user.create_secret, Name="other", KmsKeyId=key.arn) == DENIED
    assert refusal(user.put_secret_value, SecretId="new", SecretString="one") == DENIED


@behaviour(
    "CreateSecret", "a value is encrypted for its version, in addition to the check of the key", "AWS-DOC", GUIDE
)
def test_creating_a_secret_encrypts_its_value_for_its_version(secrets_backend, app, key):
    of_version = {"StringEquals": {"kms:EncryptionContext:SecretVersionId": V1}}
    user = app(may("kms:GenerateDataKey kms:Decrypt", key, **of_version))

    error = refusal(user.create_secret, Name="new", SecretString="one", KmsKeyId=key.arn, ClientRequestToken=V1)

    assert error == DENIED
    assert "new" not in secrets_backend


@behaviour(
    "UpdateSecret",
    "a key is checked for RequestToValidateKeyAccess, and re-encryption for each version",
    "AWS-DOC",
    GUIDE,
)
@pytest.mark.usefixtures("db")
def test_changing_the_key_reencrypts_each_version_in_its_own_context(client, app, key, other):
    def version(name):
        return {"StringEquals": {"kms:EncryptionContext:SecretVersionId": name}}

    user = app(
        may("kms:Decrypt", key, **version(V1)),
        may("kms:GenerateDataKey kms:Decrypt", other, **version(VALIDATION)),
        may("kms:Encrypt", other, **version(V1)),
        may("kms:GenerateDataKey", other, **version(V2)),
    )

    user.update_secret(SecretId="db", KmsKeyId=other.arn, SecretString="two", ClientRequestToken=V2)

    assert key_ids(client) == {V1: [key.arn, other.arn], V2: [other.arn]}


@behaviour("PutSecretValue", "a value is encrypted for the version that its token names", "AWS-DOC", GUIDE)
@pytest.mark.usefixtures("db")
def test_putting_a_value_encrypts_it_for_the_version_its_token_names(app, key):
    of_version = {"StringEquals": {"kms:EncryptionContext:SecretVersionId": V2}}
    user = app(may("kms:GenerateDataKey", key, **of_version))

    user.put_secret_value(SecretId="db", SecretString="two", ClientRequestToken=V2)

    assert refusal(user.put_secret_value, SecretId="db", SecretString="two", ClientRequestToken=V3) == DENIED


@behaviour(USE, "kms:ResourceAliases is absent for a key without an alias", "AWS-DOC", CONDITIONS)
def test_a_key_without_an_alias_sets_no_resource_aliases_condition_key(client, app, other):
    client.create_secret(Name="db", SecretString="one", KmsKeyId=other.arn)

    user = app(may("kms:Decrypt", other, Null={"kms:ResourceAliases": "true"}))

    assert value_of(user) == "one"
