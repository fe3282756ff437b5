"""What boto3's sessions find inside a mock, of whatever age and whatever the environment says."""

import os
from unittest import mock

import boto3
import botocore.session
import pytest
from botocore.credentials import CredentialProvider, Credentials
from tables import rows

from mock_secrets import mock_secrets

pytestmark = pytest.mark.usefixtures("no_network")

KEYS = {"AWS_ACCESS_KEY_ID": "AKIATHEIRS", "AWS_SECRET_ACCESS_KEY": "theirs"}


@pytest.fixture(autouse=True)
def machine(monkeypatch, tmp_path):
    """Somebody's own machine: their files and their profile are there, and nothing of them may be read."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[default]\noutput = json\n[profile real]\nregion = sa-east-1\n")
    (tmp_path / ".aws" / "credentials").write_text(
        "[default]\naws_access_key_id = AKIAREAL\naws_secret_access_key = real\n"
    )
    (tmp_path / ".boto").write_text("[Credentials]\naws_access_key_id = AKIAREAL\naws_secret_access_key = real\n")
    with mock.patch.dict(os.environ, {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}, clear=True):
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        yield


def cleared(**variables):
    return mock.patch.dict(os.environ, {"HOME": os.environ["HOME"], **variables}, clear=True)


MAKE = [
    lambda session, **options: boto3.client(**options),
    lambda session, **options: boto3.Session().client(**options),
    lambda session, **options: session.client(**options),
    lambda session, service_name, **options: botocore.session.get_session().create_client(service_name, **options),
]


@rows("make", MAKE)
def test_clients_need_neither_region_nor_keys_in_a_cleared_environment(make):
    older = boto3.Session()

    with mock_secrets(region="eu-central-1") as backend, cleared(STAGE="test"):
        client = make(older, service_name="secretsmanager")
        client.create_secret(Name="db", SecretString="s3cret")

        assert backend["db"].value == "s3cret"
        assert client.meta.region_name == "eu-central-1"
        assert client.meta.endpoint_url == "https://secretsmanager.eu-central-1.amazonaws.com"
    assert [call.region for call in backend.calls] == ["eu-central-1"]


@pytest.mark.parametrize("make", MAKE)
def test_no_real_aws_file_is_opened_in_a_cleared_environment(make, monkeypatch):
    opened = []
    real = botocore.session.botocore.configloader.raw_config_parse
    monkeypatch.setattr(
        botocore.session.botocore.configloader,
        "raw_config_parse",
        lambda name, *a: opened.append(name) or real(name, *a),
    )
    older = boto3.Session()
    opened.clear()

    with mock_secrets(), cleared():
        make(older, service_name="secretsmanager").list_secrets()

    assert set(opened) <= {os.devnull}


def test_a_region_variable_set_by_the_test_overrides_the_mocks_region():
    with mock_secrets(region="eu-central-1"), cleared(AWS_DEFAULT_REGION="ap-south-1", **KEYS):
        session = boto3.Session()

        assert session.region_name == "ap-south-1"
        assert session.get_credentials().access_key == "AKIATHEIRS"


def test_an_older_session_forgets_what_it_found_inside_the_mock():
    older = botocore.session.get_session()
    with mock_secrets(region="eu-central-1"), cleared():
        assert older.get_config_variable("region") == "eu-central-1"
        assert older.get_credentials().access_key == "AKIAMOCKSECRETS00000"
        assert older.available_profiles == []

    assert older.get_config_variable("region") is None
    assert older.get_credentials().access_key == "AKIAREAL"
    assert older.available_profiles == ["default", "real"]


def test_a_session_that_outlives_the_mock_is_like_any_other():
    with mock_secrets(region="eu-central-1"):
        boto3.DEFAULT_SESSION = None
        boto3.client("secretsmanager").list_secrets()

    session = boto3.DEFAULT_SESSION
    assert session.region_name is None
    assert session.get_credentials().access_key == "AKIAREAL"
    assert session.available_profiles == ["default", "real"]


def test_a_session_keeps_its_credentials_when_the_environment_changes():
    with mock_secrets():
        session = boto3.Session()
        first = session.get_credentials()
        os.environ.update(KEYS)

        assert session.get_credentials() is first
        assert boto3.Session().get_credentials().access_key == "AKIATHEIRS"


def test_aws_files_named_by_the_test_are_read(tmp_path):
    config, credentials = tmp_path / "config", tmp_path / "credentials"
    config.write_text("[profile shop]\noutput = json\n")
    credentials.write_text("[shop]\naws_access_key_id = AKIASHOP\naws_secret_access_key = shop\n")

    with mock_secrets():
        os.environ.update(AWS_CONFIG_FILE=str(config), AWS_SHARED_CREDENTIALS_FILE=str(credentials))
        session = boto3.Session(profile_name="shop")

        assert session.get_credentials().access_key == "AKIASHOP"
        assert "real" not in session.available_profiles


class OwnProvider(CredentialProvider):
    METHOD = "own"

    def load(self):
        return Credentials("AKIAOWN", "own")


def test_a_users_credential_provider_keeps_its_place():
    core = botocore.session.get_session()
    core.get_component("credential_provider").insert_before("env", OwnProvider())

    with mock_secrets():
        assert boto3.Session(botocore_session=core).get_credentials().access_key == "AKIAOWN"


def test_a_users_own_credential_chain_is_used():
    core = botocore.session.get_session()
    core.register_component(
        "credential_provider", mock.Mock(load_credentials=OwnProvider().load, spec=["load_credentials"])
    )

    with mock_secrets():
        assert boto3.Session(botocore_session=core).get_credentials().access_key == "AKIAOWN"


def test_sessions_made_inside_read_botocores_data_once():
    with mock_secrets():
        loaders = [boto3.Session()._session.get_component("data_loader") for _ in range(2)]

    assert loaders[0] is not loaders[1]
    assert loaders[0]._cache is loaders[1]._cache


def test_a_session_uses_its_explicit_keys():
    with mock_secrets():
        session = boto3.Session("AKIATHEIRS", "theirs", region_name="ap-south-1")

        assert session.get_credentials().access_key == "AKIATHEIRS"


class TestEndpoint:
    """Other processes are left an endpoint in the environment, which is none of this one's business."""

    @rows("make", MAKE)
    def test_clients_in_this_process_ignore_the_endpoint_for_other_processes(self, make):
        older = boto3.Session()

        with mock_secrets() as backend:
            client = make(older, service_name="secretsmanager")
            client.list_secrets()

            assert client.meta.endpoint_url == "https://secretsmanager.us-east-1.amazonaws.com"
            assert backend.cloudtrail[-1]["tlsDetails"]["clientProvidedHostHeader"].startswith("secretsmanager.")

    @rows("variable", ["AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"])
    def test_an_endpoint_variable_set_by_the_test_is_used(self, variable):
        with mock_secrets(), mock.patch.dict(os.environ):
            os.environ[variable] = "http://localhost:4566"
            client = boto3.Session().client("secretsmanager")

            assert client.meta.endpoint_url == "http://localhost:4566"


