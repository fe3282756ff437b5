"""Asking for replicas, and what is told of them."""

from datetime import datetime, timezone

V1 = "11111111-1111-4111-8111-111111111111"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
REFERENCE = "AWS API reference"
GUIDE = "AWS User Guide, replicating secrets across Regions"


def regions(*names):
    return [{"Region": name} for name in names]


def replicate(client, *names, **request):
    return client.replicate_secret_to_regions(**{"SecretId": "db", "AddReplicaRegions": regions(*names), **request})


def statuses(answer):
    return {replica["Region"]: replica["Status"] for replica in answer.get("ReplicationStatus", [])}


def replicas(client, secret_id="db"):
    return statuses(client.describe_secret(SecretId=secret_id))


def is_there(client, secret_id="db"):
    try:
        client.describe_secret(SecretId=secret_id)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True
