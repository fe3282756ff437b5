"""``backend.cloudtrail``: the log of the calls, and of what the service does by itself."""

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
from mock_secrets.kernel.suggestions import did_you_mean
from mock_secrets.operations import OPERATIONS
from mock_secrets.proofs.leaks import NOT_SECRET, Leak, find_leaks

Source: TypeAlias = Literal["secretsmanager", "kms"]

_NAMES = {"secretsmanager": frozenset({*OPERATIONS, *get_args(ServiceEventName)}), "kms": KMS_NAMES}


class Trail(Sequence[Record]):
    """The records of one backend in their order, as CloudTrail would deliver them.

    A sequence of dictionaries, made anew whenever they are read. No record holds the value of a secret, unless a call
    put it into a parameter that is logged: see :meth:`leaks`.
    """

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def __repr__(self) -> str:
        calls = sum(isinstance(event, ApiEvent) for event in self._log.events)
        return f"<Trail: {calls} calls, {len(self._log.events) - calls} service events>"

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
        """The records of which everything holds that is given.

        :param source: whose records: Secrets Manager's, or with ``"kms"`` those of what it did with keys in the
            callers' names, which are not among the others.
        :param name: the event's name, such as ``"UpdateSecret"`` or ``"RotationStarted"``.
        :param secret: the name or the ARN, complete or partial, of a secret that a call named or touched, or that a
            service event is about.
        :param principal: a user or role of ``backend.iam``, or the caller's ARN or name; a role stands for all of its
            sessions.
        :param error: the code, either as the record says it (``"AccessDenied"``) or as the answer did.
        :param start: an aware datetime; what happened at this instant or later. A call happened at its ``at``, in
            milliseconds; the record shows whole seconds of it.
        :param end: an aware datetime; what happened at this instant or earlier.
        :returns: records in their order; an empty list if there is none.
        :raises TypeError, ValueError: for a source or an event that does not exist, for what is no principal, or if ``start`` or
            ``end`` is no datetime, or one without a time zone.
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
        """What calls put of secrets' values into parameters that CloudTrail logs, a description or a tag, say.

        Whatever value a secret ever had is looked for, and every string and number in one that is JSON: as it stands
        and as base64, percent-encoded or escaped for JSON.

        :param min_length: in characters; shorter values and parts are not looked for.
        :param ignore: names of JSON members, in any case, that are no secret; in place of the host, the user's name
            and the like.
        :returns: in the order of the records, without the values themselves. The str of each says what happened.
        :raises TypeError, ValueError: if ``ignore`` is one string, or ``min_length`` below 1.
        """
        return find_leaks(self, self._log.values, min_length=min_length, ignore=ignore)

    def to_json_lines(self) -> str:
        """All records as JSON, each in a line of its own."""
        return "".join(f"{json.dumps(record)}\n" for record in self)

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the file that CloudTrail delivers, ``{"Records": [...]}``, over one that is there.

        :param path: of the file, which is compressed if this ends in ``.gz``. Its directory has to exist.
        :returns: the path of the file.
        :raises OSError: if it can't be written.
        """
        file = Path(path)
        delivered = json.dumps({"Records": list(self)}).encode()
        file.write_bytes(gzip.compress(delivered, mtime=0) if file.name.endswith(".gz") else delivered)
        return file


def _check_name(source: str, name: str | None) -> None:
    """:raises ValueError: if there is no such source, or no such event of it."""
    if source not in _NAMES:
        raise ValueError(f"there is no source {source!r}, only 'secretsmanager' and 'kms'")
    names = _NAMES[source]
    if name is not None and name not in names:
        raise ValueError(f"there is no event {name!r}.{did_you_mean(name, names)}")


def _principal_name(principal: Any) -> str | None:
    """:raises TypeError: if it is neither a text nor something that has an ARN."""
    name = getattr(principal, "arn", principal)
    if name is not None and not isinstance(name, str):
        raise TypeError(f"principal takes a user, a role, or its ARN or name, not {type(principal).__name__}")
    return name
