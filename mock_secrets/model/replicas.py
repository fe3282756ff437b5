"""The replicas of a secret in other regions: their status, and when they are next synced."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from mock_secrets.kernel.journal import Journaled
from mock_secrets.kernel.limits import AT_ONCE, Limits


class ReplicaStatus(Enum):
    """The status of a replica, in AWS's words."""

    IN_PROGRESS = "InProgress"
    IN_SYNC = "InSync"
    FAILED = "Failed"


@dataclass(slots=True, eq=False)
class Replica(Journaled):
    """A primary secret's record of one of its replicas.

    :ivar kms_key_id: the replica's key, as it was given.
    :ivar key_id: the replica's key, as ListSecretVersionIds names it.
    :ivar problem: why the replica can't be created with that key, or empty.
    :ivar asked_at: when the replica was requested.
    :ivar changed_at: the time of the primary's first change since the last sync, or None.
    """

    region: str
    kms_key_id: str
    overwrite: bool
    asked_at: datetime
    status: ReplicaStatus = ReplicaStatus.IN_PROGRESS
    message: str = ""
    changed_at: datetime | None = None
    key_id: str = ""
    problem: str = ""

    def next_due(self, limits: Limits) -> datetime | None:
        """When the replica is next synced with its primary, or None."""
        if self.status is ReplicaStatus.IN_PROGRESS:
            return self.asked_at + (limits.replication_delay or AT_ONCE)
        if self.status is ReplicaStatus.IN_SYNC and self.changed_at is not None:
            return self.changed_at + (limits.replication_delay or AT_ONCE)
        return None

    def mark_changed(self, at: datetime) -> None:
        """Note a change of the primary. It does not postpone a sync that is already due."""
        self.changed_at = self.changed_at or at

    def succeed(self) -> None:
        self.status, self.message = ReplicaStatus.IN_SYNC, "Replication succeeded"
        self.changed_at = None
        # The permission to overwrite was for the secret that was there; a later one must not be overwritten.
        self.overwrite = False

    def fail(self, message: str) -> None:
        self.status, self.message = ReplicaStatus.FAILED, message
