"""Secret values in parameters that CloudTrail logs, such as a description or a tag."""

import json
import re
from base64 import b64encode
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

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
    min_length: int = 6,
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
    finder = _Finder(_needles(values, min_length, frozenset(name.casefold() for name in ignore)))
    return [
        _leak(record, parameter, source)
        for record in records
        for parameter, text in _leaves(record["requestParameters"])
        for source in finder.sources_in(text)
    ]


class _Source(NamedTuple):
    """Where a text that is searched for comes from."""

    secret: str
    part: str | None


class _Finder:
    """Finds which of many texts occur in a text.

    Every window of it, as wide as the shortest of the many, is looked up among their beginnings, so that thousands
    cost no more than one.
    """

    def __init__(self, needles: Mapping[str, Collection[_Source]]) -> None:
        self._needles = needles
        self._width = min(map(len, needles), default=1)
        self._by_beginning: dict[str, list[str]] = {}
        for needle in needles:
            self._by_beginning.setdefault(needle[: self._width], []).append(needle)
        # Calls repeat themselves: one secret is read a thousand times.
        self._known: dict[str, list[_Source]] = {}

    def sources_in(self, text: str) -> list[_Source]:
        if text not in self._known:
            self._known[text] = _once(self._all_sources_in(_without_arn_frames(text)))
        return self._known[text]

    def _all_sources_in(self, text: str) -> Iterator[_Source]:
        windows = dict.fromkeys(text[start : start + self._width] for start in range(len(text) - self._width + 1))
        for window in windows:
            for needle in self._by_beginning.get(window, ()):
                if needle in text:
                    yield from self._needles[needle]


def _once(sources: Iterable[_Source]) -> list[_Source]:
    """Each of them once, without the parts of a secret whose whole value is there."""
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
        for piece, part in _pieces(value, ignored):
            source = _source(piece, part, secret)
            for form in map(_without_arn_frames, _forms(piece) if len(piece) >= min_length else ()):
                if len(form) >= min_length:
                    needles.setdefault(form, {})[source] = None
    return needles


def _source(piece: str | bytes, part: str | None, secret: str) -> _Source:
    """Where a piece comes from, redacted where the name of the secret or of a member repeats it."""
    if isinstance(piece, bytes):
        return _Source(secret, part)
    return _Source(secret.replace(piece, "<redacted>"), part and part.replace(piece, "<redacted>"))


def _pieces(value: str | bytes, ignored: Collection[str]) -> Iterable[tuple[str | bytes, str | None]]:
    """A value and its parts, each text once."""
    whole = _as_text(value)
    pieces: dict[str | bytes, str | None] = {whole: None}
    if isinstance(whole, str):
        for path, text in _json_leaves(whole, ignored):
            pieces.setdefault(text, path or None)
    return pieces.items()


def _as_text(value: str | bytes) -> str | bytes:
    try:
        return value.decode() if isinstance(value, bytes) else str(value)
    except UnicodeDecodeError:
        return value


def _json_leaves(text: str, ignored: Collection[str]) -> list[tuple[str, str]]:
    """The strings and numbers of a JSON document, as they are written, each with its path."""
    try:
        return list(_leaves(json.loads(text, parse_int=str, parse_float=str), ignored))
    except (ValueError, RecursionError):
        return []


def _leaves(document: Any, ignored: Collection[str] = (), path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(document, dict):
        for name, member in document.items():
            if name.casefold() not in ignored:
                yield from _leaves(member, ignored, f"{path}.{name}" if path else name)
    elif isinstance(document, list):
        for index, item in enumerate(document):
            yield from _leaves(item, ignored, f"{path}[{index}]")
    elif isinstance(document, str):
        yield path, document


def _forms(piece: str | bytes) -> list[str]:
    """The ways in which it may be written. Base64 without padding is found within longer base64 too."""
    # Any text may come over the wire, half a surrogate pair too.
    raw = piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogatepass")
    encoded = b64encode(raw).decode().rstrip("=")
    if isinstance(piece, bytes):
        return [encoded]
    escaped = [json.dumps(piece, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)]
    return [piece, encoded, quote(raw), quote(raw, safe=""), quote_plus(raw), *escaped]


def _without_arn_frames(text: str) -> str:
    return _ARN_FRAME.sub("", text) if "arn:" in text else text
