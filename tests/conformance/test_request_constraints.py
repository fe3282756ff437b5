"""The constraints of the service's model, and the characters of a name."""

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.models import takes
from conformance.raw import snapshot
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
ANY = "Any operation"
DB = {"SecretId": "db"}
VALUE = {"SecretString": "one"}

MODEL = "botocore service model"
CORAL = "form of AWS's JSON services; limits of the botocore service model"

BAD_NAME = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
FAILED = "failed to satisfy constraint: Member must have length"


# --- The characters of a name ---

_CALLS = {
    "create": lambda client, name: client.create_secret(Name=name, SecretString="one"),
    "update the value": lambda client, name: client.update_secret(SecretId=name, SecretString="one"),
    "update the description": lambda client, name: client.update_secret(SecretId=name, Description="new"),
    "put": lambda client, name: client.put_secret_value(SecretId=name, SecretString="one"),
    "get": lambda client, name: client.get_secret_value(SecretId=name),
    "describe": lambda client, name: client.describe_secret(SecretId=name),
}


@behaviour(
    "CreateSecret",
    "a forbidden name is reported before a name that exists",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_invalid_secret_name",
)
@behaviour(
    "CreateSecret", "an ARN is not a valid name for a new secret", "AWS-DOC", "AWS API reference, CreateSecret, Name"
)
@behaviour(
    ANY,
    "a name with other characters than letters, digits and -/_+=.@! is a ValidationException, before it is looked up",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_invalid_secret_name",
)
@rows(
    "call, name",
    [
        *((call, "Inv Name") for call in _CALLS),
        ("create", "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-abcdef"),
        *(("describe", name) for name in ["Inv *?", "Inv\\Name", "Inv]Name", "a:b", "naïve", "db\n", "a,b", "a#b"]),
    ],
)
def test_a_name_with_a_forbidden_character_is_a_validation_error(client, secrets_backend, call, name):
    with pytest.raises(ClientError) as caught:
        _CALLS[call](client, name)

    assert caught.value.response["Error"] == {"Code": "ValidationException", "Message": BAD_NAME}
    assert list(secrets_backend) == []


@behaviour(
    ANY,
    "the name in an ARN may have the same characters",
    "GUESS",
    "recorded for names",
    decided_by="plain calls",
)
def test_an_arn_with_a_forbidden_character_is_a_validation_error(client):
    with pytest.raises(ClientError) as caught:
        client.describe_secret(SecretId="arn:aws:secretsmanager:us-east-1:123456789012:secret:a name-abcdef")

    assert caught.value.response["Error"]["Code"] == "ValidationException"


@behaviour(
    "CreateSecret",
    "a name may contain letters, digits and any of /_+=.@-",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_create_and_update_secret",
)
@rows("name", ["Valid/_+=.@-Name", "a", "0", "-", "/a//b/", "x" * 512])
def test_a_name_with_each_allowed_character(client, name):
    client.create_secret(Name=name, SecretString="one")

    assert client.get_secret_value(SecretId=name)["Name"] == name


# --- Constraints of the model ---


@behaviour(
    "UpdateSecret",
    "an empty SecretString that is sent is a ValidationException, which doesn't show a sensitive value",
    "REPORTED",
    "deployment logs of CDK and CloudFormation that quote \"Value at 'secretString' failed to satisfy constraint\"",
)
@behaviour(ANY, "the length of a value is counted in bytes", "AWS-DOC", "AWS User Guide, quotas")
@behaviour(
    ANY,
    "a value longer than 65,536 bytes is a ValidationException, which doesn't show it",
    "REPORTED",
    "GitHub kubernetes-sigs/cluster-api-provider-aws#1531 (then 10,240); the number: botocore service model",
)
@rows("operation", ["create_secret", "update_secret", "put_secret_value"])
@rows(
    "value, limit",
    [
        ({"SecretString": ""}, "greater than or equal to 1"),
        ({"SecretString": "x" * 65_537}, "less than or equal to 65536"),
        ({"SecretString": "é" * 32_769}, "less than or equal to 65536"),
        ({"SecretBinary": b"x" * 65_537}, "less than or equal to 65536"),
    ],
)
def test_a_value_that_is_too_short_or_too_long(unchecked, secrets_backend, operation, value, limit):
    secrets_backend.create("db", "one")
    before = snapshot(secrets_backend)
    target = {"Name": "new"} if operation == "create_secret" else DB

    with pytest.raises(ClientError) as caught:
        getattr(unchecked, operation)(**target, **value)

    path = "secretString" if "SecretString" in value else "secretBinary"
    assert caught.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": f"1 validation error detected: Value at '{path}' {FAILED} {limit}",
    }
    assert snapshot(secrets_backend) == before
    assert "new" not in secrets_backend


