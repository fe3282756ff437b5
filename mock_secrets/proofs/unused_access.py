"""What a policy grants although no call needed it: actions, resources, and patterns wider than needed."""

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from mock_secrets.aws.iam import PermissionCheck
from mock_secrets.kernel.arn import without_suffix
from mock_secrets.policy.document import Policy, Statement
from mock_secrets.policy.evaluation import NO_RESOURCE, applies
from mock_secrets.policy.patterns import Pattern, action_matches, arn_matches, text_matches
from mock_secrets.proofs.least_privilege import permission

#: The KMS actions that Secrets Manager performs on a caller's behalf.
KMS_ACTIONS = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")

_SERVICES = ("secretsmanager", "kms")
_RESOURCE = re.compile(
    r"(?P<head>arn:[^:]*:[^:]*):(?P<region>[^:]*):(?P<account>[^:]*):(?P<kind>secret:|key/)(?P<name>.*)"
)
# Condition keys that narrow the resources, so that the pattern of their ARNs may be wide.
_NARROWING = ("aws:resourcetag/", "secretsmanager:resourcetag/", "kms:resourcealiases", "secretsmanager:secretid")


@dataclass(frozen=True)
class Unused:
    """A part of a policy that no call needed.

    :ivar statement: the statement's Sid, or its place, such as ``Statement[0]``.
    :ivar action: the action, or pattern of actions, as the policy has it; empty if only the resource is unused.
    :ivar resource: the resource as the policy has it; empty if only the action is unused.
    :ivar reason: why it is not needed.
    """

    statement: str
    action: str
    resource: str
    reason: str

    def __str__(self) -> str:
        what = " on ".join(part for part in (self.action, self.resource) if part)
        return ": ".join(part for part in (self.statement, what, self.reason) if part)


@dataclass(frozen=True)
class _Grant:
    """An Allow statement and the checks that it allows."""

    statement: Statement
    served: Sequence[PermissionCheck]

    def on(self, resource: Pattern) -> list[PermissionCheck]:
        return [check for check in self.served if _covers(resource, check.resource, check)]


def _covers(pattern: Pattern, arn: str, check: PermissionCheck) -> bool:
    return arn_matches(pattern, arn, check.query.context)


def unused(
    policies: Sequence[Policy], checks: Sequence[PermissionCheck], actions: Sequence[str], allow: Collection[str]
) -> list[Unused]:
    """What the Allow statements grant of these actions that no call needed.

    :param actions: every action of Secrets Manager; what a policy grants of other services is not judged.
    :param allow: resources, as the policy has them, that are meant to be wider than needed.
    """
    judged = (*actions, *KMS_ACTIONS)
    found: list[Unused] = []
    granted: set[PermissionCheck] = set()
    for grant in _grants(policies, [check for check in checks if check.action in judged]):
        found += _unused_of(grant, judged, allow)
        if grant.served and granted.issuperset(grant.served):
            found.append(Unused(grant.statement.name, "", "", "earlier statements allow everything it was needed for"))
        granted.update(grant.served)
    return found


def _grants(policies: Sequence[Policy], checks: Sequence[PermissionCheck]) -> Iterator[_Grant]:
    for policy in policies:
        for statement in policy.statements:
            if statement.effect == "Allow":
                yield _Grant(statement, [check for check in checks if applies(statement, check.query)])


def _unused_of(grant: _Grant, judged: Sequence[str], allow: Collection[str]) -> list[Unused]:
    statement = grant.statement
    found = [one for pattern in statement.actions for one in _unused_actions(grant, pattern, judged)]
    if statement.not_actions:
        found += _unused_exceptions(grant, judged)
    if not grant.served:
        return found
    ours = [resource for resource in statement.resources if _is_ours(resource)]
    for resource in ours:
        found += _unused_resource(grant, resource, allow)
    if statement.not_resources:
        found.append(Unused(statement.name, "", "NotResource", "it allows all resources except some"))
    return found + list(_unused_pairs(grant, ours))


def _unused_actions(grant: _Grant, pattern: str, judged: Sequence[str]) -> list[Unused]:
    granted = [action for action in judged if action_matches(pattern, action)]
    used = {check.action for check in grant.served}
    unneeded = [action for action in granted if action not in used]
    if not granted:
        return _no_such_action(grant, pattern, judged)
    if len(unneeded) == len(granted):
        return [Unused(grant.statement.name, pattern, "", "no call needed it")]
    if unneeded:
        return [
            Unused(grant.statement.name, pattern, "", f"no call needed these of its actions: {', '.join(unneeded)}")
        ]
    return []


