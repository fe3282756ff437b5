"""boto3 sessions that are quick to make: botocore's data is read once for the process, not once for each session."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore import handlers
from botocore.hooks import HierarchicalEmitter
from botocore.loaders import Loader, create_loader

from mock_secrets.aws.iam import ENVIRONMENT_KEY, administrator_key
from mock_secrets.transport import environment

_SECRET_KEY = "mock-secrets"


class _WatchedEmitter(HierarchicalEmitter):  # type: ignore[misc]  # botocore has no types
    """An emitter that knows whether somebody registered with it after it was made ready."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = False

    def _verify_and_register(self, *args: Any, **kwargs: Any) -> None:
        self.changed = True
        super()._verify_and_register(*args, **kwargs)

    def unregister(self, *args: Any, **kwargs: Any) -> None:
        self.changed = True
        super().unregister(*args, **kwargs)


class _WatchedSession(botocore.session.Session):  # type: ignore[misc]  # botocore has no types
    """A botocore session that knows whether somebody configured it after it was made ready."""

    def __init__(self) -> None:
        self._emitter = _WatchedEmitter()
        self._configured = False
        super().__init__(event_hooks=self._emitter)
        self.set_credentials(ENVIRONMENT_KEY, _SECRET_KEY)

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


class _DefaultSession:
    """The default session of all activations in turn.

    A new session costs as much as several calls, so a suite of small tests
    would spend its time on nothing else. It is made anew when a test left its
    mark on it, or when another library (moto, say) has entered a handler since.
    """

    def __init__(self) -> None:
        self._core: _WatchedSession | None = None
        self._session: boto3.Session | None = None
        self._builtin_handlers: list[Any] = []

    def get(self) -> boto3.Session:
        if self._core is None or self._core.changed or self._builtin_handlers != handlers.BUILTIN_HANDLERS:
            self._builtin_handlers = list(handlers.BUILTIN_HANDLERS)
            # It must not read the user's own configuration, whoever asks for it first.
            with environment.isolated_environment(environment.FALLBACK_REGION):
                self._core = _WatchedSession()
                self._core.full_config  # noqa: B018 - read now, and kept by the session
            self._session = boto3.Session(botocore_session=self._core)
            self._core.make_ready()
        return self._session


_default = _DefaultSession()


def default() -> boto3.Session:
    """The session that boto3's own functions use while a mock is active."""
    with shared_data():
        return _default.get()


def of_account(account_id: str, region: str) -> boto3.Session:
    """A new session whose calls are those of the account's administrator."""
    return of_key(administrator_key(account_id), region)


def of_environment(region: str) -> boto3.Session:
    """A new session whose calls are those of whoever calls by default."""
    return of_key(ENVIRONMENT_KEY, region)


def of_key(access_key: str, region: str) -> boto3.Session:
    """A new session whose calls are signed with this key."""
    with shared_data():
        return boto3.Session(
            aws_access_key_id=access_key,
            aws_secret_access_key=_SECRET_KEY,
            region_name=region,
        )


@contextmanager
def as_default() -> Iterator[None]:
    """Have boto3's own functions use our default session, and put back what was there."""
    before = boto3.DEFAULT_SESSION
    boto3.DEFAULT_SESSION = default()
    try:
        yield
    finally:
        boto3.DEFAULT_SESSION = before


@contextmanager
def shared_data() -> Iterator[None]:
    """Have every session that is made meanwhile read botocore's data files through one cache."""
    before = botocore.session.create_loader
    botocore.session.create_loader = _loader
    try:
        yield
    finally:
        botocore.session.create_loader = before


def _loader(search_path_string: str | None = None) -> Loader:
    # boto3 appends to the search path of its session's loader, so each session
    # has its own loader; only what is read by way of the usual paths is shared.
    loader = create_loader(search_path_string)
    if not search_path_string:
        loader._cache = _data()
    return loader


@cache
def _data() -> dict[Any, Any]:
    return {}
