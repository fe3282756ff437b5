"""The ARN of a secret, and what a SecretId finds."""

import re

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
FINDING = "Any operation: finding the secret"
NOT_FOUND = "Secrets Manager can't find the specified secret."

CREATE_AND_UPDATE = "LocalStack AWS-validated test test_create_and_update_secret"
PARTIAL_ARN = 'AWS User Guide, "Finding a secret from a partial ARN"'

# Each answers the secret that it found.
_OPERATIONS = {
    "get": lambda client, secret_id: client.get_secret_value(SecretId=secret_id),
    "describe": lambda client, secret_id: client.describe_secret(SecretId=secret_id),
    "update": lambda client, secret_id: client.update_secret(SecretId=secret_id, SecretString="new"),
    "update nothing": lambda client, secret_id: client.update_secret(SecretId=secret_id),
    "put": lambda client, secret_id: client.put_secret_value(SecretId=secret_id, SecretString="new"),
}


@pytest.fixture
def found(client):
    """Asks for a secret through each operation: the ARN and the name of what all of them find, or their one error."""

    def outcome(ask, secret_id):
        try:
            answer = ask(client, secret_id)
        except ClientError as error:
            return error.response["Error"], error
        return {"ARN": answer["ARN"], "Name": answer["Name"]}, None

    def find(secret_id):
        (first, error), *others = [outcome(ask, secret_id) for ask in _OPERATIONS.values()]
        assert [other for other, _ in others] == [first] * len(others)
        if error is not None:
            raise error
        return first

    return find


def without_suffix(arn):
    return arn[:-7]


# --- ARNs ---