class TestRegion:
    """The direct door is where ``boto3.client`` is, unless the mock was given a region."""

    def test_a_region_variable_set_inside_affects_clients_and_direct_access(self):
        with mock_secrets() as backend:
            os.environ["AWS_DEFAULT_REGION"] = "eu-west-2"
            backend.create("db", "s3cret")

            assert backend.region == "eu-west-2"
            assert boto3.client("secretsmanager").get_secret_value(SecretId="db")["SecretString"] == "s3cret"

    def test_a_default_session_set_up_inside_affects_clients_and_direct_access(self):
        with mock_secrets() as backend:
            boto3.setup_default_session(region_name="eu-west-2")

            assert backend.region == boto3.client("secretsmanager").meta.region_name == "eu-west-2"

    def test_a_region_variable_applies_before_boto3_makes_its_default_session(self):
        with mock_secrets() as backend:
            boto3.DEFAULT_SESSION = None
            os.environ["AWS_DEFAULT_REGION"] = "eu-west-2"

            assert backend.region == "eu-west-2"
            assert boto3.client("secretsmanager").meta.region_name == "eu-west-2"

    def test_a_variable_that_botocore_does_not_read_changes_no_region(self):
        with mock_secrets() as backend:
            os.environ["AWS_REGION"] = "eu-west-2"

            assert backend.region == boto3.client("secretsmanager").meta.region_name == "us-east-1"

    def test_direct_access_keeps_the_region_given_to_the_mock(self):
        with mock_secrets(region="eu-central-1") as backend:
            os.environ["AWS_DEFAULT_REGION"] = "eu-west-2"

            assert backend.region == "eu-central-1"

    def test_direct_access_is_in_its_original_region_after_the_mock_ends(self):
        with mock_secrets() as backend:
            os.environ["AWS_DEFAULT_REGION"] = "eu-west-2"

        assert backend.region == "us-east-1"

    def test_an_invalid_region_variable_raises_value_error(self):
        with mock_secrets() as backend:
            os.environ["AWS_DEFAULT_REGION"] = "nowhere"

            with pytest.raises(ValueError, match="'nowhere'"):
                backend.create("db", "s3cret")
