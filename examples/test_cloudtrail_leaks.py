"""Catching a secret value in a description: CloudTrail logs descriptions, so everybody who reads the log can see it."""

import json

import boto3
import pytest

from mock_secrets import SecretLeaked, mock_secrets


def register(user: str, password: str) -> None:
    """The application under test. The description is its mistake."""
    boto3.client("secretsmanager").create_secret(
        Name=f"users/{user}",
        SecretString=json.dumps({"username": user, "password": password}),
        Description=f"created with the initial password {password}",
    )


def test_a_leak_is_found(secrets_backend):
    register("ada", "corr3ct-h0rse")

    leaks = [str(leak) for leak in secrets_backend.cloudtrail.leaks()]

    assert leaks == [
        "CreateSecret put the value of secret 'users/ada' (its part 'password') into description, which CloudTrail logs"
    ]


def test_a_leak_fails_the_test_at_the_end_of_the_mock():
    """The ini option mock_secrets_leaks does the same for all tests with a mock from a fixture, marker or decorator."""
    with pytest.raises(SecretLeaked, match="into description"), mock_secrets(leaks="fail"):
        register("ada", "corr3ct-h0rse")


@pytest.mark.mock_secrets(leaks="fail")
def test_a_value_where_it_belongs_is_not_a_leak(secrets_backend):
    client = secrets_backend.client()

    client.create_secret(Name="users/ada", SecretString="corr3ct-h0rse", Description="of the user ada")

    assert "corr3ct-h0rse" not in json.dumps(list(secrets_backend.cloudtrail))


def test_who_read_the_secret(secrets_backend, tmp_path):
    """The log answers an auditor's question, both here and in the file that CloudTrail would deliver."""
    secrets_backend.create("payroll", "s3cret")
    policy = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"},
    }
    clerk = secrets_backend.iam.create_user("clerk", policy)
    clerk.client().get_secret_value(SecretId="payroll")

    [record] = secrets_backend.cloudtrail.lookup(name="GetSecretValue", secret="payroll")
    delivered = secrets_backend.cloudtrail.write(tmp_path / "123456789012_CloudTrail.json.gz")

    assert record["userIdentity"]["arn"] == clerk.arn
    assert record["requestParameters"] == {"secretId": "payroll"}
    assert delivered.stat().st_size > 0
