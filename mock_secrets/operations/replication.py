"""Replication: asking for replicas, removing them, and making one a secret of its own."""

from collections.abc import Sequence

from mock_secrets.model import replication
from mock_secrets.model.replication import Wish
from mock_secrets.model.secret import Secret
from mock_secrets.operations import encryption, views
from mock_secrets.operations.context import Context
from mock_secrets.operations.registry import Response, operation


@operation
def replicate_secret_to_regions(
    ctx: Context,
    *,
    secret_id: str,
    add_replica_regions: Sequence[dict[str, str]],
    force_overwrite_replica_secret: bool = False,
) -> Response:
    secret = ctx.find_readable_primary(secret_id)
    wishes = wishes_of(add_replica_regions)
    replication.check_wishes(secret, secret.region, wishes)
    begin_replicas(ctx, secret, wishes, overwrite=force_overwrite_replica_secret)
    secret.note_change(ctx.at)
    return views.replication(secret, ctx.store)


@operation
def remove_regions_from_replication(ctx: Context, *, secret_id: str, remove_replica_regions: Sequence[str]) -> Response:
    secret = ctx.find_readable_primary(secret_id)
    replication.remove(ctx.store, secret, remove_replica_regions)
    secret.note_change(ctx.at)
    return views.replication(secret, ctx.store)


@operation
def stop_replication_to_replica(ctx: Context, *, secret_id: str) -> Response:
    secret = ctx.find_readable(secret_id)
    replication.promote(ctx.store, secret)
    secret.note_change(ctx.at)
    return {"ARN": secret.arn}


def begin_replicas(ctx: Context, secret: Secret, wishes: Sequence[Wish], *, overwrite: bool) -> None:
    """Ask for replicas. A key that can't be used is told later, by the replica's status (reported)."""
    tried = [encryption.with_key(ctx, secret, wish) for wish in wishes]
    replication.begin(secret, tried, ctx.at, overwrite=overwrite)


def wishes_of(regions: Sequence[dict[str, str]]) -> list[Wish]:
    return [Wish(region.get("Region", ""), region.get("KmsKeyId", "")) for region in regions]
