"""A server as the command starts it, in this process."""

import json
from contextlib import contextmanager
from http.client import HTTPConnection

from mock_secrets.command_line.main import parser
from mock_secrets.command_line.serving import serving

SCOPE = "AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0"


@contextmanager
def served(*arguments):
    """:param arguments: those of ``mock-secrets serve``."""
    with serving(parser().parse_args(["serve", *map(str, arguments)])) as server:
        yield server


def call(server, operation, key="mock", **params):
    """The answer to a call as a client makes it."""
    connection = HTTPConnection("127.0.0.1", server.endpoint.port, timeout=10)
    headers = {"X-Amz-Target": f"secretsmanager.{operation}", "Authorization": SCOPE.format(key)}
    connection.request("POST", "/", json.dumps(params).encode(), headers)
    answer = json.loads(connection.getresponse().read() or b"{}")
    connection.close()
    return answer


def control(server, method, name, body=None, **headers):
    """The status and the answer of the control."""
    answer = control_raw(server, method, name, None if body is None else json.dumps(body), **headers)
    return answer.status, json.loads(answer.body)


def control_raw(server, method, name, body=None, **headers):
    """The answer with its ``body``."""
    connection = HTTPConnection("127.0.0.1", server.endpoint.port, timeout=10)
    given = {"Content-Type": "application/json", **{key.replace("_", "-"): value for key, value in headers.items()}}
    connection.request(method, f"/_mock_secrets/{name}", body, {key: one for key, one in given.items() if one})
    answer = connection.getresponse()
    answer.body = answer.read()
    connection.close()
    return answer
