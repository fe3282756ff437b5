"""aiobotocore and aioboto3 inside the mock, on both HTTP back ends, under asyncio and trio.

They pin an older botocore, so this runs in environments of its own: ``tox run -e async-newest,async-aioboto3,async-oldest``.
"""

import asyncio
from importlib.util import find_spec

import pytest

pytest.importorskip("aiobotocore")

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from doors import HAS_HTTPX, without_hook
from inside import NEW_YEAR

from mock_secrets import Limits, MockNotActive, Rates, mock_secrets


def aiohttp():
    return None


def httpx():
    from aiobotocore.httpxsession import HttpxSession

    return AioConfig(http_session_cls=HttpxSession)


def run_in_trio(function):
    import trio

    return trio.run(function)


def run_in_asyncio(function):
    return asyncio.run(function())


# aiohttp knows asyncio alone.
CLIENTS = {"aiohttp": (aiohttp, run_in_asyncio)}
if HAS_HTTPX:
    CLIENTS["httpx"] = (httpx, run_in_asyncio)
    if find_spec("aiobotocore._async_primitives") and find_spec("trio"):
        CLIENTS["httpx in trio"] = (httpx, run_in_trio)

with without_hook():
    EARLY = get_session()


@pytest.fixture(params=CLIENTS)
def kind(request):
    return CLIENTS[request.param]


@pytest.fixture(params=["new", "older than the hook"])
def session(request):
    return get_session() if request.param == "new" else EARLY


def test_async_clients_return_values_errors_and_pages_as_usual(kind, session):
    config, run = kind

    async def use():
        async with session.create_client("secretsmanager", config=config()) as client:
            await client.create_secret(Name="text", SecretString="s3cret")
            await client.create_secret(Name="bytes", SecretBinary=b"\xff")
            with pytest.raises(client.exceptions.ResourceNotFoundException, match="can't find the specified secret"):
                await client.get_secret_value(SecretId="none")
            pages = client.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 1})
            return (
                (await client.get_secret_value(SecretId="text"))["SecretString"],
                (await client.get_secret_value(SecretId="bytes"))["SecretBinary"],
                sorted([secret["Name"] async for page in pages for secret in page["SecretList"]]),
            )

    with mock_secrets() as backend:
        assert run(use) == ("s3cret", b"\xff", ["bytes", "text"])

    assert backend.calls[2].error == "ResourceNotFoundException"


def test_a_throttled_async_call_is_retried(kind, monkeypatch):
    config, run = kind

    async def no_pause(*_):
        pass

    monkeypatch.setattr("aiobotocore.endpoint.AioEndpoint._sleep", no_pause, raising=False)
    monkeypatch.setattr("asyncio.sleep", no_pause)

    async def use(backend):
        client = backend.async_client(
            config=(config() or AioConfig()).merge(AioConfig(retries={"total_max_attempts": 2}))
        )
        await client.get_secret_value(SecretId="db")
        with pytest.raises(client.exceptions.ClientError, match="ThrottlingException"):
            await client.get_secret_value(SecretId="db")

    with mock_secrets(limits=Limits(rates=Rates(read=1)), at=NEW_YEAR, secrets={"db": "s3cret"}) as backend:
        run(lambda: use(backend))

    assert [call.attempt for call in backend.calls] == [1, 1, 2]


def test_an_async_client_used_after_its_mock_raises_mock_not_active(kind):
    config, run = kind
    with mock_secrets() as backend:
        client = backend.async_client(config=config())

    with pytest.raises(MockNotActive, match="GetRandomPassword was called on a client that was created inside"):
        run(client.get_random_password)


def test_a_rotation_function_can_be_a_coroutine_that_uses_an_async_client(kind):
    config, run = kind

    async def rotate(event, context):
        client = backend.async_client(config=config())
        version, secret = event["ClientRequestToken"], event["SecretId"]
        if event["Step"] == "createSecret":
            await client.put_secret_value(
                SecretId=secret, ClientRequestToken=version, SecretString="new", VersionStages=["AWSPENDING"]
            )
        if event["Step"] == "finishSecret":
            stages = (await client.describe_secret(SecretId=secret))["VersionIdsToStages"]
            (current,) = [held for held, labels in stages.items() if "AWSCURRENT" in labels]
            await client.update_secret_version_stage(
                SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=version, RemoveFromVersionId=current
            )

    async def use():
        arn = backend.register_rotation_lambda("rotator", rotate)
        await backend.async_client(config=config()).rotate_secret(SecretId="db", RotationLambdaARN=arn)

    with mock_secrets(secrets={"db": "old"}) as backend:
        run(use)

        assert backend["db"].value == "new"


def test_concurrent_async_calls_lose_no_updates():
    async def use(backend):
        client = backend.async_client()
        await asyncio.gather(
            *(client.put_secret_value(SecretId="db", SecretString=str(number)) for number in range(50))
        )

    with mock_secrets(secrets={"db": "first"}) as backend:
        asyncio.run(use(backend))

        assert {version.value for version in backend["db"].versions} == {"first", *map(str, range(50))}


def test_aioboto3_is_answered():
    aioboto3 = pytest.importorskip("aioboto3")

    async def use():
        async with aioboto3.Session().client("secretsmanager") as client:
            return (await client.get_secret_value(SecretId="db"))["SecretString"]

    with mock_secrets(secrets={"db": "s3cret"}):
        assert asyncio.run(use()) == "s3cret"


def test_creating_an_async_client_awaits_nothing():
    """``backend.async_client`` relies on it, and on the private method that it calls."""
    with mock_secrets():
        making = get_session()._create_client("secretsmanager")

        with pytest.raises(StopIteration):
            making.send(None)


def test_an_async_client_whose_creation_awaits_is_refused(monkeypatch):
    async def wait(*_, **__):
        await asyncio.sleep(0)

    monkeypatch.setattr("aiobotocore.session.AioSession._create_client", wait)

    with mock_secrets() as backend, pytest.raises(RuntimeError, match="create it yourself"):
        backend.async_client()
