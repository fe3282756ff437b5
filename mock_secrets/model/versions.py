"""The versions of a secret and their staging labels, with every rule that moves a label."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import ClassVar

from mock_secrets.kernel.errors import (
    CurrentCannotBeRemoved,
    CurrentNeedsValue,
    LabelNotFound,
    LabelNotOnVersion,
    NoVersionToMoveBetween,
    QuotaExceeded,
    RemoveFromMismatch,
    RemoveFromMissing,
    TokenInUse,
    VersionNotFound,
)
from mock_secrets.kernel.journal import Journaled, JournaledDict, set_first
from mock_secrets.kernel.limits import Limits
from mock_secrets.kernel.redaction import RedactedBytes, RedactedStr

AWSCURRENT = "AWSCURRENT"
AWSPREVIOUS = "AWSPREVIOUS"
AWSPENDING = "AWSPENDING"

#: The name of the key ``aws/secretsmanager`` in ListSecretVersionIds.
DEFAULT_KEY = "DefaultEncryptionKey"

_NO_LABELS: frozenset[str] = frozenset()

#: The value of a version. The parameters of calls and the log share the same object.
Value = RedactedStr | RedactedBytes


@dataclass(slots=True, eq=False, init=False)
class Version(Journaled):
    """One version of a secret.

    A version without a value is the placeholder of a rotation that has started.
    """

    id: str
    value: Value | None = field(repr=False)
    created_at: datetime
    key_ids: list[str]
    accessed_on: date | None
    labels: frozenset[str]

    _has_parts: ClassVar[bool] = False

    def __init__(
        self, id: str, value: Value | None, created_at: datetime, key_ids: list[str], accessed_on: date | None = None
    ) -> None:
        # set_first skips the journal, which matters because many versions are created.
        set_first(self, "id", id)
        set_first(self, "value", value)
        set_first(self, "created_at", created_at)
        set_first(self, "key_ids", key_ids)
        set_first(self, "accessed_on", accessed_on)
        set_first(self, "labels", _NO_LABELS)

    def holds(self, value: Value) -> bool:
        """Whether this is the version's value. Text and bytes are never equal (GUESS: AWS compares each kind)."""
        return type(self.value) is type(value) and self.value == value


