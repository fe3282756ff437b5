"""The replicas of a secret in other regions: their status, and when they next follow their primary."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from mock_secrets.kernel.journal import Journaled
from mock_secrets.kernel.limits import AT_ONCE, Limits


class ReplicaStatus(Enum):
    """How far a replica is, in AWS's words."""

    IN_PROGRESS = "InProgress"
    IN_SYNC = "InSync"
    FAILED = "Failed"


@dataclass(slots=True, eq=False)
class Replica(Journaled):
    """What a primary secret knows of one of its replicas.

    :ivar key_id: its key as ListSecretVersionIds names it.
    :ivar problem: why it can't be made with that key.
    :ivar asked_at: when the replica was asked for.
    :ivar changed_at: when the primary first changed after the replica last followed it.
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
        """When it next follows its primary."""
        if self.status is ReplicaStatus.IN_PROGRESS:
            return self.asked_at + (limits.replication_delay or AT_ONCE)
        if self.status is ReplicaStatus.IN_SYNC and self.changed_at is not None:
            return self.changed_at + (limits.replication_delay or AT_ONCE)
        return None

    def mark_changed(self, at: datetime) -> None:
        """Remember a change of the primary. One that waits already is not put off by the next."""
        self.changed_at = self.changed_at or at

    def succeed(self) -> None:
        self.status, self.message = ReplicaStatus.IN_SYNC, "Replication succeeded"
        self.changed_at = None
        # What was there has been overwritten; what comes there later is nobody's to overwrite.
        self.overwrite = False

    def fail(self, message: str) -> None:
        self.status, self.message = ReplicaStatus.FAILED, message
