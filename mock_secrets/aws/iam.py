"""Callers: access keys, the users and roles that they belong to, and the permission checks of their calls."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from mock_secrets.kernel.ids import Ids
from mock_secrets.kernel.journal import Journaled, JournaledDict, JournaledList
from mock_secrets.kernel.regions import partition_of
from mock_secrets.policy.document import Policy
from mock_secrets.policy.evaluation import Query
from mock_secrets.policy.patterns import RequestContext
from mock_secrets.policy.principals import Principal

#: The prefixes of the access keys that this library issues, for users and for sessions. AWS uses neither.
_USER_KEY, _SESSION_KEY = KEY_PREFIXES = ("AKIAMOCK", "ASIAMOCK")

#: The access key in the environment of a process while a mock is active. It belongs to the backend's own account.
ENVIRONMENT_KEY = "AKIAMOCKSECRETS00000"

#: The source address of calls, from the range for documentation (RFC 5737).
SOURCE_IP = "203.0.113.10"

_ACCOUNT_KEY = re.compile(r"AKIAMOCK(\d{12})")


@dataclass(slots=True, eq=False, kw_only=True)
class Identity(Journaled):
    """A user or a role.

    :ivar unique_id: replaces its ARN in policies that name it, once it is deleted.
    :ivar made_at: when it was created, an aware UTC datetime.
    """

    name: str
    arn: str
    account_id: str
    unique_id: str
    policies: Sequence[Policy]
    tags: Mapping[str, str]
    is_role: bool
    made_at: datetime
    is_deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The caller of a call.

    :ivar identity: the user or role; None for an administrator, to whom the account allows everything.
    :ivar context: condition keys, in lower case, that the test set on this session.
    :ivar is_checked: whether policies are evaluated at all; not for direct access.
    """

    principal: Principal
    identity: Identity | None = None
    context: RequestContext = field(default_factory=dict)
    session_started: datetime | None = None
    is_checked: bool = True

    @property
    def policies(self) -> Sequence[Policy] | None:
        return None if self.identity is None else self.identity.policies

    @property
    def is_deleted(self) -> bool:
        return self.identity is not None and self.identity.is_deleted

    @property
    def source_ip(self) -> str:
        return (self.context.get("aws:sourceip") or (SOURCE_IP,))[0]


def administrator_key(account_id: str) -> str:
    """The access key of an account's administrator."""
    return f"AKIAMOCK{account_id}"


@lru_cache
def administrator(account_id: str, region: str) -> Caller:
    arn = f"arn:{partition_of(region)}:iam::{account_id}:user/administrator"
    return Caller(principal=Principal(arn=arn, account_id=account_id))


@lru_cache
def direct_door(account_id: str, region: str) -> Caller:
    """The caller of direct access, which needs no permissions."""
    return Caller(principal=administrator(account_id, region).principal, is_checked=False)


@dataclass(slots=True, eq=False)
class PermissionCheck:
    """One permission that a call needed.

    Its query is built only when it is read, because most calls are an administrator's.

    :ivar operation: the operation that was called, by AWS's name.
    :ivar condition_keys: a function that computes the condition keys of this check.
    :ivar subject: what ``condition_keys`` needs to know about the call and its resource.
    :ivar aliases: the aliases, if the resource is a KMS key.
    :ivar has_suffix: whether the resource is a secret's ARN with the six characters that AWS appends to the name.
    :ivar by_resource: whether the resource's policy alone grants it, to the caller itself.
    """

    operation: str
    at: datetime
    caller: Caller
    region: str
    action: str
    resource: str
    condition_keys: Callable[["PermissionCheck"], RequestContext]
    # Not in the repr, because arguments such as a description may contain a value by mistake.
    subject: Any = field(repr=False)
    aliases: Sequence[str] = ()
    has_suffix: bool = False
    allowed: bool = True
    by_resource: bool = False
    _query: Query | None = field(default=None, repr=False)

    @property
    def query(self) -> Query:
        if self._query is None:
            self._query = Query(self.action, self.resource, self.condition_keys(self))
        return self._query


