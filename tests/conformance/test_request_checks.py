"""What is refused by looking at the request alone: by botocore before it sends, then by the service."""

import json

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from conformance.fidelity import behaviour
from conformance.models import takes
from conformance.raw import post, snapshot
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
ANY = "Any operation"
DB = {"SecretId": "db"}
VALUE = {"SecretString": "one"}

MODEL = "botocore service model"
CORAL = "form of AWS's JSON services; limits of the botocore service model"
BOTOCORE = "botocore's validator, by the botocore service model"


# --- Before sending ---


@behaviour(
    ANY,
    "botocore refuses before sending: a missing or unknown member, a wrong type, a text or list that is too short",
    "AWS-DOC",
    BOTOCORE,
)
@pytest.mark.parametrize(
    ("operation", "request_members", "sentence"),
    [
        (
            "update_secret",
            {**DB, "SecretString": ""},
            "Invalid length for parameter SecretString, value: 0, valid min length: 1",
        ),
        (
            "create_secret",
            {"Name": "db", "SecretString": ""},
            "Invalid length for parameter SecretString, value: 0, valid min length: 1",
        ),
        (
            "update_secret",
            {**DB, **VALUE, "ClientRequestToken": "x" * 31},
            "Invalid length for parameter ClientRequestToken, value: 31, valid min length: 32",
        ),
        (
            "get_secret_value",
            {**DB, "VersionId": "AWSCURRENT"},
            "Invalid length for parameter VersionId, value: 10, valid min length: 32",
        ),
        ("create_secret", {"Name": ""}, "Invalid length for parameter Name, value: 0, valid min length: 1"),
        ("describe_secret", {"SecretId": ""}, "Invalid length for parameter SecretId, value: 0, valid min length: 1"),
        ("list_secrets", {"NextToken": ""}, "Invalid length for parameter NextToken, value: 0, valid min length: 1"),
        ("list_secrets", {"MaxResults": 0}, "Invalid value for parameter MaxResults, value: 0, valid min value: 1"),
        (
            "put_secret_value",
            {**DB, **VALUE, "VersionStages": []},
            "Invalid length for parameter VersionStages, value: 0, valid min length: 1",
        ),
        (
            "put_secret_value",
            {**DB, **VALUE, "VersionStages": [""]},
            "Invalid length for parameter VersionStages[0], value: 0, valid min length: 1",
        ),
        pytest.param(
            "put_secret_value",
            {**DB, **VALUE, "RotationToken": "short"},
            "Invalid length for parameter RotationToken, value: 5, valid min length: 36",
            marks=takes("PutSecretValue", "RotationToken"),
        ),
        (
            "update_secret_version_stage",
            {**DB, "VersionStage": "AWSCURRENT", "RemoveFromVersionId": None},
            "Invalid type for parameter RemoveFromVersionId, value: None, type: <class 'NoneType'>, valid types:",
        ),
        ("update_secret", {}, 'Missing required parameter in input: "SecretId"'),
        ("update_secret", {**DB, "Name": "x"}, 'Unknown parameter in input: "Name"'),
        ("update_secret", {**DB, "SecretString": 5}, "Invalid type for parameter SecretString, value: 5"),
    ],
)
def test_botocore_refuses_invalid_parameters_before_sending(
    client, secrets_backend, operation, request_members, sentence
):
    with pytest.raises(ParamValidationError) as caught:
        getattr(client, operation)(**request_members)

    assert str(caught.value).startswith(f"Parameter validation failed:\n{sentence}")
    assert secrets_backend.calls == []


@behaviour(ANY, "botocore sends an empty KmsKeyId or Description, which are accepted", "AWS-DOC", BOTOCORE)
def test_an_empty_key_or_description_is_accepted(client):
    client.create_secret(Name="db", KmsKeyId="", Description="")

    answer = client.update_secret(SecretId="db", KmsKeyId="", Description="")

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@behaviour(ANY, "botocore adds a random UUID to a call without ClientRequestToken", "AWS-DOC", MODEL)
def test_botocore_gives_each_call_a_token(client, secrets_backend):
    first = client.create_secret(Name="db", SecretString="one")["VersionId"]
    second = client.update_secret(SecretId="db", SecretString="two")["VersionId"]

    assert [call.params["ClientRequestToken"] for call in secrets_backend.calls] == [first, second]
    assert first != second


# --- Combinations of members ---


@behaviour(
    "CreateSecret",
    "SecretString and SecretBinary together: InvalidParameterException",
    "REPORTED",
    "GitHub aws/aws-sdk-java#1556",
)
def test_create_secret_refuses_text_and_binary_together(client, secrets_backend):
    with pytest.raises(client.exceptions.InvalidParameterException) as caught:
        client.create_secret(Name="db", SecretString="one", SecretBinary=b"one")

    assert caught.value.response["Error"]["Message"] == (
        "You can't specify both a binary secret value and a string secret value in the same secret."
    )
    assert "db" not in secrets_backend


@behaviour(
    ANY,
    "SecretString and SecretBinary can't be given together to UpdateSecret and PutSecretValue",
    "AWS-DOC",
    "AWS API reference, SecretString: 'but not both'",
)
@behaviour(
    ANY,
    "UpdateSecret and PutSecretValue with both values: the code is InvalidParameterException",
    "GUESS",
    "reported for CreateSecret",
    decided_by="plain calls",
)
@rows("operation", ["update_secret", "put_secret_value"])
def test_update_and_put_refuse_text_and_binary_together(client, secrets_backend, operation):
    secrets_backend.create("db", "one")
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        getattr(client, operation)(SecretId="db", SecretString="two", SecretBinary=b"two")

    assert snapshot(secrets_backend) == before


