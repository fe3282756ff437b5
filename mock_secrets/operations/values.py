"""Secret values and their versions: GetSecretValue, PutSecretValue."""

from collections.abc import Sequence

from mock_secrets.model.versions import AWSCURRENT, Value
from mock_secrets.operations import views
from mock_secrets.operations.context import Context
from mock_secrets.operations.registry import Response, operation


@operation
def get_secret_value(
    ctx: Context, *, secret_id: str, version_id: str | None = None, version_stage: str | None = None
) -> Response:
    secret = ctx.find_readable(secret_id)
    ctx.check_key_reach(secret)
    version = secret.versions.select(version_id, version_stage)
    secret.note_access(version, ctx.at)
    return views.secret_value(secret, version)


@operation
def put_secret_value(
    ctx: Context,
    *,
    secret_id: str,
    client_request_token: str,
    secret_string: str | None = None,
    secret_binary: bytes | None = None,
    version_stages: Sequence[str] = (AWSCURRENT,),
    rotation_token: str | None = None,  # noqa: ARG001 - AWS checks the rotation function's identity with it
) -> Response:
    secret = ctx.find_writable(secret_id)
    ctx.check_key_reach(secret)
    value = given_value(secret_string, secret_binary)
    assert value is not None, "the checks on the request let no PutSecretValue without a value pass"
    version = secret.versions.with_token(client_request_token, value)
    if version is None:
        secret.versions.check_room(client_request_token, version_stages, ctx.at, ctx.limits)
        version = secret.versions.store(client_request_token, value, version_stages, ctx.at, secret.key_id)
        secret.changed_at = ctx.at
    return views.identity(secret, version) | {"VersionStages": views.stages(version.labels)}


def given_value(text: str | None, binary: bytes | None) -> Value | None:
    """The value of a request, of which the checks before let at most one kind pass."""
    return text if text is not None else binary
