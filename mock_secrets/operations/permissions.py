"""The permissions that each operation needs: its actions and resources, and whether the policies allow them.

Source: "Actions, resources, and condition keys for AWS Secrets Manager" in the Service Authorization Reference.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mock_secrets.aws.iam import PermissionCheck
from mock_secrets.aws.kms import Key, default_policy
from mock_secrets.kernel.arn import OPEN_SUFFIX, read_secret_arn, secret_arn, unfinished_arn
from mock_secrets.kernel.codes import AccessDeniedException
from mock_secrets.kernel.errors import (
    DeniedByIdentityPolicy,
    DeniedByResourcePolicy,
    NoIdentityPolicyAllows,
    NoResourcePolicyAllows,
)
from mock_secrets.model.secret import Secret
from mock_secrets.operations.condition_keys import (
    KeyUse,
    SecretFacts,
    facts_of,
    keys_of_call,
    keys_of_key,
    keys_of_request,
)
from mock_secrets.operations.context import Context
from mock_secrets.operations.registry import OPERATIONS
from mock_secrets.policy.document import Policy
from mock_secrets.policy.evaluation import NO_RESOURCE, Decision, decide, decide_for_key
from mock_secrets.policy.patterns import RequestContext

_REFUSALS: Mapping[Decision, type[AccessDeniedException]] = {
    Decision.DENIED_BY_IDENTITY: DeniedByIdentityPolicy,
    Decision.DENIED_BY_RESOURCE: DeniedByResourcePolicy,
    Decision.NOT_ALLOWED_BY_IDENTITY: NoIdentityPolicyAllows,
    Decision.NOT_ALLOWED_BY_RESOURCE: NoResourcePolicyAllows,
}


class _Target(NamedTuple):
    """What a request is about.

    :ivar arn: the resource for policies.
    :ivar shown: the resource as the error shows it.
    :ivar owner: the account that owns it.
    :ivar secret: the secret itself, if it exists.
    """

    arn: str
    shown: str
    owner: str
    secret: Secret | None


def authorise(ctx: Context, operation: str, arguments: Mapping[str, Any]) -> None:
    """Raise unless the caller may perform an operation, as far as this is known before it runs.

    :raises NoIdentityPolicyAllows, NoResourcePolicyAllows, DeniedByIdentityPolicy, DeniedByResourcePolicy:
    """
    if not ctx.caller.is_checked:
        return
    row = OPERATIONS[operation]
    target = _target(ctx, operation, arguments)
    _require(ctx, operation, target, arguments)
    for argument, also in row.also.items():
        if arguments.get(argument):
            meant = {**arguments, **row.implied}
            _require(ctx, also, target if OPERATIONS[also].about_secret else _NOWHERE, meant)


def require_elsewhere(ctx: Context, action: str, arn: str) -> None:
    """Raise unless the caller's own policies allow an action on another service's resource, made on their behalf.

    :raises NoIdentityPolicyAllows, DeniedByIdentityPolicy:
    """
    if ctx.caller.is_checked:
        _decide(ctx, _Target(arn, arn, ctx.account_id, None), _check(ctx, action, arn, keys_of_request, None))


def require_acceptance(ctx: Context, replica: Secret) -> None:
    """Raise unless the caller may accept replication for the replica in another account.

    Secrets Manager performs this action on the caller's behalf; nobody can call it.

    :raises NoIdentityPolicyAllows, NoResourcePolicyAllows, DeniedByIdentityPolicy, DeniedByResourcePolicy:
    """
    if ctx.caller.is_checked:
        target = _Target(replica.arn, replica.arn, replica.account_id, replica)
        _require(ctx, "AcceptCrossAccountReplication", target, {"secret_id": replica.arn})


def would_allow(ctx: Context, secret: Secret, tags: Mapping[str, str] | None) -> bool:
    """Whether the caller could make this call again if the secret had these tags."""
    if not ctx.caller.is_checked:
        return True
    subject = (ctx.state.keys, ctx.arguments, SecretFacts(*facts_of(secret))._replace(tags=tags))
    check = _check(ctx, f"secretsmanager:{ctx.call.operation}", secret.arn, keys_of_call, subject)
    return _decision(check, secret.effective_policy, secret.account_id) is Decision.ALLOWED


def check_key_permission(ctx: Context, key: Key, action: str, secret_arn: str, version_id: str) -> PermissionCheck:
    """A decided, but not yet recorded, check of a key's use through Secrets Manager."""
    check = _check(ctx, f"kms:{action}", key.arn, keys_of_key, KeyUse(key, action, secret_arn, version_id))
    check.aliases = key.aliases
    caller = ctx.caller
    # A presumed key leaves the decision to the caller's own account, whichever that is.
    owner = ctx.account_id if key.policy is None else key.account_id
    if caller.is_checked and (key.policy is not None or caller.identity is not None):
        policy = key.policy or default_policy(key.region, owner)
        check.allowed = (
            decide_for_key(check.query, caller.principal, caller.policies, policy, owner) is Decision.ALLOWED
        )
        check.by_resource = decide_for_key(check.query, caller.principal, (), policy, owner) is Decision.ALLOWED
    return check


