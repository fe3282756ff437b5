"""``backend.serve()``: HTTP as clients of any language send it, well or badly."""

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from http.client import HTTPConnection

import pytest
from conformance.fidelity import behaviour
from tables import rows

from mock_secrets import SecretsBackend, mock_secrets
from mock_secrets.transport import endpoint as module

TOKEN = b"0" * 32
CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
HALF_CHUNKED = [CHUNKED + b"\r\n", CHUNKED + b"\r\n9\r\n{", CHUNKED + b"\r\n0\r\nX: 1"]
SCOPE = (
    "AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/secretsmanager/aws4_request, SignedHeaders=host, Signature=0"
)


def headers(operation, key="AKIAEXAMPLE", region="us-east-1", **more):
    signed = {"Authorization": SCOPE.format(key=key, region=region)} if key else {}
    return {"X-Amz-Target": f"secretsmanager.{operation}", **signed, **more}


@pytest.fixture
def backend():
    return SecretsBackend(secrets={"db": "s3cret"})


@pytest.fixture
def endpoint(backend):
    with backend.serve() as endpoint:
        yield endpoint


@pytest.fixture
def connection(endpoint):
    connection = HTTPConnection("127.0.0.1", endpoint.port, timeout=10)
    yield connection
    connection.close()


def ask(connection, operation, body=b"{}", method="POST", path="/", **given):
    connection.request(method, path, body, headers(operation, **given))
    response = connection.getresponse()
    return response, response.read()


def raw(endpoint, sent):
    """What comes back for bytes, until the server ends the connection."""
    with socket.create_connection(("127.0.0.1", endpoint.port), timeout=10) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(4096), b""))


def test_an_http_call_is_answered_like_the_real_service(connection):
    response, body = ask(connection, "GetSecretValue", b'{"SecretId": "db"}')

    assert (response.status, json.loads(body)["SecretString"]) == (200, "s3cret")
    assert response.getheader("x-amzn-RequestId")
    assert response.getheader("Content-Type") == "application/x-amz-json-1.1"
    assert len(response.headers.get_all("Date")) == 1
    assert response.getheader("Server") is None


def test_the_endpoint_takes_account_and_region_from_the_signature(connection, backend):
    _, body = ask(
        connection,
        "CreateSecret",
        b'{"Name": "new", "ClientRequestToken": "%s"}' % TOKEN,
        key="AKIAMOCK111122223333",
        region="eu-west-1",
    )

    assert json.loads(body)["ARN"].split(":")[3:5] == ["eu-west-1", "111122223333"]
    assert backend.secret("new", account_id="111122223333", region="eu-west-1")


@rows(
    "operation, given, status, code",
    [
        ("GetSecretValue", {"key": None}, 400, "MissingAuthenticationTokenException"),
        ("GetSecret", {}, 400, "UnknownOperationException"),
        ("GetSecretValue", {"body": b'{"SecretId": "none"}'}, 400, "ResourceNotFoundException"),
        ("GetSecretValue", {"body": b"{"}, 400, "SerializationException"),
        ("GetSecretValue", {"body": b'{"SecretId": "db"} {}'}, 400, "SerializationException"),
    ],
)
def test_the_endpoint_returns_aws_errors_and_keeps_the_connection_open(connection, operation, given, status, code):
    response, body = ask(connection, operation, **given)
    again, _ = ask(connection, "GetSecretValue", b'{"SecretId": "db"}')

    assert (response.status, json.loads(body)["__type"].rpartition("#")[2]) == (status, code)
    assert again.status == 200


def test_http_calls_are_recorded_without_a_source_line(connection, backend):
    ask(connection, "GetSecretValue", b'{"SecretId": "db"}')

    assert [(call.operation, call.line) for call in backend.calls] == [("GetSecretValue", None)]
    assert "GetSecretValue  db by HTTP" in backend.report()


