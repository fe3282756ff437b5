"""A call that is refused is refused before anything is asked for on its behalf."""

from datetime import datetime, timedelta, timezone

import boto3
import botocore.session
import pytest
from botocore.credentials import DeferredRefreshableCredentials, InstanceMetadataProvider
from botocore.exceptions import CredentialRetrievalError, MetadataRetrievalError
from botocore.utils import ContainerMetadataFetcher, InstanceMetadataFetcher
from tables import rows
from transport.expiring import client_of, expired, no_fetch

from mock_secrets import mock_secrets
from mock_secrets.transport.net import NetworkAccessRefused

SERVICES = [
    ("s3", lambda client: client.list_buckets()),
    ("sts", lambda client: client.get_caller_identity()),
    # Its host name is made of the account, which the credentials know.
    ("dynamodb", lambda client: client.list_tables()),
]


@rows("service, call", SERVICES)
@rows(
    "credentials", {"expired": expired, "yet to be fetched": lambda: DeferredRefreshableCredentials(no_fetch, "test")}
)
def test_no_credentials_are_fetched_for_a_refused_call(service, call, credentials, no_network):
    client = client_of(credentials(), service)

    with mock_secrets(), pytest.raises(NetworkAccessRefused):
        call(client)


@pytest.mark.parametrize(("service", "call"), SERVICES)
def test_a_client_without_credentials_is_refused_network_access(service, call, no_network, monkeypatch):
    monkeypatch.setattr("botocore.session.Session.get_credentials", lambda self: None)
    client = boto3.Session().client(service, region_name="us-east-1")

    with mock_secrets(), pytest.raises(NetworkAccessRefused):
        call(client)


@rows("service, operation", [("cloudwatch", "list_dashboards"), ("ses", "list_identities"), ("s3", "list_buckets")])
def test_a_refusal_names_the_service_as_passthrough_expects_it(service, operation, no_network):
    with mock_secrets(), pytest.raises(NetworkAccessRefused) as caught:
        getattr(boto3.client(service, "us-east-1"), operation)()

    assert f"passthrough=['{service}']" in str(caught.value)


@pytest.mark.parametrize("allowed", [{"passthrough": ["s3"]}, {}], ids=["passthrough", "loopback"])
def test_credentials_are_fetched_for_an_allowed_call(allowed, monkeypatch):
    fetched = []

    def fetch():
        fetched.append("fetched")
        later = (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat()
        return {"access_key": "AKIANEW", "secret_key": "new", "token": "new", "expiry_time": later}

    sent = []
    monkeypatch.setattr("botocore.endpoint.Endpoint._send", lambda self, request: sent.append(request))
    endpoint = {} if allowed else {"endpoint_url": "http://localhost:4566"}
    client = client_of(expired(fetch), "s3", **endpoint)

    with mock_secrets(**allowed), pytest.raises(AttributeError):
        client.list_buckets()

    assert fetched == ["fetched"]
    assert b"Credential=AKIANEW/" in sent[0].headers["Authorization"]


class TestMetadata:
    """Services that hand out credentials, which are asked without a client of botocore's."""

    def test_the_instance_metadata_service_is_not_contacted(self, no_network):
        provider = InstanceMetadataProvider(InstanceMetadataFetcher(env={}))

        with mock_secrets():
            assert provider.load() is None

    @rows("uri", ["http://169.254.170.2/role", "http://169.254.170.23/v1/credentials"])
    def test_the_container_metadata_service_is_not_contacted(self, uri, no_network):
        fetcher = ContainerMetadataFetcher(sleep=lambda _: None)

        with mock_secrets(), pytest.raises(MetadataRetrievalError, match="mock_secrets"):
            fetcher.retrieve_full_uri(uri)

    def test_a_metadata_service_on_the_loopback_is_contacted(self):
        asked = []

        class Session:
            def send(self, request):
                asked.append(request.url)
                raise MetadataRetrievalError(error_msg="none")

        fetcher = ContainerMetadataFetcher(Session(), sleep=lambda _: None)

        with mock_secrets(), pytest.raises(MetadataRetrievalError):
            fetcher.retrieve_full_uri("http://127.0.0.1:8080/role")

        assert set(asked) == {"http://127.0.0.1:8080/role"}

    def test_metadata_services_are_contacted_when_a_service_is_passed_through(self, monkeypatch):
        asked = []
        monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", lambda self, request: asked.append(request.url))
        fetcher = InstanceMetadataFetcher(env={})

        with mock_secrets(passthrough=["s3"]), pytest.raises(AttributeError):
            fetcher.retrieve_iam_role_credentials()

        assert asked[0].startswith("http://169.254.169.254/")

    def test_expired_instance_credentials_cannot_be_refreshed_for_an_emulator(self, no_network):
        def fetch():
            return InstanceMetadataFetcher(env={}).retrieve_iam_role_credentials()

        client = client_of(expired(fetch), "s3", endpoint_url="http://localhost:4566")

        with mock_secrets(), pytest.raises(CredentialRetrievalError):
            client.list_buckets()


def test_a_session_forgets_credentials_from_files_named_inside_the_mock(monkeypatch, tmp_path):
    file = tmp_path / "credentials"
    file.write_text("[default]\naws_access_key_id = AKIAINSIDE\naws_secret_access_key = example\n")
    session = botocore.session.Session()
    with mock_secrets(), monkeypatch.context() as inside:
        inside.delenv("AWS_ACCESS_KEY_ID")
        inside.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
        assert session.get_credentials().access_key == "AKIAINSIDE"

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAAFTERWARDS")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")

    assert session.get_credentials().access_key == "AKIAAFTERWARDS"
