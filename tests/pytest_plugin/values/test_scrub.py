"""Which stretches of a text are taken out of it."""

import base64
import json
import linecache

import pytest
from tables import rows

from mock_secrets.pytest_plugin.scrub import Needles, Scrubber, source_lines

VALUE = "correct-horse-battery"
DOCUMENT = json.dumps({"password": 'hunter"22', "host": "db.internal"})
LINES = "first-line\n  second-line\nx"


def scrubbed(text, *values, names=()):
    return Scrubber(Needles(values or (VALUE,), names), [text]).scrub(text)


@rows(
    "text, value",
    [
        ("no {} here", VALUE),
        ("no {} here", VALUE.encode()),
        ("no {} here", base64.b64encode(b"\xff\xfe-binary").decode()),
    ],
)
def test_a_value_is_removed(text, value):
    assert scrubbed(text.format(value if isinstance(value, str) else value.decode()), value) == "no <redacted> here"


@rows("form", [repr, json.dumps, lambda value: repr(json.dumps(value)), lambda value: repr([value])])
@rows("value", ['it\'s "so" \\ new', "né\x00w\tline\n!"])
def test_a_value_is_removed_however_it_was_escaped(form, value):
    text = form(value)

    assert scrubbed(text, value).count("<redacted>") == 1
    assert len(scrubbed(text, value)) <= len("""['"'<redacted>\\'"']""")


def test_strings_in_a_document_are_removed():
    assert (
        scrubbed("at db.internal with hunter\"22 or hunter\\'22", DOCUMENT)
        == "at <redacted> with <redacted> or hunter\\'22"
    )


def test_a_value_after_a_backslash_is_removed():
    assert scrubbed("CORP\\new-password", "new-password") == "CORP\\<redacted>"


def test_each_line_of_a_value_is_removed():
    assert scrubbed("E   first-line\nE     second-line\nE   x", LINES) == "E   <redacted>\nE     <redacted>\nE   x"


def test_overlapping_values_are_removed_as_one():
    assert scrubbed("<horse-battery-staple>", VALUE, "horse-battery", "battery-staple") == "<<redacted>>"


def test_values_shorter_than_six_characters_are_kept():
    assert scrubbed("short and longer", "short", "longer") == "short and <redacted>"


def test_colours_are_kept_and_do_not_hide_values():
    assert (
        scrubbed("\x1b[31mcorrect\x1b[0m-horse-\x1b[32mbattery\x1b[0m!") == "\x1b[31m<redacted>\x1b[0m\x1b[32m\x1b[0m!"
    )


class TestPieces:
    @rows(
        "text, expected",
        [
            ("'correct-ho...", "'<redacted>..."),
            ("'correct-ho…", "'<redacted>…"),
            ("...battery'", "...<redacted>'"),
            ("'correct-ho...se-battery'", "'<redacted>...<redacted>'"),
            ("'corre[12 chars]attery'", "'corre[12 chars]<redacted>'"),
            ("'correct[12 chars]ttery'", "'<redacted>[12 chars]ttery'"),
            ("correct-horse [...]", "<redacted> [...]"),
            ("'correct-horse' ...", "'<redacted>' ..."),
            ("('correct-'\n 'horse-battery')", "('<redacted>'\n '<redacted>')"),
            ("E   ('correct-'\nE    'horse-battery')", "E   ('<redacted>'\nE    '<redacted>')"),
            (r"""(\'correct-\'\n \'horse-battery\')""", r"""(\'<redacted>'\n \'<redacted>')"""),
            (base64.b64encode(VALUE.encode()).decode()[:12] + "...", "<redacted>..."),
        ],
    )
    def test_pieces_of_a_value_next_to_a_truncation_are_removed(self, text, expected):
        assert scrubbed(text) == expected

    @rows(
        "text, expected",
        [
            ("- correct-horse", "- <redacted>"),
            ("E         + horse-battery!", "E         + <redacted>!"),
            ("E         ? correct-", "E         ? <redacted>"),
            ("E   - x\nE     horse-battery", "E   - x\nE     <redacted>"),
            ("  - x\n    horse-battery", "  - x\n    <redacted>"),
        ],
    )
    def test_pieces_of_a_value_in_a_diff_are_removed(self, text, expected):
        assert scrubbed(text) == expected

    @rows(
        "text",
        [
            "the horse-battery",
            "'corre...ttery'",
            "-horse-battery",
            "E   + x\n\nthe horse-battery",
        ],
    )
    def test_shorter_pieces_and_pieces_elsewhere_are_kept(self, text):
        assert scrubbed(text) == text

    def test_the_name_of_a_member_is_kept_in_a_diff(self):
        assert scrubbed("- {'password': 'x'}", DOCUMENT) == "- {'password': 'x'}"
        assert scrubbed("- {'hunter': 'x'}", DOCUMENT) == "- {'<redacted>': 'x'}"


class TestNames:
    def test_a_value_that_is_also_a_name_is_kept(self):
        assert scrubbed("us-east-1 and db.internal", "us-east-1", DOCUMENT, names=["us-east-1"]) == (
            "us-east-1 and <redacted>"
        )

    def test_a_piece_of_a_name_is_also_kept(self):
        assert scrubbed("- arn:aws:of-it", "arn:aws:of-it:more", names=["arn:aws:of-it"]) == "- arn:aws:of-it"

    def test_a_value_inside_a_name_is_removed(self):
        assert scrubbed(f"users/{VALUE}", names=[f"users/{VALUE}"]) == "users/<redacted>"


class TestSource:
    @pytest.fixture
    def source(self, tmp_path):
        file = tmp_path / "test_of_this.py"
        file.write_text(f'    value = "{VALUE}"\n')
        linecache.getlines(str(file))
        return source_lines(f"{file}:1: AssertionError")

    @rows("line", [f'    value = "{VALUE}"', f'>   value = "{VALUE}"'])
    def test_a_source_line_is_kept(self, source, line):
        scrubber = Scrubber(Needles([VALUE], []), [line])

        assert scrubber.scrub(line, source) == line
        assert VALUE not in scrubber.scrub(line)

    def test_a_value_in_text_about_a_source_line_is_removed(self, source):
        text = f'    value = "{VALUE}"\nE   value = "{VALUE}"\nvalue = {VALUE}'

        assert Scrubber(Needles([VALUE], []), [text]).scrub(text, source) == (
            f'    value = "{VALUE}"\nE   value = "<redacted>"\nvalue = <redacted>'
        )

    def test_a_file_not_named_in_the_traceback_is_not_treated_as_source(self):
        assert source_lines("test_of_another.py:1: AssertionError") == set()
