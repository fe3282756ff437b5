"""Requests as long as they can be."""

from mock_secrets.protocol.wire import read_request


def test_a_signature_with_many_starts_is_read_only_once():
    """Looked for at each beginning, the end of the access key would be found a hundred thousand times."""
    headers = {"Authorization": "AWS4-HMAC-SHA256 " + "Credential=" * 100_000}

    assert read_request(headers.get, b"").access_key is None