@rows("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_other_http_methods_get_a_404_and_an_explanation(connection, method):
    response, body = ask(connection, "", b"", method=method)

    assert response.status == 404
    assert (b"a mock of AWS Secrets Manager" in body) is (method != "HEAD")


def test_a_head_response_has_no_body(endpoint):
    assert raw(endpoint, b"HEAD / HTTP/1.1\r\n\r\n").endswith(b"\r\n\r\n")


@behaviour(
    "Any operation",
    "a body of more than 1 MiB: HTTP 413",
    "GUESS",
    "no source names the limit",
    decided_by="signed requests",
)
@rows(
    "sent, status",
    [
        (b"nonsense\r\n\r\n", 400),
        (b"POST / HTTP/9.9\r\n\r\n", 505),
        (b"BREW / HTTP/1.1\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (CHUNKED + b"Content-Length: 1\r\n\r\n", 400),
        (CHUNKED + b"\r\nmany\r\n", 400),
        (CHUNKED + b"\r\n-1\r\n", 400),
        (CHUNKED + b"\r\n" + b"1" * 5000, 400),
        (CHUNKED + b"\r\n100001\r\n", 413),
        (CHUNKED + b"\r\n1\r\nxyz\r\n", 400),
        (CHUNKED + b"\r\n0\r\n" + b"X: 1\r\n" * 200, 400),
        (b"POST / HTTP/1.1\r\nContent-Length: %s\r\n\r\n" % (b"9" * 5000), 413),
        (b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 200 + b"\r\n", 431),
    ],
)
def test_an_invalid_http_request_is_refused_and_the_connection_closed(endpoint, sent, status):
    answer = raw(endpoint, sent)

    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"Connection: close" in answer


def test_a_body_of_the_maximum_length_is_read(connection):
    response, body = ask(connection, "GetSecretValue", b" " * (1024 * 1024 - 2) + b"{}")

    assert (response.status, json.loads(body)["__type"]) == (400, "ValidationException")


def test_a_chunked_body_is_read_and_the_connection_stays_open(endpoint):
    head = "\r\n".join(f"{name}: {value}" for name, value in headers("GetSecretValue").items()).encode()
    parts = b'{"SecretId": ', b'"db"                }'
    chunks = b"%x;x=y\r\n%s\r\n%X\r\n%s\r\n0\r\nTrailer: 1\r\n\r\n" % (len(parts[0]), parts[0], len(parts[1]), parts[1])

    answers = raw(endpoint, CHUNKED + head + b"\r\n\r\n" + chunks + b"GET / HTTP/1.1\r\n\r\n")

    assert answers.startswith(b"HTTP/1.1 200 ")
    assert b'"s3cret"' in answers
    assert b"HTTP/1.1 404 " in answers


def test_an_expect_100_continue_header_is_answered_immediately(endpoint):
    with socket.create_connection(("127.0.0.1", endpoint.port), timeout=10) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")

        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"


HEAD = b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n"


@pytest.fixture
def impatient(monkeypatch, backend):
    monkeypatch.setattr(module, "_PATIENCE", 0.1)
    with backend.serve() as endpoint:
        yield endpoint


@rows("sent", [b"", b"POST / HT", HEAD + b"{", *HALF_CHUNKED])
def test_a_stalled_client_is_disconnected(impatient, sent):
    assert raw(impatient, sent) == b""


@rows("begun", [b"", b"POST / HTTP/1.1\r\nContent-Length: 99999\r\n\r\n"])
def test_a_client_that_sends_single_bytes_forever_is_disconnected(impatient, begun):
    with socket.create_connection(("127.0.0.1", impatient.port), timeout=0.005) as connection:
        connection.sendall(begun)

        assert drip(connection) == b""


def drip(connection):
    """What comes back to a client that sends a byte whenever nothing does."""
    while True:
        with suppress(TimeoutError):
            return connection.recv(10)
        try:
            connection.sendall(b"x")
        except OSError:
            return b""


def test_a_slow_answer_does_not_time_out(impatient, backend, monkeypatch):
    answer = backend.service.answer
    monkeypatch.setattr(impatient._server, "answer", lambda request: (threading.Event().wait(0.3), answer(request))[1])
    connection = HTTPConnection("127.0.0.1", impatient.port, timeout=10)

    assert ask(connection, "GetSecretValue", b'{"SecretId": "db"}')[0].status == 200
    connection.close()


def test_a_client_that_disconnects_mid_body_changes_nothing(endpoint, backend):
    body = b'{"SecretId": "db", "SecretString": "changed"}'
    with socket.create_connection(("127.0.0.1", endpoint.port)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n" + body)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(10) == b""

    assert backend.calls == []


def test_an_exception_while_answering_becomes_a_500_response(backend, monkeypatch):
    def answer(request):
        raise UserWarning("as an error")

    monkeypatch.setattr(backend.service, "answer", answer)
    with backend.serve() as endpoint:
        client = HTTPConnection("127.0.0.1", endpoint.port, timeout=10)
        response, body = ask(client, "GetSecretValue")
        client.close()

    assert response.status == 500
    assert json.loads(body) == {"__type": "InternalServiceError", "Message": "mock_secrets: UserWarning: as an error"}


class TestItsEnd:
    def test_leaving_the_block_closes_the_endpoint_its_connections_and_threads(self, backend):
        before = threading.enumerate()
        with backend.serve() as endpoint:
            connection = HTTPConnection("127.0.0.1", endpoint.port, timeout=10)
            ask(connection, "GetSecretValue", b'{"SecretId": "db"}')
            assert repr(endpoint) == f"<endpoint http://127.0.0.1:{endpoint.port}>"

        assert threading.enumerate() == before
        assert connection.sock.recv(1) == b""
        assert "(closed)" in repr(endpoint)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", endpoint.port))
        connection.close()
        endpoint.close()

    def test_the_end_of_the_mock_closes_its_endpoint(self):
        with mock_secrets() as backend:
            endpoint = backend.serve()
            with mock_secrets():
                pass
            assert endpoint.is_open

        assert not endpoint.is_open

    def test_the_end_of_a_test_on_a_savepoint_closes_its_endpoint(self, project):
        result = project.run("""
endpoints = []

def test_1(session_secrets_backend, secrets_backend):
    endpoints.append(session_secrets_backend.serve())

def test_2(session_secrets_backend):
    assert not endpoints[0].is_open
    endpoints.append(session_secrets_backend.serve())

def test_3(session_secrets_backend, secrets_backend):
    assert endpoints[1].is_open
""")

        result.assert_outcomes(passed=3)

    def test_a_closed_endpoints_port_is_free_again_immediately(self, backend):
        with backend.serve() as first:
            pass

        with backend.serve(first.port) as second:
            assert second.url == first.url


@rows("port, error", [("80", TypeError), (True, TypeError), (-1, ValueError), (65536, ValueError)])
def test_an_invalid_port_is_refused(backend, port, error):
    with pytest.raises(error, match="port takes"):
        backend.serve(port)


def test_a_port_in_use_is_an_error(backend, endpoint):
    with pytest.raises(OSError, match="in use"):
        backend.serve(endpoint.port)


def test_the_endpoint_fixture_answers_another_process(secrets_backend, secrets_endpoint):
    secrets_backend.create("db", "s3cret")
    program = "import boto3; print(boto3.client('secretsmanager').get_secret_value(SecretId='db')['SecretString'])"

    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        env={**os.environ, "AWS_ENDPOINT_URL_SECRETS_MANAGER": secrets_endpoint.url},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "s3cret\n", done.stderr


def test_a_client_in_this_process_can_use_the_endpoint_url(secrets_backend, secrets_endpoint):
    secrets_backend.create("db", "s3cret")
    client = secrets_backend.client(endpoint_url=secrets_endpoint.url)

    assert client.get_secret_value(SecretId="db")["SecretString"] == "s3cret"
