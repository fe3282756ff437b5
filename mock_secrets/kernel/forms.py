"""What counts as a secret's value, the forms in which it may stand in a text, and finding it there."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from struct import unpack
from typing import Any
from urllib.parse import quote, quote_plus

#: In characters: what is shorter stands in too many texts by chance.
MIN_LENGTH = 6

Piece = str | bytes


def pieces(value: Piece, ignored: Collection[str] = ()) -> dict[Piece, str | None]:
    """A value and the strings and numbers in one that is JSON, each once and with its path; None is the whole.

    :param ignored: names of JSON members, in small letters, that are no secret.
    """
    whole = _as_text(value)
    found: dict[Piece, str | None] = {whole: None}
    if isinstance(whole, str):
        for path, text in _json_strings(whole, ignored):
            found.setdefault(text, path or None)
    return found


def member_names(value: Piece) -> set[str]:
    """The names of the members of a value that is JSON, at any depth."""
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
    """How a program passes it on: base64 without its padding, so that it may stand in more of the kind."""
    raw = _as_bytes(piece)
    encoded = [encode(raw).decode().rstrip("=") for encode in (b64encode, urlsafe_b64encode)]
    if isinstance(piece, bytes):
        return encoded
    escaped = [json.dumps(piece, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)]
    return [piece, *encoded, quote(raw), quote(raw, safe=""), quote_plus(raw), *escaped]


def printed(piece: Piece) -> list[str]:
    """How it looks in print, once that is unescaped: as text, as bytes, each line by itself, in base64 or percent-encoded."""
    if isinstance(piece, bytes):
        texts = [piece.decode("latin-1"), piece.decode(errors="replace")]
    else:
        texts = [piece, _as_bytes(piece).decode("latin-1"), *(line.strip() for line in piece.splitlines())]
    return [unescaped(form) for form in dict.fromkeys([*texts, *encodings(piece)])]


class Unescaped:
    """A text as it was before Python or JSON escaped it, however often, and without any backslash.

    One that was there from the first is gone too, from a value as from the text in which it is looked for.
    """

    def __init__(self, text: str) -> None:
        read: list[str] = []
        # Where each character was in the text, and after the last one its end.
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
        """Where in the text a stretch of this was."""
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
    # As JSON escapes it: by two halves.
    return "".join(map(chr, unpack(">2H", character.encode("utf-16-be")))) if character > "\uffff" else character


_WIDEST = 32


class Finder:
    """Which of many texts are in a text.

    Its windows, as wide as the shortest of them, are looked up among their beginnings, so that thousands cost no more
    than one. Of long ones the beginning is enough: each window is a copy of its part of the text.
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
    """Every stretch of a text that is so wide."""
    return (text[start : start + width] for start in range(len(text) - width + 1))


def _as_text(value: Piece) -> Piece:
    if isinstance(value, str):
        return str(value)
    try:
        return value.decode()
    except UnicodeDecodeError:
        return bytes(value)


def _as_bytes(piece: Piece) -> bytes:
    # Any text may come over the wire, half a surrogate pair too.
    return piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogatepass")


def _json_strings(text: str, ignored: Collection[str]) -> list[tuple[str, str]]:
    """The strings of a JSON document, and its numbers as they are written."""
    try:
        return list(strings_in(json.loads(text, parse_int=str, parse_float=str), ignored))
    except (ValueError, RecursionError):
        return []
