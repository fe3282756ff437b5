"""The names of keys, and which of them Secrets Manager takes."""

import pytest
from conformance.fidelity import behaviour
from conformance.keys import ACCOUNT, DEFAULT, NOT_ALLOWED, STRANGERS, V1, key_ids, refusal, value_of
from conformance.raw import members, snapshot
from tables import rows

KEYS = "Any operation: the names of keys"
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{ID}"
KMS_KEY_ID = "AWS API reference, CreateSecret, KmsKeyId"
ECHO = "recorded responses in GitHub cloud-custodian/cloud-custodian, test_secrets_manager_set_encryption_key"
MALFORMED = "GitHub hashicorp/terraform-provider-aws#13303"
OTHER_REGION = "GitHub badmintoncryer/cdk-preflight, rules/secretsmanager"
OTHER_SERVICE = "GitHub badmintoncryer/cdk-preflight, rules/secretsmanager; GitHub aws/aws-cdk#7677"
NO_SUCH_KEY = "the recorded sentence of an invalid key, by analogy"
INVALID = "The operation failed because of an invalid KMS key: "
strict = pytest.mark.mock_secrets(kms="strict")
in_both_modes = pytest.mark.parametrize("kms", ["any", pytest.param("strict", marks=strict)])

WELL_NAMED = [
    ID,
    ARN,
    "alias/app",
    "alias/team/app_1-2",
    f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/app",
    "mrk-1234abcd12ab34cd56ef1234567890ab",
    f"arn:aws:kms:us-east-1:{STRANGERS}:key/{ID}",
]
MALFORMED_NAMES = [
    "my-key",
    "app",
    "alias/",
    "alias",
    "alias/a b",
    "Alias/app",
    f"key/{ID}",
    f"{ID}0",
    f" {ID}",
    f"{ID}\n",
    "alias/app\n",
    "mrk-1234",
    "arn:aws:kms:us-east-1:123456789012",
    f"arn:aws:kms:us-east-1:1234:key/{ID}",
    f"arn:aws:iam:us-east-1:{ACCOUNT}:key/{ID}",
    "*",
]


def in_a_new_secret(**value):
    def create(client, backend, kms_key_id):
        error = refusal(client.create_secret, Name="new", KmsKeyId=kms_key_id, **value)
        assert "new" not in backend
        return error

    return create


def in_an_update(**value):
    def update(client, backend, kms_key_id):
        client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
        before = snapshot(backend)
        error = refusal(client.update_secret, SecretId="db", KmsKeyId=kms_key_id, Description="new", **value)
        assert snapshot(backend) == before
        return error

    return update


in_each_way = rows(
    "give",
    {
        "CreateSecret": in_a_new_secret(SecretString="one"),
        "CreateSecret without a value": in_a_new_secret(),
        "UpdateSecret": in_an_update(),
        "UpdateSecret with a value": in_an_update(SecretString="two"),
    },
)


# --- Names that are taken ---


@behaviour("CreateSecret", "a key can be named by its id, its ARN, an alias or an alias ARN", "AWS-DOC", KMS_KEY_ID)
@behaviour(
    "DescribeSecret",
    "KmsKeyId shows the key as it was named: an alias stays an alias, an ARN stays an ARN",
    "AWS-VERIFIED",
    ECHO,
)
@rows("name", WELL_NAMED)
def test_a_valid_key_name_is_accepted(client, name):
    client.create_secret(Name="db", SecretString="one", KmsKeyId=name)

    assert client.describe_secret(SecretId="db")["KmsKeyId"] == name
    assert value_of(client) == "one"


@behaviour("UpdateSecret", "a key can be named by its id, its ARN, an alias or an alias ARN", "AWS-DOC", KMS_KEY_ID)
@behaviour(
    "UpdateSecret",
    "KmsKeyId alone: the answer has ARN and Name, and the key is shown as it was named",
    "AWS-VERIFIED",
    ECHO,
)
@rows("name", WELL_NAMED)
def test_a_valid_key_name_is_accepted_by_an_update(client, name):
    arn = client.create_secret(Name="db", SecretString="one")["ARN"]

    answer = client.update_secret(SecretId="db", KmsKeyId=name)

    assert members(answer) == {"ARN": arn, "Name": "db"}
    assert client.describe_secret(SecretId="db")["KmsKeyId"] == name
    assert value_of(client) == "one"


