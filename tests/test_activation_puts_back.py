"""What a mock changes in the process is put back when it ends."""

import os

import boto3
import botocore.handlers
import botocore.session
import pytest
from inside import HOOKED, create, machine, process, read
from tables import rows

from mock_secrets import mock_secrets


class TestPuttingBack:
    @pytest.fixture(params=[True, False], ids=["configured", "not-configured"])
    def on_a_machine(self, request):
        with machine(is_configured=request.param):
            yield

    @pytest.fixture
    def renewed(self):
        """What a test does to the default session must not fail the tests after it as well."""
        yield
        with mock_secrets():
            boto3.DEFAULT_SESSION.events.register("before-call", lambda **_: None)

    def test_the_process_is_restored_after_the_mock(self, on_a_machine):
        before = process()

        with mock_secrets():
            create("db")
            during = process()

        assert process() == before
        assert all(inside is not outside for inside, outside in zip(during[:5], before[:5], strict=True))

    def test_the_process_is_restored_after_an_exception_in_the_body(self, on_a_machine):
        before = process()

        with pytest.raises(LookupError, match="mine"), mock_secrets():
            raise LookupError("mine")

        assert process() == before

    @rows(
        "parameters",
        [
            {"secrets": {"bad name": "s3cret"}},
            {"secrets": {"good": "s3cret", "also bad": "s3cret"}},
            {"passthrough": ["s3", "no-such-service"]},
        ],
    )
    def test_the_process_is_restored_after_an_exception_while_entering(self, on_a_machine, parameters):
        before = process()

        with pytest.raises(Exception, match=r"name|service"):
            mock_secrets(**parameters).start()

        assert process() == before
        with mock_secrets(secrets={"db": "s3cret"}):
            assert read("db") == "s3cret"

    def test_leaving_an_inner_mock_does_not_restore_the_process(self):
        with mock_secrets():
            during = process()
            with mock_secrets():
                pass

            assert process() == during

    def test_no_real_credentials_or_endpoints_are_used_inside_the_mock(self):
        with machine(is_configured=True), mock_secrets() as backend:
            client = boto3.client("secretsmanager")
            credentials = boto3.Session().get_credentials()

            assert backend.region in client.meta.endpoint_url
            assert "my-" not in client.meta.endpoint_url
            assert "my-" not in credentials.access_key + credentials.secret_key + credentials.token

    def test_a_mock_without_a_region_uses_the_region_of_the_process(self, monkeypatch):
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")

        with mock_secrets() as backend:
            assert backend.region == "eu-west-3"
            assert boto3.client("secretsmanager").meta.region_name == "eu-west-3"

    def test_a_process_without_a_region_is_in_us_east_1(self, monkeypatch):
        monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
        monkeypatch.delenv("AWS_REGION", raising=False)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)

        with mock_secrets() as backend:
            assert backend.region == "us-east-1"

    def test_the_default_session_uses_the_region_of_the_current_mock(self):
        regions = []
        for region in ("eu-west-1", "eu-central-1"):
            with mock_secrets(region=region):
                regions.append(boto3.client("secretsmanager").meta.region_name)

        assert regions == ["eu-west-1", "eu-central-1"]

    @rows("by", ["register", "register_first", "register_last"])
    def test_a_handler_on_the_default_session_does_not_affect_the_next_mock(self, by):
        seen = []
        with mock_secrets():
            boto3.client("secretsmanager")
            getattr(boto3.DEFAULT_SESSION.events, by)("before-call", lambda **_: seen.append("call"))
            create("db")
        with mock_secrets():
            create("db")

        assert seen == ["call"]

    def test_a_handler_removed_from_the_default_session_is_back_in_the_next_mock(self):
        added = next(entry[1] for entry in botocore.handlers.BUILTIN_HANDLERS if entry[0] == HOOKED)
        with mock_secrets() as first:
            boto3.DEFAULT_SESSION.events.unregister(HOOKED, added)
            session = boto3.DEFAULT_SESSION
        with mock_secrets(secrets={"db": "s3cret"}):
            assert boto3.DEFAULT_SESSION is not session
            assert read("db") == "s3cret"

        assert first.calls == []

    @pytest.mark.usefixtures("renewed")
    def test_configuring_the_default_session_does_not_affect_the_next_mock(self):
        with mock_secrets():
            boto3.DEFAULT_SESSION._session.set_config_variable("region", "ap-south-1")
        with mock_secrets(region="eu-west-1"):
            assert boto3.client("secretsmanager").meta.region_name == "eu-west-1"

    @pytest.mark.usefixtures("renewed")
    def test_credentials_set_on_the_default_session_do_not_affect_the_next_mock(self):
        with mock_secrets():
            boto3.DEFAULT_SESSION._session.set_credentials("AKIAMOCK444455556666", "mock-secrets")
        with mock_secrets(account_id="111122223333"):
            assert ":111122223333:" in create("db")["ARN"]
