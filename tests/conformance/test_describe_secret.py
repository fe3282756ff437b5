"""DescribeSecret: what is shown of a secret, and its dates."""

from datetime import datetime, timedelta, timezone

import pytest
from conformance.fidelity import behaviour
from conformance.raw import begin_rotation, members, stored
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
DESCRIBE = "DescribeSecret"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)

LAST_CHANGED = "LocalStack AWS-validated test test_last_updated_date"
LAST_ACCESSED = "LocalStack AWS-validated test test_last_accessed_date"
SNAPSHOTS = "every LocalStack AWS-validated snapshot of DescribeSecret"
CLOUD_CUSTODIAN = "recorded responses in GitHub cloud-custodian/cloud-custodian, set_encryption_key"


# --- Members ---


@behaviour(
    DESCRIBE, "a minimal secret shows only ARN, Name, CreatedDate and LastChangedDate", "AWS-VERIFIED", SNAPSHOTS
)
@behaviour(
    DESCRIBE,
    "a secret without a value has no VersionIdsToStages",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_create_secret_version_from_empty_secret",
)
@pytest.mark.mock_secrets(at=NOON)
def test_a_minimal_secret_shows_only_arn_name_and_dates(client):
    arn = client.create_secret(Name="db")["ARN"]

    described = members(client.describe_secret(SecretId="db"))

    assert described == {"ARN": arn, "Name": "db", "CreatedDate": NOON, "LastChangedDate": NOON}


@behaviour(DESCRIBE, "a secret with a value also shows its version and label", "AWS-VERIFIED", SNAPSHOTS)
@pytest.mark.mock_secrets(at=NOON)
def test_a_secret_with_a_value_also_shows_its_version_and_label(client):
    arn = client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)["ARN"]

    described = members(client.describe_secret(SecretId="db"))

    assert described == {
        "ARN": arn,
        "Name": "db",
        "CreatedDate": NOON,
        "LastChangedDate": NOON,
        "VersionIdsToStages": {V1: ["AWSCURRENT"]},
    }


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


@behaviour(DESCRIBE, "versions are in the order of their ids", "REPORTED", "public outputs of DescribeSecret")
def test_versions_are_ordered_by_their_ids(client):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V2)
    client.put_secret_value(SecretId="db", SecretString="two", ClientRequestToken=V3, VersionStages=["a"])
    client.put_secret_value(SecretId="db", SecretString="three", ClientRequestToken=V1, VersionStages=["b"])

    assert list(client.describe_secret(SecretId="db")["VersionIdsToStages"]) == [V1, V2, V3]


@behaviour(
    DESCRIBE,
    "labels are not in alphabetical order: USEME before AWSCURRENT, AWSPREVIOUS before WTFTESTING",
    "REPORTED",
    "public outputs",
)
@rows("labels", [["USEME", "AWSCURRENT"], ["AWSPREVIOUS", "WTFTESTING"], ["AWSCURRENT", "AWSPENDING"]])
def test_labels_are_ordered_as_in_published_outputs(client, labels):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
    client.put_secret_value(
        SecretId="db", SecretString="two", ClientRequestToken=V2, VersionStages=list(reversed(labels))
    )

    assert client.describe_secret(SecretId="db")["VersionIdsToStages"][V2] == labels


@behaviour(DESCRIBE, "Description is shown unless it is empty", "AWS-VERIFIED", SNAPSHOTS)
@rows("given, shown", [("words", {"Description": "words"}), ("", {})])
def test_a_description_is_shown_unless_empty(client, given, shown):
    client.create_secret(Name="db", Description=given)

    described = client.describe_secret(SecretId="db")

    assert {name: value for name, value in described.items() if name == "Description"} == shown


@behaviour(
    DESCRIBE, "Tags is absent until tags are set", "AWS-VERIFIED", "LocalStack AWS-validated test test_secret_tags"
)
@behaviour(
    DESCRIBE, "an empty list of tags at creation is shown as an empty list", "REPORTED", "secrets made by the console"
)
@rows(
    "given, shown",
    [
        ({}, {}),
        ({"Tags": []}, {"Tags": []}),
        (
            {"Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": ""}]},
            {"Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": ""}]},
        ),
    ],
)
def test_tags_are_shown_once_set(client, given, shown):
    client.create_secret(Name="db", **given)

    described = client.describe_secret(SecretId="db")

    assert {name: value for name, value in described.items() if name == "Tags"} == shown


