"""What happened to a backend, as plain JSON data without secret values: the source of the text and the page."""

import traceback
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from mock_secrets.kernel.arn import read_secret_arn, without_suffix
from mock_secrets.kernel.call import Call
from mock_secrets.kernel.clock import Clock
from mock_secrets.kernel.frames import Line, is_between
from mock_secrets.kernel.happened import Expired, Move, Rotated, Standing
from mock_secrets.kernel.lock import BackendLock
from mock_secrets.kernel.printable import printable
from mock_secrets.kernel.redaction import RedactedStr, Values
from mock_secrets.model.rotation import Outcome, RotationRun
from mock_secrets.model.secret import Secret
from mock_secrets.operations.context import State
from mock_secrets.report.masks import Masks, without_values
from mock_secrets.report.versions import Lives, place_free

#: JSON data: dicts, lists, str, int, bool and None. Instants are ISO 8601 in UTC.
Data: TypeAlias = dict[str, Any]

#: The maximum number of entries in a test's report, which is sent between processes and kept for the whole run.
KEPT = 1000


class Place(Protocol):
    """The account and region of calls that name none."""

    @property
    def account_id(self) -> str: ...
    @property
    def region(self) -> str: ...


class Reported(Protocol):
    """The part of a backend's service that reports read."""

    @property
    def lock(self) -> BackendLock: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def state(self) -> State: ...
    @property
    def settings(self) -> Place: ...
    @property
    def values(self) -> Values: ...


def history(service: Reported, *, last: int | None = None, only: str | None = None, whole: bool = False) -> Data:
    """What has happened since the beginning. Reading it runs no due events, so they are not included.

    :param last: how many of the latest entries to keep; all if None.
    :param only: the ARN of a secret; entries that do not concern it are left out.
    :param whole: whether to include each call's parameters and the state in which it left each secret.
    """
    with service.lock:
        return _Reading(service, whole=whole).data(last, only)


