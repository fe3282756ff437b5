"""Policy documents: reading them, and writing them as AWS does."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

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
    *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
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


@dataclass(frozen=True)
class Statement:
    """One statement, with every list given as a list."""

    effect: str
    principals: Mapping[str, list[str]]
    not_principals: Mapping[str, list[str]]
    actions: list[str]
    not_actions: list[str]
    resources: list[str]
    not_resources: list[str]
    condition: Condition


@dataclass(frozen=True)
class Policy:
    """A policy that AWS would take."""

    document: Mapping[str, Any]
    statements: tuple[Statement, ...]

    def __str__(self) -> str:
        """The document as AWS gives it back: indented, in the order in which it was put (recorded responses)."""
        return _pretty(self.document, "")


def read_policy(text: str) -> Policy:
    """The policy of a resource.

    :raises PolicySyntax: if it is not JSON, or not a policy.
    :raises UnsupportedPrincipal, InvalidServicePrincipal:
    """
    try:
        document = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise PolicySyntax from None
    _require(isinstance(document, dict) and document.keys() <= _DOCUMENT_MEMBERS)
    _require(document.get("Version", _VERSIONS[0]) in _VERSIONS)
    _require(isinstance(document.get("Id", ""), str))
    given = document.get("Statement")
    statements = given if isinstance(given, list) else [given]
    _require(bool(statements))
    return Policy(document, tuple(_read_statement(one) for one in statements))


def _read_statement(given: Any) -> Statement:
    _require(isinstance(given, dict) and given.keys() <= _STATEMENT_MEMBERS)
    _require(given.get("Effect") in ("Allow", "Deny") and isinstance(given.get("Sid", ""), str))
    for one, other in (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")):
        _require((one in given) != (other in given))
    return Statement(
        effect=given["Effect"],
        principals=_read_principals(given.get("Principal")),
        not_principals=_read_principals(given.get("NotPrincipal")),
        actions=_read_actions(given.get("Action")),
        not_actions=_read_actions(given.get("NotAction")),
        resources=_strings(given["Resource"]) if "Resource" in given else [],
        not_resources=_strings(given["NotResource"]) if "NotResource" in given else [],
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
        _require(_is_operator(operator) and isinstance(keys, dict) and bool(keys))
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


def plain_operator(operator: str) -> str:
    """A condition operator without what makes it one over sets, or one for keys that may be absent."""
    return operator.rpartition(":")[2].removesuffix("IfExists")


def _is_operator(operator: str) -> bool:
    quantifier, colon, _ = operator.rpartition(":")
    plain = plain_operator(operator)
    if colon and quantifier not in ("ForAnyValue", "ForAllValues"):
        return False
    return plain in _OPERATORS and not (plain == "Null" and operator.endswith("IfExists"))


def _refuse(_: str) -> NoReturn:
    raise PolicySyntax


def _require(holds: bool) -> None:
    if not holds:
        raise PolicySyntax


def _pretty(value: Any, indent: str) -> str:
    """JSON as the service's own printer lays it out: objects over lines, lists along them."""
    if isinstance(value, Mapping):
        if not value:
            return "{ }"
        inner = indent + "  "
        members = (
            f"{inner}{json.dumps(name, ensure_ascii=False)} : {_pretty(member, inner)}"
            for name, member in value.items()
        )
        return "{\n" + ",\n".join(members) + f"\n{indent}}}"
    if isinstance(value, list):
        return f"[ {', '.join(_pretty(item, indent) for item in value)} ]" if value else "[ ]"
    return json.dumps(value, ensure_ascii=False)
