"""Removing replicas, deleting primaries, and making a replica a secret of its own."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.policies import let_in
from conformance.raw import members, snapshot, stored
from conformance.replicating import GUIDE, NOON, REFERENCE, V1, is_there, regions, replicas, replicate, statuses
from tables import rows

from mock_secrets import Limits

V2 = "22222222-2222-4222-8222-222222222222"
REPLICATE, REMOVE, STOP = "ReplicateSecretToRegions", "RemoveRegionsFromReplication", "StopReplicationToReplica"
DELETE = "DeleteSecret"

NOT_FOUND = "Secrets Manager can't find the specified secret."

NO_SUCH_SECRET = "botocore service model, the errors of the operation; the sentence is recorded for other operations"
NUKE = "GitHub gruntwork-io/cloud-nuke#435"

at_noon = pytest.mark.mock_secrets(at=NOON)
half_a_minute_late = pytest.mark.mock_secrets(at=NOON, limits=Limits(replication_delay=timedelta(seconds=30)))


# --- Removing replicas ---


@behaviour(REMOVE, "answers ARN and the remaining replicas", "AWS-DOC", f"{REFERENCE}, {REMOVE}")
@behaviour(
    REMOVE, "deletes a replica at once, without a recovery window", "AWS-DOC", "AWS User Guide, deleting secrets"
)
def test_removing_a_replica_deletes_it_at_once(client, elsewhere, db):
    replicate(client, "eu-west-1", "us-west-2")

    answer = members(client.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=["eu-west-1"]))

    assert (answer["ARN"], statuses(answer)) == (db, {"us-west-2": "InSync"})
    assert answer.keys() == {"ARN", "ReplicationStatus"}
    assert not is_there(elsewhere)
    assert elsewhere.list_secrets(IncludePlannedDeletion=True)["SecretList"] == []
    assert replicas(client) == {"us-west-2": "InSync"}


@behaviour(
    "DescribeSecret",
    "ReplicationStatus is absent after the last replica was removed",
    "REPORTED",
    "tests of GitHub ansible-collections/community.aws; examples of the AWS CLI",
)
@behaviour(
    REMOVE,
    "after the last replica is removed, the secret shows no PrimaryRegion",
    "GUESS",
    "no record of a PrimaryRegion alone",
    decided_by="a second Region",
)
@at_noon
def test_a_secret_whose_replicas_were_all_removed_shows_no_replication_status(client, secrets_backend, db):
    replicate(client, "eu-west-1", "us-west-2")
    secrets_backend.clock.advance(minutes=1)

    answer = members(
        client.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=["us-west-2", "eu-west-1"])
    )

    described = members(client.describe_secret(SecretId="db"))
    assert answer == {"ARN": db, "ReplicationStatus": []}
    assert described.keys() == {"ARN", "Name", "CreatedDate", "LastChangedDate", "VersionIdsToStages"}
    assert described["LastChangedDate"] == NOON + timedelta(minutes=1)


@behaviour(
    REMOVE,
    "a failed Region is removed, and the secret that took the name there stays",
    "GUESS",
    "as similar operations do",
    decided_by="a second Region",
)
def test_removing_a_failed_replica_region_keeps_the_secret_there(client, elsewhere, db):
    elsewhere.create_secret(Name="db", SecretString="theirs")
    replicate(client, "eu-west-1")

    client.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=["eu-west-1"])

    assert replicas(client) == {}
    assert elsewhere.get_secret_value(SecretId="db")["SecretString"] == "theirs"


@behaviour(
    REMOVE,
    "a Region that is still InProgress never gets its replica",
    "GUESS",
    "as similar operations do",
    decided_by="a second Region",
)
@half_a_minute_late
def test_a_replica_removed_before_its_creation_never_appears(client, elsewhere, secrets_backend, db):
    replicate(client, "eu-west-1")

    client.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=["eu-west-1"])
    secrets_backend.clock.advance(minutes=5)

    assert (replicas(client), is_there(elsewhere)) == ({}, False)


@behaviour(
    REMOVE,
    "a Region without a replica: InvalidParameterException, and no replica is removed",
    "GUESS",
    "as similar operations do",
    decided_by="a second Region",
)
@rows("asked", [["us-west-2"], ["eu-west-1", "us-west-2"]])
def test_removing_a_region_without_a_replica_is_refused(client, elsewhere, secrets_backend, db, asked):
    replicate(client, "eu-west-1")
    before = members(client.describe_secret(SecretId="db"))

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=asked)

    assert members(client.describe_secret(SecretId="db")) == before
    assert is_there(elsewhere)


@behaviour(REMOVE, "no Region: ValidationException", "GUESS", "constraints of the model", decided_by="plain calls")
def test_removing_replicas_from_no_region_is_a_validation_error(unchecked, db):
    with pytest.raises(ClientError) as caught:
        unchecked.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=[])

    assert caught.value.response["Error"]["Code"] == "ValidationException"


# --- Deleting a primary ---


@behaviour(
    DELETE, "a primary with replicas: InvalidParameterException, with its Regions as they were added", "REPORTED", NUKE
)
@rows("how", [{}, {"RecoveryWindowInDays": 7}, {"ForceDeleteWithoutRecovery": True}])
def test_a_primary_with_replicas_cannot_be_deleted(client, secrets_backend, db, how):
    replicate(client, "us-west-2", "us-west-1", "ap-northeast-2")
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException) as caught:
        client.delete_secret(SecretId="db", **how)

    assert caught.value.response["Error"]["Message"] == (
        f"You can't delete secret {db} that still has replica regions [us-west-2, us-west-1, ap-northeast-2]."
    )
    assert snapshot(secrets_backend) == before


@behaviour(
    DELETE,
    "a primary whose replicas have all been removed can be deleted",
    "AWS-DOC",
    "AWS User Guide, deleting secrets",
)
@rows("how", [{}, {"ForceDeleteWithoutRecovery": True}])
def test_a_primary_whose_replicas_were_removed_can_be_deleted(client, db, how):
    replicate(client, "eu-west-1")
    client.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=["eu-west-1"])

    assert client.delete_secret(SecretId="db", **how)["ARN"] == db


@behaviour(
    DELETE,
    "a failed Region has no replica, so it doesn't prevent the deletion",
    "GUESS",
    "the sentence",
    decided_by="a second Region",
)
def test_a_primary_with_only_a_failed_replica_region_can_be_deleted(client, elsewhere, secrets_backend, db):
    elsewhere.create_secret(Name="db", SecretString="theirs")
    replicate(client, "eu-west-1")

    client.delete_secret(SecretId="db")
    secrets_backend.clock.advance(days=30)

    assert not is_there(client)
    assert elsewhere.get_secret_value(SecretId="db")["SecretString"] == "theirs"


# --- Making a replica a secret of its own ---


@behaviour(STOP, "answers only the ARN of the former replica", "AWS-DOC", f"{REFERENCE}, {STOP}")
@behaviour(
    STOP, "the primary no longer shows the Region", "GUESS", "no replica is left there", decided_by="a second Region"
)
def test_stopping_returns_the_promoted_secret(client, elsewhere, db):
    replicate(client, "eu-west-1", "us-west-2")

    answer = elsewhere.stop_replication_to_replica(SecretId="db")

    assert members(answer) == {"ARN": db.replace("us-east-1", "eu-west-1")}
    assert replicas(client) == {"us-west-2": "InSync"}
    assert "PrimaryRegion" not in elsewhere.describe_secret(SecretId="db")


@behaviour(STOP, "the promoted secret keeps its value, metadata, tags and policy", "AWS-DOC", f"{REFERENCE}, {STOP}")
def test_a_promoted_secret_keeps_its_value_and_metadata(client, elsewhere):
    client.create_secret(
        Name="db",
        SecretString="one",
        ClientRequestToken=V1,
        Description="words",
        Tags=[{"Key": "a", "Value": "b"}],
        AddReplicaRegions=regions("eu-west-1"),
    )
    before = members(elsewhere.describe_secret(SecretId="db"))

    elsewhere.stop_replication_to_replica(SecretId="db")

    after = members(elsewhere.describe_secret(SecretId="db"))
    changed = {"LastChangedDate", "PrimaryRegion"}
    assert {name: after[name] for name in after.keys() - changed} == {
        name: before[name] for name in before.keys() - changed
    }
    assert elsewhere.get_secret_value(SecretId="db")["SecretString"] == "one"


@behaviour(
    STOP, "the promoted secret can be changed, and neither secret follows the other", "AWS-DOC", f"{REFERENCE}, {STOP}"
)
def test_a_promoted_secret_is_independent(client, elsewhere, db):
    replicate(client, "eu-west-1")
    elsewhere.stop_replication_to_replica(SecretId="db")

    theirs = elsewhere.put_secret_value(SecretId="db", SecretString="theirs")["VersionId"]
    client.update_secret(SecretId="db", SecretString="ours", Description="ours", ClientRequestToken=V2)
    elsewhere.tag_resource(SecretId="db", Tags=[{"Key": "a", "Value": "b"}])

    assert elsewhere.describe_secret(SecretId="db")["VersionIdsToStages"] == {
        V1: ["AWSPREVIOUS"],
        theirs: ["AWSCURRENT"],
    }
    assert client.describe_secret(SecretId="db")["VersionIdsToStages"] == {V1: ["AWSPREVIOUS"], V2: ["AWSCURRENT"]}
    assert client.get_secret_value(SecretId="db")["SecretString"] == "ours"
    assert elsewhere.get_secret_value(SecretId="db")["SecretString"] == "theirs"
    assert "Description" not in elsewhere.describe_secret(SecretId="db")
    assert "Tags" not in client.describe_secret(SecretId="db")


@behaviour(STOP, "both secrets can be deleted afterwards", "AWS-DOC", GUIDE)
@rows("how", [{}, {"ForceDeleteWithoutRecovery": True}])
def test_both_secrets_can_be_deleted_afterwards(client, elsewhere, db, how):
    replicate(client, "eu-west-1")
    elsewhere.stop_replication_to_replica(SecretId="db")

    assert client.delete_secret(SecretId="db", **how)["ARN"] == db
    assert elsewhere.get_secret_value(SecretId="db")["SecretString"] == "one"
    assert elsewhere.delete_secret(SecretId="db", **how)["ARN"] == db.replace("us-east-1", "eu-west-1")


@behaviour(STOP, "the promoted secret can be replicated", "AWS-DOC", "AWS User Guide, promoting a replica")
@behaviour(
    STOP,
    "the Region can't be replicated to again, since its name is taken",
    "AWS-DOC",
    "botocore service model, ReplicationStatusType$StatusMessage: 'Secret with this name already "
    "exists in this region'",
)
def test_a_promoted_secret_can_be_replicated_and_blocks_another_replica(client, elsewhere, secrets_backend, db):
    replicate(client, "eu-west-1")
    elsewhere.stop_replication_to_replica(SecretId="db")

    replicate(elsewhere, "us-west-2", "us-east-1")
    before = replicas(client)
    replicate(client, "eu-west-1")

    assert replicas(elsewhere) == {"us-west-2": "InSync", "us-east-1": "Failed"}
    described = secrets_backend.client(region_name="us-west-2").describe_secret(SecretId="db")
    assert (described["ARN"], described["PrimaryRegion"]) == (db.replace("us-east-1", "us-west-2"), "eu-west-1")
    assert (before, replicas(client)) == ({}, {"eu-west-1": "Failed"})


@behaviour(
    STOP,
    "a secret that is not a replica: InvalidParameterException",
    "GUESS",
    "as similar operations do",
    decided_by="plain calls",
)
@rows("replicated", [False, True])
def test_stopping_replication_of_a_non_replica_is_refused(client, elsewhere, secrets_backend, db, replicated):
    if replicated:
        replicate(client, "eu-west-1")
    before = members(client.describe_secret(SecretId="db"))

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.stop_replication_to_replica(SecretId="db")

    assert members(client.describe_secret(SecretId="db")) == before


# --- Secrets in other states ---


_CALLS = {
    REPLICATE: lambda client: replicate(client, "eu-west-1"),
    REMOVE: lambda client: client.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=["eu-west-1"]),
    STOP: lambda client: client.stop_replication_to_replica(SecretId="db"),
}
each_operation = rows("call", _CALLS)


@behaviour(REPLICATE, "a secret that doesn't exist: ResourceNotFoundException", "AWS-DOC", NO_SUCH_SECRET)
@behaviour(REMOVE, "a secret that doesn't exist: ResourceNotFoundException", "AWS-DOC", NO_SUCH_SECRET)
@behaviour(STOP, "a secret that doesn't exist: ResourceNotFoundException", "AWS-DOC", NO_SUCH_SECRET)
@each_operation
def test_a_nonexistent_secret_is_refused(client, call):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        call(client)

    assert caught.value.response["Error"]["Message"] == NOT_FOUND


@behaviour(
    REPLICATE,
    "a secret that is scheduled for deletion: InvalidRequestException",
    "AWS-DOC",
    "botocore service model, InvalidRequestException: 'The secret is scheduled for deletion'",
)
@behaviour(
    REMOVE,
    "a secret that is scheduled for deletion: InvalidRequestException",
    "AWS-DOC",
    "botocore service model, InvalidRequestException: 'The secret is scheduled for deletion'",
)
@behaviour(
    STOP,
    "a secret that is scheduled for deletion: InvalidRequestException",
    "AWS-DOC",
    "botocore service model, InvalidRequestException: 'The secret is scheduled for deletion'",
)
@each_operation
def test_replica_operations_on_a_secret_scheduled_for_deletion_are_refused(
    client, elsewhere, secrets_backend, db, call
):
    client.delete_secret(SecretId="db")
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        call(client)

    assert snapshot(secrets_backend) == before
    assert stored(secrets_backend).replicas == {}


@behaviour(
    REPLICATE,
    "another account's secret, by its ARN: the replica is created in that account",
    "GUESS",
    "as similar operations do",
    decided_by="a second account",
)
def test_another_accounts_secret_is_replicated_in_that_account(client, elsewhere, secrets_backend, db):
    let_in(client, "111122223333")
    client.update_secret(SecretId="db", KmsKeyId="alias/shared")
    stranger = secrets_backend.session(account_id="111122223333")

    answer = replicate(stranger.client("secretsmanager"), "eu-west-1", SecretId=db)

    assert answer["ARN"] == db
    assert is_there(elsewhere)
    assert not is_there(stranger.client("secretsmanager", region_name="eu-west-1"))
