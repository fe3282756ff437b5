"""UpdateSecret, the heart of it."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.raw import at_a_quota, begin_rotation, members, snapshot, stored
from conformance.versions import labels_of
from tables import rows

from mock_secrets import Limits

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
UPDATE = "UpdateSecret"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)

DESCRIPTION = "LocalStack AWS-validated test test_update_secret_description"
ABANDONED = "AWS User Guide, CloudTrail event RotationAbandoned"


# --- The samples of AWS's documentation ---


@behaviour(UPDATE, "the sample: update the description", "AWS-DOC", "AWS API reference, UpdateSecret, samples")
@pytest.mark.mock_secrets(region="us-west-2", secrets={"MyTestDatabaseSecret": "one"})
def test_the_documented_example_updates_the_description(client, secrets_backend):
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
def test_the_documented_example_updates_the_key(client, secrets_backend):
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
def test_the_documented_example_updates_the_value(client, secrets_backend):
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
    "a new value creates a new version: AWSCURRENT moves to it, and AWSPREVIOUS to the one it left",
    "AWS-VERIFIED",
    "LocalStack AWS-validated snapshot: test_update_secret_version_stages_current_previous",
)
def test_a_new_value_moves_current_and_previous(client):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)

    answer = client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2)

    assert answer["VersionId"] == V2
    assert client.describe_secret(SecretId="db")["VersionIdsToStages"] == {V1: ["AWSPREVIOUS"], V2: ["AWSCURRENT"]}


@behaviour(UPDATE, "with a value: answers ARN, Name and VersionId, which is the token", "AWS-VERIFIED", DESCRIPTION)
@rows("value", [{"SecretString": "two"}, {"SecretBinary": b"\x00\xff"}])
@rows("metadata", [{}, {"Description": "new", "KmsKeyId": KEY}])
def test_the_response_with_a_value(client, db, value, metadata):
    answer = client.update_secret(SecretId="db", ClientRequestToken=V2, **value, **metadata)

    assert members(answer) == {"ARN": db, "Name": "db", "VersionId": V2}


@behaviour(
    UPDATE,
    "without a value: answers ARN and Name, and creates no version; the token is ignored",
    "AWS-VERIFIED",
    DESCRIPTION,
)
@behaviour(UPDATE, "the same goes for the key alone", "AWS-DOC", "AWS API reference, UpdateSecret, samples")
@rows(
    "request_members",
    [{"Description": "new"}, {"KmsKeyId": KEY}, {"Description": "new", "KmsKeyId": KEY}, {"Description": ""}],
)
@rows("token", [{}, {"ClientRequestToken": V2}])
def test_the_response_without_a_value(client, db, request_members, token):
    answer = client.update_secret(SecretId="db", **request_members, **token)

    assert members(answer) == {"ARN": db, "Name": "db"}
    assert labels_of(client) == {V1: {"AWSCURRENT"}}


@behaviour(UPDATE, "with nothing but SecretId: succeeds and changes nothing", "AWS-VERIFIED", DESCRIPTION)
def test_updating_nothing_changes_nothing(client, secrets_backend, db):
    client.update_secret(SecretId="db", Description="words", KmsKeyId=KEY)
    before = snapshot(secrets_backend)

    answer = client.update_secret(SecretId="db")

    assert members(answer) == {"ARN": db, "Name": "db"}
    assert snapshot(secrets_backend) == before


@behaviour(UPDATE, "a value and a description are both applied", "AWS-VERIFIED", DESCRIPTION)
def test_one_update_changes_the_value_and_the_description(client, db):
    client.update_secret(SecretId="db", SecretString="two", Description="words", ClientRequestToken=V2)

    assert client.get_secret_value(SecretId="db")["SecretString"] == "two"
    assert client.describe_secret(SecretId="db")["Description"] == "words"


@behaviour(
    UPDATE,
    "the answer never has VersionStages",
    "AWS-VERIFIED",
    "every LocalStack AWS-validated snapshot of UpdateSecret",
)
def test_the_answer_of_an_update_contains_no_version_stages(client, db):
    assert "VersionStages" not in client.update_secret(SecretId="db", SecretString="two")


# --- Labels ---


@behaviour(UPDATE, "the next value deprecates the version that was AWSPREVIOUS", "AWS-VERIFIED", DESCRIPTION)
def test_an_update_deprecates_the_version_that_was_previous(client, db):
    client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2)

    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)

    assert labels_of(client) == {V2: {"AWSPREVIOUS"}, V3: {"AWSCURRENT"}}
    assert client.get_secret_value(SecretId="db", VersionId=V1)["SecretString"] == "one"


@behaviour(
    UPDATE,
    "custom labels stay on the version that AWSCURRENT leaves, and on every other",
    "GUESS",
    "recorded for PutSecretValue and UpdateSecretVersionStage",
    decided_by="plain calls",
)
def test_custom_labels_stay(client, db):
    client.put_secret_value(
        SecretId="db", SecretString="two", ClientRequestToken=V2, VersionStages=["AWSCURRENT", "blue"]
    )
    client.put_secret_value(SecretId="db", SecretString="three", ClientRequestToken=V3, VersionStages=["green"])

    client.update_secret(SecretId="db", SecretString="four", ClientRequestToken=V4)

    assert labels_of(client) == {V2: {"AWSPREVIOUS", "blue"}, V3: {"green"}, V4: {"AWSCURRENT"}}


@behaviour(
    UPDATE,
    "removes AWSPENDING from the version that was current",
    "GUESS",
    "recorded for PutSecretValue",
    decided_by="plain calls",
)
def test_pending_is_removed_from_the_former_current_version(client, db):
    client.put_secret_value(
        SecretId="db", SecretString="two", ClientRequestToken=V2, VersionStages=["AWSCURRENT", "AWSPENDING"]
    )

    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)

    assert labels_of(client) == {V2: {"AWSPREVIOUS"}, V3: {"AWSCURRENT"}}


@behaviour(UPDATE, "removes AWSPENDING from any other version, which abandons the rotation", "AWS-DOC", ABANDONED)
@rows("others", [[], ["blue"]])
def test_a_new_value_abandons_a_rotation(client, db, others):
    client.put_secret_value(
        SecretId="db", SecretString="two", ClientRequestToken=V2, VersionStages=["AWSPENDING", *others]
    )

    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)

    expected = {V1: {"AWSPREVIOUS"}, V2: set(others), V3: {"AWSCURRENT"}}
    assert labels_of(client) == {version: labels for version, labels in expected.items() if labels}


@behaviour(UPDATE, "removes AWSPENDING from a rotation's placeholder too", "AWS-DOC", ABANDONED)
def test_a_pending_rotation_without_a_value_is_abandoned(client, secrets_backend, db):
    begin_rotation(secrets_backend, V2)

    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)

    assert labels_of(client) == {V1: {"AWSPREVIOUS"}, V3: {"AWSCURRENT"}}


@behaviour(
    UPDATE, "metadata alone doesn't affect a running rotation", "GUESS", "no version is made", decided_by="plain calls"
)
def test_a_metadata_update_leaves_a_rotation_alone(client, secrets_backend, db):
    begin_rotation(secrets_backend, V2)

    client.update_secret(SecretId="db", Description="new", KmsKeyId=KEY)

    assert labels_of(client) == {V1: {"AWSCURRENT"}, V2: {"AWSPENDING"}}


@behaviour(
    UPDATE,
    "the first value of a secret is AWSCURRENT, and no version is AWSPREVIOUS",
    "AWS-DOC",
    "AWS API reference, UpdateSecret: AWSPREVIOUS goes to 'the version that AWSCURRENT was removed from'",
)
def test_the_first_value_can_be_set_by_an_update(client):
    client.create_secret(Name="db")

    client.update_secret(SecretId="db", SecretString="one", ClientRequestToken=V1)

    assert labels_of(client) == {V1: {"AWSCURRENT"}}


@behaviour(
    UPDATE,
    "SecretBinary takes any bytes, and text and bytes can follow one another",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_change_secret_value_after_creation, for the bytes",
)
def test_bytes_can_replace_text(client, db):
    client.update_secret(SecretId="db", SecretBinary=bytes(range(256)))

    answer = client.get_secret_value(SecretId="db")

    assert answer["SecretBinary"] == bytes(range(256))
    assert "SecretString" not in answer
    assert client.get_secret_value(SecretId="db", VersionStage="AWSPREVIOUS")["SecretString"] == "one"


# --- Metadata ---


@behaviour(UPDATE, "Description replaces the previous one", "AWS-VERIFIED", DESCRIPTION)
def test_a_description_is_replaced(client, db):
    client.update_secret(SecretId="db", Description="old")

    client.update_secret(SecretId="db", Description="new")

    assert client.describe_secret(SecretId="db")["Description"] == "new"


@behaviour(
    UPDATE, "an empty Description removes it", "REPORTED", "acceptance tests of GitHub hashicorp/terraform-provider-aws"
)
def test_an_empty_description_removes_it(client, db):
    client.update_secret(SecretId="db", Description="old")

    client.update_secret(SecretId="db", Description="")

    assert "Description" not in client.describe_secret(SecretId="db")


@behaviour(UPDATE, "what is not given stays: description, key, tags", "AWS-VERIFIED", DESCRIPTION)
def test_omitted_parameters_leave_their_values_unchanged(client):
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
    "the key alone: no VersionId, no new version; LastChangedDate moves, and DescribeSecret shows the key as given",
    "AWS-VERIFIED",
    "recorded responses in GitHub cloud-custodian/cloud-custodian, set_encryption_key",
)
@pytest.mark.mock_secrets(at=NOON)
@rows("key", [KEY, "alias/mine", "alias/aws/secretsmanager"])
def test_the_key_alone_can_be_updated(client, secrets_backend, db, key):
    secrets_backend.clock.advance(hours=1)

    answer = client.update_secret(SecretId="db", KmsKeyId=key)

    described = client.describe_secret(SecretId="db")
    assert members(answer) == {"ARN": db, "Name": "db"}
    assert described["KmsKeyId"] == key
    assert described["LastChangedDate"] == NOON + timedelta(hours=1)
    assert labels_of(client) == {V1: {"AWSCURRENT"}}


@behaviour(UPDATE, "an empty KmsKeyId goes back to the default key", "AWS-DOC", "AWS API reference, KmsKeyId")
def test_an_empty_key_means_the_default_key(client, db):
    client.update_secret(SecretId="db", KmsKeyId=KEY)

    client.update_secret(SecretId="db", KmsKeyId="")

    assert "KmsKeyId" not in client.describe_secret(SecretId="db")


@behaviour(
    UPDATE, "a value and a key: the new version is encrypted with the new key", "AWS-DOC", "AWS API reference, KmsKeyId"
)
def test_a_value_updated_with_a_key_is_encrypted_with_that_key(client, secrets_backend, db):
    client.update_secret(SecretId="db", SecretString="two", KmsKeyId=KEY, ClientRequestToken=V2)

    keys = {version.id: version.key_ids for version in stored(secrets_backend).versions}

    assert keys[V2] == [KEY]
    assert client.describe_secret(SecretId="db")["KmsKeyId"] == KEY


@behaviour(
    UPDATE,
    "a new key re-encrypts the versions AWSCURRENT, AWSPENDING and AWSPREVIOUS, which the old key "
    "can still decrypt; others keep their key",
    "AWS-DOC",
    "AWS API reference, KmsKeyId; AWS User Guide, encryption",
)
def test_a_new_key_reencrypts_the_labelled_versions(client, secrets_backend, four_versions):
    client.update_secret(SecretId="db", KmsKeyId=KEY)

    keys = {version.id: version.key_ids for version in stored(secrets_backend).versions}

    both = ["DefaultEncryptionKey", KEY]
    assert keys == {V1: ["DefaultEncryptionKey"], V2: both, V3: both, V4: both}


@behaviour(
    UPDATE,
    "Type is stored and shown, and is absent if it is empty",
    "AWS-DOC",
    "botocore service model, UpdateSecret$Type, DescribeSecret: 'only returns fields that have a value'",
)
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
    UPDATE,
    "a secret that doesn't exist: ResourceNotFoundException",
    "AWS-DOC",
    "botocore service model, the errors of the operation; the sentence is recorded for other operations",
)
@rows("request_members", [{}, {"Description": "new"}, {"SecretString": "one"}])
def test_updating_a_missing_secret_is_refused(client, secrets_backend, request_members):
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
@rows(
    "request_members",
    [
        {"SecretString": "two"},
        {"SecretString": "two", "ClientRequestToken": V1},
        {"Description": "new"},
        {"KmsKeyId": KEY},
    ],
)
def test_update_secret_refuses_a_managed_secret(client, secrets_backend, db, request_members):
    stored(secrets_backend).owning_service = "rds"
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        client.update_secret(SecretId="db", **request_members)

    assert snapshot(secrets_backend) == before


@behaviour(UPDATE, "an error changes neither value nor metadata", "AWS-DOC", "AWS API reference, UpdateSecret")
@rows(
    "request_members, code",
    [
        ({"SecretString": ""}, "ValidationException"),
        ({"SecretString": "x" * 65_537}, "ValidationException"),
        ({"SecretString": "two", "SecretBinary": b"two"}, "InvalidParameterException"),
        ({"SecretString": "two", "ClientRequestToken": V1}, "ResourceExistsException"),
        ({"SecretString": "two", "ClientRequestToken": V2}, "LimitExceededException"),
    ],
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
