"""A request to the loopback that would go to a proxy would leave the machine."""

import os
from unittest import mock

import boto3
import pytest
from botocore.config import Config
from tables import rows

from mock_secrets import mock_secrets
from mock_secrets.transport.net import NetworkAccessRefused

LOOPBACK = "http://localhost:4566"


@pytest.fixture(autouse=True)
def no_proxies():
    with mock.patch.dict(os.environ):
        for name in list(os.environ):
            if name.lower().endswith("_proxy"):
                del os.environ[name]
        yield


@pytest.fixture
def sent(monkeypatch):
    """What goes to botocore's HTTP session."""
    urls = []
    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", lambda self, request: urls.append(request.url))
    return urls


def list_buckets(**options):
    boto3.client("s3", "us-east-1", **options).list_buckets()


@rows("variable", ["HTTP_PROXY", "http_proxy"])
def test_an_environment_proxy_is_refused_with_a_no_proxy_hint(variable, sent):
    with mock_secrets():
        os.environ[variable] = "http://user:s3cret@proxy.example.com:3128"
        with pytest.raises(NetworkAccessRefused) as caught:
            list_buckets(endpoint_url=LOOPBACK)

    assert sent == []
    assert "proxy.example.com" in str(caught.value)
    assert "NO_PROXY" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_proxy_of_a_client_made_before_the_mock_is_refused(sent):
    client = boto3.Session("key", "secret").client(
        "s3", "us-east-1", endpoint_url=LOOPBACK, config=Config(proxies={"http": "proxy.example.com:3128"})
    )

    with mock_secrets(), pytest.raises(NetworkAccessRefused, match=r"proxy\.example\.com"):
        client.list_buckets()

    assert sent == []


@rows(
    "variables",
    {
        "passed by": {"HTTP_PROXY": "http://proxy.example.com:3128", "NO_PROXY": "localhost"},
        "on the loopback itself": {"HTTP_PROXY": "http://127.0.0.1:3128"},
        "for another scheme": {"HTTPS_PROXY": "http://proxy.example.com:3128"},
    },
)
def test_a_request_that_stays_on_the_machine_is_sent(variables, sent):
    with mock_secrets():
        os.environ.update(variables)
        with pytest.raises(AttributeError):
            list_buckets(endpoint_url=LOOPBACK)

    assert sent.pop() == f"{LOOPBACK}/"
    assert sent == []


def test_a_passthrough_service_can_use_a_proxy(sent):
    with mock_secrets(passthrough=["s3"]):
        os.environ["HTTP_PROXY"] = "http://proxy.example.com:3128"
        with pytest.raises(AttributeError):
            list_buckets(endpoint_url=LOOPBACK)

    assert sent == [f"{LOOPBACK}/"]


def test_secrets_manager_is_answered_despite_a_proxy(sent):
    with mock_secrets(secrets={"db": "s3cret"}):
        os.environ.update(HTTP_PROXY="http://proxy.example.com:3128", HTTPS_PROXY="http://proxy.example.com:3128")
        client = boto3.Session().client("secretsmanager", endpoint_url=LOOPBACK)

        assert client.get_secret_value(SecretId="db")["SecretString"] == "s3cret"

    assert sent == []
