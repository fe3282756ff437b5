"""A secret of one account that follows a secret of another: making it, linking the two, and parting them."""

from datetime import datetime, timedelta, timezone

import pytest
from conformance.cross_account.sides import (
    GUIDE,
    MODEL,
    PRIMARY_ACCOUNT,
    REPLICA_ACCOUNT,
    UNKNOWN,
    associate,
    disassociate,
    here_and_there,
    lets_use,
)
from conformance.fidelity import behaviour
from conformance.raw import members
from tables import rows

from mock_secrets import Limits

CREATE, ASSOCIATE, PART = "CreateSecret", "AssociateCrossAccountReplica", "DisassociateCrossAccountReplica"
STOP, FOLLOWS = "StopReplicationToReplica", "Cross-account replicas follow their primaries"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
ROLE = f"arn:aws:iam::{PRIMARY_ACCOUNT}:role/replicator"
HALF_A_MINUTE = timedelta(seconds=30)

half_a_minute_late = pytest.mark.mock_secrets(at=NOON, limits=Limits(replication_delay=HALF_A_MINUTE))


# --- Making a replica ---


@behaviour(CREATE, "CrossAccountPrimaryARN creates a replica without a value, which is Pending", "AWS-DOC", MODEL)
def test_a_replica_waits_for_its_primary(there, db, key_there):
    answer = there.create_secret(Name="copy", CrossAccountPrimaryARN=db, KmsKeyId=key_there.arn)

    described = there.describe_secret(SecretId="copy")
    assert members(answer).keys() == {"ARN", "Name"}
    assert described["CrossAccountPrimary"] == {"PrimarySecretARN": db, "ReplicationStatus": "Pending"}
    assert "VersionIdsToStages" not in described
    assert "CrossAccountReplicas" not in described
    with pytest.raises(there.exceptions.ResourceNotFoundException):
        there.get_secret_value(SecretId="copy")


@behaviour(
    "DescribeSecret", "without cross-account replication, neither CrossAccount member is shown", "AWS-DOC", MODEL
)
def test_an_unlinked_secret_shows_no_other_side(client, there, copy):
    assert here_and_there(client, there) == (None, "Pending")


# --- Linking ---


@behaviour(ASSOCIATE, "answers both ARNs and the status", "AWS-DOC", MODEL)
@behaviour(FOLLOWS, "the replica alone shows Pending; then both show InProgress and InSync", "AWS-DOC", GUIDE)
@half_a_minute_late
def test_linking_copies_the_value(client, there, secrets_backend, copy, db):
    answer = associate(client, copy)
    during = here_and_there(client, there)
    secrets_backend.clock.advance(HALF_A_MINUTE)

    assert members(answer) == {"ARN": db, "CrossAccountReplicaARN": copy, "ReplicationStatus": "InProgress"}
    assert during == ("InProgress", "InProgress")
    assert here_and_there(client, there) == ("InSync", "InSync")
    assert there.get_secret_value(SecretId="copy")["SecretString"] == "one"


@behaviour(
    ASSOCIATE,
    "without a replication delay, the replica is in sync when the call returns",
    "OURS",
    "the mock's own design",
)
@behaviour("DescribeSecret", "shows the replica, its role and its status", "AWS-DOC", MODEL)
def test_a_primary_shows_its_replica(client, copy):
    associate(client, copy, ReplicationRoleARN=ROLE, ReplicaRestriction="NoRestriction")

    (shown,) = client.describe_secret(SecretId="db")["CrossAccountReplicas"]
    assert shown.pop("StatusMessage")
    assert shown == {"ReplicaSecretARN": copy, "ReplicationRoleARN": ROLE, "ReplicationStatus": "InSync"}


@behaviour(ASSOCIATE, "the call is idempotent, and repairs replication", "AWS-DOC", MODEL)
def test_linking_again_repairs_the_replica(client, there, linked, key_there):
    key_there.disable()
    client.put_secret_value(SecretId="db", SecretString="two")
    failed = here_and_there(client, there)
    key_there.enable()

    associate(client, linked)

    assert failed == ("Failed", "Failed")
    assert here_and_there(client, there) == ("InSync", "InSync")
    assert there.get_secret_value(SecretId="copy")["SecretString"] == "two"


# --- Following ---


@behaviour(FOLLOWS, "each new value is copied, and encrypted with the replica's own key", "AWS-DOC", GUIDE)
@rows("write", ["put_secret_value", "update_secret"])
def test_a_change_of_the_value_is_copied(client, there, linked, key_there, write):
    version_id = getattr(client, write)(SecretId="db", SecretString="two")["VersionId"]

    assert there.get_secret_value(SecretId="copy")["SecretString"] == "two"
    listed = there.list_secret_version_ids(SecretId="copy")["Versions"]
    assert {one["VersionId"]: one["KmsKeyIds"] for one in listed}[version_id] == [key_there.arn]


@behaviour(
    FOLLOWS,
    "the value is decrypted with the primary's key and encrypted with the replica's, as the caller who updates it",
    "AWS-DOC",
    GUIDE,
)
def test_a_change_uses_the_keys_of_both_sides(client, secrets_backend, linked, key_here, key_there):
    before = len(secrets_backend.cloudtrail.lookup(source="kms"))

    client.put_secret_value(SecretId="db", SecretString="two")

    used = [
        (one["eventName"], one["resources"][0]["ARN"])
        for one in secrets_backend.cloudtrail.lookup(source="kms")[before:]
    ]
    assert used == [("GenerateDataKey", key_here.arn), ("Decrypt", key_here.arn), ("Encrypt", key_there.arn)]


