"""Values taken out of texts that somebody else's code made."""

from tables import rows

from mock_secrets.kernel.masking import masker


@rows(
    "value, text, shown",
    [
        ("hunter2", "login with hunter2 failed", "login with <redacted> failed"),
        ("hunter2", "xhunter2x", "x<redacted>x"),
        ("one", "one of none", "<redacted> of none"),
        ("ab", "ab", "ab"),
        (b"hunter2", "hunter2", "<redacted>"),
        (b"\xff\x00\xff\x00", r"b'\xff\x00\xff\x00'", "b'<redacted>'"),
        ('{"user": {"password": "hunter2"}}', "hunter2", "<redacted>"),
        ('{"pin": 123456}', "pin 123456", "pin <redacted>"),
        ('["hunter2"]', "hunter2", "<redacted>"),
        ("it's \\ it", repr("it's \\ it"), '"<redacted>"'),
        ("hunter2\nline2 of it", "hunter2", "<redacted>"),
        ("hunter2", "aHVudGVyMg==", "<redacted>=="),
        ("pass word/", "pass%20word%2F", "<redacted>"),
    ],
)
def test_a_value_is_masked_both_raw_and_escaped(value, text, shown):
    assert masker([value])(text) == shown


def test_the_longest_value_is_masked_first():
    assert masker(["hunter2", "hunter2-long"])("hunter2-long") == "<redacted>"