def _no_such_action(grant: _Grant, pattern: str, judged: Sequence[str]) -> list[Unused]:
    if not pattern.lower().startswith("secretsmanager:"):
        return []
    names = [action.partition(":")[2] for action in judged]
    near = difflib.get_close_matches(pattern.partition(":")[2], names, n=1)
    hint = f"; did you mean secretsmanager:{near[0]}?" if near else ""
    return [Unused(grant.statement.name, pattern, "", f"there is no such action{hint}")]


def _unused_exceptions(grant: _Grant, judged: Sequence[str]) -> list[Unused]:
    excepted = grant.statement.not_actions
    used = {check.action for check in grant.served}
    granted = [action for action in judged if not any(action_matches(pattern, action) for pattern in excepted)]
    unneeded = [action for action in granted if action not in used]
    if not unneeded:
        return []
    reason = f"it allows all other actions; no call needed {', '.join(unneeded)}"
    return [Unused(grant.statement.name, f"NotAction {', '.join(excepted)}", "", reason)]


def _unused_resource(grant: _Grant, resource: Pattern, allow: Collection[str]) -> list[Unused]:
    needed = grant.on(resource)
    if not needed:
        return [Unused(grant.statement.name, "", resource.text, "no call needed it")]
    if resource.text in allow:
        return []
    # Many calls concern one secret, so look at each resource once. A nonexistent one may look like another's full ARN.
    complete = [check for check in needed if check.has_suffix]
    wide = {check.resource: check for check in complete or needed}
    others = {arn: _others(grant, resource, check) for arn, check in wide.items()}
    labels = list(dict.fromkeys(label for found in others.values() for label in found))
    if not labels:
        return []
    names = ", ".join(sorted({_named(wide[arn]) for arn, found in others.items() if found}))
    reason = f"also matches {_listed(labels)}; the calls only needed {names}"
    return [Unused(grant.statement.name, "", resource.text, reason)]


def _listed(labels: list[str]) -> str:
    return " and ".join(part for part in (", ".join(labels[:-1]), labels[-1]) if part)


def _named(check: PermissionCheck) -> str:
    """The resource as a policy names it; a key by its own ARN."""
    return check.resource if check.action.startswith("kms:") else permission(check).resource


def _unused_pairs(grant: _Grant, resources: Sequence[Pattern]) -> Iterator[Unused]:
    """Pairs of an action and a resource in one statement, both of them needed, but never together."""
    used = [resource for resource in resources if grant.on(resource)]
    for pattern in grant.statement.actions:
        checks = [check for check in grant.served if action_matches(pattern, check.action)]
        if all(check.resource == NO_RESOURCE for check in checks):
            continue
        for resource in used:
            if _is_of_service(resource, pattern.partition(":")[0]) and not any(
                _covers(resource, check.resource, check) for check in checks
            ):
                yield Unused(grant.statement.name, pattern, resource.text, "no call needed the two together")


def _is_ours(resource: Pattern) -> bool:
    return any(_is_of_service(resource, service) for service in _SERVICES)


def _is_of_service(resource: Pattern, service: str) -> bool:
    """Whether a resource may belong to a service, going by its third part."""
    parts = resource.text.split(":", 3)
    return len(parts) < 3 or text_matches(Pattern.plain(parts[2]), service, {})


def _others(grant: _Grant, pattern: Pattern, check: PermissionCheck) -> list[str]:
    """What else a pattern matches: the same name elsewhere, and names close to this one."""
    found = _RESOURCE.fullmatch(check.resource)
    if found is None or _is_narrowed(grant.statement):
        return []
    head, region, account, kind, name = found.groups()
    what = "other secrets" if kind == "secret:" else "other keys"
    plain, suffix = (without_suffix(name), "-AbCdEf") if check.has_suffix else (name, "")
    probes = [
        *(("other regions", f"{head}:{other}:{account}:{kind}{name}") for other in _near(region)),
        *(("other accounts", f"{head}:{region}:{other}:{kind}{name}") for other in _near(account)),
        *((what, f"{head}:{region}:{account}:{kind}{other}{suffix}") for other in _near(plain)),
    ]
    return list(dict.fromkeys(label for label, arn in probes if _covers(pattern, arn, check)))


def _near(name: str) -> Iterator[str]:
    """Names close to this one, which only a wildcard matches too: a character more, or another one, at each place.

    The last is for ``name-*``, which is meant for the suffix and matches ``name-and-more`` too.
    """
    for place in range(len(name) + 1):
        yield f"{name[:place]}~{name[place:]}"
        yield f"{name[:place]}~{name[place + 1 :]}"
    yield f"{name}-~"


def _is_narrowed(statement: Statement) -> bool:
    return any(key.lower().startswith(_NARROWING) for keys in statement.condition.values() for key in keys)
