"""The two sides of a replication to another account."""

from conformance.policies import policy

PRIMARY_ACCOUNT, REPLICA_ACCOUNT, THIRD_ACCOUNT = "123456789012", "111122223333", "444455556666"
MODEL = "text of the service's model in botocore 1.44.2"
GUIDE = "AWS User Guide, cross-account replication"
UNKNOWN = "neither the model nor the User Guide says it"


def lets_use(*accounts, action="kms:*"):
    """A key's policy."""
    return policy(Principal={"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]}, Action=action)


def associate(client, copy, **request):
    return client.associate_cross_account_replica(SecretId="db", CrossAccountReplicaARN=copy, **request)


def disassociate(client, copy):
    return client.disassociate_cross_account_replica(SecretId="db", CrossAccountReplicaARN=copy)


def here_and_there(client, there):
    """The status that the primary shows, and the one that the replica shows; None where it shows no other side."""
    replicas = client.describe_secret(SecretId="db").get("CrossAccountReplicas", [{}])
    primary = there.describe_secret(SecretId="copy").get("CrossAccountPrimary", {})
    return replicas[0].get("ReplicationStatus"), primary.get("ReplicationStatus")
