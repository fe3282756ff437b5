"""Who calls: access keys and the principals that they name."""

import re
from functools import lru_cache
from typing import NamedTuple

from mock_secrets.regions import partition_of

#: Every access key that this library hands out begins so; AWS issues none that does.
KEY_PREFIX = "AKIAMOCK"

#: The key that a process finds in its environment while a mock is active. Its
#: account is whatever the running backend's account is.
ENVIRONMENT_KEY = f"{KEY_PREFIX}SECRETS00000"

_ACCOUNT_KEY = re.compile(rf"{KEY_PREFIX}(\d{{12}})")


class Principal(NamedTuple):
    """A caller: its ARN and its account."""

    arn: str
    account_id: str


def administrator_key(account_id: str) -> str:
    """An access key that stands for an account's administrator."""
    return f"{KEY_PREFIX}{account_id}"


def administrator(account_id: str, region: str) -> Principal:
    return Principal(f"arn:{partition_of(region)}:iam::{account_id}:user/administrator", account_id)


@lru_cache
def principal_of(access_key: str, region: str, default_account: str) -> Principal:
    """The caller that an access key names. A key that nobody handed out is the account's administrator."""
    match = _ACCOUNT_KEY.fullmatch(access_key)
    return administrator(match[1] if match else default_account, region)
