"""Checking that a policy in a JSON file allows what an application needs, and no more."""

import json
from pathlib import Path

import notifier
import pytest
from botocore.exceptions import ClientError

POLICY = Path(__file__).with_name("notifier_policy.json")

pytestmark = pytest.mark.mock_secrets(region="eu-west-1", secrets={"notifier/api-key": "first-key"})


@pytest.fixture
def key(secrets_backend):
    return secrets_backend.kms.create_key(description="the notifier's own", alias="alias/notifier")


@pytest.fixture
def sent():
    return []


def use_all_of_it(sent):
    """Run every code path of the application."""

    def post(text, api_key):
        sent.append((text, api_key))

    notifier.send("before", post)
    notifier.replace_key("second-key")
    notifier.replace_key("third-key")
    notifier.send("after", post)


def test_the_policy_is_sufficient(secrets_backend, key, sent):
    """The application runs as the role that it has in production."""
    role = secrets_backend.iam.create_role("notifier", POLICY)

    with role.as_default():
        use_all_of_it(sent)

    assert sent == [("before", "first-key"), ("after", "third-key")]


def test_the_policy_is_minimal(secrets_backend, key, sent):
    """The application runs as an administrator, and the policy is compared with what it needed."""
    use_all_of_it(sent)

    secrets_backend.iam.assert_sufficient(POLICY)
    assert secrets_backend.iam.unused(POLICY) == []


def test_excessive_permissions_are_found(secrets_backend, key, sent):
    generous = json.loads(POLICY.read_text())
    generous["Statement"][0]["Action"].append("secretsmanager:DeleteSecret")
    generous["Statement"][0]["Resource"] = "*"
    use_all_of_it(sent)

    unused = [str(found) for found in secrets_backend.iam.unused(generous)]

    assert unused == [
        "ReadAndReplaceTheApiKey: secretsmanager:DeleteSecret: no call needed it",
        (
            "ReadAndReplaceTheApiKey: *: also matches other regions, other accounts and other secrets; the calls only needed"
            " arn:aws:secretsmanager:eu-west-1:123456789012:secret:notifier/api-key-??????"
        ),
    ]


def test_missing_permissions_are_found(secrets_backend, key, sent):
    """Without kms:Encrypt no call would fail, but the version before the change would keep its old key."""
    meagre = json.loads(POLICY.read_text())
    meagre["Statement"][1]["Action"].remove("kms:Encrypt")
    use_all_of_it(sent)

    with pytest.raises(AssertionError, match="not allowed: kms:Encrypt"):
        secrets_backend.iam.assert_sufficient(meagre)


def test_a_policy_for_another_secret_gives_the_error_of_aws(secrets_backend, key, sent):
    other = POLICY.read_text().replace("notifier/api-key", "newsletter/api-key")
    role = secrets_backend.iam.create_role("notifier", other)

    with role.as_default(), pytest.raises(ClientError) as caught:
        use_all_of_it(sent)

    assert str(caught.value) == (
        "An error occurred (AccessDeniedException) when calling the GetSecretValue operation:"
        " User: arn:aws:sts::123456789012:assumed-role/notifier/session is not authorized to perform:"
        " secretsmanager:GetSecretValue on resource: notifier/api-key because no identity-based policy allows the"
        " secretsmanager:GetSecretValue action"
    )


def test_the_policy_can_be_written_for_you(secrets_backend, key, sent):
    use_all_of_it(sent)

    written = secrets_backend.iam.used_permissions()

    secrets_backend.iam.assert_sufficient(written)
    assert [statement["Action"] for statement in written["Statement"]] == [
        ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
        ["secretsmanager:GetSecretValue", "secretsmanager:UpdateSecret"],
    ]