@behaviour(ANY, "a value of 65,536 bytes is accepted", "AWS-DOC", "AWS User Guide, quotas")
@rows("value", ["x" * 65_536, "é" * 32_768, b"\xff" * 65_536])
def test_a_value_of_65536_bytes_is_accepted(client, secrets_backend, value):
    client.create_secret(Name="db", **{"SecretBinary" if isinstance(value, bytes) else "SecretString": value})

    assert secrets_backend["db"].value == value


@behaviour(
    "GetSecretValue",
    "a VersionId that is too short is a ValidationException",
    "REPORTED",
    "GitHub pulumi/pulumi-aws#1613 (the code, and how the text begins)",
)
def test_a_version_id_that_is_too_short_is_a_validation_error(unchecked):
    with pytest.raises(ClientError) as caught:
        unchecked.get_secret_value(SecretId="db", VersionId="AWSCURRENT")

    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert caught.value.response["Error"]["Message"].startswith("1 validation error detected: Valu")


@behaviour(
    ANY,
    "what is longer or shorter than the model allows: ValidationException",
    "GUESS",
    CORAL,
    decided_by="plain calls",
)
@pytest.mark.parametrize(
    ("operation", "request_members"),
    [
        ("create_secret", {"Name": "x" * 513}),
        ("create_secret", {"Name": ""}),
        ("create_secret", {"Name": "new", "ClientRequestToken": "x" * 31, **VALUE}),
        ("create_secret", {"Name": "new", "ClientRequestToken": "x" * 65, **VALUE}),
        ("create_secret", {"Name": "new", "SecretBinary": b""}),
        ("create_secret", {"Name": "new", "Description": "x" * 2049}),
        ("create_secret", {"Name": "new", "KmsKeyId": "x" * 2049}),
        ("create_secret", {"Name": "new", "Tags": [{"Key": "", "Value": ""}]}),
        ("create_secret", {"Name": "new", "Tags": [{"Key": "x" * 129, "Value": ""}]}),
        ("create_secret", {"Name": "new", "Tags": [{"Key": "a", "Value": "x" * 257}]}),
        ("describe_secret", {"SecretId": ""}),
        ("describe_secret", {"SecretId": "x" * 2049}),
        ("get_secret_value", {**DB, "VersionId": "x" * 65}),
        ("get_secret_value", {**DB, "VersionStage": "x" * 257}),
        ("get_secret_value", {**DB, "VersionStage": ""}),
        ("update_secret", {**DB, "Description": "x" * 2049}),
        ("update_secret", {**DB, "KmsKeyId": "x" * 2049}),
        ("update_secret", {**DB, "ClientRequestToken": "x" * 65, **VALUE}),
        ("update_secret", {**DB, "ClientRequestToken": "x" * 65, "Description": "new"}),
        ("update_secret", {**DB, "SecretBinary": b""}),
        ("put_secret_value", {**DB, **VALUE, "ClientRequestToken": "x" * 31}),
        ("put_secret_value", {**DB, **VALUE, "VersionStages": []}),
        ("put_secret_value", {**DB, **VALUE, "VersionStages": [""]}),
        ("put_secret_value", {**DB, **VALUE, "VersionStages": ["AWSCURRENT", "x" * 257]}),
        ("put_secret_value", {**DB, **VALUE, "VersionStages": [f"label-{number}" for number in range(21)]}),
        pytest.param(
            "create_secret", {"Name": "new", "Type": "x" * 257}, marks=takes("CreateSecret", "Type"), id="type"
        ),
        pytest.param(
            "put_secret_value",
            {**DB, **VALUE, "RotationToken": "x" * 257},
            marks=takes("PutSecretValue", "RotationToken"),
            id="long rotation token",
        ),
        pytest.param(
            "put_secret_value",
            {**DB, **VALUE, "RotationToken": "no_such/character-" * 3},
            marks=takes("PutSecretValue", "RotationToken"),
            id="rotation token's characters",
        ),
    ],
)
def test_violating_a_model_constraint_is_a_validation_error(unchecked, secrets_backend, operation, request_members):
    secrets_backend.create("db", "one", token=V1)
    before = snapshot(secrets_backend)

    with pytest.raises(ClientError) as caught:
        getattr(unchecked, operation)(**request_members)

    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert snapshot(secrets_backend) == before
    assert "new" not in secrets_backend


