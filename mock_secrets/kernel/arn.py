"""Builds and reads the ARNs of secrets, with or without their suffix."""

import re
from typing import NamedTuple

from mock_secrets.kernel.regions import partition_of

_SECRET_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):secretsmanager:(?P<region>[a-z0-9-]+):(?P<account_id>\d{12}):secret:(?P<resource>.+)",
    re.DOTALL,
)
_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}\Z")
_SUFFIX_LENGTH = 6

#: The pattern for any suffix in a policy.
OPEN_SUFFIX = "?" * _SUFFIX_LENGTH


class SecretArn(NamedTuple):
    """A complete or partial ARN of a secret, as a caller sent it."""

    partition: str
    region: str
    account_id: str
    resource: str

    @property
    def is_complete(self) -> bool:
        """Whether AWS treats it as a complete ARN: it ends in a hyphen and six characters.

        A secret whose own name ends like that can't be found by a partial ARN
        (AWS User Guide, "Finding a secret from a partial ARN"; recorded 2022-09-28).
        """
        return _SUFFIX.search(self.resource) is not None


def secret_arn(region: str, account_id: str, name: str, suffix: str) -> str:
    return f"{unfinished_arn(region, account_id, name)}-{suffix}"


def unfinished_arn(region: str, account_id: str, name: str) -> str:
    """The ARN of a secret of this name, without the hyphen and the suffix."""
    return f"arn:{partition_of(region)}:secretsmanager:{region}:{account_id}:secret:{name}"


def in_region(arn: str, region: str) -> str:
    """The ARN of a secret's replica in another region. Only the region differs."""
    parts = arn.split(":")
    parts[3] = region
    return ":".join(parts)


def suffix_of(arn: str) -> str:
    """The six characters at the end of a complete ARN."""
    return arn[-_SUFFIX_LENGTH:]


def without_suffix(arn: str) -> str:
    """A complete ARN, or its resource, without the hyphen and the six characters."""
    return arn[: -_SUFFIX_LENGTH - 1]


def with_open_suffix(arn: str) -> str:
    """The pattern in a policy for a complete ARN with any suffix."""
    return f"{without_suffix(arn)}-{OPEN_SUFFIX}"


def read_secret_arn(text: str) -> SecretArn | None:
    """The parts of a secret's ARN, or None if the text is not one."""
    if not text.startswith("arn:"):
        return None
    match = _SECRET_ARN.fullmatch(text)
    return SecretArn(**match.groupdict()) if match else None