@behaviour("CreateSecret", "a key that the test made can be found by any of its names", "AWS-DOC", KMS_KEY_ID)
@in_both_modes
@rows(
    "name",
    [
        lambda key: key.id,
        lambda key: key.arn,
        lambda key: "alias/app",
        lambda key: f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/app",
    ],
)
def test_a_created_key_is_found_by_each_of_its_names(client, secrets_backend, name, kms):
    key = secrets_backend.kms.create_key(alias="alias/app")

    client.create_secret(Name="db", SecretString="one", KmsKeyId=name(key), ClientRequestToken=V1)

    assert client.describe_secret(SecretId="db")["KmsKeyId"] == name(key)
    assert key_ids(client) == {V1: [key.arn]}
    assert [made.arn for made in secrets_backend.kms] == [key.arn]


@behaviour("ListSecretVersionIds", "KmsKeyIds shows the key's ARN, however it was named", "AWS-VERIFIED", ECHO)
@rows("name", [ID, ARN])
def test_a_versions_key_is_shown_by_its_arn(client, name):
    client.create_secret(Name="db", SecretString="one", KmsKeyId=name, ClientRequestToken=V1)

    assert key_ids(client) == {V1: [ARN]}


@behaviour(
    "ListSecretVersionIds",
    "KmsKeyIds shows the ARN of the key, even if the secret names it by its alias",
    "GUESS",
    ECHO,
    decided_by="a KMS key",
)
def test_versions_show_the_arn_of_the_key_behind_an_alias(client):
    client.create_secret(Name="a", SecretString="one", KmsKeyId="alias/app", ClientRequestToken=V1)
    alias_arn = f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/app"
    client.create_secret(Name="b", SecretString="one", KmsKeyId=alias_arn, ClientRequestToken=V1)
    client.create_secret(Name="c", SecretString="one", KmsKeyId="alias/other", ClientRequestToken=V1)

    [of_a], [of_b], [of_c] = (key_ids(client, name)[V1] for name in "abc")

    assert of_a.startswith(f"arn:aws:kms:us-east-1:{ACCOUNT}:key/")
    assert of_a == of_b != of_c


@behaviour(
    "CreateSecret",
    "a key belongs to one account and Region: the same alias elsewhere is another key's",
    "AWS-DOC",
    KMS_KEY_ID,
)
@strict
def test_an_alias_in_another_region_belongs_to_another_key(client, secrets_backend):
    secrets_backend.kms.create_key(alias="alias/app", region="eu-west-1")
    secrets_backend.kms.create_key(alias="alias/app", account_id=STRANGERS)
    here = secrets_backend.kms.create_key(alias="alias/app")

    client.create_secret(Name="db", SecretString="one", KmsKeyId="alias/app", ClientRequestToken=V1)

    assert key_ids(client) == {V1: [here.arn]}


# --- The default key ---


