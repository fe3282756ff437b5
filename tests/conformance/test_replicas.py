"""Replicas: what they show, and how they follow their primary."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from conformance.fidelity import behaviour
from conformance.raw import all_versions, members
from conformance.replicas import KEY, NOON, POLICY, REPLICA, V1, V2, V3, create_with_history, look
from tables import rows

from mock_secrets import Limits

FOLLOWS = "Replication: a replica follows its primary"
MIDNIGHT = datetime(2026, 3, 1, tzinfo=timezone.utc)


CUSTODIAN = "recorded responses in GitHub cloud-custodian/cloud-custodian, replica_attribute"
MULTI_REGION = "AWS User Guide, multi-Region secrets"

at_noon = pytest.mark.mock_secrets(at=NOON)
half_a_minute_late = pytest.mark.mock_secrets(at=NOON, limits=Limits(replication_delay=timedelta(seconds=30)))


@pytest.fixture
def db(client, secrets_backend):
    return create_with_history(client, secrets_backend)


# --- What a replica shows ---


@behaviour("DescribeSecret", "a replica shows no ReplicationStatus, and no empty Tags", "AWS-VERIFIED", CUSTODIAN)
@behaviour(
    "DescribeSecret",
    "a replica's CreatedDate is its own, and its LastChangedDate the primary's",
    "AWS-VERIFIED",
    CUSTODIAN,
)
@half_a_minute_late
def test_a_replica_shows_its_own_created_date_and_no_replication_status(client, elsewhere, secrets_backend):
    arn = client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1, Tags=[])["ARN"]
    secrets_backend.clock.advance(seconds=10)
    client.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])
    secrets_backend.clock.advance(minutes=5)
    elsewhere.get_secret_value(SecretId="db")

    assert members(elsewhere.describe_secret(SecretId="db")) == {
        "ARN": arn.replace(":us-east-1:", ":eu-west-1:"),
        "Name": "db",
        "KmsKeyId": "alias/aws/secretsmanager",
        "PrimaryRegion": "us-east-1",
        "CreatedDate": NOON + timedelta(seconds=40),
        "LastChangedDate": NOON + timedelta(seconds=40),
        "LastAccessedDate": MIDNIGHT,
        "VersionIdsToStages": {V1: ["AWSCURRENT"]},
    }


@behaviour("DescribeSecret", "a replica's ARN is the primary's with another Region", "AWS-VERIFIED", CUSTODIAN)
@pytest.mark.mock_secrets(secrets={"us-east-1": "one"})
def test_a_replicas_arn_differs_from_its_primarys_only_in_the_region(client, elsewhere, secrets_backend):
    arn = secrets_backend["us-east-1"].arn

    client.replicate_secret_to_regions(SecretId="us-east-1", AddReplicaRegions=[{"Region": "eu-west-1"}])

    assert elsewhere.describe_secret(SecretId="us-east-1")["ARN"] == arn.replace(":us-east-1:1", ":eu-west-1:1")


@behaviour("ListSecrets", "a replica is listed in its Region, with PrimaryRegion", "AWS-VERIFIED", CUSTODIAN)
@behaviour(
    "ListSecrets", "a replicated primary shows PrimaryRegion and no ReplicationStatus", "AWS-VERIFIED", CUSTODIAN
)
def test_a_replica_is_listed_with_its_primary_region(client, elsewhere, db):
    (here,) = client.list_secrets()["SecretList"]
    (there,) = elsewhere.list_secrets()["SecretList"]

    assert (here["ARN"], here["PrimaryRegion"]) == (db, "us-east-1")
    assert (there["ARN"], there["PrimaryRegion"]) == (db.replace("us-east-1", "eu-west-1"), "us-east-1")
    assert "ReplicationStatus" not in here | there
    assert there["SecretVersionsToStages"] == here["SecretVersionsToStages"]


@behaviour(
    "ListSecretVersionIds",
    "a replica's versions are encrypted with the replica's key",
    "AWS-VERIFIED",
    "recorded responses in GitHub cloud-custodian/cloud-custodian",
)
def test_the_versions_of_a_replica_are_encrypted_with_its_own_key(client, elsewhere):
    mine = KEY.replace("eu-west-1", "us-east-1")
    client.create_secret(Name="db", SecretString="one", KmsKeyId=mine)

    client.replicate_secret_to_regions(
        SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1", "KmsKeyId": KEY}, {"Region": "us-west-2"}]
    )

    assert [version["KmsKeyIds"] for version in all_versions(elsewhere)] == [[KEY]]
    assert [version["KmsKeyIds"] for version in all_versions(client)] == [[mine]]


@behaviour(REPLICA, "every read works", "AWS-DOC", MULTI_REGION)
@rows("by", ["name", "ARN", "partial ARN"])
def test_every_read_works_on_a_replica(client, elsewhere, db, by):
    arn = db.replace("us-east-1", "eu-west-1")
    secret_id = {"name": "db", "ARN": arn, "partial ARN": arn[:-7]}[by]

    assert elsewhere.describe_secret(SecretId=secret_id)["ARN"] == arn
    assert elsewhere.get_secret_value(SecretId=secret_id)["SecretString"] == "two"
    assert elsewhere.get_secret_value(SecretId=secret_id, VersionStage="blue")["SecretString"] == "one"
    assert elsewhere.list_secret_version_ids(SecretId=secret_id)["ARN"] == arn
    assert json.loads(elsewhere.get_resource_policy(SecretId=secret_id)["ResourcePolicy"]) == POLICY
    assert elsewhere.batch_get_secret_value(SecretIdList=[secret_id])["SecretValues"][0]["SecretString"] == "two"


@behaviour(
    "DescribeSecret", "a replica has its own LastAccessedDate, which its primary shows", "AWS-VERIFIED", CUSTODIAN
)
@at_noon
def test_a_replica_is_read_independently(client, elsewhere, secrets_backend, db):
    (before,) = client.describe_secret(SecretId="db")["ReplicationStatus"]
    client.get_secret_value(SecretId="db")
    secrets_backend.clock.advance(days=1)

    elsewhere.get_secret_value(SecretId="db")

    described = client.describe_secret(SecretId="db")
    assert "LastAccessedDate" not in before
    assert described["LastAccessedDate"] == MIDNIGHT
    assert described["ReplicationStatus"] == [{**before, "LastAccessedDate": MIDNIGHT + timedelta(days=1)}]
    assert elsewhere.describe_secret(SecretId="db")["LastAccessedDate"] == MIDNIGHT + timedelta(days=1)


@behaviour(
    "DescribeSecret",
    "replication doesn't change the replica's own LastAccessedDate",
    "AWS-DOC",
    "botocore service model, ReplicationStatusType$LastAccessedDate: 'last accessed in the Region'",
)
@at_noon
def test_following_the_primary_does_not_change_access_dates(client, elsewhere, secrets_backend, db):
    created = elsewhere.describe_secret(SecretId="db")["CreatedDate"]
    elsewhere.get_secret_value(SecretId="db")
    secrets_backend.clock.advance(days=1)

    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)

    described = elsewhere.describe_secret(SecretId="db")
    days = {one["VersionId"]: one.get("LastAccessedDate") for one in all_versions(elsewhere)}
    assert (described["CreatedDate"], described["LastAccessedDate"]) == (created, MIDNIGHT)
    assert days == {V2: MIDNIGHT, V3: None, V1: None} | {id_: day for id_, day in days.items() if id_ == V1}


# --- Following ---


def _policy(client):
    denial = {**POLICY["Statement"][0], "Effect": "Deny"}
    client.put_resource_policy(SecretId="db", ResourcePolicy=json.dumps({**POLICY, "Statement": [denial]}))


def _type(client):
    if "Type" not in client.meta.service_model.operation_model("UpdateSecret").input_shape.members:
        pytest.skip("this botocore has no Type yet")
    client.update_secret(SecretId="db", Type="GitLabAccessToken")


_CHANGES = {
    "a value": lambda client: client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3),
    "bytes": lambda client: client.update_secret(SecretId="db", SecretBinary=b"\xff", ClientRequestToken=V3),
    "a version under a label": lambda client: client.put_secret_value(
        SecretId="db", SecretString="three", ClientRequestToken=V3, VersionStages=["green"]
    ),
    "a label moved": lambda client: client.update_secret_version_stage(
        SecretId="db", VersionStage="blue", RemoveFromVersionId=V1, MoveToVersionId=V2
    ),
    "a label removed": lambda client: client.update_secret_version_stage(
        SecretId="db", VersionStage="blue", RemoveFromVersionId=V1
    ),
    "AWSCURRENT moved back": lambda client: client.update_secret_version_stage(
        SecretId="db", VersionStage="AWSCURRENT", RemoveFromVersionId=V2, MoveToVersionId=V1
    ),
    "a description": lambda client: client.update_secret(SecretId="db", Description="other words"),
    "no description": lambda client: client.update_secret(SecretId="db", Description=""),
    "a type": _type,
    "a tag": lambda client: client.tag_resource(SecretId="db", Tags=[{"Key": "c", "Value": "d"}]),
    "a tag changed": lambda client: client.tag_resource(SecretId="db", Tags=[{"Key": "a", "Value": "d"}]),
    "a tag removed": lambda client: (
        client.tag_resource(SecretId="db", Tags=[{"Key": "c", "Value": "d"}]),
        client.untag_resource(SecretId="db", TagKeys=["a"]),
    ),
    "a policy": _policy,
    "no policy": lambda client: client.delete_resource_policy(SecretId="db"),
}
each_change = rows("change", _CHANGES)


@behaviour(FOLLOWS, "follows values, labels, metadata, tags and the policy", "AWS-DOC", MULTI_REGION)
@behaviour(
    FOLLOWS, "follows a policy that is put later", "REPORTED", "GitHub lgallard/terraform-aws-secrets-manager#188"
)
@each_change
def test_a_replica_shows_a_change_at_the_next_call(client, elsewhere, db, change):
    before = look(elsewhere)

    change(client)

    assert look(elsewhere) == look(client) != before


@behaviour(
    FOLLOWS, "follows after a while, and shows the previous state until then", "AWS-DOC", "AWS User Guide: asynchronous"
)
@each_change
@half_a_minute_late
def test_a_replica_shows_a_change_after_the_replication_delay(client, elsewhere, secrets_backend, db, change):
    before = look(elsewhere)

    change(client)
    secrets_backend.clock.advance(seconds=29, milliseconds=999)
    meanwhile = look(elsewhere)
    secrets_backend.clock.advance(milliseconds=1)

    assert meanwhile == before
    assert look(elsewhere) == look(client) != before


@behaviour(
    FOLLOWS,
    "a replica lags behind its primary by no more than the delay, however often the primary changes",
    "OURS",
    "the mock's own design",
)
@half_a_minute_late
def test_a_replica_follows_a_busy_primary(client, elsewhere, secrets_backend, db):
    seen = []

    for count in range(10):
        client.update_secret(SecretId="db", Description=f"{count}")
        secrets_backend.clock.advance(seconds=20)
        seen.append(elsewhere.describe_secret(SecretId="db")["Description"])

    behind = [count - int(shown) for count, shown in enumerate(seen) if shown != "words"]
    assert seen[:1] == ["words"]
    assert len(behind) == 9
    assert max(behind) == 1


@behaviour(FOLLOWS, "every replica follows", "AWS-DOC", MULTI_REGION)
def test_every_replica_gets_a_new_value(client, secrets_backend, db):
    client.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "us-west-2"}])

    client.update_secret(SecretId="db", SecretString="three")

    for region in ("eu-west-1", "us-west-2"):
        there = secrets_backend.client(region_name=region)
        assert there.get_secret_value(SecretId="db")["SecretString"] == "three"


@behaviour(
    FOLLOWS,
    "a replica loses the versions that its primary loses",
    "GUESS",
    "a replica has the versions of its primary",
    decided_by="days of waiting",
)
@pytest.mark.mock_secrets(at=NOON, limits=Limits(retained_versions=3))
def test_a_replica_loses_the_versions_its_primary_loses(client, elsewhere, secrets_backend, db):
    for _ in range(4):
        secrets_backend.clock.advance(minutes=10)
        client.update_secret(SecretId="db", SecretString="again")
    full = len(all_versions(client, IncludeDeprecated=True))

    secrets_backend.clock.advance(days=2)

    assert full == 6
    assert len(all_versions(elsewhere, IncludeDeprecated=True)) == 3
    assert look(elsewhere) == look(client)
