"""Policies full of stars wherever a user can put one: no call and no report gets stuck."""

import json

import pytest
from conformance.callers import ACCOUNT, allowing, denying, document
from tables import rows

NAME = "a" * 400
STARS = "*a" * 40 + "*b"
BY_STARS = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{STARS}"


@pytest.fixture
def arn(secrets_backend):
    return secrets_backend.create(NAME, "value").arn


@rows("resource", [BY_STARS, STARS])
def test_a_secret_policy_with_many_stars_is_evaluated_quickly(client, arn, resource):
    policy = document({**denying("GetSecretValue", on=resource), "Principal": "*"})

    client.put_resource_policy(SecretId=arn, ResourcePolicy=json.dumps(policy))

    assert client.get_secret_value(SecretId=arn)["SecretString"] == "value"


def test_a_user_policy_with_many_stars_is_evaluated_quickly(secrets_backend, arn):
    like = {"StringLike": {"secretsmanager:SecretId": f"*{STARS}"}}
    policy = document(allowing("*"), denying("*", on=BY_STARS), denying("*", when=like))

    app = secrets_backend.iam.create_user("app", policy)

    assert app.client().get_secret_value(SecretId=arn)["SecretString"] == "value"


def test_a_key_policy_with_many_stars_is_evaluated_quickly(client, secrets_backend):
    like = {"StringLike": {"kms:EncryptionContext:SecretARN": f"*{STARS}"}}
    policy = document(allowing("kms:*"), denying("kms:*", when=like))
    for statement in policy["Statement"]:
        statement["Principal"] = "*"
    key = secrets_backend.kms.create_key(policy=policy)

    client.create_secret(Name=NAME, SecretString="value", KmsKeyId=key.arn)

    assert client.get_secret_value(SecretId=NAME)["SecretString"] == "value"


def test_unused_permissions_with_many_stars_are_found_quickly(client, secrets_backend, arn):
    client.get_secret_value(SecretId=arn)

    found = secrets_backend.iam.unused(document(allowing("GetSecretValue", on=["*", BY_STARS])), allow=["*"])

    assert [one.resource for one in found] == [BY_STARS]
