"""Resource policies: putting, getting, listing, deleting and validating them."""

from collections.abc import Mapping
from typing import Any

from mock_secrets.kernel.codes import AWSError
from mock_secrets.kernel.errors import (
    BroadAccess,
    LockedOut,
    OnlyDefaultPolicy,
    PolicyNotFound,
    PolicySyntax,
    UnsupportedPrincipal,
)
from mock_secrets.kernel.limits import AT_ONCE
from mock_secrets.model.secret import Secret
from mock_secrets.operations import views
from mock_secrets.operations.context import Context
from mock_secrets.operations.cross_account import REPLICATION_POLICY
from mock_secrets.operations.paging import in_order, page
from mock_secrets.operations.registry import Response, operation
from mock_secrets.policy.breadth import grants_broad_access, locks_out
from mock_secrets.policy.document import Policy, read_policy
from mock_secrets.policy.evaluation import NO_RESOURCE

#: The name of the policy that users attach to a secret.
DEFAULT_POLICY = "default"

_BROAD = (
    "This resource policy grants broad access to your secret. Secrets Manager does not allow creating and applying"
    " such policies in the console."
)


def _check_is_default(arguments: Mapping[str, Any]) -> None:
    """Refuse to change a policy that is not named default. GUESS: before the secret is looked up.

    :raises OnlyDefaultPolicy: if another one is named.
    """
    if arguments.get("policy_name", DEFAULT_POLICY) != DEFAULT_POLICY:
        raise OnlyDefaultPolicy


@operation(
    "policies",
    keys={"block_public_policy": "BlockPublicPolicy", "policy_name": "PolicyName"},
    check=_check_is_default,
)
def put_resource_policy(
    ctx: Context,
    *,
    secret_id: str,
    resource_policy: str,
    block_public_policy: bool = False,
    policy_name: str = DEFAULT_POLICY,
) -> Response:
    secret = ctx.find_readable_primary(secret_id)
    policy = _read(ctx, resource_policy)
    if block_public_policy and grants_broad_access(policy):
        raise BroadAccess
    if locks_out(policy, ctx.caller.principal, secret.arn):
        raise LockedOut
    secret.policy = policy
    secret.mark_changed(ctx.at)
    return views.identity(secret) | {"PolicyName": policy_name}


@operation("policies", reads=True, keys={"policy_name": "PolicyName"})
def get_resource_policy(ctx: Context, *, secret_id: str, policy_name: str = DEFAULT_POLICY) -> Response:
    secret = ctx.find_readable(secret_id)
    policy = _policies(secret).get(policy_name)
    shown = views.identity(secret) | {"PolicyName": policy_name}
    if policy is None and policy_name != DEFAULT_POLICY:
        raise PolicyNotFound
    return shown if policy is None else shown | {"ResourcePolicy": str(policy)}


@operation("policies", reads=True)
def list_resource_policies(
    ctx: Context, *, secret_id: str, max_results: int | None = None, next_token: str | None = None
) -> Response:
    secret = ctx.find_readable(secret_id)
    listed = in_order(_policies(secret), _order)
    shown, token = page(listed, f"ListResourcePolicies {secret.arn}", max_results, next_token)
    return {"ResourcePolicies": [{"PolicyName": name} for name in shown]} | views.next_token(token)


@operation("policies", keys={"policy_name": "PolicyName"}, check=_check_is_default)
def delete_resource_policy(ctx: Context, *, secret_id: str, policy_name: str = DEFAULT_POLICY) -> Response:
    secret = ctx.find_readable_primary(secret_id)
    if secret.policy is not None:
        secret.policy = None
        secret.mark_changed(ctx.at)
    return views.identity(secret) | {"PolicyName": policy_name}


@operation("policies", reads=True, also={"secret_id": "PutResourcePolicy"})
def validate_resource_policy(ctx: Context, *, resource_policy: str, secret_id: str | None = None) -> Response:
    """GUESS: malformed policies are an error, problems of well-formed ones are listed. The check names are ours."""
    arn = NO_RESOURCE if secret_id is None else ctx.find_readable(secret_id).arn
    failed: list[tuple[str, str]] = []
    try:
        policy = _read(ctx, resource_policy)
    except PolicySyntax:
        raise
    except AWSError as error:
        failed.append(("PRINCIPAL_CHECK", error.message))
    else:
        if grants_broad_access(policy):
            failed.append(("BROAD_ACCESS_CHECK", _BROAD))
        if locks_out(policy, ctx.caller.principal, arn):
            failed.append(("LOCK_OUT_CHECK", LockedOut.sentence))
    return {
        "PolicyValidationPassed": not failed,
        "ValidationErrors": [{"CheckName": name, "ErrorMessage": message} for name, message in failed],
    }


def _policies(secret: Secret) -> dict[str, Policy]:
    """The secret's policies by name. GUESS: ``default`` is missing if the secret has no such policy."""
    named = {DEFAULT_POLICY: secret.policy, REPLICATION_POLICY: secret.replication_policy}
    return {name: policy for name, policy in named.items() if policy is not None}


def _order(name: str) -> str:
    """``default`` first, then alphabetically (service model)."""
    return "" if name == DEFAULT_POLICY else name


def _read(ctx: Context, text: str) -> Policy:
    """The policy, if its principals exist as far as is known.

    :raises PolicySyntax, InvalidServicePrincipal:
    :raises UnsupportedPrincipal: also for a deleted principal (reported by users of Terraform), and with a
        ``principal_delay``, for one created a few seconds ago (reported: boto/boto3#3206).
    """
    policy = read_policy(text)
    named = [name for statement in policy.statements for name in statement.principals.get("AWS", [])]
    identities, delay = ctx.state.identities, ctx.state.limits.principal_delay or AT_ONCE
    if any(map(identities.knows_deleted, named)) or not all(identities.is_known(one, ctx.at, delay) for one in named):
        raise UnsupportedPrincipal
    return policy
