"""UpdateSecret: a ClientRequestToken that was used before."""

from datetime import datetime, timedelta, timezone

import pytest
from conformance.fidelity import behaviour
from conformance.raw import members, snapshot
from conformance.versions import labels_of
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
UPDATE = "UpdateSecret"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
LAST_CHANGED = "LocalStack AWS-validated test test_last_updated_date"
SAME_TOKEN = "moto test marked aws_verified: test_update_same_secret_value_with_same_token"
OTHER_VALUE = "moto test marked aws_verified: test_update_different_secret_value_with_same_token"
DOCUMENTED = (
    "AWS API reference, UpdateSecret, ClientRequestToken; recorded otherwise, so only with token_reuse='documented'"
)
NOTHING = 'AWS API reference, PutSecretValue: "succeeds but does nothing"'


def in_use(token, arn):
    return (
        f"You can't use ClientRequestToken {token} because that value is already in use for a version of secret {arn}."
    )


# --- Tokens ---


@behaviour(UPDATE, "a new token with the current value creates a new version", "AWS-DOC", "AWS API reference")
@behaviour(UPDATE, "the same value under a new token moves LastChangedDate", "AWS-VERIFIED", LAST_CHANGED)
@pytest.mark.mock_secrets(at=NOON)
def test_the_same_value_under_a_new_token_creates_a_version(client, secrets_backend, db):
    secrets_backend.clock.advance(minutes=1)

    answer = client.update_secret(SecretId="db", SecretString="one", ClientRequestToken=V2)

    assert answer["VersionId"] == V2
    assert labels_of(client) == {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT"}}
    assert client.describe_secret(SecretId="db")["LastChangedDate"] == NOON + timedelta(minutes=1)


@behaviour(
    UPDATE,
    "the token of the current version, with its value: succeeds, where the documentation names an error",
    "AWS-VERIFIED",
    SAME_TOKEN,
)
@rows("value", [{"SecretString": "one"}, {"SecretBinary": b"one"}])
def test_repeating_an_update_with_its_token_and_value_changes_nothing(client, secrets_backend, value):
    arn = client.create_secret(Name="db", ClientRequestToken=V1, **value)["ARN"]
    before = snapshot(secrets_backend)

    answer = client.update_secret(SecretId="db", ClientRequestToken=V1, **value)

    assert members(answer) == {"ARN": arn, "Name": "db", "VersionId": V1}
    assert snapshot(secrets_backend) == before


@behaviour(
    UPDATE,
    "a used token with another value: ResourceExistsException, naming the token and the ARN",
    "AWS-VERIFIED",
    OTHER_VALUE,
)
@rows("token", [V1, V2, V3])
@rows("value", [{"SecretString": "another"}, {"SecretBinary": b"another"}])
def test_update_secret_refuses_a_used_token_with_another_value(client, secrets_backend, four_versions, token, value):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.ResourceExistsException) as caught:
        client.update_secret(SecretId="db", ClientRequestToken=token, Description="new", KmsKeyId=KEY, **value)

    assert caught.value.response["Error"]["Message"] == in_use(token, four_versions)
    assert snapshot(secrets_backend) == before


@behaviour(UPDATE, "the message contains the complete ARN, however the secret was named", "AWS-VERIFIED", OTHER_VALUE)
def test_a_token_in_use_names_the_whole_arn(client, db):
    with pytest.raises(client.exceptions.ResourceExistsException) as caught:
        client.update_secret(SecretId=db[:-7], SecretString="two", ClientRequestToken=V1)

    assert caught.value.response["Error"]["Message"] == in_use(V1, db)


@behaviour(
    UPDATE,
    "repeating the token of AWSPREVIOUS or of a deprecated version, with its value, moves no label",
    "GUESS",
    NOTHING,
    decided_by="plain calls",
)
@rows("token, value", [(V1, "one"), (V2, "two"), (V3, "three")])
def test_a_used_token_with_its_value_moves_no_label(client, secrets_backend, four_versions, token, value):
    before = snapshot(secrets_backend)

    answer = client.update_secret(SecretId="db", SecretString=value, ClientRequestToken=token)

    assert answer["VersionId"] == token
    assert snapshot(secrets_backend) == before


@behaviour(
    UPDATE, "a used token with the value of another version: ResourceExistsException", "AWS-VERIFIED", OTHER_VALUE
)
def test_updating_with_a_used_token_and_another_versions_value_is_refused(client, four_versions):
    with pytest.raises(client.exceptions.ResourceExistsException):
        client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V2)


@behaviour(
    UPDATE,
    "the same bytes as text and as binary are two different values",
    "GUESS",
    "AWS API reference compares each member",
    decided_by="plain calls",
)
def test_update_secret_tells_text_from_the_same_bytes(client, secrets_backend, db):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.ResourceExistsException):
        client.update_secret(SecretId="db", SecretBinary=b"one", ClientRequestToken=V1)

    assert snapshot(secrets_backend) == before


