"""Replication to a secret in another account: linking the two, syncing, and unlinking them.

Source: the service model of 2026, and the User Guide's pages on cross-account replication. GUESS: which labels are
copied, that description and type are copied, and the text of a StatusMessage.
"""

from datetime import datetime

from mock_secrets.kernel.arn import read_secret_arn
from mock_secrets.kernel.errors import (
    CrossAccountReplicaLeft,
    InvalidCrossAccountArn,
    NoSuchCrossAccountReplica,
    NotItsReplica,
    QuotaExceeded,
    SecretNotFound,
    StillCrossAccountReplica,
)
from mock_secrets.kernel.limits import Limits
from mock_secrets.kernel.regions import partition_of
from mock_secrets.model.links import LinkStatus, LinkToReplica
from mock_secrets.model.secret import Secret
from mock_secrets.model.store import Store


def check_other_account(arn: str, *, account_id: str, region: str) -> None:
    """Raise unless an ARN names a secret of another account in the same region and partition.

    :raises InvalidCrossAccountArn: (GUESS)
    """
    read = read_secret_arn(arn)
    if read is None or (read.region, read.partition) != (region, partition_of(region)) or read.account_id == account_id:
        raise InvalidCrossAccountArn(arn=arn)


def find_replica(store: Store, primary: Secret, arn: str) -> Secret:
    """The secret in another account that was created as the replica of this one.

    :raises InvalidCrossAccountArn:
    :raises SecretNotFound: if there is none.
    :raises NotItsReplica: if it was not created for this primary (GUESS).
    """
    check_other_account(arn, account_id=primary.account_id, region=primary.region)
    copy = store.get(arn, account_id=primary.account_id, region=primary.region)
    if copy is None:
        raise SecretNotFound
    if copy.cross_account_primary is None or copy.cross_account_primary.arn != primary.arn:
        raise NotItsReplica(arn=arn)
    return copy


def check_room(primary: Secret, copy: Secret) -> None:
    """Check that a primary can have this replica: it has at most one in another account.

    :raises QuotaExceeded: if the primary already has a different replica in another account.
    """
    link = primary.cross_account_replica
    if link is not None and link.arn != copy.arn:
        raise QuotaExceeded


def link(primary: Secret, copy: Secret, role_arn: str, at: datetime) -> None:
    """Make the replica follow the primary from now on."""
    primary.cross_account_replica = LinkToReplica(copy.arn, role_arn, at)
    if copy.cross_account_primary is not None:
        copy.cross_account_primary.set(LinkStatus.IN_PROGRESS)


def unlink(store: Store, primary: Secret, arn: str) -> None:
    """Unlink a replica from its primary; the replica becomes detached.

    :raises NoSuchCrossAccountReplica: (GUESS)
    """
    link_there = primary.cross_account_replica
    if link_there is None or link_there.arn != arn:
        raise NoSuchCrossAccountReplica(arn=arn)
    primary.cross_account_replica = None
    copy = _copy_of(store, primary, link_there)
    if copy is not None and copy.cross_account_primary is not None:
        copy.cross_account_primary.set(LinkStatus.DETACHED)


def promote(store: Store, copy: Secret) -> None:
    """Turn a replica into a standalone secret, and detach it from its primary."""
    assert copy.cross_account_primary is not None, "only called for the replica of another account's secret"
    primary = store.get(copy.cross_account_primary.arn, account_id=copy.account_id, region=copy.region)
    copy.cross_account_primary = copy.replication_policy = None
    link_there = None if primary is None else primary.cross_account_replica
    if link_there is not None and link_there.arn == copy.arn:
        link_there.set(LinkStatus.DETACHED)
        link_there.changed_at = None


def check_parted(secret: Secret) -> None:
    """Raise if a secret has a replica, or is one, across accounts.

    :raises CrossAccountReplicaLeft, StillCrossAccountReplica: (GUESS)
    """
    if secret.cross_account_replica is not None:
        raise CrossAccountReplicaLeft(arn=secret.arn)
    if secret.cross_account_primary is not None:
        raise StillCrossAccountReplica(arn=secret.arn)


def follow(store: Store, primary: Secret, at: datetime, limits: Limits) -> None:
    """Sync the replica in another account if it is due by this instant."""
    link_there = primary.cross_account_replica
    due = None if link_there is None else link_there.next_due(limits)
    if link_there is None or due is None or due > at:
        return
    link_there.changed_at = None
    copy = _copy_of(store, primary, link_there)
    if copy is None or copy.cross_account_primary is None:
        link_there.set(LinkStatus.DETACHED)
    elif link_there.problem:
        for side in (link_there, copy.cross_account_primary):
            side.set(LinkStatus.FAILED, link_there.problem)
    else:
        copy.description, copy.type = primary.description, primary.type
        copy.versions.follow(primary.versions, copy.key_id)
        copy.mark_changed(at)
        for side in (link_there, copy.cross_account_primary):
            side.set(LinkStatus.IN_SYNC, "Replication succeeded")


def _copy_of(store: Store, primary: Secret, link_there: LinkToReplica) -> Secret | None:
    return store.get(link_there.arn, account_id=primary.account_id, region=primary.region)
