"""Condition keys: who calls, from where, and when."""

from datetime import datetime, timedelta, timezone

import pytest
from conformance.callers import ACCOUNT, DENIED, OTHER_ACCOUNT, allowing, code_of, denying, document
from conformance.fidelity import behaviour
from conformance.policies import policy, put
from tables import rows

CONDITIONS = "Any operation: condition keys"
GLOBAL = "IAM User Guide, AWS global condition context keys"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)

at_noon = pytest.mark.mock_secrets(at=NOON)


# --- The caller ---


def holds(caller, **when):
    """Whether a condition holds for a caller's call."""
    caller.set_policy(document(allowing("ListSecrets", when=when)))
    return code_of(caller.client(), "ListSecrets") is None


@behaviour(CONDITIONS, "the keys of the principal: a user", "AWS-DOC", GLOBAL)
@behaviour(CONDITIONS, "the keys of the principal: a role's session", "AWS-DOC", GLOBAL)
@rows(
    "kind, name, right, wrong",
    [
        ("user", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:user/ann", f"arn:aws:iam::{ACCOUNT}:user/bob"),
        ("user", "aws:PrincipalAccount", ACCOUNT, OTHER_ACCOUNT),
        ("user", "aws:PrincipalTag/team", "core", "web"),
        ("user", "aws:PrincipalType", "User", "AssumedRole"),
        ("user", "aws:username", "ann", "bob"),
        (
            "role",
            "aws:PrincipalArn",
            f"arn:aws:iam::{ACCOUNT}:role/ann",
            f"arn:aws:sts::{ACCOUNT}:assumed-role/ann/session",
        ),
        ("role", "aws:PrincipalAccount", ACCOUNT, OTHER_ACCOUNT),
        ("role", "aws:PrincipalTag/team", "core", "web"),
        ("role", "aws:PrincipalType", "AssumedRole", "User"),
    ],
)
def test_keys_of_the_principal(secrets_backend, kind, name, right, wrong):
    create = {"user": secrets_backend.iam.create_user, "role": secrets_backend.iam.create_role}[kind]
    ann = create("ann", tags={"team": "core"})

    assert not holds(ann, StringEquals={name: wrong})
    assert holds(ann, StringEquals={name: right})


@behaviour(CONDITIONS, "aws:userid is a user's unique id", "AWS-DOC", GLOBAL)
def test_the_userid_condition_of_a_user_has_its_unique_id(secrets_backend):
    ann = secrets_backend.iam.create_user("ann")

    assert holds(ann, StringEquals={"aws:userid": ann.unique_id})


@behaviour(CONDITIONS, "aws:userid of a session is the role's unique id and the session's name", "AWS-DOC", GLOBAL)
def test_the_userid_condition_of_a_session_has_role_id_and_session_name(secrets_backend):
    role = secrets_backend.iam.create_role("ann")

    assert not holds(role, StringEquals={"aws:userid": role.unique_id})
    assert holds(role, StringEquals={"aws:userid": f"{role.unique_id}:session"})


@behaviour(CONDITIONS, "aws:username is absent for a role's session", "AWS-DOC", GLOBAL)
@behaviour(CONDITIONS, "aws:TokenIssueTime is absent for a user", "AWS-DOC", GLOBAL)
@behaviour(CONDITIONS, "aws:MultiFactorAuthPresent is absent for a user's keys", "AWS-DOC", GLOBAL)
@rows(
    "name, user, session",
    [
        ("aws:username", True, False),
        ("aws:TokenIssueTime", False, True),
        ("aws:MultiFactorAuthPresent", False, True),
        ("aws:PrincipalTag/team", False, False),
    ],
)
def test_keys_that_only_some_callers_have(secrets_backend, name, user, session):
    ann, role = secrets_backend.iam.create_user("ann"), secrets_backend.iam.create_role("deployer")

    assert holds(ann, Null={name: "false"}) is user
    assert holds(role, Null={name: "false"}) is session


@behaviour(
    CONDITIONS, "aws:MultiFactorAuthPresent: BoolIfExists lets a user's keys pass, Bool does not", "AWS-DOC", GLOBAL
)
def test_the_mfa_condition_is_absent_unless_a_session_sets_it(secrets_backend):
    ann = secrets_backend.iam.create_user("ann")

    assert holds(ann, BoolIfExists={"aws:MultiFactorAuthPresent": "true"})
    assert not holds(ann, Bool={"aws:MultiFactorAuthPresent": "true"})
    assert not holds(ann, Bool={"aws:MultiFactorAuthPresent": "false"})
    with_device = ann.client(context={"aws:MultiFactorAuthPresent": True})
    ann.set_policy(document(allowing("ListSecrets", when={"Bool": {"aws:MultiFactorAuthPresent": "true"}})))
    assert code_of(with_device, "ListSecrets") is None


@behaviour(
    CONDITIONS, "condition keys given to a session override those that every call has", "OURS", "the mock's own design"
)
def test_condition_keys_of_a_session_override_the_default_ones(app):
    app.set_policy(document(allowing("ListSecrets", when={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})))

    assert code_of(app.client(), "ListSecrets") == DENIED
    assert code_of(app.client(context={"aws:SourceIp": "192.0.2.1"}), "ListSecrets") is None
    assert code_of(app.client(context={"AWS:sourceip": "192.0.2.1"}), "ListSecrets") is None
    assert code_of(app.client(context={"aws:SourceIp": "198.51.100.1"}), "ListSecrets") == DENIED


@behaviour(CONDITIONS, "a condition on a key that only the session sets sees its value", "AWS-DOC", GLOBAL)
def test_a_condition_on_a_session_key_sees_the_sessions_value(app):
    app.set_policy(document(allowing("ListSecrets", when={"StringEquals": {"aws:SourceVpce": "vpce-1"}})))

    assert code_of(app.client(), "ListSecrets") == DENIED
    assert code_of(app.client(context={"aws:SourceVpce": ["vpce-1"]}), "ListSecrets") is None


# --- The circumstances ---


@behaviour(CONDITIONS, "aws:CurrentTime is the service's time", "AWS-DOC", GLOBAL)
@rows(
    "when",
    [
        {"DateLessThan": {"aws:CurrentTime": "2026-03-01T13:00:00Z"}},
        {"NumericLessThan": {"aws:EpochTime": str(int((NOON + timedelta(hours=1)).timestamp()))}},
    ],
)
@at_noon
def test_the_current_time_condition_follows_the_clock(app, secrets_backend, when):
    app.set_policy(document(allowing("ListSecrets", when=when)))
    before = code_of(app.client(), "ListSecrets")

    secrets_backend.clock.advance(hours=1)

    assert before is None
    assert code_of(app.client(), "ListSecrets") == DENIED


@behaviour(CONDITIONS, "aws:TokenIssueTime is when the role was assumed", "AWS-DOC", GLOBAL)
@at_noon
def test_the_time_a_role_was_assumed(secrets_backend):
    role = secrets_backend.iam.create_role("deployer")
    old = role.client()
    secrets_backend.clock.advance(hours=1)
    role.set_policy(
        document(allowing("*"), denying("*", when={"DateLessThan": {"aws:TokenIssueTime": "2026-03-01T12:30:00Z"}}))
    )

    assert code_of(old, "ListSecrets") == DENIED
    assert code_of(role.client(), "ListSecrets") is None


@behaviour(CONDITIONS, "aws:RequestedRegion is the Region that is called", "AWS-DOC", GLOBAL)
def test_the_requested_region_condition_has_the_region_that_is_called(app):
    app.set_policy(document(allowing("ListSecrets", when={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})))

    assert code_of(app.client(), "ListSecrets") == DENIED
    assert code_of(app.client(region="eu-west-1"), "ListSecrets") is None


@behaviour(CONDITIONS, "the keys of the connection", "AWS-DOC", GLOBAL)
@rows(
    "name, value",
    [("aws:SecureTransport", "true"), ("aws:ViaAWSService", "false"), ("aws:PrincipalIsAWSService", "false")],
)
def test_condition_keys_describe_the_connection(app, secrets_backend, name, value):
    other = {"true": "false", "false": "true"}[value]

    assert holds(app, Bool={name: value})
    assert not holds(app, Bool={name: other})


@behaviour(CONDITIONS, "the secret's policy can use the same keys", "AWS-DOC", GLOBAL)
def test_conditions_in_the_secrets_policy_use_the_same_keys(client, db, app):
    app.set_policy(document(allowing("*")))
    put(client, policy(Effect="Deny", Principal="*", Condition={"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}))

    assert code_of(client, "GetSecretValue", SecretId="db") == DENIED
    assert code_of(app.client(), "GetSecretValue", SecretId="db") == DENIED
    assert code_of(app.client(context={"aws:SourceIp": "192.0.2.1"}), "GetSecretValue", SecretId="db") is None


@behaviour(CONDITIONS, "a policy variable in a resource", "AWS-DOC", "IAM User Guide, policy variables")
def test_a_policy_variable_in_a_resource_is_replaced(client, secrets_backend):
    client.create_secret(Name="ann/db", SecretString="one")
    client.create_secret(Name="bob/db", SecretString="one")
    own = document(
        allowing("GetSecretValue", on=f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:${{aws:username}}/*")
    )
    ann = secrets_backend.iam.create_user("ann", own).client()

    assert code_of(ann, "GetSecretValue", SecretId="ann/db") is None
    assert code_of(ann, "GetSecretValue", SecretId="bob/db") == DENIED