@behaviour(
    UPDATE,
    "a used token with its value and new metadata: the metadata is applied",
    "GUESS",
    "only the value repeats",
    decided_by="plain calls",
)
@pytest.mark.mock_secrets(at=NOON)
def test_updating_with_a_used_token_and_its_value_applies_new_metadata(client, secrets_backend, db):
    secrets_backend.clock.advance(hours=1)

    answer = client.update_secret(SecretId="db", SecretString="one", ClientRequestToken=V1, Description="new")

    described = client.describe_secret(SecretId="db")
    assert answer["VersionId"] == V1
    assert described["Description"] == "new"
    assert described["LastChangedDate"] == NOON + timedelta(hours=1)
    assert labels_of(client) == {V1: {"AWSCURRENT"}}


@behaviour(
    UPDATE,
    "a used token without a value is ignored",
    "GUESS",
    "AWS API reference: of the new version",
    decided_by="plain calls",
)
@rows("token", [V1, V2, V3, V4])
def test_updating_without_a_value_ignores_a_used_token(client, four_versions, token):
    before = labels_of(client)

    answer = client.update_secret(SecretId="db", Description="new", ClientRequestToken=token)

    assert members(answer) == {"ARN": four_versions, "Name": "db"}
    assert client.describe_secret(SecretId="db")["Description"] == "new"
    assert labels_of(client) == before


@behaviour(
    UPDATE,
    "the token of a rotation's placeholder: the placeholder takes the value and becomes AWSCURRENT",
    "GUESS",
    "PutSecretValue with AWSPENDING fills it",
    decided_by="a rotation function",
)
@rows("value", [{"SecretString": "three"}, {"SecretBinary": b"four"}])
def test_update_secret_fills_the_placeholder_of_a_rotation_and_makes_it_current(client, four_versions, value):
    answer = client.update_secret(SecretId="db", ClientRequestToken=V4, **value)

    assert answer["VersionId"] == V4
    assert labels_of(client) == {V3: {"AWSPREVIOUS"}, V4: {"AWSCURRENT"}}
    assert value.items() <= client.get_secret_value(SecretId="db").items()


@behaviour(UPDATE, "a token belongs to one secret: another secret's token is new", "AWS-DOC", "AWS API reference")
def test_a_token_used_for_another_secret_is_new(client, db):
    client.create_secret(Name="other", SecretString="other", ClientRequestToken=V2)

    client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2)

    assert client.get_secret_value(SecretId="db")["SecretString"] == "two"
    assert client.get_secret_value(SecretId="other")["SecretString"] == "other"


@behaviour(
    UPDATE, "tokens are case-sensitive", "GUESS", "VersionIds in upper case are on record", decided_by="plain calls"
)
def test_token_comparison_is_case_sensitive(client):
    lower, upper = "abcdefab-cdef-4bcd-8fab-cdefabcdefab", "ABCDEFAB-CDEF-4BCD-8FAB-CDEFABCDEFAB"
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=lower)

    client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=upper)

    assert labels_of(client) == {lower: {"AWSPREVIOUS"}, upper: {"AWSCURRENT"}}


# --- Tokens as the documentation has them ---


@behaviour(UPDATE, "any version's token with any value: ResourceExistsException", "AWS-DOC", DOCUMENTED)
@pytest.mark.mock_secrets(token_reuse="documented")
@rows("token", [V1, V2, V3, V4])
@rows("value", ["one", "two", "three", "another"])
def test_documented_token_reuse_refuses_any_value(client, secrets_backend, four_versions, token, value):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.ResourceExistsException) as caught:
        client.update_secret(SecretId="db", SecretString=value, ClientRequestToken=token, Description="new")

    assert caught.value.response["Error"]["Message"] == in_use(token, four_versions)
    assert snapshot(secrets_backend) == before


@behaviour(UPDATE, "a new token is accepted with any value", "AWS-DOC", DOCUMENTED)
@pytest.mark.mock_secrets(token_reuse="documented")
@rows("value", ["one", "two"])
def test_documented_use_of_a_new_token(client, db, value):
    answer = client.update_secret(SecretId="db", SecretString=value, ClientRequestToken=V2)

    assert members(answer) == {"ARN": db, "Name": "db", "VersionId": V2}
    assert labels_of(client) == {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT"}}


@behaviour(UPDATE, "a used token without a value is ignored", "AWS-DOC", DOCUMENTED)
@pytest.mark.mock_secrets(token_reuse="documented")
@rows("token", [V1, V4])
def test_documented_token_reuse_ignores_a_token_without_a_value(client, four_versions, token):
    answer = client.update_secret(SecretId="db", Description="new", ClientRequestToken=token)

    assert members(answer) == {"ARN": four_versions, "Name": "db"}
    assert client.describe_secret(SecretId="db")["Description"] == "new"
