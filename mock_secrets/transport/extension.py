"""The answers of the AWS Parameters and Secrets Lambda Extension and the Secrets Manager Agent, from a backend.

Sources: "Using the AWS Parameters and Secrets Lambda Extension" in the Secrets Manager User Guide for the path, the
header of the token, the environment variables and the cache; the README of aws/aws-secretsmanager-agent for its path
``/v1/NAME``, ``refreshNow``, ``/ping`` and its refusals. What neither describes is marked as a GUESS.
"""

import json
import os
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from mock_secrets.aws.iam import ENVIRONMENT_KEY
from mock_secrets.kernel.environment import layers
from mock_secrets.kernel.layers import Layer
from mock_secrets.protocol import wire
from mock_secrets.transport.endpoint import ControlRequest, Endpoint
from mock_secrets.transport.environment import SECRET_KEY
from mock_secrets.transport.running import Answerer

PORT_VARIABLE = "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"
TOKEN_VARIABLE = "AWS_SESSION_TOKEN"
TTL = timedelta(seconds=300)

_TOKEN_HEADERS = ("X-Aws-Parameters-Secrets-Token", "X-Vault-Token")
_GET = "/secretsmanager/get"
_AGENTS = "/v1/"
# The default cache size of both.
_KEPT = 1000
_TEXT = {"Content-Type": "text/plain"}
_JSON = {"Content-Type": "application/json"}


class _Asked(NamedTuple):
    secret_id: str
    version_id: str | None
    version_stage: str | None

    @property
    def params(self) -> dict[str, str]:
        given = {"SecretId": self.secret_id, "VersionId": self.version_id, "VersionStage": self.version_stage}
        return {name: value for name, value in given.items() if value}


class ExtensionEndpoint(Endpoint):
    """The running extension, with ``url``, ``port``, and ``token`` for the header ``X-Aws-Parameters-Secrets-Token``.

    Until it is closed, the environment variables ``PARAMETERS_SECRETS_EXTENSION_HTTP_PORT`` and ``AWS_SESSION_TOKEN``
    hold its port and token.
    """

    def __init__(
        self, answer: Answerer, *, now: Callable[[], datetime], region: Callable[[], str], port: int, ttl: timedelta
    ) -> None:
        self.token = os.environ.get(TOKEN_VARIABLE) or SECRET_KEY
        self._extension = _Extension(answer, now, region, self.token, ttl)
        super().__init__(answer, port=port, control=self._extension.answer, paths="/")
        self._layer = Layer({PORT_VARIABLE: str(self.port), TOKEN_VARIABLE: self.token})
        layers.put(self._layer)

    def forget(self) -> None:
        """Empty the cache."""
        self._extension.forget()

    def close(self) -> None:
        """Stop listening, and restore the two environment variables. Calling it again does nothing."""
        if self._process == os.getpid():
            layers.take(self._layer)
        super().close()


def checked_ttl(ttl: Any) -> timedelta:
    """Check how long a value is cached, and return it.

    :raises TypeError, ValueError: if it is not a valid lifetime for the cache.
    """
    if not isinstance(ttl, timedelta):
        raise TypeError(f"ttl takes a timedelta, not {type(ttl).__name__}")
    if not timedelta(0) <= ttl <= timedelta(hours=1):
        raise ValueError(f"ttl takes 0 to 3600 seconds, not {ttl}")
    return ttl


class _Extension:
    """Answers requests for secrets, from its cache while a value is fresh."""

    def __init__(
        self, answer: Answerer, now: Callable[[], datetime], region: Callable[[], str], token: str, ttl: timedelta
    ) -> None:
        self._answer = answer
        self._now = now
        self._region = region
        self._token = token
        self._ttl = ttl
        self._lock = Lock()
        self._kept: OrderedDict[_Asked, tuple[datetime, bytes]] = OrderedDict()

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()

    def answer(self, request: ControlRequest) -> wire.Answer:
        path, query = urlsplit(request.target).path, parse_qs(urlsplit(request.target).query)
        if path == "/ping" and request.method == "GET":
            return wire.Answer(200, dict(_TEXT), b"healthy")
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        asked = _asked(path, query)
        if asked is None:
            return _refused(404, "Not found")
        if not asked.secret_id:
            # GUESS: no source has the wording.
            return _refused(400, "secretId is missing")
        return self._value(asked, is_fresh=query.get("refreshNow") == ["true"])

    def _refusal(self, request: ControlRequest) -> wire.Answer | None:
        if request.method != "GET":
            return _refused(405, "Not allowed")
        if request.header("X-Forwarded-For") is not None:
            return _refused(400, "Forwarded")
        if self._token not in [request.header(name) for name in _TOKEN_HEADERS]:
            return _refused(403, "Bad Token")
        return None

    def _value(self, asked: _Asked, *, is_fresh: bool) -> wire.Answer:
        now = self._now()
        with self._lock:
            at, body = self._kept.get(asked, (None, b""))
        # `now` may be earlier than `at`: the end of a savepoint takes time back.
        if at is not None and not is_fresh and at <= now < at + self._ttl:
            return wire.Answer(200, dict(_JSON), body)
        answer = self._answer(self._request(asked))
        if answer.spoiled is not None and not answer.status:
            # GUESS: a test's fault between the extension and the service.
            return _refused(502, f"no answer from the service: {answer.spoiled.seen}")
        if answer.status != 200:
            return wire.Answer(answer.status, dict(_JSON), _error(answer))
        body = _as_told(json.loads(answer.body))
        with self._lock:
            self._kept[asked] = now, body
            self._kept.move_to_end(asked)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return wire.Answer(200, dict(_JSON), body)

    def _request(self, asked: _Asked) -> wire.Request:
        return wire.Request(
            operation="GetSecretValue",
            access_key=os.environ.get("AWS_ACCESS_KEY_ID") or ENVIRONMENT_KEY,
            region=self._region(),
            attempt=1,
            body=json.dumps(asked.params).encode(),
            user_agent="mock_secrets extension",
        )


def _asked(path: str, query: dict[str, list[str]]) -> _Asked | None:
    if path == _GET:
        secret_id = query.get("secretId", [""])[0]
    elif path.startswith(_AGENTS):
        secret_id = unquote(path.removeprefix(_AGENTS))
    else:
        return None
    return _Asked(secret_id, query.get("versionId", [None])[0], query.get("versionStage", [None])[0])


def _as_told(answer: dict[str, Any]) -> bytes:
    """An answer of GetSecretValue as the extension returns it (seen in answers published by users)."""
    made = datetime.fromtimestamp(answer["CreatedDate"], timezone.utc)
    told = {"SecretString": None, "SecretBinary": None, **answer, "ResultMetadata": {}}
    return json.dumps(told | {"CreatedDate": f"{made:%Y-%m-%dT%H:%M:%S}.{made.microsecond // 1000:03}Z"}).encode()


def _error(answer: wire.Answer) -> bytes:
    """An error of the service, with its code and message (as the agent returns it; for the extension a GUESS)."""
    told = json.loads(answer.body)
    return json.dumps({"__type": told["__type"], "message": told.get("Message") or told.get("message")}).encode()


def _refused(status: int, text: str) -> wire.Answer:
    return wire.Answer(status, dict(_TEXT), text.encode())
