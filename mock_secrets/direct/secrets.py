"""Direct access to a secret: a test reads and changes it without a client, through the same operations."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mock_secrets.direct.handles import there
from mock_secrets.kernel.options import SeedValue, seed_value
from mock_secrets.kernel.redaction import are_shown, redacted_document
from mock_secrets.kernel.suggestions import did_you_mean, explains_names
from mock_secrets.model.rotation import RotationRun
from mock_secrets.model.secret import Secret
from mock_secrets.model.versions import Value, Version
from mock_secrets.operations import views
from mock_secrets.report.history import history
from mock_secrets.report.text import draw_timeline
from mock_secrets.service.path import Service

# An error lists at most this many names.
_NAMED = 20


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A snapshot of a version of a secret, taken when it was requested.

    :ivar id: the VersionId.
    :ivar stages: its staging labels; empty for a deprecated version.
    :ivar created_at: an aware UTC datetime.
    :ivar value: str or bytes, or None for the placeholder of a rotation. The repr shows it only with ``show_values``.
    """

    id: str
    stages: tuple[str, ...]
    created_at: datetime
    value: Value | None

    @property
    def json(self) -> Any:
        """The value parsed as JSON, or None for a version without one. Its repr hides its strings.

        :raises ValueError: if the value is not JSON. The message does not show it.
        """
        return _document(self.value, f"the version {self.id}")

    def __repr__(self) -> str:
        value = f": {self.value!r}" if are_shown() else ""
        labels = "/".join(self.stages) or "deprecated"
        return f"<version {self.id} {labels} of {self.created_at:%Y-%m-%d %H:%M:%S}{value}>"


class Stages(dict[str, StoredVersion]):
    """Versions by staging label. A label that no version has raises a KeyError that lists the existing labels."""

    def __missing__(self, label: str) -> StoredVersion:
        there = ", ".join(self) or "none"
        raise NoSuchStage(f"no version has the staging label {label!r}.{did_you_mean(label, self)} Labels: {there}")


class NoSuchSecret(KeyError):
    """``backend["name"]`` names a secret that does not exist."""

    @classmethod
    def among(cls, names: list[str], secret_id: str, *, account_id: str, region: str) -> "NoSuchSecret":
        """The error, with the secrets that exist and the nearest name."""
        there = ", ".join(map(repr, names[:_NAMED])) or "none"
        more = f", … {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return cls(
            f"no secret {secret_id!r} in {region} of account {account_id}."
            f"{did_you_mean(secret_id, names)} Secrets there: {there}{more}"
        )

    def __str__(self) -> str:
        return str(self.args[0])


class NoSuchStage(KeyError):
    """``stages["..."]`` names a staging label that no version has."""

    def __str__(self) -> str:
        return str(self.args[0])


