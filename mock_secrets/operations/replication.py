"""Replication: adding replicas, removing them, and turning one into a standalone secret."""

from collections.abc import Sequence

from mock_secrets.model import cross_account, replication
from mock_secrets.model.replication import ReplicaRequest
from mock_secrets.model.secret import Secret
from mock_secrets.operations import encryption, views
from mock_secrets.operations.context import Context
from mock_secrets.operations.cross_account import REPLICATION_POLICY
from mock_secrets.operations.permissions import authorise
from mock_secrets.operations.registry import Response, operation


@operation(
    "versions",
    keys={
        "add_replica_regions": "AddReplicaRegions",
        "force_overwrite_replica_secret": "ForceOverwriteReplicaSecret",
    },
)
def replicate_secret_to_regions(
    ctx: Context,
    *,
    secret_id: str,
    add_replica_regions: Sequence[dict[str, str]],
    force_overwrite_replica_secret: bool = False,
) -> Response:
    secret = ctx.find_readable_source(secret_id)
    requests = replica_requests(add_replica_regions)
    replication.check_requests(secret, secret.region, requests)
    begin_replicas(ctx, secret, requests, overwrite=force_overwrite_replica_secret)
    secret.mark_changed(ctx.at)
    return views.replication(secret, ctx.state.store)


@operation("versions")
def remove_regions_from_replication(ctx: Context, *, secret_id: str, remove_replica_regions: Sequence[str]) -> Response:
    secret = ctx.find_readable_source(secret_id)
    replication.remove(ctx.state.store, secret, remove_replica_regions)
    secret.mark_changed(ctx.at)
    return views.replication(secret, ctx.state.store)


@operation("versions")
def stop_replication_to_replica(ctx: Context, *, secret_id: str) -> Response:
    secret = ctx.find_readable(secret_id)
    if secret.cross_account_primary is None:
        replication.promote(secret)
    else:
        authorise(ctx, "DeleteResourcePolicy", {"secret_id": secret_id, "policy_name": REPLICATION_POLICY})
        cross_account.promote(ctx.state.store, secret)
    secret.mark_changed(ctx.at)
    return {"ARN": secret.arn}


def begin_replicas(ctx: Context, secret: Secret, requests: Sequence[ReplicaRequest], *, overwrite: bool) -> None:
    """Start the replication. A key that can't be used is reported later, by the replica's status (reported)."""
    tried = [encryption.with_key(ctx, secret, request) for request in requests]
    replication.begin(secret, tried, ctx.at, overwrite=overwrite)


def replica_requests(regions: Sequence[dict[str, str]]) -> list[ReplicaRequest]:
    return [ReplicaRequest(region.get("Region", ""), region.get("KmsKeyId", "")) for region in regions]
