"""The body of an HTTP request, of a length that is told or in chunks."""

import re
from email.message import Message
from io import BufferedIOBase

# In bytes. GUESS: no source tells AWS's own; a value has 64 KiB at most, and no request needs as much.
LONGEST = 1024 * 1024
_LONGEST_LINE = 4096
_MOST_TRAILERS = 100
_LENGTH = re.compile("[0-9]+")
_SIZE = re.compile(rb"([0-9A-Fa-f]+)[ \t]*(;.*)?\r?\n", re.DOTALL)


class Unreadable(Exception):
    """A body that is not read. What follows of the request can't be told from the next one.

    :ivar status: of the answer.
    """

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


def read_body(stream: BufferedIOBase, headers: Message, *, is_needed: bool) -> bytes | None:
    """:returns: the body; None if the client ended in the midst of it.

    :param is_needed: whether a request that tells no length is refused. It has no body else.
    :raises Unreadable: if it is too long, or told of in no way that HTTP knows.
    """
    length, coding = headers.get("Content-Length"), headers.get("Transfer-Encoding")
    if coding is not None:
        if coding.strip().lower() != "chunked":
            raise Unreadable(501, "a body is sent as it is, or chunked")
        if length is not None:
            # Who believes the one takes for the next request what is the body for who believes the other.
            raise Unreadable(400, "a request has a Content-Length or a Transfer-Encoding, and not both")
        return _read_chunks(stream)
    if length is None:
        if is_needed:
            raise Unreadable(411, "a request has a Content-Length")
        return b""
    if not _LENGTH.fullmatch(length):
        raise Unreadable(400, "the Content-Length is no number")
    return _read_exactly(stream, _checked(int(length[:20])))


def _read_chunks(stream: BufferedIOBase) -> bytes | None:
    body = bytearray()
    while True:
        line = stream.readline(_LONGEST_LINE)
        size = _SIZE.fullmatch(line)
        if size is None:
            if line.endswith(b"\n") or len(line) == _LONGEST_LINE:
                raise Unreadable(400, "a chunk begins with its size")
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
            raise Unreadable(400, "a chunk ends where its size says")


def _skip_trailers(stream: BufferedIOBase) -> bool:
    """:returns: whether they came to their end."""
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
