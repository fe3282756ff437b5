"""A secret: its metadata, and the states in which AWS refuses to touch it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from mock_secrets.errors import (
    DuplicateTag,
    ManagedByService,
    MarkedForDeletion,
    ReplicaIsReadOnly,
    SystemTag,
    TooManyTags,
)
from mock_secrets.limits import Limits
from mock_secrets.model.versions import DEFAULT_KEY, Version, Versions

_DEFAULT_KEY_ALIAS = "alias/aws/secretsmanager"


@dataclass(slots=True, eq=False, kw_only=True)
class Secret:
    """One secret of one account in one region.

    ``tags`` is None until tags are first given, and then stays a mapping even when it is empty.
    """

    name: str
    arn: str
    account_id: str
    region: str
    created_at: datetime
    changed_at: datetime
    description: str = ""
    kms_key_id: str = ""
    type: str = ""
    tags: dict[str, str] | None = None
    accessed_on: date | None = None
    deleted_at: datetime | None = None
    owning_service: str | None = None
    primary_region: str | None = None
    versions: Versions = field(init=False)

    def __post_init__(self) -> None:
        self.versions = Versions(self.arn)

    @property
    def is_replica(self) -> bool:
        return self.primary_region is not None and self.primary_region != self.region

    @property
    def uses_default_key(self) -> bool:
        """Whether it is encrypted with aws/secretsmanager, which no other account can use."""
        return self.kms_key_id in ("", _DEFAULT_KEY_ALIAS)

    @property
    def key_id(self) -> str:
        """The key as ListSecretVersionIds names it."""
        return DEFAULT_KEY if self.uses_default_key else self.kms_key_id

    def check_readable(self) -> None:
        """:raises MarkedForDeletion: if it is in its recovery window."""
        if self.deleted_at is not None:
            raise MarkedForDeletion

    def check_writable(self) -> None:
        """Replica, then deletion, then owner: the order among them is a GUESS.

        :raises ReplicaIsReadOnly, MarkedForDeletion, ManagedByService:
        """
        if self.is_replica:
            raise ReplicaIsReadOnly
        self.check_readable()
        if self.owning_service is not None:
            raise ManagedByService(service=self.owning_service)

    def use_key(self, kms_key_id: str) -> None:
        self.kms_key_id = kms_key_id
        self.versions.re_encrypt(self.key_id)

    def note_access(self, version: Version, at: datetime) -> None:
        """Remember the day of a read. AWS keeps no more than the day (recorded: test_last_accessed_date)."""
        self.accessed_on = version.accessed_on = at.date()


def checked_tags(pairs: Iterable[tuple[str, str]], limits: Limits) -> dict[str, str]:
    """The tags by key, in the order in which they were given.

    :raises SystemTag, DuplicateTag, TooManyTags:
    """
    tags: dict[str, str] = {}
    for key, value in pairs:
        if key.startswith("aws:"):
            raise SystemTag(key=key)
        if key in tags:
            raise DuplicateTag(key=key)
        tags[key] = value
    if len(tags) > limits.tags_per_secret:
        raise TooManyTags(limit=limits.tags_per_secret)
    return tags