def record(ctx: Context, check: PermissionCheck) -> None:
    """Record a check, so that its permission counts as needed."""
    if ctx.caller.is_checked:
        ctx.state.identities.checks.append(check)


_NOWHERE = _Target(NO_RESOURCE, "", "", None)


def _target(ctx: Context, operation: str, arguments: Mapping[str, Any]) -> _Target:
    if not OPERATIONS[operation].about_secret:
        return _NOWHERE
    if operation == "CreateSecret":
        name = arguments["name"]
        # GUESS: AWS checks the future ARN, whose last six characters are not known yet.
        return _Target(secret_arn(ctx.region.name, ctx.account_id, name, OPEN_SUFFIX), name, ctx.account_id, None)
    secret_id = arguments.get("secret_id")
    if secret_id is None:
        return _NOWHERE
    secret = ctx.look_up(secret_id)
    if secret is not None:
        return _Target(secret.arn, secret_id, secret.account_id, secret)
    # GUESS: a secret that does not exist is checked under the name given, without a suffix (reported: a caller whose
    # policy names ARNs is denied a missing secret). Only the caller's own policies decide, whichever account the ARN
    # names.
    arn = secret_id
    if read_secret_arn(secret_id) is None:
        arn = unfinished_arn(ctx.region.name, ctx.account_id, secret_id)
    return _Target(arn, secret_id, ctx.account_id, None)


def _require(ctx: Context, operation: str, target: _Target, arguments: Mapping[str, Any]) -> None:
    secret = target.secret
    check = PermissionCheck(
        ctx.call.operation,
        ctx.at,
        ctx.caller,
        ctx.region.name,
        f"secretsmanager:{operation}",
        target.arn,
        keys_of_call,
        # Condition keys are computed from this only when they are needed.
        (ctx.state.keys, arguments, None if secret is None else facts_of(secret)),
        has_suffix=secret is not None or target.arn.endswith(OPEN_SUFFIX),
    )
    _decide(ctx, target, check)


def _decide(ctx: Context, target: _Target, check: PermissionCheck) -> None:
    ctx.state.identities.checks.append(check)
    policy = target.secret.effective_policy if target.secret is not None else None
    owner = target.owner or ctx.account_id
    if policy is None and ctx.caller.identity is None and owner == ctx.account_id:
        # An administrator in their own account, as in most calls of most tests.
        return
    decision = _decision(check, policy, owner)
    if decision is not Decision.ALLOWED:
        check.allowed = False
        raise _REFUSALS[decision](
            principal=ctx.caller.principal.arn,
            action=check.action,
            resource=f" on resource: {target.shown}" if target.shown else "",
        )
    if policy is not None and owner == ctx.account_id:
        check.by_resource = decide(check.query, ctx.caller.principal, (), policy, owner) is Decision.ALLOWED


def _decision(check: PermissionCheck, policy: Policy | None, owner: str) -> Decision:
    if check.caller.is_deleted:
        # GUESS: AWS reports the keys of a deleted user with a different error.
        return Decision.NOT_ALLOWED_BY_IDENTITY
    return decide(check.query, check.caller.principal, check.caller.policies, policy, owner)


def _check(
    ctx: Context, action: str, resource: str, keys: Callable[[PermissionCheck], RequestContext], subject: object
) -> PermissionCheck:
    return PermissionCheck(ctx.call.operation, ctx.at, ctx.caller, ctx.region.name, action, resource, keys, subject)
