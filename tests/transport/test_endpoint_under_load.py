"""Many clients of the endpoint at once, each with a connection that stays open."""

import asyncio
import json
import re

from mock_secrets import Limits, SecretsBackend

CONNECTIONS, CALLS = 200, 100
HEAD = (
    "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: secretsmanager.PutSecretValue\r\nAuthorization: AWS4-HMAC-SHA256"
    " Credential=mock/20260101/us-east-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0\r\nContent-Length: "
)


async def put_again_and_again(port, client):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for number in range(CALLS):
            told = {"SecretId": "db", "SecretString": "v", "ClientRequestToken": f"{client:016}{number:016}"}
            body = json.dumps(told)
            writer.write(f"{HEAD}{len(body)}\r\n\r\n{body}".encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200 "), answer
            await reader.readexactly(int(re.search(rb"Content-Length: (\d+)", answer)[1]))
    finally:
        writer.close()


async def all_at_once(port):
    await asyncio.gather(*[put_again_and_again(port, client) for client in range(CONNECTIONS)])


def test_two_hundred_connections_lose_no_updates():
    made = CONNECTIONS * CALLS
    backend = SecretsBackend(secrets={"db": "first"}, limits=Limits(versions_per_secret=2 * made, calls_kept=made))

    with backend.serve() as endpoint:
        asyncio.run(all_at_once(endpoint.port))

    tokens = {f"{client:016}{number:016}" for client in range(CONNECTIONS) for number in range(CALLS)}
    assert tokens <= {version.id for version in backend["db"].versions}
    assert len(backend["db"].versions) == made + 1
    assert len(backend.calls) == made
