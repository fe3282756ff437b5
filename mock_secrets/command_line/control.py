"""``--control``: what a test in another language can do with the server besides AWS's calls, as JSON over HTTP."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from mock_secrets.command_line.failure import Failure
from mock_secrets.command_line.live_page import live_page, state_of_page
from mock_secrets.direct.faults import Fault
from mock_secrets.direct.pages import whole_history
from mock_secrets.kernel.faults import NETWORK_FAULTS, Latency
from mock_secrets.kernel.instants import read_instant
from mock_secrets.kernel.suggestions import did_you_mean
from mock_secrets.protocol import wire
from mock_secrets.transport.endpoint import CONTROL_PATH, ControlRequest

if TYPE_CHECKING:
    from mock_secrets.command_line.serving import Server

_JSON = "application/json"

#: Nothing is cached, and no other page may show this one in a frame.
_SAFE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"}


class _Refused(Exception):
    """A request is refused.

    :ivar status: the HTTP status of the answer.
    """

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


class _Asked(NamedTuple):
    """The arguments of a request: its query parameters, or the members of its body."""

    given: dict[str, Any]

    def take(self, name: str, default: Any = ...) -> Any:
        """Take an argument out.

        :raises ValueError: if it is missing and there is no default.
        """
        if name not in self.given and default is ...:
            raise ValueError(f"{name!r} is missing")
        return self.given.pop(name, default)

    def end(self) -> None:
        """Check that each argument of a request was taken.

        :raises ValueError: if an argument is left that nothing took.
        """
        for name in self.given:
            raise ValueError(f"unknown member {name!r}")


class Controls:
    """Answers requests under ``/_mock_secrets/``.

    Only requests whose Host is this machine are answered, so that no web page can reach it through a host name of its
    own that resolves to this machine. No header allows another page to read an answer.
    """

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._lock = RLock()
        self._savepoints: list[AbstractContextManager[None]] = []
        self._faults: dict[int, Fault] = {}
        self._routes: dict[tuple[str, str], Callable[[_Asked], Any]] = {
            ("POST", "reset"): self._reset,
            ("POST", "savepoint"): self._savepoint,
            ("POST", "back"): self._back,
            ("POST", "seed"): self._seed,
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._move_clock,
            ("GET", "calls"): self._calls,
            ("GET", "report"): self._report,
            ("GET", "faults"): self._told_faults,
            ("POST", "faults"): self._fail,
            ("POST", "faults/end"): self._end_fault,
            ("GET", "state"): self._state,
        }

    def __call__(self, request: ControlRequest) -> wire.Answer:
        try:
            self._check_sender(request)
            url = urlsplit(request.target)
            name = url.path.removeprefix(CONTROL_PATH)
            if not name and request.method in ("GET", "HEAD"):
                return _page(live_page(self._server.backend))
            route = self._route(request.method, name)
            return _answer(200, route(_Asked(_given(request, url.query))))
        except _Refused as refused:
            return _answer(refused.status, {"error": str(refused)})
        except (ValueError, TypeError, OverflowError, Failure) as error:
            return _answer(400, {"error": str(error)})
        except Exception as error:  # noqa: BLE001 - the connection stays open, and the client gets the error
            return _answer(500, {"error": f"{type(error).__name__}: {error}"})

    def _check_sender(self, request: ControlRequest) -> None:
        port = self._server.endpoint.port
        own = [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")]
        if request.header("Host") not in own:
            raise _Refused(403, f"the Host header must be one of {', '.join(own)}")
        origin = request.header("Origin")
        if origin is not None and origin.removeprefix("http://") not in own:
            raise _Refused(403, "requests from other web pages are refused")

    def _route(self, method: str, name: str) -> Callable[[_Asked], Any]:
        method = "GET" if method == "HEAD" else method
        route = self._routes.get((method, name))
        if route is None:
            others = [other for other, known in self._routes if known == name]
            if others:
                raise _Refused(405, f"{name} takes {' or '.join(others)}")
            names = sorted({known for _, known in self._routes})
            raise _Refused(404, f"there is no {name!r}.{did_you_mean(name, names)} Available: {', '.join(names)}")
        return route

    # --- The requests ---

    def _reset(self, asked: _Asked) -> Any:
        asked.end()
        with self._lock:
            self._savepoints.clear()
            self._faults.clear()
            self._server.reset()
        return self._now()

    def _savepoint(self, asked: _Asked) -> Any:
        asked.end()
        with self._lock:
            savepoint = self._server.backend.savepoint()
            savepoint.__enter__()
            self._savepoints.append(savepoint)
            return {"savepoints": len(self._savepoints)}

    def _back(self, asked: _Asked) -> Any:
        asked.end()
        with self._lock:
            if not self._savepoints:
                raise _Refused(409, "there is no savepoint to go back to. Create one with POST savepoint")
            self._savepoints.pop().__exit__(None, None, None)
            return {"savepoints": len(self._savepoints), **self._now()}

    def _seed(self, asked: _Asked) -> Any:
        secrets = asked.take("secrets")
        asked.end()
        if not isinstance(secrets, dict):
            raise TypeError("secrets takes an object of names and values")
        self._server.backend.seed(secrets)
        return {"secrets": list(secrets)}

    def _clock(self, asked: _Asked) -> Any:
        asked.end()
        return self._now()

    def _move_clock(self, asked: _Asked) -> Any:
        to = asked.take("to", None)
        clock = self._server.backend.clock
        if to is None:
            clock.advance(**asked.given)
        else:
            asked.end()
            clock.travel_to(_instant("to", to))
        return self._now()

    def _calls(self, asked: _Asked) -> Any:
        operation = asked.take("operation", None)
        asked.end()
        entries = whole_history(self._server.backend.service)["entries"]
        calls = (entry for entry in entries if entry["kind"] == "call" and not entry["is_direct"])
        return {"calls": [_call(one) for one in calls if operation in (None, one["operation"])]}

    def _report(self, asked: _Asked) -> Any:
        asked.end()
        return {"report": self._server.backend.report()}

    def _told_faults(self, asked: _Asked) -> Any:
        asked.end()
        with self._lock:
            return {"faults": [_fault(number, fault) for number, fault in self._faults.items()]}

    def _fail(self, asked: _Asked) -> Any:
        operation, error = asked.take("operation"), _error(asked.take("error"), asked)
        how = {name: asked.take(name) for name in _HOW if name in asked.given}
        asked.end()
        if how.get("until") is not None:
            how["until"] = _instant("until", how["until"])
        with self._lock:
            number = max(self._faults, default=0) + 1
            self._faults[number] = self._server.backend.fail(operation, error, **how)
            return _fault(number, self._faults[number])

    def _end_fault(self, asked: _Asked) -> Any:
        number = asked.take("fault")
        asked.end()
        with self._lock:
            if number not in self._faults:
                raise _Refused(404, f"there is no fault {number!r}")
            self._faults[number].end()
            return _fault(number, self._faults[number])

    def _state(self, asked: _Asked) -> Any:
        seen = asked.take("seen", "")
        asked.end()
        return state_of_page(self._server.backend, seen)

    def _now(self) -> dict[str, str]:
        return {"now": self._server.backend.clock.now().isoformat(timespec="milliseconds")}


_HOW = ("secret", "stage", "principal", "region", "times", "after", "sequence", "rate", "until")


def _error(error: Any, asked: _Asked) -> Any:
    """An error code, or a network fault by its name; a latency takes its seconds as well."""
    if error == Latency.__name__:
        return Latency(timedelta(seconds=asked.take("seconds")))
    return NETWORK_FAULTS[error]() if isinstance(error, str) and error in NETWORK_FAULTS else error


def _fault(number: int, fault: Fault) -> dict[str, Any]:
    return {"fault": number, "told": repr(fault), "fired": len(fault.calls), "is_active": fault.is_active}


def _instant(name: str, text: Any) -> Any:
    if not isinstance(text, str):
        raise TypeError(f"{name} takes an instant such as 2026-01-01T12:00:00Z, not {type(text).__name__}")
    try:
        return read_instant(text)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None


_TOLD = ("operation", "at", "secret", "region", "account_id", "caller", "attempt", "params", "error", "message", "hint")


def _call(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in _TOLD}


def _given(request: ControlRequest, query: str) -> dict[str, Any]:
    """The arguments of a request.

    :raises _Refused: if the body is not a JSON object, or is not declared as JSON.
    """
    if request.method != "POST":
        return {name: values[-1] for name, values in parse_qs(query).items()}
    # A browser lets another page send this type only after a CORS preflight request, which fails here.
    if (request.header("Content-Type") or "").partition(";")[0].strip().lower() != _JSON:
        raise _Refused(415, f"a POST needs the Content-Type {_JSON}")
    try:
        given = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise _Refused(400, "the body is not JSON") from None
    if not isinstance(given, dict):
        raise _Refused(400, "the body is not a JSON object")
    return given


def _answer(status: int, content: Any) -> wire.Answer:
    return wire.Answer(status, {"Content-Type": _JSON, **_SAFE}, json.dumps(content).encode())


def _page(text: str) -> wire.Answer:
    return wire.Answer(200, {"Content-Type": "text/html; charset=utf-8", **_SAFE}, text.encode())
