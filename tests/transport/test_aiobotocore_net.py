"""aiobotocore inside the mock: Secrets Manager is answered, and nothing leaves, whoever made the session.

aiobotocore pins an older botocore, so this runs in an environment of its own: ``tox run -e async-newest``.
"""

import os
import socket
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from unittest import mock

import pytest

pytest.importorskip("aiobotocore")

from aiobotocore.credentials import AioDeferredRefreshableCredentials, AioRefreshableCredentials
from aiobotocore.session import AioSession, get_session
from aiobotocore.utils import AioContainerMetadataFetcher, AioInstanceMetadataFetcher
from botocore.exceptions import MetadataRetrievalError
from doors import without_hook

from mock_secrets import NetworkAccessRefused, mock_secrets

pytestmark = pytest.mark.asyncio

KEYS = {"region_name": "us-east-1", "aws_access_key_id": "t", "aws_secret_access_key": "t"}
OTHER_SERVICES = [("s3", "list_buckets"), ("sts", "get_caller_identity"), ("dynamodb", "list_tables")]

with without_hook():
    EARLY = get_session()

SESSIONS = pytest.mark.parametrize("session", [EARLY, None], ids=["older than the hook", "new"])


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_, **__):
        pytest.fail("a name was looked up, or a connection made")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr("aiobotocore.httpsession.AIOHTTPSession.send", refuse)


def no_fetch():
    pytest.fail("credentials were fetched")


def soon():
    return datetime.now(timezone.utc) + timedelta(minutes=1)


@SESSIONS
@pytest.mark.parametrize(("service", "operation"), OTHER_SERVICES)
async def test_another_service_is_refused_with_a_way_out(session, service, operation):
    with mock_secrets():
        async with (session or get_session()).create_client(service, **KEYS) as client:
            with pytest.raises(NetworkAccessRefused) as caught:
                await getattr(client, operation)()

    assert f"passthrough=['{service}']" in str(caught.value)


@SESSIONS
async def test_async_secrets_manager_calls_are_answered(session):
    with mock_secrets() as backend:
        async with (session or get_session()).create_client("secretsmanager", **KEYS) as client:
            await client.create_secret(Name="db", SecretString="s3cret")
            answer = await client.get_secret_value(SecretId="db")
            with pytest.raises(client.exceptions.ResourceNotFoundException):
                await client.get_secret_value(SecretId="nothing")

        assert answer["SecretString"] == backend["db"].value == "s3cret"


@SESSIONS
async def test_an_async_client_needs_neither_credentials_nor_a_region(session, monkeypatch):
    monkeypatch.setattr(session or AioSession, "_credentials", None, raising=False)
    with mock_secrets(secrets={"db": "s3cret"}), mock.patch.dict(os.environ, {"HOME": "/nowhere"}, clear=True):
        async with (session or get_session()).create_client("secretsmanager") as client:
            answer = await client.get_secret_value(SecretId="db")

            assert client.meta.endpoint_url == "https://secretsmanager.us-east-1.amazonaws.com"
    assert answer["SecretString"] == "s3cret"


@SESSIONS
async def test_an_async_session_keeps_no_credentials_after_the_mock(session, monkeypatch):
    session = session or get_session()
    monkeypatch.setattr(session, "_credentials", None)
    with mock_secrets():
        async with session.create_client("secretsmanager", region_name="us-east-1") as client:
            await client.list_secrets()

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOFTHEUSER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the user")

    assert (await session.get_credentials()).access_key == "AKIAOFTHEUSER"


async def test_async_calls_use_access_keys_set_by_the_test(monkeypatch):
    with mock_secrets() as backend:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOFTHEUSER")
        async with get_session().create_client("secretsmanager", region_name="us-east-1") as client:
            await client.list_secrets()
            credentials = await client._request_signer._credentials.get_frozen_credentials()

    assert credentials.access_key == "AKIAOFTHEUSER"
    assert len(backend.calls) == 1


@pytest.mark.parametrize(("service", "operation"), [*OTHER_SERVICES, ("secretsmanager", "list_secrets")])
@pytest.mark.parametrize(
    "credentials",
    [
        pytest.param(lambda: AioRefreshableCredentials("a", "b", "c", soon(), no_fetch, "test"), id="expired"),
        pytest.param(lambda: AioDeferredRefreshableCredentials(no_fetch, "test"), id="yet to be fetched"),
    ],
)
async def test_async_clients_fetch_no_credentials(service, operation, credentials):
    session = get_session()
    session._credentials = credentials()

    with mock_secrets():
        async with session.create_client(service, region_name="us-east-1") as client:
            try:
                await getattr(client, operation)()
            except NetworkAccessRefused:
                assert service != "secretsmanager"


async def test_async_metadata_fetchers_contact_no_metadata_service():
    with mock_secrets():
        assert await AioInstanceMetadataFetcher(env={}).retrieve_iam_role_credentials() == {}
        with pytest.raises(MetadataRetrievalError, match="mock_secrets"):
            await AioContainerMetadataFetcher().retrieve_full_uri("http://169.254.170.2/role")


@pytest.mark.parametrize(
    ("options", "url"),
    [({"passthrough": ["s3"]}, None), ({}, "http://localhost:4566")],
    ids=["let through", "loopback"],
)
async def test_an_allowed_async_call_is_sent(options, url, monkeypatch):
    sent = []

    async def send(self, request):
        sent.append(request.url)

    monkeypatch.setattr("aiobotocore.httpsession.AIOHTTPSession.send", send)

    with mock_secrets(**options):
        async with get_session().create_client("s3", endpoint_url=url, **KEYS) as client:
            with pytest.raises(AttributeError):
                await client.list_buckets()

    assert sent == [f"{url or 'https://s3.amazonaws.com'}/"]


@pytest.mark.parametrize("order", ["early", "imported inside"])
async def test_import_order_does_not_affect_which_async_calls_are_refused(order):
    session = "from aiobotocore.session import get_session; session = get_session()"
    program = f"""
import asyncio, socket

asked = []
def refuse(host, *_, **__):
    asked.append(host)
    raise OSError
socket.getaddrinfo = refuse

{session if order == "early" else ""}
from mock_secrets import mock_secrets

async def call(session, service, operation):
    try:
        async with session.create_client(service, "us-east-1", aws_access_key_id="t", aws_secret_access_key="t") as client:
            await getattr(client, operation)()
            print("answered", end=" ")
    except AssertionError as error:
        print(type(error).__name__, end=" ")

with mock_secrets():
    {session if order != "early" else ""}
    for service, operation in [("s3", "list_buckets"), ("secretsmanager", "list_secrets"), ("sts", "get_caller_identity")]:
        asyncio.run(call(session, service, operation))
print(asked)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603, ASYNC221

    assert done.stdout.strip() == "NetworkAccessRefused answered NetworkAccessRefused []", done.stderr


async def test_aiobotocore_is_restored_after_the_mock():
    from aiobotocore.endpoint import AioEndpoint
    from aiobotocore.signers import AioRequestSigner

    with mock_secrets():
        pass

    assert AioEndpoint._send.__module__ == "aiobotocore.endpoint"
    assert AioRequestSigner.sign.__module__ == "aiobotocore.signers"