class _Reading:
    """One walk through the history, in which versions get their numbers."""

    def __init__(self, service: Reported, *, whole: bool) -> None:
        self._service = service
        self._whole = whole
        self._state = service.state
        self._lives = Lives()
        self._names = {secret.arn: secret.name for secret in self._state.store}
        # Cached, because a rotation often fails again and again with the same message.
        self._hide = cache(self._state.trail.masker())

    def data(self, last: int | None, only: str | None) -> Data:
        data = self._data(last, only)
        return without_values(data, Masks(self._hide, self._state.trail.name_masker())) if self._whole else data

    def _data(self, last: int | None, only: str | None) -> Data:
        happened = self._state.history
        entries = [entry for entry in map(self._entry, happened) if only is None or _is_about(entry, only)]
        kept = entries if last is None else entries[len(entries) - min(last, len(entries)) :]
        now = self._service.clock.latest
        calls = [entry for entry in entries if entry["kind"] == "call" and not entry["is_direct"]]
        return {
            "account_id": self._service.settings.account_id,
            "region": self._service.settings.region,
            "began": _iso(happened[0].at if happened else now),
            "now": _iso(now),
            "moved": sum((one.to - one.at).total_seconds() for one in happened if isinstance(one, Move)),
            "calls": len(calls),
            "refused": sum(entry["error"] is not None for entry in calls),
            "earlier": len(entries) - len(kept),
            "entries": kept,
            **({"before": _standing_after(entries[: len(entries) - len(kept)])} if self._whole else {}),
            "secrets": list(self._secrets(kept, only)),
        }

    # --- What happened ---

    def _entry(self, happened: Any) -> Data:
        if isinstance(happened, Call):
            return self._call(happened)
        if isinstance(happened, Move):
            return self._move(happened)
        if isinstance(happened, Rotated):
            return self._rotated(happened)
        return self._expired(happened)

    def _move(self, move: Move) -> Data:
        at, to = _iso(move.at), _iso(move.to)
        return {
            "kind": "move",
            "at": at,
            "to": to,
            "line": None if move.line is None else _line(move.line),
            "cause": move.cause,
        }

    def _call(self, call: Call) -> Data:
        return {
            "kind": "call",
            "at": _iso(call.at),
            "operation": call.operation,
            "secret": self._secret_named(call),
            "arns": [one.arn for one in call.left] or self._arns_named(call),
            "asked": self._asked(call),
            "region": call.region,
            "account_id": call.account_id,
            "caller": _caller(call.principal),
            "attempt": call.attempt,
            "is_direct": call.is_direct,
            "line": None if call.line is None else _line(call.line),
            "changes": self._changes(call.left, call.at),
            "purged_at": _purged_at(call),
            "error": call.error,
            "message": None if call.message is None else printable(call.message),
            "hint": call.hint,
            "fault": call.fault,
            **({"params": self._params(call.params)} if self._whole else {}),
            **self._left(call.left),
        }

    def _params(self, params: Mapping[str, Any]) -> dict[str, str]:
        return {printable(name): printable(_written(value)) for name, value in params.items()}

    def _left(self, left: Iterable[Standing]) -> Data:
        """The state of each secret afterwards, by its versions' numbers."""
        if not self._whole:
            return {}
        return {
            "left": [
                {
                    "arn": one.arn,
                    "name": one.name,
                    "is_there": one.is_there,
                    "purged_at": None if one.purged_at is None else _iso(one.purged_at),
                    "replicas": list(one.replicas),
                    "labels": {label: self._lives.of(one.arn).number(held) for label, held in one.labels.items()},
                }
                for one in left
            ]
        }

    def _rotated(self, rotated: Rotated) -> Data:
        run: RotationRun = rotated.run
        return {
            "kind": "rotated",
            "at": _iso(rotated.at),
            "secret": rotated.name,
            "arns": [rotated.arn],
            "has_ended": rotated.has_ended,
            "changes": self._changes([rotated.standing], rotated.at),
            **self._run(rotated.arn, run),
            **self._left([rotated.standing]),
        }

    def _run(self, arn: str, run: RotationRun) -> Data:
        failed = run.error is not None and run.outcome is Outcome.FAILED
        cause = run.error.__cause__ if failed and run.error is not None else None
        return {
            "attempt": run.attempt,
            "is_test": run.is_test,
            "version": self._lives.of(arn).number(run.token),
            "outcome": run.outcome.value,
            "step": run.steps[-1].step if run.steps else None,
            "error": self._hide(_raised(cause) if cause is not None else str(run.error)) if run.error else None,
            "raised_at": _raising_line(cause),
        }

    def _expired(self, expired: Expired) -> Data:
        lives = self._lives.of(expired.standing.arn)
        return {
            "kind": "expired",
            "at": _iso(expired.at),
            "secret": expired.standing.name,
            "arns": [expired.standing.arn],
            "is_there": expired.standing.is_there,
            "removed": [lives.number(one) for one in expired.removed],
            "changes": self._changes([expired.standing], expired.at),
            **self._left([expired.standing]),
        }

    def _changes(self, left: Iterable[Standing], at: datetime) -> list[Data]:
        return [change for one in left for change in self._lives.of(one.arn).stand(one, _iso(at))]

    # --- What a call requested ---

    def _secret_named(self, call: Call) -> str:
        if len(call.left) == 1:
            return call.left[0].name
        named = call.params.get("SecretId", call.params.get("Name"))
        several = call.params.get("SecretIdList")
        if isinstance(several, list):
            return f"{len(several)} secrets"
        return printable(self._name(named)) if isinstance(named, str) else ""

    def _name(self, secret_id: str) -> str:
        if secret_id in self._names:
            return self._names[secret_id]
        arn = read_secret_arn(secret_id)
        if arn is None:
            return secret_id
        return without_suffix(arn.resource) if arn.is_complete else arn.resource

    def _arns_named(self, call: Call) -> list[str]:
        named = call.params.get("SecretId")
        if not isinstance(named, str):
            return []
        secret = self._state.store.get(named, account_id=call.account_id, region=call.region)
        return [named] if secret is None else [secret.arn]

    def _asked(self, call: Call) -> str:
        """The requested version, and other parameters that tell calls apart."""
        params = call.params
        arns = self._arns_named(call)
        stage, version_id = params.get("VersionStage"), params.get("VersionId")
        asked = [stage] if isinstance(stage, str) else []
        if isinstance(version_id, str):
            number = self._lives.of(arns[0]).known(version_id) if arns else None
            asked.append(version_id if number is None else f"v{number}")
        asked = [printable(one) for one in asked]
        if params.get("ForceDeleteWithoutRecovery") is True:
            asked.append("without recovery")
        asked += _regions(params.get("AddReplicaRegions"), params.get("RemoveReplicaRegions"))
        return " ".join(asked)

    # --- The state of the secrets ---

    def _secrets(self, entries: list[Data], only: str | None) -> Iterator[Data]:
        """The secrets that the entries concern, and their replicas."""
        about = {place_free(arn) for entry in entries for arn in entry.get("arns", ())}
        there = {secret.arn: secret for secret in self._state.store}
        gone = [arn for arn in self._lives.arns if arn not in there]
        for arn in [*gone, *there]:
            if place_free(arn) in about and only in (None, arn):
                yield self._secret(arn, there.get(arn))

    def _secret(self, arn: str, secret: Secret | None) -> Data:
        lives, parts = self._lives.of(arn), read_secret_arn(arn)
        name = secret.name if secret is not None else lives.name or arn
        return {
            "name": name,
            "arn": arn,
            "region": parts.region if parts else "",
            "account_id": parts.account_id if parts else "",
            "is_there": secret is not None,
            "purged_at": _iso(secret.purged_at) if secret is not None and secret.purged_at else lives.gone_at,
            "versions": self._with_values(lives.versions(_labels(secret)), secret),
            "failed_rotations": [] if secret is None else list(self._failed_rotations(secret)),
            "replicas": [] if secret is None else list(self._replicas(secret)),
        }

    def _with_values(self, versions: list[Data], secret: Secret | None) -> list[Data]:
        """The versions, with their values if ``show_values`` is set."""
        if secret is None or not self._service.values.are_shown:
            return versions
        values = {version.id: version.value for version in secret.versions}
        return [
            one if values.get(one["id"]) is None else {**one, "value": shown_value(values[one["id"]])}
            for one in versions
        ]

    def _failed_rotations(self, secret: Secret) -> Iterator[Data]:
        for run in secret.rotation.runs if secret.rotation is not None else ():
            if run.outcome is Outcome.FAILED:
                yield {"at": _iso(run.steps[-1].at if run.steps else run.started_at), **self._run(secret.arn, run)}

    def _replicas(self, secret: Secret) -> Iterator[Data]:
        for replica in secret.replicas.values():
            due = replica.next_due(self._state.limits)
            yield {
                "region": replica.region,
                "status": replica.status.value,
                "message": replica.message,
                "due": None if due is None else _iso(due),
            }


