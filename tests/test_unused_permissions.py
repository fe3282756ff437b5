"""``backend.iam.unused``: what a policy grants in vain."""

import pytest
from conformance.callers import ACCOUNT, allowing, denying, document, named

SECRETS = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret"


@pytest.fixture
def iam(secrets_backend):
    return secrets_backend.iam


@pytest.fixture
def got(client, secrets_backend):
    """GetSecretValue and DescribeSecret were called on "app/db", and ListSecrets."""
    secrets_backend.create("app/db", "one")
    client.get_secret_value(SecretId="app/db")
    client.describe_secret(SecretId="app/db")
    client.list_secrets()


def found(iam, *statements):
    """The findings as tuples, without their reasons."""
    return [(one.statement, one.action, one.resource) for one in iam.unused(document(*statements))]


USED = ("GetSecretValue", "DescribeSecret")


def test_a_policy_that_was_needed_wholly(got, iam):
    assert found(iam, allowing(*USED, on=named("app/db")), allowing("ListSecrets")) == []


@pytest.mark.parametrize(
    "on",
    [
        named("app/db"),
        f"{SECRETS}:app/db*",
        f"{SECRETS}:app/*",
        "arn:aws:secretsmanager:*:*:secret:app/*",
        f"arn:*:secretsmanager:us-east-1:{ACCOUNT}:secret:app/db-??????",
    ],
)
def test_a_resource_of_a_name_or_a_beginning_is_needed(got, iam, on):
    assert found(iam, allowing(*USED, on=on)) == []


@pytest.mark.parametrize(
    "on",
    ["*", f"{SECRETS}:*", "arn:aws:secretsmanager:*:*:secret:*", "arn:aws:secretsmanager:*"],
)
def test_every_secret_is_more_than_was_needed(got, iam, on):
    (finding,) = iam.unused(document(allowing(*USED, on=on)))

    assert (finding.statement, finding.action, finding.resource) == ("Statement[0]", "*", on)
    assert finding.reason == f"it is every secret, and the calls needed {named('app/db')}"
    assert str(finding) == f"Statement[0]: * on {on}: {finding.reason}"


def test_every_resource_is_needed_by_an_action_without_one(got, iam):
    assert found(iam, allowing("ListSecrets")) == []
    assert found(iam, allowing("ListSecrets", "GetSecretValue")) == [("Statement[0]", "*", "*")]


@pytest.mark.parametrize(
    "when",
    [
        {"StringEquals": {"aws:ResourceTag/team": "core"}},
        {"StringEquals": {"secretsmanager:ResourceTag/team": "core"}},
        {"StringLike": {"secretsmanager:SecretId": "app/*"}},
    ],
)
def test_every_secret_under_a_condition_on_the_secret_is_needed(client, secrets_backend, iam, when):
    secrets_backend.create("app/db", "one", tags={"team": "core"})
    client.get_secret_value(SecretId="app/db")

    assert found(iam, allowing("GetSecretValue", when=when)) == []


def test_a_resource_that_no_call_needed(got, iam):
    given = allowing(*USED, on=[named("app/db"), named("other")])

    assert found(iam, given) == [("Statement[0]", "*", named("other"))]


def test_an_action_that_no_call_needed(got, iam):
    (finding,) = iam.unused(document(allowing(*USED, "PutSecretValue", on=named("app/db"))))

    assert (finding.action, finding.resource) == ("secretsmanager:PutSecretValue", "")
    assert str(finding) == "Statement[0]: secretsmanager:PutSecretValue: no call needed it"


def test_the_actions_of_a_wildcard(client, secrets_backend, iam):
    secrets_backend.create("app/db", "one")
    client.get_secret_value(SecretId="app/db")

    (finding,) = iam.unused(document(allowing("Get*", on=named("app/db"))))

    assert finding.action == "secretsmanager:Get*"
    assert "secretsmanager:GetRandomPassword" in finding.reason
    assert "secretsmanager:GetResourcePolicy" in finding.reason
    assert "secretsmanager:GetSecretValue" not in finding.reason


@pytest.mark.parametrize(
    ("pattern", "findings"),
    [
        ("secretsmanager:GetSecret*", 0),
        ("secretsmanager:GetSecretValu?", 0),
        ("SecretsManager:getsecretvalue", 0),
        ("secretsmanager:Put*", 1),
        ("secretsmanager:*", 1),
        ("*", 1),
    ],
)
def test_wildcards_of_actions(client, secrets_backend, iam, pattern, findings):
    secrets_backend.create("app/db", "one")
    client.get_secret_value(SecretId="app/db")

    assert len(found(iam, allowing(pattern, on=named("app/db")))) == findings


