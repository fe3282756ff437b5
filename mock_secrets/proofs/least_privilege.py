"""The least policy that calls needed, and which permissions another policy is missing for them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mock_secrets.aws.iam import PermissionCheck
from mock_secrets.kernel.arn import with_open_suffix
from mock_secrets.policy.conditions import keys_of
from mock_secrets.policy.document import Policy
from mock_secrets.policy.evaluation import Query, Verdict, applies, identity_verdict, is_about
from mock_secrets.policy.patterns import Pattern, arn_matches


@dataclass(frozen=True, order=True)
class Permission:
    """An action, the resource that a policy names for it, and the condition that goes with it."""

    resource: str
    action: str
    condition: tuple[tuple[str, str, str], ...] = ()

    def __str__(self) -> str:
        under = "".join(f" under {operator} {key} = {value}" for operator, key, value in self.condition)
        return f"{self.action} on {self.resource}{under}"


def permissions(checks: Iterable[PermissionCheck]) -> list[Permission]:
    """What the calls needed, each permission once, except what a resource's own policy gave."""
    needed = {permission(check) for check in checks if not check.by_resource}
    # A secret that does not exist may look like another one with its suffix.
    return sorted(one for one in needed if not any(_covers(other, one) for other in needed))


def _covers(one: Permission, other: Permission) -> bool:
    return (
        one != other
        and (one.action, one.condition) == (other.action, other.condition)
        and "?" not in other.resource
        and arn_matches(Pattern.plain(one.resource), other.resource, {})
    )


def least_policy(checks: Iterable[PermissionCheck]) -> dict[str, Any]:
    """The smallest policy document that allows what the calls needed.

    Resources with the same actions and the same condition share a statement.
    """
    return policy_of(permissions(checks))


def policy_of(needed: Iterable[Permission]) -> dict[str, Any]:
    """A policy document that gives these permissions, which are sorted."""
    actions: dict[tuple[str, tuple[tuple[str, str, str], ...]], list[str]] = {}
    for one in needed:
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


def missing(policies: Sequence[Policy], checks: Iterable[PermissionCheck]) -> list[PermissionCheck]:
    """The checks that would fail under these policies, the first of each kind."""
    refused: dict[Permission, PermissionCheck] = {}
    for check in checks:
        verdict = identity_verdict(policies, check.query)
        if verdict is Verdict.DENY or (verdict is Verdict.NOTHING and not check.by_resource):
            refused.setdefault(permission(check), check)
    return list(refused.values())


def explain_missing(policies: Sequence[Policy], refused: Sequence[PermissionCheck]) -> str:
    """The text of an assertion about missing permissions."""
    count = "1 permission" if len(refused) == 1 else f"{len(refused)} permissions"
    lines = [f"the policy is not sufficient: it does not allow {count} that the calls needed."]
    addable: list[PermissionCheck] = []
    for check in refused:
        why = _why_refused(policies, check.query)
        lines.append(f"  {why}: {permission(check)}, for {check.operation} by {check.caller.principal.arn}")
        if why == _NOT_ALLOWED:
            addable.append(check)
    if addable:
        lines += ["Statements that would allow them:", json.dumps(least_policy(addable)["Statement"], indent=2)]
    return "\n".join(lines)


_NOT_ALLOWED = "not allowed"


def _why_refused(policies: Sequence[Policy], query: Query) -> str:
    statements = [one for policy in policies for one in policy.statements]
    denying = [one.name for one in statements if one.effect == "Deny" and applies(one, query)]
    if denying:
        return f"explicitly denied by {', '.join(denying)}"
    bound = [one for one in statements if one.effect == "Allow" and is_about(one, query)]
    if not bound:
        return _NOT_ALLOWED
    keys = sorted({key for one in bound for key in keys_of(one.condition)})
    given = ", ".join(f"{key} was {' and '.join(query.context.get(key, ())) or 'absent'}" for key in keys)
    return f"allowed by {', '.join(one.name for one in bound)} under a condition that the call did not meet ({given})"


def permission(check: PermissionCheck) -> Permission:
    """The permission that a policy has to give for a check."""
    if not check.action.startswith("kms:"):
        return Permission(with_open_suffix(check.resource) if check.has_suffix else check.resource, check.action)
    service = ("StringEquals", "kms:ViaService", check.query.context["kms:viaservice"][0])
    if not check.aliases:
        return Permission(check.resource, check.action, (service,))
    # A policy can't name a key by its alias, but it can require one of all keys.
    keys = check.resource.rpartition("/")[0] + "/*"
    return Permission(
        keys, check.action, (("ForAnyValue:StringEquals", "kms:ResourceAliases", check.aliases[0]), service)
    )


def _condition(condition: Iterable[tuple[str, str, str]]) -> Mapping[str, Mapping[str, str]]:
    document: dict[str, dict[str, str]] = {}
    for operator, key, value in condition:
        document.setdefault(operator, {})[key] = value
    return document