class Versions(Journaled):
    """All versions of one secret, in the order of creation."""

    __slots__ = ("_by_id", "_by_label", "_secret_arn")

    def __init__(self, secret_arn: str) -> None:
        self._secret_arn = secret_arn
        self._by_id: JournaledDict[str, Version] = JournaledDict()
        self._by_label: JournaledDict[str, Version] = JournaledDict()

    def __iter__(self) -> Iterator[Version]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, version_id: str) -> bool:
        return version_id in self._by_id

    @property
    def current(self) -> Version | None:
        return self._by_label.get(AWSCURRENT)

    @property
    def labelled(self) -> dict[str, str]:
        """The id of the version that each staging label is on."""
        return {label: version.id for label, version in self._by_label.items()}

    def get(self, version_id: str) -> Version | None:
        return self._by_id.get(version_id)

    def select(self, version_id: str | None, label: str | None) -> Version:
        """The version that GetSecretValue reads: by id, by label, or by both if they agree.

        The id is looked up first. A label that is not on that version is an error, whether or not another version has
        it (recorded: test_get_secret_value_errors).
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
        """The version that a ClientRequestToken has already created with this value.

        None if the token is new, or belongs to a placeholder that has no value yet.

        :raises TokenInUse: if the token's version has a different value.
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
        """Check that a version with these labels can be stored, before anything is changed.

        :raises QuotaExceeded: if there would be too many versions or labels.
        """
        # The length is checked first, because counting iterates over all versions.
        is_full = (
            len(self) >= limits.versions_per_secret and len(self._counted(at, limits)) >= limits.versions_per_secret
        )
        if token not in self._by_id and is_full:
            raise QuotaExceeded
        wanted = self._wanted(labels)
        # One more, because AWSPREVIOUS may be added too.
        if len(self._by_label) + len(wanted) >= limits.labels_per_secret:
            self._check_labels(self._labels_after(wanted), limits)

    def store(self, token: str, value: Value, labels: Iterable[str], at: datetime, key_id: str) -> Version:
        """Store a value as a new version, or in the placeholder with this id, and attach the labels.

        A new current version abandons a rotation in progress (event RotationAbandoned in the User Guide; recorded:
        ..._current_pending).
        """
        wanted = self._wanted(labels)
        version = self._by_id.get(token)
        if version is None:
            version = self._by_id[token] = Version(token, value, at, [key_id])
        else:
            version.value, version.key_ids = value, [key_id]
        for label in wanted - {AWSCURRENT}:
            self._attach(label, version)
        if AWSCURRENT in wanted:
            if AWSPENDING not in wanted:
                self._detach(AWSPENDING)
            self._make_current(version)
        return version

    def begin_pending(self, token: str, value: Value | None, at: datetime, key_id: str) -> None:
        """Add the version of a starting rotation, with AWSPENDING and usually without a value."""
        version = self._by_id[token] = Version(token, value, at, [key_id])
        self._attach(AWSPENDING, version)

    def dangling_pending(self) -> Version | None:
        """The version on which a rotation left AWSPENDING without moving AWSCURRENT to it, or None."""
        pending = self._by_label.get(AWSPENDING)
        return pending if pending is not None and pending is not self.current else None

    def drop_test(self, version_id: str) -> None:
        """Remove the version of a tested rotation, unless another label has been attached to it."""
        version = self._by_id.get(version_id)
        if version is None:
            return
        if AWSPENDING in version.labels:
            self._detach(AWSPENDING)
        if not version.labels:
            del self._by_id[version_id]

    def move_label(self, label: str, move_to: str | None, remove_from: str | None, limits: Limits) -> bool:
        """Attach, move or remove a staging label, as UpdateSecretVersionStage does.

        :returns: whether anything changed. Attaching a label where it already is is not an error (GUESS).
        :raises InvalidParameterException: if the label is not where ``remove_from`` says, or can't be removed.
        :raises VersionNotFound, QuotaExceeded:
        """
        if move_to is None and remove_from is None:
            raise NoVersionToMoveBetween
        target = None if move_to is None else self._by_id.get(move_to)
        if move_to is not None and target is None:
            raise VersionNotFound(version_id=move_to)
        holder = self._by_label.get(label)
        if remove_from is not None and (holder is None or holder.id != remove_from):
            raise RemoveFromMismatch(label=label)
        if target is None:
            if label == AWSCURRENT:
                raise CurrentCannotBeRemoved
            self._detach(label)
            return True
        if target is holder:
            return False
        if holder is not None and remove_from is None:
            raise RemoveFromMissing(label=label, version_id=holder.id)
        if label == AWSCURRENT and target.value is None:
            raise CurrentNeedsValue(version_id=target.id)
        # AWSPREVIOUS moves automatically when AWSCURRENT leaves a version.
        moved = {AWSCURRENT, AWSPREVIOUS} if label == AWSCURRENT and holder is not None else {label}
        self._check_labels({*self._by_label, *moved}, limits)
        if label == AWSCURRENT:
            self._make_current(target)
        else:
            self._attach(label, target)
        return True

    def next_removal(self, limits: Limits) -> datetime | None:
        """When the next outdated version may be removed, or None while there are not too many versions."""
        if len(self._by_id) <= limits.retained_versions:
            return None
        outdated = self._oldest_deprecated(limits)
        return None if outdated is None else outdated.created_at + limits.retention

    def remove_outdated(self, at: datetime, limits: Limits) -> list[str]:
        """Remove unlabelled versions that are too many and older than the retention time, the oldest first.

        :returns: the ids of the removed versions.

        Source: "Secrets Manager removes unlabeled versions when there are more than 100, but it does not remove
        versions created less than 24 hours ago" (User Guide, quotas; documentation of UpdateSecret).
        """
        removed: list[str] = []
        while (outdated := self._oldest_deprecated(limits)) and _age(outdated, at) >= limits.retention:
            del self._by_id[outdated.id]
            removed.append(outdated.id)
        return removed

    def interval_too_short(self, at: datetime, limits: Limits) -> timedelta | None:
        """The mean time between versions if updates are too frequent, otherwise None.

        They are if the quota is reached, and the last two versions are closer together than the time until the oldest
        may be removed, so that at this pace the next update would fail.
        """
        made = sorted(version.created_at for version in self._counted(at, limits))
        if (
            len(made) < max(2, limits.versions_per_secret)
            or made[-1] - made[-2] >= made[0] + limits.retention - made[-1]
        ):
            return None
        return (made[-1] - made[0]) / (len(made) - 1)

    def _make_current(self, version: Version) -> None:
        """Move AWSCURRENT, and put AWSPREVIOUS on the version that it leaves."""
        left = self.current
        if left is version:
            return
        self._attach(AWSCURRENT, version)
        if left is not None:
            self._attach(AWSPREVIOUS, left)

    def hold(self, versions: Iterable[Version], labels: Mapping[str, str]) -> None:
        """Take over versions and labels, for instance from a saved state.

        :param labels: the version's id by label.
        """
        for version in versions:
            self._by_id[version.id] = version
        for label, version_id in labels.items():
            self._attach(label, self._by_id[version_id])

    def _detach(self, label: str) -> None:
        if label in self._by_label:
            self._by_label.pop(label).labels -= {label}

    def follow(self, others: "Versions", key_id: str) -> None:
        """Become a copy of a primary's versions. New ones get this secret's key; access days stay its own."""
        copies = [self._copied(version, key_id) for version in others]
        self._by_id, self._by_label = JournaledDict(), JournaledDict()
        for copy in copies:
            self._by_id[copy.id] = copy
        for label, version in others._by_label.items():
            self._attach(label, self._by_id[version.id])

    def _copied(self, version: Version, key_id: str) -> Version:
        own = self._by_id.get(version.id)
        if own is None:
            return Version(version.id, version.value, version.created_at, [key_id])
        key_ids = [key_id] if own.value is None else own.key_ids
        return Version(version.id, version.value, version.created_at, key_ids, own.accessed_on)

    def to_re_encrypt(self, key_id: str) -> list[Version]:
        """The versions that AWS re-encrypts when the key changes; the old key can still decrypt them.

        Source: documentation of UpdateSecret, parameter KmsKeyId.
        """
        labelled = (self._by_label.get(label) for label in (AWSCURRENT, AWSPENDING, AWSPREVIOUS))
        versions = dict.fromkeys(version for version in labelled if version is not None)
        return [version for version in versions if version.key_ids[-1] != key_id]

    def _wanted(self, labels: Iterable[str]) -> set[str]:
        """The labels of a version to be stored. A secret's first version always has AWSCURRENT.

        Source: documentation of PutSecretValue.
        """
        return set(labels) if self._by_id else {*labels, AWSCURRENT}

    def _labels_after(self, wanted: set[str]) -> set[str]:
        """All labels of the secret after a version with the wanted ones is stored."""
        after = {*self._by_label, *wanted}
        if AWSCURRENT in wanted:
            if self.current is not None:
                after = after | {AWSPREVIOUS}
            if AWSPENDING not in wanted:
                after = after - {AWSPENDING}
        return after

    def _check_labels(self, after: set[str], limits: Limits) -> None:
        """Check the quota of labels, given all of them as they would be.

        :raises QuotaExceeded: if these are too many labels for all versions together.
        """
        if len(after) > max(limits.labels_per_secret, len(self._by_label)):
            raise QuotaExceeded

    def _attach(self, label: str, version: Version) -> None:
        left = self._by_label.get(label)
        if left is not None:
            left.labels -= {label}
        self._by_label[label] = version
        version.labels |= {label}

    def _oldest_deprecated(self, limits: Limits) -> Version | None:
        if len(self._by_id) <= limits.retained_versions:
            return None
        return next((version for version in self if not version.labels), None)

    def _counted(self, at: datetime, limits: Limits) -> list[Version]:
        """The versions that count against the quota.

        A labelled version older than the retention time is kept because of its label, not because of the update rate.
        So it does not count, and a sustainable rate stays sustainable (GUESS: AWS publishes no hard number).
        """
        return [version for version in self if not version.labels or _age(version, at) < limits.retention]


def _age(version: Version, at: datetime) -> timedelta:
    return at - version.created_at
