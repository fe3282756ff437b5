"""Keys: as much of KMS as Secrets Manager asks of it."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from mock_secrets.kernel.errors import InvalidKmsKey, KmsKeyNotFound, KmsNotAllowed
from mock_secrets.kernel.journal import Journaled, JournaledDict
from mock_secrets.kernel.regions import partition_of
from mock_secrets.policy.document import Policy, read_key_policy

SYMMETRIC = "SYMMETRIC_DEFAULT"

#: Source: CreateKey in the KMS API reference, parameter KeySpec.
SPECS = (
    SYMMETRIC,
    *("RSA_2048", "RSA_3072", "RSA_4096"),
    *("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1"),
    *("HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"),
)

# Of a key's id no more is asked than its form: AWS's own samples have ids such as EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE.
_ID = r"[A-Za-z0-9]{8}(-[A-Za-z0-9]{4}){3}-[A-Za-z0-9]{12}|mrk-[0-9a-f]{32}"
_ALIAS = r"alias/[A-Za-z0-9/_-]+"
_NAME = re.compile(rf"(?P<id>{_ID})|(?P<alias>{_ALIAS})")
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):kms:(?P<region>[a-z0-9-]+):(?P<account_id>[0-9]{12}):"
    rf"(key/(?P<id>[A-Za-z0-9-]+)|(?P<alias>{_ALIAS}))"
)
#: The key that an account has for its secrets, and nobody makes.
DEFAULT_ALIAS = "alias/aws/secretsmanager"
# What an implied key's id is derived from, so that it is the same in every run.
_NAMESPACE = uuid.UUID("6f1f7a0e-58d1-4f0b-9a5c-0c6f6b0a4e51")


class KeyState(Enum):
    """What a key can be used for, in KMS's words."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"
    DELETED = "Deleted"


@dataclass(slots=True, eq=False, kw_only=True)
class Key(Journaled):
    """One key of one account in one region.

    :ivar policy: the key's policy; None for a key that nobody made and a test takes for granted. Such a key leaves
        it to everybody's own policies.
    :ivar spec: ``SYMMETRIC_DEFAULT``, or the spec of an asymmetric key, with which no value can be encrypted.
    """

    id: str
    arn: str
    account_id: str
    region: str
    policy: Policy | None
    description: str = ""
    spec: str = SYMMETRIC
    aliases: list[str] = field(default_factory=list)
    enabled: bool = True
    deleted_at: datetime | None = None

    def state(self, at: datetime) -> KeyState:
        if self.deleted_at is not None:
            return KeyState.DELETED if self.deleted_at <= at else KeyState.PENDING_DELETION
        return KeyState.ENABLED if self.enabled else KeyState.DISABLED