class Identities(Journaled):
    """The users and roles of one backend, their access keys, and the permission checks of their calls.

    :param most_checks: how many of the latest checks to keep; None for all.
    :ivar defaults: the callers set as default. The last one makes the calls whose keys were not issued here; if there
        is none, an administrator does.
    """

    __slots__ = ("_callers", "_deleted", "_identities", "_ids", "checks", "defaults")

    def __init__(self, ids: Ids, most_checks: int | None = None) -> None:
        self._ids = ids
        self._identities: JournaledDict[str, Identity] = JournaledDict()
        self._callers: JournaledDict[str, Caller] = JournaledDict()
        self._deleted: frozenset[str] = frozenset()
        self.checks: JournaledList[PermissionCheck] = JournaledList(most=most_checks)
        self.defaults: tuple[Caller, ...] = ()

    @property
    def default(self) -> Caller | None:
        return self.defaults[-1] if self.defaults else None

    def add(
        self,
        name: str,
        *,
        is_role: bool,
        account_id: str,
        region: str,
        policies: Sequence[Policy],
        tags: Mapping[str, str],
        at: datetime,
    ) -> Identity:
        """Create a user or a role.

        :raises ValueError: if one of this name exists.
        """
        kind = "role" if is_role else "user"
        arn = f"arn:{partition_of(region)}:iam::{account_id}:{kind}/{name}"
        if arn in self._identities or arn == administrator(account_id, region).principal.arn:
            raise ValueError(f"there is already a {kind} {name!r} in account {account_id}")
        unique_id = ("AROA" if is_role else "AIDA") + self._ids.code(17)
        identity = Identity(
            name=name,
            arn=arn,
            account_id=account_id,
            unique_id=unique_id,
            policies=policies,
            tags=tags,
            is_role=is_role,
            made_at=at,
        )
        self._identities[arn] = identity
        return identity

    def remove(self, identity: Identity) -> None:
        """Delete an identity. Its access keys lose all permissions."""
        if self._identities.get(identity.arn) is identity:
            del self._identities[identity.arn]
            self._deleted |= {identity.arn, identity.unique_id}
        identity.is_deleted = True
        identity.policies = ()

    def knows_deleted(self, name: str) -> bool:
        """Whether a principal with this ARN or unique id was deleted, and no new one has the name."""
        return name in self._deleted and name not in self._identities

    def is_known(self, name: str, at: datetime, delay: timedelta) -> bool:
        """Whether a principal with this ARN is known to the service: not if it was created less than a delay ago.

        ARNs of principals that were not created here count as known.
        """
        identity = self._identities.get(name)
        return identity is None or at - identity.made_at >= delay

    def key_for(self, caller: Caller) -> str:
        """Issue a new access key for a caller."""
        prefix = _SESSION_KEY if caller.principal.kind == "AssumedRole" else _USER_KEY
        # A letter comes first, because twelve digits would mean an account's administrator.
        key = f"{prefix}X{self._ids.code(11)}"
        self._callers[key] = caller
        return key

    def caller_of(self, access_key: str, region: str, default: Caller) -> Caller:
        """The caller with this access key; the default for a key that was not issued here."""
        known = self._callers.get(access_key)
        if known is not None:
            return known
        match = _ACCOUNT_KEY.fullmatch(access_key)
        return administrator(match[1], region) if match else default


@lru_cache
def function_caller(partition: str, account_id: str, name: str) -> Caller:
    """The caller for a function registered without a role; it may do anything."""
    principal = Principal(
        arn=f"arn:{partition}:sts::{account_id}:assumed-role/{name}/{name}",
        account_id=account_id,
        kind="AssumedRole",
        user_id=f"AROAMOCKFUNCTION00000:{name}",
        name=name,
        issuer_arn=f"arn:{partition}:iam::{account_id}:role/{name}",
    )
    return Caller(principal=principal)


def session_of(identity: Identity, session_name: str, context: RequestContext, started: datetime) -> Caller:
    """The caller for a user, or for a session of a role."""
    if not identity.is_role:
        principal = Principal(
            arn=identity.arn, account_id=identity.account_id, user_id=identity.unique_id, name=identity.name
        )
        return Caller(principal=principal, identity=identity, context=context)
    partition = identity.arn.split(":")[1]
    principal = Principal(
        arn=f"arn:{partition}:sts::{identity.account_id}:assumed-role/{identity.name}/{session_name}",
        account_id=identity.account_id,
        kind="AssumedRole",
        user_id=f"{identity.unique_id}:{session_name}",
        name=identity.name,
        issuer_arn=identity.arn,
    )
    return Caller(principal=principal, identity=identity, context=context, session_started=started)
