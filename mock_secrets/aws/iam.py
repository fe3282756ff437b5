"""Who calls: access keys, the users and roles that they name, and the permission checks of their calls."""

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

#: Every access key that this library hands out begins so, a user's and a session's; AWS issues none that does.
_USER_KEY, _SESSION_KEY = KEY_PREFIXES = ("AKIAMOCK", "ASIAMOCK")

#: The key that a process finds in its environment while a mock is active. Its
#: account is whatever the running backend's account is.
ENVIRONMENT_KEY = "AKIAMOCKSECRETS00000"

#: Where calls come from, of the addresses that are for documentation (RFC 5737).
SOURCE_IP = "203.0.113.10"

_ACCOUNT_KEY = re.compile(r"AKIAMOCK(\d{12})")


@dataclass(slots=True, eq=False, kw_only=True)
class Identity(Journaled):
    """A user or a role.

    :ivar unique_id: what stays of it in a policy that named it, once it is deleted.
    :ivar made_at: an aware UTC datetime.
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
    """Whose call it is, and under which circumstances.

    :ivar identity: the user or role; None for an administrator, to whom its own account allows everything.
    :ivar context: condition keys, in lower case, that the test gave this session.
    :ivar is_checked: whether policies are asked at all; not for the direct door.
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
    """An access key that stands for an account's administrator."""
    return f"AKIAMOCK{account_id}"


@lru_cache
def administrator(account_id: str, region: str) -> Caller:
    arn = f"arn:{partition_of(region)}:iam::{account_id}:user/administrator"
    return Caller(principal=Principal(arn=arn, account_id=account_id))


@lru_cache
def direct_door(account_id: str, region: str) -> Caller:
    """Who looks and sets without a client: nobody asks for its permission."""
    return Caller(principal=administrator(account_id, region).principal, is_checked=False)


@dataclass(slots=True, eq=False)
class PermissionCheck:
    """One permission that a call needed.

    The question itself is made when somebody wants to look: most calls are an administrator's.

    :ivar operation: the operation that was called, by AWS's name.
    :ivar condition_keys: gives the condition keys of this check, from what is in it.
    :ivar has_suffix: whether the resource is a secret's ARN with the six characters that AWS puts behind the name.
    :ivar aliases: of the key that it is about.
    :ivar by_resource: whether the resource's policy alone gave it, to the caller itself.
    """

    operation: str
    at: datetime
    caller: Caller
    region: str
    action: str
    resource: str
    condition_keys: Callable[["PermissionCheck"], RequestContext]
    # Not in the repr: a description among the arguments may hold what it should not.
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
    """The users and roles of one backend, their keys, and the permission checks of their calls.

    :param most_checks: how many checks are kept, the latest; None for all.
    :ivar defaults: whose the calls are that are signed with a key that nobody handed out: the last one's, or if there
        is none an administrator's.
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
        """:raises ValueError: if there is one of this name."""
        kind = "role" if is_role else "user"
        arn = f"arn:{partition_of(region)}:iam::{account_id}:{kind}/{name}"
        if arn in self._identities or arn == administrator(account_id, region).principal.arn:
            raise ValueError(f"there is a {kind} {name!r} in account {account_id} already")
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
        """Forget it. Its keys name nobody any more, and what it may do is nothing."""
        if self._identities.get(identity.arn) is identity:
            del self._identities[identity.arn]
            self._deleted |= {identity.arn, identity.unique_id}
        identity.is_deleted = True
        identity.policies = ()

    def knows_deleted(self, name: str) -> bool:
        """Whether a principal of this ARN or unique id was deleted, and there is no new one of the name."""
        return name in self._deleted and name not in self._identities

    def is_known(self, name: str, at: datetime, delay: timedelta) -> bool:
        """Whether a principal of this ARN is known everywhere, as one is that was not made lately; so is a stranger."""
        identity = self._identities.get(name)
        return identity is None or at - identity.made_at >= delay

    def key_for(self, caller: Caller) -> str:
        """A new access key that names this caller."""
        prefix = _SESSION_KEY if caller.principal.kind == "AssumedRole" else _USER_KEY
        # A letter first: twelve digits would be an account's administrator.
        key = f"{prefix}X{self._ids.code(11)}"
        self._callers[key] = caller
        return key

    def caller_of(self, access_key: str, region: str, default: Caller) -> Caller:
        """The caller that an access key names. A key that nobody handed out is the default's."""
        known = self._callers.get(access_key)
        if known is not None:
            return known
        match = _ACCOUNT_KEY.fullmatch(access_key)
        return administrator(match[1], region) if match else default


@lru_cache
def function_caller(partition: str, account_id: str, name: str) -> Caller:
    """The caller that a Lambda function is which has no role of the test's: its own role may do everything."""
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
    """The caller that a user is, or that a role becomes when it is assumed."""
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
