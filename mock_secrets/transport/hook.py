"""The hook in botocore through which the active backend answers every Secrets Manager request of the process."""

import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from botocore import handlers
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.model import OperationModel

from mock_secrets.aws.iam import KEY_PREFIXES
from mock_secrets.kernel.redaction import RedactedBytes
from mock_secrets.protocol import wire
from mock_secrets.protocol.offers import secret_parts
from mock_secrets.transport import processes, running
from mock_secrets.transport.broken_answers import raise_if_unseen
from mock_secrets.transport.headers import header, headers_dict


class MockNotActive(AssertionError):
    """A client that was created inside a mock was used while no mock was active."""


class _Body(RedactedBytes):
    """Bytes that can also be awaited: aiobotocore awaits a response's content, botocore does not.

    They may contain a secret, and botocore logs them.
    """

    __slots__ = ()

    def __await__(self) -> Any:
        return self
        yield


class _Raw:
    """The body as a stream. botocore and aiobotocore read it in different ways."""

    version = 11

    def __init__(self, answer: wire.Answer) -> None:
        self._body = _Body(answer.body)
        self._headers = answer.headers

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers in the form that aiobotocore up to 2.18 reads."""
        return [(name.encode(), value.encode()) for name, value in self._headers.items()]

    def stream(self, **_: object) -> list[bytes]:
        return [self._body]

    def read(self, *_: object) -> _Body:
        return self._body


class Response(AWSResponse):  # type: ignore[misc]  # botocore has no types
    """A response that works for both boto3 and aiobotocore."""

    def __init__(self, url: str, answer: wire.Answer) -> None:
        raw = _Raw(answer)
        super().__init__(url, answer.status, (), raw)
        self.headers = headers_dict(answer.headers.items())
        self._content = raw.read()


def respond(request: AWSPreparedRequest) -> Response | None:
    """The active backend's response, or None if no mock is active.

    :raises MockNotActive: if no mock is active and the request has credentials of a mock.
    """
    read = wire.read_request(partial(text_of, request.headers), body_of(request.body), urlsplit(request.url).netloc)
    mock = running.mock
    if mock is None:
        is_ours = read.access_key is not None and read.access_key.startswith(KEY_PREFIXES)
        if is_ours and not processes.is_of_another(request.url):
            raise MockNotActive(_why_not_answered(read.operation))
        return None
    answer = mock.answer(read)
    if answer.spoiled is not None:
        raise_if_unseen(answer.spoiled, request.url)
    return Response(request.url, answer)


def text_of(headers: Any, name: str) -> str | None:
    value = header(headers, name)
    if isinstance(value, bytes):
        return value.decode("latin-1")
    # A value that HTTP can't carry, such as half of a surrogate pair, is not a str here.
    return value if isinstance(value, str) else None


def _why_not_answered(operation: str) -> str:
    parent = processes.mock_of_another()
    if parent is not None:
        return (
            f"{operation} was called in process {os.getpid()}, in which no mock_secrets is active. Its credentials come"
            f" from a mock in process {parent}, which started this one and whose secrets are not available here. Use"
            " mock_secrets(processes=True) there, pass the values to this process, or start a mock in it."
        )
    return (
        f"{operation} was called on a client that was created inside a mock_secrets that has ended."
        " Make the call while the mock is active, or create the client outside of it."
    )


def install(more: Iterable[tuple[str, Callable[..., Any]]] = ()) -> None:
    """Install the hook among the handlers that every new session copies.

    It replaces a hook that an earlier import of this module left: pytester, for example, imports modules again.

    :param more: further handlers, for other services.
    """
    others = [entry for entry in handlers.BUILTIN_HANDLERS if not _is_ours(entry[1])]
    ours = [
        ("before-parameter-build.secrets-manager", _before_parameter_build),
        ("before-send.secrets-manager", _before_send),
    ]
    handlers.BUILTIN_HANDLERS[:] = [*others, *ours, *more]


def _is_ours(handler: Any) -> bool:
    return str(getattr(handler, "__module__", None)).startswith("mock_secrets.")


def _before_parameter_build(params: Any, model: OperationModel, **_: object) -> None:
    if running.mock is not None:
        running.mock.values.offer(partial(secret_parts, model.input_shape, params))


def _before_send(request: AWSPreparedRequest, **_: object) -> Response | None:
    return respond(request)


def body_of(body: Any) -> bytes:
    if type(body) is bytes:
        return body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    return bytes(body.read())
