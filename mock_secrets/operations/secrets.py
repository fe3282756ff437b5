"""Creating, updating, describing, deleting and restoring secrets."""

from collections.abc import Sequence
from datetime import timedelta

from mock_secrets.kernel.arn import read_secret_arn, secret_arn
from mock_secrets.kernel.errors import ReplicasLeft, SecretNotFound
from mock_secrets.kernel.limits import AT_ONCE
from mock_secrets.kernel.redaction import RedactedBytes, RedactedStr
from mock_secrets.model import replication
from mock_secrets.model.cross_account import check_other_account, check_parted
from mock_secrets.model.secret import Secret
from mock_secrets.model.versions import AWSCURRENT, Value, Version
from mock_secrets.operations import encryption, views
from mock_secrets.operations.context import Context
from mock_secrets.operations.cross_account import REPLICATION_POLICY, check_cross_account_replica, make_replica
from mock_secrets.operations.registry import Response, operation
from mock_secrets.operations.replication import begin_replicas, replica_requests
from mock_secrets.operations.tags import tag_pairs
from mock_secrets.operations.values import given_value, version_of_token

#: The default recovery window of DeleteSecret.
DEFAULT_WINDOW_DAYS = 30


@operation(
    "create",
    also={
        "tags": "TagResource",
        "add_replica_regions": "ReplicateSecretToRegions",
        "cross_account_primary_arn": "PutResourcePolicy",
    },
    implied={"policy_name": REPLICATION_POLICY},
    check=check_cross_account_replica,
    keys={
        "name": "Name",
        "description": "Description",
        "kms_key_id": "KmsKeyId",
        "type": "Type",
        "add_replica_regions": "AddReplicaRegions",
        "force_overwrite_replica_secret": "ForceOverwriteReplicaSecret",
    },
)
def create_secret(
    ctx: Context,
    *,
    name: str,
    client_request_token: str,
    description: str = "",
    kms_key_id: str = "",
    secret_string: RedactedStr | None = None,
    secret_binary: RedactedBytes | None = None,
    tags: Sequence[dict[str, str]] | None = None,
    add_replica_regions: Sequence[dict[str, str]] = (),
    force_overwrite_replica_secret: bool = False,
    type: str = "",
    cross_account_primary_arn: str | None = None,
) -> Response:
    value = given_value(secret_string, secret_binary)
    existing = ctx.region.get(name)
    if existing is not None and existing.deleted_at is None and value is not None:
        made = version_of_token(ctx, existing, client_request_token, value)
        if made is not None:
            return views.identity(existing, made)
    ctx.region.check_free(name, ctx.state.limits)
    if cross_account_primary_arn is not None:
        check_other_account(cross_account_primary_arn, account_id=ctx.account_id, region=ctx.region.name)
    requests = replica_requests(add_replica_regions)
    replication.check_requests(None, ctx.region.name, requests)
    secret = Secret(
        name=name,
        arn=secret_arn(ctx.region.name, ctx.region.account_id, name, ctx.state.ids.arn_suffix()),
        account_id=ctx.region.account_id,
        region=ctx.region.name,
        created_at=ctx.at,
        changed_at=ctx.at,
        description=description,
        kms_key_id=kms_key_id,
        type=type,
    )
    if tags is not None:
        secret.tags = secret.tagged(tag_pairs(tags), ctx.state.limits)
    secret.key_id = encryption.chosen_key(
        ctx, secret.arn, kms_key_id, account_id=secret.account_id, region=secret.region
    )
    version = None
    if cross_account_primary_arn is not None:
        make_replica(secret, cross_account_primary_arn)
    if value is not None:
        key_id = encryption.encrypt(ctx, secret, client_request_token)
        version = secret.versions.store(client_request_token, value, [AWSCURRENT], ctx.at, key_id)
    ctx.region.add(secret)
    ctx.touched.append(secret)
    if not requests:
        return views.identity(secret, version)
    begin_replicas(ctx, secret, requests, overwrite=force_overwrite_replica_secret)
    return views.identity(secret, version) | views.replication(secret, ctx.state.store)


