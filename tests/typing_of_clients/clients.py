"""Clients have the types of types-boto3, for mypy. It is never run."""

from boto3 import Session
from types_boto3_secretsmanager import SecretsManagerClient
from typing_extensions import assert_type

from mock_secrets import Role, SecretsBackend, User


def clients(backend: SecretsBackend, role: Role, user: User) -> None:
    assert_type(backend.client(region_name="eu-west-1"), SecretsManagerClient)
    assert_type(role.client("session", region="eu-west-1"), SecretsManagerClient)
    assert_type(user.client(), SecretsManagerClient)
    assert_type(backend.session("111122223333"), Session)
    assert_type(role.session(), Session)


def test_with_a_fixture(secrets_client: SecretsManagerClient) -> None:
    assert_type(secrets_client.get_secret_value(SecretId="db")["SecretString"], str)
