"""Statements of resource policies, and the documents read from them."""

import json

from mock_secrets.policy.document import read_policy

GET = "secretsmanager:GetSecretValue"


def statement(effect="Allow", principal="*", action=GET, **members):
    given = {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"} | members
    return {name: member for name, member in given.items() if member is not None}


def allow(principal="*", condition=None, **members):
    return statement("Allow", principal, Condition=condition, **members)


def deny(condition=None, principal="*", action="secretsmanager:*", **members):
    return statement("Deny", principal, action, Condition=condition, **members)


def read(*statements):
    return read_policy(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))
