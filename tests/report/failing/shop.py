"""A project in which each test fails in a way of its own, to see what its report tells."""

import unittest
from contextlib import suppress
from datetime import datetime, timedelta, timezone

import boto3
import pytest
from botocore.exceptions import ClientError

from mock_secrets import Limits, mock_secrets

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def password(region="us-east-1", **version):
    client = boto3.client("secretsmanager", region_name=region)
    return client.get_secret_value(SecretId="db", **version)["SecretString"]


def rotate(event, _context):
    client = boto3.client("secretsmanager")
    client.describe_secret(SecretId=event["SecretID"])


@mock_secrets(at=NOON, region="us-east-1", secrets={"db": "hunter2-first"})
def test_another_region():
    assert password("eu-west-1")


@pytest.mark.mock_secrets(at=NOON, region="us-east-1", secrets={"db": "hunter2-first"})
def test_a_stale_cache(secrets_backend):
    cached = password()
    secrets_backend["db"].update("hunter2-second")
    for _ in range(312):
        password()
    assert cached == password()


def test_a_rotation_with_a_typo():
    with mock_secrets(at=NOON, region="us-east-1") as backend:
        client = backend.client()
        client.create_secret(Name="db", SecretString="hunter2-first")
        arn = backend.register_rotation_lambda("rotator", rotate)
        client.rotate_secret(SecretId="db", RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 30})
        backend.clock.advance(days=30)
        assert "AWSPREVIOUS" in backend["db"].stages


@pytest.mark.mock_secrets(at=NOON, region="us-east-1", limits=Limits(replication_delay=timedelta(minutes=5)))
def test_errors_that_are_swallowed(secrets_client):
    secrets_client.create_secret(Name="db", SecretString="hunter2-first", AddReplicaRegions=[{"Region": "eu-west-1"}])
    read = None
    with suppress(ClientError):
        read = password("eu-west-1")
    with suppress(ClientError):
        read = password(VersionStage="AWSPENDING")
    secrets_client.delete_secret(SecretId="other", ForceDeleteWithoutRecovery=True)
    assert read is not None


@mock_secrets(at=NOON, region="us-east-1")
class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        boto3.client("secretsmanager").create_secret(Name="db", SecretString="hunter2-first")

    def test_case(self):
        boto3.client("secretsmanager").update_secret(SecretId="db", SecretString="hunter2-second")
        self.assertEqual(password(VersionStage="AWSPREVIOUS"), password())  # noqa: PT009 - what is tried


@pytest.mark.mock_secrets(at=NOON, region="us-east-1")
def test_many_calls_in_a_savepoint(secrets_backend):
    with secrets_backend.savepoint():
        client = secrets_backend.client()
        for number in range(40):
            client.create_secret(Name=f"db{number}", SecretString="hunter2-first")
        raise LookupError


@pytest.fixture
def seeded(secrets_client):
    secrets_client.create_secret(Name="db", SecretString="hunter2-first")
    secrets_client.create_secret(Name="db", SecretString="hunter2-second")


@pytest.mark.mock_secrets(at=NOON, region="us-east-1")
def test_a_fixture_that_fails(seeded):
    pass
