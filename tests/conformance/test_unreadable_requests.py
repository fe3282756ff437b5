"""Requests that are no JSON, or JSON that the service's model can't take: refused at the door, and the log stays whole."""

import json

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.raw import post, post_bytes, snapshot
from tables import rows

from mock_secrets.protocol.shapes import service_model

V2 = "22222222-2222-4222-8222-222222222222"
ANY = "Any operation"
CORAL = "form of AWS's JSON services"
HALF_PAIR = "\ud800"


@pytest.fixture(autouse=True)
def db(secrets_backend):
    return secrets_backend.create("db", "one")


@pytest.fixture(autouse=True)
def the_log_is_whole(secrets_backend, tmp_path, db):
    """Whatever was sent, the log can be read by a parser that keeps to the letter, and so can the file."""
    yield
    lines = secrets_backend.cloudtrail.to_json_lines().splitlines()
    delivered = secrets_backend.cloudtrail.write(tmp_path / "log.json").read_text(encoding="utf-8")
    assert len(lines) == len(secrets_backend.calls)
    assert read_strictly(delivered)["Records"] == [read_strictly(line) for line in lines]


def read_strictly(text):
    document = json.loads(text, parse_constant=lambda constant: pytest.fail(f"{constant} is not JSON"))
    json.dumps(document, ensure_ascii=False).encode()
    return document


def send(operation, members):
    """The answer to a request whose members are given as JSON."""
    body = f"{{{','.join(f'{json.dumps(name)}:{value}' for name, value in members.items())}}}"
    return post_bytes(body.encode(), **{"X-Amz-Target": f"secretsmanager.{operation}"})


def code(answer):
    return json.loads(answer.content).get("__type")


def with_text(shape, text):
    """Values of a shape, each with a text in the place of one string of it."""
    if shape.type_name == "string":
        yield text
    elif shape.type_name == "list":
        yield from ([value] for value in with_text(shape.member, text))
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from ({name: value} for value in with_text(member, text))


OPERATIONS = [name for name in service_model().operation_names if service_model().operation_model(name).input_shape]


@behaviour(
    ANY,
    "half of a surrogate pair in any string: SerializationException",
    "GUESS",
    "UTF-8 can't hold one",
    decided_by="signed requests",
)
@rows("operation", OPERATIONS)
def test_a_lone_surrogate_is_not_valid_text(secrets_backend, operation):
    before = snapshot(secrets_backend)
    shape = service_model().operation_model(operation).input_shape

    for members in with_text(shape, f"db{HALF_PAIR}"):
        assert (
            code(post(operation, {"SecretId": "db", "ClientRequestToken": V2, **members})) == "SerializationException"
        )

        (name,) = members
        assert name not in secrets_backend.calls[-1].params
    assert snapshot(secrets_backend) == before


@behaviour(
    ANY,
    "NaN or Infinity anywhere: SerializationException",
    "GUESS",
    "JSON has no such numbers (RFC 8259)",
    decided_by="signed requests",
)
@rows("member", ["SecretId", "SecretString", "Unknown"])
@rows("number", ["NaN", "Infinity", "-Infinity", "[NaN]"])
def test_an_invalid_json_number_is_refused(secrets_backend, member, number):
    answer = send("UpdateSecret", {"SecretId": '"db"', "ClientRequestToken": f'"{V2}"', member: number})

    assert code(answer) == "SerializationException"
    assert secrets_backend.calls[-1].params == {}


@behaviour(
    ANY,
    "a number that is not an integer, or exceeds 32 or 64 bits: SerializationException",
    "GUESS",
    CORAL,
    decided_by="signed requests",
)
@rows(
    "operation, members, name",
    [
        ("ListSecrets", {}, "MaxResults"),
        ("GetRandomPassword", {}, "PasswordLength"),
        ("DeleteSecret", {"SecretId": '"db"'}, "RecoveryWindowInDays"),
    ],
)
@rows("number", ["1e999", "-1e999", "7.0", "1e1", str(2**63), str(-(2**63) - 1), "true"])
def test_a_number_that_is_not_an_integer(secrets_backend, operation, members, name, number):
    answer = send(operation, {**members, name: number})

    assert code(answer) == "SerializationException"
    assert name not in secrets_backend.calls[-1].params


@behaviour(
    ANY,
    "a list or object in place of text, however deeply nested: SerializationException",
    "GUESS",
    CORAL,
    decided_by="signed requests",
)
@rows("depth", [1, 500, 20_000])
@rows(
    "operation, name, members",
    [
        ("GetSecretValue", "SecretId", "%s"),
        ("UpdateSecret", "SecretString", "%s"),
        ("TagResource", "Tags", '[{"Key": %s}]'),
        ("ListSecrets", "Filters", '[{"Key": "name", "Values": [%s]}]'),
        ("RotateSecret", "RotationRules", '{"ScheduleExpression": %s}'),
    ],
)
def test_nested_values_in_place_of_text_are_refused(secrets_backend, depth, operation, name, members):
    lists, objects = "[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth

    answers = [send(operation, {"SecretId": '"db"', name: members % nested}) for nested in (lists, objects)]

    assert [code(answer) for answer in answers] == ["SerializationException"] * 2
    assert all(name not in call.params for call in secrets_backend.calls)


def test_unreadable_requests_through_boto3_are_refused(unchecked, secrets_backend):
    nested = []
    for _ in range(500):
        nested = [nested]
    requests = [
        lambda: unchecked.get_secret_value(SecretId=nested),
        lambda: unchecked.get_secret_value(SecretId=float("nan")),
        lambda: unchecked.create_secret(Name="x", SecretString="v", ClientRequestToken=HALF_PAIR * 32),
    ]

    for request in requests:
        with pytest.raises(ClientError, match="SerializationException"):
            request()
    assert [secret.name for secret in secrets_backend] == ["db"]


@behaviour(
    ANY,
    "a byte order mark before the body: SerializationException",
    "GUESS",
    "RFC 8259, section 8.1",
    decided_by="signed requests",
)
@rows("encoding", ["utf-8-sig", "utf-16", "utf-32", "latin-1"])
def test_a_body_that_is_not_utf_8(encoding):
    body = '{"SecretId": "db", "Unknown": "é"}'.encode(encoding)

    assert code(post_bytes(body, **{"X-Amz-Target": "secretsmanager.DescribeSecret"})) == "SerializationException"


@behaviour(
    ANY,
    "if a member occurs twice, its last value counts",
    "GUESS",
    "what most parsers of JSON do",
    decided_by="signed requests",
)
def test_the_last_value_of_a_duplicate_member_counts(secrets_backend):
    body = b'{"SecretId": "missing", "SecretId": ["db"], "SecretId": "db"}'

    assert post_bytes(body, **{"X-Amz-Target": "secretsmanager.DescribeSecret"}).status_code == 200
    assert secrets_backend.calls[-1].params == {"SecretId": "db"}


@behaviour(
    ANY,
    "whatever could be read of a refused request is recorded",
    "GUESS",
    "no record of such a request is known",
    decided_by="CloudTrail",
)
def test_the_rest_of_a_refused_request_is_preserved(secrets_backend):
    post("UpdateSecret", {"SecretId": "db", "SecretString": "s3cret", "Description": ["s3cret"], "KmsKeyId": {"a": 1}})

    (call,), (record,) = secrets_backend.calls, secrets_backend.cloudtrail
    assert call.params == {"SecretId": "db", "SecretString": "s3cret"}
    assert record["requestParameters"] == {"secretId": "db"}
