"""``backend.iam.assert_sufficient``: whether a policy allows what calls needed, and what is said when it does not."""

import json
from datetime import datetime, timezone

import pytest
from conformance.callers import allowing, denying, document, granted, named
from conformance.policies import policy, put
from tables import rows

ALL = document(allowing("*"))
SECRET = "s3cr3t-value"
NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone.utc)

at_noon = pytest.mark.mock_secrets(at=NOON)


def test_a_missing_permission_is_named_with_the_statement_to_add(client, iam):
    client.create_secret(Name="db", SecretString=SECRET)
    client.get_secret_value(SecretId="db")
    client.update_secret(SecretId="db", SecretString="an0ther-value")

    with pytest.raises(AssertionError) as caught:
        iam.assert_sufficient(document(allowing("CreateSecret")))

    said = str(caught.value)
    head, _, statements = said.partition("Statements that would allow them:\n")
    assert "does not allow 2 permissions that" in head
    assert f"secretsmanager:GetSecretValue on {named('db')}, for GetSecretValue by" in head
    assert f"secretsmanager:UpdateSecret on {named('db')}, for UpdateSecret by" in head
    assert "CreateSecret" not in said
    assert json.loads(statements) == [granted(["GetSecretValue", "UpdateSecret"], named("db"))]


def test_a_missing_permission_is_named_once_for_the_first_call_that_needed_it(client, secrets_backend, iam):
    secrets_backend.create("db", SECRET)
    client.batch_get_secret_value(SecretIdList=["db"])
    client.get_secret_value(SecretId="db")

    with pytest.raises(AssertionError, match="not sufficient: it does not allow 1 permission that") as caught:
        iam.assert_sufficient(document(allowing("BatchGetSecretValue")))

    assert f"secretsmanager:GetSecretValue on {named('db')}, for BatchGetSecretValue by" in str(caught.value)


def test_the_statements_in_the_message_grant_what_is_missing(client, secrets_backend, iam):
    secrets_backend.kms.create_key(alias="alias/app")
    client.create_secret(Name="db", SecretString=SECRET, KmsKeyId="alias/app")
    client.update_secret(SecretId="db", KmsKeyId=secrets_backend.kms.create_key().arn)
    own = document(allowing("secretsmanager:*"))

    with pytest.raises(AssertionError) as caught:
        iam.assert_sufficient(own)

    lacking = json.loads(str(caught.value).partition("allow them:\n")[2])
    iam.assert_sufficient(document(*own["Statement"], *lacking))


@rows(
    "act",
    [
        lambda client: client.create_secret(Name="new", SecretString=SECRET),
        lambda client: client.create_secret(Name="new", SecretBinary=SECRET.encode()),
        lambda client: client.update_secret(SecretId="db", SecretString=SECRET),
        lambda client: client.put_secret_value(SecretId="db", SecretString=SECRET),
        lambda client: client.get_secret_value(SecretId="db"),
        lambda client: client.batch_get_secret_value(SecretIdList=["db"]),
    ],
)
def test_no_message_contains_a_value(client, secrets_backend, iam, act):
    secrets_backend.create("db", SECRET)
    act(client)

    with pytest.raises(AssertionError) as caught:
        iam.assert_sufficient(document(denying("*")))

    shown = [str(caught.value), repr(caught.value), str(iam.used_permissions()), str(iam.unused(ALL)), repr(iam)]
    assert not any(SECRET in text for text in shown)


GETTING = f"secretsmanager:GetSecretValue on {named('db')}"
DESCRIBING = f"secretsmanager:DescribeSecret on {named('db')}"
INSECURE = {"Bool": {"aws:SecureTransport": "false"}}


