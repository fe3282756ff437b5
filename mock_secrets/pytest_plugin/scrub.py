"""Removes secret values from the texts of a report.

A whole value is removed wherever it appears, in each of its forms: as it is, as base64 or JSON, or in the repr of any
of these. A piece of a truncated value is removed if it has at least six characters and is next to an ellipsis or in
the lines of a diff. Source lines stay, since a value written in the source is no secret. So does any text that is also
the name of a secret, a test or the like.

This can't hide what is printed while the test runs (``-s``, live logs, ``--log-file``, a debugger); what bypasses the
report (plugins such as allure's that read the error itself, ``record_xml_attribute``, files that the test writes, the
traceback of an interrupt); or what a test derives from a value: a slice, a hash, another encoding.
"""

import linecache
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from mock_secrets.kernel.forms import (
    MIN_LENGTH,
    Finder,
    Piece,
    Unescaped,
    member_names,
    pieces,
    printed,
    unescaped,
    windows,
)
from mock_secrets.kernel.redaction import REDACTED

Span = tuple[int, int]

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Where a value was cut: by pytest or reprlib, by unittest ("[12 chars]"), or by pprint into literals on several lines.
_CUT = re.compile(
    r"""\.\.\.|…|\[\d+\ chars\]|\[truncated\]
    |['"] [\s'"\\]{0,200} (?:\n(?:E(?=\s))?|\\n) (?:[\s'"\\]|\\n){0,200} ['"]""",
    re.VERBOSE,
)
# Spaces, quotes and brackets may stand between a piece and the cut.
_BETWEEN = re.compile(r"[ \\'\"()\[\]]*")
_MARK = re.compile(r"\s*[-+?](?:\s|$)")
_ERROR = "E   "


class Needles:
    """The values to look for, in all their forms, and the names that stay.

    :ivar clean: texts known to contain none of the values.
    """

    def __init__(self, values: Collection[Piece], names: Collection[str]) -> None:
        self.clean: set[str] = set()
        self._names = {*names, REDACTED, REDACTED.strip("<>")}
        found = dict.fromkeys(piece for value in values for piece in pieces(value) if piece not in self._names)
        self.forms = self._long_enough(form for piece in found for form in printed(piece))
        self._finder = Finder(self.forms)
        # A backslash right before a value may look like an escape of its first character.
        self._as_they_are = Finder(self._long_enough(piece for piece in found if isinstance(piece, str)))
        self._members = {name for value in values for name in member_names(value)}

    def _long_enough(self, texts: Iterable[str]) -> list[str]:
        return [text for text in dict.fromkeys(texts) if len(text) >= MIN_LENGTH and text not in self._names]

    def found_in(self, text: str) -> Iterator[Span]:
        """The places of whole values."""
        plain = Unescaped(text)
        for needle in self._finder.found_in(plain.text):
            yield from (plain.place(*span) for span in _occurrences(needle, plain.text))
        for needle in self._as_they_are.found_in(text) if "\\" in text else ():
            yield from _occurrences(needle, text)

    def is_name(self, piece: str) -> bool:
        """Whether a piece of a value is also part of a name."""
        return any(_bare(piece) in name for name in self._names)

    def is_member(self, piece: str) -> bool:
        """Whether a piece of a value is only a member's name, which a diff of documents shows on every line."""
        return _bare(piece) in self._members


class _Line(NamedTuple):
    """A line of a text.

    :ivar is_diff: whether it belongs to a diff.
    :ivar cuts: the cuts inside it or at either end.
    """

    start: int
    end: int
    text: str
    is_diff: bool
    cuts: list[Span]

    @property
    def may_hold_pieces(self) -> bool:
        return self.is_diff or bool(self.cuts)


