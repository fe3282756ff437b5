"""The least policy that some calls needed, and what another policy lacks for them or grants in vain."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mock_secrets.aws.iam import Ask
from mock_secrets.policy.document import Policy, Statement
from mock_secrets.policy.evaluation import NO_RESOURCE, Query, Verdict, applies, identity_verdict
from mock_secrets.policy.patterns import action_matches, arn_matches

#: What KMS does for Secrets Manager in a caller's name.
KMS_ACTIONS = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")

_SUFFIX = re.compile(r".{6}\Z")
# The ARNs that a pattern can be about, of what is judged: those of secrets and of keys.
_OURS = re.compile(r"\*|arn:[^:]*:([^:]*[*?][^:]*|secretsmanager|kms)(:.*)?")
# A secret's name that no test has, to see whether a pattern is about all names.
_PROBE_NAME = "0-9_any.name=whatever@all-AbCdEf"


@dataclass(frozen=True, order=True)
class Permission:
    """An action, the resource that a policy names for it, and the condition that goes with it."""

    resource: str
    action: str
    condition: tuple[tuple[str, str, str], ...] = ()

    def __str__(self) -> str:
        under = "".join(f" under {operator} {key} = {value}" for operator, key, value in self.condition)
        return f"{self.action} on {self.resource}{under}"


@dataclass(frozen=True)
class Unused:
    """A part of a policy that no call needed.

    :ivar statement: the statement's Sid, or its place, such as ``Statement[0]``.
    :ivar action: the action, or a pattern of actions, as the policy has it.
    :ivar resource: the resource as the policy has it; empty if it is about the action as a whole.
    :ivar reason: why it is in vain.
    """

    statement: str
    action: str
    resource: str
    reason: str

    def __str__(self) -> str:
        on = f" on {self.resource}" if self.resource else ""
        return f"{self.statement}: {self.action}{on}: {self.reason}"


def permissions(asks: Iterable[Ask]) -> list[Permission]:
    """What was asked for, each once, but for what a resource's own policy gave."""
    return sorted({_permission(ask) for ask in asks if not ask.by_resource})


def least_policy(asks: Iterable[Ask]) -> dict[str, Any]:
    """The smallest policy document that allows what was asked for: one statement for the same actions and conditions."""
    actions: dict[tuple[str, tuple[tuple[str, str, str], ...]], list[str]] = {}
    for one in permissions(asks):
        actions.setdefault((one.resource, one.condition), []).append(one.action)
    resources: dict[tuple[tuple[str, ...], tuple[tuple[str, str, str], ...]], list[str]] = {}
    for (resource, condition), named in actions.items():
        resources.setdefault((tuple(named), condition), []).append(resource)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": list(named),
                "Resource": found,
                **({"Condition": _condition(condition)} if condition else {}),
            }
            for (named, condition), found in resources.items()
        ],
    }


def missing(policies: Sequence[Policy], asks: Iterable[Ask]) -> list[Ask]:
    """The asks that these policies would not allow, the first of each kind."""
    refused: dict[Permission, Ask] = {}
    for ask in asks:
        verdict = identity_verdict(policies, ask.query)
        if verdict is Verdict.DENY or (verdict is Verdict.NOTHING and not ask.by_resource):
            refused.setdefault(_permission(ask), ask)
    return list(refused.values())


def explain_missing(policies: Sequence[Policy], refused: Sequence[Ask]) -> str:
    """What an assertion says of permissions that lack."""
    lines = [f"the policy is not sufficient: {len(refused)} permission(s) that the calls needed are not allowed by it."]
    for ask in refused:
        denied = identity_verdict(policies, ask.query) is Verdict.DENY
        why = "explicitly denied" if denied else "not allowed"
        lines.append(f"  {why}: {_permission(ask)}, for {ask.operation} by {ask.caller.principal.arn}")
    lines += ["Statements that would allow them:", json.dumps(least_policy(refused)["Statement"], indent=2)]
    return "\n".join(lines)


def unused(policies: Sequence[Policy], asks: Sequence[Ask], actions: Sequence[str]) -> list[Unused]:
    """What the Allow statements grant of these actions that nobody asked for.

    :param actions: every action that is judged; what a policy says of others is left alone.
    """
    judged = (*actions, *KMS_ACTIONS)
    return [
        found
        for policy in policies
        for statement in policy.statements
        if statement.effect == "Allow"
        for found in _unused_of(statement, asks, judged, variables=policy.has_variables)
    ]