@rows(
    "statements, why, to_add",
    {
        "an action is not allowed": (
            [allowing("DescribeSecret")],
            [f"not allowed: {GETTING}"],
            [granted(["GetSecretValue"], named("db"))],
        ),
        "an explicit deny names its statement": (
            [allowing("*"), denying("DescribeSecret")],
            [f"explicitly denied by Statement[1]: {DESCRIBING}"],
            [],
        ),
        "a deny is named by its Sid, along with other denies": (
            [allowing("*"), {**denying("Get*"), "Sid": "Never"}, denying("GetSecretValue"), denying("PutSecretValue")],
            [f"explicitly denied by Never, Statement[2]: {GETTING}"],
            [],
        ),
        "what is denied is not to be added": (
            [denying("DescribeSecret")],
            [f"not allowed: {GETTING}", f"explicitly denied by Statement[0]: {DESCRIBING}"],
            [granted(["GetSecretValue"], named("db"))],
        ),
        "an unmet condition of a statement on other resources is not named": (
            [allowing("DescribeSecret"), allowing("GetSecretValue", on=named("other"), when=INSECURE)],
            [f"not allowed: {GETTING}"],
            [granted(["GetSecretValue"], named("db"))],
        ),
        "a deny with an unmet condition is not named": (
            [allowing("DescribeSecret"), denying("*", when=INSECURE)],
            [f"not allowed: {GETTING}"],
            [granted(["GetSecretValue"], named("db"))],
        ),
    },
)
def test_the_message_says_why_and_what_to_add(client, secrets_backend, iam, *, statements, why, to_add):
    secrets_backend.create("db", SECRET)
    client.get_secret_value(SecretId="db")
    client.describe_secret(SecretId="db")

    with pytest.raises(AssertionError) as caught:
        iam.assert_sufficient(document(*statements))

    head, _, added = str(caught.value).partition("Statements that would allow them:\n")
    assert [line.strip().partition(", for ")[0] for line in head.splitlines()[1:]] == why
    assert json.loads(added or "[]") == to_add


UNMET = "under a condition that the call did not meet"


