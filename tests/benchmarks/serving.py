"""What a call by the endpoint costs beside a constant answer of the same server."""

import functools
import socket
from collections.abc import Callable, Iterator

from table import Row, against
from turns import Settings, median_call, take_turns

from mock_secrets import SecretsBackend
from mock_secrets.protocol import wire
from mock_secrets.transport.endpoint import Endpoint

_CALLS = 300
_BODY = b'{"SecretId": "db"}'
_REQUEST = (
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: secretsmanager.GetSecretValue\r\nAuthorization: AWS4-HMAC-SHA256"
    b" Credential=mock/20260101/us-east-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
)


def served(settings: Settings) -> Iterator[Row]:
    """A GetSecretValue by a connection that stays open."""
    backend = SecretsBackend(secrets={"db": "s3cret"})
    constant = backend.service.answer(wire.Request("GetSecretValue", "mock", "us-east-1", 1, _BODY))
    answerers = {"ours": backend.service.answer, "constant answer": lambda _: constant}
    samplers = {name: functools.partial(_calls, answer) for name, answer in answerers.items()}
    taken = take_turns(samplers, settings.rounds)
    yield against("one call by the endpoint, GetSecretValue", taken, "constant answer", None)


def _calls(answer: Callable[[wire.Request], wire.Answer]) -> float:
    with Endpoint(answer) as endpoint, socket.create_connection(("127.0.0.1", endpoint.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return median_call(functools.partial(_ask, connection), _CALLS)


def _ask(connection: socket.socket) -> None:
    connection.sendall(_REQUEST)
    # The server sends an answer in one piece.
    connection.recv(65536)
