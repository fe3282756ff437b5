"""boto3 sessions that are quick to make: botocore's data is read once for the process, not once for each session."""

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
    """An emitter that knows whether somebody registered with it after it was made ready.

    One thread may make a client, which copies it, while another registers: the default session is everybody's.
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
        # A client's own is watched by nobody.
        copied.__class__ = HierarchicalEmitter
        return copied


class _WatchedSession(botocore.session.Session):  # type: ignore[misc]  # botocore has no types
    """A botocore session that knows whether somebody configured it after it was made ready."""

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
    """A default session that one mock after another can use.

    A new session costs as much as several calls, so a suite of small tests
    would spend its time on nothing else. It is of no further use once a test has
    left its mark on it, or another library (moto, say) has entered a handler since.
    """

    def __init__(self) -> None:
        core = _WatchedSession()
        # It must not read the user's own configuration, whoever asks for it first.
        core.set_config_variable("config_file", os.devnull)
        core.set_config_variable("credentials_file", os.devnull)
        core.register_component("data_loader", loader())
        core.full_config  # noqa: B018 - read now, and kept by the session
        super().__init__(botocore_session=core)
        self._builtin_handlers = list(handlers.BUILTIN_HANDLERS)
        core.make_ready()

    @property
    def changed(self) -> bool:
        return bool(self._session.changed)

    @property
    def is_stale(self) -> bool:
        return self.changed or self._builtin_handlers != handlers.BUILTIN_HANDLERS


# Default sessions that no mock uses now.
_spare: list[DefaultSession] = []


def take() -> DefaultSession:
    """A default session for one mock."""
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
    """A session of whoever calls by default, on which no test has left its mark."""
    with one_at_a_time():
        in_use = boto3.DEFAULT_SESSION
        if isinstance(in_use, DefaultSession) and not in_use.changed:
            return in_use
        session = take()
        give_back(session)
        return session


def loader() -> Loader:
    """A loader of botocore's data that has read what any of them has."""
    search_path = os.environ.get("AWS_DATA_PATH")
    return share_data(create_loader(search_path), search_path)


def of_account(account_id: str, region: str) -> boto3.Session:
    """A new session whose calls are those of the account's administrator."""
    return of_key(administrator_key(account_id), region)


def of_environment(region: str) -> boto3.Session:
    """A new session whose calls are those of whoever calls by default."""
    return of_key(ENVIRONMENT_KEY, region)


def of_key(access_key: str, region: str) -> boto3.Session:
    """A new session whose calls are signed with this key."""
    core = botocore.session.get_session()
    core.register_component("data_loader", loader())
    return boto3.Session(
        botocore_session=core,
        aws_access_key_id=access_key,
        aws_secret_access_key=SECRET_KEY,
        region_name=region,
    )
