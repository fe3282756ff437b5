"""Resource policies: put, got, deleted and validated."""

from mock_secrets.errors import AWSError, BroadAccess, LockedOut, PolicySyntax
from mock_secrets.policy.breadth import grants_broad_access, locks_out
from mock_secrets.policy.document import read_policy
from mock_secrets.operations import views
from mock_secrets.operations.context import Context
from mock_secrets.operations.registry import Response, operation

_BROAD = (
    "This resource policy grants broad access to your secret. Secrets Manager does not allow creating and applying"
    " such policies in the console."
)


@operation
def put_resource_policy(
    ctx: Context, *, secret_id: str, resource_policy: str, block_public_policy: bool = False
) -> Response:
    secret = ctx.find_readable_primary(secret_id)
    policy = read_policy(resource_policy)
    if block_public_policy and grants_broad_access(policy):
        raise BroadAccess
    if locks_out(policy, ctx.principal.arn, ctx.principal.account_id):
        raise LockedOut
    secret.policy = policy
    secret.note_change(ctx.at)
    return views.identity(secret)


@operation
def get_resource_policy(ctx: Context, *, secret_id: str) -> Response:
    secret = ctx.find_readable(secret_id)
    if secret.policy is None:
        return views.identity(secret)
    return views.identity(secret) | {"ResourcePolicy": str(secret.policy)}


@operation
def delete_resource_policy(ctx: Context, *, secret_id: str) -> Response:
    secret = ctx.find_readable_primary(secret_id)
    if secret.policy is not None:
        secret.policy = None
        secret.note_change(ctx.at)
    return views.identity(secret)


@operation
def validate_resource_policy(ctx: Context, *, resource_policy: str, secret_id: str | None = None) -> Response:
    """GUESS: what is no policy at all is an error; what is one and wrong is listed. The names of the checks are ours."""
    if secret_id is not None:
        ctx.find_readable(secret_id)
    failed: list[tuple[str, str]] = []
    try:
        policy = read_policy(resource_policy)
    except PolicySyntax:
        raise
    except AWSError as error:
        failed.append(("PRINCIPAL_CHECK", error.message))
    else:
        if grants_broad_access(policy):
            failed.append(("BROAD_ACCESS_CHECK", _BROAD))
        if locks_out(policy, ctx.principal.arn, ctx.principal.account_id):
            failed.append(("LOCK_OUT_CHECK", LockedOut.sentence))
    return {
        "PolicyValidationPassed": not failed,
        "ValidationErrors": [{"CheckName": name, "ErrorMessage": message} for name, message in failed],
    }
