"""``mock-secrets serve``: a backend behind an endpoint, until it is interrupted."""

import errno
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from functools import partial
from types import FrameType
from typing import NoReturn, TypeVar

from mock_secrets.backend import SecretsBackend
from mock_secrets.command_line.call_lines import Logged
from mock_secrets.command_line.control import Controls
from mock_secrets.command_line.failure import Failure
from mock_secrets.command_line.pasting import lines_to_paste
from mock_secrets.command_line.secrets_files import read_secrets
from mock_secrets.command_line.state_file import StateFile
from mock_secrets.kernel.limits import Limits
from mock_secrets.protocol import wire
from mock_secrets.transport.endpoint import CONTROL_PATH, Endpoint
from mock_secrets.transport.extension import PORT_VARIABLE, TOKEN_VARIABLE, TTL, ExtensionEndpoint

E = TypeVar("E", bound=Endpoint)

# A limit, because a server may run for weeks.
_CALLS_KEPT = 10_000
# The interval, in seconds, at which due events are run and the state is saved.
_TICK = 0.5


def serve(given: Namespace) -> NoReturn:
    """Serve until interrupted.

    :param given: the parsed arguments.
    :raises Failure: if the server can't start, or can't save its state.
    :raises KeyboardInterrupt: on Ctrl-C or SIGTERM, after everything has been closed.
    """
    with ExitStack() as stack:
        stack.enter_context(_ended_by_sigterm())
        server = stack.enter_context(serving(given))
        try:
            _print(server.greeting)
            while True:
                time.sleep(_TICK)
                server.tick()
        except KeyboardInterrupt:
            # A second signal while the server shuts down is ignored.
            for one in (signal.SIGINT, signal.SIGTERM):
                signal.signal(one, signal.SIG_IGN)
            raise


@contextmanager
def serving(given: Namespace) -> Iterator["Server"]:
    """A server, closed at the end of the block.

    :raises Failure: if the server can't be started.
    """
    server = Server(given)
    try:
        yield server
    finally:
        server.close()


class Server:
    """A backend behind an endpoint, as the arguments say.

    :raises Failure: if the server can't be started.
    """

    def __init__(self, given: Namespace) -> None:
        self._given = given
        self._secrets = read_secrets(given.secrets)
        self._state = None if given.state is None else StateFile(given.state)
        backend = self._new_backend()
        if self._state is not None:
            self._state.load(backend.service, is_timeless=given.speed is not None)
        self._begin(backend)
        control = Controls(self) if given.control else None
        self.endpoint = _listening(given.port, partial(Endpoint, self.answer, control=control))
        self.extension: ExtensionEndpoint | None = None
        if given.extension is not None:
            try:
                self.extension = _listening(given.extension, self._extension)
            except Failure:
                self.endpoint.close()
                raise

    def reset(self) -> None:
        """Start over with a new backend, without the state that a state file held."""
        backend = self._new_backend()
        if self._state is not None:
            self._state.turn_to(backend.service)
        self._begin(backend)
        if self.extension is not None:
            self.extension.forget()

    def _begin(self, backend: SecretsBackend) -> None:
        if self._given.speed is not None:
            backend.clock.go_at(self._given.speed)
        self.backend = backend
        self._answer = Logged(backend, sys.stderr)

    def answer(self, request: wire.Request) -> wire.Answer:
        """Answer one call, and log it."""
        return self._answer(request)

    def _new_backend(self) -> SecretsBackend:
        given = self._given
        try:
            return SecretsBackend(
                region=given.region,
                account_id=given.account_id,
                secrets=self._secrets,
                at=given.at,
                any_region=True,
                limits=Limits(calls_kept=_CALLS_KEPT),
                show_values=given.show_values,
            )
        except ValueError as error:
            # A secret's name or value that Secrets Manager does not accept.
            raise Failure(str(error)) from None

    @property
    def greeting(self) -> str:
        url, region = self.endpoint.url, self.backend.region
        kept = "Secrets are lost when it stops" if self._state is None else f"Its state is kept in {self._state.path}"
        return (
            f"Listening on {url}\n"
            f"AWS Secrets Manager for tests, account {self.backend.account_id}, region {region}.\n"
            f"Stop it with Ctrl-C. {kept}.\n"
            f"{f'Page and control: {url}{CONTROL_PATH}' if self._given.control else ''}\n"
            f"{'' if self.extension is None else _of_extension(self.extension)}"
            f"{lines_to_paste(url, region)}"
        )

    def tick(self) -> None:
        """Run due events even when nobody calls, and save the state.

        :raises Failure: if the state can't be saved.
        """
        self.backend.clock.run_due()
        if self._state is not None:
            self._state.keep()

    def close(self) -> None:
        """Stop listening, and save the state.

        :raises Failure: if the state can't be saved.
        """
        self.endpoint.close()
        if self.extension is not None:
            self.extension.close()
        if self._state is not None:
            self._state.write()

    def _extension(self, *, port: int) -> ExtensionEndpoint:
        return ExtensionEndpoint(self.answer, now=self._now, region=lambda: self.backend.region, port=port, ttl=TTL)

    def _now(self) -> datetime:
        # Looked up at each call, because a reset replaces the backend.
        return self.backend.clock.now()


def _listening(port: int, listen: Callable[..., E]) -> E:
    """Start an endpoint on a port.

    :raises Failure: if the port can't be listened on.
    """
    try:
        return listen(port=port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Failure(f"port {port} is in use. Choose another, or leave the option out for a free one") from None
        if error.errno == errno.EACCES:
            raise Failure(f"you may not listen on port {port}. Choose one from 1024 on") from None
        raise Failure(f"port {port}: {error.strerror}") from None


def _of_extension(extension: ExtensionEndpoint) -> str:
    return (
        f"Lambda extension and agent: {extension.url}\n"
        f"  export {PORT_VARIABLE}={extension.port}\n"
        f"  export {TOKEN_VARIABLE}={extension.token}\n"
        f"  curl -H 'X-Aws-Parameters-Secrets-Token: {extension.token}'"
        f" '{extension.url}/secretsmanager/get?secretId=NAME'\n\n"
    )


def _print(text: str) -> None:
    with suppress(OSError):
        sys.stdout.write(text)
        sys.stdout.flush()


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Make SIGTERM end the block as Ctrl-C does."""
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _interrupt(_: int, __: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