class Scrubber:
    """Removes values from the texts of one report."""

    def __init__(self, needles: Needles, texts: Iterable[str]) -> None:
        self._needles = needles
        lines = (line for text in texts for line in _lines(_COLOUR.sub("", text)) if line.may_hold_pieces)
        wanted = {window for line in lines for window in windows(unescaped(line.text), MIN_LENGTH)}
        forms = needles.forms if wanted else ()
        # Every six-character window of a value that also occurs in the lines.
        self._windows = {window for form in forms for window in windows(form, MIN_LENGTH) if window in wanted}

    def scrub(self, text: str, source: Collection[str] = ()) -> str:
        """Return the text without the values.

        :param source: source lines, which stay as they are.
        """
        plain = _COLOUR.sub("", text)
        lines = _lines(plain)
        found = [*self._needles.found_in(plain), *(span for line in lines for span in self._pieces(line))]
        stays = [line for line in lines if _is_source(line.text, source)] if found else []
        spans = [span for span in found if not any(line.start <= span[0] <= line.end for line in stays)]
        clean = _without(text, _merged(spans))
        self._needles.clean.add(clean)
        return clean

    def _pieces(self, line: _Line) -> Iterator[Span]:
        if not self._windows or not line.may_hold_pieces:
            return
        plain = Unescaped(line.text)
        for run in _merged(self._runs(plain.text)):
            piece = plain.text[slice(*run)]
            start, end = (line.start + place for place in plain.place(*run))
            is_cut = any(_is_beside(line, (start, end), cut) for cut in line.cuts)
            is_told = is_cut or (line.is_diff and not self._needles.is_member(piece))
            if is_told and not self._needles.is_name(piece):
                yield start, end

    def _runs(self, line: str) -> Iterator[Span]:
        mark = _MARK.match(line, len(_ERROR) if line.startswith(_ERROR) else 0)
        for at in range(mark.end() if mark else 0, len(line) - MIN_LENGTH + 1):
            if line[at : at + MIN_LENGTH] in self._windows:
                yield at, at + MIN_LENGTH


def source_lines(traceback: str) -> set[str]:
    """The lines of the files that a traceback names."""
    files = [file for file in list(linecache.cache) if Path(file).name in traceback]
    return {line.strip() for file in files for line in linecache.getlines(file)}


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    start = 0
    for may_be, group in groupby(text.split("\n"), _may_be_diff):
        run = list(group)
        # The whole run of lines, since a diff also shows what is equal.
        is_diff = may_be and any(_MARK.match(_told(line)) for line in run)
        for line in run:
            lines.append(_Line(start, start + len(line), line, is_diff, []))
            start += len(line) + 1
    starts = [line.start for line in lines]
    for cut in _CUT.finditer(text):
        for number in {bisect_right(starts, place) - 1 for place in cut.span()}:
            lines[number].cuts.append(cut.span())
    return lines


def _occurrences(needle: str, text: str) -> Iterator[Span]:
    at = text.find(needle)
    while at >= 0:
        yield at, at + len(needle)
        at = text.find(needle, at + 1)


def _may_be_diff(line: str) -> bool:
    told = _told(line)
    return told.startswith("  ") or not told.strip() or _MARK.match(told) is not None


def _told(line: str) -> str:
    return line.removeprefix(_ERROR)


def _bare(piece: str) -> str:
    return re.sub(r"^\W+|\W+$", "", piece)


def _is_source(line: str, source: Collection[str]) -> bool:
    if not source or line.startswith(_ERROR):
        return False
    bare = line.removeprefix(">").strip()
    return bare in source or (bare.startswith('File "') and ", line " in bare)


def _is_beside(line: _Line, piece: Span, cut: Span) -> bool:
    gap = (piece[1], cut[0]) if piece[0] < cut[0] else (cut[1], piece[0])
    start, end = (place - line.start for place in gap)
    return end <= start or _BETWEEN.fullmatch(line.text, start, end) is not None


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _without(text: str, spans: list[Span]) -> str:
    """The text without these spans, whose positions ignore colour codes. The colour codes stay."""
    places = _places(text) if "\x1b" in text else range(len(text))
    left: list[str] = []
    at = 0
    for start, end in spans:
        first, last = places[start], places[end - 1] + 1
        left += [text[at:first], REDACTED, *_COLOUR.findall(text[first:last])]
        at = last
    return "".join([*left, text[at:]])


def _places(text: str) -> list[int]:
    """The position of each character that does not belong to a colour code."""
    coloured = {place for colour in _COLOUR.finditer(text) for place in range(*colour.span())}
    return [place for place in range(len(text)) if place not in coloured]