class StoredSecret:
    """A secret, through direct access. Its attributes always show the current state."""

    def __init__(self, service: Service, secret: Secret) -> None:
        self._service = service
        self._held = secret

    @property
    def _secret(self) -> Secret:
        """The secret, after all due events have run."""
        with self._service.lock:
            self._service.clock.run_due()
        return there(self._held, f"the secret {self._held.name!r}")

    def __repr__(self) -> str:
        labelled = [repr(version) for version in self.versions if version.stages]
        deprecated = len(self.versions) - len(labelled)
        versions = ", ".join([*labelled, *([f"{deprecated} deprecated"] if deprecated else [])])
        ends = self.deletion_date
        deleted = "" if ends is None else f", scheduled for deletion, its recovery window ends {ends:%Y-%m-%d %H:%M:%S}"
        return f"<secret {self.name!r} in {self._secret.region}{deleted}: {versions or 'no value'}>"

    @property
    def name(self) -> str:
        """The secret's name."""
        return self._secret.name

    @property
    def arn(self) -> str:
        """The secret's ARN, which ends in six random characters."""
        return self._secret.arn

    @property
    def description(self) -> str:
        """The secret's description; empty if it has none."""
        return self._secret.description

    @property
    def kms_key_id(self) -> str | None:
        """The key, as it was given, or None for the account's default key."""
        return self._secret.kms_key_id or None

    @property
    def tags(self) -> dict[str, str]:
        """The secret's tags, as a new dict of values by key."""
        return dict(self._secret.tags or {})

    @property
    def created_at(self) -> datetime:
        """When the secret was created, an aware UTC datetime."""
        return self._secret.created_at

    @property
    def changed_at(self) -> datetime:
        """When the secret was last changed, an aware UTC datetime."""
        return self._secret.changed_at

    @property
    def deleted_at(self) -> datetime | None:
        """When DeleteSecret was called, an aware UTC datetime; None if the secret is not scheduled for deletion."""
        return self._secret.deleted_at

    @property
    def deletion_date(self) -> datetime | None:
        """When the recovery window ends, an aware UTC datetime; None unless DeleteSecret was called."""
        return self._secret.purged_at

    @property
    def value(self) -> Value | None:
        """The value of AWSCURRENT, str or bytes; None if the secret has none."""
        current = self._secret.versions.current
        return current.value if current else None

    @property
    def json(self) -> Any:
        """The value of AWSCURRENT parsed as JSON. Its repr hides its strings.

        :raises ValueError: if the value is not JSON. The message does not show it.
        """
        return _document(self.value, f"the secret {self.name!r}")

    @property
    def versions(self) -> list[StoredVersion]:
        """All versions including deprecated ones, the oldest first."""
        return [_stored(version) for version in self._secret.versions]

    @property
    def stages(self) -> "Stages":
        """The version that each staging label is attached to."""
        return Stages({label: version for version in self.versions for label in version.stages})

    @property
    def rotations(self) -> list[RotationRun]:
        """All rotation runs, the oldest first, with their steps, times, results or exceptions, and outcome."""
        rotation = self._secret.rotation
        return list(rotation.runs) if rotation else []

    def timeline(self) -> str:
        """Return what happened to the secret, with the lines of code that did it, and its versions.

        :returns: a text that does not contain the value.
        """
        return draw_timeline(history(self._service, only=self._secret.arn))

    def finish_rotation(self) -> list[RotationRun]:
        """Run the pending rotation now, without waiting for the clock.

        :returns: all runs, with this one last.
        :raises RuntimeError: if it is running in another thread and has not finished after 30 real seconds.
        """
        with self._service.lock:
            self._service.due.run_pending_rotation(self._secret)
        return self.rotations

    @explains_names
    def update(self, value: SeedValue, *, token: str | None = None) -> StoredVersion:
        """Store a new current value, as UpdateSecret does.

        :param token: the new version's id; by default a generated one.
        """
        return self._store("UpdateSecret", value, token)

    @explains_names
    def put(
        self, value: SeedValue, *, stages: Iterable[str] = ("AWSCURRENT",), token: str | None = None
    ) -> StoredVersion:
        """Store a new version with these staging labels, as PutSecretValue does.

        :param token: the new version's id; by default a generated one.
        """
        return self._store("PutSecretValue", value, token, VersionStages=list(stages))

    def _store(self, operation: str, value: SeedValue, token: str | None, **params: Any) -> StoredVersion:
        answer = self._service.direct(
            operation,
            account_id=self._secret.account_id,
            region=self._secret.region,
            SecretId=self.arn,
            ClientRequestToken=token or self._service.state.ids.uuid(),
            **value_member(seed_value(self.name, value)),
            **params,
        )
        return next(version for version in self.versions if version.id == answer["VersionId"])


def tag_members(tags: Mapping[str, str]) -> list[dict[str, str]]:
    if not isinstance(tags, Mapping):
        raise TypeError(f"tags takes a mapping of keys to values, not {type(tags).__name__}")
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def value_member(value: str | bytes) -> dict[str, Any]:
    return {"SecretBinary" if isinstance(value, bytes) else "SecretString": value}


def _document(value: Value | None, what: str) -> Any:
    if value is None:
        return None
    with suppress(ValueError, RecursionError):
        return redacted_document(json.loads(value))
    # Raised outside the handler, because the decoder's error holds the value.
    raise ValueError(f"the value of {what} is not JSON")


def _stored(version: Version) -> StoredVersion:
    return StoredVersion(version.id, tuple(views.stages(version.labels)), version.created_at, version.value)
