"""DescribeSecret: what is shown of a secret, and its dates."""

import pytest
from conformance.fidelity import behaviour
from conformance.raw import begin_rotation, members
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
DESCRIBE = "DescribeSecret"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TAGS = [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": ""}]

LAST_CHANGED = "LocalStack AWS-validated test test_last_updated_date"
LAST_ACCESSED = "LocalStack AWS-validated test test_last_accessed_date"
SNAPSHOTS = "every LocalStack AWS-validated snapshot of DescribeSecret"
CLOUD_CUSTODIAN = "recorded responses in GitHub cloud-custodian/cloud-custodian, set_encryption_key"


# --- Members ---


_GIVEN_AND_SHOWN = {
    "only a name": ({}, {}),
    "a value": ({"SecretString": "one", "ClientRequestToken": V1}, {"VersionIdsToStages": {V1: ["AWSCURRENT"]}}),
    "an empty list of tags": ({"Tags": []}, {"Tags": []}),
    "tags": ({"Tags": TAGS}, {"Tags": TAGS}),
}


@behaviour(
    DESCRIBE,
    "a minimal secret shows only ARN, Name, CreatedDate and LastChangedDate",
    "AWS-VERIFIED",
    SNAPSHOTS,
    shown_by=("only a name",),
)
@behaviour(
    DESCRIBE,
    "a secret without a value has no VersionIdsToStages",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_create_secret_version_from_empty_secret",
)
@behaviour(
    DESCRIBE, "a secret with a value also shows its version and label", "AWS-VERIFIED", SNAPSHOTS, shown_by=("a value",)
)
@behaviour(
    DESCRIBE, "Tags is absent until tags are set", "AWS-VERIFIED", "LocalStack AWS-validated test test_secret_tags"
)
@behaviour(
    DESCRIBE,
    "an empty list of tags at creation is shown as an empty list",
    "REPORTED",
    "recorded responses in GitHub cloud-custodian/cloud-custodian, replica_attribute, show an empty list",
    shown_by=("an empty list of tags",),
)
@behaviour(
    DESCRIBE,
    "LastAccessedDate is absent before the first GetSecretValue",
    "AWS-VERIFIED",
    LAST_ACCESSED,
    shown_by=("only a name",),
)
@behaviour(
    DESCRIBE, "members of rotation, replication and deletion are absent if they don't apply", "AWS-VERIFIED", SNAPSHOTS
)
@rows("given, shown", _GIVEN_AND_SHOWN)
def test_a_secret_shows_its_name_and_dates_and_otherwise_only_what_was_given(client, given, shown):
    arn = client.create_secret(Name="db", **given)["ARN"]

    described = members(client.describe_secret(SecretId="db"))

    assert described.pop("CreatedDate")
    assert described.pop("LastChangedDate")
    assert described == {"ARN": arn, "Name": "db", **shown}


@behaviour(DESCRIBE, "Description is shown unless it is empty", "AWS-VERIFIED", SNAPSHOTS)
@behaviour(
    "CreateSecret",
    "an empty Description is accepted and then absent",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_create_secret_version_from_empty_secret",
    shown_by=("empty",),
)
@rows("text, shown", {"words": ("words", "words"), "empty": ("", None)})
def test_a_description_is_shown_unless_empty(client, text, shown):
    client.create_secret(Name="db", Description=text)

    assert client.describe_secret(SecretId="db").get("Description") == shown


@behaviour(DESCRIBE, "KmsKeyId is absent for the default key", "AWS-VERIFIED", SNAPSHOTS, shown_by=("none",))
@behaviour(
    "CreateSecret",
    "an empty KmsKeyId means the default key",
    "AWS-DOC",
    "botocore service model, length 0 to 2048",
    shown_by=("empty",),
)
@rows("key", {"none": {}, "empty": {"KmsKeyId": ""}})
def test_the_default_key_is_not_shown(client, key):
    client.create_secret(Name="db", **key)

    assert "KmsKeyId" not in client.describe_secret(SecretId="db")


@behaviour(
    DESCRIBE,
    "a secret that doesn't exist: ResourceNotFoundException",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_cfn_handle_secretsmanager_secret",
)
def test_describing_a_nonexistent_secret_is_refused(client):
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="can't find the specified secret"):
        client.describe_secret(SecretId="missing")


