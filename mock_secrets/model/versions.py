"""The versions of a secret and their staging labels: every rule that moves a label is here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from mock_secrets.errors import (
    LabelNotFound,
    LabelNotOnVersion,
    QuotaExceeded,
    TokenInUse,
    VersionNotFound,
)
from mock_secrets.limits import Limits

AWSCURRENT = "AWSCURRENT"
AWSPREVIOUS = "AWSPREVIOUS"
AWSPENDING = "AWSPENDING"

#: What ListSecretVersionIds calls the key ``aws/secretsmanager``.
DEFAULT_KEY = "DefaultEncryptionKey"

Value = str | bytes


@dataclass(slots=True, eq=False)
class Version:
    """One version of a secret.

    A version without a value is the placeholder of a rotation that has begun.
    """

    id: str
    value: Value | None = field(repr=False)
    created_at: datetime
    key_ids: list[str]
    accessed_on: date | None = None
    labels: set[str] = field(default_factory=set)

    def holds(self, value: Value) -> bool:
        """Whether the value is this one. Text and bytes are never the same value (GUESS: AWS compares each kind)."""
        return type(self.value) is type(value) and self.value == value


class Versions:
    """All versions of one secret, in the order in which they were made."""

    def __init__(self, secret_arn: str) -> None:
        self._secret_arn = secret_arn
        self._by_id: dict[str, Version] = {}
        self._by_label: dict[str, Version] = {}

    def __iter__(self) -> Iterator[Version]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, version_id: str) -> bool:
        return version_id in self._by_id

    @property
    def current(self) -> Version | None:
        return self._by_label.get(AWSCURRENT)

    def get(self, version_id: str) -> Version | None:
        return self._by_id.get(version_id)

    def labelled(self, label: str) -> Version | None:
        return self._by_label.get(label)

    def select(self, version_id: str | None, label: str | None) -> Version:
        """The version that GetSecretValue reads: by id, by label, or by both if they agree.

        The id is looked up first; a pair that does not match is refused before
        the label is searched elsewhere (recorded: test_get_secret_value_errors).
        """
        if version_id is not None:
            version = self._by_id.get(version_id)
            if version is not None and label is not None and label not in version.labels:
                raise LabelNotOnVersion
            if version is None or version.value is None:
                raise VersionNotFound(version_id=version_id)
            return version
        label = label or AWSCURRENT
        version = self._by_label.get(label)
        if version is None or version.value is None:
            raise LabelNotFound(label=label)
        return version

    def with_token(self, token: str, value: Value) -> Version | None:
        """The version that a ClientRequestToken already made with this value.

        None if the token is new, or belongs to a placeholder that has no value yet.

        :raises TokenInUse: if the token's version has another value.
        """
        version = self._by_id.get(token)
        if version is None or version.value is None:
            return None
        if not version.holds(value):
            raise self.token_in_use(token)
        return version

    def token_in_use(self, token: str) -> TokenInUse:
        return TokenInUse(token=token, arn=self._secret_arn)

    def check_room(self, token: str, labels: Iterable[str], at: datetime, limits: Limits) -> None:
        """Whether a version with these labels can be stored, before anything is changed.

        :raises QuotaExceeded: if it would be a version or a label too many.
        """
        if token not in self._by_id and self._counted(at, limits) >= limits.versions_per_secret:
            raise QuotaExceeded
        self.check_label_room(labels, limits)

    def check_label_room(self, labels: Iterable[str], limits: Limits) -> None:
        """:raises QuotaExceeded: if these labels would be too many on all versions together."""
        after = self._by_label.keys() | set(labels)
        # AWSPREVIOUS comes by itself when AWSCURRENT leaves a version.
        if AWSCURRENT in labels and self.current is not None:
            after = after | {AWSPREVIOUS}
        if len(after) > max(limits.labels_per_secret, len(self._by_label)):
            raise QuotaExceeded

    def store(self, token: str, value: Value, labels: Iterable[str], at: datetime, key_id: str) -> Version:
        """Store a value as a new version, or into the placeholder that has this id, and label it.

        The first version of a secret is always AWSCURRENT, whatever labels were
        asked for (documentation of PutSecretValue).
        """
        wanted = set(labels)
        if not self._by_id:
            wanted.add(AWSCURRENT)
        version = self._by_id.get(token)
        if version is None:
            version = self._by_id[token] = Version(token, value, at, [key_id])
        else:
            version.value = value
        for label in wanted - {AWSCURRENT}:
            self._attach(label, version)
        if AWSCURRENT in wanted:
            # A new current version abandons a rotation that is under way (event
            # RotationAbandoned in the User Guide; recorded: ..._current_pending).
            if AWSPENDING not in wanted:
                self.detach(AWSPENDING)
            self.make_current(version)
        return version

    def make_current(self, version: Version) -> None:
        """Move AWSCURRENT, and put AWSPREVIOUS on the version that it leaves."""
        left = self.current
        if left is version:
            return
        self._attach(AWSCURRENT, version)
        if left is not None:
            self._attach(AWSPREVIOUS, left)
        elif AWSPREVIOUS in version.labels:
            self.detach(AWSPREVIOUS)

    def detach(self, label: str) -> None:
        version = self._by_label.pop(label, None)
        if version is not None:
            version.labels.discard(label)

    def re_encrypt(self, key_id: str) -> None:
        """Put a changed key on the versions that AWS encrypts again, which the old key can still decrypt.

        Source: documentation of UpdateSecret, parameter KmsKeyId.
        """
        for label in (AWSCURRENT, AWSPENDING, AWSPREVIOUS):
            version = self._by_label.get(label)
            if version is not None and key_id not in version.key_ids:
                version.key_ids.append(key_id)

    def _attach(self, label: str, version: Version) -> None:
        self.detach(label)
        self._by_label[label] = version
        version.labels.add(label)

    def _counted(self, at: datetime, limits: Limits) -> int:
        """The versions that count against the quota.

        A labelled version past the retention is kept by its label, not by the
        update rate, so a sustainable rate stays sustainable however many
        versions are labelled (GUESS: AWS publishes no hard number).
        """
        kept_by_label = sum(1 for version in set(self._by_label.values()) if _age(version, at) >= limits.retention)
        return len(self._by_id) - kept_by_label


def _age(version: Version, at: datetime) -> timedelta:
    return at - version.created_at
