"""RotateSecret and CancelRotateSecret."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mock_secrets.aws.functions import read_function_arn
from mock_secrets.kernel.errors import (
    InvalidRotationLambda,
    LambdaNotInvocable,
    ManagedSecretTakesNoLambda,
    NoRotationLambda,
    PreviousRotationIncomplete,
    RoleNotAssumable,
    RotationTokenInUse,
)
from mock_secrets.kernel.limits import AT_ONCE
from mock_secrets.model.rotation import Pending, Rotation
from mock_secrets.model.schedule import Schedule, read_schedule
from mock_secrets.model.secret import Secret
from mock_secrets.operations import views
from mock_secrets.operations.context import Context
from mock_secrets.operations.permissions import require_elsewhere
from mock_secrets.operations.registry import Response, operation

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+")


def _schedule(arguments: Mapping[str, Any]) -> Schedule | None:
    rules = arguments.get("rotation_rules") or {}
    return read_schedule(rules.get("AutomaticallyAfterDays"), rules.get("ScheduleExpression"), rules.get("Duration"))


@operation(
    "rotation",
    check=_schedule,
    keys={
        "rotation_lambda_arn": "RotationLambdaARN",
        "rotation_rules": "ModifyRotationRules",
        "rotate_immediately": "RotateImmediately",
        "external_secret_rotation_role_arn": "ExternalSecretRotationRoleArn",
    },
)
def rotate_secret(
    ctx: Context,
    *,
    secret_id: str,
    client_request_token: str,
    rotation_lambda_arn: str | None = None,
    rotation_rules: dict[str, Any] | None = None,
    external_secret_rotation_metadata: Sequence[dict[str, str]] | None = None,
    external_secret_rotation_role_arn: str | None = None,
    rotate_immediately: bool = True,
) -> Response:
    schedule = _schedule({"rotation_rules": rotation_rules})
    secret = ctx.find_readable_source(secret_id)
    stored = secret.rotation or Rotation()
    lambda_arn = _lambda_arn(secret, rotation_lambda_arn, stored, external_secret_rotation_role_arn)
    if stored.is_running or secret.versions.dangling_pending() is not None:
        raise PreviousRotationIncomplete
    if external_secret_rotation_role_arn is not None:
        _check_role(external_secret_rotation_role_arn)
    if lambda_arn is not None:
        # Required by the documentation of RotateSecret. GUESS: the error if it is missing.
        require_elsewhere(ctx, "lambda:InvokeFunction", lambda_arn)
        if ctx.state.functions.get(lambda_arn) is None:
            raise LambdaNotInvocable
    if external_secret_rotation_role_arn is not None:
        require_elsewhere(ctx, "iam:PassRole", external_secret_rotation_role_arn)
    if client_request_token in secret.versions:
        raise RotationTokenInUse(token=client_request_token)

    rotation = secret.rotation = stored
    rotation.enabled = True
    rotation.lambda_arn = lambda_arn
    rotation.schedule = schedule or rotation.schedule
    if external_secret_rotation_metadata is not None:
        rotation.external_metadata = list(external_secret_rotation_metadata)
    if external_secret_rotation_role_arn is not None:
        rotation.external_role_arn = external_secret_rotation_role_arn
    rotation.plan(ctx.at)
    secret.mark_changed(ctx.at)
    begin_version(secret, client_request_token, ctx.at, is_test=not rotate_immediately)
    rotation.pending = Pending(
        client_request_token, ctx.at + (ctx.state.limits.rotation_delay or AT_ONCE), is_test=not rotate_immediately
    )
    return views.identity(secret) | {"VersionId": client_request_token}


@operation("rotation")
def cancel_rotate_secret(ctx: Context, *, secret_id: str) -> Response:
    """AWSPENDING stays where it is, for the caller to remove (documentation of CancelRotateSecret)."""
    secret = ctx.find_readable_source(secret_id)
    left = secret.versions.dangling_pending()
    # GUESS: it also succeeds for a secret that has never rotated.
    secret.rotation = secret.rotation or Rotation()
    secret.stop_rotation()
    secret.mark_changed(ctx.at)
    return views.identity(secret, left)


def begin_version(secret: Secret, token: str, at: datetime, *, is_test: bool) -> None:
    """Add the version of a rotation, without a value, or for a test with a copy of the current one (recorded)."""
    current = secret.versions.current
    value = current.value if is_test and current is not None else None
    secret.versions.begin_pending(token, value, at, secret.key_id)


def _lambda_arn(secret: Secret, given: str | None, stored: Rotation, role_arn: str | None) -> str | None:
    """The rotation function. Only secrets that another service or a partner rotates may have none."""
    if secret.owning_service is not None:
        if given is not None:
            raise ManagedSecretTakesNoLambda
        return None
    if given is not None:
        arn = read_function_arn(given)
        if arn is None or arn.region != secret.region:
            raise InvalidRotationLambda(region=secret.region, account_id=secret.account_id)
        return given
    if stored.lambda_arn is None and role_arn is None and stored.external_role_arn is None:
        raise NoRotationLambda
    return stored.lambda_arn


def require_role(ctx: Context, role_arn: str) -> None:
    """Raise unless the caller can pass a role to Secrets Manager.

    :raises RoleNotAssumable, NoIdentityPolicyAllows, DeniedByIdentityPolicy:
    """
    _check_role(role_arn)
    require_elsewhere(ctx, "iam:PassRole", role_arn)


def _check_role(role_arn: str) -> None:
    """Check the form of the role's ARN.

    :raises RoleNotAssumable: if it is not that of a role.
    """
    if not _ROLE.fullmatch(role_arn):
        raise RoleNotAssumable(role_arn=role_arn)
