"""What a backend holds as JSON data, to be held by another one: secrets, keys, the time, and the ids that come next.

Not in it are what happened (calls, events, runs of rotations) and what only a test makes in Python: functions, users
and roles.
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

#: Of what :func:`save` gives; :func:`load` takes this and no other.
FORMAT = 1

_WORD = re.compile("[0-9a-f]{8}")


class _Rules(NamedTuple):
    """A schedule as it was given."""

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
    # What tells these is said elsewhere; what ran when it was written runs no more.
    frozenset(
        {
            *("Secret.serial", "Secret.orders", "Secret.primary", "Version.labels"),
            *("Rotation.runs", "Rotation.is_running"),
        }
    ),
)


def save(service: Service) -> Data:
    """What it holds now, as data that shares nothing with it."""
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
    """Have a new backend, which nobody has asked anything yet, hold what another one held. It does wholly or not at all.

    :param data: what :func:`save` gave, of a file that may be damaged.
    :param passed: how much time has passed since then. A clock that stands still stays where it stands, if that is later.
    :raises Damaged: if it is something else, or of another format.
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
        raise Damaged("it is no state of mock_secrets")
    if data["format"] != FORMAT:
        raise Damaged(
            f"it is of format {data['format']!r}, and this mock_secrets reads {FORMAT}: use the one that wrote it"
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
        # One that was gone already is nobody's to find.
        secret.primary = by_place.get((given.get("primary"), secret.primary_region))
    _check_once("secrets", ((one.account_id, one.region, one.name) for one in secrets))
    keys = _FORMS.read(list[Key], data["keys"], "keys")
    _check_once("keys", (one.arn for one in keys))
    return _Read(at, _read_ids(data["ids"]), keys, secrets)


def _read_ids(data: Any) -> tuple[int, ...]:
    words = _WORD.findall(data) if isinstance(data, str) else []
    if len(words) != 625 or "".join(words) != data or int(words[-1], 16) > 624:
        raise Damaged("ids is not the state of a source of randomness")
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
            raise Damaged(f"{where}.labels names a version that there is not")
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
