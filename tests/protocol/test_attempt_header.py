"""Which attempt at a call a request is, by the header that botocore sends."""

import pytest

from mock_secrets.protocol import wire


@pytest.mark.parametrize(
    ("header", "attempt"),
    [
        pytest.param("attempt=2; max=3", 2, id="a retry"),
        pytest.param("ttl=20260101T000000Z; attempt=1; max=3", 1, id="among others"),
        pytest.param(None, 1, id="no header"),
        pytest.param("max=3", 1, id="not in the header"),
        pytest.param("attempt=two", 1, id="no number"),
        pytest.param(f"attempt={'9' * 5_000}", 1, id="more digits than Python reads"),
        pytest.param("attempt=1234567890", 1, id="more attempts than anybody makes"),
        pytest.param("attempt=\N{ARABIC-INDIC DIGIT TWO}", 1, id="digits of another script"),
    ],
)
def test_a_header_that_names_no_attempt_is_the_first_one(header, attempt):
    headers = {"amz-sdk-request": header}

    assert wire.read_request(headers.get, b"{}").attempt == attempt
