"""Secret values and versions: getting, putting and listing them, and moving staging labels."""

from collections.abc import Sequence

from mock_secrets.kernel.redaction import RedactedBytes, RedactedStr
from mock_secrets.model.secret import Secret
from mock_secrets.model.versions import AWSCURRENT, Value, Version
from mock_secrets.operations import encryption, views
from mock_secrets.operations.context import Context
from mock_secrets.operations.paging import in_order, page
from mock_secrets.operations.registry import Response, operation


@operation("read", reads=True, keys={"version_id": "VersionId", "version_stage": "VersionStage"})
def get_secret_value(
    ctx: Context, *, secret_id: str, version_id: str | None = None, version_stage: str | None = None
) -> Response:
    secret = ctx.find_readable(secret_id)
    encryption.check_reach(ctx, secret)
    version = secret.versions.select(version_id, version_stage)
    encryption.decrypt(ctx, secret, version)
    secret.record_access(version, ctx.at)
    return views.secret_value(secret, version)


@operation("versions")
def put_secret_value(
    ctx: Context,
    *,
    secret_id: str,
    client_request_token: str,
    secret_string: RedactedStr | None = None,
    secret_binary: RedactedBytes | None = None,
    version_stages: Sequence[str] = (AWSCURRENT,),
    rotation_token: str | None = None,  # noqa: ARG001 - AWS checks the rotation function's identity with it
) -> Response:
    secret = ctx.find_writable(secret_id)
    encryption.check_reach(ctx, secret)
    value = given_value(secret_string, secret_binary)
    assert value is not None, "the request's checks refuse a PutSecretValue without a value"
    version = version_of_token(ctx, secret, client_request_token, value)
    if version is None:
        key_id = encryption.encrypt(ctx, secret, client_request_token)
        secret.versions.check_room(client_request_token, version_stages, ctx.at, ctx.state.limits)
        version = secret.versions.store(client_request_token, value, version_stages, ctx.at, key_id)
        encryption.copy_across(ctx, secret, version)
        ctx.record_new_version(secret, version)
    return views.identity(secret, version) | views.version_stages(version)


@operation("version_listing", reads=True)
def list_secret_version_ids(
    ctx: Context,
    *,
    secret_id: str,
    max_results: int | None = None,
    next_token: str | None = None,
    include_deprecated: bool = False,
) -> Response:
    secret = ctx.find(secret_id)
    # A version without a value, such as a rotation's, is shown only by DescribeSecret (text of the service model).
    listed = (
        version for version in secret.versions if version.value is not None and (version.labels or include_deprecated)
    )
    scope = f"ListSecretVersionIds {secret.arn} {include_deprecated}"
    shown, token = page(in_order(listed, _version_id), scope, max_results, next_token)
    return views.identity(secret) | views.version_list(shown, token)


@operation("versions", keys={"version_stage": "VersionStage"})
def update_secret_version_stage(
    ctx: Context,
    *,
    secret_id: str,
    version_stage: str,
    remove_from_version_id: str | None = None,
    move_to_version_id: str | None = None,
) -> Response:
    secret = ctx.find_writable(secret_id)
    if secret.versions.move_label(version_stage, move_to_version_id, remove_from_version_id, ctx.state.limits):
        secret.mark_changed(ctx.at)
    return views.identity(secret)


def _version_id(version: Version) -> str:
    return version.id


def version_of_token(ctx: Context, secret: Secret, token: str, value: Value) -> Version | None:
    """The version that this token has already made, or None. AWS decrypts it to compare the values.

    :raises TokenInUse: if that version has a different value.
    """
    version = secret.versions.get(token)
    if version is not None and version.value is not None:
        encryption.decrypt(ctx, secret, version)
    return secret.versions.with_token(token, value)


def given_value(text: RedactedStr | None, binary: RedactedBytes | None) -> Value | None:
    """The value of a request, in which earlier checks allow at most one of the two."""
    return text if text is not None else binary