@behaviour(
    FOLLOWS, "if the caller may not use the replica's key, the replica is Failed and keeps its value", "AWS-DOC", GUIDE
)
def test_an_update_that_cannot_be_replicated(client, there, linked, key_there):
    key_there.set_policy(lets_use(REPLICA_ACCOUNT))

    client.put_secret_value(SecretId="db", SecretString="two")

    assert here_and_there(client, there) == ("Failed", "Failed")
    assert client.get_secret_value(SecretId="db")["SecretString"] == "two"
    assert there.get_secret_value(SecretId="copy")["SecretString"] == "one"


@behaviour(
    FOLLOWS,
    "with ReplicationRoleARN the role replicates, and the caller needs no permission on the replica's key",
    "AWS-DOC",
    "botocore service model, AssociateCrossAccountReplica$ReplicationRoleARN",
)
@behaviour(FOLLOWS, "the permissions of the replicating role are not evaluated", "OURS", "the mock's own design")
def test_a_role_can_copy_the_value(client, there, copy, key_there):
    associate(client, copy, ReplicationRoleARN=ROLE)
    key_there.set_policy(lets_use(REPLICA_ACCOUNT))

    client.put_secret_value(SecretId="db", SecretString="two")

    assert here_and_there(client, there) == ("InSync", "InSync")


@behaviour(FOLLOWS, "the replica has its own policy, tags and key", "AWS-DOC", GUIDE)
def test_a_replica_has_its_own_policy_tags_and_key(client, there, linked, open_policy, key_there):
    client.put_resource_policy(SecretId="db", ResourcePolicy=open_policy)
    client.tag_resource(SecretId="db", Tags=[{"Key": "a", "Value": "b"}])
    there.tag_resource(SecretId="copy", Tags=[{"Key": "c", "Value": "d"}])

    described = there.describe_secret(SecretId="copy")
    assert "ResourcePolicy" not in there.get_resource_policy(SecretId="copy")
    assert described["Tags"] == [{"Key": "c", "Value": "d"}]
    assert described["KmsKeyId"] == key_there.arn


@behaviour(
    FOLLOWS, "the replica's labels and description are its primary's", "GUESS", UNKNOWN, decided_by="a second account"
)
def test_labels_are_copied(client, there, linked):
    client.put_secret_value(SecretId="db", SecretString="two", VersionStages=["AWSCURRENT", "blue"])

    here = client.describe_secret(SecretId="db")
    copied = there.describe_secret(SecretId="copy")
    assert copied["VersionIdsToStages"] == here["VersionIdsToStages"]
    assert copied["Description"] == "words"


# --- Parting ---


@behaviour(PART, "the entry is removed from the primary, and the replica stays and becomes Detached", "AWS-DOC", MODEL)
def test_the_primary_can_be_unlinked(client, there, linked, db):
    answer = disassociate(client, linked)
    client.put_secret_value(SecretId="db", SecretString="two")

    assert members(answer) == {"ARN": db, "CrossAccountReplicaARN": linked}
    assert here_and_there(client, there) == (None, "Detached")
    assert there.get_secret_value(SecretId="copy")["SecretString"] == "one"


@behaviour(
    STOP,
    "a cross-account replica becomes a standalone secret, and the primary's entry becomes Detached",
    "AWS-DOC",
    MODEL,
)
def test_the_replica_can_be_unlinked(client, there, linked):
    answer = there.stop_replication_to_replica(SecretId="copy")
    client.put_secret_value(SecretId="db", SecretString="two")
    there.put_secret_value(SecretId="copy", SecretString="own")

    assert members(answer) == {"ARN": linked}
    assert here_and_there(client, there) == ("Detached", None)
    assert there.list_resource_policies(SecretId="copy")["ResourcePolicies"] == []
    assert there.get_secret_value(SecretId="copy")["SecretString"] == "own"


@behaviour(PART, "the two sides can be separated in either order", "AWS-DOC", GUIDE)
@rows("order", [(0, 1), (1, 0)])
def test_the_sides_can_be_unlinked_in_either_order(client, there, linked, order):
    steps = (lambda: disassociate(client, linked), lambda: there.stop_replication_to_replica(SecretId="copy"))

    for step in order:
        steps[step]()

    assert here_and_there(client, there) == (None, None)
    client.delete_secret(SecretId="db")
    there.delete_secret(SecretId="copy")


@behaviour(
    ASSOCIATE,
    "a replica that only its primary detached can be linked again",
    "GUESS",
    UNKNOWN,
    decided_by="a second account",
)
def test_a_detached_replica_is_linked_again(client, there, linked):
    disassociate(client, linked)
    client.put_secret_value(SecretId="db", SecretString="two")

    associate(client, linked)

    assert here_and_there(client, there) == ("InSync", "InSync")
    assert there.get_secret_value(SecretId="copy")["SecretString"] == "two"


def test_a_savepoint_undoes_a_link(client, there, secrets_backend, copy):
    with secrets_backend.savepoint():
        associate(client, copy)
        disassociate(client, copy)
        there.stop_replication_to_replica(SecretId="copy")

    assert here_and_there(client, there) == (None, "Pending")
    with pytest.raises(there.exceptions.ResourceNotFoundException):
        there.get_secret_value(SecretId="copy")
