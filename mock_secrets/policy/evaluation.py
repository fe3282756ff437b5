"""Decides a request: an explicit deny overrides an allow, and an allow overrides the implicit deny.

Source: "Policy evaluation logic" in the IAM User Guide, within one account and across two; for keys, "Key policies in
AWS KMS" in the KMS Developer Guide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from mock_secrets.policy.conditions import satisfied
from mock_secrets.policy.document import Policy, Statement
from mock_secrets.policy.patterns import Pattern, RequestContext, action_matches, arn_matches
from mock_secrets.policy.principals import Principal, Reach, reach

#: The resource of an action without one. Only statements about all resources apply to it.
NO_RESOURCE = "*"


@dataclass(frozen=True, slots=True)
class Query:
    """A request to decide: an action on a resource, with the request's condition keys."""

    action: str
    resource: str
    context: RequestContext


class Decision(Enum):
    """The outcome of a request, and for a refusal, which side refused it."""

    ALLOWED = auto()
    DENIED_BY_IDENTITY = auto()
    DENIED_BY_RESOURCE = auto()
    NOT_ALLOWED_BY_IDENTITY = auto()
    NOT_ALLOWED_BY_RESOURCE = auto()


class Verdict(Enum):
    """What a set of statements says; NOTHING if none of them applies."""

    NOTHING = auto()
    ALLOW = auto()
    DENY = auto()


def applies(statement: Statement, query: Query) -> bool:
    """Whether a statement applies to a request, whoever makes it."""
    return is_about(statement, query) and satisfied(statement.condition, query.context)


def is_about(statement: Statement, query: Query) -> bool:
    """Whether a statement applies to a request, apart from its condition."""
    return _is_about_action(statement, query.action) and _is_about_resource(statement, query)


def identity_verdict(policies: Iterable[Policy], query: Query) -> Verdict:
    """The verdict of the policies of a user or a role."""
    effects = {statement.effect for policy in policies for statement in policy.statements if applies(statement, query)}
    return _verdict(effects)


def resource_verdict(policy: Policy | None, query: Query, principal: Principal) -> tuple[Verdict, Reach]:
    """The verdict of a resource's policy on a principal, and for an Allow, how it reaches the principal."""
    if policy is None:
        return Verdict.NOTHING, Reach.NOT
    found = [
        (statement.effect, reached)
        for statement in policy.statements
        if (reached := reach(statement, principal)) is not Reach.NOT and applies(statement, query)
    ]
    allowed_as = [reached for effect, reached in found if effect == "Allow"]
    widest = Reach.ITSELF if Reach.ITSELF in allowed_as else Reach.AS_ACCOUNT if allowed_as else Reach.NOT
    return _verdict({effect for effect, _ in found}), widest


def decide(
    query: Query,
    principal: Principal,
    policies: Sequence[Policy] | None,
    resource_policy: Policy | None,
    owner_account: str,
) -> Decision:
    """Decide whether a principal may act on a resource, which may have its own policy.

    :param policies: the principal's own policies; None for an administrator, to whom the account allows everything.
    :param owner_account: the account of the resource.
    """
    own = Verdict.ALLOW if policies is None else identity_verdict(policies, query)
    theirs, reached = resource_verdict(resource_policy, query, principal)
    denied = _denied(own, theirs)
    if denied is not None:
        return denied
    if principal.account_id == owner_account:
        allowed = own is Verdict.ALLOW or reached is Reach.ITSELF
        return Decision.ALLOWED if allowed else Decision.NOT_ALLOWED_BY_IDENTITY
    return _both(own, reached)


def decide_for_key(
    query: Query,
    principal: Principal,
    policies: Sequence[Policy] | None,
    key_policy: Policy,
    owner_account: str,
) -> Decision:
    """Decide whether a principal may use a key. The key policy must reach the principal, at least as an account."""
    own = Verdict.ALLOW if policies is None else identity_verdict(policies, query)
    theirs, reached = resource_verdict(key_policy, query, principal)
    denied = _denied(own, theirs)
    if denied is not None:
        return denied
    if principal.account_id == owner_account and reached is Reach.ITSELF:
        return Decision.ALLOWED
    return _both(own, reached)


def _both(own: Verdict, reached: Reach) -> Decision:
    if reached is Reach.NOT:
        return Decision.NOT_ALLOWED_BY_RESOURCE
    return Decision.ALLOWED if own is Verdict.ALLOW else Decision.NOT_ALLOWED_BY_IDENTITY


def _denied(own: Verdict, theirs: Verdict) -> Decision | None:
    if theirs is Verdict.DENY:
        return Decision.DENIED_BY_RESOURCE
    return Decision.DENIED_BY_IDENTITY if own is Verdict.DENY else None


def _verdict(effects: set[str]) -> Verdict:
    if "Deny" in effects:
        return Verdict.DENY
    return Verdict.ALLOW if effects else Verdict.NOTHING


def _is_about_action(statement: Statement, action: str) -> bool:
    if statement.not_actions:
        return not any(action_matches(pattern, action) for pattern in statement.not_actions)
    return any(action_matches(pattern, action) for pattern in statement.actions)


def _is_about_resource(statement: Statement, query: Query) -> bool:
    def matches(pattern: Pattern) -> bool:
        return arn_matches(pattern, query.resource, query.context)

    if statement.not_resources:
        return not any(map(matches, statement.not_resources))
    return any(map(matches, statement.resources))