@behaviour(ANY, "exactly the lengths that the model allows are accepted", "AWS-DOC", MODEL)
@pytest.mark.parametrize(
    ("operation", "request_members"),
    [
        ("create_secret", {"Name": "x" * 512}),
        ("create_secret", {"Name": "new", "ClientRequestToken": "x" * 32, **VALUE}),
        ("create_secret", {"Name": "new", "ClientRequestToken": "x" * 64, **VALUE}),
        ("create_secret", {"Name": "new", "Description": "x" * 2048}),
        ("create_secret", {"Name": "new", "Tags": [{"Key": "x" * 128, "Value": "x" * 256}]}),
        ("update_secret", {**DB, "Description": "x" * 2048, "KmsKeyId": "alias/" + "x" * 2042}),
        ("put_secret_value", {**DB, **VALUE, "VersionStages": ["x" * 256]}),
        pytest.param("update_secret", {**DB, "Type": "x" * 256}, marks=takes("UpdateSecret", "Type"), id="type"),
        pytest.param(
            "put_secret_value",
            {**DB, **VALUE, "RotationToken": "a-B3" * 64},
            marks=takes("PutSecretValue", "RotationToken"),
            id="rotation token",
        ),
    ],
)
def test_lengths_exactly_at_the_models_limits_are_accepted(client, secrets_backend, operation, request_members):
    secrets_backend.create("db", "zero", token=V1)

    answer = getattr(client, operation)(**request_members)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@behaviour(
    ANY,
    "a ClientRequestToken need not be a UUID",
    "AWS-VERIFIED",
    "recordings of GitHub google/go-cloud, runtimevar/awssecretsmanager",
)
@rows(
    "token",
    [
        "terraform-bDQySnBEJwOZmMCUBC0fhbqOjv",
        "0123456789abcdef" * 4,
        "AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE",
        "2b1f1af7-47ee-aee1-5609-991d4352ae14",
    ],
)
def test_a_client_request_token_need_not_be_a_uuid(client, token):
    client.create_secret(Name="db", SecretString="one")

    assert client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=token)["VersionId"] == token
    assert client.get_secret_value(SecretId="db", VersionId=token)["SecretString"] == "two"


@behaviour(ANY, "several broken constraints: one ValidationException", "GUESS", CORAL, decided_by="plain calls")
def test_several_broken_constraints_give_one_error(unchecked):
    with pytest.raises(ClientError) as caught:
        unchecked.update_secret(SecretId="", Description="x" * 2049)

    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert "'secretId'" in caught.value.response["Error"]["Message"]
    assert "'description'" in caught.value.response["Error"]["Message"]
