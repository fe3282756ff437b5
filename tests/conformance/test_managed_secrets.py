"""Secrets that another AWS service owns: readable as any, to be changed by that service alone."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from conformance.fidelity import behaviour
from conformance.policies import NAMED, OURS, policy_of, put
from conformance.raw import all_versions, members, snapshot
from conformance.replicating import regions, replicas
from conformance.rotation_functions import idle
from tables import rows

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
NAME = "rds!db-0a1b2c3d-4e5f-4a6b-8c7d-0a1b2c3d4e5f"
CONNECTION = "events!connection/mine/0a1b2c3d-4e5f-4a6b-8c7d-0a1b2c3d4e5f"
LOGIN = {"username": "admin", "password": "old"}
OWNER_TAG = {"Key": "aws:secretsmanager:owningService", "Value": "rds"}
TEAM_TAG = {"Key": "team", "Value": "core"}
V2 = "22222222-2222-4222-8222-222222222222"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
WEEKLY = {"AutomaticallyAfterDays": 7}

MODEL = "botocore service model"
REFUSALS = f"{MODEL}, InvalidRequestException; AWS User Guide, troubleshooting"
DELETING = "AWS User Guide, secrets managed by other services: it may refuse deletion without a recovery period"
CUSTODIAN = "recorded responses in GitHub cloud-custodian/cloud-custodian"
CONNECTIONS = "LocalStack AWS-validated snapshots of the secrets of events"
SYSTEM_TAGS = "AWS User Guide, tagging secrets; the code: GitHub cloud-custodian/cloud-custodian#9093"
LIVE = "GitHub floci-io/floci#2378, confirmed against an AWS account"
POLICIES = "GitHub alchemy-run/alchemy#1598"
NO_REFUSAL = "no source refuses it"
OWNED = "a managed secret"

at_noon = pytest.mark.mock_secrets(at=NOON)


@pytest.fixture
def managed(client, secrets_backend):
    """The ARN of a secret with a user and a password, which belongs to RDS."""
    return secrets_backend.create_managed_secret("rds", NAME, LOGIN).arn


def all_that_is_known(client, backend):
    """What a refused call must leave as it was, rotation and policy with the rest."""
    described = members(client.describe_secret(SecretId=NAME))
    return [snapshot(backend, NAME), described, client.get_resource_policy(SecretId=NAME).get("ResourcePolicy")]


def found(client, key, *values):
    """The names that a filter of ListSecrets finds."""
    entries = client.list_secrets(Filters=[{"Key": key, "Values": list(values)}])["SecretList"]
    return [entry["Name"] for entry in entries]


# --- Whose it is ---


@behaviour(
    "DescribeSecret",
    "OwningService names the service that manages the secret, and is otherwise absent",
    "AWS-VERIFIED",
    "moto tests marked aws_verified of the secrets of events and rds",
)
@behaviour(
    "DescribeSecret", "a managed secret shows OwningService and the tag of its owner", "AWS-VERIFIED", CONNECTIONS
)
@behaviour("ListSecrets", "a managed secret shows OwningService and the tag of its owner", "AWS-VERIFIED", CUSTODIAN)
def test_a_managed_secret_shows_its_owner(client, secrets_backend):
    secrets_backend.create_managed_secret("events", CONNECTION, LOGIN)
    client.create_secret(Name="db", SecretString="one")

    assert "OwningService" not in client.describe_secret(SecretId="db")
    for shown in (client.describe_secret(SecretId=CONNECTION), client.list_secrets()["SecretList"][0]):
        assert (shown["Name"], shown["OwningService"]) == (CONNECTION, "events")
        assert shown["Tags"] == [{"Key": "aws:secretsmanager:owningService", "Value": "events"}]


@behaviour("ListSecrets", "a rotated managed secret shows its rules and no Lambda function", "REPORTED", LIVE)
def test_a_rotated_managed_secret_is_listed_with_rules_and_no_lambda(client, managed):
    client.rotate_secret(SecretId=NAME, RotationRules=WEEKLY)

    (entry,) = client.list_secrets()["SecretList"]
    assert (entry["OwningService"], entry["RotationEnabled"], entry["RotationRules"]) == ("rds", True, WEEKLY)
    assert "RotationLambdaARN" not in entry


@behaviour(
    "CreateSecret",
    "a secret whose name looks like a managed one has no owner",
    "AWS-DOC",
    "botocore service model, DescribeSecret$OwningService: 'The ID of the service that created this secret'",
)
def test_a_name_alone_does_not_set_an_owner(client):
    client.create_secret(Name=NAME, SecretString="one")

    client.update_secret(SecretId=NAME, SecretString="two")

    assert "OwningService" not in client.describe_secret(SecretId=NAME)
    assert client.get_secret_value(SecretId=NAME)["SecretString"] == "two"


@behaviour("CreateSecret", "the name of a managed secret is taken: ResourceExistsException", "AWS-DOC", MODEL)
def test_the_name_stays_taken(client, secrets_backend, managed):
    before = all_that_is_known(client, secrets_backend)

    with pytest.raises(client.exceptions.ResourceExistsException):
        client.create_secret(Name=NAME, SecretString="ours")

    assert all_that_is_known(client, secrets_backend) == before


# --- Reading it ---


@behaviour(
    "GetSecretValue",
    "works on a secret that another service manages",
    "AWS-VERIFIED",
    CONNECTIONS,
)
@behaviour("GetSecretValue", "a managed secret is read like any other, by its name or ARN", "AWS-VERIFIED", CONNECTIONS)
@rows("by", ["Name", "ARN"])
@at_noon
def test_a_managed_secret_can_be_read_by_name_or_arn(client, secrets_backend, by):
    connection = secrets_backend.create_managed_secret("events", CONNECTION, LOGIN)

    answer = members(client.get_secret_value(SecretId={"Name": CONNECTION, "ARN": connection.arn}[by]))

    assert json.loads(answer.pop("SecretString")) == LOGIN
    assert answer == {
        "ARN": connection.arn,
        "Name": CONNECTION,
        "VersionId": connection.stages["AWSCURRENT"].id,
        "VersionStages": ["AWSCURRENT"],
        "CreatedDate": NOON,
    }


@behaviour(
    "BatchGetSecretValue",
    "a managed secret is read like any other",
    "GUESS",
    "as GetSecretValue",
    decided_by=OWNED,
)
@rows("request_members", [{"SecretIdList": [NAME]}, {"Filters": [{"Key": "owning-service", "Values": ["rds"]}]}])
def test_a_managed_secret_is_read_in_a_batch(client, managed, request_members):
    client.create_secret(Name="db", SecretString="one")

    answer = client.batch_get_secret_value(**request_members)

    ((entry,), errors) = answer["SecretValues"], answer["Errors"]
    assert (entry["ARN"], json.loads(entry["SecretString"]), errors) == (managed, LOGIN, [])


@behaviour(
    "ListSecretVersionIds",
    "the versions of a managed secret are listed like any other's",
    "GUESS",
    NO_REFUSAL,
    decided_by=OWNED,
)
def test_the_versions_of_a_managed_secret_are_listed(client, secrets_backend, managed):
    client.rotate_secret(SecretId=NAME, ClientRequestToken=V2)

    labels = {version["VersionId"]: version["VersionStages"] for version in all_versions(client, SecretId=NAME)}

    assert labels.pop(V2) == ["AWSCURRENT"]
    assert list(labels.values()) == [["AWSPREVIOUS"]]


@behaviour("ListSecrets", "owning-service finds the secrets of a service", "AWS-DOC", MODEL)
@behaviour("ListSecrets", "tag-key and tag-value find the tag of the owner", "AWS-DOC", MODEL)
@behaviour("ListSecrets", "name finds a name that has an exclamation mark in it", "AWS-DOC", MODEL)
@rows(
    "key, value",
    [
        ("owning-service", "rds"),
        ("owning-service", "!events"),
        ("tag-key", "aws:secretsmanager:owningService"),
        ("tag-value", "rds"),
        ("name", "rds!"),
        ("name", "!events!"),
        ("all", "rds"),
    ],
)
def test_filters_find_a_managed_secret(client, secrets_backend, managed, key, value):
    secrets_backend.create_managed_secret("events", CONNECTION, LOGIN)
    client.create_secret(Name="db", SecretString="one")

    names = found(client, key, value)

    assert NAME in names
    assert (CONNECTION in names) is (key == "tag-key")
    assert ("db" in names) is value.startswith("!")


# --- Changing it ---


@behaviour("UpdateSecret", "a managed secret: InvalidRequestException, and nothing is changed", "AWS-DOC", REFUSALS)
@behaviour("PutSecretValue", "a managed secret: InvalidRequestException, and nothing is changed", "AWS-DOC", REFUSALS)
@behaviour(
    "UpdateSecretVersionStage",
    "a managed secret: InvalidRequestException however the label is moved, and nothing is changed",
    "AWS-DOC",
    "botocore service model, InvalidRequestException: 'The secret is managed by another service'",
)
@rows(
    "operation, asked",
    [
        ("update_secret", {"Description": "ours"}),
        ("update_secret", {"KmsKeyId": KEY}),
        ("update_secret", {"SecretString": "ours"}),
        ("update_secret", {"SecretBinary": b"ours"}),
        ("update_secret", {"Description": "ours", "KmsKeyId": KEY, "SecretString": json.dumps(LOGIN)}),
        ("put_secret_value", {"SecretString": "ours"}),
        ("put_secret_value", {"SecretString": "ours", "VersionStages": ["AWSPENDING"]}),
        ("put_secret_value", {"SecretString": "ours", "VersionStages": ["blue"]}),
        # Versions are named by a label that they have.
        ("update_secret_version_stage", {"VersionStage": "blue", "MoveToVersionId": "AWSCURRENT"}),
        (
            "update_secret_version_stage",
            {"VersionStage": "AWSCURRENT", "RemoveFromVersionId": "AWSCURRENT", "MoveToVersionId": "AWSPREVIOUS"},
        ),
        ("update_secret_version_stage", {"VersionStage": "AWSPREVIOUS", "RemoveFromVersionId": "AWSPREVIOUS"}),
    ],
)
def test_changing_a_managed_secret_is_refused(client, secrets_backend, managed, operation, asked):
    client.rotate_secret(SecretId=NAME)
    stages = secrets_backend[NAME].stages
    versions = {end: stages[label].id for end, label in asked.items() if end.endswith("VersionId")}
    before = all_that_is_known(client, secrets_backend)
    secrets_backend.clock.advance(hours=1)

    with pytest.raises(client.exceptions.InvalidRequestException):
        getattr(client, operation)(SecretId=managed, **{**asked, **versions})

    assert all_that_is_known(client, secrets_backend) == before


# --- Rotating it ---


@behaviour("RotateSecret", "a managed secret with rules and a Lambda function: neither is stored", "REPORTED", LIVE)
def test_rotating_a_managed_secret_with_a_lambda_is_refused(client, secrets_backend, managed):
    client.rotate_secret(SecretId=NAME, RotationRules=WEEKLY)
    function = secrets_backend.register_rotation_lambda("rotator", idle)
    before = all_that_is_known(client, secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        client.rotate_secret(SecretId=NAME, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 30})

    assert all_that_is_known(client, secrets_backend) == before


@behaviour(
    "CancelRotateSecret",
    "a managed secret keeps its value afterwards",
    "GUESS",
    "as for other secrets",
    decided_by=OWNED,
)
@behaviour(
    "RotateSecret",
    "a managed secret whose rotation was cancelled can be rotated again",
    "GUESS",
    "as other secrets",
    decided_by=OWNED,
)
@at_noon
def test_a_cancelled_rotation_can_be_resumed(client, secrets_backend, managed):
    client.rotate_secret(SecretId=NAME, RotationRules=WEEKLY)
    rotated = secrets_backend[NAME].json["password"]

    client.cancel_rotate_secret(SecretId=NAME)
    secrets_backend.clock.advance(days=60)
    assert secrets_backend[NAME].json["password"] == rotated
    client.rotate_secret(SecretId=NAME, ClientRequestToken=V2)

    assert secrets_backend[NAME].stages["AWSCURRENT"].id == V2
    assert client.describe_secret(SecretId=NAME)["RotationRules"] == WEEKLY


# --- Its resource policy ---


@behaviour("PutResourcePolicy", "a managed secret takes a policy", "REPORTED", POLICIES)
@behaviour(
    "GetResourcePolicy",
    "the policy of a managed secret can be read",
    "GUESS",
    "as PutResourcePolicy",
    decided_by=OWNED,
)
@behaviour(
    "DeleteResourcePolicy",
    "the policy of a managed secret can be deleted",
    "GUESS",
    "as PutResourcePolicy",
    decided_by=OWNED,
)
def test_a_managed_secret_can_have_a_user_policy(client, managed):
    answer = put(client, OURS, SecretId=NAME)
    there = policy_of(client, NAME)

    deleted = client.delete_resource_policy(SecretId=NAME)

    assert members(answer) == members(deleted) == {"ARN": managed, "Name": NAME} | NAMED
    assert there == OURS
    assert policy_of(client, NAME) is None


# --- Its tags ---


@behaviour(
    "TagResource", "a managed secret takes tags, which follow its owner's", "GUESS", NO_REFUSAL, decided_by=OWNED
)
@behaviour(
    "UntagResource",
    "tags can be removed from a managed secret, and its owner's stays",
    "GUESS",
    NO_REFUSAL,
    decided_by=OWNED,
)
def test_a_managed_secret_can_have_user_tags(client, managed):
    client.tag_resource(SecretId=NAME, Tags=[TEAM_TAG, {"Key": "cost", "Value": "1"}])
    tagged = client.describe_secret(SecretId=NAME)["Tags"]

    client.untag_resource(SecretId=NAME, TagKeys=["cost"])

    assert tagged == [OWNER_TAG, TEAM_TAG, {"Key": "cost", "Value": "1"}]
    assert client.describe_secret(SecretId=NAME)["Tags"] == [OWNER_TAG, TEAM_TAG]


@behaviour(
    "UntagResource",
    "a system tag can't be removed",
    "AWS-DOC",
    "AWS API reference of 2021, TagResource: 'You can't edit or delete tag names or values with this prefix'",
)
@behaviour(
    "UntagResource",
    "removing a system tag: the code is InvalidParameterException, and nothing is removed",
    "GUESS",
    "reported for TagResource",
    decided_by="a managed secret",
)
@behaviour(
    "TagResource", "the tag of the owner can't be added, nor can other tags in the same call", "AWS-DOC", SYSTEM_TAGS
)
@behaviour(
    "UntagResource",
    "the tag of the owner can't be removed, nor can other tags in the same call",
    "AWS-DOC",
    SYSTEM_TAGS,
)
@rows(
    "operation, asked",
    [
        ("tag_resource", {"Tags": [TEAM_TAG, {**OWNER_TAG, "Value": "events"}]}),
        ("tag_resource", {"Tags": [TEAM_TAG, OWNER_TAG]}),
        ("untag_resource", {"TagKeys": ["cost", OWNER_TAG["Key"]]}),
    ],
)
def test_the_owner_tag_can_be_neither_changed_nor_removed(client, secrets_backend, managed, operation, asked):
    client.tag_resource(SecretId=NAME, Tags=[{"Key": "cost", "Value": "1"}])
    before = all_that_is_known(client, secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        getattr(client, operation)(SecretId=NAME, **asked)

    assert all_that_is_known(client, secrets_backend) == before


# --- Its replicas ---


@behaviour(
    "ReplicateSecretToRegions",
    "a managed secret can be replicated, and keeps its owner",
    "GUESS",
    NO_REFUSAL,
    decided_by=OWNED,
)
@behaviour(
    "RemoveRegionsFromReplication",
    "the replicas of a managed secret can be removed",
    "GUESS",
    NO_REFUSAL,
    decided_by=OWNED,
)
@behaviour(
    "ReplicateSecretToRegions",
    "the replica of a managed secret follows its rotation",
    "GUESS",
    "as other replicas do",
    decided_by=OWNED,
)
def test_a_managed_secret_is_replicated_with_its_rotation(client, elsewhere, managed):
    client.replicate_secret_to_regions(SecretId=NAME, AddReplicaRegions=regions("eu-west-1"))
    first = json.loads(elsewhere.get_secret_value(SecretId=NAME)["SecretString"])
    client.rotate_secret(SecretId=NAME, ClientRequestToken=V2)
    here, there = (one.get_secret_value(SecretId=NAME) for one in (client, elsewhere))
    states = replicas(client, NAME)

    client.remove_regions_from_replication(SecretId=NAME, RemoveReplicaRegions=["eu-west-1"])

    assert (first, there["VersionId"]) == (LOGIN, V2)
    assert there["SecretString"] == here["SecretString"] != json.dumps(LOGIN)
    assert (states, replicas(client, NAME)) == ({"eu-west-1": "InSync"}, {})
    assert client.describe_secret(SecretId=NAME)["OwningService"] == "rds"


# --- Deleting and restoring it ---


@behaviour("DeleteSecret", "a managed secret with force: InvalidRequestException", "GUESS", DELETING, decided_by=OWNED)
@behaviour(
    "DeleteSecret",
    "a managed secret in its recovery window, with force: InvalidRequestException",
    "GUESS",
    DELETING,
    decided_by=OWNED,
)
@rows("is_scheduled", [False, True])
def test_force_deleting_a_managed_secret_is_refused(client, secrets_backend, managed, is_scheduled):
    if is_scheduled:
        client.delete_secret(SecretId=NAME)
    before = snapshot(secrets_backend, NAME)

    with pytest.raises(client.exceptions.InvalidRequestException):
        client.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)

    assert snapshot(secrets_backend, NAME) == before


@behaviour(
    "DeleteSecret",
    "a managed secret gets a recovery window, and is gone afterwards",
    "GUESS",
    DELETING,
    decided_by=OWNED,
)
@at_noon
def test_a_managed_secret_can_be_deleted_with_a_recovery_window(client, secrets_backend, managed):
    answer = client.delete_secret(SecretId=NAME, RecoveryWindowInDays=7)
    during = client.describe_secret(SecretId=NAME)
    secrets_backend.clock.advance(days=7)
    client.create_secret(Name=NAME, SecretString="ours")

    assert members(answer) == {"ARN": managed, "Name": NAME, "DeletionDate": NOON + timedelta(days=7)}
    assert (during["DeletedDate"], during["OwningService"], during["Tags"]) == (NOON, "rds", [OWNER_TAG])
    assert client.describe_secret(SecretId=NAME).keys().isdisjoint({"OwningService", "Tags"})


@behaviour(
    "RestoreSecret", "a managed secret comes back with its owner, tags and value", "GUESS", NO_REFUSAL, decided_by=OWNED
)
def test_a_managed_secret_can_be_restored(client, managed):
    client.delete_secret(SecretId=NAME)

    answer = client.restore_secret(SecretId=NAME)

    described = client.describe_secret(SecretId=NAME)
    assert members(answer) == {"ARN": managed, "Name": NAME}
    assert (described["OwningService"], described["Tags"]) == ("rds", [OWNER_TAG])
    assert json.loads(client.get_secret_value(SecretId=NAME)["SecretString"]) == LOGIN
    with pytest.raises(client.exceptions.InvalidRequestException):
        client.update_secret(SecretId=NAME, SecretString="ours")
