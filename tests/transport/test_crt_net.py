"""Transfers of S3 by the CRT client, which botocore sees nothing of."""

import io
import sys
import types

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from tables import rows

from mock_secrets import mock_secrets
from mock_secrets.transport.net import NetworkAccessRefused


class Client:
    """Stands in for ``awscrt.s3.S3Client``: a compiled library that few have."""

    def __init__(self):
        self.sent = []

    def make_request(self, *, type, request):
        self.sent.append(request.headers.get("Host"))
        return "sent"


@pytest.fixture
def crt(monkeypatch):
    """Imports the library when it is called."""
    monkeypatch.delitem(sys.modules, "awscrt.s3", raising=False)
    module = types.ModuleType("awscrt.s3")
    module.S3Client = type("S3Client", (Client,), {"make_request": Client.make_request})

    def import_it():
        monkeypatch.setitem(sys.modules, "awscrt.s3", module)
        return module.S3Client()

    return import_it


def transfer(client, host):
    return client.make_request(type="GET_OBJECT", request=types.SimpleNamespace(headers={"Host": host}))


def test_a_crt_transfer_is_refused_and_the_error_names_alternatives(crt):
    client = crt()

    with mock_secrets(), pytest.raises(NetworkAccessRefused) as caught:
        transfer(client, "mine.s3.us-east-1.amazonaws.com")

    assert client.sent == []
    for way_out in ("classic", "moto", "passthrough=['s3']"):
        assert way_out in str(caught.value)


def test_a_transfer_is_refused_when_crt_is_imported_inside_the_mock(crt):
    with mock_secrets():
        client = crt()
        # Before its first transfer boto3 makes a client of botocore's, which is to serialise the requests.
        boto3.client("sts")

        with pytest.raises(NetworkAccessRefused):
            transfer(client, "mine.s3.us-east-1.amazonaws.com")


@rows(
    "options, host",
    {"let through": ({"passthrough": ["s3"]}, "mine.s3.us-east-1.amazonaws.com"), "loopback": ({}, "localhost:4566")},
)
def test_an_allowed_crt_transfer_is_sent(crt, options, host):
    client = crt()

    with mock_secrets(**options):
        assert transfer(client, host) == "sent"

    assert client.sent == [host]


def test_the_crt_client_is_restored_after_the_mock(crt):
    client = crt()
    with mock_secrets():
        pass

    assert transfer(client, "mine.s3.us-east-1.amazonaws.com") == "sent"
    assert type(client).make_request is Client.make_request


def test_boto3_transfers_through_the_real_crt_are_refused():
    pytest.importorskip("awscrt")
    config = TransferConfig(preferred_transfer_client="crt")

    with mock_secrets(), pytest.raises(NetworkAccessRefused, match="CRT"):
        boto3.client("s3").upload_fileobj(io.BytesIO(b"body"), "mine", "key", Config=config)
