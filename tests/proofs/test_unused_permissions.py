"""``backend.iam.unused``: what a policy grants in vain."""

import pytest
from conformance.callers import ACCOUNT, allowing, denying, document, named
from tables import rows

DB, OTHER = named("app/db"), named("other")
USED = ("GetSecretValue", "DescribeSecret")
READING = allowing(*USED, on=DB)
IN_VAIN = allowing("PutSecretValue", on=DB)
ELSEWHERE = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}


@pytest.fixture
def got(client, secrets_backend):
    """GetSecretValue and DescribeSecret were called on "app/db", and ListSecrets."""
    secrets_backend.create("app/db", "one")
    client.get_secret_value(SecretId="app/db")
    client.describe_secret(SecretId="app/db")
    client.list_secrets()


def told(iam, *statements):
    """The findings, each as a sentence."""
    return [str(one) for one in iam.unused(document(*statements))]


@rows(
    "statements, findings",
    {
        "nothing of a fully needed policy": ([READING, allowing("ListSecrets")], []),
        "a resource needed by no call": (
            [allowing(*USED, on=[DB, OTHER])],
            [f"Statement[0]: {OTHER}: no call needed it"],
        ),
        "an action needed by no call": (
            [allowing(*USED, "PutSecretValue", on=DB)],
            ["Statement[0]: secretsmanager:PutSecretValue: no call needed it"],
        ),
        "a key needed by no call": (
            [allowing("kms:Decrypt", on=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1")],
            ["Statement[0]: kms:Decrypt: no call needed it"],
        ),
        "a condition met by no call": (
            [allowing("GetSecretValue", on=DB, when=ELSEWHERE)],
            ["Statement[0]: secretsmanager:GetSecretValue: no call needed it"],
        ),
        "all resources except some": (
            [{"Effect": "Allow", "Action": READING["Action"], "NotResource": OTHER}],
            ["Statement[0]: NotResource: it allows all resources except some"],
        ),
        "a statement is named by its Sid": (
            [READING, {**IN_VAIN, "Sid": "Writes"}],
            ["Writes: secretsmanager:PutSecretValue: no call needed it"],
        ),
        "a Deny grants nothing": ([denying("*"), READING], []),
        "actions of other services are ignored": (
            [allowing("s3:GetObject", "s3:*", "lambda:InvokeFunction", "kms:CreateKey", "logs:Put*"), READING],
            [],
        ),
        "resources of other services are ignored": (
            [allowing(*USED, "s3:GetObject", on=[DB, "arn:aws:s3:::bucket/*", "arn:aws:s3*:::bucket"])],
            [],
        ),
        "a NotAction with all our actions grants none of them": (
            [{"Effect": "Allow", "NotAction": ["secretsmanager:*", "kms:*"], "Resource": "*"}],
            [],
        ),
    },
)
def test_what_is_unused(got, iam, statements, findings):
    assert told(iam, *statements) == findings


def test_an_unused_wildcard_names_the_actions_that_nobody_used(client, secrets_backend, iam):
    secrets_backend.create("app/db", "one")
    client.get_secret_value(SecretId="app/db")

    (finding,) = iam.unused(document(allowing("Get*", on=DB)))

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
def test_a_wildcard_is_unused_if_some_matched_action_was_not_used(client, secrets_backend, iam, pattern, findings):
    secrets_backend.create("app/db", "one")
    client.get_secret_value(SecretId="app/db")

    assert len(told(iam, allowing(pattern, on=DB))) == findings


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
    assert told(iam, allowing(*USED, action, on=DB)) == [
        f"Statement[0]: secretsmanager:{action}: there is no such action; did you mean secretsmanager:{near}?"
    ]


def test_an_unused_not_action_names_only_the_actions_it_allows(got, iam):
    given = {"Effect": "Allow", "NotAction": "secretsmanager:Delete*", "Resource": DB}

    (finding,) = iam.unused(document(given))

    assert finding.action == "NotAction secretsmanager:Delete*"
    assert " secretsmanager:PutSecretValue, " in finding.reason
    assert "DeleteSecret" not in finding.reason


def test_everything_is_unused_before_any_call(iam):
    assert told(iam, READING) == [f"Statement[0]: secretsmanager:{action}: no call needed it" for action in USED]


def test_each_of_several_policies_is_judged_separately(got, iam):
    findings = iam.unused([document(allowing("PutSecretValue")), document(allowing("DeleteSecret"))])

    assert [finding.action for finding in findings] == ["secretsmanager:PutSecretValue", "secretsmanager:DeleteSecret"]


# --- Pairs of an action and a resource ---

TOGETHER = "no call needed the two together"


@pytest.fixture
def read_and_written(client, secrets_backend):
    """GetSecretValue was called on "db", and PutSecretValue on "api"."""
    secrets_backend.create("db", "one")
    secrets_backend.create("api", "one")
    client.get_secret_value(SecretId="db")
    client.put_secret_value(SecretId="api", SecretString="two")


@rows(
    "statements, findings",
    {
        "an action on a resource needed only by other actions": (
            [allowing("GetSecretValue", "PutSecretValue", on=[named("db"), named("api")])],
            [
                f"Statement[0]: secretsmanager:GetSecretValue on {named('api')}: {TOGETHER}",
                f"Statement[0]: secretsmanager:PutSecretValue on {named('db')}: {TOGETHER}",
            ],
        ),
        "an action pattern is paired as a whole": (
            [allowing("GetSecretValue", "PutSecret*", on=[named("db"), named("api")])],
            [
                f"Statement[0]: secretsmanager:GetSecretValue on {named('api')}: {TOGETHER}",
                f"Statement[0]: secretsmanager:PutSecret* on {named('db')}: {TOGETHER}",
            ],
        ),
        "pairs in separate statements are needed": (
            [allowing("GetSecretValue", on=named("db")), allowing("PutSecretValue", on=named("api"))],
            [],
        ),
        "a wholly unneeded action or resource is in no pair": (
            [allowing("GetSecretValue", "DeleteSecret", on=[named("db"), OTHER])],
            [
                "Statement[0]: secretsmanager:DeleteSecret: no call needed it",
                f"Statement[0]: {OTHER}: no call needed it",
            ],
        ),
    },
)
def test_which_pairs_are_unused(read_and_written, iam, statements, findings):
    assert told(iam, *statements) == findings


def test_fully_needed_pairs_are_not_reported(read_and_written, client, iam):
    client.get_secret_value(SecretId="api")
    client.put_secret_value(SecretId="db", SecretString="two")

    assert told(iam, allowing("GetSecretValue", "PutSecretValue", on=[named("db"), named("api")])) == []


def test_a_finding_has_the_parts_of_its_sentence(read_and_written, iam):
    given = allowing("GetSecretValue", "PutSecretValue", on=[named("db"), named("api")])

    finding, _ = iam.unused(document(given))

    assert (finding.statement, finding.action) == ("Statement[0]", "secretsmanager:GetSecretValue")
    assert (finding.resource, finding.reason) == (named("api"), TOGETHER)


@rows("action", ["ListSecrets", "List*s"])
def test_an_action_without_a_resource_is_not_paired_with_a_secret(got, iam, action):
    given = document(allowing(*USED, action, on=[DB, "*"]))

    assert [one for one in iam.unused(given, allow=["*"]) if one.reason == TOGETHER] == []


# --- Repetitions ---

REPEATED = "earlier statements allow everything it was needed for"
ONE, BOTH = allowing("GetSecretValue", on=DB), READING


@rows(
    "statements, findings",
    {
        "a statement that repeats another": ([ONE, {**ONE, "Sid": "Again"}], [f"Again: {REPEATED}"]),
        "a statement covered by several earlier ones": (
            [ONE, allowing("DescribeSecret", on=DB), BOTH],
            [f"Statement[2]: {REPEATED}"],
        ),
        "a statement that grants more than earlier ones is none": ([ONE, BOTH], []),
        "an unneeded statement is none": (
            [BOTH, IN_VAIN],
            ["Statement[1]: secretsmanager:PutSecretValue: no call needed it"],
        ),
        "an earlier statement with an unmet condition makes none": (
            [allowing("GetSecretValue", on=DB, when=ELSEWHERE), ONE],
            ["Statement[0]: secretsmanager:GetSecretValue: no call needed it"],
        ),
        "a repetition for another service is ignored": ([ONE, allowing("lambda:*"), allowing("lambda:*")], []),
    },
)
def test_which_statements_are_repetitions(got, iam, statements, findings):
    assert told(iam, *statements) == findings


def test_a_statement_that_repeats_one_of_an_earlier_policy_is_reported(got, iam):
    given = document(READING)

    assert [one.reason for one in iam.unused([given, given])] == [REPEATED]
