"""KMS keys, as far as Secrets Manager uses them."""

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

# Only the form of a key id is checked: AWS's own samples have ids such as EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE.
_ID = r"[A-Za-z0-9]{8}(-[A-Za-z0-9]{4}){3}-[A-Za-z0-9]{12}|mrk-[0-9a-f]{32}"
_ALIAS = r"alias/[A-Za-z0-9/_-]+"
_NAME = re.compile(rf"(?P<id>{_ID})|(?P<alias>{_ALIAS})")
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):kms:(?P<region>[a-z0-9-]+):(?P<account_id>[0-9]{12}):"
    rf"(key/(?P<id>[A-Za-z0-9-]+)|(?P<alias>{_ALIAS}))"
)
#: The AWS managed key of an account for its secrets, which nobody has to create.
DEFAULT_ALIAS = "alias/aws/secretsmanager"
# The namespace of the generated ids of presumed keys, which are the same in every run.
_NAMESPACE = uuid.UUID("6f1f7a0e-58d1-4f0b-9a5c-0c6f6b0a4e51")


class KeyState(Enum):
    """The state of a key, in KMS's words."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"
    DELETED = "Deleted"


@dataclass(slots=True, eq=False, kw_only=True)
class Key(Journaled):
    """One key of one account in one region.

    :ivar policy: the key policy; None for a presumed key, which the test uses without having created it. With such a
        key, everybody's own policies decide.
    :ivar spec: ``SYMMETRIC_DEFAULT``, or the spec of an asymmetric key, which can't encrypt values.
    :ivar deleted_at: the end of the waiting period, or None.
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

    :param strict: whether only keys created in the test exist. Otherwise any well-formed name is presumed to be a key
        created elsewhere, usable by anybody whose own policies allow it.
    """

    __slots__ = ("_by_alias", "_by_arn", "strict")

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self._by_arn: JournaledDict[str, Key] = JournaledDict()
        self._by_alias: JournaledDict[tuple[str, str, str], Key] = JournaledDict()

    def __iter__(self) -> Iterator[Key]:
        return iter(self._by_arn.values())

    def add(self, key: Key, at: datetime) -> Key:
        """Add a key.

        :raises ValueError: if another key has one of its aliases.
        """
        for alias in key.aliases:
            holder = self._by_alias.get((key.account_id, key.region, alias))
            if holder is not None and not _is_free(holder, at):
                raise ValueError(_alias_taken(alias, holder))
        self._by_arn[key.arn] = key
        for alias in key.aliases:
            self._by_alias[key.account_id, key.region, alias] = key
        return key

    def find(self, name: str, *, account_id: str, region: str, at: datetime) -> Key | None:
        """The key that a KmsKeyId names: a key id or ARN, an alias or an alias ARN.

        A presumed key is not stored until :meth:`adopt`.

        :param account_id, region: the secret's account and region.
        :returns: the key, or None for the account's key ``aws/secretsmanager``, which an empty name also means.
        :raises InvalidKmsKey: if the name can't be that of a key in this region, or there is no such key.
        :raises KmsNotAllowed: for the key of another AWS service, which Secrets Manager can never use (reported for
            alias/aws/s3), and GUESS: for another account's ``aws/secretsmanager``.
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
        """Store a found key, if it was only presumed, because it is used now.

        :returns: the stored key.
        """
        return self._by_arn.get(key.arn) or self.add(key, at)

    def current(self, key: Key) -> Key:
        """The key stored by now under the ARN of a found one, or else the found one."""
        return self._by_arn.get(key.arn, key)

    def get(self, arn: str) -> Key:
        """The key with this ARN, which has been used before."""
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
                # Key ids are unique, so the id of another account's key is not presumed to exist in this account.
                raise _not_found(arn)
            key = _implied(key_id, account_id, region, [])
        return _existing(key, at)


def check_alias(alias: str) -> str:
    """Check an alias, and return it.

    :raises ValueError: if the text is not valid as the alias of a customer managed key.
    """
    if not isinstance(alias, str) or not re.fullmatch(_ALIAS, alias) or alias.startswith("alias/aws/"):
        raise ValueError(
            f"alias takes a name such as 'alias/app', which must not start with 'alias/aws/'; got {alias!r}"
        )
    return alias


def key_arn(region: str, account_id: str, key_id: str) -> str:
    return f"arn:{partition_of(region)}:kms:{region}:{account_id}:key/{key_id}"


def default_key_arn(region: str, account_id: str) -> str:
    """The ARN of an account's key ``aws/secretsmanager``, with a made-up id."""
    return key_arn(region, account_id, str(uuid.uuid5(_NAMESPACE, f"{account_id} {region} {DEFAULT_ALIAS}")))


def default_policy(region: str, account_id: str) -> Policy:
    """KMS's default key policy, under which the policies of the account's users and roles decide."""
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
    """The account and the region in the ARN of a key or an alias; None if the name is not such an ARN."""
    arn = _ARN.fullmatch(name)
    return (arn["account_id"], arn["region"]) if arn is not None else None


def _is_free(holder: Key, at: datetime) -> bool:
    """Whether a key's alias can be given to another key, because the key is deleted."""
    return holder.state(at) is KeyState.DELETED


def _alias_taken(alias: str, holder: Key) -> str:
    taken = f"there is already a key with the alias {alias!r} in {holder.region}"
    if holder.policy is not None:
        return taken
    return (
        f"{taken}, presumed because a secret uses it. Create the key before the secret, or use backend.kms[{alias!r}]"
    )


def _existing(key: Key, at: datetime) -> Key:
    if key.state(at) is KeyState.DELETED:
        raise _not_found(key.arn)
    return key


def _not_found(arn: str) -> KmsKeyNotFound:
    return KmsKeyNotFound(reason=f"Key '{arn}' does not exist")
