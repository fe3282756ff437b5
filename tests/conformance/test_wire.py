"""The wire: AWS JSON 1.1 byte by byte, and what boto3 makes of it."""

import base64
import json
import re
from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.raw import members, post, post_bytes
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
ANY = "Any operation"
DB = {"SecretId": "db"}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

NO_TOKEN = "LocalStack AWS-validated test test_no_client_request_token"
CORAL = "form of AWS's JSON services"


def since_epoch(milliseconds):
    return datetime.fromtimestamp(milliseconds // 1000, timezone.utc).replace(microsecond=milliseconds % 1000 * 1000)


# --- Answers ---


@behaviour(
    ANY,
    "JSON 1.1: POST with X-Amz-Target secretsmanager.<Operation> and content type application/x-amz-json-1.1",
    "AWS-VERIFIED",
    f"botocore service model; {NO_TOKEN}",
)
def test_a_request_is_a_post_of_json_with_a_target(secrets_backend):
    answer = post("CreateSecret", {"Name": "db", "SecretString": "one", "ClientRequestToken": V1})

    assert answer.status_code == 200
    assert json.loads(answer.content) == {"ARN": secrets_backend["db"].arn, "Name": "db", "VersionId": V1}


@behaviour(
    ANY,
    "an answer is compact JSON with its keys in alphabetical order",
    "AWS-VERIFIED",
    "recordings of GitHub google/go-cloud, runtimevar/awssecretsmanager",
)
@pytest.mark.mock_secrets(at=since_epoch(1523477145713))
def test_an_answer_is_compact_and_sorted(secrets_backend):
    arn = secrets_backend.create("db", "one", token=V1).arn

    answer = post("GetSecretValue", DB)

    assert answer.content.decode() == (
        f'{{"ARN":"{arn}","CreatedDate":1.523477145713E9,"Name":"db","SecretString":"one",'
        f'"VersionId":"{V1}","VersionStages":["AWSCURRENT"]}}'
    )


@behaviour(
    ANY,
    "the keys of maps are in alphabetical order too",
    "AWS-VERIFIED",
    "recordings of GitHub google/go-cloud, runtimevar/awssecretsmanager",
)
def test_the_keys_of_a_map_are_sorted(secrets_backend):
    secrets_backend.create("db", "one", token=V2)
    secrets_backend["db"].update("two", token=V1)

    answer = post("DescribeSecret", DB)

    assert f'"VersionIdsToStages":{{"{V1}":["AWSCURRENT"],"{V2}":["AWSPREVIOUS"]}}' in answer.content.decode()


@behaviour(
    ANY,
    "a timestamp is a JSON number of epoch seconds with milliseconds, written like a Java double",
    "AWS-VERIFIED",
    "recordings of GitHub google/go-cloud, runtimevar/awssecretsmanager",
)
@pytest.mark.mock_secrets(at=datetime(2001, 1, 1, tzinfo=timezone.utc))
@rows(
    "milliseconds, text",
    [
        (1523477145713, "1.523477145713E9"),
        (1791514081673, "1.791514081673E9"),
        (1523477145710, "1.52347714571E9"),
        (1523477145000, "1.523477145E9"),
        (1523477145001, "1.523477145001E9"),
        (1500000000000, "1.5E9"),
        (2000000000000, "2.0E9"),
    ],
)
def test_a_timestamp_is_a_java_double(secrets_backend, milliseconds, text):
    secrets_backend.clock.travel_to(since_epoch(milliseconds))
    secrets_backend.create("db", "one")

    answer = post("DescribeSecret", DB).content.decode()

    assert f'"CreatedDate":{text},' in answer
    assert f'"LastChangedDate":{text},' in answer


@behaviour(
    "GetSecretValue",
    "SecretBinary is base64 on the wire and bytes in boto3",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_get_secret_value",
)
@rows("value", [b"\x00\xff\xfe", b"plain", b"?>?>", bytes(range(256))])
def test_bytes_are_base64_on_the_wire(client, value):
    client.create_secret(Name="db", SecretBinary=value)

    raw = json.loads(post("GetSecretValue", DB).content)

    assert raw["SecretBinary"] == base64.b64encode(value).decode("ascii")
    assert client.get_secret_value(SecretId="db")["SecretBinary"] == value


@behaviour(
    ANY, "a member without a value is omitted, never null", "AWS-VERIFIED", "every LocalStack AWS-validated snapshot"
)
@rows("operation", ["DescribeSecret", "UpdateSecret"])
def test_an_absent_member_is_left_out(secrets_backend, operation):
    secrets_backend.create("db")

    answer = post(operation, {**DB, "ClientRequestToken": V1})

    assert answer.status_code == 200
    assert b"null" not in answer.content


@behaviour(
    ANY,
    "text beyond ASCII and control characters are returned as they were sent",
    "AWS-DOC",
    "AWS API reference, SecretString",
)
@rows("value", ['"quoted" \\ back', "línea\n\t\x00", "パスワード🔑", "</script>", "'"])
def test_text_comes_back_as_it_was_sent(client, value):
    client.create_secret(Name="db", SecretString=value, Description=value)

    assert client.get_secret_value(SecretId="db")["SecretString"] == value
    assert client.describe_secret(SecretId="db")["Description"] == value


@behaviour(
    ANY,
    "headers: x-amzn-RequestId, Content-Type, Content-Length, Date",
    "REPORTED",
    "debug log in GitHub hashicorp/terraform-provider-aws#43073",
)
@pytest.mark.mock_secrets(at=datetime(2026, 3, 1, 12, 30, 15, tzinfo=timezone.utc))
@rows("name", ["db", "missing"])
def test_the_headers_of_an_answer_or_an_error(secrets_backend, name):
    secrets_backend.create("db", "passwørd")

    answer = post("GetSecretValue", {"SecretId": name})

    assert answer.headers == {
        "x-amzn-RequestId": secrets_backend.calls[-1].request_id,
        "Content-Type": "application/x-amz-json-1.1",
        "Content-Length": str(len(answer.content)),
        "Date": "Sun, 01 Mar 2026 12:30:15 GMT",
    }


@behaviour(
    ANY,
    "boto3's ResponseMetadata has RequestId, HTTPStatusCode, HTTPHeaders and RetryAttempts",
    "REPORTED",
    "debug log in GitHub hashicorp/terraform-provider-aws#43073",
)
def test_boto3_answers_contain_the_usual_response_metadata(client, secrets_backend):
    created = client.create_secret(Name="db", SecretString="one")["ResponseMetadata"]
    described = client.describe_secret(SecretId="db")["ResponseMetadata"]

    assert described.keys() == {"RequestId", "HTTPStatusCode", "HTTPHeaders", "RetryAttempts"}
    assert described["HTTPStatusCode"] == 200
    assert described["RetryAttempts"] == 0
    assert described["HTTPHeaders"]["content-type"] == "application/x-amz-json-1.1"
    assert UUID.fullmatch(described["RequestId"])
    assert [call.request_id for call in secrets_backend.calls] == [created["RequestId"], described["RequestId"]]
    assert created["RequestId"] != described["RequestId"]


# --- Errors ---


@behaviour(
    ANY,
    'the body of a modelled error is {"__type":"<bare code>","Message":"<text>"} with a capital M',
    "AWS-VERIFIED",
    NO_TOKEN,
)
def test_a_modelled_error_has_a_message_with_a_capital_m(secrets_backend):
    answer = post("UpdateSecret", {**DB, "SecretString": "one"})

    assert answer.status_code == 400
    assert answer.content.decode() == (
        '{"__type":"InvalidRequestException","Message":"You must provide a ClientRequestToken value.'
        ' We recommend a UUID-type value."}'
    )


@behaviour(
    ANY,
    'the body of a ValidationException is {"__type":"ValidationException","message":"<text>"} with a lower-case m',
    "REPORTED",
    "debug log in GitHub aws/aws-cli#6053",
)
def test_a_validation_exception_has_a_message_with_a_lower_case_m(secrets_backend):
    answer = post("DescribeSecret", {"SecretId": "a name"})

    assert answer.status_code == 400
    assert answer.content.decode() == (
        '{"__type":"ValidationException","message":"Invalid name. Must be a valid name containing alphanumeric'
        ' characters, or any of the following: -/_+=.@!"}'
    )


@behaviour(
    ANY, "apostrophes in messages are straight", "AWS-VERIFIED", "every LocalStack AWS-validated snapshot since 2022"
)
def test_apostrophes_in_messages_are_straight(client):
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="can't find"):
        client.get_secret_value(SecretId="missing")


