"""PutSecretValue: a ClientRequestToken that was used before."""

import pytest
from conformance.fidelity import behaviour
from conformance.labels.putting import put
from conformance.raw import begin_rotation, members, snapshot
from conformance.versions import labels_of
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
PUT = "PutSecretValue"
SAME_TOKEN = "moto test marked aws_verified: test_put_same_secret_value_with_same_token"
OTHER_VALUE = "moto test marked aws_verified: test_put_different_secret_value_with_same_token"
NOTHING = "AWS API reference, PutSecretValue: 'the operation succeeds but does nothing'"


@behaviour(PUT, "repeating a token with its value succeeds and does nothing", "AWS-VERIFIED", SAME_TOKEN)
@rows("value", [{"SecretString": "one"}, {"SecretBinary": b"one"}])
def test_repeating_a_put_with_its_token_and_value_changes_nothing(client, secrets_backend, value):
    arn = client.create_secret(Name="db", ClientRequestToken=V1, **value)["ARN"]
    before = snapshot(secrets_backend)

    answer = client.put_secret_value(SecretId="db", ClientRequestToken=V1, **value)

    assert members(answer) == {"ARN": arn, "Name": "db", "VersionId": V1, "VersionStages": ["AWSCURRENT"]}
    assert snapshot(secrets_backend) == before


@behaviour(
    PUT,
    "a used token with another value: ResourceExistsException, naming the token and the ARN",
    "AWS-VERIFIED",
    OTHER_VALUE,
)
@rows("token", [V1, V2, V3, V4])
def test_put_secret_value_refuses_a_used_token_with_another_value(client, secrets_backend, db, token):
    put(client, V2)
    put(client, V3)
    put(client, V4, "AWSPENDING")
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.ResourceExistsException) as caught:
        put(client, token, value="another")

    assert caught.value.response["Error"]["Message"] == (
        f"You can't use ClientRequestToken {token} because that value is already in use for a version of secret {db}."
    )
    assert snapshot(secrets_backend) == before


@behaviour(PUT, "repeating the token of any version with its value moves no label", "AWS-DOC", NOTHING)
@rows("token, shown", [(V1, []), (V2, ["AWSPREVIOUS"]), (V3, ["AWSCURRENT"]), (V4, ["AWSPENDING"])])
def test_a_used_token_moves_no_label(client, secrets_backend, db, token, shown):
    put(client, V2)
    put(client, V3)
    put(client, V4, "AWSPENDING")
    before = snapshot(secrets_backend)

    answer = put(client, token)

    assert answer["VersionId"] == token
    assert answer.get("VersionStages", []) == shown
    assert snapshot(secrets_backend) == before


@behaviour(
    PUT,
    "repeating a token with its value and other labels: the labels stay, and the answer shows them",
    "AWS-DOC",
    "AWS API reference, PutSecretValue: 'the operation succeeds but does nothing'; VersionStages: 'currently attached'",
)
def test_repeating_a_put_with_other_labels_keeps_the_labels(client, secrets_backend, db):
    put(client, V2, "blue")
    before = snapshot(secrets_backend)

    answer = put(client, V2, "AWSCURRENT", "green")

    assert answer["VersionStages"] == ["blue"]
    assert snapshot(secrets_backend) == before


@behaviour(
    PUT,
    "the same bytes as text and as binary are two different values",
    "GUESS",
    "AWS API reference compares each member",
    decided_by="plain calls",
)
def test_put_secret_value_tells_text_from_the_same_bytes(client, secrets_backend, db):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.ResourceExistsException):
        client.put_secret_value(SecretId="db", SecretBinary=V1.encode(), ClientRequestToken=V1)

    assert snapshot(secrets_backend) == before


@behaviour(
    PUT,
    "the token of a rotation's placeholder, with AWSPENDING: the placeholder takes the value",
    "AWS-VERIFIED",
    "GitHub aws-samples/aws-secrets-manager-rotation-lambdas; LocalStack AWS-validated tests test_rotate_secret_* run such a function",
)
def test_put_secret_value_fills_the_placeholder_of_a_rotation(client, secrets_backend, db):
    begin_rotation(secrets_backend, V2)

    answer = put(client, V2, "AWSPENDING")

    assert members(answer) == {"ARN": db, "Name": "db", "VersionId": V2, "VersionStages": ["AWSPENDING"]}
    assert labels_of(client) == {V1: {"AWSCURRENT"}, V2: {"AWSPENDING"}}
    assert client.get_secret_value(SecretId="db", VersionStage="AWSPENDING")["SecretString"] == V2


@behaviour(
    PUT,
    "the token of a rotation's placeholder, without labels: the placeholder takes the value and becomes AWSCURRENT",
    "GUESS",
    "recorded with AWSPENDING",
    decided_by="a rotation function",
)
def test_a_placeholder_is_filled_and_becomes_current(client, secrets_backend, db):
    begin_rotation(secrets_backend, V2)

    answer = put(client, V2)

    assert answer["VersionStages"] == ["AWSCURRENT"]
    assert labels_of(client) == {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT"}}
    assert client.get_secret_value(SecretId="db")["SecretString"] == V2


@behaviour(
    PUT,
    "a filled placeholder takes no other value",
    "AWS-DOC",
    "AWS API reference, PutSecretValue: 'you can't modify an existing version'",
)
def test_a_filled_placeholder_accepts_no_other_value(client, secrets_backend, db):
    begin_rotation(secrets_backend, V2)
    put(client, V2, "AWSPENDING")

    with pytest.raises(client.exceptions.ResourceExistsException):
        put(client, V2, "AWSPENDING", value="another")


@behaviour(
    PUT,
    "token_reuse='documented' changes nothing here, where the documentation and the recordings agree",
    "AWS-VERIFIED",
    SAME_TOKEN,
)
@pytest.mark.mock_secrets(token_reuse="documented")
def test_documented_token_reuse_changes_nothing_for_put_secret_value(client, secrets_backend, db):
    before = snapshot(secrets_backend)

    answer = put(client, V1)

    assert answer["VersionStages"] == ["AWSCURRENT"]
    assert snapshot(secrets_backend) == before
    with pytest.raises(client.exceptions.ResourceExistsException):
        put(client, V1, value="another")


@behaviour(PUT, "RotationToken is accepted and has no effect here", "AWS-DOC", "AWS API reference, RotationToken")
def test_a_rotation_token_is_accepted(client, db):
    if "RotationToken" not in client.meta.service_model.operation_model("PutSecretValue").input_shape.members:
        pytest.skip("botocore older than RotationToken")

    answer = client.put_secret_value(SecretId="db", SecretString="two", ClientRequestToken=V2, RotationToken=V3)

    assert members(answer) == {"ARN": db, "Name": "db", "VersionId": V2, "VersionStages": ["AWSCURRENT"]}
