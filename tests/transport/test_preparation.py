"""A signed request is prepared in one step, with the outcome of botocore's steps."""

import io

import pytest
from botocore.awsrequest import AWSRequest, AWSRequestPreparer
from tables import rows

from mock_secrets.transport import preparation
from mock_secrets.transport.preparation import prepare_quickly

SENT = {
    "a call": ("POST", b"{}", [("X-Amz-Target", "secretsmanager.ListSecrets"), ("User-Agent", b"Boto3")]),
    "a header twice": ("POST", b"{}", [("User-Agent", "Boto3"), ("Date", "now"), ("user-agent", b"Botocore")]),
    "a length": ("POST", b"{}", [("content-length", "7")]),
    "chunks": ("POST", b"{}", [("Transfer-Encoding", "chunked")]),
    "no body": ("POST", b"", []),
    "a text": ("POST", "ü", []),
    "a file": ("POST", io.BytesIO(b"{}"), []),
    "a form": ("POST", {"name": "value"}, []),
    "another method": ("GET", b"{}", []),
}


def request(method, body, headers):
    made = AWSRequest(method, "https://localhost", data=body)
    for name, value in headers:
        made.headers[name] = value
    return made


@rows("method, body, headers", SENT)
def test_a_quickly_prepared_request_equals_one_prepared_by_botocore(method, body, headers):
    quick = request(method, body, headers)
    prepare_quickly(quick)
    assert type(quick._request_preparer) is not AWSRequestPreparer

    prepared, expected = quick.prepare(), request(method, body, headers).prepare()

    assert list(prepared.headers.items()) == list(expected.headers.items())
    assert ("CONTENT-LENGTH" in prepared.headers) is ("Content-Length" in expected.headers)
    assert (prepared.method, prepared.url, prepared.body) == (expected.method, expected.url, expected.body)


def without_knowing_headers(monkeypatch, sent):
    monkeypatch.setattr(preparation, "CAN_LOOK_INSIDE", False)


def with_a_preparer_of_the_users(monkeypatch, sent):
    sent._request_preparer = object()


def with_a_function_replaced_by_another_library(monkeypatch, sent):
    monkeypatch.setattr(AWSRequestPreparer, "_prepare_headers", lambda *_: {})


def without_a_preparer(monkeypatch, sent):
    del sent._request_preparer


@pytest.mark.parametrize(
    "otherwise",
    [
        without_knowing_headers,
        with_a_preparer_of_the_users,
        with_a_function_replaced_by_another_library,
        without_a_preparer,
    ],
)
def test_botocore_prepares_what_is_not_as_expected(monkeypatch, otherwise):
    sent = request("POST", b"{}", [])
    otherwise(monkeypatch, sent)
    before = vars(sent).get("_request_preparer")

    prepare_quickly(sent)

    assert vars(sent).get("_request_preparer") is before
