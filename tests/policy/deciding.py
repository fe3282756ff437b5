"""Requests to decide: who asks, what the policies say, and what becomes of it."""

import json

from mock_secrets.policy.document import read_identity_policy, read_policy
from mock_secrets.policy.evaluation import Decision, Query, decide
from mock_secrets.policy.principals import Principal

ACCOUNT, OTHER_ACCOUNT = "123456789012", "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
GET = "secretsmanager:GetSecretValue"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:team/db-AbCdEf"
VERSION = "2012-10-17"

ALLOWED = Decision.ALLOWED
DENIED_BY_IDENTITY, DENIED_BY_RESOURCE = Decision.DENIED_BY_IDENTITY, Decision.DENIED_BY_RESOURCE
NOT_BY_IDENTITY, NOT_BY_RESOURCE = Decision.NOT_ALLOWED_BY_IDENTITY, Decision.NOT_ALLOWED_BY_RESOURCE

ANN = Principal(arn=f"arn:aws:iam::{ACCOUNT}:user/ann", account_id=ACCOUNT, user_id="AIDAEXAMPLEEXAMPLE12", name="ann")
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = Principal(
    arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/app/run",
    account_id=ACCOUNT,
    kind="AssumedRole",
    user_id="AROAEXAMPLEEXAMPLE12:run",
    name="app",
    issuer_arn=ROLE,
)
ADMINISTRATOR = None


def statement(effect, principal=None, **members):
    given = {"Effect": effect, "Action": "*", "Resource": "*"} | members
    if principal is not None:
        given["Principal"] = principal if principal == "*" else {"AWS": principal}
    return {name: member for name, member in given.items() if member is not None}


def allow(principal=None, **members):
    return statement("Allow", principal, **members)


def deny(principal=None, **members):
    return statement("Deny", principal, **members)


def document(statements, version=VERSION):
    return {"Statement": statements} if version is None else {"Version": version, "Statement": statements}


def identity_policies(statements):
    """Those of somebody with these statements, or with none; None for an administrator."""
    if statements is ADMINISTRATOR:
        return None
    return [read_identity_policy(document(statements))] if statements else []


def decided(own, theirs=(), *, principal=ANN, owner=ACCOUNT, action=GET, resource=SECRET, context=None):
    """What becomes of a request: these statements are of the caller's policy, those of the secret's."""
    policy = read_policy(json.dumps(document(list(theirs)))) if theirs else None
    return decide(Query(action, resource, context or {}), principal, identity_policies(own), policy, owner)