class Keys(Journaled):
    """The keys of one backend.

    :param strict: whether only keys that were made exist. Otherwise a key that is well named is taken for one that
        was made elsewhere, for anybody whose own policies let him use it.
    """

    __slots__ = ("_by_alias", "_by_arn", "strict")

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self._by_arn: JournaledDict[str, Key] = JournaledDict()
        self._by_alias: JournaledDict[tuple[str, str, str], Key] = JournaledDict()

    def __iter__(self) -> Iterator[Key]:
        return iter(self._by_arn.values())

    def add(self, key: Key, at: datetime) -> Key:
        """:raises ValueError: if an alias of it is another key's."""
        for alias in key.aliases:
            holder = self._by_alias.get((key.account_id, key.region, alias))
            if holder is not None and not _is_free(holder, at):
                raise ValueError(_alias_taken(alias, holder))
        self._by_arn[key.arn] = key
        for alias in key.aliases:
            self._by_alias[key.account_id, key.region, alias] = key
        return key

    def find(self, name: str, *, account_id: str, region: str, at: datetime) -> Key | None:
        """The key that a KmsKeyId names: a key's id or ARN, an alias or an alias's ARN.

        One that is taken for granted is not among the others until it is adopted.

        :param account_id, region: of the secret.
        :returns: the key, or None for the account's key ``aws/secretsmanager``, which an empty name is too.
        :raises InvalidKmsKey: if it can't be the name of a key of this region, or there is no such key.
        :raises KmsNotAllowed: for the key of another AWS service, which Secrets Manager can't use for anybody
            (reported for alias/aws/s3), and GUESS: for ``aws/secretsmanager`` of another account.
        """
        if name in ("", DEFAULT_ALIAS):
            return None
        arn = _ARN.fullmatch(name)
        if arn is not None and (arn["region"], arn["partition"]) != (region, partition_of(region)):
            raise InvalidKmsKey(reason=f"Invalid arn {arn['region']}")
        parts = arn or _NAME.fullmatch(name)
        if parts is None:
            raise InvalidKmsKey(reason="Invalid keyId")
        owner = arn["account_id"] if arn is not None else account_id
        if parts["alias"] == DEFAULT_ALIAS and owner == account_id:
            return None
        if parts["alias"]:
            return self._by_its_alias(parts["alias"], owner, region, at)
        return self._by_its_id(parts["id"], owner, region, at)

    def adopt(self, key: Key, at: datetime) -> Key:
        """Have a key that was found be in use.

        :returns: the key that is there.
        """
        return self._by_arn.get(key.arn) or self.add(key, at)

    def current(self, key: Key) -> Key:
        """The key that is there by now under the ARN of one that was found."""
        return self._by_arn.get(key.arn, key)

    def get(self, arn: str) -> Key:
        """The key of an ARN under which something was encrypted."""
        return self._by_arn[arn]

    def _by_its_alias(self, alias: str, account_id: str, region: str, at: datetime) -> Key:
        if alias.startswith("alias/aws/"):
            raise KmsNotAllowed
        key = self._by_alias.get((account_id, region, alias))
        if key is None:
            if self.strict:
                missing = f"arn:{partition_of(region)}:kms:{region}:{account_id}:{alias}"
                raise KmsKeyNotFound(reason=f"Alias {missing} is not found.")
            made_up = str(uuid.uuid5(_NAMESPACE, f"{account_id} {region} {alias}"))
            key = self._by_arn.get(key_arn(region, account_id, made_up)) or _implied(
                made_up, account_id, region, [alias]
            )
        return _existing(key, at)

    def _by_its_id(self, key_id: str, account_id: str, region: str, at: datetime) -> Key:
        arn = key_arn(region, account_id, key_id)
        key = self._by_arn.get(arn)
        if key is None:
            if self.strict or any(one.id == key_id and one.account_id != account_id for one in self):
                # An id is one key's, so that another account's is not taken for granted here.
                raise _not_found(arn)
            key = _implied(key_id, account_id, region, [])
        return _existing(key, at)


def check_alias(alias: str) -> str:
    """:raises ValueError: if it can't be the alias of a key that somebody makes."""
    if not isinstance(alias, str) or not re.fullmatch(_ALIAS, alias) or alias.startswith("alias/aws/"):
        raise ValueError(f"an alias has a name such as 'alias/app', not in 'alias/aws/', and {alias!r} is not one")
    return alias


def key_arn(region: str, account_id: str, key_id: str) -> str:
    return f"arn:{partition_of(region)}:kms:{region}:{account_id}:key/{key_id}"


def default_key_arn(region: str, account_id: str) -> str:
    """The ARN of an account's key ``aws/secretsmanager``, whose id is made up."""
    return key_arn(region, account_id, str(uuid.uuid5(_NAMESPACE, f"{account_id} {region} {DEFAULT_ALIAS}")))


def default_policy(region: str, account_id: str) -> Policy:
    """The policy that KMS gives a key when nobody gives one: the account's own policies decide."""
    root = f"arn:{partition_of(region)}:iam::{account_id}:root"
    statement = {"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": root}}
    return read_key_policy({"Version": "2012-10-17", "Statement": [{**statement, "Action": "kms:*", "Resource": "*"}]})


def _implied(key_id: str, account_id: str, region: str, aliases: list[str]) -> Key:
    return Key(
        id=key_id,
        arn=key_arn(region, account_id, key_id),
        account_id=account_id,
        region=region,
        policy=None,
        aliases=aliases,
    )


def place_of(name: str) -> tuple[str, str] | None:
    """The account and the region that an ARN of a key or an alias names; None if the name is no such ARN."""
    arn = _ARN.fullmatch(name)
    return (arn["account_id"], arn["region"]) if arn is not None else None


def _is_free(holder: Key, at: datetime) -> bool:
    """Whether a key's alias can be another's: it goes with the key."""
    return holder.state(at) is KeyState.DELETED


def _alias_taken(alias: str, holder: Key) -> str:
    taken = f"there is a key with the alias {alias!r} in {holder.region} already"
    if holder.policy is not None:
        return taken
    return f"{taken}: a secret took it for granted. Make the key before, or take that one: backend.kms[{alias!r}]"


def _existing(key: Key, at: datetime) -> Key:
    if key.state(at) is KeyState.DELETED:
        raise _not_found(key.arn)
    return key


def _not_found(arn: str) -> KmsKeyNotFound:
    return KmsKeyNotFound(reason=f"Key '{arn}' does not exist")
