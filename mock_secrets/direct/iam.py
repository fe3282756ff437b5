"""``backend.iam``: users and roles with policies, and the permissions that their calls needed."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from mock_secrets.aws.iam import Caller, Identity, PermissionCheck, session_of
from mock_secrets.direct.handles import there
from mock_secrets.kernel.client_types import gives_client
from mock_secrets.kernel.options import check_account_id
from mock_secrets.kernel.suggestions import explains_names
from mock_secrets.operations import OPERATIONS
from mock_secrets.policy.document import Policy, PolicyDocument, read_identity_policy
from mock_secrets.proofs import least_privilege, unused_access
from mock_secrets.proofs.unused_access import Unused
from mock_secrets.service.path import Service

if TYPE_CHECKING:
    import boto3

#: A policy, or a list of policies.
PolicyDocuments: TypeAlias = PolicyDocument | Sequence[PolicyDocument]
#: Condition keys by name, each with a value or a list of values.
ConditionKeys: TypeAlias = Mapping[str, Any]
MakeSession: TypeAlias = Callable[[str, str], Any]

_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)


class StoredIdentity:
    """A user or a role whose calls are subject to its policies.

    Without a policy it may do nothing, except what the policies of secrets and keys allow it.
    """

    def __init__(self, service: Service, identity: Identity, make_session: MakeSession) -> None:
        self._service = service
        self._held = identity
        self._make_session = make_session

    @property
    def _identity(self) -> Identity:
        return self._held if self._held.is_deleted else there(self._held, self._held.arn)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.arn}{' (deleted)' if self._identity.is_deleted else ''}>"

    @property
    def held(self) -> Identity:
        """The service's own record of this identity. For the service, not for tests."""
        return self._identity

    @property
    def name(self) -> str:
        return self._identity.name

    @property
    def arn(self) -> str:
        return self._identity.arn

    @property
    def account_id(self) -> str:
        return self._identity.account_id

    @property
    def unique_id(self) -> str:
        """IAM's unique id, such as ``AIDA...``. An identity created later under the same name has a different one."""
        return self._identity.unique_id

    @property
    def policies(self) -> list[dict[str, Any]]:
        """The policies of this identity, as documents."""
        return [json.loads(json.dumps(policy.document)) for policy in self._identity.policies]

    def set_policy(self, policy: PolicyDocuments | None) -> None:
        """Replace the policies of this identity, from the next call on.

        :param policy: a mapping, JSON text, the ``pathlib.Path`` of a file, or a list of these; None removes all.
        :raises TypeError, ValueError: if a policy is not valid, saying where, or if this identity was deleted.
        """
        read = read_policies(policy)
        with self._service.lock:
            if self._identity.is_deleted:
                raise ValueError(f"{self.arn} was deleted")
            self._identity.policies = read

    def delete(self) -> None:
        """Delete this identity. Its clients lose all permissions; policies that name it show its unique id instead."""
        with self._service.lock:
            if self._identity.is_deleted:
                return
            self._service.state.identities.remove(self._identity)
            for secret in self._service.state.store:
                if secret.policy is not None:
                    secret.policy = secret.policy.renamed(self.arn, self.unique_id)
            for key in self._service.state.keys:
                if key.policy is not None:
                    key.policy = key.policy.renamed(self.arn, self.unique_id)

    def as_default(self) -> AbstractContextManager[None]:
        """Make this user or role the caller for the block, for all clients whose keys are not from the mock.

        Those are the clients that an application makes with ``boto3.client(...)``, including clients made before the
        test and clients in other threads.
        """
        return self._as_default()

    @contextmanager
    def _as_default(self) -> Iterator[None]:
        identities = self._service.state.identities
        with self._service.lock:
            caller = self._caller("session", {}, self._service.clock.run_due())
            identities.defaults = (*identities.defaults, caller)
        try:
            yield
        finally:
            with self._service.lock:
                identities.defaults = tuple(one for one in identities.defaults if one is not caller)

    def _session(self, name: str, region: str | None, context: ConditionKeys | None) -> Any:
        region = self._service.settings.region_given(region)
        keys = _condition_keys(context or {})
        with self._service.lock:
            key = self._service.state.identities.key_for(self._caller(name, keys, self._service.clock.run_due()))
        return self._make_session(key, region)

    def _caller(self, name: str, context: Mapping[str, tuple[str, ...]], at: datetime) -> Caller:
        return session_of(self._identity, name, context, at)


class User(StoredIdentity):
    """An IAM user, who calls with access keys."""

    def session(self, *, region: str | None = None, context: ConditionKeys | None = None) -> "boto3.Session":
        """Return a boto3 session of this user.

        :param region: the session's region; by default the backend's.
        :param context: condition keys for its calls, such as ``{"aws:SourceIp": "192.0.2.1"}``; they override those
            that every call has.
        """
        return self._session("", region, context)

    @gives_client
    def client(self, *, region: str | None = None, context: ConditionKeys | None = None, **kwargs: Any) -> Any:
        """Return a boto3 client of this user for Secrets Manager.

        :param region, context: as for :meth:`session`.
        :param kwargs: further arguments of ``Session.client``, such as ``config``.
        """
        region = kwargs.pop("region_name", region)
        return self.session(region=region, context=context).client("secretsmanager", **kwargs)


