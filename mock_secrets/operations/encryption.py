"""Secrets Manager's calls to KMS: on whose behalf they are made, and how their errors are reported.

Source: "Secret encryption and decryption in AWS Secrets Manager" in the User Guide.
"""

from collections.abc import Iterator
from typing import NamedTuple

from mock_secrets.aws.iam import PermissionCheck
from mock_secrets.aws.kms import DEFAULT_ALIAS, SYMMETRIC, Key, KeyState, place_of
from mock_secrets.aws.records import KeyUse
from mock_secrets.kernel.arn import in_region
from mock_secrets.kernel.codes import AWSError, DecryptionFailure, EncryptionFailure
from mock_secrets.kernel.errors import (
    CannotDecrypt,
    CannotDecryptUnproven,
    CannotEncrypt,
    DefaultKeyAcrossAccounts,
    KeyToEncryptWithMissing,
    KmsKeyNotFound,
    KmsNotAllowed,
    ReplicationKeyUnusable,
)
from mock_secrets.model.replication import ReplicaRequest
from mock_secrets.model.secret import Secret
from mock_secrets.model.versions import DEFAULT_KEY, Version
from mock_secrets.operations.context import Context
from mock_secrets.operations.permissions import check_key_permission, record

#: What stands in place of a version id in the encryption context while a key is validated.
VALIDATION = "RequestToValidateKeyAccess"


class _Trouble(NamedTuple):
    """Why a key can't be used, in KMS's words."""

    code: str
    reason: str


_TROUBLES = {
    KeyState.DISABLED: _Trouble("DisabledException", "{arn} is disabled."),
    KeyState.PENDING_DELETION: _Trouble("KMSInvalidStateException", "{arn} is pending deletion."),
    KeyState.DELETED: _Trouble("NotFoundException", "Key '{arn}' does not exist"),
}


def check_reach(ctx: Context, secret: Secret) -> None:
    """Raise unless the caller's account can use the secret's key.

    :raises DefaultKeyAcrossAccounts: recorded for Get- and PutSecretValue (test_cross_account_access).
    """
    if secret.account_id != ctx.account_id and secret.uses_default_key:
        raise DefaultKeyAcrossAccounts


def chosen_key(ctx: Context, secret_arn: str, kms_key_id: str, *, account_id: str, region: str) -> str:
    """Find and validate the key chosen for a secret, even if there is no value to encrypt.

    :param account_id, region: the secret's account and region.
    :returns: the key, as ListSecretVersionIds names it.
    :raises InvalidKmsKey, KmsNotAllowed, DefaultKeyAcrossAccounts, EncryptionFailure, DecryptionFailure:
    """
    key = ctx.state.keys.find(kms_key_id, account_id=account_id, region=region, at=ctx.at)
    if key is None:
        _check_own_account(ctx, account_id)
        return DEFAULT_KEY
    _use(ctx, key, "GenerateDataKey", secret_arn, VALIDATION)
    _use(ctx, key, "Decrypt", secret_arn, VALIDATION)
    return ctx.state.keys.adopt(key, ctx.at).arn


def encrypt(ctx: Context, secret: Secret, version_id: str, key_id: str | None = None) -> str:
    """Encrypt a version under the secret's key.

    :param key_id: the key that the secret is about to get; by default its present one.

    :returns: the key, as ListSecretVersionIds names it.
    :raises KmsNotAllowed, EncryptionFailure:
    """
    key_id = key_id or _key_named(ctx, secret)
    if key_id == DEFAULT_KEY:
        ctx.log_key_use(KeyUse("GenerateDataKey", key_id, secret.arn, version_id))
    else:
        _use(ctx, ctx.state.keys.get(key_id), "GenerateDataKey", secret.arn, version_id)
    return key_id


