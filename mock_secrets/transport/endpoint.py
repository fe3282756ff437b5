"""An HTTP endpoint over a backend, on the loopback alone: for other processes and for SDKs of other languages.

The server is that of the standard library, which needs tuning to be quick: connections that stay open, an answer sent
in one piece and at once.
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
# In seconds: so long a client may take for a request, for an answer, and between two.
_PATIENCE = 20.0
_LOOKS = 20
_JOIN = 1.0


#: Requests for what is under this are no calls of AWS's.
CONTROL_PATH = "/_mock_secrets/"


class ControlRequest(NamedTuple):
    """A request under :data:`CONTROL_PATH`.

    :ivar target: the path with its query, as it was sent.
    :ivar header: gives a header's text by its name, in whatever case, or None.
    """

    method: str
    target: str
    header: Callable[[str], str | None]
    body: bytes


#: Answers such requests, whatever they are; it raises nothing.
Control: TypeAlias = Callable[[ControlRequest], wire.Answer]

_open: WeakSet["Endpoint"] = WeakSet()


class Endpoint:
    """A running endpoint. As a context manager it is closed at the block's end.

    :ivar port: of 127.0.0.1, where it listens.
    :ivar url: for ``endpoint_url=`` or ``AWS_ENDPOINT_URL_SECRETS_MANAGER``.
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
        return self in _open

    def close(self) -> None:
        """Stop listening and end all connections. A second time does nothing."""
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
        raise ValueError(f"port takes 0 to 65535, and {port} is not that")
    return port


def _close_in_child() -> None:
    # The parent listens on; no thread of its is here.
    for endpoint in list(_open):
        endpoint.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)


class _Server(ThreadingHTTPServer):
    """Keeps its connections, to end them."""

    daemon_threads = True
    # Of more at once the system refuses some.
    request_queue_size = 512

    def __init__(self, answer: Answerer, port: int, control: Control | None, paths: str) -> None:
        self.answer = answer
        self.control = control
        self.paths = paths
        self._connections: dict[socket.socket, threading.Thread] = {}
        # Since which look of the watch each client is waited for.
        self._waits: dict[socket.socket, int] = {}
        self._looks = 0
        super().__init__((_LOOPBACK, port), _Handler)
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._cut_off, name="mock_secrets patience", daemon=True)
        self._watch.start()

    def waits(self, connection: socket.socket) -> None:
        """From now on wait for a client, and not for ever."""
        self._waits[connection] = self._looks

    def waits_no_more(self, connection: socket.socket) -> None:
        self._waits.pop(connection, None)

    def _cut_off(self) -> None:
        # Counted, and not read from a clock, which a test may have frozen.
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
        """A client that goes away in the midst of an answer is no error of anybody's."""

    def end(self, *, is_ours: bool) -> None:
        """:param is_ours: whether its threads are of this process."""
        self.server_close()
        self._ended.set()
        connections = list(self._connections.items())
        for connection, _ in connections:
            if is_ours:
                _shut(connection)
            else:
                # A forked process has a share in the connection, which goes on.
                socket.close(connection.detach())
        for thread in [self._watch, *(thread for _, thread in connections)] if is_ours else ():
            if thread is not threading.current_thread():
                thread.join(_JOIN)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It has ended by itself.
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
        # Once the first line is there.
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
        except Exception as error:  # noqa: BLE001 - a warning that is an error in this test run, say
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
            self._tell(404, "mock_secrets: AWS Secrets Manager for tests. Calls are POST requests to /.")

    do_HEAD = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = do_GET  # noqa: N815 - the standard library's names

    def _control(self, control: Control, body: bytes) -> None:
        self.server.waits_no_more(self.connection)
        with called_from_elsewhere():
            answer = control(ControlRequest(self.command, self.path, self.headers.get, body))
        self.server.waits(self.connection)
        self._send(answer.status, answer.headers, answer.body)

    def _body(self) -> bytes | None:
        """The request's body; None if it is refused for it."""
        try:
            body = read_body(self.rfile, self.headers, is_needed=self.command == "POST")
        except Unreadable as error:
            self._tell(error.status, str(error))
            return None
        if body is None:
            self.close_connection = True
        return body

    def _tell(self, status: int, text: str) -> None:
        # What follows of a request that is not read would be taken for the next.
        self.close_connection = True
        self._send(status, {"Content-Type": "text/plain; charset=utf-8"}, f"{text}\n".encode())

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        told = {"Date": self.date_time_string(), **headers, "Content-Length": str(len(body))}
        if self.close_connection:
            told["Connection"] = "close"
        lines = [f"HTTP/1.1 {status} {self.responses.get(status, ('',))[0]}", *map(": ".join, told.items()), "", ""]
        self.wfile.write("\r\n".join(lines).encode("latin-1") + (b"" if self.command == "HEAD" else body))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """For what is no HTTP."""
        self.command = getattr(self, "command", None) or ""
        self._tell(code, message or explain or "")

    def log_message(self, *_: object) -> None:
        """Nothing: the calls are recorded."""