@pytest.mark.parametrize("action", ["GetSecretValues", "GetSecret", "List?Secrets", "ReadSecret*"])
def test_an_action_that_there_is_not(got, iam, action):
    (finding,) = iam.unused(document(allowing(*USED, action, on=named("app/db"))))

    assert str(finding) == f"Statement[0]: secretsmanager:{action}: there is no such action"


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:*", "lambda:InvokeFunction", "kms:CreateKey", "logs:Put*"])
def test_actions_of_other_services_are_left_alone(got, iam, action):
    assert found(iam, allowing(action), allowing(*USED, on=named("app/db"))) == []


def test_a_key_that_no_call_needed(got, iam):
    assert found(iam, allowing("kms:Decrypt", on=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1")) == [
        ("Statement[0]", "kms:Decrypt", "")
    ]


def test_every_key_is_more_than_was_needed(client, secrets_backend, iam):
    key = secrets_backend.kms.create_key()
    secrets_backend.create("db", "one", kms_key_id=key.arn)
    client.get_secret_value(SecretId="db")
    statement = allowing("kms:Decrypt", on=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/*")

    (finding,) = iam.unused(document(statement))

    assert finding.reason == f"it is every key, and the calls needed {key.arn}"


def test_every_key_of_an_alias_is_needed(client, secrets_backend, iam):
    secrets_backend.kms.create_key(alias="alias/app")
    secrets_backend.create("db", "one", kms_key_id="alias/app")
    client.get_secret_value(SecretId="db")
    of_alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}}

    assert found(iam, allowing("kms:Decrypt", when=of_alias)) == []


def test_all_actions_but_some(got, iam):
    given = {"Effect": "Allow", "NotAction": "secretsmanager:Delete*", "Resource": named("app/db")}

    (finding,) = iam.unused(document(given))

    assert finding.action == "NotAction secretsmanager:Delete*"
    assert "no call needed secretsmanager:PutSecretValue, " in finding.reason
    assert "DeleteSecret" not in finding.reason


def test_all_resources_but_some(got, iam):
    given = allowing(*USED)
    del given["Resource"]
    given["NotResource"] = named("other")

    (finding,) = iam.unused(document(given))

    assert str(finding) == "Statement[0]: * on NotResource: it grants all resources but some"


def test_a_statement_is_named_by_its_sid(got, iam):
    given = {**allowing("PutSecretValue", on=named("app/db")), "Sid": "Writes"}

    assert found(iam, allowing(*USED, on=named("app/db")), given) == [("Writes", "secretsmanager:PutSecretValue", "")]


def test_a_deny_grants_nothing(got, iam):
    assert found(iam, denying("*"), allowing(*USED, on=named("app/db"))) == []


def test_a_condition_that_no_call_met(got, iam):
    given = allowing("GetSecretValue", on=named("app/db"), when={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})

    assert found(iam, given) == [("Statement[0]", "secretsmanager:GetSecretValue", "")]


def test_before_any_call_all_is_unused(iam):
    assert found(iam, allowing("GetSecretValue", on=named("app/db"))) == [
        ("Statement[0]", "secretsmanager:GetSecretValue", "")
    ]


def test_several_policies_are_judged_each(got, iam):
    findings = iam.unused([document(allowing("PutSecretValue")), document(allowing("DeleteSecret"))])

    assert [finding.action for finding in findings] == ["secretsmanager:PutSecretValue", "secretsmanager:DeleteSecret"]


def test_resources_of_other_services_are_left_alone(got, iam):
    on = [named("app/db"), "arn:aws:s3:::bucket/*"]

    assert found(iam, allowing(*USED, "s3:GetObject", on=on)) == []


def test_all_actions_but_ours_grants_nothing_of_ours(got, iam):
    assert found(iam, {"Effect": "Allow", "NotAction": ["secretsmanager:*", "kms:*"], "Resource": "*"}) == []


def test_every_secret_with_a_suffix_is_more_than_was_needed(got, iam):
    on = f"{SECRETS}:*-??????"

    assert found(iam, allowing(*USED, on=on)) == [("Statement[0]", "*", on)]
