"""Two secrets of one name in two regions, each with replicas: what either knows of the other's, which is nothing."""

from datetime import timedelta

import pytest
from conformance.fidelity import behaviour
from conformance.replicating import NOON, REFERENCE, is_there, regions, replicas
from tables import rows

from mock_secrets import Limits

REPLICATE, REMOVE = "ReplicateSecretToRegions", "RemoveRegionsFromReplication"
OVERWRITE = "ForceOverwriteReplicaSecret: overwrites a secret with the same name in the destination Region"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def second(secrets_backend):
    """A client of the same account in ap-south-1, where the second "db" is."""
    return secrets_backend.client(region_name="ap-south-1")


@pytest.fixture
def between(secrets_backend):
    """A client of the same account in eu-west-1, where both want their replica."""
    return secrets_backend.client(region_name="eu-west-1")


@pytest.fixture
def overwritten(client, second):
    """Two primaries, of which the second has put its replica in the place of the first's."""
    for one in (client, second):
        one.create_secret(Name="db", SecretString=f"of {one.meta.region_name}")
        one.replicate_secret_to_regions(
            SecretId="db", AddReplicaRegions=regions("eu-west-1"), ForceOverwriteReplicaSecret=True
        )


@behaviour(
    REPLICATE,
    "overwriting another primary's replica: that primary loses it",
    "GUESS",
    OVERWRITE,
    decided_by="a second Region",
)
def test_a_primary_knows_only_its_own_replicas(client, second, overwritten):
    described = client.describe_secret(SecretId="db")

    assert replicas(second) == {"eu-west-1": "InSync"}
    assert described.keys().isdisjoint({"ReplicationStatus", "PrimaryRegion"})


@behaviour(
    "DeleteSecret",
    "a primary whose replica was overwritten by another's can be deleted",
    "GUESS",
    "it has none that is left",
    decided_by="a second Region",
)
@rows("how", [{}, {"ForceDeleteWithoutRecovery": True}])
def test_another_primarys_replica_does_not_prevent_deleting_a_primary(client, second, between, overwritten, how):
    client.delete_secret(SecretId="db", **how)

    with pytest.raises(second.exceptions.InvalidParameterException, match=r"replica regions \[eu-west-1\]"):
        second.delete_secret(SecretId="db", **how)
    assert between.get_secret_value(SecretId="db")["SecretString"] == "of ap-south-1"


@behaviour(
    REMOVE,
    "a replica of another primary: InvalidParameterException",
    "GUESS",
    f"{REFERENCE}, {REMOVE}",
    decided_by="a second Region",
)
def test_another_primarys_replica_is_not_removed(client, between, overwritten):
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=["eu-west-1"])

    assert is_there(between)


def test_the_first_primary_can_reclaim_its_region(client, second, between, overwritten):
    client.replicate_secret_to_regions(
        SecretId="db", AddReplicaRegions=regions("eu-west-1"), ForceOverwriteReplicaSecret=True
    )

    assert between.get_secret_value(SecretId="db")["SecretString"] == "of us-east-1"
    assert (replicas(client), replicas(second)) == ({"eu-west-1": "InSync"}, {})


def test_a_replicated_promoted_secret_has_its_own_replicas(client, between, secrets_backend):
    """All of them have one suffix in their ARNs, by which nobody can tell whose they are."""
    client.create_secret(Name="db", SecretString="one")
    client.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=regions("eu-west-1", "ap-south-1"))
    between.stop_replication_to_replica(SecretId="db")
    between.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=regions("sa-east-1"))

    client.replicate_secret_to_regions(
        SecretId="db", AddReplicaRegions=regions("eu-west-1"), ForceOverwriteReplicaSecret=True
    )
    between.stop_replication_to_replica(SecretId="db")
    between.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=regions("sa-east-1"))

    assert replicas(between) == {"sa-east-1": "Failed"}
    assert replicas(client) == {"ap-south-1": "InSync"}


@behaviour(
    "DescribeSecret",
    "a replica's LastChangedDate is never before its CreatedDate",
    "GUESS",
    "otherwise the dates would contradict each other",
    decided_by="a second Region",
)
@pytest.mark.mock_secrets(at=NOON, limits=Limits(replication_delay=MINUTE))
def test_a_replica_has_no_change_date_before_its_creation(client, between, secrets_backend):
    client.create_secret(Name="db", SecretString="one", AddReplicaRegions=regions("eu-west-1"))
    secrets_backend.clock.advance(minutes=1)
    seen = [between.describe_secret(SecretId="db")]

    secrets_backend.clock.advance(minutes=9)
    client.update_secret(SecretId="db", Description="new")
    secrets_backend.clock.advance(minutes=1)
    seen.append(between.describe_secret(SecretId="db"))

    assert [one["CreatedDate"] - NOON for one in seen] == [MINUTE, MINUTE]
    assert [one["LastChangedDate"] - NOON for one in seen] == [MINUTE, 10 * MINUTE]