@behaviour(
    ANY,
    "boto3's response to a modelled error has a top-level Message beside Error",
    "AWS-VERIFIED",
    "every LocalStack AWS-validated snapshot of an error",
)
def test_a_modelled_error_has_a_message_at_the_top(client):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.get_secret_value(SecretId="missing")

    assert members(caught.value.response) == {
        "Error": {
            "Code": "ResourceNotFoundException",
            "Message": "Secrets Manager can't find the specified secret.",
        },
        "Message": "Secrets Manager can't find the specified secret.",
    }


@behaviour(
    ANY,
    "ValidationException is not in the service's model: boto3 raises ClientError without a top-level Message",
    "AWS-VERIFIED",
    "LocalStack AWS-validated snapshot test_invalid_secret_name",
)
def test_a_validation_exception_has_no_message_at_the_top(client):
    with pytest.raises(ClientError) as caught:
        client.get_secret_value(SecretId="a name")

    assert type(caught.value) is ClientError
    assert members(caught.value.response) == {
        "Error": {
            "Code": "ValidationException",
            "Message": "Invalid name. Must be a valid name containing alphanumeric characters, or any of the"
            " following: -/_+=.@!",
        }
    }


@behaviour(ANY, "a client error is HTTP 400", "AWS-VERIFIED", "every LocalStack AWS-validated snapshot of an error")
@rows(
    "operation, request_members, code",
    [
        ("GetSecretValue", {"SecretId": "missing"}, "ResourceNotFoundException"),
        ("CreateSecret", {"Name": "db", "ClientRequestToken": V2}, "ResourceExistsException"),
        ("UpdateSecret", {**DB, "ClientRequestToken": V1, "SecretString": "two"}, "ResourceExistsException"),
        ("PutSecretValue", {**DB, "ClientRequestToken": V2}, "InvalidRequestException"),
        (
            "CreateSecret",
            {"Name": "new", "ClientRequestToken": V2, "SecretString": "a", "SecretBinary": "YQ=="},
            "InvalidParameterException",
        ),
        ("DescribeSecret", {"SecretId": "a name"}, "ValidationException"),
        ("DescribeSecret", {}, "ValidationException"),
    ],
)
def test_the_status_of_an_error_is_400(secrets_backend, operation, request_members, code):
    secrets_backend.create("db", "one", token=V1)

    answer = post(operation, request_members)

    assert answer.status_code == 400
    assert json.loads(answer.content)["__type"] == code


