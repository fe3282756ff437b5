"""Masks values in a text that foreign code has produced, such as the message of an exception."""

import re
from collections.abc import Callable, Iterable

from mock_secrets.kernel.forms import MIN_LENGTH, Piece, Unescaped, pieces, printed
from mock_secrets.kernel.redaction import REDACTED

# Pieces shorter than MIN_LENGTH are masked only as whole words, and pieces shorter than this not at all.
_SHORTEST = 3


def masker(values: Iterable[Piece]) -> Callable[[str], str]:
    """A function that masks each value, and the strings and numbers in a JSON value, in every printed form."""
    return _masker((piece for value in values for piece in pieces(value)), _SHORTEST)


def name_masker(values: Iterable[Piece]) -> Callable[[str], str]:
    """A function that masks whole values in a name, but neither short ones nor parts of a value, such as a database."""
    return _masker(values, MIN_LENGTH)


def _masker(wanted: Iterable[Piece], shortest: int) -> Callable[[str], str]:
    forms = {form for piece in wanted for form in printed(piece) if len(form) >= shortest}

    def masked(text: str) -> str:
        read = Unescaped(text)
        spans = [read.place(*span) for form in forms for span in _found(form, read.text)]
        for start, end in sorted(_merged(spans), reverse=True):
            text = text[:start] + REDACTED + text[end:]
        return text

    return masked


def _found(form: str, text: str) -> Iterable[tuple[int, int]]:
    if form not in text:
        return ()
    pattern = re.escape(form) if len(form) >= MIN_LENGTH else rf"(?<!\w){re.escape(form)}(?!\w)"
    return (found.span() for found in re.finditer(pattern, text))


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
