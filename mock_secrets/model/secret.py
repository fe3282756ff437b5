"""A secret: its metadata, and the states in which AWS refuses to touch it."""

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
    """What wants to know that a listing may show a secret in another place."""

    def moved(self, secret: "Secret") -> None: ...


@dataclass(slots=True, eq=False, kw_only=True)
class Secret(Journaled):
    """One secret of one account in one region.

    ``kms_key_id`` is the key as somebody named it, ``key_id`` as ListSecretVersionIds names it.
    ``tags`` is None until tags are first given, and then stays a mapping even when it is empty.
    ``purged_at`` is the end of the recovery window that ``deleted_at`` began. ``serial`` tells which secret of a
    region was made first, ``orders`` where the region keeps it for a listing. ``replication_policy`` is the one that AWS
    puts on a replica of another account's secret, named ``cross-account-replication``. ``deletion_begun`` tells whether
    its versions are leaving already, as they are from the beginning of a recovery window, and ``deleted_by_force`` whether
    there was to be none. ``primary`` is the secret whose replica this one is, also where that one is gone.
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
        """Its resource policies as one: what either denies is denied, what either allows is allowed."""
        if self.policy is None or self.replication_policy is None:
            return self.policy or self.replication_policy
        return Policy(self.policy.document, self.policy.statements + self.replication_policy.statements)

    def is_replica_of(self, primary: "Secret") -> bool:
        return self.primary is primary

    @property
    def uses_default_key(self) -> bool:
        """Whether it is encrypted with aws/secretsmanager, which no other account can use."""
        return self.key_id == DEFAULT_KEY

    def check_readable(self) -> None:
        """:raises MarkedForDeletion: if it is in its recovery window."""
        if self.deleted_at is not None:
            raise MarkedForDeletion

    def check_writable(self, *, also_replica: bool = False) -> None:
        """Replica, then deletion, then owner: the order among them is a GUESS.

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
        """Whether there is nothing that any check could refuse, as with most secrets of most tests."""
        return (
            self.deleted_at is None
            and self.primary_region is None
            and self.cross_account_primary is None
            and self.owning_service is None
        )

    def check_primary(self) -> None:
        """:raises ReplicaIsReadOnly:"""
        if self.is_replica:
            raise ReplicaIsReadOnly

    def check_source(self) -> None:
        """Raise if its value comes from another secret, of another Region or (GUESS) another account.

        :raises ReplicaIsReadOnly, CrossAccountReplicaIsReadOnly:
        """
        self.check_primary()
        if self.cross_account_primary is not None:
            raise CrossAccountReplicaIsReadOnly

    def check_owner(self) -> None:
        """:raises ManagedByService:"""
        if self.owning_service is not None:
            raise ManagedByService(service=self.owning_service)

    def give_to(self, service: str) -> None:
        """Have another AWS service own it, with the tag by which AWS marks that (recorded for events)."""
        self.owning_service = service
        self.tags = {"aws:secretsmanager:owningService": service}

    def schedule_deletion(self, at: datetime, purged_at: datetime) -> None:
        """Begin the recovery window. Versions and labels stay as they are, for RestoreSecret to bring back.

        DescribeSecret's DeletedDate is the moment of the call, not the end of the window (recorded responses).
        """
        self.deletion_begun = True
        self._delete(at, purged_at)

    def delete_by_force(self, at: datetime, purged_at: datetime) -> None:
        """Delete it for good, within seconds."""
        self.deleted_by_force = True
        self._delete(at, purged_at)

    def _delete(self, at: datetime, purged_at: datetime) -> None:
        self.deleted_at = at
        self.purged_at = purged_at
        # Recorded: RotationEnabled turns false, NextRotationDate goes, the rest stays.
        self.stop_rotation()
        self.mark_changed(at)

    def restore(self, at: datetime) -> None:
        """End the recovery window. A secret that is not in one stays as it is (GUESS: no error is documented)."""
        if self.deleted_at is not None:
            self.deleted_at = self.purged_at = None
            self.deletion_begun = False
            self.mark_changed(at)

    def next_due(self, limits: Limits) -> datetime | None:
        """When time alone next changes this secret, or one of its replicas."""
        dues = [self.purged_at, self.versions.next_removal(limits)]
        # After every call this is asked, and few secrets have either.
        if self.rotation is not None:
            dues.append(self.rotation.next_due())
        if self.replicas:
            dues += [replica.next_due(limits) for replica in self.replicas.values()]
        if self.cross_account_replica is not None:
            dues.append(self.cross_account_replica.next_due(limits))
        return min(filter(None, dues), default=None)

    def record_new_version(self, version: Version, at: datetime) -> None:
        """Remember that a value was stored. A new current one abandons a rotation, and counts as one itself."""
        rotation = self.rotation
        is_own = rotation is not None and rotation.pending is not None and rotation.pending.token == version.id
        if rotation is not None and rotation.enabled and not is_own and version is self.versions.current:
            self._drop_pending_test()
            rotation.record_rotation(at)
        self.mark_changed(at)

    def stop_rotation(self) -> None:
        """Turn rotation off. AWSPENDING stays where it is, but for the copy of a test, which is nobody's."""
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
        """Have the replicas follow what changed."""
        if self.replicas:
            for replica in self.replicas.values():
                replica.mark_changed(at)
        if self.cross_account_replica is not None:
            self.cross_account_replica.mark_changed(at)

    def tagged(self, pairs: Iterable[tuple[str, str]], limits: Limits) -> dict[str, str]:
        """Its tags with these added or changed; a new one comes after those that are there.

        :raises TagWithoutKey, SystemTag, DuplicateTag, TooManyTags:
        """
        tags = {**(self.tags or {}), **_checked_tags(pairs)}
        # Those of AWS itself do not count (AWS General Reference, "Tag naming limits").
        if sum(not key.startswith("aws:") for key in tags) > limits.tags_per_secret:
            raise TooManyTags(limit=limits.tags_per_secret)
        return tags

    def untagged(self, keys: Sequence[str]) -> dict[str, str] | None:
        """Its tags without these; a key that is not there is no error. What had tags once keeps an empty list of them.

        :raises SystemTag:
        """
        for key in keys:
            _check_own(key)
        return self.tags and {key: value for key, value in self.tags.items() if key not in keys}

    def use_key(self, kms_key_id: str, key_id: str, re_encrypted: Iterable[Version]) -> None:
        """Encrypt what comes with another key, and put it on what could be encrypted again."""
        self.kms_key_id, self.key_id = kms_key_id, key_id
        for version in re_encrypted:
            # The newest last, also where it is an earlier one again.
            version.key_ids = [*(one for one in version.key_ids if one != key_id), key_id]

    def record_access(self, version: Version, at: datetime) -> None:
        """Remember the day of a read. AWS keeps no more than the day (recorded: test_last_accessed_date)."""
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