@behaviour(DESCRIBE, "KmsKeyId is absent for the default key", "AWS-VERIFIED", SNAPSHOTS)
def test_describe_secret_does_not_show_the_default_key(client):
    client.create_secret(Name="db", SecretString="one")

    assert "KmsKeyId" not in client.describe_secret(SecretId="db")


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


@behaviour(
    DESCRIBE,
    "OwningService names the service that manages the secret, and is otherwise absent",
    "AWS-VERIFIED",
    "moto tests marked aws_verified of the secrets of events and rds",
)
def test_describe_secret_shows_the_owning_service(client, secrets_backend):
    client.create_secret(Name="db", SecretString="one")
    secrets_backend.create("events!connection/mine/0a1b", "one")
    stored(secrets_backend, "events!connection/mine/0a1b").owning_service = "events"

    assert client.describe_secret(SecretId="events!connection/mine/0a1b")["OwningService"] == "events"
    assert "OwningService" not in client.describe_secret(SecretId="db")


@behaviour(
    DESCRIBE, "members of rotation, replication and deletion are absent if they don't apply", "AWS-VERIFIED", SNAPSHOTS
)
def test_events_that_never_happened_are_not_shown(client):
    client.create_secret(Name="db", SecretString="one", Description="words", Tags=[{"Key": "a", "Value": "b"}])
    client.get_secret_value(SecretId="db")

    assert members(client.describe_secret(SecretId="db")).keys() == {
        "ARN",
        "Name",
        "Description",
        "CreatedDate",
        "LastChangedDate",
        "LastAccessedDate",
        "Tags",
        "VersionIdsToStages",
    }


# --- Dates ---


@behaviour(DESCRIBE, "CreatedDate is the creation, in milliseconds, and never changes", "AWS-VERIFIED", SNAPSHOTS)
@pytest.mark.mock_secrets(at=NOON)
def test_the_creation_date_stays_the_same(client, secrets_backend):
    client.create_secret(Name="db", SecretString="one")
    secrets_backend.clock.advance(hours=1)
    client.update_secret(SecretId="db", SecretString="two", Description="words")

    assert client.describe_secret(SecretId="db")["CreatedDate"] == NOON


@behaviour(DESCRIBE, "LastChangedDate moves with each value, even with the same one", "AWS-VERIFIED", LAST_CHANGED)
@pytest.mark.mock_secrets(at=NOON)
@rows("operation", ["update_secret", "put_secret_value"])
@rows("value", ["one", "two"])
def test_a_new_value_updates_the_last_changed_date(client, secrets_backend, operation, value):
    client.create_secret(Name="db", SecretString="one")
    secrets_backend.clock.advance(minutes=5)

    getattr(client, operation)(SecretId="db", SecretString=value)

    assert client.describe_secret(SecretId="db")["LastChangedDate"] == NOON + timedelta(minutes=5)


@behaviour(
    DESCRIBE, "LastChangedDate moves with a value under any label", "AWS-DOC", "AWS API reference: modified in any way"
)
@pytest.mark.mock_secrets(at=NOON)
def test_a_value_under_another_label_updates_the_last_changed_date(client, secrets_backend):
    client.create_secret(Name="db", SecretString="one")
    secrets_backend.clock.advance(minutes=5)

    client.put_secret_value(SecretId="db", SecretString="two", VersionStages=["AWSPENDING"])

    assert client.describe_secret(SecretId="db")["LastChangedDate"] == NOON + timedelta(minutes=5)


@behaviour(
    DESCRIBE,
    "LastChangedDate moves with the metadata too",
    "AWS-DOC",
    "AWS API reference: modified in any way; GitHub cdklabs/cdk-monitoring-constructs#624",
)
@behaviour(DESCRIBE, "LastChangedDate moves with the key", "AWS-VERIFIED", CLOUD_CUSTODIAN)
@pytest.mark.mock_secrets(at=NOON)
@rows("change", [{"Description": "words"}, {"KmsKeyId": KEY}])
def test_changing_metadata_updates_the_last_changed_date(client, secrets_backend, change):
    client.create_secret(Name="db", SecretString="one")
    secrets_backend.clock.advance(days=1)

    client.update_secret(SecretId="db", **change)

    assert client.describe_secret(SecretId="db")["LastChangedDate"] == NOON + timedelta(days=1)


