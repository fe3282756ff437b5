"""Other processes: the explanation they get if no mock answers them, and the warning for writes in a forked one."""

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

# Nothing listens on this port of the loopback, so a connection is refused at once. With https, a proxy that is asked to
# connect does not see the request either.
_NOBODYS = 1
_URL = (
    "https://127.0.0.1:{port}/mock_secrets-runs-in-process-{pid}-and-answers-only-there"
    "/pass-the-values-or-start-a-mock-in-this-process"
)
# Seconds; botocore's own read timeout.
_PATIENCE = 60
_PID = re.compile(r"/mock_secrets-runs-in-process-(\d+)-")


class ForkedWriteWarning(UserWarning):
    """A forked process changed a secret in its own copy of the mock, which its parent process does not see."""


def explanation() -> str:
    """An unreachable URL for processes that inherit it. botocore shows it in its error, and its path says why."""
    return _URL.format(port=_NOBODYS, pid=os.getpid())


def is_of_another(url: str) -> bool:
    """Whether a request may be meant for a real endpoint of the parent process, rather than for the explanation."""
    target = urlsplit(url)
    return bool(os.environ.get(ENDPOINT_VARIABLE)) and target.hostname == "127.0.0.1" and target.port != _NOBODYS


def mock_of_another() -> int | None:
    """The id of the process whose mock left its variables in this process's environment; None if there is none."""
    found = _PID.search(os.environ.get(ENDPOINT_VARIABLE, ""))
    return int(found[1]) if found and int(found[1]) != os.getpid() else None


def in_this_process(rules: Rules) -> Rules:
    """The rules that apply in this process.

    In a forked one, the parent answers if secrets are shared; otherwise a copy of the mock as it was at the fork.
    """
    if rules.process == os.getpid():
        return rules
    if rules.shares:
        return replace(rules, answer=_AsksParent(rules.endpoint_of_others), process=os.getpid())
    return replace(rules, answer=_AnswersInChild(rules.answer, rules.process), process=os.getpid())


class _AsksParent:
    """Lets the parent's endpoint answer in a forked process that shares the secrets."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, request: wire.Request) -> wire.Answer:
        """Send a request to the process that has the mock, and return its answer.

        :raises ConnectionClosedError, EndpointConnectionError, ReadTimeoutError: as botocore does.
        """
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
    """Answers in a forked process from the mock as it was at the fork, and warns at the first write."""

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
            f"{operation} changed only the copy of the mock in process {os.getpid()}. Process {self._parent}, from"
            " which it was forked and where the mock was started, does not see this or any later change. To share the"
            " secrets with other processes, use mock_secrets(processes=True). Otherwise make the change in the parent,"
            " return what it needs, or start a mock in the child.",
            ForkedWriteWarning,
            line.file,
            line.number,
        )
