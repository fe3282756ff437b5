"""An HTTP endpoint of a backend on the loopback interface, for other processes and SDKs of other languages.

It uses the standard library's server, tuned to be quick: connections stay open, and an answer is sent in one piece
without delay.
"""

import json
import os
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, TypeAlias
from weakref import WeakSet

from mock_secrets.kernel.frames import called_from_elsewhere
from mock_secrets.protocol import wire
from mock_secrets.transport.bodies import Unreadable, read_body
from mock_secrets.transport.running import Answerer

_LOOPBACK = "127.0.0.1"
# Seconds that a client may take to send a request, to read an answer, and between two requests.
_PATIENCE = 20.0
_LOOKS = 20
_JOIN = 1.0


#: Requests under this path are not AWS calls.
CONTROL_PATH = "/_mock_secrets/"


class ControlRequest(NamedTuple):
    """A request under :data:`CONTROL_PATH`.

    :ivar target: the path and query as sent.
    :ivar header: returns a header by its case-insensitive name, or None.
    """

    method: str
    target: str
    header: Callable[[str], str | None]
    body: bytes


#: Answers any such request, and never raises.
Control: TypeAlias = Callable[[ControlRequest], wire.Answer]

_open: WeakSet["Endpoint"] = WeakSet()


class Endpoint:
    """A running HTTP endpoint on 127.0.0.1. As a context manager it closes itself at the end of the block.

    :ivar port: the port on which it listens.
    :ivar url: the value for ``endpoint_url=`` or ``AWS_ENDPOINT_URL_SECRETS_MANAGER``.
    """

    def __init__(
        self, answer: Answerer, *, port: int = 0, control: Control | None = None, paths: str = CONTROL_PATH
    ) -> None:
        self._process = os.getpid()
        self._server = _Server(answer, _checked(port), control, paths)
        self.port: int = self._server.server_address[1]
        self.url = f"http://{_LOOPBACK}:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name=f"mock_secrets endpoint {self.port}", daemon=True
        )
        self._thread.start()
        _open.add(self)

    def __repr__(self) -> str:
        return f"<endpoint {self.url}{'' if self.is_open else ' (closed)'}>"

    @property
    def is_open(self) -> bool:
        """Whether it still listens."""
        return self in _open

    def close(self) -> None:
        """Stop listening and close all connections. Calling it again does nothing."""
        if not self.is_open:
            return
        _open.discard(self)
        if self._process == os.getpid():
            self._server.shutdown()
            self._thread.join(_JOIN)
        self._server.end(is_ours=self._process == os.getpid())

    def __enter__(self) -> "Endpoint":  # noqa: PYI034 - Self is not in Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _checked(port: Any) -> int:
    if isinstance(port, bool) or not isinstance(port, int):
        raise TypeError(f"port takes an int, not {type(port).__name__}")
    if not 0 <= port <= 65535:
        raise ValueError(f"port takes 0 to 65535, not {port}")
    return port


def _close_in_child() -> None:
    # The parent still listens; the child has none of its threads.
    for endpoint in list(_open):
        endpoint.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)


