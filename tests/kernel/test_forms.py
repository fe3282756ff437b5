"""What counts as a value, and that it is found in whatever form it stands."""

import json
from base64 import b64encode

from hypothesis import given, settings
from hypothesis import strategies as st
from tables import rows

from mock_secrets.kernel.forms import Finder, Unescaped, member_names, pieces, printed, unescaped

ESCAPES = {
    "repr": repr,
    "ascii": ascii,
    "JSON": json.dumps,
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "repr of bytes": lambda text: repr(text.encode("utf-8", "surrogatepass")),
}
SPECIAL = "a\"b'c\\d\ne\tfé\x00€😀\\n"


@settings(deadline=None, derandomize=True, max_examples=200)
@given(
    value=st.text(st.sampled_from(SPECIAL), min_size=1, max_size=12),
    escapes=st.lists(st.sampled_from(list(ESCAPES)), max_size=3),
)
def test_a_value_is_found_however_often_it_was_escaped(value, escapes):
    text = value
    for name in escapes:
        text = ESCAPES[name](text)

    # A backslash at the end is taken for one of the escape after it.
    wanted = [form.rstrip("\\") for form in printed(value)]

    assert any(form in unescaped(text) for form in wanted)


@rows("escape", ESCAPES)
def test_the_position_of_a_value_is_that_of_its_escaped_form(escape):
    text = f"<{escape(SPECIAL)}>"
    plain = Unescaped(text)
    start = plain.text.index('a"b')

    start, end = plain.place(start, plain.text.index("d\n") + 1)

    assert unescaped(text[start:end]) == "a\"b'cd"


@rows(
    "value, expected",
    [
        ("hunter22", ["hunter22"]),
        (b"hunter22", ["hunter22"]),
        (b"\xff\xfe", [b"\xff\xfe"]),
        ('{"user": "app", "pin": 123456, "of": [{"key": "k"}]}', ["app", "123456", "k"]),
        ('"quoted"', ["quoted"]),
        ("[" * 100_000, []),
    ],
)
def test_which_parts_of_a_value_count_as_values(value, expected):
    assert [piece for piece in pieces(value) if piece != value or piece in expected] == expected


def test_member_names_are_found_at_any_depth():
    assert member_names('{"user": 1, "of": [{"key": {}}]}') == {"user", "of", "key"}
    assert member_names(b"\xff") == member_names("[[[") == set()


def test_bytes_are_found_as_base64():
    assert b64encode(b"\xff\xfe-secret").decode().rstrip("=") in printed(b"\xff\xfe-secret")


def test_a_search_for_thousands_of_values_finds_each():
    finder = Finder(f"needle-{number:04}" for number in range(5000))

    assert list(finder.found_in("a needle-0003 and needle-4999 in it")) == ["needle-0003", "needle-4999"]


def test_searching_for_a_long_text_costs_no_more_than_for_a_short_one():
    copied = []

    class Text(str):
        __slots__ = ()

        def __getitem__(self, stretch):
            copied.append(stretch.stop - stretch.start)
            return super().__getitem__(stretch)

    needle = "long-" * 1000

    assert list(Finder([needle]).found_in(Text(f"a {needle} in it"))) == [needle]
    assert max(copied) < 100
