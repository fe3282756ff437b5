"""boto3 sessions that are quick to create: botocore's data is read once per process, not once per session."""

import os
from typing import Any

import boto3
import botocore.session
from botocore import handlers
from botocore.hooks import HierarchicalEmitter
from botocore.loaders import Loader, create_loader

from mock_secrets.aws.iam import ENVIRONMENT_KEY, administrator_key
from mock_secrets.transport.configuration import share_data
from mock_secrets.transport.emitters import share_handlers
from mock_secrets.transport.environment import SECRET_KEY
from mock_secrets.transport.locks import one_at_a_time


class _WatchedEmitter(HierarchicalEmitter):  # type: ignore[misc]  # botocore has no types
    """An emitter that knows whether handlers have changed since it was made ready.

    It is locked, since all threads share the default session: one may create a client, which copies the emitter, while
    another registers a handler.
    """

    def __init__(self) -> None:
        super().__init__()
        share_handlers(self)
        self.changed = False

    def _verify_and_register(self, *args: Any, **kwargs: Any) -> None:
        with one_at_a_time():
            self.changed = True
            super()._verify_and_register(*args, **kwargs)

    def unregister(self, *args: Any, **kwargs: Any) -> None:
        with one_at_a_time():
            self.changed = True
            super().unregister(*args, **kwargs)

    def __copy__(self) -> Any:
        with one_at_a_time():
            copied = super().__copy__()
        # A client's own emitter need not be watched.
        copied.__class__ = HierarchicalEmitter
        return copied


class _WatchedSession(botocore.session.Session):  # type: ignore[misc]  # botocore has no types
    """A botocore session that knows whether it has been configured since it was made ready."""

    def __init__(self) -> None:
        self._emitter = _WatchedEmitter()
        self._configured = False
        super().__init__(event_hooks=self._emitter)
        self.set_credentials(ENVIRONMENT_KEY, SECRET_KEY)

    @property
    def changed(self) -> bool:
        return self._configured or self._emitter.changed

    def make_ready(self) -> None:
        self._configured = self._emitter.changed = False

    def set_credentials(self, *args: Any, **kwargs: Any) -> None:
        self._configured = True
        super().set_credentials(*args, **kwargs)

    def set_config_variable(self, *args: Any, **kwargs: Any) -> None:
        self._configured = True
        super().set_config_variable(*args, **kwargs)

    def set_default_client_config(self, *args: Any, **kwargs: Any) -> None:
        self._configured = True
        super().set_default_client_config(*args, **kwargs)

    def register_component(self, *args: Any, **kwargs: Any) -> None:
        self._configured = True
        super().register_component(*args, **kwargs)

    def lazy_register_component(self, *args: Any, **kwargs: Any) -> None:
        self._configured = True
        super().lazy_register_component(*args, **kwargs)


class DefaultSession(boto3.Session):  # type: ignore[misc]  # boto3 has no types
    """A default session that several mocks can use, one after another.

    A new session costs as much as several calls, so a suite of small tests would spend most of its time on sessions.
    One is not reused once a test has changed it, or another library, such as moto, has registered a built-in handler.
    """

    def __init__(self) -> None:
        core = _WatchedSession()
        # It must never read the user's own configuration.
        core.set_config_variable("config_file", os.devnull)
        core.set_config_variable("credentials_file", os.devnull)
        core.register_component("data_loader", loader())
        core.full_config  # noqa: B018 - read now and kept by the session
        super().__init__(botocore_session=core)
        self._builtin_handlers = list(handlers.BUILTIN_HANDLERS)
        core.make_ready()

    @property
    def changed(self) -> bool:
        return bool(self._session.changed)

    @property
    def is_stale(self) -> bool:
        return self.changed or self._builtin_handlers != handlers.BUILTIN_HANDLERS


# Default sessions that no mock is using.
_spare: list[DefaultSession] = []


def take() -> DefaultSession:
    """Return a default session for one mock."""
    with one_at_a_time():
        while _spare:
            session = _spare.pop()
            if not session.is_stale:
                return session
        return DefaultSession()


def give_back(session: DefaultSession) -> None:
    with one_at_a_time():
        _spare.append(session)


def default() -> boto3.Session:
    """Return a session with the default caller that no test has changed."""
    with one_at_a_time():
        in_use = boto3.DEFAULT_SESSION
        if isinstance(in_use, DefaultSession) and not in_use.changed:
            return in_use
        session = take()
        give_back(session)
        return session


def loader() -> Loader:
    """Return a loader of botocore's data that shares what the others have read."""
    search_path = os.environ.get("AWS_DATA_PATH")
    return share_data(create_loader(search_path), search_path)


def of_account(account_id: str, region: str) -> boto3.Session:
    """Return a new session that calls as the account's administrator."""
    return of_key(administrator_key(account_id), region)


def of_environment(region: str) -> boto3.Session:
    """Return a new session that calls as the default caller."""
    return of_key(ENVIRONMENT_KEY, region)


def of_key(access_key: str, region: str) -> boto3.Session:
    """Return a new session that signs its calls with this key."""
    core = botocore.session.get_session()
    core.register_component("data_loader", loader())
    return boto3.Session(
        botocore_session=core,
        aws_access_key_id=access_key,
        aws_secret_access_key=SECRET_KEY,
        region_name=region,
    )
