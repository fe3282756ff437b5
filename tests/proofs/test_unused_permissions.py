"""``backend.iam.unused``: what a policy grants in vain."""

import pytest
from conformance.callers import ACCOUNT, allowing, denying, document, named
from tables import rows


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


def test_a_fully_needed_policy_has_nothing_unused(got, iam):
    assert found(iam, allowing(*USED, on=named("app/db")), allowing("ListSecrets")) == []


def test_a_resource_needed_by_no_call_is_reported(got, iam):
    (finding,) = iam.unused(document(allowing(*USED, on=[named("app/db"), named("other")])))

    assert (finding.statement, finding.action, finding.resource) == ("Statement[0]", "", named("other"))
    assert str(finding) == f"Statement[0]: {named('other')}: no call needed it"


def test_an_action_needed_by_no_call_is_reported(got, iam):
    (finding,) = iam.unused(document(allowing(*USED, "PutSecretValue", on=named("app/db"))))

    assert (finding.action, finding.resource) == ("secretsmanager:PutSecretValue", "")
    assert str(finding) == "Statement[0]: secretsmanager:PutSecretValue: no call needed it"


def test_the_actions_matched_by_a_wildcard(client, secrets_backend, iam):
    secrets_backend.create("app/db", "one")
    client.get_secret_value(SecretId="app/db")

    (finding,) = iam.unused(document(allowing("Get*", on=named("app/db"))))

    assert finding.action == "secretsmanager:Get*"
    assert "secretsmanager:GetRandomPassword" in finding.reason
    assert "secretsmanager:GetResourcePolicy" in finding.reason
    assert "secretsmanager:GetSecretValue" not in finding.reason


@rows(
    "pattern, findings",
    [
        ("secretsmanager:GetSecret*", 0),
        ("secretsmanager:GetSecretValu?", 0),
        ("SecretsManager:getsecretvalue", 0),
        ("secretsmanager:Put*", 1),
        ("secretsmanager:*", 1),
        ("*", 1),
    ],
)
def test_action_wildcards(client, secrets_backend, iam, pattern, findings):
    secrets_backend.create("app/db", "one")
    client.get_secret_value(SecretId="app/db")

    assert len(found(iam, allowing(pattern, on=named("app/db")))) == findings


@rows(
    "action, near",
    [
        ("GetSecretValues", "GetSecretValue"),
        ("GetSecret", "GetSecretValue"),
        ("List?Secrets", "ListSecrets"),
        ("DescribeSecrets*", "DescribeSecret"),
    ],
)
def test_an_unknown_action_suggests_a_known_one(got, iam, action, near):
    (finding,) = iam.unused(document(allowing(*USED, action, on=named("app/db"))))

    assert finding.reason == f"there is no such action; did you mean secretsmanager:{near}?"
    assert str(finding) == f"Statement[0]: secretsmanager:{action}: {finding.reason}"


@rows("action", ["s3:GetObject", "s3:*", "lambda:InvokeFunction", "kms:CreateKey", "logs:Put*"])
def test_actions_of_other_services_are_ignored(got, iam, action):
    assert found(iam, allowing(action), allowing(*USED, on=named("app/db"))) == []


