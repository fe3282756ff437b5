"""Reads policy documents, and writes them as AWS does."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn, TypeAlias, TypeVar

from mock_secrets.kernel.errors import InvalidServicePrincipal, PolicySyntax, UnsupportedPrincipal
from mock_secrets.policy.patterns import Pattern

Condition = Mapping[str, Mapping[str, list[Pattern]]]
Read = TypeVar("Read")
#: A mapping, JSON text, or a ``pathlib.Path`` of a file that holds JSON.
PolicyDocument: TypeAlias = Mapping[str, Any] | str | Path

_VERSIONS = ("2012-10-17", "2008-10-17")
_DOCUMENT_MEMBERS = {"Version", "Id", "Statement"}
# A statement has exactly one element of each pair. An identity policy names no principals.
_NO_PRINCIPALS = (("Action", "NotAction"), ("Resource", "NotResource"))
_PRINCIPALS = (("Principal", "NotPrincipal"), *_NO_PRINCIPALS)
_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
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


class MalformedPolicy(ValueError):
    """A document is not a valid policy; the message says why."""


@dataclass(frozen=True)
class Statement:
    """One statement. Elements that may be a string or a list in the document are always lists here.

    :ivar name: its Sid, or else its place in the document, such as ``Statement[0]``.
    """

    name: str
    effect: str
    principals: Mapping[str, list[str]]
    not_principals: Mapping[str, list[str]]
    actions: list[str]
    not_actions: list[str]
    resources: list[Pattern]
    not_resources: list[Pattern]
    condition: Condition


@dataclass(frozen=True)
class Policy:
    """A policy that AWS would accept."""

    document: Mapping[str, Any]
    statements: tuple[Statement, ...]

    def __str__(self) -> str:
        """The document as AWS returns it: indented, with its elements in the given order (recorded responses)."""
        return _pretty(self.document, "")

    def renamed(self, principal: str, other: str) -> "Policy":
        """This policy with a principal replaced by another name, as AWS does when a principal is deleted."""
        given = self.document["Statement"]
        statements = [_renamed(one, principal, other) for one in (given if isinstance(given, list) else [given])]
        document = {**self.document, "Statement": statements if isinstance(given, list) else statements[0]}
        return self if document == self.document else _read_document(document, _PRINCIPALS)


def read_policy(text: str) -> Policy:
    """Read the policy of a secret.

    :raises PolicySyntax: if the text is not JSON, or not a valid policy.
    :raises UnsupportedPrincipal, InvalidServicePrincipal: if it names a principal that is not supported.
    """
    try:
        policy = _read_document(_parse(text), _PRINCIPALS)
    except MalformedPolicy:
        raise PolicySyntax from None
    for statement in policy.statements:
        for principals in (statement.principals, statement.not_principals):
            _check_supported(principals)
    return policy


def read_key_policy(given: PolicyDocument) -> Policy:
    """Read the policy of a KMS key, from a mapping, from JSON text, or from a file.

    :raises MalformedPolicy: a ValueError that says what is wrong and where.
    """
    return _read_document(_load(given), _PRINCIPALS)


def read_identity_policy(given: PolicyDocument) -> Policy:
    """Read the policy of a user or a role, from a mapping, from JSON text, or from a file.

    :raises MalformedPolicy: a ValueError that says what is wrong and where.
    """
    return _read_document(_load(given), _NO_PRINCIPALS)


def _load(given: PolicyDocument) -> Any:
    if isinstance(given, Mapping):
        # A round trip through JSON copies the document, and makes sure that it is JSON.
        try:
            return json.loads(json.dumps(given, allow_nan=False, default=_plain))
        except (TypeError, ValueError, RecursionError) as error:
            raise MalformedPolicy(f"the policy contains something that is not JSON: {error}") from None
    if isinstance(given, Path):
        try:
            return _parse(given.read_text(encoding="utf-8-sig"))
        except ValueError as error:
            raise MalformedPolicy(f"{given}: {error}") from None
    if isinstance(given, str):
        return _parse(given)
    raise TypeError(f"a policy is a mapping, JSON text, or the pathlib.Path of a file, not {type(given).__name__}")


def _plain(value: Any) -> Any:
    """Any kind of mapping as a dict.

    :raises TypeError: if the value is not a mapping.
    """
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__}")


def _parse(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        raise MalformedPolicy("the policy is not JSON. To name a file, pass a pathlib.Path") from None


def _read_document(document: Any, pairs: Sequence[tuple[str, str]]) -> Policy:
    _require(isinstance(document, dict), "the policy", "a JSON object")
    _check_members(document, _DOCUMENT_MEMBERS, "the policy")
    _require(document.get("Version", _VERSIONS[0]) in _VERSIONS, "Version", " or ".join(_VERSIONS))
    _require(isinstance(document.get("Id", ""), str), "Id", "a string")
    given = document.get("Statement", [])
    statements = given if isinstance(given, list) else [given]
    _require(bool(statements), "Statement", "at least one statement")
    # The older version of the language, which is the default, has no variables.
    pattern = Pattern.with_variables if document.get("Version") == _VERSIONS[0] else Pattern.plain
    read = tuple(_read_statement(one, f"Statement[{place}]", pairs, pattern) for place, one in enumerate(statements))
    if pairs is _NO_PRINCIPALS:
        _check_names([one["Sid"] for one in statements if one.get("Sid")])
    return Policy(document, read)


def _check_names(names: Sequence[str]) -> None:
    """Refuse Sids that IAM does not accept in an identity policy. A resource policy may have any."""
    for name in names:
        _require(name.isascii() and name.isalnum(), "Sid", f"ASCII letters and digits, not {name!r}")
        _require(names.count(name) == 1, "Sid", f"a unique name, but several statements have {name!r}")


def _read_statement(
    given: Any, where: str, pairs: Sequence[tuple[str, str]], pattern: Callable[[str], Pattern]
) -> Statement:
    _require(isinstance(given, dict), where, "a JSON object")
    _check_members(given, {"Sid", "Effect", "Condition", *(name for pair in pairs for name in pair)}, where)
    _require(given.get("Effect") in ("Allow", "Deny"), f"{where}.Effect", "Allow or Deny")
    _require(isinstance(given.get("Sid", ""), str), f"{where}.Sid", "a string")
    for one, other in pairs:
        _require((one in given) != (other in given), where, f"either {one} or {other}")
    return Statement(
        name=given.get("Sid") or where,
        effect=given["Effect"],
        principals=_member(given, "Principal", where, _read_principals, {}),
        not_principals=_member(given, "NotPrincipal", where, _read_principals, {}),
        actions=_member(given, "Action", where, _read_actions, []),
        not_actions=_member(given, "NotAction", where, _read_actions, []),
        resources=_bound(_member(given, "Resource", where, _read_resources, []), pattern),
        not_resources=_bound(_member(given, "NotResource", where, _read_resources, []), pattern),
        condition=_read_condition(given.get("Condition", {}), f"{where}.Condition", pattern),
    )


def _member(
    statement: Mapping[str, Any], name: str, where: str, read: Callable[[Any, str], Read], absent: Read
) -> Read:
    return read(statement[name], f"{where}.{name}") if name in statement else absent


def _read_principals(given: Any, where: str) -> dict[str, list[str]]:
    if given == "*":
        return {"AWS": ["*"]}
    _require(isinstance(given, dict) and bool(given), where, '"*" or an object such as {"AWS": ...}')
    return {kind: _strings(names, f"{where}.{kind}") for kind, names in given.items()}


def _check_supported(principals: Mapping[str, list[str]]) -> None:
    """Refuse principals that are not supported in a secret's policy.

    :raises UnsupportedPrincipal, InvalidServicePrincipal:
    """
    for kind, names in principals.items():
        if kind == "Service":
            if not all(map(_SERVICE.fullmatch, names)):
                raise InvalidServicePrincipal
        elif kind == "AWS":
            if not all(map(_PRINCIPAL.fullmatch, names)):
                raise UnsupportedPrincipal
        elif kind not in ("Federated", "CanonicalUser"):
            raise UnsupportedPrincipal


def _read_actions(given: Any, where: str) -> list[str]:
    actions = _strings(given, where)
    for action in actions:
        _require(
            bool(_ACTION.fullmatch(action)), where, f"actions such as secretsmanager:GetSecretValue, not {action!r}"
        )
    return actions


def _read_resources(given: Any, where: str) -> list[str]:
    resources = _strings(given, where)
    for resource in resources:
        # GUESS: AWS accepts a pattern that starts with a star, because ARNs match it.
        _require(resource.startswith(("arn:", "*", "${")), where, f'ARNs or "*", not {resource!r}')
    return resources


def _read_condition(given: Any, where: str, pattern: Callable[[str], Pattern]) -> Condition:
    _require(isinstance(given, dict), where, "a JSON object")
    condition: dict[str, dict[str, list[Pattern]]] = {}
    for operator, keys in given.items():
        _require(_is_operator(operator), where, f"operators such as StringEquals, not {operator!r}")
        _require(isinstance(keys, dict) and bool(keys), f"{where}.{operator}", "condition keys with their values")
        condition[operator] = {
            key: _bound(_scalars(values, f"{where}.{operator}.{key}"), pattern) for key, values in keys.items()
        }
    return condition


def _bound(texts: list[str], pattern: Callable[[str], Pattern]) -> list[Pattern]:
    return [pattern(text) for text in texts]


def _strings(given: Any, where: str) -> list[str]:
    values = given if isinstance(given, list) else [given]
    _require(bool(values) and all(isinstance(value, str) for value in values), where, "a string, or a list of them")
    return values


def _scalars(given: Any, where: str) -> list[str]:
    values = given if isinstance(given, list) else [given]
    _require(
        bool(values) and all(isinstance(value, str | int | float) for value in values), where, "a value, or a list"
    )
    return [value if isinstance(value, str) else json.dumps(value) for value in values]


def plain_operator(operator: str) -> str:
    """A condition operator without its set quantifier and ``IfExists``."""
    return operator.rpartition(":")[2].removesuffix("IfExists")


def _is_operator(operator: str) -> bool:
    quantifier, colon, _ = operator.rpartition(":")
    plain = plain_operator(operator)
    if colon and quantifier not in ("ForAnyValue", "ForAllValues"):
        return False
    return plain in _OPERATORS and not (plain == "Null" and operator.endswith("IfExists"))


def _finite(text: str) -> float:
    """Read a number of a policy.

    :raises ValueError: if the number is too large for a float.
    """
    number = float(text)
    return number if isfinite(number) else _refuse(text)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _require(holds: bool, where: str, wanted: str) -> None:
    if not holds:
        raise MalformedPolicy(f"{where} takes {wanted}")


def _check_members(given: dict[str, Any], known: set[str], where: str) -> None:
    for name in given:
        _require(name in known, where, f"{', '.join(sorted(known))}, not {name!r}")


def _renamed(statement: Mapping[str, Any], principal: str, other: str) -> dict[str, Any]:
    return {
        name: _replaced(member, principal, other) if name in ("Principal", "NotPrincipal") else member
        for name, member in statement.items()
    }


def _replaced(value: Any, text: str, other: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _replaced(member, text, other) for name, member in value.items()}
    if isinstance(value, list):
        return [_replaced(item, text, other) for item in value]
    return other if value == text else value


def _pretty(value: Any, indent: str) -> str:
    """JSON in the service's own layout: objects span several lines, lists stay on one."""
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