# --- Requests that boto3 does not send ---


@behaviour(
    ANY,
    "a missing ClientRequestToken is reported before a missing secret",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_no_client_request_token",
)
@behaviour(
    ANY,
    "CreateSecret, UpdateSecret, PutSecretValue without ClientRequestToken: InvalidRequestException, before the look-up",
    "AWS-VERIFIED",
    NO_TOKEN,
)
@rows("operation, secret", [("CreateSecret", {"Name": "db"}), ("UpdateSecret", DB), ("PutSecretValue", DB)])
@rows("token", [{}, {"ClientRequestToken": None}])
def test_a_missing_token_is_an_invalid_request(secrets_backend, operation, secret, token):
    answer = post(operation, {**secret, **token, "SecretString": "one"})

    assert json.loads(answer.content) == {
        "__type": "InvalidRequestException",
        "Message": "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
    }
    assert "db" not in secrets_backend


@behaviour(
    ANY,
    "CreateSecret, UpdateSecret, PutSecretValue with neither ClientRequestToken nor value: the same error",
    "GUESS",
    "recorded with a value",
    decided_by="signed requests",
)
@rows("operation, secret", [("CreateSecret", {"Name": "new"}), ("UpdateSecret", DB), ("PutSecretValue", DB)])
def test_a_missing_token_is_also_an_invalid_request_without_a_value(secrets_backend, operation, secret):
    secrets_backend.create("db", "one")

    answer = post(operation, {**secret, "Description": "x"})

    assert json.loads(answer.content)["__type"] == "InvalidRequestException"
    assert secrets_backend["db"].description == ""
    assert "new" not in secrets_backend


@behaviour(ANY, "members that the service doesn't know are ignored", "AWS-VERIFIED", NO_TOKEN)
def test_unknown_members_are_ignored(secrets_backend):
    secrets_backend.create("db", "one")

    answer = post(
        "UpdateSecret",
        {**DB, "ClientRequestToken": V1, "Description": "new", "RotationLambdaARN": 5, "description": "old"},
    )

    assert json.loads(answer.content).keys() == {"ARN", "Name"}
    assert secrets_backend["db"].description == "new"


@behaviour(
    "CreateSecret",
    "without Name: Value null at 'name'",
    "REPORTED",
    "tests of GitHub oharaandrew314/mock-aws-java-sdk, second-hand",
)
@behaviour(
    ANY,
    "a required member that is absent or null: Value null at 'secretId'",
    "REPORTED",
    "GitHub awslabs/aws-sdk-kotlin#1469",
)
@rows(
    "operation, required",
    [
        ("CreateSecret", "name"),
        *(
            (operation, "secretId")
            for operation in ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecret")
        ),
    ],
)
@rows("is_null", [False, True])
def test_a_required_member_must_not_be_null(secrets_backend, operation, required, is_null):
    null = {required[0].upper() + required[1:]: None} if is_null else {}

    answer = post(operation, {**null, "ClientRequestToken": V1, "SecretString": "one"})

    assert json.loads(answer.content) == {
        "__type": "ValidationException",
        "message": f"1 validation error detected: Value null at '{required}' failed to satisfy constraint:"
        " Member must not be null",
    }