@operation("versions", keys={"description": "Description", "kms_key_id": "KmsKeyId", "type": "Type"})
def update_secret(
    ctx: Context,
    *,
    secret_id: str,
    client_request_token: str,
    description: str | None = None,
    kms_key_id: str | None = None,
    secret_string: RedactedStr | None = None,
    secret_binary: RedactedBytes | None = None,
    type: str | None = None,
) -> Response:
    value = given_value(secret_string, secret_binary)
    # The key is all that can be changed on a replica (User Guide, "Promote a replica secret").
    only_key = value is None and description is None and type is None
    secret = ctx.find_writable(secret_id, also_replica=only_key)
    version = None
    if value is not None:
        encryption.check_reach(ctx, secret)
        version = _version_of_update(ctx, secret, client_request_token, value)
    key_id, used, re_encrypted = "", "", list[Version]()
    if kms_key_id is not None:
        key_id = encryption.chosen_key(ctx, secret.arn, kms_key_id, account_id=secret.account_id, region=secret.region)
    if value is not None and version is None:
        used = encryption.encrypt(ctx, secret, client_request_token, key_id)
        secret.versions.check_room(client_request_token, [AWSCURRENT], ctx.at, ctx.state.limits)
    if kms_key_id is not None:
        re_encrypted = encryption.re_encryptable(ctx, secret, key_id)

    modified = not (description is kms_key_id is type is None)
    if description is not None:
        secret.description = description
    if type is not None:
        secret.type = type
    if kms_key_id is not None:
        secret.use_key(kms_key_id, key_id, re_encrypted)
    if value is not None and version is None:
        version = secret.versions.store(client_request_token, value, [AWSCURRENT], ctx.at, used)
        encryption.copy_across(ctx, secret, version)
        ctx.record_new_version(secret, version)
    elif modified:
        secret.mark_changed(ctx.at)
    return views.identity(secret, version)


@operation("read", reads=True)
def describe_secret(ctx: Context, *, secret_id: str) -> Response:
    secret = ctx.find(secret_id)
    return views.description(secret) | views.replication_status(secret, ctx.state.store) | views.cross_account(secret)


@operation(
    "delete",
    keys={
        "force_delete_without_recovery": "ForceDeleteWithoutRecovery",
        "recovery_window_in_days": "RecoveryWindowInDays",
    },
    # "aRN" with this capitalisation was recorded in 2023.
    logs={"ARN": "aRN", "Name": "name", "DeletionDate": "deletionDate"},
)
def delete_secret(
    ctx: Context,
    *,
    secret_id: str,
    recovery_window_in_days: int = DEFAULT_WINDOW_DAYS,
    force_delete_without_recovery: bool = False,
) -> Response:
    if force_delete_without_recovery:
        return _delete_at_once(ctx, secret_id)
    secret = ctx.find_primary(secret_id)
    _check_no_replicas(secret)
    check_parted(secret)
    secret.check_readable()
    purged_at = ctx.at + timedelta(days=recovery_window_in_days)
    secret.schedule_deletion(ctx.at, purged_at)
    ctx.log_deletion("StartSecretVersionDelete", secret)
    return views.identity(secret) | {"DeletionDate": purged_at}


@operation("restore")
def restore_secret(ctx: Context, *, secret_id: str) -> Response:
    secret = ctx.find_primary(secret_id)
    if secret.deleted_by_force:
        # GUESS: a secret that was deleted without a recovery window can't be restored while it is being removed.
        secret.check_readable()
    if secret.deleted_at is not None:
        ctx.log_deletion("CancelSecretVersionDelete", secret)
    secret.restore(ctx.at)
    return views.identity(secret)


def _delete_at_once(ctx: Context, secret_id: str) -> Response:
    """Delete without a recovery window. This also succeeds for a secret that does not exist (recorded).

    AWS still describes the secret for some seconds (recorded), and frees its name even later. Here both happen at
    once, unless there is a ``deletion_delay``.
    """
    try:
        secret = ctx.find_primary(secret_id)
    except SecretNotFound:
        # GUESS: the suffix of this ARN. No response is recorded.
        is_arn = read_secret_arn(secret_id) is not None
        made_up = secret_arn(ctx.region.name, ctx.region.account_id, secret_id, ctx.state.ids.arn_suffix())
        return {"ARN": secret_id if is_arn else made_up, "Name": secret_id, "DeletionDate": ctx.at}
    _check_no_replicas(secret)
    check_parted(secret)
    secret.check_owner()
    if not secret.deleted_by_force:
        secret.delete_by_force(ctx.at, ctx.at + (ctx.state.limits.deletion_delay or AT_ONCE))
    return views.identity(secret) | {"DeletionDate": ctx.at}


def _check_no_replicas(secret: Secret) -> None:
    regions = replication.regions_with_replica(secret)
    if regions:
        raise ReplicasLeft(arn=secret.arn, regions=", ".join(regions))


def _version_of_update(ctx: Context, secret: Secret, token: str, value: Value) -> Version | None:
    """The version that this update has already made, or None if the update is new.

    AWS accepts the token of an existing version with the same value (recorded:
    test_update_same_secret_value_with_same_token), although its documentation calls every reuse an error.
    ``token_reuse="documented"`` follows the documentation.
    """
    if ctx.state.documented_tokens and token in secret.versions:
        raise secret.versions.token_in_use(token)
    return version_of_token(ctx, secret, token, value)