@rows(
    "when, given",
    [
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, "aws:sourceip was 203.0.113.10"),
        ({"StringEquals": {"aws:ResourceTag/team": "web"}}, "aws:resourcetag/team was core"),
        ({"StringEquals": {"aws:ResourceTag/stage": "prod"}}, "aws:resourcetag/stage was absent"),
        ({"StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}, "secretsmanager:versionstage was absent"),
        (
            {"StringEquals": {"aws:ResourceTag/team": "core"}, "Bool": {"aws:SecureTransport": "false"}},
            "aws:resourcetag/team was core, aws:securetransport was true",
        ),
        (
            {"ForAllValues:StringEquals": {"my:key": ["a"]}, "Null": {"my:key": "false"}},
            "my:key was a and b",
        ),
    ],
)
def test_an_unmet_condition_is_named_with_the_values_of_the_call(secrets_backend, iam, when, given):
    secrets_backend.create("db", SECRET, tags={"team": "core"})
    ann = iam.create_user("ann", ALL)
    ann.client(context={"my:key": ["a", "b"]}).get_secret_value(SecretId="db")

    with pytest.raises(AssertionError) as caught:
        iam.assert_sufficient(document(allowing("ListSecrets"), allowing("GetSecretValue", when=when)))

    said = str(caught.value)
    assert f"allowed by Statement[1] {UNMET} ({given}): secretsmanager:GetSecretValue on {named('db')}" in said
    assert "Statements that would allow them" not in said


# --- What proves nothing, and what no longer counts ---


def test_without_calls_nothing_is_proven(iam):
    with pytest.raises(AssertionError, match=r"^nothing is proven: no call was made$"):
        iam.assert_sufficient(ALL)
    with pytest.raises(AssertionError, match=r"^nothing is proven: no call was made$"):
        iam.assert_sufficient(iam.used_permissions())


def test_a_role_without_calls_proves_nothing(client, iam):
    role = iam.create_role("app", ALL)
    client.list_secrets()

    with pytest.raises(AssertionError) as caught:
        iam.assert_sufficient(ALL, role)

    assert str(caught.value) == f"nothing is proven: no call was made by {role!r}"
    assert role.arn in str(caught.value)


def test_forgotten_calls_do_not_count(client, secrets_backend, iam):
    client.create_secret(Name="db", SecretString=SECRET)
    iam.forget_calls()

    assert iam.used_permissions()["Statement"] == []
    with pytest.raises(AssertionError, match="nothing is proven"):
        iam.assert_sufficient(ALL)

    client.get_secret_value(SecretId="db")
    own = document(allowing("GetSecretValue", on=named("db")))

    assert iam.used_permissions() == document(granted(["GetSecretValue"], named("db")))
    iam.assert_sufficient(own)
    assert [one.action for one in iam.unused(document(allowing("CreateSecret", on=named("db"))))] == [
        "secretsmanager:CreateSecret"
    ]
    assert [call.operation for call in secrets_backend.calls] == ["CreateSecret", "GetSecretValue"]


def test_forgetting_calls_keeps_users_and_their_policies(secrets_backend, iam):
    secrets_backend.create("db", SECRET)
    ann = iam.create_user("ann", document(allowing("GetSecretValue")))
    client = ann.client()
    iam.forget_calls()

    client.get_secret_value(SecretId="db")

    assert iam.used_permissions(ann) == document(granted(["GetSecretValue"], named("db")))


# --- Several policies, and the circumstances of each call ---


def test_the_sufficient_policy_combines_several_policies(client, iam):
    client.create_secret(Name="db", SecretString=SECRET)
    client.describe_secret(SecretId="db")

    iam.assert_sufficient([document(allowing("CreateSecret")), document(allowing("DescribeSecret"))])

    with pytest.raises(AssertionError):
        iam.assert_sufficient([ALL, document(denying("DescribeSecret"))])


@at_noon
def test_a_condition_is_checked_against_the_time_of_each_call(client, secrets_backend, iam):
    until_one = document(allowing("*", when={"DateLessThan": {"aws:CurrentTime": "2026-03-01T13:00:00Z"}}))
    client.create_secret(Name="db", SecretString=SECRET)
    secrets_backend.clock.advance(hours=2)

    iam.assert_sufficient(until_one)
    client.describe_secret(SecretId="db")

    with pytest.raises(AssertionError, match="DescribeSecret"):
        iam.assert_sufficient(until_one)


def test_a_condition_is_checked_against_the_tags_at_the_time_of_the_call(client, iam):
    client.create_secret(Name="db", SecretString=SECRET, Tags=[{"Key": "team", "Value": "core"}])
    client.describe_secret(SecretId="db")
    client.tag_resource(SecretId="db", Tags=[{"Key": "team", "Value": "web"}])
    of_core = allowing("DescribeSecret", when={"StringEquals": {"aws:ResourceTag/team": "core"}})

    iam.assert_sufficient(document(of_core, allowing("CreateSecret", "TagResource")))
    client.describe_secret(SecretId="db")

    with pytest.raises(AssertionError, match="DescribeSecret"):
        iam.assert_sufficient(document(of_core, allowing("CreateSecret", "TagResource")))


@rows(
    "when, sufficient",
    [
        ({"StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}, True),
        ({"StringEquals": {"secretsmanager:VersionStage": "AWSPREVIOUS"}}, False),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, True),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"StringEquals": {"aws:PrincipalTag/team": "core"}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, False),
    ],
)
def test_a_condition_is_checked_against_the_values_of_the_call(secrets_backend, iam, when, sufficient):
    secrets_backend.create("db", SECRET)
    ann = iam.create_user("ann", ALL, tags={"team": "core"})
    ann.client(context={"aws:SourceIp": "192.0.2.1"}).get_secret_value(SecretId="db", VersionStage="AWSCURRENT")
    conditioned = document(allowing("GetSecretValue", when=when))

    if sufficient:
        iam.assert_sufficient(conditioned)
    else:
        with pytest.raises(AssertionError):
            iam.assert_sufficient(conditioned)


def test_a_policy_that_denies_what_the_secret_policy_grants_is_not_sufficient(client, secrets_backend, iam):
    secrets_backend.create("db", "one")
    ann = iam.create_user("ann")
    put(client, policy(Principal={"AWS": ann.arn}))
    ann.client().get_secret_value(SecretId="db")

    with pytest.raises(AssertionError, match="explicitly denied"):
        iam.assert_sufficient(document(denying("GetSecretValue")), ann)


def test_no_repr_of_a_request_contains_a_value(client, secrets_backend):
    """What pytest shows of local variables, say."""
    client.create_secret(Name="db", SecretString=SECRET)

    assert SECRET not in repr(secrets_backend.service.state.identities.checks)