def decrypt(ctx: Context, secret: Secret, version: Version) -> None:
    """Decrypt a version with any of its keys, the newest first.

    :raises KmsNotAllowed, DefaultKeyAcrossAccounts, DecryptionFailure: the error of the newest key.
    """
    tried = []
    for key_id in reversed(version.key_ids):
        if key_id == DEFAULT_KEY and secret.account_id == ctx.account_id:
            ctx.log_key_use(KeyUse("Decrypt", key_id, secret.arn, version.id))
            return
        attempt = _attempt(ctx, key_id, "Decrypt", secret.arn, version.id)
        if attempt.refusal is None:
            attempt.record(ctx)
            return
        tried.append(attempt)
    tried[0].record(ctx)
    raise tried[0].refusal or KmsNotAllowed


def re_encryptable(ctx: Context, secret: Secret, key_id: str) -> list[Version]:
    """The versions that can be re-encrypted under a changed key: those that the caller may encrypt with it.

    Without kms:Encrypt the versions keep their key, and the call still succeeds (documentation of UpdateSecret,
    parameter KmsKeyId). GUESS: they have to be readable.

    :raises KmsNotAllowed, DecryptionFailure: if the old key can't be used.
    """
    return [version for version in secret.versions.to_re_encrypt(key_id) if _can_move(ctx, secret, version, key_id)]


def with_key(ctx: Context, secret: Secret, request: ReplicaRequest) -> ReplicaRequest:
    """A replica request with its key validated, or with the problem that came up."""
    arn = in_region(secret.arn, request.region)
    # A replica shows its key even if none was given (recorded responses).
    request = request._replace(kms_key_id=request.kms_key_id or DEFAULT_ALIAS)
    try:
        for version in secret.versions:
            if version.labels and version.value is not None:
                decrypt(ctx, secret, version)
        key = ctx.state.keys.find(request.kms_key_id, account_id=secret.account_id, region=request.region, at=ctx.at)
        if key is None:
            return request
        # Decrypt is not needed (documentation of ReplicateSecretToRegions, "Required permissions").
        _use(ctx, key, "GenerateDataKey", arn, VALIDATION)
        _use(ctx, key, "Encrypt", arn, VALIDATION)
    except AWSError as error:
        # GUESS: the only reason of AWS's that is known here is that of a name in use.
        return request._replace(problem=error.message)
    return request._replace(key_id=ctx.state.keys.adopt(key, ctx.at).arn)


def try_replication(ctx: Context, primary: Secret, copy: Secret) -> None:
    """Check that replication to another account is possible: decrypting with one key, encrypting with the other.

    :raises KmsNotAllowed:
    :raises ReplicationKeyUnusable: (GUESS)
    """
    for refusal in _tried(ctx, primary, copy, VALIDATION):
        if isinstance(refusal, DecryptionFailure | EncryptionFailure):
            raise ReplicationKeyUnusable(reason=refusal.message)
        raise refusal


def copy_across(ctx: Context, primary: Secret, version: Version) -> None:
    """Copy a new value to the replica in another account, through the role, or else on the caller's behalf.

    A failure is reported later, by the replica's status. The permissions of a role are not evaluated: by design, not AWS's.
    """
    link = primary.cross_account_replica
    if link is None or link.role_arn:
        return
    copy = ctx.state.store.get(link.arn, account_id=primary.account_id, region=primary.region)
    if copy is not None:
        link.problem = "; ".join(refusal.message for refusal in _tried(ctx, primary, copy, version.id))


def _tried(ctx: Context, primary: Secret, copy: Secret, version_id: str) -> Iterator[AWSError]:
    """The first refusal of the two uses, if there is one."""
    for secret, action in ((primary, "Decrypt"), (copy, "Encrypt")):
        if secret.uses_default_key:
            _check_own_account(ctx, secret.account_id)
            ctx.log_key_use(KeyUse(action, DEFAULT_KEY, secret.arn, version_id))
            continue
        attempt = _attempt(ctx, secret.key_id, action, secret.arn, version_id)
        attempt.record(ctx)
        if attempt.refusal is not None:
            yield attempt.refusal
            return


