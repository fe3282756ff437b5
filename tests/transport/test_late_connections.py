"""The connection of a client that a mock answers is made when it is used, and is then as any."""

import inspect
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import botocore.httpsession
import botocore.utils
import pytest
from botocore.args import ClientArgsCreator
from botocore.config import Config
from botocore.endpoint import EndpointCreator
from botocore.httpsession import URLLib3Session
from tables import rows

from mock_secrets import mock_secrets
from mock_secrets.transport.connections import LateSession

KEYS = {"aws_access_key_id": "AKIDMINE", "aws_secret_access_key": "mine", "region_name": "eu-west-1"}


def connection(service="secretsmanager", **kwargs):
    return boto3.client(service, **KEYS, **kwargs)._endpoint.http_session


@contextmanager
def server():
    """An endpoint of Secrets Manager without secrets."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"SecretList": []}')

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def test_creating_and_closing_a_client_sets_up_no_tls_and_no_proxies(monkeypatch):
    monkeypatch.setattr(ssl, "SSLContext", lambda *_: pytest.fail("a TLS context is made"))
    monkeypatch.setattr(botocore.utils, "getproxies", lambda: pytest.fail("proxies are looked for"))

    with mock_secrets():
        client = boto3.client("secretsmanager", region_name="us-east-1")
        client.list_secrets()
        client.close()


def shown(session):
    """What a connection was made with."""
    return {
        "proxies": session._proxy_config._proxies,
        "settings": session._proxy_config.settings,
        "timeout": (session._timeout.connect_timeout, session._timeout.read_timeout),
        "others": {
            name: value for name, value in vars(session).items() if isinstance(value, str | int | list | type(None))
        },
        "manager": {
            name: str(value) for name, value in session._manager.connection_pool_kw.items() if "ssl" not in name
        },
        "context": type(session._manager.connection_pool_kw["ssl_context"]),
    }


@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        {"verify": False},
        {"verify": "bundle.pem"},
        {"config": Config(proxies={"https": "http://proxy:1"}, proxies_config={"proxy_ca_bundle": "p.pem"})},
        {"config": Config(connect_timeout=1, read_timeout=2, max_pool_connections=3, client_cert=("c.pem", "k.pem"))},
    ],
    ids=["plain", "unverified", "bundle", "proxies", "numbers"],
)
def test_a_late_connection_has_the_same_settings_as_any_other(kwargs, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://from-environment:1")
    as_any = shown(connection(**kwargs))

    with mock_secrets():
        late = connection(**kwargs)
        assert isinstance(late, URLLib3Session)
        assert shown(late) == as_any


def test_a_client_calls_its_given_endpoint_after_the_mock_ends():
    with server() as url:
        with mock_secrets():
            client = boto3.client("secretsmanager", **KEYS, endpoint_url=url)
            assert client.list_secrets()["SecretList"] == []

        assert client.list_secrets()["SecretList"] == []
        client.close()


@rows("kwargs", [{"config": Config(connect_timeout=-1)}, {"endpoint_url": "no url"}])
def test_invalid_client_options_raise_the_same_error_inside_a_mock(kwargs):
    with pytest.raises(ValueError, match=r"-1|no url") as outside:
        connection(**kwargs)

    with mock_secrets(), pytest.raises(ValueError, match=r"-1|no url") as inside:
        connection(**kwargs)

    assert str(inside.value) == str(outside.value)


def test_clients_of_other_services_get_their_connection_immediately():
    with mock_secrets(passthrough=["ssm"]):
        assert type(connection("ssm")) is URLLib3Session


def test_dunder_attributes_do_not_create_a_late_connection():
    with mock_secrets():
        late = connection()
        assert not hasattr(late, "__wrapped__")
        assert "_make" in vars(late)
        with pytest.raises(AttributeError):
            late.missing  # noqa: B018 - made now, and it is not there either
        assert type(late) is LateSession


def test_botocore_creates_endpoints_with_the_expected_arguments():
    assert "http_session_cls" in inspect.signature(EndpointCreator.create_endpoint).parameters
    assert "_get_proxies" in vars(EndpointCreator)
    assert "endpoint_url=endpoint_config['endpoint_url']" in inspect.getsource(ClientArgsCreator)
