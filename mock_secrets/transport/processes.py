"""Other processes, which no mock of this one can answer: what they are told, and what a forked one is warned of."""

import os
import re
import warnings
from dataclasses import replace
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from mock_secrets.kernel.frames import calling_line
from mock_secrets.operations import OPERATIONS
from mock_secrets.protocol import wire
from mock_secrets.transport.running import Answerer, Rules

ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL_SECRETS_MANAGER"

# Nothing listens on this port of the loopback, so a connection is refused at once. With TLS, so that a proxy that is
# asked to connect would not see the request either.
_NOBODYS = 1
_URL = (
    "https://127.0.0.1:{port}/mock_secrets-runs-in-process-{pid}-and-answers-in-no-other"
    "/pass-the-values-or-start-one-here"
)
# In seconds: as long as a client of botocore waits for an answer.
_PATIENCE = 60
_PID = re.compile(r"/mock_secrets-runs-in-process-(\d+)-")


class ForkedWriteWarning(UserWarning):
    """A forked process has changed a secret in its own copy of the mock, which its parent does not see."""


def explanation() -> str:
    """A URL that can't be reached, for botocore to show in processes that inherit it: its path is the reason."""
    return _URL.format(port=_NOBODYS, pid=os.getpid())


def is_of_another(url: str) -> bool:
    """Whether a request may be for an endpoint of the process that started this one, and not for the one that explains."""
    target = urlsplit(url)
    return bool(os.environ.get(ENDPOINT_VARIABLE)) and target.hostname == "127.0.0.1" and target.port != _NOBODYS


def mock_of_another() -> int | None:
    """The process whose mock this one has inherited the variables of."""
    found = _PID.search(os.environ.get(ENDPOINT_VARIABLE, ""))
    return int(found[1]) if found and int(found[1]) != os.getpid() else None


def in_this_process(rules: Rules) -> Rules:
    """What is in force here: in a forked process a copy answers, which is as the mock was at the fork."""
    if rules.process == os.getpid():
        return rules
    if rules.shares:
        return replace(rules, answer=_AsksParent(rules.endpoint_of_others), process=os.getpid())
    return replace(rules, answer=_AnswersInChild(rules.answer, rules.process), process=os.getpid())


class _AsksParent:
    """What answers in a forked process that shares the secrets: the parent, by its endpoint."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, request: wire.Request) -> wire.Answer:
        """:raises ConnectionClosedError, EndpointConnectionError, ReadTimeoutError: as for any endpoint."""
        connection = HTTPConnection(urlsplit(self._url).netloc, timeout=_PATIENCE)
        try:
            connection.connect()
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=self._url, error=error) from error
        try:
            connection.request("POST", "/", request.body, wire.headers_of(request))
            response = connection.getresponse()
            return wire.Answer(response.status, dict(response.getheaders()), response.read())
        except TimeoutError as error:
            raise ReadTimeoutError(endpoint_url=self._url, error=error) from error
        except (OSError, HTTPException) as error:
            raise ConnectionClosedError(endpoint_url=self._url, error=error) from error
        finally:
            connection.close()


class _AnswersInChild:  # pragma: no cover - of a forked process, which coverage does not follow
    """What answers in a forked process: the mock as it was at the fork. It warns of the first write."""

    def __init__(self, answer: Answerer, parent: int) -> None:
        self._answer = answer
        self._parent = parent
        self._has_warned = False

    def __call__(self, request: wire.Request) -> wire.Answer:
        answer = self._answer(request)
        if answer.status < 300 and not self._has_warned and not OPERATIONS[request.operation].reads:
            self._has_warned = True
            self._warn(request.operation)
        return answer

    def _warn(self, operation: str) -> None:
        line = calling_line()
        warnings.warn_explicit(
            f"{operation} in process {os.getpid()} changed its own copy of the mock. It was forked from process"
            f" {self._parent}, where the mock was started, and which does not see this or any later change. Make the"
            " change in the parent, hand what it needs back to it, or start a mock in the child; or share the secrets with"
            " the processes of the test: mock_secrets(processes=True).",
            ForkedWriteWarning,
            line.file,
            line.number,
        )
