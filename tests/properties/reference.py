"""Secrets Manager's rules for versions once more, as plainly as they can be said, to check the real ones against."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"


class Refused(Exception):
    """The reference expects this error code."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


@dataclass
class ReferenceVersion:
    value: str
    created_at: datetime


@dataclass
class ReferenceSecret:
    versions: dict[str, ReferenceVersion] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    purged_at: datetime | None = None

    def stages(self, version_id):
        return {label for label, holder in self.labels.items() if holder == version_id}


@dataclass
class Reference:
    """All secrets of one account and region, by name."""

    retained: int
    retention: timedelta
    quota: int
    label_quota: int
    now: datetime
    secrets: dict[str, ReferenceSecret] = field(default_factory=dict)

    def advance(self, delta):
        self.now += delta
        self.settle()

    def settle(self):
        for name, secret in list(self.secrets.items()):
            if secret.purged_at is not None and secret.purged_at <= self.now:
                del self.secrets[name]
                continue
            for version_id in [version_id for version_id in secret.versions if not secret.stages(version_id)]:
                old = secret.versions[version_id].created_at + self.retention <= self.now
                if old and len(secret.versions) > self.retained:
                    del secret.versions[version_id]

    def create(self, name, token, value):
        existing = self.secrets.get(name)
        if existing is not None and existing.purged_at is not None:
            raise Refused("InvalidRequestException")
        if existing is not None:
            if token in existing.versions and existing.versions[token].value == value:
                return
            raise Refused("ResourceExistsException")
        secret = self.secrets[name] = ReferenceSecret()
        if value is not None:
            secret.versions[token] = ReferenceVersion(value, self.now)
            secret.labels[CURRENT] = token

    def store(self, name, token, value, stages):
        secret = self._live(name)
        if token in secret.versions:
            if secret.versions[token].value != value:
                raise Refused("ResourceExistsException")
            return
        stages = set(stages) | (set() if secret.versions else {CURRENT})
        expiring = {
            version_id
            for version_id, version in secret.versions.items()
            if secret.stages(version_id) and version.created_at + self.retention <= self.now
        }
        if len(secret.versions) - len(expiring) >= self.quota:
            raise Refused("LimitExceededException")
        self._check_labels(secret, stages, abandons=True)
        secret.versions[token] = ReferenceVersion(value, self.now)
        if CURRENT in stages:
            left = secret.labels.get(CURRENT)
            if PENDING not in stages:
                secret.labels.pop(PENDING, None)
            for label in stages:
                secret.labels[label] = token
            if left is not None:
                secret.labels[PREVIOUS] = left
        else:
            for label in stages:
                secret.labels[label] = token

    def move(self, name, label, move_to, remove_from):
        secret = self._live(name)
        if move_to is None and remove_from is None:
            raise Refused("InvalidParameterException")
        if move_to is not None and move_to not in secret.versions:
            raise Refused("ResourceNotFoundException")
        holder = secret.labels.get(label)
        if remove_from is not None and remove_from != holder:
            raise Refused("InvalidParameterException")
        if move_to is None:
            if label == CURRENT:
                raise Refused("InvalidParameterException")
            del secret.labels[label]
        elif move_to != holder:
            if holder is not None and remove_from is None:
                raise Refused("InvalidParameterException")
            self._check_labels(secret, {label}, abandons=False)
            secret.labels[label] = move_to
            if label == CURRENT:
                secret.labels.pop(PREVIOUS, None)
                if holder is not None:
                    secret.labels[PREVIOUS] = holder

    def delete(self, name, days):
        self._live(name).purged_at = self.now + timedelta(days=days)

    def delete_at_once(self, name):
        self.secrets.pop(name, None)

    def restore(self, name):
        self._any(name).purged_at = None

    def _any(self, name):
        if name not in self.secrets:
            raise Refused("ResourceNotFoundException")
        return self.secrets[name]

    def _live(self, name):
        secret = self._any(name)
        if secret.purged_at is not None:
            raise Refused("InvalidRequestException")
        return secret

    def _check_labels(self, secret, stages, *, abandons):
        after = set(secret.labels) | stages
        if CURRENT in stages and CURRENT in secret.labels:
            after.add(PREVIOUS)
        if CURRENT in stages and abandons and PENDING not in stages:
            after.discard(PENDING)
        if len(after) > max(self.label_quota, len(secret.labels)):
            raise Refused("LimitExceededException")
