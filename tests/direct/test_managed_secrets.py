"""Secrets that another AWS service owns, made through the direct door."""

import pytest

NAME = "rds!db-0a1b2c3d"


def test_a_managed_secret_shows_its_owner(secrets_backend, client):
    secrets_backend.create_managed_secret("rds", NAME, {"username": "app", "password": "old"})

    described = client.describe_secret(SecretId=NAME)

    assert described["OwningService"] == "rds"
    assert described["Tags"] == [{"Key": "aws:secretsmanager:owningService", "Value": "rds"}]
    assert client.get_secret_value(SecretId=NAME)["Name"] == NAME


def test_only_the_owning_service_can_update_a_managed_secret(secrets_backend, client):
    secrets_backend.create_managed_secret("rds", NAME, "old")

    with pytest.raises(client.exceptions.InvalidRequestException):
        client.update_secret(SecretId=NAME, SecretString="new")

    assert secrets_backend[NAME].value == "old"


def test_a_managed_secret_rotates_with_rules_alone(secrets_backend, client):
    secrets_backend.create_managed_secret("rds", NAME, {"username": "app", "password": "old"})

    client.rotate_secret(SecretId=NAME, RotationRules={"AutomaticallyAfterDays": 7})

    assert secrets_backend[NAME].json["username"] == "app"
    assert secrets_backend[NAME].json["password"] != "old"
