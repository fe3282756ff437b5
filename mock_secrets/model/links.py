"""The links between a secret and its replica in another account."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from mock_secrets.kernel.journal import Journaled
from mock_secrets.kernel.limits import AT_ONCE, Limits


class LinkStatus(Enum):
    """The replication status, in AWS's words."""

    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    IN_SYNC = "InSync"
    FAILED = "Failed"
    DETACHED = "Detached"


@dataclass(slots=True, eq=False)
class LinkToPrimary(Journaled):
    """A replica's link to its primary."""

    arn: str
    status: LinkStatus = LinkStatus.PENDING
    message: str = ""

    def set(self, status: LinkStatus, message: str = "") -> None:
        self.status, self.message = status, message


@dataclass(slots=True, eq=False)
class LinkToReplica(Journaled):
    """A primary's link to its replica.

    :ivar role_arn: the role that replicates; empty if replication happens on behalf of whoever changes the primary.
    :ivar changed_at: the time of the primary's first change since the last sync, or None.
    :ivar problem: why the last change could not be copied, or empty.
    """

    arn: str
    role_arn: str
    changed_at: datetime | None
    status: LinkStatus = LinkStatus.IN_PROGRESS
    message: str = ""
    problem: str = ""

    def set(self, status: LinkStatus, message: str = "") -> None:
        self.status, self.message = status, message

    def next_due(self, limits: Limits) -> datetime | None:
        """When the replica is next synced, or None."""
        return None if self.changed_at is None else self.changed_at + (limits.replication_delay or AT_ONCE)

    def mark_changed(self, at: datetime) -> None:
        """Note a change of the primary. It does not postpone a sync that is already due."""
        if self.status is not LinkStatus.DETACHED:
            self.changed_at = self.changed_at or at
