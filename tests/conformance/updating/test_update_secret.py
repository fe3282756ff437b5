"""UpdateSecret, the heart of it."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.raw import at_a_quota, begin_rotation, members, snapshot, stored

from mock_secrets import Limits

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
UPDATE = "UpdateSecret"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)

DESCRIPTION = "LocalStack AWS-validated test test_update_secret_description"
LAST_CHANGED = "LocalStack AWS-validated test test_last_updated_date"
SAME_TOKEN = "moto test marked aws_verified: test_update_same_secret_value_with_same_token"
OTHER_VALUE = "moto test marked aws_verified: test_update_different_secret_value_with_same_token"
ABANDONED = "AWS User Guide, CloudTrail event RotationAbandoned"
DOCUMENTED = (
    "AWS API reference, UpdateSecret, ClientRequestToken; recorded otherwise, so only with token_reuse='documented'"
)
NOTHING = 'AWS API reference, PutSecretValue: "succeeds but does nothing"'


def labels_of(client):
    described = client.describe_secret(SecretId="db")
    return {version: set(labels) for version, labels in described.get("VersionIdsToStages", {}).items()}


def in_use(token, arn):
    return (
        f"You can't use ClientRequestToken {token} because that value is already in use for a version of secret {arn}."
    )


@pytest.fixture
def db(client):
    """A secret "db" whose version V1, of the value "one", is AWSCURRENT."""
    return client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)["ARN"]


@pytest.fixture
def four_versions(client, secrets_backend, db):
    """V1 "one" is deprecated, V2 "two" AWSPREVIOUS, V3 "three" AWSCURRENT, V4 AWSPENDING without a value."""
    client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2)
    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)
    begin_rotation(secrets_backend, V4)
    return db


# --- The samples of AWS's documentation ---


@behaviour(UPDATE, "the sample: update the description", "AWS-DOC", "AWS API reference, UpdateSecret, samples")
@pytest.mark.mock_secrets(region="us-west-2", secrets={"MyTestDatabaseSecret": "one"})
def test_the_sample_of_a_description(client, secrets_backend):
    response = client.update_secret(
        ClientRequestToken="EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE",
        Description="This is a new description for the secret.",
        SecretId="MyTestDatabaseSecret",
    )

    assert members(response) == {"ARN": secrets_backend["MyTestDatabaseSecret"].arn, "Name": "MyTestDatabaseSecret"}
    assert response["ARN"].startswith("arn:aws:secretsmanager:us-west-2:123456789012:secret:MyTestDatabaseSecret-")
    assert secrets_backend["MyTestDatabaseSecret"].description == "This is a new description for the secret."


@behaviour(UPDATE, "the sample: update the key", "AWS-DOC", "AWS API reference, UpdateSecret, samples")
@pytest.mark.mock_secrets(region="us-west-2", secrets={"MyTestDatabaseSecret": "one"})
def test_the_sample_of_a_key(client, secrets_backend):
    response = client.update_secret(
        KmsKeyId="arn:aws:kms:us-west-2:123456789012:key/EXAMPLE2-90ab-cdef-fedc-ba987EXAMPLE",
        SecretId="MyTestDatabaseSecret",
    )

    assert members(response) == {"ARN": secrets_backend["MyTestDatabaseSecret"].arn, "Name": "MyTestDatabaseSecret"}
    assert client.describe_secret(SecretId="MyTestDatabaseSecret")["KmsKeyId"] == (
        "arn:aws:kms:us-west-2:123456789012:key/EXAMPLE2-90ab-cdef-fedc-ba987EXAMPLE"
    )


@behaviour(UPDATE, "the sample: update the value", "AWS-DOC", "AWS API reference, UpdateSecret, samples")
@pytest.mark.mock_secrets(region="us-west-2", secrets={"MyTestDatabaseSecret": "one"})
def test_the_sample_of_a_value(client, secrets_backend):
    response = client.update_secret(
        SecretId="MyTestDatabaseSecret",
        SecretString="{JSON STRING WITH CREDENTIALS}",
    )

    assert members(response) == {
        "ARN": secrets_backend["MyTestDatabaseSecret"].arn,
        "Name": "MyTestDatabaseSecret",
        "VersionId": secrets_backend.calls[-1].params["ClientRequestToken"],
    }
    assert client.get_secret_value(SecretId="MyTestDatabaseSecret")["SecretString"] == "{JSON STRING WITH CREDENTIALS}"


# --- The answer ---


@behaviour(
    UPDATE,
    "a new value makes a new version: AWSCURRENT moves to it, AWSPREVIOUS goes to the version it left",
    "AWS-VERIFIED",
    "LocalStack AWS-validated snapshot: test_update_secret_version_stages_current_previous",
)
def test_a_new_value_moves_current_and_previous(client):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)

    answer = client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2)

    assert answer["VersionId"] == V2
    assert client.describe_secret(SecretId="db")["VersionIdsToStages"] == {V1: ["AWSPREVIOUS"], V2: ["AWSCURRENT"]}


@behaviour(UPDATE, "with a value it answers ARN, Name and VersionId, which is the token", "AWS-VERIFIED", DESCRIPTION)
@pytest.mark.parametrize("value", [{"SecretString": "two"}, {"SecretBinary": b"\x00\xff"}], ids=["string", "binary"])
@pytest.mark.parametrize(
    "metadata", [{}, {"Description": "new", "KmsKeyId": KEY}], ids=["value only", "value and metadata"]
)
def test_the_answer_with_a_value(client, db, value, metadata):
    answer = client.update_secret(SecretId="db", ClientRequestToken=V2, **value, **metadata)

    assert members(answer) == {"ARN": db, "Name": "db", "VersionId": V2}


@behaviour(
    UPDATE,
    "without a value it answers ARN and Name, and makes no version: the token means nothing",
    "AWS-VERIFIED",
    DESCRIPTION,
)
@behaviour(UPDATE, "so also with the key only", "AWS-DOC", "AWS API reference, UpdateSecret, samples")
@pytest.mark.parametrize(
    "request_members",
    [{"Description": "new"}, {"KmsKeyId": KEY}, {"Description": "new", "KmsKeyId": KEY}, {"Description": ""}],
    ids=["description", "key", "both", "empty description"],
)
@pytest.mark.parametrize("token", [{}, {"ClientRequestToken": V2}], ids=["botocore's token", "a token"])
def test_the_answer_without_a_value(client, db, request_members, token):
    answer = client.update_secret(SecretId="db", **request_members, **token)

    assert members(answer) == {"ARN": db, "Name": "db"}
    assert labels_of(client) == {V1: {"AWSCURRENT"}}


@behaviour(UPDATE, "with nothing but SecretId it succeeds, and changes nothing", "AWS-VERIFIED", DESCRIPTION)
def test_updating_nothing(client, secrets_backend, db):
    client.update_secret(SecretId="db", Description="words", KmsKeyId=KEY)
    before = snapshot(secrets_backend)

    answer = client.update_secret(SecretId="db")

    assert members(answer) == {"ARN": db, "Name": "db"}
    assert snapshot(secrets_backend) == before


@behaviour(UPDATE, "a value and a description are both applied", "AWS-VERIFIED", DESCRIPTION)
def test_a_value_and_a_description(client, db):
    client.update_secret(SecretId="db", SecretString="two", Description="words", ClientRequestToken=V2)

    assert client.get_secret_value(SecretId="db")["SecretString"] == "two"
    assert client.describe_secret(SecretId="db")["Description"] == "words"


@behaviour(
    UPDATE, "never answers VersionStages", "AWS-VERIFIED", "every LocalStack AWS-validated snapshot of UpdateSecret"
)
def test_no_version_stages_in_the_answer(client, db):
    assert "VersionStages" not in client.update_secret(SecretId="db", SecretString="two")


# --- Tokens ---


@behaviour(UPDATE, "a new token with the current value makes a version all the same", "AWS-DOC", "AWS API reference")
@behaviour(UPDATE, "the same value under a new token moves LastChangedDate", "AWS-VERIFIED", LAST_CHANGED)
@pytest.mark.mock_secrets(at=NOON)
def test_the_same_value_under_a_new_token(client, secrets_backend, db):
    secrets_backend.clock.advance(minutes=1)

    answer = client.update_secret(SecretId="db", SecretString="one", ClientRequestToken=V2)

    assert answer["VersionId"] == V2
    assert labels_of(client) == {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT"}}
    assert client.describe_secret(SecretId="db")["LastChangedDate"] == NOON + timedelta(minutes=1)


@behaviour(
    UPDATE,
    "the token of the current version with its value succeeds, where the documentation has an error",
    "AWS-VERIFIED",
    SAME_TOKEN,
)
@pytest.mark.parametrize("value", [{"SecretString": "one"}, {"SecretBinary": b"one"}], ids=["string", "binary"])
def test_the_token_of_the_current_version_with_its_value(client, secrets_backend, value):
    arn = client.create_secret(Name="db", ClientRequestToken=V1, **value)["ARN"]
    before = snapshot(secrets_backend)

    answer = client.update_secret(SecretId="db", ClientRequestToken=V1, **value)

    assert members(answer) == {"ARN": arn, "Name": "db", "VersionId": V1}
    assert snapshot(secrets_backend) == before


@behaviour(
    UPDATE,
    "a used token with another value: ResourceExistsException, naming token and ARN",
    "AWS-VERIFIED",
    OTHER_VALUE,
)
@pytest.mark.parametrize("token", [V1, V2, V3], ids=["deprecated", "previous", "current"])
@pytest.mark.parametrize("value", [{"SecretString": "another"}, {"SecretBinary": b"another"}], ids=["string", "binary"])
def test_a_used_token_with_another_value(client, secrets_backend, four_versions, token, value):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.ResourceExistsException) as caught:
        client.update_secret(SecretId="db", ClientRequestToken=token, Description="new", KmsKeyId=KEY, **value)

    assert caught.value.response["Error"]["Message"] == in_use(token, four_versions)
    assert snapshot(secrets_backend) == before


@behaviour(UPDATE, "the message names the whole ARN, however the secret was named", "AWS-VERIFIED", OTHER_VALUE)
def test_a_token_in_use_names_the_whole_arn(client, db):
    with pytest.raises(client.exceptions.ResourceExistsException) as caught:
        client.update_secret(SecretId=db[:-7], SecretString="two", ClientRequestToken=V1)

    assert caught.value.response["Error"]["Message"] == in_use(V1, db)


@behaviour(
    UPDATE, "the token of AWSPREVIOUS or of a deprecated version, with its value, moves no label", "GUESS", NOTHING
)
@pytest.mark.parametrize(
    ("token", "value"), [(V1, "one"), (V2, "two"), (V3, "three")], ids=["deprecated", "previous", "current"]
)
def test_a_used_token_with_its_value_moves_no_label(client, secrets_backend, four_versions, token, value):
    before = snapshot(secrets_backend)

    answer = client.update_secret(SecretId="db", SecretString=value, ClientRequestToken=token)

    assert answer["VersionId"] == token
    assert snapshot(secrets_backend) == before


@behaviour(
    UPDATE, "a used token with the value of another version: ResourceExistsException", "AWS-VERIFIED", OTHER_VALUE
)
def test_a_used_token_with_the_value_of_another_version(client, four_versions):
    with pytest.raises(client.exceptions.ResourceExistsException):
        client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V2)


@behaviour(
    UPDATE, "the same bytes as text and as binary are two values", "GUESS", "AWS API reference compares each member"
)
def test_text_and_bytes_are_two_values(client, secrets_backend, db):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.ResourceExistsException):
        client.update_secret(SecretId="db", SecretBinary=b"one", ClientRequestToken=V1)

    assert snapshot(secrets_backend) == before


@behaviour(
    UPDATE, "a used token with its value and metadata: the metadata is applied", "GUESS", "only the value repeats"
)
@pytest.mark.mock_secrets(at=NOON)
def test_a_used_token_with_metadata(client, secrets_backend, db):
    secrets_backend.clock.advance(hours=1)

    answer = client.update_secret(SecretId="db", SecretString="one", ClientRequestToken=V1, Description="new")

    described = client.describe_secret(SecretId="db")
    assert answer["VersionId"] == V1
    assert described["Description"] == "new"
    assert described["LastChangedDate"] == NOON + timedelta(hours=1)
    assert labels_of(client) == {V1: {"AWSCURRENT"}}


@behaviour(UPDATE, "a used token without a value means nothing", "GUESS", "AWS API reference: of the new version")
@pytest.mark.parametrize("token", [V1, V2, V3, V4], ids=["deprecated", "previous", "current", "without a value"])
def test_a_used_token_without_a_value(client, four_versions, token):
    before = labels_of(client)

    answer = client.update_secret(SecretId="db", Description="new", ClientRequestToken=token)

    assert members(answer) == {"ARN": four_versions, "Name": "db"}
    assert client.describe_secret(SecretId="db")["Description"] == "new"
    assert labels_of(client) == before


@behaviour(
    UPDATE,
    "the token of a rotation's placeholder: the value is stored in it, and it becomes AWSCURRENT",
    "GUESS",
    "PutSecretValue with AWSPENDING fills it",
)
@pytest.mark.parametrize("value", [{"SecretString": "three"}, {"SecretBinary": b"four"}], ids=["string", "binary"])
def test_a_placeholder_is_filled(client, four_versions, value):
    answer = client.update_secret(SecretId="db", ClientRequestToken=V4, **value)

    assert answer["VersionId"] == V4
    assert labels_of(client) == {V3: {"AWSPREVIOUS"}, V4: {"AWSCURRENT"}}
    assert value.items() <= client.get_secret_value(SecretId="db").items()


@behaviour(UPDATE, "a token is one of its secret: another secret's is new", "AWS-DOC", "AWS API reference")
def test_a_token_of_another_secret(client, db):
    client.create_secret(Name="other", SecretString="other", ClientRequestToken=V2)

    client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2)

    assert client.get_secret_value(SecretId="db")["SecretString"] == "two"
    assert client.get_secret_value(SecretId="other")["SecretString"] == "other"


@behaviour(UPDATE, "tokens are compared letter by letter", "GUESS", "VersionIds in upper case are on record")
def test_tokens_are_compared_letter_by_letter(client):
    lower, upper = "abcdefab-cdef-4bcd-8fab-cdefabcdefab", "ABCDEFAB-CDEF-4BCD-8FAB-CDEFABCDEFAB"
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=lower)

    client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=upper)

    assert labels_of(client) == {lower: {"AWSPREVIOUS"}, upper: {"AWSCURRENT"}}


# --- Tokens as the documentation has them ---


@behaviour(UPDATE, "any version's token with any value: ResourceExistsException", "AWS-DOC", DOCUMENTED)
@pytest.mark.mock_secrets(token_reuse="documented")
@pytest.mark.parametrize("token", [V1, V2, V3, V4], ids=["deprecated", "previous", "current", "without a value"])
@pytest.mark.parametrize("value", ["one", "two", "three", "another"])
def test_documented_reuse_of_a_token(client, secrets_backend, four_versions, token, value):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.ResourceExistsException) as caught:
        client.update_secret(SecretId="db", SecretString=value, ClientRequestToken=token, Description="new")

    assert caught.value.response["Error"]["Message"] == in_use(token, four_versions)
    assert snapshot(secrets_backend) == before


@behaviour(UPDATE, "a new token is accepted with any value", "AWS-DOC", DOCUMENTED)
@pytest.mark.mock_secrets(token_reuse="documented")
@pytest.mark.parametrize("value", ["one", "two"])
def test_documented_use_of_a_new_token(client, db, value):
    answer = client.update_secret(SecretId="db", SecretString=value, ClientRequestToken=V2)

    assert members(answer) == {"ARN": db, "Name": "db", "VersionId": V2}
    assert labels_of(client) == {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT"}}


@behaviour(UPDATE, "a used token without a value means nothing", "AWS-DOC", DOCUMENTED)
@pytest.mark.mock_secrets(token_reuse="documented")
@pytest.mark.parametrize("token", [V1, V4], ids=["of a value", "without a value"])
def test_documented_reuse_of_a_token_without_a_value(client, four_versions, token):
    answer = client.update_secret(SecretId="db", Description="new", ClientRequestToken=token)

    assert members(answer) == {"ARN": four_versions, "Name": "db"}
    assert client.describe_secret(SecretId="db")["Description"] == "new"


# --- Labels ---


@behaviour(UPDATE, "the version that was AWSPREVIOUS is deprecated by the next value", "AWS-VERIFIED", DESCRIPTION)
def test_the_former_previous_is_deprecated(client, db):
    client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2)

    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)

    assert labels_of(client) == {V2: {"AWSPREVIOUS"}, V3: {"AWSCURRENT"}}
    assert client.get_secret_value(SecretId="db", VersionId=V1)["SecretString"] == "one"


@behaviour(
    UPDATE,
    "custom labels stay on the version that AWSCURRENT leaves, and on any other",
    "GUESS",
    "recorded for PutSecretValue and UpdateSecretVersionStage",
)
def test_custom_labels_stay(client, db):
    client.put_secret_value(
        SecretId="db", SecretString="two", ClientRequestToken=V2, VersionStages=["AWSCURRENT", "blue"]
    )
    client.put_secret_value(SecretId="db", SecretString="three", ClientRequestToken=V3, VersionStages=["green"])

    client.update_secret(SecretId="db", SecretString="four", ClientRequestToken=V4)

    assert labels_of(client) == {V2: {"AWSPREVIOUS", "blue"}, V3: {"green"}, V4: {"AWSCURRENT"}}


@behaviour(UPDATE, "takes AWSPENDING off the version that was current", "GUESS", "recorded for PutSecretValue")
def test_pending_goes_from_the_former_current(client, db):
    client.put_secret_value(
        SecretId="db", SecretString="two", ClientRequestToken=V2, VersionStages=["AWSCURRENT", "AWSPENDING"]
    )

    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)

    assert labels_of(client) == {V2: {"AWSPREVIOUS"}, V3: {"AWSCURRENT"}}


@behaviour(UPDATE, "takes AWSPENDING off any other version: the rotation is abandoned", "AWS-DOC", ABANDONED)
@pytest.mark.parametrize("others", [[], ["blue"]], ids=["its only label", "beside another"])
def test_a_rotation_is_abandoned(client, db, others):
    client.put_secret_value(
        SecretId="db", SecretString="two", ClientRequestToken=V2, VersionStages=["AWSPENDING", *others]
    )

    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)

    expected = {V1: {"AWSPREVIOUS"}, V2: set(others), V3: {"AWSCURRENT"}}
    assert labels_of(client) == {version: labels for version, labels in expected.items() if labels}


@behaviour(UPDATE, "takes AWSPENDING off the placeholder of a rotation too", "AWS-DOC", ABANDONED)
def test_a_rotation_without_a_value_is_abandoned(client, secrets_backend, db):
    begin_rotation(secrets_backend, V2)

    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)

    assert labels_of(client) == {V1: {"AWSPREVIOUS"}, V3: {"AWSCURRENT"}}


@behaviour(UPDATE, "metadata alone leaves a rotation under way alone", "GUESS", "no version is made")
def test_metadata_leaves_a_rotation_alone(client, secrets_backend, db):
    begin_rotation(secrets_backend, V2)

    client.update_secret(SecretId="db", Description="new", KmsKeyId=KEY)

    assert labels_of(client) == {V1: {"AWSCURRENT"}, V2: {"AWSPENDING"}}


@behaviour(UPDATE, "the first value of a secret without one is AWSCURRENT, and nothing AWSPREVIOUS", "GUESS", "as Put")
def test_the_first_value(client):
    client.create_secret(Name="db")

    client.update_secret(SecretId="db", SecretString="one", ClientRequestToken=V1)

    assert labels_of(client) == {V1: {"AWSCURRENT"}}


@behaviour(
    UPDATE,
    "SecretBinary takes any bytes, and text and bytes may follow one another",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_change_secret_value_after_creation, for the bytes",
)
def test_bytes_follow_text(client, db):
    client.update_secret(SecretId="db", SecretBinary=bytes(range(256)))

    answer = client.get_secret_value(SecretId="db")

    assert answer["SecretBinary"] == bytes(range(256))
    assert "SecretString" not in answer
    assert client.get_secret_value(SecretId="db", VersionStage="AWSPREVIOUS")["SecretString"] == "one"


# --- Metadata ---


@behaviour(UPDATE, "Description replaces the one before", "AWS-VERIFIED", DESCRIPTION)
def test_a_description_is_replaced(client, db):
    client.update_secret(SecretId="db", Description="old")

    client.update_secret(SecretId="db", Description="new")

    assert client.describe_secret(SecretId="db")["Description"] == "new"


@behaviour(UPDATE, "an empty Description removes it", "REPORTED", "acceptance tests of Terraform's AWS provider")
def test_an_empty_description_removes_it(client, db):
    client.update_secret(SecretId="db", Description="old")

    client.update_secret(SecretId="db", Description="")

    assert "Description" not in client.describe_secret(SecretId="db")


@behaviour(UPDATE, "what is not given stays: description, key, tags", "AWS-VERIFIED", DESCRIPTION)
def test_what_is_not_given_stays(client):
    client.create_secret(
        Name="db",
        SecretString="one",
        ClientRequestToken=V1,
        Description="words",
        KmsKeyId=KEY,
        Tags=[{"Key": "a", "Value": "b"}],
    )

    client.update_secret(SecretId="db", SecretString="two")

    described = client.describe_secret(SecretId="db")
    assert described["Description"] == "words"
    assert described["KmsKeyId"] == KEY
    assert described["Tags"] == [{"Key": "a", "Value": "b"}]


@behaviour(
    UPDATE,
    "the key alone: no VersionId, no version, LastChangedDate moves, Describe shows it as given",
    "AWS-VERIFIED",
    "recorded responses in GitHub cloud-custodian/cloud-custodian, set_encryption_key",
)
@pytest.mark.mock_secrets(at=NOON)
@pytest.mark.parametrize("key", [KEY, "alias/mine", "alias/aws/secretsmanager"])
def test_the_key_alone(client, secrets_backend, db, key):
    secrets_backend.clock.advance(hours=1)

    answer = client.update_secret(SecretId="db", KmsKeyId=key)

    described = client.describe_secret(SecretId="db")
    assert members(answer) == {"ARN": db, "Name": "db"}
    assert described["KmsKeyId"] == key
    assert described["LastChangedDate"] == NOON + timedelta(hours=1)
    assert labels_of(client) == {V1: {"AWSCURRENT"}}


@behaviour(UPDATE, "an empty KmsKeyId goes back to the default key", "AWS-DOC", "AWS API reference, KmsKeyId")
def test_an_empty_key_is_the_default_key(client, db):
    client.update_secret(SecretId="db", KmsKeyId=KEY)

    client.update_secret(SecretId="db", KmsKeyId="")

    assert "KmsKeyId" not in client.describe_secret(SecretId="db")


@behaviour(UPDATE, "a value and a key: the new version is under the new key", "AWS-DOC", "AWS API reference, KmsKeyId")
def test_a_value_and_a_key(client, secrets_backend, db):
    client.update_secret(SecretId="db", SecretString="two", KmsKeyId=KEY, ClientRequestToken=V2)

    keys = {version.id: version.key_ids for version in stored(secrets_backend).versions}

    assert keys[V2] == [KEY]
    assert client.describe_secret(SecretId="db")["KmsKeyId"] == KEY


@behaviour(
    UPDATE,
    "a new key encrypts the versions AWSCURRENT, AWSPENDING and AWSPREVIOUS again, which the old key still opens;"
    " others keep their key",
    "AWS-DOC",
    "AWS API reference, KmsKeyId; AWS User Guide, encryption",
)
def test_a_new_key_encrypts_the_labelled_versions_again(client, secrets_backend, four_versions):
    client.update_secret(SecretId="db", KmsKeyId=KEY)

    keys = {version.id: version.key_ids for version in stored(secrets_backend).versions}

    both = ["DefaultEncryptionKey", KEY]
    assert keys == {V1: ["DefaultEncryptionKey"], V2: both, V3: both, V4: both}


@behaviour(UPDATE, "Type is stored and shown, and empty it is absent", "GUESS", "botocore service model has it only")
def test_a_type_is_stored_and_shown(client, db):
    if "Type" not in client.meta.service_model.operation_model("UpdateSecret").input_shape.members:
        pytest.skip("botocore older than Type")

    client.update_secret(SecretId="db", Type="partner")
    shown = client.describe_secret(SecretId="db")
    client.update_secret(SecretId="db", Type="")

    assert shown["Type"] == "partner"
    assert "Type" not in client.describe_secret(SecretId="db")


# --- Errors ---


@behaviour(
    UPDATE, "a secret that is not there: ResourceNotFoundException", "AWS-VERIFIED", "LocalStack AWS-validated tests"
)
@pytest.mark.parametrize(
    "request_members", [{}, {"Description": "new"}, {"SecretString": "one"}], ids=["nothing", "description", "value"]
)
def test_updating_what_is_not_there(client, secrets_backend, request_members):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.update_secret(SecretId="missing", **request_members)

    assert caught.value.response["Error"]["Message"] == "Secrets Manager can't find the specified secret."
    assert list(secrets_backend) == []


@behaviour(
    UPDATE,
    "a secret that another service manages: InvalidRequestException",
    "AWS-DOC",
    "botocore service model, InvalidRequestException; AWS User Guide, troubleshooting",
)
@pytest.mark.parametrize(
    "request_members",
    [
        {"SecretString": "two"},
        {"SecretString": "two", "ClientRequestToken": V1},
        {"Description": "new"},
        {"KmsKeyId": KEY},
    ],
    ids=["value", "value under a used token", "description", "key"],
)
def test_a_managed_secret(client, secrets_backend, db, request_members):
    stored(secrets_backend).owning_service = "rds"
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        client.update_secret(SecretId="db", **request_members)

    assert snapshot(secrets_backend) == before


@behaviour(UPDATE, "an error changes nothing, neither value nor metadata", "AWS-DOC", "AWS API reference, UpdateSecret")
@pytest.mark.parametrize(
    ("request_members", "code"),
    [
        ({"SecretString": ""}, "ValidationException"),
        ({"SecretString": "x" * 65_537}, "ValidationException"),
        ({"SecretString": "two", "SecretBinary": b"two"}, "InvalidParameterException"),
        ({"SecretString": "two", "ClientRequestToken": V1}, "ResourceExistsException"),
        ({"SecretString": "two", "ClientRequestToken": V2}, "LimitExceededException"),
    ],
    ids=["empty value", "long value", "two values", "token in use", "quota"],
)
@pytest.mark.mock_secrets(limits=Limits(versions_per_secret=1))
@at_a_quota
def test_an_error_changes_nothing(unchecked, secrets_backend, request_members, code):
    unchecked.create_secret(Name="db", SecretString="one", ClientRequestToken=V1, Description="old")
    described = members(unchecked.describe_secret(SecretId="db"))
    before = snapshot(secrets_backend)
    secrets_backend.clock.advance(hours=1)

    with pytest.raises(ClientError) as caught:
        unchecked.update_secret(SecretId="db", Description="new", KmsKeyId=KEY, **request_members)

    assert caught.value.response["Error"]["Code"] == code
    assert members(unchecked.describe_secret(SecretId="db")) == described
    assert snapshot(secrets_backend) == before


# --- Quotas ---


@behaviour(
    UPDATE, "versions faster than about one in 10 minutes: LimitExceededException", "AWS-DOC", "AWS API reference"
)
@at_a_quota
def test_too_many_versions_in_a_day(client, secrets_backend, db):
    for number in range(143):
        client.update_secret(SecretId="db", SecretString=str(number))
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.LimitExceededException):
        client.update_secret(SecretId="db", SecretString="one too many", Description="new")

    assert len(secrets_backend["db"].versions) == 144
    assert snapshot(secrets_backend) == before


@behaviour(UPDATE, "at the quota of versions metadata can be updated", "GUESS", "no version is made")
@pytest.mark.mock_secrets(limits=Limits(versions_per_secret=1))
@at_a_quota
def test_metadata_at_the_quota(client, db):
    client.update_secret(SecretId="db", Description="new")

    assert client.describe_secret(SecretId="db")["Description"] == "new"


@behaviour(UPDATE, "at the quota of versions a used token is judged as ever", "GUESS", "quotas come last")
@pytest.mark.mock_secrets(limits=Limits(versions_per_secret=1))
@at_a_quota
def test_the_quota_comes_after_the_token(client, db):
    assert client.update_secret(SecretId="db", SecretString="one", ClientRequestToken=V1)["VersionId"] == V1
    with pytest.raises(client.exceptions.ResourceExistsException):
        client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V1)


_REMOVED = "AWS User Guide, quotas; AWS API reference, UpdateSecret"


@behaviour(UPDATE, "one update each 10 minutes can go on for ever", "AWS-DOC", _REMOVED)
def test_an_update_each_ten_minutes_goes_on(secrets_backend):
    db = secrets_backend.create("db", "one")

    for number in range(500):
        secrets_backend.clock.advance(minutes=10)
        db.update(str(number))

    assert db.value == "499"


@behaviour(
    UPDATE,
    "versions without a label that are older than 24 hours are removed when there are more than 100",
    "AWS-DOC",
    _REMOVED,
)
def test_old_versions_without_a_label_are_removed(client, secrets_backend, db):
    for number in range(120):
        client.update_secret(SecretId="db", SecretString=str(number))
    secrets_backend.clock.advance(hours=25)

    client.update_secret(SecretId="db", SecretString="new")

    assert len(secrets_backend["db"].versions) in (100, 101)
    assert secrets_backend["db"].value == "new"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_secret_value(SecretId="db", VersionId=V1)


@behaviour(UPDATE, "versions of the last 24 hours are kept, be they more than 100", "AWS-DOC", _REMOVED)
def test_versions_of_the_last_day_are_kept(client, secrets_backend, db):
    for number in range(120):
        client.update_secret(SecretId="db", SecretString=str(number))
    secrets_backend.clock.advance(hours=23)

    client.update_secret(SecretId="db", SecretString="new")

    assert len(secrets_backend["db"].versions) == 122
    assert client.get_secret_value(SecretId="db", VersionId=V1)["SecretString"] == "one"


@behaviour(UPDATE, "of old and young versions only the old are removed, be more than 100 left", "AWS-DOC", _REMOVED)
def test_only_old_versions_are_removed(client, secrets_backend, db):
    for number in range(9):
        client.update_secret(SecretId="db", SecretString=f"old {number}")
    secrets_backend.clock.advance(hours=23)
    for number in range(110):
        client.update_secret(SecretId="db", SecretString=f"young {number}")

    secrets_backend.clock.advance(hours=2)

    assert [version.value for version in secrets_backend["db"].versions] == [f"young {n}" for n in range(110)]


@behaviour(UPDATE, "versions with a label are never removed", "AWS-DOC", _REMOVED)
def test_versions_with_a_label_are_never_removed(client, secrets_backend, db):
    client.put_secret_value(SecretId="db", SecretString="kept", ClientRequestToken=V2, VersionStages=["blue"])
    for number in range(130):
        client.update_secret(SecretId="db", SecretString=str(number))
    secrets_backend.clock.advance(days=30)

    client.update_secret(SecretId="db", SecretString="new")

    assert client.get_secret_value(SecretId="db", VersionId=V2, VersionStage="blue")["SecretString"] == "kept"
    assert client.get_secret_value(SecretId="db", VersionStage="AWSPREVIOUS")["SecretString"] == "129"
    assert V2 in client.describe_secret(SecretId="db")["VersionIdsToStages"]


@behaviour(UPDATE, "up to 100 versions are kept, however old", "AWS-DOC", _REMOVED)
def test_a_hundred_old_versions_are_kept(client, secrets_backend, db):
    for number in range(98):
        client.update_secret(SecretId="db", SecretString=str(number))
    secrets_backend.clock.advance(days=30)

    client.update_secret(SecretId="db", SecretString="new")

    assert len(secrets_backend["db"].versions) == 100
    assert client.get_secret_value(SecretId="db", VersionId=V1)["SecretString"] == "one"


@behaviour(UPDATE, "a few deprecated versions are readable for a while", "AWS-VERIFIED", "LocalStack test_deprecated_*")
def test_deprecated_versions_are_readable(client, db):
    for token, value in ((V2, "two"), (V3, "three"), (V4, "four")):
        client.update_secret(SecretId="db", SecretString=value, ClientRequestToken=token)

    assert client.get_secret_value(SecretId="db", VersionId=V1)["SecretString"] == "one"
    assert client.get_secret_value(SecretId="db", VersionId=V2)["SecretString"] == "two"


@behaviour(
    UPDATE,
    "a new current value that would make AWSPREVIOUS the 21st label: LimitExceededException",
    "GUESS",
    "AWS User Guide, quotas; AWSPREVIOUS is a label like any other",
)
@at_a_quota
def test_previous_as_the_21st_label(client, secrets_backend, db):
    client.put_secret_value(
        SecretId="db", SecretString="two", VersionStages=[f"label-{number}" for number in range(19)]
    )
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.LimitExceededException):
        client.update_secret(SecretId="db", SecretString="three", Description="new")

    assert snapshot(secrets_backend) == before