class _Server(ThreadingHTTPServer):
    """A server that remembers its connections, in order to close them."""

    daemon_threads = True
    # With more simultaneous connections the system refuses some.
    request_queue_size = 512

    def __init__(self, answer: Answerer, port: int, control: Control | None, paths: str) -> None:
        self.answer = answer
        self.control = control
        self.paths = paths
        self._connections: dict[socket.socket, threading.Thread] = {}
        # For each client that must send or read: the count of the watch when the wait started.
        self._waits: dict[socket.socket, int] = {}
        self._looks = 0
        super().__init__((_LOOPBACK, port), _Handler)
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._cut_off, name="mock_secrets patience", daemon=True)
        self._watch.start()

    def waits(self, connection: socket.socket) -> None:
        """Start to wait for a client, for a limited time."""
        self._waits[connection] = self._looks

    def waits_no_more(self, connection: socket.socket) -> None:
        self._waits.pop(connection, None)

    def _cut_off(self) -> None:
        # Counts instead of reading a clock, which a test may have frozen.
        while not self._ended.wait(_PATIENCE / _LOOKS):
            self._looks += 1
            for connection, since in list(self._waits.items()):
                if self._looks - since > _LOOKS:
                    self.waits_no_more(connection)
                    _shut(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True, name="mock_secrets client"
        )
        self._connections[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        self._connections.pop(request, None)
        self.waits_no_more(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client that goes away in the middle of an answer."""

    def end(self, *, is_ours: bool) -> None:
        """Close the server and its connections.

        :param is_ours: whether its threads run in this process, rather than in the parent of a forked one.
        """
        self.server_close()
        self._ended.set()
        connections = list(self._connections.items())
        for connection, _ in connections:
            if is_ours:
                _shut(connection)
            else:
                # The parent of this forked process still uses the connection.
                socket.close(connection.detach())
        for thread in [self._watch, *(thread for _, thread in connections)] if is_ours else ():
            if thread is not threading.current_thread():
                thread.join(_JOIN)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It is already closed.
        connection.close()


def _failed(error: Exception) -> wire.Answer:
    told = {"__type": "InternalServiceError", "Message": f"mock_secrets: {type(error).__name__}: {error}"}
    return wire.Answer(500, {"Content-Type": wire.CONTENT_TYPE}, json.dumps(told).encode())


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle(self) -> None:
        self.server.waits(self.connection)
        super().handle()

    def parse_request(self) -> bool:
        # Restarts the wait, once the first line has arrived.
        self.server.waits(self.connection)
        return super().parse_request()

    def handle_expect_100(self) -> bool:
        is_expected = super().handle_expect_100()
        self.wfile.flush()
        return is_expected

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            return
        if self.server.control is not None and self.path.startswith(self.server.paths):
            self._control(self.server.control, body)
            return
        self.server.waits_no_more(self.connection)
        request = wire.read_request(self.headers.get, body, self.headers.get("Host", ""))
        try:
            with called_from_elsewhere():
                answer = self.server.answer(request)
        except Exception as error:  # noqa: BLE001 - for example a warning that this test run turns into an error
            answer = _failed(error)
        self.server.waits(self.connection)
        if answer.spoiled is not None and answer.spoiled.seen not in (None, "corrupt"):
            self.close_connection = True
        else:
            self._send(answer.status, answer.headers, answer.body)

    def do_GET(self) -> None:
        body = self._body()
        if body is None:
            return
        if self.server.control is not None and self.path.startswith(self.server.paths):
            self._control(self.server.control, body)
        else:
            self._tell(404, "mock_secrets: a mock of AWS Secrets Manager. Send calls as POST requests to /.")

    do_HEAD = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = do_GET  # noqa: N815 - the standard library's names

    def _control(self, control: Control, body: bytes) -> None:
        self.server.waits_no_more(self.connection)
        with called_from_elsewhere():
            answer = control(ControlRequest(self.command, self.path, self.headers.get, body))
        self.server.waits(self.connection)
        self._send(answer.status, answer.headers, answer.body)

    def _body(self) -> bytes | None:
        """The request's body; None if it can't be read. The refusal is then already sent, unless the client is gone."""
        try:
            body = read_body(self.rfile, self.headers, is_needed=self.command == "POST")
        except Unreadable as error:
            self._tell(error.status, str(error))
            return None
        if body is None:
            self.close_connection = True
        return body

    def _tell(self, status: int, text: str) -> None:
        # The unread rest of the request would be taken for the next one.
        self.close_connection = True
        self._send(status, {"Content-Type": "text/plain; charset=utf-8"}, f"{text}\n".encode())

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        told = {"Date": self.date_time_string(), **headers, "Content-Length": str(len(body))}
        if self.close_connection:
            told["Connection"] = "close"
        lines = [f"HTTP/1.1 {status} {self.responses.get(status, ('',))[0]}", *map(": ".join, told.items()), "", ""]
        self.wfile.write("\r\n".join(lines).encode("latin-1") + (b"" if self.command == "HEAD" else body))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a request that is not valid HTTP."""
        self.command = getattr(self, "command", None) or ""
        self._tell(code, message or explain or "")

    def log_message(self, *_: object) -> None:
        """Log nothing: the backend records the calls."""
