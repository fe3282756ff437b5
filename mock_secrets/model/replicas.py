"""The replicas of a secret in other regions: their status, and when they next follow their primary."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from mock_secrets.limits import Limits

#: A replica shows its key even where none was given (recorded responses).
DEFAULT_KEY_ALIAS = "alias/aws/secretsmanager"


class ReplicaStatus(Enum):
    """How far a replica is, in AWS's words."""

    IN_PROGRESS = "InProgress"
    IN_SYNC = "InSync"
    FAILED = "Failed"


@dataclass(slots=True, eq=False)
class Replica:
    """What a primary secret knows of one of its replicas.

    :ivar asked_at: when the replica was asked for.
    :ivar revision: the primary's revision that the replica has, once it has one.
    """

    region: str
    kms_key_id: str
    overwrite: bool
    asked_at: datetime
    status: ReplicaStatus = ReplicaStatus.IN_PROGRESS
    message: str = ""
    revision: int | None = None

    def next_due(self, revision: int, changed_at: datetime, limits: Limits) -> datetime | None:
        """When it next follows its primary, of which this is the state."""
        if self.status is ReplicaStatus.IN_PROGRESS:
            return self.asked_at + limits.replication_delay
        if self.status is ReplicaStatus.IN_SYNC and self.revision != revision:
            return changed_at + limits.replication_delay
        return None

    def succeed(self, revision: int) -> None:
        self.status, self.message, self.revision = ReplicaStatus.IN_SYNC, "Replication succeeded", revision

    def fail(self, message: str) -> None:
        self.status, self.message = ReplicaStatus.FAILED, message
