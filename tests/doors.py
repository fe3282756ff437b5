"""The doors: the ways by which a call can arrive, each a client that goes through it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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


DOORS: dict[str, Callable[[SecretsBackend], AbstractContextManager[Any]]] = {"hook": by_hook, "net": by_net}