def _unused_of(statement: Statement, asks: Sequence[Ask], judged: Sequence[str], *, variables: bool) -> list[Unused]:
    served = [ask for ask in asks if applies(statement, ask.query, variables=variables)]
    found: list[Unused] = []
    for pattern in statement.actions:
        found += _unused_actions(statement, pattern, served, judged)
    if statement.not_actions:
        found += _unused_exceptions(statement, served, judged)
    if not served:
        return found
    for resource in statement.resources:
        if _OURS.fullmatch(resource):
            found += _unused_resource(statement, resource, served, variables=variables)
    if statement.not_resources:
        found.append(Unused(statement.name, "*", "NotResource", "it grants all resources but some"))
    return found


def _unused_actions(statement: Statement, pattern: str, served: Sequence[Ask], judged: Sequence[str]) -> list[Unused]:
    granted = [action for action in judged if action_matches(pattern, action)]
    used = {ask.action for ask in served}
    vain = [action for action in granted if action not in used]
    if not granted:
        is_ours = pattern.lower().startswith("secretsmanager:")
        return [Unused(statement.name, pattern, "", "there is no such action")] if is_ours else []
    if len(vain) == len(granted):
        return [Unused(statement.name, pattern, "", "no call needed it")]
    if vain:
        return [Unused(statement.name, pattern, "", f"of its actions no call needed {', '.join(vain)}")]
    return []


def _unused_exceptions(statement: Statement, served: Sequence[Ask], judged: Sequence[str]) -> list[Unused]:
    used = {ask.action for ask in served}
    excepted = statement.not_actions
    granted = [action for action in judged if not any(action_matches(pattern, action) for pattern in excepted)]
    vain = [action for action in granted if action not in used]
    if not vain:
        return []
    reason = f"it grants all actions but these, and no call needed {', '.join(vain)}"
    return [Unused(statement.name, f"NotAction {', '.join(excepted)}", "", reason)]


def _unused_resource(statement: Statement, resource: str, served: Sequence[Ask], *, variables: bool) -> list[Unused]:
    def matches(query: Query) -> bool:
        return arn_matches(resource, query.resource, query.context, variables=variables)

    needed = [ask for ask in served if matches(ask.query)]
    if not needed:
        return [Unused(statement.name, "*", resource, "no call needed it")]
    with_resource = [ask for ask in needed if ask.resource != NO_RESOURCE]
    wide = [ask for ask in with_resource if matches(_probe(ask)) and not _narrowed(statement)]
    if wide:
        kind = "key" if wide[0].action.startswith("kms:") else "secret"
        names = ", ".join(sorted({_permission(ask).resource for ask in wide}))
        return [Unused(statement.name, "*", resource, f"it is every {kind}, and the calls needed {names}")]
    return []


def _narrowed(statement: Statement) -> bool:
    """Whether a condition says which resources are meant, so that the pattern of their ARNs need not."""
    return any(
        key.lower().startswith(("aws:resourcetag/", "secretsmanager:resourcetag/", "kms:resourcealiases"))
        or key.lower() in ("kms:resourcealiases", "secretsmanager:secretid", "secretsmanager:name")
        for keys in statement.condition.values()
        for key in keys
    )


def _probe(ask: Ask) -> Query:
    """The same question about a secret or a key that is in the same place and has another name."""
    place, separator, _ = ask.resource.rpartition(":secret:")
    if not separator:
        place, separator, _ = ask.resource.rpartition(":key/")
    return Query(ask.action, f"{place}{separator}{_PROBE_NAME}", ask.query.context)


def _permission(ask: Ask) -> Permission:
    if not ask.action.startswith("kms:"):
        return Permission(_SUFFIX.sub("??????", ask.resource) if ask.has_suffix else ask.resource, ask.action)
    service = ("StringEquals", "kms:ViaService", ask.query.context["kms:viaservice"][0])
    if not ask.aliases:
        return Permission(ask.resource, ask.action, (service,))
    # A policy can't name a key by its alias; this is how it names the keys that have one.
    keys = ask.resource.rpartition("/")[0] + "/*"
    return Permission(keys, ask.action, (("ForAnyValue:StringEquals", "kms:ResourceAliases", ask.aliases[0]), service))


def _condition(condition: Iterable[tuple[str, str, str]]) -> Mapping[str, Mapping[str, str]]:
    document: dict[str, dict[str, str]] = {}
    for operator, key, value in condition:
        document.setdefault(operator, {})[key] = value
    return document