def test_a_key_needed_by_no_call_is_reported(got, iam):
    assert found(iam, allowing("kms:Decrypt", on=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1")) == [
        ("Statement[0]", "kms:Decrypt", "")
    ]


def test_a_not_action_with_some_actions(got, iam):
    given = {"Effect": "Allow", "NotAction": "secretsmanager:Delete*", "Resource": named("app/db")}

    (finding,) = iam.unused(document(given))

    assert finding.action == "NotAction secretsmanager:Delete*"
    assert " secretsmanager:PutSecretValue, " in finding.reason
    assert "DeleteSecret" not in finding.reason


def test_a_not_resource_with_some_resources(got, iam):
    given = allowing(*USED)
    del given["Resource"]
    given["NotResource"] = named("other")

    (finding,) = iam.unused(document(given))

    assert str(finding) == "Statement[0]: NotResource: it allows all resources except some"


def test_a_statement_is_named_by_its_sid(got, iam):
    given = {**allowing("PutSecretValue", on=named("app/db")), "Sid": "Writes"}

    assert found(iam, allowing(*USED, on=named("app/db")), given) == [("Writes", "secretsmanager:PutSecretValue", "")]


def test_a_deny_grants_nothing(got, iam):
    assert found(iam, denying("*"), allowing(*USED, on=named("app/db"))) == []


def test_a_condition_met_by_no_call_is_reported(got, iam):
    given = allowing("GetSecretValue", on=named("app/db"), when={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})

    assert found(iam, given) == [("Statement[0]", "secretsmanager:GetSecretValue", "")]


def test_everything_is_unused_before_any_call(iam):
    assert found(iam, allowing("GetSecretValue", on=named("app/db"))) == [
        ("Statement[0]", "secretsmanager:GetSecretValue", "")
    ]


def test_each_of_several_policies_is_judged_separately(got, iam):
    findings = iam.unused([document(allowing("PutSecretValue")), document(allowing("DeleteSecret"))])

    assert [finding.action for finding in findings] == ["secretsmanager:PutSecretValue", "secretsmanager:DeleteSecret"]


def test_resources_of_other_services_are_ignored(got, iam):
    on = [named("app/db"), "arn:aws:s3:::bucket/*"]

    assert found(iam, allowing(*USED, "s3:GetObject", on=on)) == []


def test_a_not_action_with_all_our_actions_grants_none_of_them(got, iam):
    assert found(iam, {"Effect": "Allow", "NotAction": ["secretsmanager:*", "kms:*"], "Resource": "*"}) == []


# --- Pairs of an action and a resource ---


@pytest.fixture
def read_and_written(client, secrets_backend):
    """GetSecretValue was called on "db", and PutSecretValue on "api"."""
    secrets_backend.create("db", "one")
    secrets_backend.create("api", "one")
    client.get_secret_value(SecretId="db")
    client.put_secret_value(SecretId="api", SecretString="two")


TOGETHER = "no call needed the two together"


def test_an_action_on_a_resource_needed_only_by_other_actions_is_reported(read_and_written, iam):
    findings = iam.unused(document(allowing("GetSecretValue", "PutSecretValue", on=[named("db"), named("api")])))

    assert [str(one) for one in findings] == [
        f"Statement[0]: secretsmanager:GetSecretValue on {named('api')}: {TOGETHER}",
        f"Statement[0]: secretsmanager:PutSecretValue on {named('db')}: {TOGETHER}",
    ]


def test_an_action_pattern_is_paired_as_a_whole(read_and_written, iam):
    given = allowing("GetSecretValue", "PutSecret*", on=[named("db"), named("api")])

    assert found(iam, given) == [
        ("Statement[0]", "secretsmanager:GetSecretValue", named("api")),
        ("Statement[0]", "secretsmanager:PutSecret*", named("db")),
    ]


def test_pairs_in_separate_statements_are_needed(read_and_written, iam):
    given = [allowing("GetSecretValue", on=named("db")), allowing("PutSecretValue", on=named("api"))]

    assert found(iam, *given) == []


def test_fully_needed_pairs_are_not_reported(read_and_written, client, iam):
    client.get_secret_value(SecretId="api")
    client.put_secret_value(SecretId="db", SecretString="two")

    assert found(iam, allowing("GetSecretValue", "PutSecretValue", on=[named("db"), named("api")])) == []


def test_a_wholly_unneeded_action_or_resource_is_not_reported_in_pairs(read_and_written, iam):
    given = allowing("GetSecretValue", "DeleteSecret", on=[named("db"), named("other")])

    assert found(iam, given) == [
        ("Statement[0]", "secretsmanager:DeleteSecret", ""),
        ("Statement[0]", "", named("other")),
    ]


@rows("action", ["ListSecrets", "List*s"])
def test_an_action_without_a_resource_is_not_paired_with_a_secret(got, iam, action):
    given = document(allowing(*USED, action, on=[named("app/db"), "*"]))

    assert [one for one in iam.unused(given, allow=["*"]) if one.reason == TOGETHER] == []


# --- Repetitions ---

REPEATED = "earlier statements allow everything it was needed for"


def test_a_statement_that_repeats_another_is_reported(got, iam):
    given = allowing("GetSecretValue", on=named("app/db"))

    (finding,) = iam.unused(document(given, {**given, "Sid": "Again"}))

    assert (finding.statement, finding.action, finding.resource) == ("Again", "", "")
    assert str(finding) == f"Again: {REPEATED}"


def test_a_statement_covered_by_several_earlier_ones_is_reported(got, iam):
    one, other = (allowing(action, on=named("app/db")) for action in USED)

    (finding,) = iam.unused(document(one, other, allowing(*USED, on=named("app/db"))))

    assert str(finding) == f"Statement[2]: {REPEATED}"


def test_a_statement_that_repeats_one_of_an_earlier_policy_is_reported(got, iam):
    given = document(allowing(*USED, on=named("app/db")))

    assert [one.reason for one in iam.unused([given, given])] == [REPEATED]


def test_a_statement_that_grants_more_than_earlier_ones_is_not_a_repetition(got, iam):
    assert found(iam, allowing("GetSecretValue", on=named("app/db")), allowing(*USED, on=named("app/db"))) == []


def test_a_deny_is_never_reported_as_a_repetition(got, iam):
    given = allowing(*USED, on=named("app/db"))

    assert found(iam, denying(*USED, on=named("app/db")), given) == []


def test_an_unneeded_statement_is_not_a_repetition(got, iam):
    given = allowing("PutSecretValue", on=named("app/db"))

    reasons = [one.reason for one in iam.unused(document(allowing(*USED, on=named("app/db")), given))]

    assert reasons == ["no call needed it"]


def test_an_earlier_statement_with_an_unmet_condition_makes_no_repetition(got, iam):
    unmet = allowing(*USED, on=named("app/db"), when={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})

    assert [one.reason for one in iam.unused(document(unmet, allowing(*USED, on=named("app/db"))))] == [
        "no call needed it",
        "no call needed it",
    ]
