"""A secret: its metadata, and the states in which AWS refuses calls to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from mock_secrets.kernel.errors import (
    CrossAccountReplicaIsReadOnly,
    DuplicateTag,
    ManagedByService,
    MarkedForDeletion,
    ReplicaIsReadOnly,
    SystemTag,
    TagWithoutKey,
    TooManyTags,
)
from mock_secrets.kernel.journal import Journaled, JournaledDict
from mock_secrets.kernel.limits import Limits
from mock_secrets.model.links import LinkToPrimary, LinkToReplica
from mock_secrets.model.replicas import Replica
from mock_secrets.model.rotation import Rotation
from mock_secrets.model.versions import DEFAULT_KEY, Version, Versions
from mock_secrets.policy.document import Policy


class Ordering(Protocol):
    """What has to be notified when a secret's place in listings may change."""

    def moved(self, secret: "Secret") -> None: ...


@dataclass(slots=True, eq=False, kw_only=True)
class Secret(Journaled):
    """One secret of one account in one region.

    :ivar kms_key_id: the key, as it was given.
    :ivar key_id: the key, as ListSecretVersionIds names it.
    :ivar tags: None until the first tags are set; from then on a mapping, even if it is empty.
    :ivar deleted_at: when DeleteSecret was called, or None.
    :ivar purged_at: the end of the recovery window, or None.
    :ivar deletion_begun: whether the deletion of its versions has started, as it has during a recovery window.
    :ivar deleted_by_force: whether it was deleted without a recovery window.
    :ivar primary: the secret of which this one is a replica, even if that one was removed.
    :ivar replication_policy: the policy ``cross-account-replication``, which AWS puts on a replica of another account's
        secret.
    :ivar serial: its number among the secrets of its region, in the order of creation.
    :ivar orders: the orders in which its region lists it.
    """

    name: str
    arn: str
    account_id: str
    region: str
    created_at: datetime
    changed_at: datetime
    description: str = ""
    kms_key_id: str = ""
    key_id: str = DEFAULT_KEY
    type: str = ""
    tags: dict[str, str] | None = None
    accessed_on: date | None = None
    deleted_at: datetime | None = None
    purged_at: datetime | None = None
    deletion_begun: bool = False
    deleted_by_force: bool = False
    owning_service: str | None = None
    primary_region: str | None = None
    primary: "Secret | None" = field(default=None, repr=False)
    policy: Policy | None = None
    cross_account_primary: LinkToPrimary | None = None
    cross_account_replica: LinkToReplica | None = None
    replication_policy: Policy | None = None
    replicas: JournaledDict[str, Replica] = field(default_factory=JournaledDict)
    rotation: Rotation | None = None
    serial: int = 0
    rate_was_warned: bool = False
    orders: "Ordering | None" = field(default=None, repr=False)
    versions: Versions = field(init=False)

    def __post_init__(self) -> None:
        self.versions = Versions(self.arn)

    @property
    def is_replica(self) -> bool:
        return self.primary_region is not None and self.primary_region != self.region

    @property
    def effective_policy(self) -> Policy | None:
        """The secret's resource policies as one: what either denies is denied, what either allows is allowed."""
        if self.policy is None or self.replication_policy is None:
            return self.policy or self.replication_policy
        return Policy(self.policy.document, self.policy.statements + self.replication_policy.statements)

    def is_replica_of(self, primary: "Secret") -> bool:
        return self.primary is primary

    @property
    def uses_default_key(self) -> bool:
        """Whether the key is aws/secretsmanager, which no other account can use."""
        return self.key_id == DEFAULT_KEY

    def check_readable(self) -> None:
        """Refuse a call to a secret that is scheduled for deletion.

        :raises MarkedForDeletion: if the secret is scheduled for deletion.
        """
        if self.deleted_at is not None:
            raise MarkedForDeletion

    def check_writable(self, *, also_replica: bool = False) -> None:
        """Check replica, then deletion, then owner; the order is a GUESS.

        :raises ReplicaIsReadOnly, CrossAccountReplicaIsReadOnly, MarkedForDeletion, ManagedByService:
        """
        if self._is_plain:
            return
        if not also_replica:
            self.check_source()
        self.check_readable()
        self.check_owner()

    @property
    def _is_plain(self) -> bool:
        """Whether no check can fail, as for most secrets in most tests."""
        return (
            self.deleted_at is None
            and self.primary_region is None
            and self.cross_account_primary is None
            and self.owning_service is None
        )

    def check_primary(self) -> None:
        """Refuse a change of a replica.

        :raises ReplicaIsReadOnly: if the secret is one.
        """
        if self.is_replica:
            raise ReplicaIsReadOnly

    def check_source(self) -> None:
        """Raise if the value is replicated from a secret in another region or (GUESS) another account.

        :raises ReplicaIsReadOnly, CrossAccountReplicaIsReadOnly:
        """
        self.check_primary()
        if self.cross_account_primary is not None:
            raise CrossAccountReplicaIsReadOnly

    def check_owner(self) -> None:
        """Refuse a change of a secret that another service owns.

        :raises ManagedByService: if one does.
        """
        if self.owning_service is not None:
            raise ManagedByService(service=self.owning_service)

    def give_to(self, service: str) -> None:
        """Make another AWS service its owner, with the tag by which AWS marks that (recorded for events)."""
        self.owning_service = service
        self.tags = {"aws:secretsmanager:owningService": service}

    def schedule_deletion(self, at: datetime, purged_at: datetime) -> None:
        """Start the recovery window. Versions and labels stay as they are, so that RestoreSecret can bring them back.

        DescribeSecret's DeletedDate is the moment of the call, not the end of the window (recorded responses).
        """
        self.deletion_begun = True
        self._delete(at, purged_at)

    def delete_by_force(self, at: datetime, purged_at: datetime) -> None:
        """Delete the secret without a recovery window, within seconds."""
        self.deleted_by_force = True
        self._delete(at, purged_at)

    def _delete(self, at: datetime, purged_at: datetime) -> None:
        self.deleted_at = at
        self.purged_at = purged_at
        # Recorded: RotationEnabled becomes false, NextRotationDate disappears, everything else stays.
        self.stop_rotation()
        self.mark_changed(at)

    def restore(self, at: datetime) -> None:
        """End the recovery window. A secret that is not in one stays as it is (GUESS: no error is documented)."""
        if self.deleted_at is not None:
            self.deleted_at = self.purged_at = None
            self.deletion_begun = False
            self.mark_changed(at)

    def next_due(self, limits: Limits) -> datetime | None:
        """When the next change of this secret or a replica is due through time alone, or None."""
        removal = self.versions.next_removal(limits)
        if not (self.purged_at or self.rotation or self.cross_account_replica or self.replicas):
            # The fast path: most secrets, and this runs after every call.
            return removal
        dues = [removal, self.purged_at, *(replica.next_due(limits) for replica in self.replicas.values())]
        if self.rotation is not None:
            dues.append(self.rotation.next_due())
        if self.cross_account_replica is not None:
            dues.append(self.cross_account_replica.next_due(limits))
        return min(filter(None, dues), default=None)

    def record_new_version(self, version: Version, at: datetime) -> None:
        """Note that a value was stored. A new current value abandons a rotation, and itself counts as one."""
        rotation = self.rotation
        is_own = rotation is not None and rotation.pending is not None and rotation.pending.token == version.id
        if rotation is not None and rotation.enabled and not is_own and version is self.versions.current:
            self._drop_pending_test()
            rotation.record_rotation(at)
        self.mark_changed(at)

    def stop_rotation(self) -> None:
        """Turn rotation off. AWSPENDING stays where it is, except on the copy made for a test, which is removed."""
        if self.rotation is not None:
            self._drop_pending_test()
            self.rotation.disable()

    def _drop_pending_test(self) -> None:
        if self.rotation is not None and self.rotation.pending is not None and self.rotation.pending.is_test:
            self.versions.drop_test(self.rotation.pending.token)

    def mark_changed(self, at: datetime) -> None:
        self.set_changed(at)
        self.schedule_replica_sync(at)

    def set_changed(self, at: datetime) -> None:
        self.changed_at = at
        if self.orders is not None:
            self.orders.moved(self)

    def schedule_replica_sync(self, at: datetime) -> None:
        """Make a sync of the replicas due, after a change."""
        if self.replicas:
            for replica in self.replicas.values():
                replica.mark_changed(at)
        if self.cross_account_replica is not None:
            self.cross_account_replica.mark_changed(at)

    def tagged(self, pairs: Iterable[tuple[str, str]], limits: Limits) -> dict[str, str]:
        """The secret's tags with these added or changed; new ones come last.

        :raises TagWithoutKey, SystemTag, DuplicateTag, TooManyTags:
        """
        tags = {**(self.tags or {}), **_checked_tags(pairs)}
        # AWS's own tags do not count (AWS General Reference, "Tag naming limits").
        if sum(not key.startswith("aws:") for key in tags) > limits.tags_per_secret:
            raise TooManyTags(limit=limits.tags_per_secret)
        return tags

    def untagged(self, keys: Sequence[str]) -> dict[str, str] | None:
        """The secret's tags without these; missing keys are ignored. None only if the secret never had tags.

        :raises SystemTag:
        """
        for key in keys:
            _check_own(key)
        return self.tags and {key: value for key, value in self.tags.items() if key not in keys}

    def use_key(self, kms_key_id: str, key_id: str, re_encrypted: Iterable[Version]) -> None:
        """Use another key for new versions, and put it on the versions that could be re-encrypted."""
        self.kms_key_id, self.key_id = kms_key_id, key_id
        for version in re_encrypted:
            # The newest key is last, even if the version has had it before.
            version.key_ids = [*(one for one in version.key_ids if one != key_id), key_id]

    def record_access(self, version: Version, at: datetime) -> None:
        """Note the day of a read. AWS keeps only the day (recorded: test_last_accessed_date)."""
        day = at.date()
        if version.accessed_on != day:
            version.accessed_on = day
        if self.accessed_on != day:
            self.accessed_on = day
            if self.orders is not None:
                self.orders.moved(self)


def _checked_tags(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for key, value in pairs:
        if not key:
            raise TagWithoutKey
        _check_own(key)
        if key in tags:
            raise DuplicateTag(key=key)
        tags[key] = value
    return tags


def _check_own(key: str) -> None:
    if key.startswith("aws:"):
        raise SystemTag(key=key)