def _key_named(ctx: Context, secret: Secret) -> str:
    """The key that the secret's KmsKeyId means for this caller, as ListSecretVersionIds names it.

    An id without an account is looked up in the caller's account, whichever account owns the secret (reported:
    hashicorp/terraform-provider-aws#30272). GUESS: so is an alias.

    :raises EncryptionFailure: if there is no such key in the caller's account.
    """
    if secret.account_id == ctx.account_id or place_of(secret.kms_key_id) is not None or secret.uses_default_key:
        return secret.key_id
    try:
        key = ctx.state.keys.find(secret.kms_key_id, account_id=ctx.account_id, region=secret.region, at=ctx.at)
    except KmsKeyNotFound as missing:
        raise KeyToEncryptWithMissing(
            reason=missing.data["reason"], kms_code="NotFoundException", request_id=ctx.state.ids.uuid()
        ) from None
    return DEFAULT_KEY if key is None else ctx.state.keys.adopt(key, ctx.at).arn


def _check_own_account(ctx: Context, account_id: str) -> None:
    if account_id != ctx.account_id:
        raise DefaultKeyAcrossAccounts


def _can_move(ctx: Context, secret: Secret, version: Version, key_id: str) -> bool:
    if version.value is None:
        return True
    if key_id != DEFAULT_KEY:
        attempt = _attempt(ctx, key_id, "Encrypt", secret.arn, version.id)
        attempt.record(ctx)
        if attempt.refusal is not None:
            return False
    decrypt(ctx, secret, version)
    return True


class _Attempt(NamedTuple):
    """An attempt to use a key, and the error if it was refused."""

    check: PermissionCheck | None
    refusal: AWSError | None
    use: KeyUse

    def record(self, ctx: Context) -> None:
        if self.check is not None:
            record(ctx, self.check)
        if self.refusal is None:
            ctx.log_key_use(self.use)


def _attempt(ctx: Context, key_id: str, action: str, secret_arn: str, version_id: str) -> _Attempt:
    use = KeyUse(action, key_id, secret_arn, version_id)
    if key_id == DEFAULT_KEY:
        return _Attempt(None, DefaultKeyAcrossAccounts(), use)
    return _attempt_with(ctx, ctx.state.keys.get(key_id), use)


def _attempt_with(ctx: Context, key: Key, use: KeyUse) -> _Attempt:
    check = check_key_permission(ctx, key, use.action, use.secret_arn, use.version_id)
    return _Attempt(check, _refusal(ctx, key, check, use.action), use)


def _use(ctx: Context, key: Key, action: str, secret_arn: str, version_id: str) -> None:
    """Use a key on the caller's behalf, and log the use.

    :raises KmsNotAllowed, EncryptionFailure, DecryptionFailure: if the key can't be used.
    """
    attempt = _attempt_with(ctx, key, KeyUse(action, key.arn, secret_arn, version_id))
    attempt.record(ctx)
    if attempt.refusal is not None:
        raise attempt.refusal


def _refusal(ctx: Context, key: Key, check: PermissionCheck, action: str) -> AWSError | None:
    if not check.allowed:
        return KmsNotAllowed()
    if key.spec != SYMMETRIC:
        return CannotEncrypt(
            # The sentence is from the User Guide, "Troubleshoot AWS Secrets Manager"; the code is a GUESS.
            reason="Cannot generate a data key with an asymmetric KMS key",
            kms_code="InvalidKeyUsageException",
            request_id=ctx.state.ids.uuid(),
        )
    state = key.state(ctx.at)
    if state is KeyState.ENABLED:
        return None
    trouble = _TROUBLES[state]
    reason = trouble.reason.format(arn=key.arn)
    return _failure(action, state)(reason=reason, kms_code=trouble.code, request_id=ctx.state.ids.uuid())


def _failure(action: str, state: KeyState) -> type[AWSError]:
    if action != "Decrypt":
        return CannotEncrypt
    # Only the sentence for a disabled key is recorded in full.
    return CannotDecrypt if state is KeyState.DISABLED else CannotDecryptUnproven
