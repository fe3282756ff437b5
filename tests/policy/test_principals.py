"""Whom the Principal and NotPrincipal of a statement mean."""

from dataclasses import replace

from policy.deciding import (
    ACCOUNT,
    ALLOWED,
    ANN,
    BOB,
    DENIED_BY_RESOURCE,
    NOT_BY_IDENTITY,
    OTHER_ACCOUNT,
    ROLE,
    ROOT,
    SESSION,
    allow,
    decided,
    deny,
    document,
)
from tables import rows

from mock_secrets.policy.document import read_key_policy
from mock_secrets.policy.principals import Reach, reach

_NAMES_OF_ANN = {
    "everybody": ["*"],
    "her ARN": [ANN.arn],
    "her unique id": [ANN.user_id],
    "somebody, or her": [BOB, ANN.arn],
    "her account, or her": [ROOT, ANN.arn],
}
_NAMES_OF_SESSION = {
    "everybody": ["*"],
    "the session's ARN": [SESSION.arn],
    "the role's ARN": [ROLE],
    "the role's unique id": ["AROAEXAMPLEEXAMPLE12"],
    "the role, or another session": [f"{SESSION.arn}2", ROLE],
}
_NAMES_OF_NEITHER = {
    "a user": BOB,
    "one whose name begins alike": f"{ANN.arn}a",
    "one in another case": ANN.arn.upper(),
    "a role": f"{ROLE}2",
    "a role of a path": ROLE.replace("role/", "role/team/"),
    "another session": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/walk",
    "a session without a name": f"arn:aws:sts::{ACCOUNT}:assumed-role/app",
    "a user of the role's name": f"arn:aws:iam::{ACCOUNT}:user/app",
    "a role of the user's name": f"arn:aws:iam::{ACCOUNT}:role/ann",
    "the user of another account": ANN.arn.replace(ACCOUNT, OTHER_ACCOUNT),
    "the role of another account": ROLE.replace(ACCOUNT, OTHER_ACCOUNT),
    "another account": OTHER_ACCOUNT,
    "another account's root": f"arn:aws:iam::{OTHER_ACCOUNT}:root",
    "an ARN that ends as the account does": f"arn:aws:iam::{ACCOUNT}",
    "a root that is none of IAM": f"arn:aws:sts::{ACCOUNT}:root",
    "a unique id": "AROAEXAMPLEEXAMPLE13",
    "a pattern": f"arn:aws:iam::{ACCOUNT}:*",
}


def reached(principal, names, **members):
    policy = read_key_policy(document([allow(names, **members)]))
    return reach(policy.statements[0], principal)


@rows("names", _NAMES_OF_ANN)
def test_a_user_matches_each_of_its_arns(names):
    assert reached(ANN, names) is Reach.ITSELF


@rows("names", _NAMES_OF_SESSION)
def test_a_session_matches_each_of_its_own_arns_and_those_of_its_role(names):
    assert reached(SESSION, names) is Reach.ITSELF


@rows("names", [[ACCOUNT], [ROOT], [BOB, ROOT]])
@rows("principal", [ANN, SESSION])
def test_an_account_principal_matches_its_users_and_sessions(principal, names):
    assert reached(principal, names) is Reach.AS_ACCOUNT


def test_an_account_in_another_partition_matches_its_users():
    chinese = replace(ANN, arn=ANN.arn.replace("aws", "aws-cn"))

    assert reached(chinese, [f"arn:aws-cn:iam::{ACCOUNT}:root"]) is Reach.AS_ACCOUNT


@rows("name", _NAMES_OF_NEITHER)
@rows("principal", [ANN, SESSION])
def test_a_principal_does_not_match_a_different_name(principal, name):
    assert reached(principal, [name]) is Reach.NOT


@rows("kind", ["Service", "Federated", "CanonicalUser"])
def test_a_principal_of_another_type_matches_neither_users_nor_sessions(kind):
    policy = read_key_policy(document([{**allow(), "Principal": {kind: [ANN.arn, ACCOUNT, "*"]}}]))

    assert reach(policy.statements[0], ANN) is Reach.NOT


# What NotPrincipal names, and whether that leaves the caller out. Source: "AWS JSON policy elements: NotPrincipal".
_EXCEPTED = {
    "a user with her account": (ANN, [ANN.arn, ROOT], True),
    "a user with her account's id": (ANN, [ANN.arn, ACCOUNT], True),
    "a user by her unique id": (ANN, [ANN.user_id, ROOT], True),
    "everybody": (ANN, ["*"], True),
    "a user without her account": (ANN, [ANN.arn], False),
    "a user's account": (ANN, [ROOT], False),
    "a user with another account": (ANN, [ANN.arn, OTHER_ACCOUNT], False),
    "another user": (ANN, [BOB, ROOT], False),
    "a session with its role and account": (SESSION, [SESSION.arn, ROLE, ROOT], True),
    "a session with its role's unique id": (SESSION, [SESSION.arn, "AROAEXAMPLEEXAMPLE12", ROOT], True),
    "a session without its role": (SESSION, [SESSION.arn, ROOT], False),
    "a session without its account": (SESSION, [SESSION.arn, ROLE], False),
    "a session's role and account": (SESSION, [ROLE, ROOT], False),
    "another session of the role": (SESSION, [f"{SESSION.arn}2", ROLE, ROOT], False),
}


@rows("principal, names, is_excepted", _EXCEPTED)
def test_principals_excluded_from_a_deny_for_everyone_else(principal, names, is_excepted):
    denial = deny(NotPrincipal={"AWS": names})

    assert decided([allow()], [denial], principal=principal) is (ALLOWED if is_excepted else DENIED_BY_RESOURCE)


@rows("names", [{"Service": "lambda.amazonaws.com"}, {"Federated": "*"}, {"Federated": [ANN.arn, ROOT]}])
def test_denying_everyone_except_non_users_denies_every_user(names):
    denial = deny(NotPrincipal=names)

    assert decided([allow()], [denial]) is DENIED_BY_RESOURCE


def test_an_allow_with_other_not_principals_allows_the_caller():
    assert decided([], [allow(NotPrincipal={"AWS": [BOB, ROOT]})]) is ALLOWED


def test_an_allow_for_everyone_but_the_caller_does_not_allow_the_caller():
    assert decided([], [allow(NotPrincipal={"AWS": [ANN.arn, ROOT]})]) is NOT_BY_IDENTITY
