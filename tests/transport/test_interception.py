"""Which clients are answered, and that nothing leaves the machine."""

import http.server
import os
import threading

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import NoCredentialsError
from botocore.stub import Stubber
from doors import without_hook
from tables import rows
from transport.expiring import client_of, expired

from mock_secrets import mock_secrets
from mock_secrets.transport.hook import MockNotActive
from mock_secrets.transport.net import NetworkAccessRefused

KEYS = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "example"}


@pytest.fixture
def bare_environment(monkeypatch):
    """A machine on which nobody has configured AWS."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def round_trip(client, name="db"):
    client.create_secret(Name=name, SecretString="one")
    client.update_secret(SecretId=name, SecretString="two")
    return client.get_secret_value(SecretId=name)["SecretString"]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: boto3.client("secretsmanager", "eu-west-1", **KEYS), id="default session"),
        pytest.param(lambda: boto3.Session(**KEYS).client("secretsmanager", "eu-west-1"), id="own session"),
        pytest.param(
            lambda: botocore.session.get_session().create_client("secretsmanager", "eu-west-1", **KEYS), id="botocore"
        ),
    ],
)
@pytest.mark.parametrize("hooked", [True, False], ids=["session newer than the hook", "session older than the hook"])
def test_a_client_made_before_the_mock_is_answered(make, hooked, no_network, monkeypatch):
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    if hooked:
        client = make()
    else:
        with without_hook():
            client = make()

    with mock_secrets() as backend:
        assert round_trip(client) == "two"

    assert [call.region for call in backend.calls] == ["eu-west-1"] * 3


@rows(
    "make",
    {
        "default session": lambda: boto3.client("secretsmanager"),
        "own session": lambda: boto3.Session().client("secretsmanager"),
        "own keys": lambda: boto3.Session(**KEYS).client("secretsmanager"),
        "botocore": lambda: botocore.session.get_session().create_client("secretsmanager"),
    },
)
def test_a_client_made_inside_the_mock_needs_neither_credentials_nor_region(make, bare_environment, no_network):
    with mock_secrets(region="ap-southeast-2") as backend:
        assert round_trip(make()) == "two"

    assert {call.region for call in backend.calls} == {"ap-southeast-2"}


@rows(
    "options",
    {
        "emulator": {"endpoint_url": "http://localhost:4566"},
        "vpc": {"endpoint_url": "https://vpce-0abc.secretsmanager.us-east-1.vpce.amazonaws.com"},
        "fips": {"config": Config(use_fips_endpoint=True)},
        "dualstack": {"config": Config(use_dualstack_endpoint=True)},
        "china": {"region_name": "cn-north-1"},
        "govcloud": {"region_name": "us-gov-west-1"},
    },
)
def test_clients_of_any_endpoint_or_region_are_answered(options, no_network):
    with mock_secrets():
        assert round_trip(boto3.client("secretsmanager", **options)) == "two"


def test_a_client_without_credentials_made_before_the_mock_is_answered(bare_environment, no_network):
    client = boto3.Session(region_name="us-east-1").client("secretsmanager")

    with mock_secrets():
        assert round_trip(client) == "two"

    with pytest.raises(NoCredentialsError):
        client.get_secret_value(SecretId="db")


def test_expiring_credentials_are_not_refreshed_for_a_mocked_call(no_network):
    client = client_of(expired(), "secretsmanager")

    with mock_secrets():
        assert round_trip(client) == "two"


def test_another_service_is_refused_with_a_way_out(secrets_backend, no_network):
    with pytest.raises(NetworkAccessRefused) as caught:
        boto3.client("s3").list_buckets()

    message = str(caught.value)
    assert "s3" in message
    assert "test_interception.py" in message
    assert "passthrough=['s3']" in message
    assert "moto" in message


def test_a_refused_call_is_not_retried(secrets_backend, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("a refused call was retried"))

    with pytest.raises(NetworkAccessRefused):
        boto3.client("sts").get_caller_identity()


class _Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def local_s3():
    with http.server.HTTPServer(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_service_on_the_loopback_is_reached(local_s3):
    with mock_secrets():
        s3 = boto3.client("s3", endpoint_url=local_s3)

        assert s3.list_buckets()["Buckets"] == []
        s3.close()


@pytest.mark.parametrize(
    ("service", "operation"),
    [("s3", "list_buckets"), ("cloudwatch", "list_dashboards"), ("ssm", "describe_parameters")],
)
def test_a_passthrough_service_is_called_by_botocore_itself(service, operation, monkeypatch):
    sent = []
    monkeypatch.setattr("botocore.endpoint.Endpoint._send", lambda self, request: sent.append(request.url))

    with mock_secrets(passthrough=[service]), pytest.raises(AttributeError):
        getattr(boto3.client(service), operation)()

    assert len(sent) == 1
    assert ".amazonaws.com/" in sent[0]


@rows("outer", ["moto", "ours"])
def test_moto_answers_other_services_and_our_mock_answers_secrets_manager(outer, no_network, bare_environment):
    moto = pytest.importorskip("moto")
    first, second = (moto.mock_aws(), mock_secrets()) if outer == "moto" else (mock_secrets(), moto.mock_aws())

    with first, second:
        s3 = boto3.client("s3", "us-east-1")
        s3.create_bucket(Bucket="mine")
        secrets = boto3.client("secretsmanager", "us-east-1")

        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["mine"]
        with pytest.raises(secrets.exceptions.ResourceNotFoundException) as caught:
            secrets.get_secret_value(SecretId="db")
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert round_trip(secrets) == "two"


def test_botocores_stubber_takes_precedence_over_the_mock(secrets_backend, client):
    with Stubber(client) as stubber:
        stubber.add_response("get_secret_value", {"Name": "stubbed"})

        assert client.get_secret_value(SecretId="db")["Name"] == "stubbed"

    assert secrets_backend.calls == []


def test_a_client_made_inside_raises_mock_not_active_after_the_mock(no_network):
    with mock_secrets():
        client = boto3.client("secretsmanager")

    with pytest.raises(MockNotActive, match="GetSecretValue was called on a client that was created inside"):
        client.get_secret_value(SecretId="db")


def test_the_hook_does_nothing_without_a_mock(monkeypatch):
    sent = []
    monkeypatch.setattr("botocore.endpoint.Endpoint._send", lambda self, request: sent.append(request.url))
    client = boto3.Session(**KEYS).client("secretsmanager", "us-east-1")

    with pytest.raises(AttributeError):
        client.get_secret_value(SecretId="db")

    assert sent == ["https://secretsmanager.us-east-1.amazonaws.com/"]


def test_a_default_session_with_a_missing_profile_is_no_error(bare_environment, monkeypatch, no_network):
    boto3.setup_default_session()
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with mock_secrets() as backend:
        assert backend.region == "us-east-1"


def test_profile_role_and_endpoint_variables_set_before_the_mock_are_ignored(monkeypatch, no_network):
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::999999999999:role/real")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://emulator.example.com")

    with mock_secrets():
        session = boto3.Session()
        assert session.profile_name == "default"
        assert session.get_credentials().access_key.startswith("AKIAMOCK")
        assert round_trip(session.client("secretsmanager")) == "two"


@pytest.mark.parametrize("variable", ["AWS_DEFAULT_REGION", "AWS_REGION"])
def test_the_backend_uses_the_region_of_the_environment(variable, bare_environment, monkeypatch):
    monkeypatch.setenv(variable, "eu-central-1")

    with mock_secrets() as backend:
        assert backend.region == "eu-central-1"
        assert boto3.client("secretsmanager").meta.region_name == "eu-central-1"


def test_the_backend_uses_the_region_of_the_default_session(bare_environment):
    boto3.setup_default_session(region_name="sa-east-1")

    with mock_secrets() as backend:
        assert backend.region == "sa-east-1"


def test_a_process_without_a_region_is_in_us_east_1(bare_environment):
    with mock_secrets() as backend:
        assert backend.region == "us-east-1"