@behaviour(DESCRIBE, "LastChangedDate does not move by reading", "AWS-VERIFIED", LAST_CHANGED)
@pytest.mark.mock_secrets(at=NOON)
def test_reading_does_not_update_the_last_changed_date(client, secrets_backend):
    client.create_secret(Name="db", SecretString="one")
    secrets_backend.clock.advance(days=1)

    client.get_secret_value(SecretId="db")
    client.describe_secret(SecretId="db")

    assert client.describe_secret(SecretId="db")["LastChangedDate"] == NOON


@behaviour(
    DESCRIBE,
    "LastChangedDate does not move when PutSecretValue repeats a token with its value",
    "AWS-DOC",
    "AWS API reference, PutSecretValue: 'succeeds but does nothing'",
)
@behaviour(
    DESCRIBE,
    "LastChangedDate does not move when UpdateSecret repeats a token with its value, or changes nothing",
    "GUESS",
    "recorded answers don't show it",
    decided_by="plain calls",
)
@pytest.mark.mock_secrets(at=NOON)
@rows(
    "operation, request_members",
    [
        ("update_secret", {"SecretString": "one", "ClientRequestToken": V1}),
        ("put_secret_value", {"SecretString": "one", "ClientRequestToken": V1}),
        ("update_secret", {}),
    ],
)
def test_a_call_without_effect_does_not_update_the_last_changed_date(
    client, secrets_backend, operation, request_members
):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
    secrets_backend.clock.advance(days=1)

    getattr(client, operation)(SecretId="db", **request_members)

    assert client.describe_secret(SecretId="db")["LastChangedDate"] == NOON


@behaviour(DESCRIBE, "LastAccessedDate is absent before the first GetSecretValue", "AWS-VERIFIED", LAST_ACCESSED)
def test_there_is_no_access_date_before_the_first_read(client):
    client.create_secret(Name="db", SecretString="one")
    client.describe_secret(SecretId="db")
    client.update_secret(SecretId="db", SecretString="two")
    client.put_secret_value(SecretId="db", SecretString="three")

    assert "LastAccessedDate" not in client.describe_secret(SecretId="db")


@behaviour(DESCRIBE, "LastAccessedDate is the same for all reads of a day", "AWS-VERIFIED", LAST_ACCESSED)
@behaviour(
    DESCRIBE, "LastAccessedDate is the day of the read, at midnight UTC", "REPORTED", "public outputs; API samples"
)
@pytest.mark.mock_secrets(at=datetime(2026, 3, 1, 0, 30, tzinfo=timezone.utc))
def test_the_access_date_is_a_whole_day(client, secrets_backend):
    client.create_secret(Name="db", SecretString="one")
    days = []

    for hours in (0, 23, 1):
        secrets_backend.clock.advance(hours=hours)
        client.get_secret_value(SecretId="db")
        days.append(client.describe_secret(SecretId="db")["LastAccessedDate"])

    first, second = datetime(2026, 3, 1, tzinfo=timezone.utc), datetime(2026, 3, 2, tzinfo=timezone.utc)
    assert days == [first, first, second]


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


# --- Errors ---


@behaviour(
    DESCRIBE,
    "a secret that doesn't exist: ResourceNotFoundException",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_cfn_handle_secretsmanager_secret",
)
def test_describing_a_missing_secret(client):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.describe_secret(SecretId="missing")

    assert caught.value.response["Error"]["Message"] == "Secrets Manager can't find the specified secret."


@behaviour(DESCRIBE, "describing changes nothing", "AWS-VERIFIED", LAST_CHANGED)
def test_describing_a_secret_changes_nothing(client):
    client.create_secret(Name="db", SecretString="one", Description="words", Tags=[{"Key": "a", "Value": "b"}])

    assert members(client.describe_secret(SecretId="db")) == members(client.describe_secret(SecretId="db"))