@behaviour(DESCRIBE, "only versions that have a label are shown", "AWS-VERIFIED", SNAPSHOTS)
def test_describe_secret_does_not_show_a_deprecated_version(client):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
    client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2)
    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)

    described = client.describe_secret(SecretId="db")

    assert described["VersionIdsToStages"] == {V2: ["AWSPREVIOUS"], V3: ["AWSCURRENT"]}


@behaviour(
    DESCRIBE,
    "the placeholder of a running rotation is shown, although it has no value",
    "REPORTED",
    "GitHub aws-samples/aws-secrets-manager-rotation-lambdas#16",
)
def test_a_rotation_placeholder_is_shown(client, secrets_backend):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
    begin_rotation(secrets_backend, V2)

    described = client.describe_secret(SecretId="db")

    assert described["VersionIdsToStages"] == {V1: ["AWSCURRENT"], V2: ["AWSPENDING"]}


@behaviour(
    DESCRIBE,
    "versions are in the order of their ids",
    "AWS-VERIFIED",
    "recordings of GitHub google/go-cloud, runtimevar/awssecretsmanager",
)
def test_described_versions_are_ordered_by_their_ids(client):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V2)
    client.put_secret_value(SecretId="db", SecretString="two", ClientRequestToken=V3, VersionStages=["a"])
    client.put_secret_value(SecretId="db", SecretString="three", ClientRequestToken=V1, VersionStages=["b"])

    assert list(client.describe_secret(SecretId="db")["VersionIdsToStages"]) == [V1, V2, V3]


@behaviour(
    DESCRIBE,
    "labels are not in alphabetical order: USEME before AWSCURRENT, AWSPREVIOUS before WTFTESTING",
    "GUESS",
    "no source that can be looked up; outputs with these labels were quoted in public",
    decided_by="plain calls",
)
@rows("labels", [["USEME", "AWSCURRENT"], ["AWSPREVIOUS", "WTFTESTING"], ["AWSCURRENT", "AWSPENDING"]])
def test_labels_are_ordered_as_in_published_outputs(client, labels):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
    client.put_secret_value(
        SecretId="db", SecretString="two", ClientRequestToken=V2, VersionStages=list(reversed(labels))
    )

    assert client.describe_secret(SecretId="db")["VersionIdsToStages"][V2] == labels


@behaviour(
    DESCRIBE,
    "KmsKeyId is shown as it was given, whether alias, id or ARN, even for aws/secretsmanager",
    "AWS-VERIFIED",
    CLOUD_CUSTODIAN,
)
@rows("key", ["alias/mine", "alias/aws/secretsmanager", "1234abcd-12ab-34cd-56ef-1234567890ab", KEY])
def test_describe_secret_shows_a_key_as_given(client, key):
    client.create_secret(Name="db", KmsKeyId=key)

    assert client.describe_secret(SecretId="db")["KmsKeyId"] == key


# --- Dates ---


@behaviour(
    "Dates: LastAccessedDate",
    "is absent before the first GetSecretValue, whatever else is called",
    "AWS-VERIFIED",
    LAST_ACCESSED,
)
@behaviour("Dates: LastAccessedDate", "moving a label by hand is no access", "AWS-VERIFIED", LAST_ACCESSED)
def test_there_is_no_access_date_before_the_first_read(client):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
    client.describe_secret(SecretId="db")
    client.list_secret_version_ids(SecretId="db")
    client.update_secret(SecretId="db", SecretString="two")
    client.put_secret_value(SecretId="db", SecretString="three")
    client.update_secret_version_stage(SecretId="db", VersionStage="blue", MoveToVersionId=V1)
    client.delete_secret(SecretId="db")
    client.restore_secret(SecretId="db")

    assert "LastAccessedDate" not in client.describe_secret(SecretId="db")


@behaviour(
    DESCRIBE,
    "a GetSecretValue that fails is no access",
    "AWS-DOC",
    "botocore service model, DescribeSecret$LastAccessedDate: 'never been retrieved'",
)
def test_a_failed_read_does_not_count_as_access(client):
    client.create_secret(Name="db", SecretString="one")

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_secret_value(SecretId="db", VersionStage="missing")

    assert "LastAccessedDate" not in client.describe_secret(SecretId="db")


@behaviour(DESCRIBE, "describing changes nothing", "AWS-VERIFIED", LAST_CHANGED)
def test_describing_a_secret_changes_nothing(client):
    client.create_secret(Name="db", SecretString="one", Description="words", Tags=[{"Key": "a", "Value": "b"}])

    assert members(client.describe_secret(SecretId="db")) == members(client.describe_secret(SecretId="db"))
