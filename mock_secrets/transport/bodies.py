"""Reads the body of an HTTP request, with a Content-Length or in chunks."""

import re
from email.message import Message
from io import BufferedIOBase

# In bytes. GUESS: no source states AWS's limit; a value has at most 64 KiB, and no request needs this much.
LONGEST = 1024 * 1024
_LONGEST_LINE = 4096
_MOST_TRAILERS = 100
_LENGTH = re.compile("[0-9]+")
_SIZE = re.compile(rb"([0-9A-Fa-f]+)[ \t]*(;.*)?\r?\n", re.DOTALL)


class Unreadable(Exception):
    """The body can't be read, so the rest of the request can't be told from the next one.

    :ivar status: the HTTP status of the answer.
    """

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


def read_body(stream: BufferedIOBase, headers: Message, *, is_needed: bool) -> bytes | None:
    """Read the body of a request.

    :param is_needed: whether to refuse a request without a length, which otherwise has no body.
    :returns: the body; None if the client closed the connection before the end.
    :raises Unreadable: if the body is too long, or not sent as HTTP demands.
    """
    length, coding = headers.get("Content-Length"), headers.get("Transfer-Encoding")
    if coding is not None:
        if coding.strip().lower() != "chunked":
            raise Unreadable(501, "the only supported Transfer-Encoding is chunked")
        if length is not None:
            # Request smuggling: software that trusts the other header takes the body for the next request.
            raise Unreadable(400, "a request can't have both a Content-Length and a Transfer-Encoding")
        return _read_chunks(stream)
    if length is None:
        if is_needed:
            raise Unreadable(411, "a request needs a Content-Length")
        return b""
    if not _LENGTH.fullmatch(length):
        raise Unreadable(400, "the Content-Length is not a number")
    return _read_exactly(stream, _checked(int(length[:20])))


def _read_chunks(stream: BufferedIOBase) -> bytes | None:
    body = bytearray()
    while True:
        line = stream.readline(_LONGEST_LINE)
        size = _SIZE.fullmatch(line)
        if size is None:
            if line.endswith(b"\n") or len(line) == _LONGEST_LINE:
                raise Unreadable(400, "a chunk must start with its size")
            return None
        length = int(size[1][:20], 16)
        if length == 0:
            return bytes(body) if _skip_trailers(stream) else None
        _checked(len(body) + length)
        chunk = _read_exactly(stream, length)
        if chunk is None:
            return None
        body += chunk
        if stream.readline(3) not in (b"\r\n", b"\n"):
            raise Unreadable(400, "a chunk must end where its size says")


def _skip_trailers(stream: BufferedIOBase) -> bool:
    """Read past the trailers of a chunked body.

    :returns: whether the end of the trailers was reached.
    """
    for _ in range(_MOST_TRAILERS):
        line = stream.readline(_LONGEST_LINE)
        if line in (b"\r\n", b"\n"):
            return True
        if not line.endswith(b"\n"):
            return False
    raise Unreadable(400, "too many trailers")


def _read_exactly(stream: BufferedIOBase, length: int) -> bytes | None:
    read = stream.read(length)
    return read if len(read) == length else None


def _checked(length: int) -> int:
    if length > LONGEST:
        raise Unreadable(413, f"the body is longer than {LONGEST} bytes")
    return length
