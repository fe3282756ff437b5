"""Saves the state of a backend as JSON data and loads it: secrets, keys, the time, and the sequence of ids.

It does not include the history (calls, events, rotation runs), or what a test creates in Python: functions, users and
roles.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from mock_secrets.aws.kms import Key
from mock_secrets.kernel.codes import AWSError
from mock_secrets.kernel.instants import service_instant
from mock_secrets.kernel.plain import Damaged, Form, Forms
from mock_secrets.kernel.redaction import redacted
from mock_secrets.model.schedule import Schedule, read_schedule
from mock_secrets.model.secret import Secret
from mock_secrets.model.versions import Value, Version
from mock_secrets.policy.document import Policy, read_key_policy
from mock_secrets.service.path import Service

#: JSON data: dicts, lists, str, int, bool and None.
Data = dict[str, Any]

#: The format that :func:`save` writes, and the only one that :func:`load` accepts.
FORMAT = 1

_WORD = re.compile("[0-9a-f]{8}")


class _Rules(NamedTuple):
    """A schedule's rotation rules as given."""

    days: int | None = None
    expression: str | None = None
    duration: str | None = None


def _write_value(value: Value) -> Any:
    return str(value) if isinstance(value, str) else {"base64": base64.b64encode(value).decode()}


def _read_value(data: Any) -> Any:
    return redacted(data if isinstance(data, str) else base64.b64decode(data["base64"], validate=True))


def _write_schedule(schedule: Schedule) -> Any:
    return _FORMS.write(_Rules, _Rules(schedule.days, schedule.expression, schedule.duration))


def _read_schedule(data: Any) -> Schedule:
    try:
        schedule = read_schedule(*_FORMS.read(_Rules, data, ""))
    except AWSError as error:
        raise ValueError(error.message) from None
    if schedule is None:
        raise ValueError("there is no schedule")
    return schedule


_FORMS = Forms(
    {
        Value: Form(_write_value, _read_value),
        Policy: Form(lambda policy: policy.document, read_key_policy),
        Schedule: Form(_write_schedule, _read_schedule),
    },
    # Derived from other data, or about rotations that ran before.
    frozenset(
        {
            *("Secret.serial", "Secret.orders", "Secret.primary", "Version.labels"),
            *("Rotation.runs", "Rotation.is_running"),
        }
    ),
)


def save(service: Service) -> Data:
    """Return the present state as independent JSON data."""
    with service.lock:
        at = service.clock.run_due()
        return {
            "format": FORMAT,
            "at": at.isoformat(),
            "ids": "".join(f"{word:08x}" for word in service.state.ids.random.getstate()[1]),
            "keys": _FORMS.write(list[Key], service.state.keys),
            "secrets": [_write_secret(secret) for secret in service.state.store],
        }


def load(service: Service, data: Any, passed: timedelta = timedelta(0)) -> None:
    """Load a saved state into a new, unused backend, completely or not at all.

    :param data: data from :func:`save`, possibly damaged.
    :param passed: time that has passed since it was saved. A clock that stands still ignores it, and stays where it
        stands if that is later than the saved time.
    :raises Damaged: if the data is not valid, or has another format.
    """
    at, ids, keys, secrets = _read(data)
    with service.lock:
        service.state.journal.whole(_take_over, service, keys, secrets, at)
        service.state.ids.random.setstate((3, ids, None))
        service.clock.begin_from(at, passed)


class _Read(NamedTuple):
    at: datetime
    ids: tuple[int, ...]
    keys: list[Key]
    secrets: list[Secret]


def _read(data: Any) -> _Read:
    if not isinstance(data, dict) or "format" not in data:
        raise Damaged("it is not a saved state of mock_secrets")
    if data["format"] != FORMAT:
        raise Damaged(
            f"it has format {data['format']!r}, but this version of mock_secrets reads format {FORMAT}: use the version"
            " that wrote it"
        )
    for name in ("at", "ids", "keys", "secrets"):
        if name not in data:
            raise Damaged(f"it lacks {name!r}")
    if not isinstance(data["secrets"], list):
        raise Damaged("secrets is not a list")
    at = service_instant(_FORMS.read(datetime, data["at"], "at"), "at")
    secrets = [_read_secret(one, f"secrets[{number}]") for number, one in enumerate(data["secrets"])]
    by_place: dict[Any, Secret] = {(secret.arn, secret.region): secret for secret in secrets}
    for secret, given in zip(secrets, data["secrets"], strict=True):
        # None if the primary had already been deleted.
        secret.primary = by_place.get((given.get("primary"), secret.primary_region))
    _check_once("secrets", ((one.account_id, one.region, one.name) for one in secrets))
    keys = _FORMS.read(list[Key], data["keys"], "keys")
    _check_once("keys", (one.arn for one in keys))
    return _Read(at, _read_ids(data["ids"]), keys, secrets)


def _read_ids(data: Any) -> tuple[int, ...]:
    words = _WORD.findall(data) if isinstance(data, str) else []
    if len(words) != 625 or "".join(words) != data or int(words[-1], 16) > 624:
        raise Damaged("ids is not the state of a random number generator")
    return tuple(int(word, 16) for word in words)


def _check_once(what: str, names: Iterable[Any]) -> None:
    known: set[Any] = set()
    for name in names:
        if name in known:
            raise Damaged(f"{what} has {name!r} twice")
        known.add(name)


def _write_secret(secret: Secret) -> Data:
    return {
        **_FORMS.write(Secret, secret),
        **({} if secret.primary is None else {"primary": secret.primary.arn}),
        "versions": _FORMS.write(list[Version], secret.versions),
        "labels": secret.versions.labelled,
    }


def _read_secret(data: Any, where: str) -> Secret:
    if not isinstance(data, dict):
        raise Damaged(f"{where} is not a Secret")
    own = {name: value for name, value in data.items() if name not in ("primary", "versions", "labels")}
    secret: Secret = _FORMS.read(Secret, own, where)
    versions = _FORMS.read(list[Version], data.get("versions"), f"{where}.versions")
    labels = _FORMS.read(dict[str, str], data.get("labels"), f"{where}.labels")
    _check_once(f"{where}.versions", (version.id for version in versions))
    for version_id in labels.values():
        if all(version.id != version_id for version in versions):
            raise Damaged(f"{where}.labels names a version that does not exist")
    secret.versions.hold(versions, labels)
    return secret


def _take_over(service: Service, keys: Iterable[Key], secrets: list[Secret], at: datetime) -> None:
    state = service.state
    for key in keys:
        try:
            state.keys.add(key, at)
        except ValueError as error:
            raise Damaged(f"keys: {error}") from None
    for secret in secrets:
        state.store.region(secret.account_id, secret.region).add(secret)
        for value in _values(secret):
            state.trail.remember(value, secret.name)
    for secret in secrets:
        service.due.watch(secret)


def _values(secret: Secret) -> Iterator[Value]:
    return (version.value for version in secret.versions if version.value is not None)
