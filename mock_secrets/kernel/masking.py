"""Values taken out of a text that somebody else's code made, such as the message of an exception."""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

_SHORTEST = 3

# A shorter one stands by chance inside of many words: it is masked where it is a word of its own.
_SAFE_LENGTH = 6


def without(text: str, values: Iterable[str | bytes]) -> str:
    """The text with each of the values, and each string or number of one that is JSON, masked; the longest first."""
    forms = {form for value in values for piece in _pieces(value) for form in _forms(piece) if len(form) >= _SHORTEST}
    for form in sorted(forms, key=lambda form: (-len(form), form)):
        pattern = re.escape(form) if len(form) >= _SAFE_LENGTH else rf"(?<!\w){re.escape(form)}(?!\w)"
        text = re.sub(pattern, "<redacted>", text)
    return text


def _pieces(value: str | bytes) -> Iterator[str | bytes]:
    if isinstance(value, bytes):
        yield bytes(value)
    text = str(value) if isinstance(value, str) else bytes(value).decode("utf-8", "replace")
    yield text
    yield from text.splitlines()
    try:
        yield from _leaves(json.loads(text, parse_int=str, parse_float=str))
    except (ValueError, RecursionError):
        return


def _leaves(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        document = list(document.values())
    if isinstance(document, list):
        for item in document:
            yield from _leaves(item)
    elif isinstance(document, str):
        yield document


def _forms(piece: str | bytes) -> Iterator[str]:
    raw = bytes(piece) if isinstance(piece, bytes) else piece.encode("utf-8", "surrogatepass")
    yield from (repr(raw)[2:-1], quote(raw, safe=""), b64encode(raw).decode().rstrip("="))
    if isinstance(piece, str):
        yield from (piece, repr(piece)[1:-1], json.dumps(piece)[1:-1])
