"""Which attempt at a call a request is, by the header that botocore sends."""

from tables import rows

from mock_secrets.protocol import wire


@rows(
    "header, attempt",
    {
        "a retry": ("attempt=2; max=3", 2),
        "among others": ("ttl=20260101T000000Z; attempt=1; max=3", 1),
        "no header": (None, 1),
        "not in the header": ("max=3", 1),
        "no number": ("attempt=two", 1),
        "more digits than Python reads": (f"attempt={'9' * 5_000}", 1),
        "more attempts than anybody makes": ("attempt=1234567890", 1),
        "digits of another script": ("attempt=\N{ARABIC-INDIC DIGIT TWO}", 1),
    },
)
def test_a_header_without_an_attempt_means_the_first_attempt(header, attempt):
    headers = {"amz-sdk-request": header}

    assert wire.read_request(headers.get, b"{}").attempt == attempt
