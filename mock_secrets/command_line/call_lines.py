"""One log line per call: the operation, the secret, and the outcome, without any value."""

from threading import Lock
from typing import TextIO

from mock_secrets.backend import SecretsBackend
from mock_secrets.kernel.call import Call
from mock_secrets.kernel.printable import printable
from mock_secrets.protocol import wire

_REQUEST_ID = "x-amzn-RequestId"


class Logged:
    """The service, with a log line for each of its answers."""

    def __init__(self, backend: SecretsBackend, stream: TextIO) -> None:
        self._backend = backend
        self._stream = stream
        self._lock = Lock()

    def __call__(self, request: wire.Request) -> wire.Answer:
        answer = self._backend.service.answer(request)
        call = self._call(answer.headers.get(_REQUEST_ID))
        if call is not None:
            self._write(self._line(call))
        return answer

    def _call(self, request_id: str | None) -> Call | None:
        # Other calls may have been made meanwhile, or a savepoint may have ended. A lost answer has no id.
        with self._backend.service.lock:
            latest = reversed(self._backend.calls)
            return next((call for call in latest if request_id in (call.request_id, None)), None)

    def _line(self, call: Call) -> str:
        own = self._backend.account_id
        parts = [
            f"{call.at:%Y-%m-%d %H:%M:%S}Z",
            printable(call.operation) or "?",
            self._secret(call),
            printable(call.region) if call.account_id == own else f"{printable(call.region)} of {call.account_id}",
            ", ".join(dict.fromkeys(filter(None, (call.error, call.fault)))) or "ok",
        ]
        return "  ".join(filter(None, parts))

    def _secret(self, call: Call) -> str:
        """The name of the call's secret. An id that matches no secret is masked, as it may contain a value."""
        if len(call.left) == 1:
            return call.left[0].name
        named = call.params.get("SecretId", call.params.get("Name"))
        if not isinstance(named, str):
            return ""
        service = self._backend.service
        with service.lock:
            held = service.state.store.get(named, account_id=call.account_id, region=call.region)
            return held.name if held is not None else printable(service.state.trail.masker()(named))

    def _write(self, line: str) -> None:
        with self._lock:
            try:
                self._stream.write(f"{line}\n")
                self._stream.flush()
            except (OSError, ValueError):
                # The reader of the stream is gone; calls are still answered.
                return
