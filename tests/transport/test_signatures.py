"""A signature that nobody verifies is not computed; everything else about a signed request is as ever."""

import inspect
import re

import boto3
import botocore.auth
import pytest
from botocore import UNSIGNED
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import NoCredentialsError
from botocore.signers import RequestSigner
from freezegun import freeze_time
from tables import rows

from mock_secrets import mock_secrets
from mock_secrets.transport.signatures import NotComputed, _steps

KEYS = {"aws_access_key_id": "AKIDMINE", "aws_secret_access_key": "mine", "aws_session_token": "token"}
NOTHING = AWSResponse("https://localhost", 200, {}, None)
NOTHING._content = b"{}"


def sent(service="secretsmanager", call=lambda client: client.list_secrets(), **kwargs):
    """The headers of the request that a call sends."""
    client = boto3.client(service, region_name="eu-west-1", **{**KEYS, **kwargs})
    headers = {}

    def look(request, **_):
        given = request.headers.items()
        headers.update((name, value.decode() if isinstance(value, bytes) else value) for name, value in given)
        return NOTHING

    client.meta.events.register_first(f"before-send.{client.meta.service_model.service_id.hyphenize()}", look)
    call(client)
    return headers


def signature(headers):
    return re.search("Signature=(.*)", headers["Authorization"])[1]


@pytest.fixture
def botocores_signer(monkeypatch):
    """The one of Python, also where the CRT is installed and would sign in its place."""
    monkeypatch.setitem(botocore.auth.AUTH_TYPE_MAPS, "v4", SigV4Auth)


@pytest.fixture
def no_arithmetic(monkeypatch):
    monkeypatch.setattr(SigV4Auth, "_sign", lambda *_, **__: pytest.fail("a signature is computed"))
    monkeypatch.setattr(SigV4Auth, "canonical_request", lambda *_: pytest.fail("a request is made canonical"))


@pytest.mark.usefixtures("botocores_signer", "no_arithmetic")
@mock_secrets(secrets={"db": "s3cret"})
def test_a_call_is_answered_without_computing_a_signature():
    client = boto3.client("secretsmanager", region_name="us-east-1")

    assert client.get_secret_value(SecretId="db")["SecretString"] == "s3cret"


@pytest.mark.usefixtures("botocores_signer")
@freeze_time("2026-01-01T00:00:01Z")
@rows("token", ["token", None])
def test_headers_match_those_of_a_computed_signature(token):
    computed = sent(aws_session_token=token)

    with mock_secrets():
        spared = sent(aws_session_token=token)

    assert list(spared) == list(computed)
    assert signature(spared) != signature(computed)
    assert len(signature(spared)) == len(signature(computed))
    differing = {"amz-sdk-invocation-id", "Authorization"}
    assert {name: one for name, one in spared.items() if name not in differing} == {
        name: one for name, one in computed.items() if name not in differing
    }
    assert spared["Authorization"].replace(signature(spared), "") == computed["Authorization"].replace(
        signature(computed), ""
    )


class Own(SigV4Auth):
    """A user's signer."""


def another_service(monkeypatch):
    return signature(sent("ssm", lambda client: client.describe_parameters(), endpoint_url="http://localhost:1"))


def a_signer_of_the_users(monkeypatch):
    monkeypatch.setitem(botocore.auth.AUTH_TYPE_MAPS, "v4", Own)
    return signature(sent())


def a_signer_as_replaced_by_the_user(monkeypatch):
    monkeypatch.setattr(SigV4Auth, "_inject_signature_to_request", own_injection)
    return signature(sent())


def own_injection(self, request, signature):
    request.headers["Authorization"] = "Signature=own"


def a_presigned_url(monkeypatch):
    client = boto3.client("secretsmanager", region_name="eu-west-1", **KEYS)
    return re.search("X-Amz-Signature=([0-9a-f]+)", client.generate_presigned_url("list_secrets"))[1]


@pytest.mark.parametrize(
    "signed", [another_service, a_signer_of_the_users, a_signer_as_replaced_by_the_user, a_presigned_url]
)
def test_signatures_are_computed_for_other_services_signers_and_presigned_urls(signed, monkeypatch):
    with mock_secrets():
        assert set(signed(monkeypatch)) != {"0"}


@mock_secrets
def test_an_unsigned_request_stays_unsigned():
    assert "Authorization" not in sent(config=Config(signature_version=UNSIGNED))


@mock_secrets
def test_missing_credentials_still_raise_no_credentials_error():
    signer = boto3.client("secretsmanager", region_name="eu-west-1")._request_signer
    signer._credentials = None

    with pytest.raises(NoCredentialsError):
        signer.get_auth_instance("secretsmanager", "eu-west-1").add_auth(AWSRequest("POST", "https://localhost"))


@pytest.mark.usefixtures("botocores_signer", "no_arithmetic")
@mock_secrets(secrets={"db": "s3cret"})
def test_botocores_log_still_shows_the_signing_steps(caplog):
    caplog.set_level("DEBUG", "botocore.auth")

    boto3.client("secretsmanager", region_name="us-east-1").get_secret_value(SecretId="db")

    assert "Calculating signature using v4 auth." in caplog.messages


@freeze_time("2026-01-01T00:00:01Z")
def test_a_request_with_a_date_header_gets_no_x_amz_date_header():
    request = AWSRequest("POST", "https://localhost", headers={"Date": "Thu, 01 Jan 1970 00:00:00 GMT"})

    NotComputed(Credentials("a", "b"), "secretsmanager", "eu-west-1").add_auth(request)

    assert request.headers["Date"] == "Thu, 01 Jan 2026 00:00:01 -0000"
    assert "X-Amz-Date" not in request.headers


def test_the_combined_signing_steps_exist_in_botocore():
    assert None not in _steps()


@rows("name", sorted({name for name in vars(NotComputed) if name[0] != "_"} - {"add_auth"}))
def test_every_skipped_signing_step_exists_in_botocore(name):
    assert f"self.{name}(" in inspect.getsource(SigV4Auth.add_auth) + inspect.getsource(
        SigV4Auth._inject_signature_to_request
    )


def test_a_signers_attributes_and_parameters_are_as_expected():
    auth = SigV4Auth(Credentials("a", "b"), "secretsmanager", "eu-west-1")

    assert (auth.credentials.access_key, auth._service_name, auth._region_name) == ("a", "secretsmanager", "eu-west-1")
    assert list(inspect.signature(RequestSigner.get_auth_instance).parameters)[:3] == [
        "self",
        "signing_name",
        "region_name",
    ]
