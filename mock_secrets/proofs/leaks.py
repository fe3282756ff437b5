"""Secret values in parameters that CloudTrail logs, such as a description or a tag."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, NamedTuple

from mock_secrets.kernel.forms import MIN_LENGTH, Finder, encodings, pieces, strings_in
from mock_secrets.kernel.redaction import REDACTED

#: Members of a JSON secret that are usually not secret: those of AWS's own database secrets, except the password, and
#: the region. They count in any letter case and at any depth, with everything inside them.
NOT_SECRET = frozenset(
    {
        "dbClusterIdentifier",
        "dbInstanceIdentifier",
        "dbname",
        "engine",
        "host",
        "masterarn",
        "port",
        "proxyarn",
        "region",
        "ssl",
        "username",
    }
)

# The part of an ARN that says where something is. A secret that has a region or an
# account id among its parts is not leaked by every ARN from there.
_ARN_FRAME = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:[0-9]*:(secret:)?")


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret's value that a call put where CloudTrail logs it. It does not hold the value itself.

    :ivar operation: AWS's name of the operation, such as ``"CreateSecret"``.
    :ivar parameter: where the value was, as the record names it, such as ``"tags[0].value"``.
    :ivar secret: the name of the secret whose value it is.
    :ivar part: which part of a JSON value, such as ``"hosts[1].key"``, or None for the whole value.
    :ivar principal: the ARN of the caller.
    :ivar at: the time of the record, an aware UTC datetime in whole seconds.
    :ivar event_id: the record's ``eventID``.
    """

    operation: str
    parameter: str
    secret: str
    part: str | None
    principal: str
    at: datetime
    event_id: str

    def __str__(self) -> str:
        part = "" if self.part is None else f" (its part {self.part!r})"
        return (
            f"{self.operation} put the value of secret {self.secret!r}{part} into {self.parameter},"
            " which CloudTrail logs"
        )


def find_leaks(
    records: Iterable[Mapping[str, Any]],
    values: Iterable[tuple[str | bytes, str]],
    *,
    min_length: int = MIN_LENGTH,
    ignore: Collection[str] = NOT_SECRET,
) -> list[Leak]:
    """Find values, and parts of JSON values, in the request parameters of the records.

    Each is searched for as it is, in base64, percent-encoded, and escaped for JSON.

    :param values: every value that a secret ever had, with the name of the secret.
    :param min_length: in characters; shorter values and parts are not searched for.
    :param ignore: names of JSON members, in any letter case, that are not secret.
    :returns: the leaks in the order of the records.
    :raises TypeError, ValueError: if ``ignore`` is one string, or ``min_length`` below 1.
    """
    if isinstance(ignore, str):
        raise TypeError(f"ignore takes a collection of names, not one string: use {{{ignore!r}}}")
    if min_length < 1:
        raise ValueError(f"min_length takes a number of characters of at least 1, not {min_length}")
    sources = _Sources(_needles(values, min_length, frozenset(name.casefold() for name in ignore)))
    return [
        _leak(record, parameter, source)
        for record in records
        for parameter, text in strings_in(record["requestParameters"])
        for source in sources.found_in(text)
    ]


class _Source(NamedTuple):
    """The secret that a text to search for comes from, and the part of its value."""

    secret: str
    part: str | None


class _Sources:
    """Finds which secrets' texts occur in a text."""

    def __init__(self, needles: Mapping[str, Collection[_Source]]) -> None:
        self._needles = needles
        self._finder = Finder(needles)
        # Tests often read one secret a thousand times, with the same parameters.
        self._known: dict[str, list[_Source]] = {}

    def found_in(self, text: str) -> list[_Source]:
        if text not in self._known:
            found = self._finder.found_in(_without_arn_frames(text))
            self._known[text] = _once(source for needle in found for source in self._needles[needle])
        return self._known[text]


def _once(sources: Iterable[_Source]) -> list[_Source]:
    """Each source once, leaving out the parts of a secret whose whole value was found."""
    found = dict.fromkeys(sources)
    whole = {source.secret for source in found if source.part is None}
    return [source for source in found if source.part is None or source.secret not in whole]


def _leak(record: Mapping[str, Any], parameter: str, source: _Source) -> Leak:
    return Leak(
        operation=record["eventName"],
        parameter=parameter,
        secret=source.secret,
        part=source.part,
        principal=record["userIdentity"]["arn"],
        at=datetime.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc),
        event_id=record["eventID"],
    )


def _needles(
    values: Iterable[tuple[str | bytes, str]], min_length: int, ignored: Collection[str]
) -> dict[str, dict[_Source, None]]:
    needles: dict[str, dict[_Source, None]] = {}
    for value, secret in values:
        for piece, part in pieces(value, ignored).items():
            source = _source(piece, part, secret)
            for form in map(_without_arn_frames, encodings(piece) if len(piece) >= min_length else ()):
                if len(form) >= min_length:
                    needles.setdefault(form, {})[source] = None
    return needles


def _source(piece: str | bytes, part: str | None, secret: str) -> _Source:
    """The source of a piece. If the name of the secret or of a member contains the piece, it is redacted there."""
    if isinstance(piece, bytes):
        return _Source(secret, part)
    return _Source(secret.replace(piece, REDACTED), part and part.replace(piece, REDACTED))


def _without_arn_frames(text: str) -> str:
    return _ARN_FRAME.sub("", text) if "arn:" in text else text
