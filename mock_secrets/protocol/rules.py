"""The checks that AWS makes on a request alone, before it looks up the secret, in AWS's order.

The order of the last three is a GUESS. That all of them come before the look-up of the secret is recorded
(test_invalid_secret_name, test_no_client_request_token: the secrets did not exist).
"""

import re
from collections.abc import Mapping
from typing import Any

from mock_secrets.kernel.arn import read_secret_arn
from mock_secrets.kernel.errors import (
    BothValues,
    ClientRequestTokenMissing,
    ClientRequestTokenMissingForRotation,
    ForceWithWindow,
    InvalidName,
    NoValue,
    WindowOutOfRange,
)
from mock_secrets.protocol.shapes import OperationShape

_NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]+")


def check_request(shape: OperationShape, params: Mapping[str, Any]) -> None:
    """Make the checks that need no state.

    :raises ConstraintViolations, InvalidName, ClientRequestTokenMissing, BothValues, NoValue, ForceWithWindow,
        WindowOutOfRange:
    """
    shape.check(params)
    _check_names(params)
    if shape.token_member is not None:
        _check_token(shape, params)
    if shape.sensitive:
        _check_value(shape, params)
    if "RecoveryWindowInDays" in params:
        _check_window(params)


def _check_names(params: Mapping[str, Any]) -> None:
    name = params.get("Name")
    if name is not None and not _NAME.fullmatch(name):
        raise InvalidName
    for secret_id in (params.get("SecretId"), *params.get("SecretIdList", ())):
        if secret_id is None or _NAME.fullmatch(secret_id):
            continue
        arn = read_secret_arn(secret_id)
        if arn is None or not _NAME.fullmatch(arn.resource):
            raise InvalidName


def _check_token(shape: OperationShape, params: Mapping[str, Any]) -> None:
    if shape.token_member is None or shape.token_member in params:
        return
    if shape.name == "RotateSecret":
        raise ClientRequestTokenMissingForRotation
    raise ClientRequestTokenMissing


def _check_value(shape: OperationShape, params: Mapping[str, Any]) -> None:
    has_text, has_bytes = "SecretString" in params, "SecretBinary" in params
    if has_text and has_bytes:
        raise BothValues
    if shape.name == "PutSecretValue" and not has_text and not has_bytes:
        raise NoValue


def _check_window(params: Mapping[str, Any]) -> None:
    days = params.get("RecoveryWindowInDays")
    if days is None:
        return
    # The range is checked first (reported: getmoto/moto#6461).
    if not 7 <= days <= 30:
        raise WindowOutOfRange
    if params.get("ForceDeleteWithoutRecovery"):
        raise ForceWithWindow
