"""What botocore logs at DEBUG while a mock is active."""

import logging

import boto3
import pytest

from mock_secrets import mock_secrets

VALUE = "hunter22"


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.DEBUG)
    return caplog


@mock_secrets
def test_botocores_log_shows_no_secret_values(log):
    client = boto3.client("secretsmanager")
    client.create_secret(Name="db", SecretString=VALUE)
    client.get_secret_value(SecretId="db")

    assert "Making request for OperationModel(name=CreateSecret)" in log.text
    assert "Response body:\nb'<redacted>'" in log.text
    assert VALUE not in log.text


@mock_secrets
def test_other_services_are_logged_unredacted(log):
    mock_aws = pytest.importorskip("moto").mock_aws
    with mock_aws():
        boto3.client("ssm").put_parameter(Name="p", Value="shown-value", Type="String")

    assert "shown-value" in log.text


def test_the_log_filter_is_removed_after_the_mock(log):
    logger = logging.getLogger("botocore.endpoint")
    before = list(logger.filters)

    with mock_secrets():
        inside = list(logger.filters)

    assert len(inside) == len(before) + 1
    assert logger.filters == before