def _standing_after(entries: list[Data]) -> list[Data]:
    """The state of each secret after these entries."""
    return list({one["arn"]: one for entry in entries for one in entry.get("left", ())}.values())


def _purged_at(call: Call) -> str | None:
    """When the secret that a call deleted will be gone."""
    ends = [one.purged_at for one in call.left if one.purged_at is not None]
    return _iso(ends[0]) if call.operation == "DeleteSecret" and ends else None


def _regions(added: Any, removed: Any) -> list[str]:
    asked = [one.get("Region") for one in added if isinstance(one, dict)] if isinstance(added, list) else []
    asked += removed if isinstance(removed, list) else []
    return [region for region in asked if isinstance(region, str)]


def _labels(secret: Secret | None) -> Mapping[str, frozenset[str]]:
    return {} if secret is None else {version.id: version.labels for version in secret.versions}


def _is_about(entry: Data, arn: str) -> bool:
    return entry["kind"] == "move" or arn in entry["arns"]


def _written(value: Any) -> str:
    """A parameter for a reader: text without quotes, anything else as its repr."""
    return value if isinstance(value, str) and not isinstance(value, RedactedStr) else repr(value).strip("'")


def shown_value(value: str | bytes | None) -> str:
    """The plain repr of a value, even though the value's own repr hides it."""
    return bytes.__repr__(value) if isinstance(value, bytes) else str.__repr__(value or "")


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _line(line: Line) -> Data:
    return {"file": shown_path(line.file), "number": line.number, "function": line.function}


def shown_path(file: str) -> str:
    """A path relative to the working directory; for a file elsewhere, only its folder and name."""
    path = Path(file)
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return "/".join(path.parts[-2:])


def _caller(principal: str) -> str:
    """The caller's name, such as ``user/app``; empty for an administrator."""
    kind, _, name = principal.rpartition(":")[2].partition("/")
    if (kind, name) == ("user", "administrator"):
        return ""
    return f"role/{name.split('/')[0]}" if kind == "assumed-role" else f"{kind}/{name}"


def _raised(error: BaseException) -> str:
    return "\n".join(map(printable, "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()))


def _raising_line(error: BaseException | None) -> Data | None:
    """The innermost line of user code in the error's traceback."""
    if error is None:
        return None
    frames = [(frame, number) for frame, number in traceback.walk_tb(error.__traceback__)]
    own = [(frame.f_code, number) for frame, number in frames if not is_between(frame.f_code.co_filename)]
    if not own:
        return None
    code, number = own[-1]
    return _line(Line(code.co_filename, number, code.co_name))
