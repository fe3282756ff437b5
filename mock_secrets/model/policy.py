"""Policy documents: reading them, writing them as AWS does, and judging whom they let in or lock out."""

import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from mock_secrets.errors import InvalidServicePrincipal, PolicySyntax, UnsupportedPrincipal

Condition = Mapping[str, Mapping[str, list[str]]]

_VERSIONS = ("2012-10-17", "2008-10-17")
_DOCUMENT_MEMBERS = {"Version", "Id", "Statement"}
_STATEMENT_MEMBERS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_OPERATORS = {
    *(f"{kind}{comparison}" for kind in ("String",) for comparison in ("Equals", "NotEquals", "Like", "NotLike")),
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    *(
        f"{kind}{comparison}"
        for kind in ("Numeric", "Date")
        for comparison in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
    ),
    *("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "IpAddress", "NotIpAddress"),
    *("Bool", "BinaryEquals", "Null"),
}
_PRINCIPAL = re.compile(
    r"\*|[0-9]{12}|arn:aws[a-z-]*:(iam::[0-9]{12}:(root|(user|role|federated-user)/[\w+=,.@/-]+)"
    r"|sts::[0-9]{12}:(assumed-role/[\w+=,.@-]+/[\w+=,.@-]+|federated-user/[\w+=,.@-]+))"
    r"|A(ROA|IDA)[A-Z0-9]{12,124}"
)
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")

# The keys whose fixed values say who calls, or from where: with one of them a
# statement for everybody is for some. Lower case, since keys are compared so.
_NARROWING_KEYS = {
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalserviceName".lower(),
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:username",
    "kms:calleraccount",
    "saml:aud",
}
_MANAGING = ("secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy")


@dataclass(frozen=True)
class Statement:
    """One statement, with every list given as a list."""

    effect: str
    principals: Mapping[str, list[str]]
    not_principals: Mapping[str, list[str]]
    actions: list[str]
    not_actions: list[str]
    resources: list[str]
    condition: Condition

    @property
    def is_for_everybody(self) -> bool:
        return bool(self.not_principals) or "*" in self.principals.get("AWS", [])

    def covers(self, action: str) -> bool:
        """Whether it is about this action, such as ``secretsmanager:GetSecretValue``."""
        if self.not_actions:
            return not _matches(action, self.not_actions)
        return _matches(action, self.actions)

    def names(self, principal_arn: str, account_id: str) -> bool:
        """Whether it is about this principal, by itself, by its account, or as one of all."""
        named = self.principals.get("AWS", [])
        return any(
            one in ("*", principal_arn, account_id) or re.fullmatch(rf"arn:aws[a-z-]*:iam::{account_id}:root", one)
            for one in named
        )


@dataclass(frozen=True)
class Policy:
    """A policy that AWS would take."""

    document: Mapping[str, Any]
    statements: tuple[Statement, ...]

    def __str__(self) -> str:
        """The document as AWS gives it back: indented, in the order in which it was put (recorded responses)."""
        return _pretty(self.document, "")

    @property
    def grants_broad_access(self) -> bool:
        """Whether it lets everybody in: an Allow for all that nothing narrows."""
        broad = [one for one in self.statements if one.effect == "Allow" and one.is_for_everybody]
        denials = [one for one in self.statements if one.effect == "Deny" and one.principals.get("AWS") == ["*"]]
        return any(not _narrows(one.condition) and not any(_bars(denial, one) for denial in denials) for one in broad)

    def locks_out(self, principal_arn: str, account_id: str) -> bool:
        """Whether it denies a principal, without conditions, to change the policy ever again."""
        return all(
            any(
                one.effect == "Deny"
                and not one.condition
                and one.names(principal_arn, account_id)
                and one.covers(action)
                for one in self.statements
            )
            for action in _MANAGING
        )


def read_policy(text: str) -> Policy:
    """The policy of a resource.

    :raises PolicySyntax: if it is not JSON, or not a policy.
    :raises UnsupportedPrincipal, InvalidServicePrincipal:
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise PolicySyntax from None
    _require(isinstance(document, dict) and document.keys() <= _DOCUMENT_MEMBERS)
    _require(document.get("Version", _VERSIONS[0]) in _VERSIONS)
    given = document.get("Statement")
    statements = given if isinstance(given, list) else [given]
    _require(bool(statements))
    return Policy(document, tuple(_read_statement(one) for one in statements))


def _read_statement(given: Any) -> Statement:
    _require(isinstance(given, dict) and given.keys() <= _STATEMENT_MEMBERS)
    _require(given.get("Effect") in ("Allow", "Deny"))
    for one, other in (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")):
        _require((one in given) != (other in given))
    return Statement(
        effect=given["Effect"],
        principals=_read_principals(given.get("Principal")),
        not_principals=_read_principals(given.get("NotPrincipal")),
        actions=_read_actions(given.get("Action")),
        not_actions=_read_actions(given.get("NotAction")),
        resources=_strings(given.get("Resource", given.get("NotResource"))),
        condition=_read_condition(given.get("Condition", {})),
    )


def _read_principals(given: Any) -> dict[str, list[str]]:
    if given is None:
        return {}
    if given == "*":
        return {"AWS": ["*"]}
    _require(isinstance(given, dict) and bool(given))
    principals = {kind: _strings(names) for kind, names in given.items()}
    for kind, names in principals.items():
        if kind == "Service":
            if not all(map(_SERVICE.fullmatch, names)):
                raise InvalidServicePrincipal
        elif kind == "AWS":
            if not all(map(_PRINCIPAL.fullmatch, names)):
                raise UnsupportedPrincipal
        elif kind not in ("Federated", "CanonicalUser"):
            raise UnsupportedPrincipal
    return principals


def _read_actions(given: Any) -> list[str]:
    if given is None:
        return []
    actions = _strings(given)
    _require(all(action == "*" or re.fullmatch(r"[A-Za-z0-9-]+:[A-Za-z0-9*?]+", action) for action in actions))
    return actions


def _read_condition(given: Any) -> Condition:
    _require(isinstance(given, dict))
    condition: dict[str, dict[str, list[str]]] = {}
    for operator, keys in given.items():
        _require(_plain(operator) in _OPERATORS and isinstance(keys, dict) and bool(keys))
        condition[operator] = {key: _scalars(values) for key, values in keys.items()}
    return condition


def _strings(given: Any) -> list[str]:
    values = given if isinstance(given, list) else [given]
    _require(bool(values) and all(isinstance(value, str) for value in values))
    return values


def _scalars(given: Any) -> list[str]:
    values = given if isinstance(given, list) else [given]
    _require(bool(values) and all(isinstance(value, str | int | float) for value in values))
    return [value if isinstance(value, str) else json.dumps(value) for value in values]


def _require(holds: bool) -> None:
    if not holds:
        raise PolicySyntax


# --- Judging ---


def _plain(operator: str) -> str:
    """A condition operator without what makes it one over sets, or one for absent keys."""
    return operator.rpartition(":")[2].removesuffix("IfExists")


def _narrows(condition: Condition) -> bool:
    """Whether a condition leaves only callers that its author knows.

    It does if a key that says who calls, or from where, must have a fixed value. A key that may be absent, as with
    IfExists and ForAllValues, narrows nothing.
    """
    return any(
        key.lower() in _NARROWING_KEYS and all(_is_fixed(_plain(operator), value) for value in values)
        for operator, keys in condition.items()
        if _plain(operator) in _POSITIVE and not operator.endswith("IfExists") and "ForAllValues" not in operator
        for key, values in keys.items()
    )


def _bars(denial: Statement, allow: Statement) -> bool:
    """Whether a Deny for everybody keeps all out whom its author does not know.

    It does if it has no condition, or a single negated one on a key that narrows: "deny whoever is not of mine".
    """
    if allow.not_actions or not all(_matches(action, denial.actions) for action in allow.actions):
        return False
    pairs = [(operator, key, values) for operator, keys in denial.condition.items() for key, values in keys.items()]
    if len(pairs) > 1:
        return False
    return all(
        _plain(operator) in _NEGATIVE
        and key.lower() in _NARROWING_KEYS
        and all(_is_fixed(_NEGATIVE[_plain(operator)], value) for value in values)
        for operator, key, values in pairs
    )


def _is_fixed(operator: str, value: str) -> bool:
    return _POSITIVE[operator](value)


def _has_no_wildcard(value: str) -> bool:
    return "*" not in value and "?" not in value


def _begins_fixed(value: str) -> bool:
    """A pattern that begins with something, such as an organisation's id before its paths."""
    return _has_no_wildcard(value[:4]) and bool(value)


def _has_fixed_account(value: str) -> bool:
    parts = value.split(":", 5)
    return len(parts) == 6 and re.fullmatch(r"[0-9]{12}", parts[4]) is not None


def _is_small_network(value: str) -> bool:
    """Not half the internet: AWS calls an IPv4 range wider than /8 public, and an IPv6 range wider than /32."""
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= (8 if network.version == 4 else 32)


def _always(_: str) -> bool:
    return True


_POSITIVE: dict[str, Callable[[str], bool]] = {
    # The wildcards of StringEquals are letters like any other.
    "StringEquals": _always,
    "StringEqualsIgnoreCase": _always,
    "StringLike": _begins_fixed,
    "ArnEquals": _has_fixed_account,
    "ArnLike": _has_fixed_account,
    "IpAddress": _is_small_network,
}
_NEGATIVE = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
}


def _matches(action: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


# --- Writing ---


def _pretty(value: Any, indent: str) -> str:
    """JSON as the service's own printer lays it out: objects over lines, lists along them."""
    if isinstance(value, Mapping):
        if not value:
            return "{ }"
        inner = indent + "  "
        members = (f"{inner}{json.dumps(name)} : {_pretty(member, inner)}" for name, member in value.items())
        return "{\n" + ",\n".join(members) + f"\n{indent}}}"
    if isinstance(value, list):
        return f"[ {', '.join(_pretty(item, indent) for item in value)} ]" if value else "[ ]"
    return json.dumps(value, ensure_ascii=False)
