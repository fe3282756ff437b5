"""The changes to a secret that happen through the passage of time alone."""

from datetime import datetime
from typing import NamedTuple

from mock_secrets.kernel.limits import Limits
from mock_secrets.model import cross_account, replication
from mock_secrets.model.secret import Secret
from mock_secrets.model.store import Store


class Expired(NamedTuple):
    """The effect of time on a secret.

    :ivar is_there: whether the secret still exists.
    :ivar removed: the ids of the versions that were removed.
    """

    is_there: bool
    removed: list[str]


def expire(store: Store, secret: Secret, at: datetime, limits: Limits) -> Expired:
    """Apply the changes that are due by this instant: the end of the recovery window, outdated versions, replicas."""
    if store.region(secret.account_id, secret.region).get(secret.name) is not secret:
        # A replica of another secret has overwritten this one.
        return Expired(is_there=False, removed=[])
    if secret.purged_at is not None and secret.purged_at <= at:
        store.region(secret.account_id, secret.region).remove(secret)
        return Expired(is_there=False, removed=[version.id for version in secret.versions])
    removed = secret.versions.remove_outdated(at, limits)
    if removed:
        secret.schedule_replica_sync(at)
    replication.follow(store, secret, at, limits)
    cross_account.follow(store, secret, at, limits)
    return Expired(is_there=True, removed=removed)