@behaviour(
    "PutSecretValue",
    "without a value: InvalidRequestException",
    "REPORTED",
    'output of Terraform that quotes "You must provide either SecretString or SecretBinary"',
)
@behaviour(
    "PutSecretValue",
    "the sentence ends in a period",
    "REPORTED",
    'one of three quotations of "You must provide either SecretString or SecretBinary"',
)
def test_put_secret_value_without_a_value_is_refused(client, secrets_backend):
    secrets_backend.create("db", "one")
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException) as caught:
        client.put_secret_value(SecretId="db")

    assert caught.value.response["Error"]["Message"] == "You must provide either SecretString or SecretBinary."
    assert snapshot(secrets_backend) == before


# --- Which check comes first ---


@behaviour(ANY, "the model's constraints are checked before anything else", "GUESS", CORAL, decided_by="plain calls")
@rows(
    "request_members",
    [
        {"SecretId": "a name", "Description": "x" * 2049},
        {"SecretId": "missing", "Description": "x" * 2049, "SecretString": "a", "SecretBinary": b"b"},
    ],
)
def test_constraints_are_checked_first(unchecked, request_members):
    with pytest.raises(ClientError) as caught:
        unchecked.update_secret(**request_members)

    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert "description" in caught.value.response["Error"]["Message"]


@behaviour(
    ANY,
    "a broken constraint is reported before a missing ClientRequestToken",
    "GUESS",
    CORAL,
    decided_by="signed requests",
)
def test_constraints_are_checked_before_a_missing_token(secrets_backend):
    answer = json.loads(post("UpdateSecret", {"SecretId": "missing", "SecretString": ""}).content)

    assert answer["__type"] == "ValidationException"


@behaviour(
    ANY,
    "two values, or none for PutSecretValue, are reported before a missing secret",
    "GUESS",
    "no source; other checks on the request come first",
    decided_by="plain calls",
)
@rows(
    "operation, values, code",
    [
        ("update_secret", {"SecretString": "a", "SecretBinary": b"b"}, "InvalidParameterException"),
        ("put_secret_value", {"SecretString": "a", "SecretBinary": b"b"}, "InvalidParameterException"),
        ("put_secret_value", {}, "InvalidRequestException"),
    ],
)
def test_values_are_checked_before_a_missing_secret(client, operation, values, code):
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(SecretId="missing", **values)

    assert caught.value.response["Error"]["Code"] == code


@behaviour(
    "CreateSecret",
    "two values are reported before a name that exists",
    "GUESS",
    "no source; other checks on the request come first",
    decided_by="plain calls",
)
def test_values_are_checked_before_an_existing_name(client):
    client.create_secret(Name="db", SecretString="one")

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.create_secret(Name="db", SecretString="one", SecretBinary=b"one")


# --- Secret values stay secret ---

_SENSITIVE = [
    ("CreateSecret", {"Name": "new", "ClientRequestToken": V2, "SecretString": "hunter2" * 10_000}),
    ("UpdateSecret", {**DB, "ClientRequestToken": V2, "SecretString": "hunter2" * 10_000}),
    ("PutSecretValue", {**DB, **VALUE, "ClientRequestToken": V2, "RotationToken": "hunter2"}),
    ("PutSecretValue", {**DB, **VALUE, "ClientRequestToken": V2, "RotationToken": "hunter2/" * 6}),
    ("UpdateSecret", {**DB, "ClientRequestToken": V1, "SecretString": "hunter2"}),
    ("UpdateSecret", {**DB, "ClientRequestToken": V2, "SecretString": ["hunter2"]}),
    ("UpdateSecret", {**DB, "ClientRequestToken": V2, "SecretString": {"password": "hunter2"}}),
    ("UpdateSecret", {**DB, "ClientRequestToken": V2, "SecretBinary": "hunter2 is not base64"}),
    ("UpdateSecret", {"SecretId": 5, "ClientRequestToken": V2, "SecretString": "hunter2"}),
    ("UpdateSecret", {"SecretId": "a name", "ClientRequestToken": V2, "SecretString": "hunter2"}),
    ("UpdateSecret", {"SecretId": "missing", "ClientRequestToken": V2, "SecretString": "hunter2"}),
    ("DescribeSecret", {"SecretId": 5, "SecretString": "hunter2"}),
    ("DescribeSecret", {**DB, "SecretString": "hunter2"}),
    ("UpdateSecret", {"SecretId": 5, "ClientRequestToken": V2, "secretString": "hunter2"}),
    ("RenameSecret", {**DB, "SecretString": "hunter2"}),
]


@behaviour(ANY, "no error and no record of a call shows a secret value", "AWS-DOC", "botocore service model, sensitive")
@rows("operation, request_members", _SENSITIVE)
def test_errors_and_recorded_calls_show_no_secret_value(secrets_backend, operation, request_members):
    secrets_backend.create("db", "one", token=V1)

    answer = post(operation, request_members)

    assert b"hunter2" not in answer.content
    assert "hunter2" not in repr(secrets_backend.calls)
    assert "hunter2" not in repr(secrets_backend)


@behaviour(ANY, "no repr shows a stored value", "AWS-DOC", "botocore service model, sensitive")
def test_a_stored_value_does_not_appear_in_any_repr(client, secrets_backend):
    client.create_secret(Name="db", SecretString="hunter2")
    client.update_secret(SecretId="db", SecretBinary=b"hunter2")
    client.put_secret_value(SecretId="db", SecretString="hunter2")
    client.get_secret_value(SecretId="db")

    stored = secrets_backend["db"]

    assert "hunter2" not in f"{secrets_backend.calls!r} {secrets_backend!r} {stored!r} {stored.versions!r}"
    assert [call.params.get("SecretString") for call in secrets_backend.calls] == ["hunter2", None, "hunter2", None]