@behaviour(
    "CreateSecret",
    "the ARN is arn:aws:secretsmanager:<region>:<account>:secret:<name>-<six letters or digits>",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_secret_exists; AWS User Guide for the letters and digits",
)
@behaviour("CreateSecret", "the ARN contains the name as it is, with its slashes", "AWS-VERIFIED", CREATE_AND_UPDATE)
@rows("name", ["db", "Valid/_+=.@-Name", "prod/db/password"])
def test_the_arn_of_a_secret_contains_its_name_and_a_random_suffix(client, name):
    arn = client.create_secret(Name=name)["ARN"]

    assert re.fullmatch(f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{re.escape(name)}-[A-Za-z0-9]{{6}}", arn)


@behaviour("CreateSecret", "the suffixes of two secrets differ", "AWS-DOC", "AWS User Guide, IAM permissions reference")
def test_the_arn_suffixes_of_secrets_differ(client):
    arns = [client.create_secret(Name=name)["ARN"] for name in ("a", "b", "c")]

    assert len({arn[-6:] for arn in arns}) == 3


@behaviour("CreateSecret", "the ARN has the partition of its Region", "AWS-DOC", "AWS General Reference, partitions")
@rows(
    "region, partition",
    [
        ("us-east-1", "aws"),
        ("ap-southeast-2", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
    ],
)
def test_an_arn_has_the_partition_of_its_region(secrets_backend, region, partition):
    client = secrets_backend.session(region=region).client("secretsmanager")

    arn = client.create_secret(Name="db", SecretString="one")["ARN"]

    assert arn.startswith(f"arn:{partition}:secretsmanager:{region}:123456789012:secret:db-")
    assert client.get_secret_value(SecretId=arn)["SecretString"] == "one"


# --- What is found ---


@behaviour(FINDING, "a secret can be found by its name", "AWS-VERIFIED", CREATE_AND_UPDATE)
@behaviour(FINDING, "a secret can be found by its ARN", "AWS-VERIFIED", CREATE_AND_UPDATE)
@behaviour(
    FINDING,
    "a name that ends in a hyphen and six characters can be found by its name and its complete ARN",
    "AWS-VERIFIED",
    "LocalStack AWS-validated snapshot test_create_and_update_secret[Invalid/_+=.@-Name-a1b2c3-False]",
)
@rows("name", ["db", "Invalid/_+=.@-Name-a1b2c3"])
def test_a_secret_is_found_by_its_name_and_its_arn(found, secrets_backend, name):
    secrets_backend.create("other", "one")
    arn = secrets_backend.create(name, "one").arn

    assert found(name) == found(arn) == {"ARN": arn, "Name": name}


@behaviour(
    FINDING,
    "a secret can be found by its ARN without the hyphen and the six characters",
    "AWS-VERIFIED",
    CREATE_AND_UPDATE,
)
@rows("name", ["db", "Valid/_+=.@-Name", "Valid/_+=.@-Name-a1b2", "Valid/_+=.@-Name-a1b2c3-", "a1b2c3", "x-a1b2c3d"])
def test_a_secret_is_found_by_a_partial_arn(found, secrets_backend, name):
    arn = secrets_backend.create(name, "one").arn

    assert found(without_suffix(arn))["ARN"] == arn


@behaviour(FINDING, "a partial ARN of a longer name doesn't find the shorter name", "AWS-DOC", PARTIAL_ARN)
@behaviour(
    FINDING,
    "a name that ends in a hyphen and six characters can't be found by a partial ARN, which is taken"
    " for a complete one",
    "AWS-VERIFIED",
    f"LocalStack AWS-validated snapshot test_create_and_update_secret[Invalid/_+=.@-Name-a1b2c3-False]; {PARTIAL_ARN}",
)
@rows("name", ["Invalid/_+=.@-Name-a1b2c3", "db-abcdef"])
def test_a_partial_arn_that_looks_complete_finds_nothing(found, client, secrets_backend, name):
    secrets_backend.create(name[:-7], "of the shorter name")
    arn = secrets_backend.create(name, "one").arn

    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        found(without_suffix(arn))

    assert caught.value.response["Error"]["Message"] == NOT_FOUND


@behaviour(
    FINDING,
    "the name with its suffix, without the rest of the ARN, finds nothing",
    "AWS-DOC",
    "earlier AWS API reference, SecretId",
)
def test_a_name_with_the_arn_suffix_finds_nothing(found, client, secrets_backend):
    arn = secrets_backend.create("db", "one").arn

    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        found(arn.rpartition(":")[2])

    assert caught.value.response["Error"]["Message"] == NOT_FOUND


@behaviour(
    FINDING,
    "a secret that doesn't exist is not found",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_secret_not_found",
)
@rows(
    "secret_id",
    [
        "missing",
        "DB",
        "d",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:missing",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:missing-abcdef",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-000000",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:d",
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:db",
        "arn:aws-cn:secretsmanager:us-east-1:123456789012:secret:db",
    ],
)
def test_a_missing_secret_is_not_found(found, client, secrets_backend, secret_id):
    secrets_backend.create("db", "one", token=V1)

    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        found(secret_id)

    assert caught.value.response["Error"]["Message"] == NOT_FOUND
    assert [version.id for version in secrets_backend["db"].versions] == [V1]


@behaviour(
    FINDING,
    "a name with an exclamation mark can be looked up",
    "AWS-VERIFIED",
    "moto tests marked aws_verified of the secrets of events and rds",
)
@rows("name", ["rds!cluster-1f2e3d4c", "events!connection/mine/0a1b"])
def test_a_name_with_an_exclamation_mark_can_be_found(found, secrets_backend, name):
    arn = secrets_backend.create(name, "one").arn

    assert found(name)["ARN"] == arn
    assert found(arn)["ARN"] == arn


@behaviour(
    FINDING,
    "a text that is almost an ARN is an invalid name",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_invalid_secret_name",
)
@rows("secret_id", ["arn:aws:secretsmanager:us-east-1:123456789012:db", "arn:aws", "secret:db"])
def test_text_that_is_almost_an_arn(found, secret_id):
    with pytest.raises(ClientError) as caught:
        found(secret_id)

    assert caught.value.response["Error"]["Code"] == "ValidationException"
