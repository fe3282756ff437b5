"""The mock, moto and the floor: how each is entered, and how it then makes a client."""

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from importlib import import_module
from typing import Any

import boto3
import botocore.session
from botocore import handlers
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.loaders import Loader

# Every import below enters a handler into each session made later, so a
# contestant would carry those of the others: it gets its own ones by name.
_PRISTINE = list(handlers.BUILTIN_HANDLERS)

from mock_secrets import mock_secrets  # noqa: E402

OURS = [entry for entry in handlers.BUILTIN_HANDLERS if entry not in _PRISTINE]

mock_aws: Any = None
with suppress(ImportError):
    mock_aws = import_module("moto").mock_aws

_MOTOS = [entry for entry in handlers.BUILTIN_HANDLERS if entry not in _PRISTINE and entry not in OURS]

REGION = "us-east-1"


@contextmanager
def handlers_of(entries: list[Any]) -> Iterator[None]:
    """Have sessions made meanwhile take botocore's own handlers and these."""
    before = list(handlers.BUILTIN_HANDLERS)
    handlers.BUILTIN_HANDLERS[:] = _PRISTINE + entries
    try:
        yield
    finally:
        handlers.BUILTIN_HANDLERS[:] = before


@contextmanager
def ours() -> Iterator[None]:
    with handlers_of(OURS), mock_secrets(region=REGION):
        yield


@contextmanager
def motos() -> Iterator[None]:
    with handlers_of(_MOTOS), mock_aws():
        yield


_BODY = json.dumps(
    {
        "ARN": f"arn:aws:secretsmanager:{REGION}:123456789012:secret:db-AbCdEf",
        "Name": "db",
        "VersionId": "11111111-1111-4111-8111-111111111111",
        "SecretString": "s3cret",
        "VersionStages": ["AWSCURRENT"],
        "CreatedDate": 1735689600.0,
    }
).encode()
_HEADERS = {
    "x-amzn-RequestId": "22222222-2222-4222-8222-222222222222",
    "Content-Type": "application/x-amz-json-1.1",
    "Content-Length": str(len(_BODY)),
    "Date": "Wed, 01 Jan 2025 00:00:00 GMT",
}


class _Constant:
    """A body as a stream, as botocore reads it."""

    def stream(self, **_: object) -> list[bytes]:
        return [_BODY]


def _answer_constant_bytes(request: AWSPreparedRequest, **_: object) -> AWSResponse:
    return AWSResponse(request.url, 200, _HEADERS, _Constant())


@functools.cache
def floor_session() -> boto3.Session:
    """A session whose Secrets Manager is the floor, warm after its first client."""
    with handlers_of([("before-send.secrets-manager", _answer_constant_bytes)]):
        return boto3.Session("key", "secret", region_name=REGION)


Enter = Callable[[], AbstractContextManager[None]]
MakeClient = Callable[[], Any]


def contestants() -> dict[str, tuple[Enter, MakeClient]]:
    """How each one is entered, and how it then makes a client."""
    always: dict[str, tuple[Enter, MakeClient]] = {
        "ours": (ours, default_client),
        "floor": (nullcontext, _floor_client),
    }
    return always | ({"moto": (motos, default_client)} if mock_aws else {})


def default_client() -> Any:
    return boto3.client("secretsmanager", region_name=REGION)


def _floor_client() -> Any:
    return floor_session().client("secretsmanager")


def client_of_a_new_session() -> Any:
    session = botocore.session.Session()
    session.register_component("data_loader", _shared_loader())
    return boto3.Session("key", "secret", region_name=REGION, botocore_session=session).client("secretsmanager")


@functools.cache
def _loader_cache() -> dict[Any, Any]:
    return {}


def _shared_loader() -> Loader:
    # boto3 appends to a loader's search path, so what is shared is what it has read.
    loader = Loader()
    loader._cache = _loader_cache()
    return loader