class Role(StoredIdentity):
    """An IAM role, which calls through role sessions."""

    def session(
        self, name: str = "session", *, region: str | None = None, context: ConditionKeys | None = None
    ) -> "boto3.Session":
        """Return a boto3 session that has assumed this role.

        :param name: the role session's name: 2 to 64 letters, digits and ``+=,.@-_``.
        :param region, context: as for :meth:`User.session`.
        :raises ValueError: if the name is not valid for a role session.
        """
        if not isinstance(name, str) or not _SESSION_NAME.fullmatch(name):
            raise ValueError(f"the name of a role session has 2 to 64 letters, digits and +=,.@-_; got {name!r}")
        return self._session(name, region, context)

    @gives_client
    def client(
        self,
        name: str = "session",
        *,
        region: str | None = None,
        context: ConditionKeys | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return a boto3 client for Secrets Manager that has assumed this role.

        :param name, region, context: as for :meth:`session`.
        :param kwargs: further arguments of ``Session.client``, such as ``config``.
        """
        region = kwargs.pop("region_name", region)
        return self.session(name, region=region, context=context).client("secretsmanager", **kwargs)


class Iam:
    """The part of IAM that decides on calls to Secrets Manager.

    Calls with keys that were not issued here count as an administrator's, whose account allows everything. The
    policies of secrets and keys apply to administrators as well.
    """

    def __init__(self, service: Service, make_session: MakeSession) -> None:
        self._service = service
        self._make_session = make_session

    def __repr__(self) -> str:
        return f"<IAM: {len(self._service.state.identities.checks)} permission checks>"

    @explains_names
    def create_user(
        self,
        name: str,
        policy: PolicyDocuments | None = None,
        *,
        tags: Mapping[str, str] | None = None,
        account_id: str | None = None,
    ) -> User:
        """Create a user, whose calls are subject to its policies.

        :param name: 1 to 64 letters, digits and ``+=,.@-_``.
        :param policy: a mapping, JSON text, the ``pathlib.Path`` of a file, or a list of these. Without one, the
            user may do nothing.
        :param tags: the user's tags, which conditions on ``aws:PrincipalTag`` see.
        :param account_id: the account, 12 digits; by default the backend's.
        :raises TypeError, ValueError: if a policy is not valid, saying where, or the user already exists.
        """
        identity = self._add(name, policy, tags, account_id, is_role=False)
        return User(self._service, identity, self._make_session)

    @explains_names
    def create_role(
        self,
        name: str,
        policy: PolicyDocuments | None = None,
        *,
        tags: Mapping[str, str] | None = None,
        account_id: str | None = None,
    ) -> Role:
        """Create a role, whose sessions' calls are subject to its policies.

        Takes the same arguments as :meth:`create_user`.
        """
        identity = self._add(name, policy, tags, account_id, is_role=True)
        return Role(self._service, identity, self._make_session)

    def used_permissions(
        self, principal: "StoredIdentity | str | None" = None, *, with_denied: bool = True
    ) -> dict[str, Any]:
        """Return the least identity policy that the calls so far needed, ready to paste.

        Secrets are named without their random suffix, and keys by their alias if they have one. Permissions granted
        by the policy of a secret or a key alone are left out. Calls made by the test's own set-up count too: create
        secrets with ``backend.create``, name the principal, or call :meth:`forget_calls` after the set-up.

        :param principal: whose calls: a user, a role, or an ARN, such as that of a function's role; by default
            everybody's.
        :param with_denied: whether permissions that were denied count too.
        :returns: a policy document.
        """
        return least_privilege.least_policy(self._checks(principal, with_denied=with_denied))

    def assert_sufficient(
        self,
        policy: PolicyDocuments,
        principal: "StoredIdentity | str | None" = None,
        *,
        with_denied: bool = True,
    ) -> None:
        """Fail unless a policy allows everything that the calls so far needed, each with its own condition keys.

        :param policy: a mapping, JSON text, the ``pathlib.Path`` of a file, or a list of these.
        :param principal, with_denied: which calls, as for :meth:`used_permissions`.
        :raises AssertionError: naming the missing permissions and the statements that would allow them; also if no
            call was made.
        """
        policies, checks = read_policies(policy), self._checks(principal, with_denied=with_denied)
        if not checks:
            raise AssertionError(
                f"nothing is proven: no call was made{'' if principal is None else f' by {principal}'}"
            )
        refused = least_privilege.missing(policies, checks)
        if refused:
            raise AssertionError(least_privilege.explain_missing(policies, refused))

    def unused(
        self,
        policy: PolicyDocuments,
        principal: "StoredIdentity | str | None" = None,
        *,
        with_denied: bool = True,
        allow: Collection[str] = (),
    ) -> list[Unused]:
        """Find what a policy grants on Secrets Manager and its keys that no call so far needed.

        Reports unused actions, including each one that a wildcard covers; unused resources; action and resource
        pairs; patterns that also match other secrets, keys, regions or accounts; and statements that repeat others.
        Other services are ignored, and conditions are not checked for being too wide.

        :param policy: a mapping, JSON text, the ``pathlib.Path`` of a file, or a list of these.
        :param principal, with_denied: which calls, as for :meth:`used_permissions`.
        :param allow: resources, written as in the policy, such as ``"arn:...:secret:app/*"``, that may be wider than
            the calls needed.
        :returns: the findings; an empty list if every part of the policy was needed.
        """
        actions = [f"secretsmanager:{name}" for name in sorted(OPERATIONS)]
        checks = self._checks(principal, with_denied=with_denied)
        if isinstance(allow, str):
            raise TypeError("allow takes a list of resources, not one string")
        return unused_access.unused(read_policies(policy), checks, actions, allow)

    def forget_calls(self) -> None:
        """Ignore the calls so far, for instance those of a test's set-up, when computing needed permissions."""
        with self._service.lock:
            self._service.state.identities.checks.clear()

    def _checks(self, principal: "StoredIdentity | str | None", *, with_denied: bool) -> list[PermissionCheck]:
        with self._service.lock:
            checks = list(self._service.state.identities.checks)
        if principal is not None:
            checks = _checks_by(principal, checks)
        return [check for check in checks if with_denied or check.allowed]

    def _add(
        self,
        name: str,
        policy: PolicyDocuments | None,
        tags: Mapping[str, str] | None,
        account_id: str | None,
        *,
        is_role: bool,
    ) -> Identity:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(f"the name of a user or a role has 1 to 64 letters, digits and +=,.@-_; got {name!r}")
        settings = self._service.settings
        policies, tags = read_policies(policy), _checked_tags(tags)
        with self._service.lock:
            return self._service.state.identities.add(
                name,
                is_role=is_role,
                account_id=settings.account_id if account_id is None else check_account_id(account_id),
                region=settings.region,
                policies=policies,
                tags=tags,
                at=self._service.clock.now(),
            )


def read_policies(given: PolicyDocuments | None) -> tuple[Policy, ...]:
    """Read one policy, a list of them, or none.

    :raises TypeError, ValueError: if a policy is not valid, saying where.
    """
    if given is None or (isinstance(given, Mapping) and given.get("Statement") == []):
        # used_permissions() returns a policy without statements when nothing was needed.
        return ()
    if isinstance(given, Iterable) and not isinstance(given, Mapping | str | bytes):
        return tuple(map(read_identity_policy, given))
    return (read_identity_policy(given),)


def _checks_by(principal: "StoredIdentity | str", checks: list[PermissionCheck]) -> list[PermissionCheck]:
    """The checks of one principal's calls.

    :raises TypeError: if ``principal`` is neither an identity nor a string.
    :raises ValueError: if nobody of that name made a call, so that a misspelt name proves nothing.
    """
    if isinstance(principal, StoredIdentity):
        return [check for check in checks if check.caller.identity is principal.held]
    if not isinstance(principal, str):
        raise TypeError(f"principal takes a user, a role, or its ARN or name, not {type(principal).__name__}")
    theirs = [
        check for check in checks if principal in {*check.caller.principal.own_names, check.caller.principal.name}
    ]
    if not theirs:
        callers = ", ".join(sorted({check.caller.principal.arn for check in checks})) or "nobody"
        raise ValueError(f"no call was made by {principal!r}, neither as an ARN nor as a name. Callers: {callers}")
    return theirs


def _checked_tags(tags: Mapping[str, str] | None) -> dict[str, str]:
    """Check the tags of a user or role, and return them as a dict of their own.

    :raises TypeError: if the tags are not a mapping of strings to strings.
    """
    if tags is None:
        return {}
    if not isinstance(tags, Mapping) or not all(isinstance(text, str) for pair in tags.items() for text in pair):
        raise TypeError("tags takes a mapping of keys to values, all of them strings")
    return dict(tags)


def _condition_keys(given: ConditionKeys) -> dict[str, tuple[str, ...]]:
    """Condition keys and values, as policies compare them."""
    if not isinstance(given, Mapping):
        raise TypeError(f"context takes a mapping of condition keys to values, not {type(given).__name__}")
    if not all(isinstance(key, str) for key in given):
        raise TypeError("context takes condition keys such as 'aws:SourceIp', all of them strings")
    return {key.lower(): _values(value) for key, value in given.items()}


def _values(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list | tuple | set | frozenset) else [value]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)
