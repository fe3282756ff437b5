"""Judges a resource policy: whether it grants broad access, and whether it locks the caller out.

AWS uses a prover. This module looks only at what the policy says, and calls a policy broad unless it is visibly narrow.
"""

import ipaddress
import re
from collections.abc import Callable

from mock_secrets.policy.document import Condition, Policy, Statement, plain_operator
from mock_secrets.policy.evaluation import Query, applies
from mock_secrets.policy.patterns import Pattern, action_covers
from mock_secrets.policy.principals import Principal, Reach, reach

_MANAGING = ("secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy")
_POSITIVE = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress")
_NEGATIVE = (
    "StringNotEquals",
    "StringNotEqualsIgnoreCase",
    "StringNotLike",
    "ArnNotEquals",
    "ArnNotLike",
    "NotIpAddress",
)


def grants_broad_access(policy: Policy) -> bool:
    """Whether a policy lets everybody in, with an Allow that no condition narrows and no Deny revokes."""
    denials = [one for one in policy.statements if one.effect == "Deny"]
    return any(
        one.effect == "Allow"
        and _is_for_everybody(one)
        and not _narrows(one.condition)
        and not any(_takes_back(denial, one) for denial in denials)
        for one in policy.statements
    )


def locks_out(policy: Policy, principal: Principal, secret_arn: str) -> bool:
    """Whether a policy unconditionally forbids a principal to change the policy again."""
    denials = [
        one
        for one in policy.statements
        if one.effect == "Deny" and not one.condition and reach(one, principal) is not Reach.NOT
    ]
    return all(any(applies(one, Query(action, secret_arn, {})) for one in denials) for action in _MANAGING)


def _is_for_everybody(statement: Statement) -> bool:
    return bool(statement.not_principals) or any("*" in names for names in statement.principals.values())


def _narrows(condition: Condition) -> bool:
    """Whether a condition admits only callers that the policy's author knows.

    It does if a key about the caller or the origin of the call must have a fixed value. A key that may be absent, as
    with IfExists and ForAllValues, narrows nothing.
    """
    return any(
        _are_fixed(key, values)
        for operator, keys in condition.items()
        if plain_operator(operator) in _POSITIVE
        and not operator.endswith("IfExists")
        and not operator.startswith("ForAllValues")
        for key, values in keys.items()
    )


def _takes_back(denial: Statement, allow: Statement) -> bool:
    """Whether a Deny keeps out everybody whom the policy's author does not know.

    It does if it is for everybody, or for everybody with exceptions, and covers everything that the Allow does: without
    a condition, or with a single negated one on a key that narrows, as in "deny everybody outside my organisation".
    """
    if [one.text for one in denial.resources] != ["*"] or allow.not_actions:
        return False
    if not all(any(action_covers(pattern, action) for pattern in denial.actions) for action in allow.actions):
        return False
    if denial.not_principals:
        return not denial.condition and "*" not in denial.not_principals.get("AWS", [])
    if "*" not in denial.principals.get("AWS", []):
        return False
    pairs = [(operator, key, values) for operator, keys in denial.condition.items() for key, values in keys.items()]
    return len(pairs) <= 1 and all(
        operator.removesuffix("IfExists") in _NEGATIVE and _are_fixed(key, values) for operator, key, values in pairs
    )


def _are_fixed(key: str, values: list[Pattern]) -> bool:
    is_fixed = _KEYS.get(key.lower())
    return is_fixed is not None and all("${" not in value.text and is_fixed(value.text) for value in values)


def _is_text(value: str) -> bool:
    return bool(value) and "*" not in value and "?" not in value


def _is_account(value: str) -> bool:
    return re.fullmatch(r"[0-9]{12}", value) is not None


def _is_of_an_account(value: str) -> bool:
    parts = value.split(":", 5)
    return len(parts) == 6 and _is_account(parts[4])


def _is_of_an_organisation(value: str) -> bool:
    return re.match(r"o-[a-z0-9]+/", value) is not None


def _is_of_a_principal(value: str) -> bool:
    """Whether a value is a principal's unique id; that of a role may be followed by any session name."""
    return re.fullmatch(r"A(ROA|IDA)[A-Z0-9]{8,}(:.*)?", value) is not None


def _is_small_network(value: str) -> bool:
    """Whether a value is an address range that AWS does not call public: IPv4 from /8 on, IPv6 from /32 on."""
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= (8 if network.version == 4 else 32)


# The keys about the caller or the origin of the call, each with its check for a fixed value.
# In lower case, because keys are compared case-insensitively.
_KEYS: dict[str, Callable[[str], bool]] = {
    "aws:principalaccount": _is_account,
    "aws:principalarn": _is_of_an_account,
    "aws:principalorgid": _is_text,
    "aws:principalorgpaths": _is_of_an_organisation,
    "aws:sourceaccount": _is_account,
    "aws:sourcearn": _is_of_an_account,
    "aws:sourceip": _is_small_network,
    "aws:sourceorgid": _is_text,
    "aws:sourceorgpaths": _is_of_an_organisation,
    "aws:sourceowner": _is_account,
    "aws:sourcevpc": _is_text,
    "aws:sourcevpce": _is_text,
    "aws:userid": _is_of_a_principal,
    "kms:calleraccount": _is_account,
}