@behaviour(ANY, "an optional member that is null counts as absent", "GUESS", CORAL, decided_by="signed requests")
def test_an_optional_null_counts_as_absent(secrets_backend):
    secrets_backend.create("db", "one", description="kept")

    answer = post(
        "UpdateSecret",
        {**DB, "ClientRequestToken": V1, "Description": None, "SecretString": None, "SecretBinary": "AP8="},
    )

    assert answer.status_code == 200
    assert secrets_backend["db"].description == "kept"
    assert secrets_backend["db"].value == b"\x00\xff"


@behaviour(ANY, "a member of the wrong JSON type: SerializationException", "GUESS", CORAL, decided_by="signed requests")
@rows(
    "operation, request_members",
    [
        ("DescribeSecret", {"SecretId": 5}),
        ("DescribeSecret", {"SecretId": ["db"]}),
        ("GetSecretValue", {**DB, "VersionStage": {"AWSCURRENT": 1}}),
        ("UpdateSecret", {**DB, "ClientRequestToken": V2, "SecretString": {"user": "me"}}),
        ("UpdateSecret", {**DB, "ClientRequestToken": V2, "SecretString": True}),
        ("UpdateSecret", {**DB, "ClientRequestToken": V2, "SecretBinary": 1.5}),
        ("UpdateSecret", {**DB, "ClientRequestToken": V2, "SecretBinary": "not base64!"}),
        ("UpdateSecret", {**DB, "ClientRequestToken": 1, "SecretString": "two"}),
        ("PutSecretValue", {**DB, "ClientRequestToken": V2, "SecretString": "two", "VersionStages": "AWSCURRENT"}),
        ("PutSecretValue", {**DB, "ClientRequestToken": V2, "SecretString": "two", "VersionStages": [1]}),
        ("CreateSecret", {"Name": "new", "ClientRequestToken": V2, "Tags": {"Key": "a", "Value": "b"}}),
        ("CreateSecret", {"Name": "new", "ClientRequestToken": V2, "Tags": ["a"]}),
        ("CreateSecret", {"Name": "new", "ClientRequestToken": V2, "ForceOverwriteReplicaSecret": "yes"}),
    ],
)
def test_a_member_of_the_wrong_type_is_refused(secrets_backend, operation, request_members):
    secrets_backend.create("db", "one", token=V1)

    answer = post(operation, request_members)

    assert answer.status_code == 400
    assert json.loads(answer.content)["__type"] == "SerializationException"
    assert [version.id for version in secrets_backend["db"].versions] == [V1]
    assert "new" not in secrets_backend


_TO_DESCRIBE = {"X-Amz-Target": "secretsmanager.DescribeSecret"}
_BODIES = [b"{", b'"db"', b"[]", b"null", b"5", b"\xff\xfe", b"SecretId=db", b"", None]
_TARGETS = [
    *("secretsmanager.RenameSecret", "secretsmanager.updatesecret", "secretsmanager."),
    *("DynamoDB_20120810.DescribeSecret", "DescribeSecret", "", None),
]


@behaviour(
    ANY, "a body that is not a JSON object: SerializationException", "GUESS", CORAL, decided_by="signed requests"
)
@behaviour(ANY, "an unknown operation: UnknownOperationException", "GUESS", CORAL, decided_by="signed requests")
@behaviour(
    ANY, "an unsigned request: MissingAuthenticationTokenException", "GUESS", CORAL, decided_by="signed requests"
)
@rows(
    "body, given, code",
    [
        *((body, _TO_DESCRIBE, "SerializationException") for body in _BODIES),
        *((b'{"SecretId":"db"}', {"X-Amz-Target": target}, "UnknownOperationException") for target in _TARGETS),
        (b'{"SecretId":"db"}', {**_TO_DESCRIBE, "signed": False}, "MissingAuthenticationTokenException"),
    ],
)
def test_an_unreadable_unknown_or_unsigned_request_is_refused(secrets_backend, body, given, code):
    secrets_backend.create("db", "one")

    answer = post_bytes(body, **given)

    assert answer.status_code == 400
    assert json.loads(answer.content)["__type"] == code
