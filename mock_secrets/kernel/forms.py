"""The pieces of a secret's value, the forms in which they may appear in a text, and how to find them there."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from struct import unpack
from typing import Any
from urllib.parse import quote, quote_plus

#: In characters. Anything shorter appears in too many texts by chance.
MIN_LENGTH = 6

Piece = str | bytes


def pieces(value: Piece, ignored: Collection[str] = ()) -> dict[Piece, str | None]:
    """The value itself and, if it is JSON, the strings and numbers in it, each once.

    :param ignored: names of JSON members, in lower case, that hold no secret.
    :returns: each piece with its path in the document; the path of the whole value is None.
    """
    whole = _as_text(value)
    found: dict[Piece, str | None] = {whole: None}
    if isinstance(whole, str):
        for path, text in _json_strings(whole, ignored):
            found.setdefault(text, path or None)
    return found


def member_names(value: Piece) -> set[str]:
    """The names of all members of a JSON value, at any depth."""
    names: set[str] = set()

    def read(members: list[tuple[str, Any]]) -> None:
        names.update(name for name, _ in members)

    with suppress(ValueError, RecursionError):
        json.loads(value, object_pairs_hook=read)
    return names


def strings_in(document: Any, ignored: Collection[str] = (), path: str = "") -> Iterator[tuple[str, str]]:
    """The strings of a document, each with its path."""
    if isinstance(document, dict):
        for name, member in document.items():
            if name.casefold() not in ignored:
                yield from strings_in(member, ignored, f"{path}.{name}" if path else name)
    elif isinstance(document, list):
        for index, item in enumerate(document):
            yield from strings_in(item, ignored, f"{path}[{index}]")
    elif isinstance(document, str):
        yield path, document


def encodings(piece: Piece) -> list[str]:
    """The encodings in which a program may pass it on. Base64 is unpadded, to be found inside longer base64 as well."""
    raw = _as_bytes(piece)
    encoded = [encode(raw).decode().rstrip("=") for encode in (b64encode, urlsafe_b64encode)]
    if isinstance(piece, bytes):
        return encoded
    escaped = [json.dumps(piece, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)]
    return [piece, *encoded, quote(raw), quote(raw, safe=""), quote_plus(raw), *escaped]


def printed(piece: Piece) -> list[str]:
    """The printed forms, unescaped: as text, as bytes, line by line, in base64, and percent-encoded."""
    if isinstance(piece, bytes):
        texts = [piece.decode("latin-1"), piece.decode(errors="replace")]
    else:
        texts = [piece, _as_bytes(piece).decode("latin-1"), *(line.strip() for line in piece.splitlines())]
    return [unescaped(form) for form in dict.fromkeys([*texts, *encodings(piece)])]


class Unescaped:
    """A text as it was before Python or JSON escaped it, any number of times, without any backslashes.

    Original backslashes are removed too, both from values and from the text that is searched.
    """

    def __init__(self, text: str) -> None:
        read: list[str] = []
        # The position of each character in the original text, followed by the position of its end.
        self._places: list[int] = []
        at = 0
        for escape in _ESCAPE.finditer(text):
            meant = _meant(escape)
            read += [text[at : escape.start()], meant]
            self._places += [*range(at, escape.start()), *[escape.start()] * len(meant)]
            at = escape.end()
        self.text = "".join([*read, text[at:]])
        self._places += range(at, len(text) + 1)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Convert a span of this text to a span of the original text."""
        return self._places[start], self._places[end]


def unescaped(text: str) -> str:
    return _ESCAPE.sub(_meant, text)


_ESCAPE = re.compile(
    r"\\+(?:([bfnrt])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U(000[0-9a-fA-F]{5}|0010[0-9a-fA-F]{4}))?|[\U00010000-\U0010ffff]"
)
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def _meant(escape: re.Match[str]) -> str:
    letter, *codes = escape.groups()
    if letter:
        return _LETTERS[letter]
    code = next(filter(None, codes), None)
    character = chr(int(code, 16)) if code else escape[0].lstrip("\\")
    # As JSON escapes it: as a surrogate pair.
    return "".join(map(chr, unpack(">2H", character.encode("utf-16-be")))) if character > "\uffff" else character


_WIDEST = 32


class Finder:
    """Finds which of many needles occur in a text.

    The windows of the text, as wide as the shortest needle, are looked up among the beginnings of the needles, so
    thousands of needles cost no more than one. The width is limited, because each window is a copy of part of the text.
    """

    def __init__(self, needles: Iterable[str]) -> None:
        needles = list(needles)
        self._width = min([_WIDEST, *map(len, needles)])
        self._by_beginning: dict[str, list[str]] = {}
        for needle in needles:
            self._by_beginning.setdefault(needle[: self._width], []).append(needle)

    def found_in(self, text: str) -> Iterator[str]:
        for window in dict.fromkeys(windows(text, self._width)):
            for needle in self._by_beginning.get(window, ()):
                if needle in text:
                    yield needle


def windows(text: str, width: int) -> Iterator[str]:
    """Every part of a text that has this width."""
    return (text[start : start + width] for start in range(len(text) - width + 1))


def _as_text(value: Piece) -> Piece:
    if isinstance(value, str):
        return str(value)
    try:
        return value.decode()
    except UnicodeDecodeError:
        return bytes(value)


def _as_bytes(piece: Piece) -> bytes:
    # Any text may come over the wire, including half of a surrogate pair.
    return piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogatepass")


def _json_strings(text: str, ignored: Collection[str]) -> list[tuple[str, str]]:
    """The strings of a JSON document, and its numbers as written."""
    try:
        return list(strings_in(json.loads(text, parse_int=str, parse_float=str), ignored))
    except (ValueError, RecursionError):
        return []