@behaviour(
    "CreateSecret", "aws/secretsmanager named by its alias is shown, and is the default key", "AWS-VERIFIED", ECHO
)
@in_both_modes
@rows("name", ["alias/aws/secretsmanager", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/aws/secretsmanager"])
def test_the_default_key_can_be_named_by_its_alias(client, name, kms):
    client.create_secret(Name="db", SecretString="one", KmsKeyId=name, ClientRequestToken=V1)

    assert client.describe_secret(SecretId="db")["KmsKeyId"] == name
    assert key_ids(client) == {V1: DEFAULT}


@behaviour(
    "UpdateSecret", "an empty KmsKeyId restores aws/secretsmanager", "AWS-DOC", "AWS API reference, UpdateSecret"
)
@strict
def test_a_secret_can_go_back_to_the_default_key(client, secrets_backend):
    key = secrets_backend.kms.create_key()
    client.create_secret(Name="db", SecretString="one", KmsKeyId=key.arn, ClientRequestToken=V1)

    client.update_secret(SecretId="db", KmsKeyId="")

    assert "KmsKeyId" not in client.describe_secret(SecretId="db")
    assert set(key_ids(client)[V1]) == {key.arn, *DEFAULT}


@behaviour(KEYS, "a name that only ends like the alias of aws/secretsmanager is malformed", "REPORTED", MALFORMED)
@rows("name", ["my-alias/aws/secretsmanager", "key/alias/aws/secretsmanager", "my-key:alias/aws/secretsmanager"])
@in_each_way
def test_a_name_ending_like_the_default_alias_is_malformed(client, secrets_backend, name, give):
    assert give(client, secrets_backend, name) == ("InvalidParameterException", f"{INVALID}Invalid keyId")


@behaviour(KEYS, "aws/secretsmanager of another Region is refused", "REPORTED", OTHER_REGION)
@in_each_way
def test_the_default_key_of_another_region_is_refused(client, secrets_backend, give):
    name = f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/aws/secretsmanager"

    assert give(client, secrets_backend, name) == ("InvalidParameterException", f"{INVALID}Invalid arn eu-west-1")


@behaviour(
    KEYS, "aws/secretsmanager of another account: AccessDeniedException", "GUESS", KMS_KEY_ID, decided_by="plain calls"
)
@in_each_way
def test_the_default_key_of_another_account_is_refused(client, secrets_backend, give):
    code, _ = give(client, secrets_backend, f"arn:aws:kms:us-east-1:{STRANGERS}:alias/aws/secretsmanager")

    assert code == "AccessDeniedException"


# --- Names that are refused ---


@behaviour(KEYS, "a malformed name of a key: InvalidParameterException, and nothing is changed", "REPORTED", MALFORMED)
@rows("name", MALFORMED_NAMES)
@in_each_way
def test_a_malformed_name_is_refused(client, secrets_backend, name, give):
    assert give(client, secrets_backend, name) == ("InvalidParameterException", f"{INVALID}Invalid keyId")


@behaviour(KEYS, "a malformed name is refused in strict mode too", "REPORTED", MALFORMED)
@strict
@in_each_way
def test_a_malformed_name_is_refused_in_strict_mode(client, secrets_backend, give):
    assert give(client, secrets_backend, "my-key") == ("InvalidParameterException", f"{INVALID}Invalid keyId")


@behaviour(KEYS, "a key of another Region: InvalidParameterException, naming the Region", "REPORTED", OTHER_REGION)
@rows("resource", [f"key/{ID}", "alias/app", "key/mrk-1234abcd12ab34cd56ef1234567890ab"])
@in_each_way
def test_a_key_of_another_region_is_refused(client, secrets_backend, resource, give):
    code, message = give(client, secrets_backend, f"arn:aws:kms:eu-west-1:{ACCOUNT}:{resource}")

    assert (code, message) == ("InvalidParameterException", f"{INVALID}Invalid arn eu-west-1")


@behaviour(KEYS, "a key that the test made in another Region is refused too", "REPORTED", OTHER_REGION)
@in_both_modes
def test_a_created_key_of_another_region_is_refused(client, secrets_backend, kms):
    key = secrets_backend.kms.create_key(region="eu-west-1")

    error = refusal(client.create_secret, Name="db", KmsKeyId=key.arn)

    assert error == ("InvalidParameterException", f"{INVALID}Invalid arn eu-west-1")
    assert "db" not in secrets_backend


@behaviour(
    KEYS, "the key of another AWS service, such as alias/aws/s3: AccessDeniedException", "REPORTED", OTHER_SERVICE
)
@rows(
    "name",
    ["alias/aws/s3", "alias/aws/rds", "alias/aws/secretsmanagers", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/aws/s3"],
)
@in_each_way
def test_the_key_of_another_service_is_refused(client, secrets_backend, name, give):
    assert give(client, secrets_backend, name) == ("AccessDeniedException", NOT_ALLOWED)


@behaviour(KEYS, "the key of another AWS service is refused in strict mode too", "REPORTED", OTHER_SERVICE)
@strict
@in_each_way
def test_the_key_of_another_service_is_refused_in_strict_mode(client, secrets_backend, give):
    assert give(client, secrets_backend, "alias/aws/s3") == ("AccessDeniedException", NOT_ALLOWED)


@behaviour(
    KEYS,
    "a key that doesn't exist: InvalidParameterException, and nothing is changed",
    "GUESS",
    NO_SUCH_KEY,
    decided_by="plain calls",
)
@rows("name", WELL_NAMED)
@strict
@in_each_way
def test_an_unknown_key_is_refused_in_strict_mode(client, secrets_backend, name, give):
    code, _ = give(client, secrets_backend, name)

    assert code == "InvalidParameterException"


@behaviour(
    KEYS,
    "the bare id of another account's key is looked up in the caller's account, and not found",
    "GUESS",
    NO_SUCH_KEY,
    decided_by="a second account",
)
@strict
@in_each_way
def test_a_key_id_is_looked_up_in_the_callers_account(client, secrets_backend, give):
    theirs = secrets_backend.kms.create_key(account_id=STRANGERS)

    code, _ = give(client, secrets_backend, theirs.id)

    assert code == "InvalidParameterException"


@behaviour(
    KEYS,
    "an asymmetric key is refused, and nothing is changed",
    "AWS-DOC",
    "KMS API reference, GenerateDataKey: 'You cannot use an asymmetric KMS key to encrypt data "
    "keys'; AWS User Guide, troubleshooting",
)
@behaviour(
    KEYS,
    "an asymmetric key: the code is EncryptionFailure",
    "GUESS",
    "no source names the code",
    decided_by="a KMS key",
)
@rows("spec", ["RSA_2048", "ECC_NIST_P256"])
@in_each_way
def test_an_asymmetric_key_is_refused(client, secrets_backend, spec, give):
    code, _ = give(client, secrets_backend, secrets_backend.kms.create_key(spec=spec).arn)

    assert code == "EncryptionFailure"


@behaviour(
    KEYS,
    "a name that exists is reported before a key that can't be used",
    "GUESS",
    "order of the recorded cases",
    decided_by="a KMS key",
)
def test_an_existing_name_is_checked_before_the_key(client):
    client.create_secret(Name="db", SecretString="one")

    code, _ = refusal(client.create_secret, Name="db", SecretString="one", KmsKeyId="my-key")

    assert code == "ResourceExistsException"


@behaviour(
    "UpdateSecret",
    "a token in use is reported before a key that can't be used",
    "GUESS",
    "order of the recorded cases",
    decided_by="a KMS key",
)
def test_a_used_token_is_checked_before_the_key(client, secrets_backend):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
    before = snapshot(secrets_backend)

    code, _ = refusal(client.update_secret, SecretId="db", SecretString="two", ClientRequestToken=V1, KmsKeyId="my-key")

    assert code == "ResourceExistsException"
    assert snapshot(secrets_backend) == before


@behaviour("UpdateSecret", "repeating a token with its value doesn't excuse a malformed key", "REPORTED", MALFORMED)
def test_a_key_is_checked_even_if_the_value_already_exists(client, secrets_backend):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
    before = snapshot(secrets_backend)

    error = refusal(client.update_secret, SecretId="db", SecretString="one", ClientRequestToken=V1, KmsKeyId="my-key")

    assert error == ("InvalidParameterException", f"{INVALID}Invalid keyId")
    assert snapshot(secrets_backend) == before


# --- Other partitions ---


@behaviour(
    KEYS, "a key's ARN has the partition of its Region", "AWS-DOC", "AWS General Reference, Amazon Resource Names"
)
@pytest.mark.mock_secrets(region="us-gov-west-1")
def test_a_keys_arn_has_the_partition_of_its_region(client):
    arn = f"arn:aws-us-gov:kms:us-gov-west-1:{ACCOUNT}:key/{ID}"

    client.create_secret(Name="db", SecretString="one", KmsKeyId=ID, ClientRequestToken=V1)

    assert key_ids(client) == {V1: [arn]}


@behaviour(
    KEYS,
    "the ARN of a key in another partition than its Region's is treated as malformed",
    "GUESS",
    NO_SUCH_KEY,
    decided_by="plain calls",
)
@in_each_way
def test_a_key_arn_of_the_wrong_partition_is_refused(client, secrets_backend, give):
    code, _ = give(client, secrets_backend, f"arn:aws-cn:kms:us-east-1:{ACCOUNT}:key/{ID}")

    assert code == "InvalidParameterException"
