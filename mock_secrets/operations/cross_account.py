"""Replication to another account: linking a primary with a replica there, and unlinking them.

Source: the service's model in botocore 1.44, and the User Guide's pages on cross-account replication.
"""

from collections.abc import Mapping
from typing import Any

from mock_secrets.kernel.arn import read_secret_arn
from mock_secrets.kernel.errors import CrossAccountPrimaryAlone, CustomerKeyNeeded, NotPrimarysAccount
from mock_secrets.kernel.regions import partition_of
from mock_secrets.model import cross_account
from mock_secrets.model.links import LinkToPrimary
from mock_secrets.model.secret import Secret
from mock_secrets.operations import encryption
from mock_secrets.operations.context import Context
from mock_secrets.operations.permissions import require_acceptance
from mock_secrets.operations.registry import Response, operation
from mock_secrets.operations.rotation import require_role
from mock_secrets.policy.document import Policy, read_key_policy

#: The name of the policy that AWS puts on a replica of another account's secret.
REPLICATION_POLICY = "cross-account-replication"

# Members that such a replica takes over from its primary, or can't have.
_NOT_TAKEN = {
    "secret_string": "SecretString",
    "secret_binary": "SecretBinary",
    "description": "Description",
    "add_replica_regions": "AddReplicaRegions",
    "type": "Type",
}


@operation("versions", also={"secret_id": "GetSecretValue"})
def associate_cross_account_replica(
    ctx: Context,
    *,
    secret_id: str,
    cross_account_replica_arn: str,
    replica_restriction: str = "SameOrg",  # noqa: ARG001 - all accounts of a backend belong to one organisation
    replication_role_arn: str = "",
) -> Response:
    primary = ctx.find_readable_source(secret_id)
    _check_own(ctx, primary)
    copy = cross_account.find_replica(ctx.state.store, primary, cross_account_replica_arn)
    copy.check_readable()
    cross_account.check_room(primary, copy)
    if replication_role_arn:
        require_role(ctx, replication_role_arn)
    encryption.try_replication(ctx, primary, copy)
    require_acceptance(ctx, copy)
    cross_account.link(primary, copy, replication_role_arn, ctx.at)
    link = primary.cross_account_replica
    assert link is not None, "it has just been made"
    primary.mark_changed(ctx.at)
    return {"ARN": primary.arn, "CrossAccountReplicaARN": copy.arn, "ReplicationStatus": link.status.value}


@operation("versions")
def disassociate_cross_account_replica(ctx: Context, *, secret_id: str, cross_account_replica_arn: str) -> Response:
    primary = ctx.find_readable_source(secret_id)
    cross_account.unlink(ctx.state.store, primary, cross_account_replica_arn)
    primary.mark_changed(ctx.at)
    return {"ARN": primary.arn, "CrossAccountReplicaARN": cross_account_replica_arn}


def check_cross_account_replica(arguments: Mapping[str, Any]) -> None:
    """Refuse what CreateSecret does not accept together with CrossAccountPrimaryARN.

    :raises CrossAccountPrimaryAlone: (GUESS)
    """
    if "cross_account_primary_arn" not in arguments:
        return
    for argument, member in _NOT_TAKEN.items():
        if argument in arguments:
            raise CrossAccountPrimaryAlone(member=member)


def make_replica(secret: Secret, primary_arn: str) -> None:
    """Make a new secret a replica that waits for its primary in another account.

    :raises CustomerKeyNeeded: (GUESS)
    """
    if secret.uses_default_key:
        raise CustomerKeyNeeded
    secret.cross_account_primary = LinkToPrimary(primary_arn)
    secret.replication_policy = _replication_policy(primary_arn)


def _replication_policy(primary_arn: str) -> Policy:
    """The policy that lets the primary's account link the secret. GUESS: its contents, apart from the action."""
    arn = read_secret_arn(primary_arn)
    assert arn is not None, "checked before"
    return read_key_policy(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{partition_of(arn.region)}:iam::{arn.account_id}:root"},
                "Action": "secretsmanager:AcceptCrossAccountReplication",
                "Resource": "*",
            },
        }
    )


def _check_own(ctx: Context, primary: Secret) -> None:
    """Refuse a call from an account other than the primary's. GUESS: the error.

    :raises NotPrimarysAccount: if the caller is of another account.
    """
    if primary.account_id != ctx.account_id:
        raise NotPrimarysAccount
