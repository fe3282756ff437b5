"""What time alone does to a secret."""

from datetime import datetime

from mock_secrets.limits import Limits
from mock_secrets.model import replication
from mock_secrets.model.secret import Secret
from mock_secrets.model.store import Store


def settle(store: Store, secret: Secret, at: datetime, limits: Limits) -> bool:
    """Do to a secret what time alone does by this instant. :returns: whether the secret is still there."""
    if store.region(secret.account_id, secret.region).get(secret.name) is not secret:
        # A replica of another secret has overwritten it.
        return False
    if secret.purged_at is not None and secret.purged_at <= at:
        store.region(secret.account_id, secret.region).remove(secret)
        return False
    if secret.versions.remove_outdated(at, limits):
        secret.have_followed(at)
    replication.follow(store, secret, at, limits)
    return True
