"""Who calls: access keys and the principals that they name."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from mock_secrets.regions import partition_of

#: Every access key that this library hands out begins so; AWS issues none that does.
KEY_PREFIX = "AKIAMOCK"

#: The key that a process finds in its environment while a mock is active. Its
#: account is whatever the running backend's account is.
ENVIRONMENT_KEY = f"{KEY_PREFIX}SECRETS00000"

_ACCOUNT_KEY = re.compile(rf"{KEY_PREFIX}(\d{{12}})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A caller, as IAM and CloudTrail name it.

    :ivar arn: of the user, or of the role's session.
    :ivar user_id: its unique id, a role session's with the session's name behind a colon.
    :ivar name: of the user or the role.
    :ivar issuer_arn: the ARN of the role whose session it is; empty for a user.
    """

    arn: str
    account_id: str
    kind: Literal["IAMUser", "AssumedRole"] = "IAMUser"
    user_id: str = "AIDAMOCKADMINISTRATOR"
    name: str = "administrator"
    issuer_arn: str = ""


def administrator_key(account_id: str) -> str:
    """An access key that stands for an account's administrator."""
    return f"{KEY_PREFIX}{account_id}"


def administrator(account_id: str, region: str) -> Principal:
    return Principal(arn=f"arn:{partition_of(region)}:iam::{account_id}:user/administrator", account_id=account_id)


@lru_cache
def principal_of(access_key: str, region: str, default_account: str) -> Principal:
    """The caller that an access key names. A key that nobody handed out is the account's administrator."""
    match = _ACCOUNT_KEY.fullmatch(access_key)
    return administrator(match[1] if match else default_account, region)
