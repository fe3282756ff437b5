"""The doors: the ways by which a call can arrive, each a client that goes through it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from typing import Any

import boto3
from botocore import handlers

from mock_secrets import SecretsBackend


@contextmanager
def without_hook() -> Iterator[None]:
    """A session made inside is like one that is older than the first import of mock_secrets."""
    before = list(handlers.BUILTIN_HANDLERS)
    handlers.BUILTIN_HANDLERS[:] = [entry for entry in before if entry[0] != "before-send.secrets-manager"]
    try:
        yield
    finally:
        handlers.BUILTIN_HANDLERS[:] = before


@contextmanager
def by_hook(backend: SecretsBackend) -> Iterator[Any]:
    yield backend.client()


@contextmanager
def by_net(_: SecretsBackend) -> Iterator[Any]:
    with without_hook():
        client = boto3.Session().client("secretsmanager")
    yield client


def awaited(coroutine: Any) -> Any:
    """Its result, without an event loop: it may be called in one, by a rotation function, and waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits for something")


class Awaited:
    """An async client that a scenario calls as if it were none."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name == "get_paginator":
            return lambda operation: AwaitedPaginator(found(operation))
        if name not in self._client.meta.method_to_api_mapping:
            return found
        return lambda *args, **params: awaited(found(*args, **params))


class AwaitedPaginator:
    def __init__(self, paginator: Any) -> None:
        self._paginator = paginator

    def paginate(self, **params: Any) -> list[Any]:
        async def pages() -> list[Any]:
            return [page async for page in self._paginator.paginate(**params)]

        return awaited(pages())


@contextmanager
def by_aiobotocore(backend: SecretsBackend) -> Iterator[Any]:
    yield Awaited(backend.async_client())


@contextmanager
def by_httpx(backend: SecretsBackend) -> Iterator[Any]:
    from aiobotocore.config import AioConfig
    from aiobotocore.httpxsession import HttpxSession

    yield Awaited(backend.async_client(config=AioConfig(http_session_cls=HttpxSession)))


@contextmanager
def by_endpoint(backend: SecretsBackend) -> Iterator[Any]:
    with backend.serve() as endpoint:
        with without_hook():
            client = boto3.Session().client("secretsmanager", endpoint_url=endpoint.url)
        # The net takes it for another service's, and lets it go to the loopback.
        client._endpoint._endpoint_prefix = "secretsmanager-by-http"
        yield client


DOORS: dict[str, Callable[[SecretsBackend], AbstractContextManager[Any]]] = {
    "hook": by_hook,
    "net": by_net,
    "endpoint": by_endpoint,
}
HAS_AIOBOTOCORE = find_spec("aiobotocore") is not None
HAS_HTTPX = (
    HAS_AIOBOTOCORE
    and find_spec("aiobotocore.httpxsession") is not None
    and any(find_spec(name) for name in ("httpx", "httpx2"))
)
if HAS_AIOBOTOCORE:
    DOORS["aiobotocore"] = by_aiobotocore
if HAS_HTTPX:
    DOORS["httpx"] = by_httpx
