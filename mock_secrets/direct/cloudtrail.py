"""``backend.cloudtrail``: the log of calls and of the service's own events, such as rotations."""

import gzip
import json
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args, overload

from mock_secrets.aws.cloudtrail import EventLog
from mock_secrets.aws.kms_records import KMS_NAMES, KmsEvent, kms_events
from mock_secrets.aws.records import ApiEvent, Event, Record, ServiceEventName, recorded_code
from mock_secrets.aws.secret_names import readings
from mock_secrets.kernel.instants import checked_instant
from mock_secrets.kernel.printable import counted
from mock_secrets.kernel.suggestions import did_you_mean
from mock_secrets.operations import OPERATIONS
from mock_secrets.proofs.leaks import NOT_SECRET, Leak, find_leaks

#: The service whose records are meant.
Source: TypeAlias = Literal["secretsmanager", "kms"]

_NAMES = {"secretsmanager": frozenset({*OPERATIONS, *get_args(ServiceEventName)}), "kms": KMS_NAMES}


class Trail(Sequence[Record]):
    """The records of one backend, in order, as CloudTrail would deliver them.

    A sequence of dictionaries; each is built afresh when it is read. No record holds the value of a secret, unless a
    call put it into a parameter that CloudTrail logs: see :meth:`leaks`.
    """

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def __repr__(self) -> str:
        calls = sum(isinstance(event, ApiEvent) for event in self._log.events)
        own = counted(len(self._log.events) - calls, "service event")
        return f"<Trail: {counted(calls, 'call')}, {own}>"

    def __len__(self) -> int:
        return len(self._log.events)

    def __iter__(self) -> Iterator[Record]:
        return (event.record(number) for number, event in self._log.numbered())

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        if isinstance(index, slice):
            return list(self)[index]
        number, event = self._log.numbered()[index]
        return event.record(number)

    def lookup(
        self,
        *,
        source: Source = "secretsmanager",
        name: str | None = None,
        secret: str | None = None,
        principal: Any = None,
        error: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> list[Record]:
        """Return the records that match everything given.

        :param source: whose records: Secrets Manager's, or with ``"kms"`` those of its use of KMS keys on the
            callers' behalf, which are kept apart from the others.
        :param name: the event's name, such as ``"UpdateSecret"`` or ``"RotationStarted"``.
        :param secret: the name or the ARN, complete or partial, of a secret that a call named or touched, or that a
            service event is about.
        :param principal: a user or role of ``backend.iam``, or the caller's ARN or name; a role matches all of its
            sessions.
        :param error: the error code, as the record has it (``"AccessDenied"``) or as the response had it.
        :param start: an aware datetime; only events at this instant or later. An event is compared in milliseconds,
            as in the call's ``at``, although its record shows whole seconds.
        :param end: an aware datetime; only events at this instant or earlier.
        :returns: the records in order; an empty list if none match.
        :raises TypeError, ValueError: if the source or the event does not exist, ``principal`` is neither a principal
            nor a string, or ``start`` or ``end`` is not an aware datetime.
        """
        _check_name(source, name)
        principal = _principal_name(principal)
        wanted = None if secret is None else readings(secret)
        first = None if start is None else checked_instant(start, "start")
        last = None if end is None else checked_instant(end, "end")
        numbered: Iterable[tuple[int, Event | KmsEvent]] = self._log.numbered()
        if source == "kms":
            numbered = enumerate(kms_events(list(self._log.events)))
        return [
            event.record(number)
            for number, event in numbered
            if (name is None or event.name == name)
            and (wanted is None or any(one.may_be(subject) for one in wanted for subject in event.subjects))
            and (principal is None or principal in event.callers)
            and (error is None or event.error_code == recorded_code(error))
            and (first is None or first <= event.at)
            and (last is None or event.at <= last)
        ]

    def leaks(self, *, min_length: int = 6, ignore: Collection[str] = NOT_SECRET) -> list[Leak]:
        """Find secret values in parameters that CloudTrail logs, such as a description or a tag.

        Every value that a secret ever had is searched for, and every string and number in a JSON value: as it is, in
        base64, percent-encoded, and escaped for JSON.

        :param min_length: in characters; shorter values and parts are not searched for.
        :param ignore: names of JSON members, in any letter case, that are not secret. They replace the default ones:
            the members of AWS's own database secrets, except the password, and the region.
        :returns: the leaks in the order of the records, without the values themselves. ``str(leak)`` says what
            happened.
        :raises TypeError, ValueError: if ``ignore`` is a single string, or ``min_length`` is below 1.
        """
        return find_leaks(self, self._log.values, min_length=min_length, ignore=ignore)

    def to_json_lines(self) -> str:
        """Return all records as JSON, one per line."""
        return "".join(f"{json.dumps(record)}\n" for record in self)

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the file that CloudTrail delivers, ``{"Records": [...]}``, replacing an existing one.

        :param path: the file, gzipped if its name ends in ``.gz``. Its directory must exist.
        :returns: the path of the file.
        :raises OSError: if the file can't be written.
        """
        file = Path(path)
        delivered = json.dumps({"Records": list(self)}).encode()
        file.write_bytes(gzip.compress(delivered, mtime=0) if file.name.endswith(".gz") else delivered)
        return file


def _check_name(source: str, name: str | None) -> None:
    """Check that a source has events of this name.

    :raises ValueError: if there is no such source, or it has no such event.
    """
    if source not in _NAMES:
        raise ValueError(f"there is no source {source!r}, only 'secretsmanager' and 'kms'")
    names = _NAMES[source]
    if name is not None and name not in names:
        raise ValueError(f"there is no event {name!r}.{did_you_mean(name, names)}")


def _principal_name(principal: Any) -> str | None:
    """Give the ARN of a user or role, and a string as it is.

    :raises TypeError: if it is neither a string nor an object with an ARN.
    """
    name = getattr(principal, "arn", principal)
    if name is not None and not isinstance(name, str):
        raise TypeError(f"principal takes a user, a role, or its ARN or name, not {type(principal).__name__}")
    return name
