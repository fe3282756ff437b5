"""The secrets that a record is about, and the ways in which one may be named."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_secrets.kernel.arn import read_secret_arn, suffix_of, without_suffix


class SecretName(NamedTuple):
    """One way to read the name or the ARN of a secret. Parts that it does not contain are None.

    :ivar place: partition, region and account.
    """

    place: tuple[str, str, str] | None
    name: str
    suffix: str | None

    def may_be(self, other: "SecretName") -> bool:
        return all(one == another for one, another in zip(self, other, strict=True) if None not in (one, another))


def readings(secret_id: str) -> list[SecretName]:
    """The ways to read a secret id, as a complete ARN last. What looks like a suffix may be the end of a name."""
    arn = read_secret_arn(secret_id)
    if arn is None:
        return [SecretName(None, secret_id, None)]
    place = (arn.partition, arn.region, arn.account_id)
    whole = SecretName(place, arn.resource, None)
    if not arn.is_complete:
        return [whole]
    return [whole, SecretName(place, without_suffix(arn.resource), suffix_of(arn.resource))]


def named_secrets(params: Mapping[str, Any]) -> list[str]:
    # In a refused call, these parameters may be of any type.
    listed = params.get("SecretIdList")
    named = [params.get("SecretId"), params.get("Name"), *(listed if isinstance(listed, list) else [])]
    return [secret_id for secret_id in named if isinstance(secret_id, str)]
