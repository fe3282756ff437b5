"""Replication: a primary secret and its replicas in other regions."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from mock_secrets.kernel.errors import InvalidReplicaRegion, NoSuchReplica, NotAReplica, ReplicaExists
from mock_secrets.kernel.limits import Limits
from mock_secrets.kernel.regions import is_region, partition_of
from mock_secrets.model.replicas import Replica, ReplicaStatus
from mock_secrets.model.secret import Secret
from mock_secrets.model.store import Store
from mock_secrets.model.versions import DEFAULT_KEY

NAME_TAKEN = "Secret with this name already exists in this region"


class ReplicaRequest(NamedTuple):
    """A request for a replica.

    :ivar kms_key_id: its key, as it was given.
    :ivar key_id: its key, as ListSecretVersionIds names it.
    :ivar problem: why it can't be created with that key, or empty.
    """

    region: str
    kms_key_id: str = ""
    key_id: str = DEFAULT_KEY
    problem: str = ""


def check_requests(primary: Secret | None, region: str, requests: Iterable[ReplicaRequest]) -> None:
    """Raise unless a secret in this region can have these replicas.

    :raises InvalidReplicaRegion: if a region is the secret's own, is in another partition, or does not exist.
    :raises ReplicaExists: if a region is requested twice, or already has a replica (GUESS). A failed replica may be
        requested again.
    """
    taken = {replica.region for replica in _living(primary)} if primary else set()
    for request in requests:
        if (
            request.region == region
            or not is_region(request.region)
            or partition_of(request.region) != partition_of(region)
        ):
            raise InvalidReplicaRegion
        if request.region in taken:
            raise ReplicaExists(region=request.region)
        taken.add(request.region)


def begin(primary: Secret, requests: Iterable[ReplicaRequest], at: datetime, *, overwrite: bool) -> None:
    """Start the replication. If a replica can't be created, its status says so later."""
    primary.primary_region = primary.region
    for request in requests:
        primary.replicas[request.region] = Replica(
            request.region,
            request.kms_key_id,
            overwrite,
            at,
            key_id=request.key_id,
            problem=request.problem,
        )


def regions_with_replica(primary: Secret) -> list[str]:
    """The regions, in the order in which they were added, as in a recorded error (rebuy-de/aws-nuke#1127)."""
    return [replica.region for replica in _living(primary)]


def remove(store: Store, primary: Secret, regions: Iterable[str]) -> None:
    """Delete replicas at once; they have no recovery window.

    :raises NoSuchReplica: if a region has no replica (GUESS). In that case none is deleted.
    """
    regions = list(regions)
    for region in regions:
        if region not in primary.replicas:
            raise NoSuchReplica(region=region)
    for region in regions:
        held = store.region(primary.account_id, region)
        copy = held.get(primary.name)
        if copy is not None and copy.is_replica_of(primary):
            held.remove(copy)
        _forget(primary, region)


def promote(copy: Secret) -> None:
    """Turn a replica into a standalone secret.

    :raises NotAReplica: (GUESS)
    """
    if not copy.is_replica:
        raise NotAReplica
    _leave_primary(copy)
    copy.primary_region = None


def follow(store: Store, primary: Secret, at: datetime, limits: Limits) -> None:
    """Sync the replicas that are due by this instant."""
    for replica in primary.replicas.values():
        due = replica.next_due(limits)
        if due is not None and due <= at:
            _follow(store, primary, replica, at)


def _follow(store: Store, primary: Secret, replica: Replica, at: datetime) -> None:
    held = store.region(primary.account_id, replica.region)
    copy = held.get(primary.name)
    if replica.problem:
        replica.fail(replica.problem)
        return
    if copy is not None and not copy.is_replica_of(primary):
        if not replica.overwrite:
            replica.fail(NAME_TAKEN)
            return
        held.remove(copy)
        _leave_primary(copy)
        copy = None
    if copy is None:
        copy = Secret(
            name=primary.name,
            arn=primary.arn.replace(f":{primary.region}:", f":{replica.region}:", 1),
            account_id=primary.account_id,
            region=replica.region,
            created_at=at,
            changed_at=at,
            kms_key_id=replica.kms_key_id,
            key_id=replica.key_id,
            primary_region=primary.region,
            primary=primary,
        )
        held.add(copy)
    copy.description = primary.description
    copy.owning_service = primary.owning_service
    copy.type = primary.type
    copy.tags = dict(primary.tags) if primary.tags else None
    copy.policy = primary.policy
    # GUESS: a replica's date of change is never before its creation.
    copy.set_changed(max(primary.changed_at, copy.created_at))
    copy.versions.follow(primary.versions, copy.key_id)
    replica.succeed()


def _living(primary: Secret) -> list[Replica]:
    return [replica for replica in primary.replicas.values() if replica.status is not ReplicaStatus.FAILED]


def _leave_primary(copy: Secret) -> None:
    """Detach a replica from its primary, because it is promoted or overwritten by another's replica (GUESS)."""
    if copy.primary is not None:
        _forget(copy.primary, copy.region)
        copy.primary = None


def _forget(primary: Secret, region: str) -> None:
    if primary.replicas.pop(region, None) is not None and not primary.replicas:
        # GUESS: a secret without replicas looks like one that never had any.
        primary.primary_region = None
