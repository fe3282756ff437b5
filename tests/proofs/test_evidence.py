"""What the tests of a run prove together."""

import pytest

from mock_secrets import mock_secrets
from mock_secrets.direct.pages import whole_history
from mock_secrets.proofs.evidence import summary

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:TagResource"],
            "Resource": "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-??????",
        }
    ],
}


def told(name, act):
    with mock_secrets(secrets={"db": "hunter22"}) as backend:
        act(backend, backend.iam.create_role("app", POLICY).client())
        return {"id": name, "mocks": [whole_history(backend.service)]}


@pytest.fixture(scope="module")
def run():
    return [
        told("reads", lambda _, client: client.get_secret_value(SecretId="db")),
        told("describes", lambda _, client: client.describe_secret(SecretId="db")),
        told("leaks", lambda backend, _: backend.client().update_secret(SecretId="db", Description="hunter22")),
    ]


def test_the_least_policy_covers_all_tests(run):
    (statement,) = summary(run, [])["policy"]["Statement"]

    assert statement == {
        "Effect": "Allow",
        "Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:UpdateSecret"],
        "Resource": ["arn:aws:secretsmanager:us-east-1:123456789012:secret:db-??????"],
    }


def test_a_grant_used_by_one_test_is_not_unused(run):
    assert summary(run, [])["unused"] == [
        {
            "identity": "arn:aws:iam::123456789012:role/app",
            "text": "Statement[0]: secretsmanager:TagResource: no call needed it",
        }
    ]


def test_leaks_and_operations_are_reported(run):
    found = summary(run, ["DescribeSecret", "GetSecretValue", "TagResource", "UpdateSecret"])

    assert [leak["test"] for leak in found["leaks"]] == ["leaks"]
    assert "hunter22" not in found["leaks"][0]["text"]
    assert found["operations"] == [["DescribeSecret", 1, 0], ["GetSecretValue", 1, 0], ["UpdateSecret", 1, 0]]
    assert found["untested"] == ["TagResource"]
