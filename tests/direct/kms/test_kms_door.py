"""``backend.kms``: keys that a test makes, disables and deletes."""

import pytest
from direct.kms.keys import put_into
from tables import rows

from mock_secrets import SecretsBackend
from mock_secrets.direct.kms import NoSuchKey

ACCOUNT = "123456789012"
STRANGERS = "111122223333"
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": STRANGERS}, "Action": "kms:*", "Resource": "*"}],
}
CREATE_SECRETS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "secretsmanager:CreateSecret", "Resource": "*"}],
}


# --- Making keys ---


def test_a_new_key_is_enabled_and_in_the_backends_account_and_region(kms):
    key = kms.create_key()

    assert key.arn == f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{key.id}"
    assert (key.aliases, key.description, key.state, key.deletion_date) == ([], "", "Enabled", None)


def test_a_key_has_the_attributes_it_was_created_with(kms):
    key = kms.create_key("of the app", POLICY, "alias/app", "eu-west-1", STRANGERS)

    assert key.arn == f"arn:aws:kms:eu-west-1:{STRANGERS}:key/{key.id}"
    assert (key.aliases, key.description) == (["alias/app"], "of the app")


@rows("region, partition", [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("eu-west-1", "aws")])
def test_a_key_arn_has_the_right_partition(kms, region, partition):
    assert kms.create_key(region=region).arn.split(":")[:4] == ["arn", partition, "kms", region]


def test_the_ids_are_the_same_in_every_run():
    first, second = SecretsBackend().kms, SecretsBackend().kms

    assert first.create_key().arn == second.create_key().arn


@rows(
    "policy, error, says",
    [
        (CREATE_SECRETS, ValueError, "Principal"),
        ("{", ValueError, "not JSON"),
        (["*"], TypeError, "a policy is a mapping, JSON text, or the pathlib"),
    ],
)
def test_an_invalid_key_policy_is_refused_and_changes_nothing(kms, policy, error, says):
    key = kms.create_key()

    with pytest.raises(error, match=says):
        kms.create_key(policy=policy, alias="alias/app")
    with pytest.raises(error, match=says):
        key.set_policy(policy)

    assert [made.id for made in kms] == [key.id]
    assert kms.create_key(alias="alias/app").aliases == ["alias/app"]


@rows("alias", ["app", "alias/", "alias/a b", "alias/aws/app", "alias/app\n", "", "alias/äpp", 5])
def test_an_invalid_alias_is_refused(kms, alias):
    with pytest.raises(
        ValueError, match=r"alias takes a name such as 'alias/app', which must not start with 'alias/aws/'; got .*"
    ):
        kms.create_key(alias=alias)

    assert list(kms) == []


@rows(
    "make",
    {
        "a created key": lambda backend: backend.kms.create_key(alias="alias/app"),
        "the implicit key of a secret": lambda backend: backend.create("db", "one", kms_key_id="alias/app"),
    },
)
def test_an_alias_belongs_to_only_one_key(secrets_backend, kms, make):
    make(secrets_backend)
    first = kms["alias/app"]

    with pytest.raises(ValueError, match="there is already a key with the alias 'alias/app' in us-east-1"):
        kms.create_key(alias="alias/app")

    assert [key.id for key in kms] == [first.id]
    assert kms["alias/app"].id == first.id


def test_an_alias_is_available_in_another_region_and_account(kms):
    keys = [
        kms.create_key(alias="alias/app"),
        kms.create_key(alias="alias/app", region="eu-west-1"),
        kms.create_key(alias="alias/app", account_id=STRANGERS),
    ]

    found = [
        kms.key("alias/app"),
        kms.key("alias/app", region="eu-west-1"),
        kms.key("alias/app", account_id=STRANGERS),
    ]

    assert [key.arn for key in found] == [key.arn for key in keys]


@rows("where", [{"region": "nowhere"}, {"account_id": "12"}, {"region": ""}, {"account_id": ""}])
def test_an_invalid_account_or_region_is_refused(kms, where):
    for call in (kms.create_key, lambda **where: kms.key(ID, **where)):
        with pytest.raises(ValueError, match=r"region|account_id|12 digits"):
            call(**where)

    assert list(kms) == []


def test_the_spec_is_keyword_only(kms):
    with pytest.raises(TypeError, match="positional argument"):
        kms.create_key("", None, None, None, None, "RSA_2048")


@rows("given", [{"spec": "SYMETRIC_DEFAULT"}, {"spec": ""}, {"spec": None}, {"description": 5}, {"description": None}])
def test_an_invalid_spec_or_description_is_refused(kms, given):
    with pytest.raises((TypeError, ValueError), match=next(iter(given))):
        kms.create_key(**given)


def test_the_alias_of_a_deleted_key_can_be_reused(backend):
    old = backend.kms.create_key(alias="alias/app")
    put_into("Deleted", old, backend)

    new = backend.kms.create_key(alias="alias/app")

    assert backend.kms["alias/app"].id == new.id != old.id


# --- Finding keys ---


@rows(
    "name",
    [
        lambda key: key.id,
        lambda key: key.arn,
        lambda key: "alias/app",
        lambda key: f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/app",
    ],
)
def test_a_key_is_found_by_each_of_its_names(backend, name):
    backend.kms.create_key(alias="alias/other")
    key = backend.kms.create_key(alias="alias/app")

    assert backend.kms[name(key)].arn == key.arn
    assert backend.kms.key(name(key)).arn == key.arn


def test_a_key_elsewhere_is_found_by_its_arn_or_by_name_with_its_account_and_region(backend):
    key = backend.kms.create_key(alias="alias/app", region="eu-west-1", account_id=STRANGERS)

    assert backend.kms[key.arn].id == key.id
    assert backend.kms[f"arn:aws:kms:eu-west-1:{STRANGERS}:alias/app"].id == key.id
    assert backend.kms.key(key.id, region="eu-west-1", account_id=STRANGERS).arn == key.arn


def test_an_implicit_key_in_another_account_or_region_is_found_by_its_arn(kms):
    arn = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{ID}"

    assert kms[arn].arn == arn


def test_an_implicit_key_is_the_one_that_secrets_use(secrets_backend, kms):
    client = secrets_backend.client()
    client.create_secret(Name="db", SecretString="one", KmsKeyId="alias/app")

    kms["alias/app"].disable()

    with pytest.raises(client.exceptions.DecryptionFailure):
        client.get_secret_value(SecretId="db")


def test_an_unused_alias_is_not_a_key(secrets_backend, kms):
    secrets_backend.create("db", "one", kms_key_id="alias/shop")

    with pytest.raises(NoSuchKey, match=r"no key 'alias/shpo' was created.*alias/shop"):
        kms["alias/shpo"]


def test_an_implicit_key_can_be_prepared(secrets_backend, kms):
    kms[ID].disable()

    client = secrets_backend.client()
    with pytest.raises(client.exceptions.EncryptionFailure):
        client.create_secret(Name="db", SecretString="one", KmsKeyId=ID)


@rows("name", [ID, f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{ID}", "alias/app"])
def test_strict_mode_has_only_explicitly_created_keys(backend, name):
    backend.kms.create_key(alias="alias/other")

    with pytest.raises(NoSuchKey) as caught:
        backend.kms[name]

    assert isinstance(caught.value, KeyError)
    assert str(caught.value).startswith(f"no key {name!r} in us-east-1 of account {ACCOUNT}: ")
    assert len(list(backend.kms)) == 1


@rows("name", ["my-key", "alias/aws/s3", f"arn:aws:kms:us-east-1:1:key/{ID}"])
def test_an_invalid_key_name_finds_no_key_in_either_mode(kms, backend, name):
    for door in (kms, backend.kms):
        with pytest.raises(NoSuchKey, match="no key"):
            door[name]

        assert list(door) == []


def test_the_error_for_a_missing_key_names_its_account_and_region(backend):
    with pytest.raises(NoSuchKey, match=f"no key 'alias/app' in eu-west-1 of account {STRANGERS}"):
        backend.kms.key("alias/app", region="eu-west-1", account_id=STRANGERS)


@rows("name", [5, None, b"alias/app"])
def test_a_key_name_of_the_wrong_type_is_reported(kms, name):
    with pytest.raises((NoSuchKey, TypeError), match=r"int|NoneType|bytes") as caught:
        kms[name]

    assert "bytes-like" not in str(caught.value)


@rows("name", ["", "alias/aws/secretsmanager"])
def test_the_default_key_is_not_listed(kms, backend, name):
    for door in (kms, backend.kms):
        with pytest.raises(NoSuchKey, match="aws/secretsmanager is an AWS managed key"):
            door[name]

        assert list(door) == []


def test_checking_permissions_creates_no_key(secrets_backend, kms):
    secrets_backend.client().create_secret(Name="db", SecretString="one", KmsKeyId="alias/aws/secretsmanager")

    secrets_backend.iam.used_permissions()

    assert list(kms) == []


def test_a_refused_call_creates_no_key(secrets_backend, kms):
    client = secrets_backend.iam.create_user("app", CREATE_SECRETS).client()

    with pytest.raises(client.exceptions.ClientError, match="Access to KMS is not allowed"):
        client.create_secret(Name="db", KmsKeyId="alias/app")

    assert list(kms) == []


def test_iteration_yields_all_keys_in_creation_order(kms):
    keys = [kms.create_key(), kms.create_key(region="eu-west-1"), kms.create_key(account_id=STRANGERS)]

    assert [key.arn for key in kms] == [key.arn for key in keys]


def test_keys_can_be_created_during_iteration(kms):
    kms.create_key()

    for _ in kms:
        kms.create_key()

    assert len(list(kms)) == 2


def test_a_deleted_key_is_found_by_its_arn_alone(backend):
    key = backend.kms.create_key(alias="alias/app")
    put_into("Deleted", key, backend)

    for name in (key.id, "alias/app"):
        with pytest.raises(NoSuchKey):
            backend.kms[name]
    assert backend.kms[key.arn].state == "Deleted"


# --- How they show ---


def test_a_key_shows_its_arn_its_alias_and_its_state(kms):
    key, plain = kms.create_key("secret plans", alias="alias/app"), kms.create_key()
    plain.disable()

    assert repr(key) == f"<key {key.arn} alias/app: Enabled>"
    assert repr(plain) == f"<key {plain.arn}: Disabled>"


def test_the_repr_of_kms_shows_the_number_of_keys(kms):
    empty = repr(kms)
    kms.create_key()
    kms.create_key()

    assert (empty, repr(kms)) == ("<KMS: 0 keys>", "<KMS: 2 keys>")


def test_the_returned_aliases_are_a_copy(kms):
    key = kms.create_key(alias="alias/app")

    key.aliases.append("alias/other")

    assert key.aliases == ["alias/app"]


# --- Backends ---


@rows("kms", ["none", "", True, 5])
def test_the_kms_option_is_any_or_strict(kms):
    with pytest.raises(ValueError, match="kms takes 'any' or 'strict'"):
        SecretsBackend(kms=kms)
