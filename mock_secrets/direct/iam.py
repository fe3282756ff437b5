"""``backend.iam``: users and roles with policies, and what their calls needed."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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

PolicyDocuments: TypeAlias = PolicyDocument | Sequence[PolicyDocument]
#: Condition keys by name, each with a value or a list of values.
ConditionKeys: TypeAlias = Mapping[str, Any]
MakeSession: TypeAlias = Callable[[str, str], Any]

_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)


class StoredIdentity:
    """A user or a role whose calls are held to its policies.

    A new one without a policy may do nothing, but for what the policies of secrets and keys let it do.
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
        """What the service holds of it; for the service, not for tests."""
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
        """What IAM calls it besides its name, such as ``AIDA...``: another one of the same name has another."""
        return self._identity.unique_id

    @property
    def policies(self) -> list[dict[str, Any]]:
        """Its policies as documents."""
        return [json.loads(json.dumps(policy.document)) for policy in self._identity.policies]

    def set_policy(self, policy: PolicyDocuments | None) -> None:
        """Put a policy, or several, in place of those that it has. It counts from the next call on.

        :param policy: a mapping, JSON text, the ``pathlib.Path`` of a file, or a list of these; None for none.
        :raises TypeError, ValueError: if it is no policy, saying where; or if this was deleted.
        """
        read = read_policies(policy)
        with self._service.lock:
            if self._identity.is_deleted:
                raise ValueError(f"{self.arn} was deleted")
            self._identity.policies = read

    def delete(self) -> None:
        """Delete it. Its clients may do nothing any more, and policies that name it show its unique id instead."""
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

    @contextmanager
    def as_default(self) -> Iterator[None]:
        """Have the calls of this block be this user's, or this role's, of all clients that have no keys of the mock's.

        Those are the clients that an application makes by ``boto3.client(...)``, before the test as well, and those
        of other threads.
        """
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
    """A user of IAM, who calls with keys of his own."""

    def session(self, *, region: str | None = None, context: ConditionKeys | None = None) -> "boto3.Session":
        """A boto3 session of this user.

        :param region: the session's region; the backend's unless given.
        :param context: condition keys of its calls, such as ``{"aws:SourceIp": "192.0.2.1"}``, over those that every
            call has.
        """
        return self._session("", region, context)

    @gives_client
    def client(self, *, region: str | None = None, context: ConditionKeys | None = None, **kwargs: Any) -> Any:
        """A boto3 client of this user for Secrets Manager.

        :param region, context: as for :meth:`session`.
        :param kwargs: what ``Session.client`` takes, such as ``config``.
        """
        region = kwargs.pop("region_name", region)
        return self.session(region=region, context=context).client("secretsmanager", **kwargs)


class Role(StoredIdentity):
    """A role of IAM, which calls by sessions."""

    def session(
        self, name: str = "session", *, region: str | None = None, context: ConditionKeys | None = None
    ) -> "boto3.Session":
        """A boto3 session with this role assumed.

        :param name: of the role's session, 2 to 64 letters, digits and ``+=,.@-_``.
        :param region, context: as for :meth:`User.session`.
        :raises ValueError: for a name that a role's session can't have.
        """
        if not isinstance(name, str) or not _SESSION_NAME.fullmatch(name):
            raise ValueError(f"a role's session has a name of 2 to 64 letters, digits and +=,.@-_, and not {name!r}")
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
        """A boto3 client with this role assumed, for Secrets Manager. Takes what :meth:`session` and boto3 take."""
        region = kwargs.pop("region_name", region)
        return self.session(name, region=region, context=context).client("secretsmanager", **kwargs)


class Iam:
    """IAM, as much of it as decides on calls of Secrets Manager.

    Calls with keys that it did not give out are an administrator's, whom his own account allows everything. The
    policies of secrets and keys count for him as for anybody.
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
        """A new user, held to its policies.

        :param name: 1 to 64 letters, digits and ``+=,.@-_``.
        :param policy: a mapping, JSON text, the ``pathlib.Path`` of a file, or a list of these. Without one it may
            do nothing.
        :param tags: for ``aws:PrincipalTag``.
        :param account_id: 12 digits; the backend's unless given.
        :raises TypeError, ValueError: for a policy that is none, saying where, or a user who exists.
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
        """A new role, held to its policies; its sessions call. Takes what :meth:`create_user` takes."""
        identity = self._add(name, policy, tags, account_id, is_role=True)
        return Role(self._service, identity, self._make_session)

    def used_permissions(
        self, principal: "StoredIdentity | str | None" = None, *, with_denied: bool = True
    ) -> dict[str, Any]:
        """The least identity policy that the calls until now needed, ready to paste.

        Secrets are named without their suffix, which AWS makes anew; keys that have an alias by the alias. What the
        policy of a secret or a key gave by itself is not in it. What the test's own set-up calls counts too: make
        secrets with ``backend.create``, name the principal, or :meth:`forget_calls` after the set-up.

        :param principal: whose calls: a user or a role, or its ARN, a function's role, say; everybody's unless given.
        :param with_denied: whether what calls were refused counts too.
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
        """Fail unless a policy allows all that the calls until now needed, each under the circumstances that it had.

        :param policy: a mapping, JSON text, the ``pathlib.Path`` of a file, or a list of these.
        :param principal, with_denied: which calls, as for :meth:`used_permissions`.
        :raises AssertionError: naming what lacks, and the statements that would allow it; or if nothing was called.
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
        """What a policy grants of Secrets Manager and its keys that no call until now needed.

        Actions, each of a wildcard by itself; resources; pairs of the two; patterns that are about other secrets,
        keys, regions or accounts too; and statements that repeat others. Other services are left alone, and whether a
        condition could be narrower is not judged.

        :param policy: a mapping, JSON text, the ``pathlib.Path`` of a file, or a list of these.
        :param principal, with_denied: which calls, as for :meth:`used_permissions`.
        :param allow: resources as the policy has them, such as ``"arn:...:secret:app/*"``, that are meant to be wider
            than what was called.
        :returns: findings to read; none if every part of the policy was needed.
        """
        actions = [f"secretsmanager:{name}" for name in sorted(OPERATIONS)]
        checks = self._checks(principal, with_denied=with_denied)
        if isinstance(allow, str):
            raise TypeError("allow takes a list of resources, not one string")
        return unused_access.unused(read_policies(policy), checks, actions, allow)

    def forget_calls(self) -> None:
        """Have what was called until now, for the set-up of a test say, no longer count as needed."""
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
            raise ValueError(f"a user or a role has a name of 1 to 64 letters, digits and +=,.@-_, and not {name!r}")
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
    """:raises TypeError, ValueError: if one is no policy, saying where."""
    if given is None or (isinstance(given, Mapping) and given.get("Statement") == []):
        # The second is what used_permissions() gives when nothing was needed.
        return ()
    if isinstance(given, Iterable) and not isinstance(given, Mapping | str | bytes):
        return tuple(map(read_identity_policy, given))
    return (read_identity_policy(given),)


def _checks_by(principal: "StoredIdentity | str", checks: list[PermissionCheck]) -> list[PermissionCheck]:
    """:raises TypeError: if it is no principal.
    :raises ValueError: for the name of one who did not call, so that nothing is proven by a misspelt name."""
    if isinstance(principal, StoredIdentity):
        return [check for check in checks if check.caller.identity is principal.held]
    if not isinstance(principal, str):
        raise TypeError(f"principal takes a user, a role, or its ARN or name, not {type(principal).__name__}")
    theirs = [
        check for check in checks if principal in {*check.caller.principal.own_names, check.caller.principal.name}
    ]
    if not theirs:
        callers = ", ".join(sorted({check.caller.principal.arn for check in checks})) or "nobody"
        raise ValueError(f"no call was made by one of the ARN or name {principal!r}. It was called by: {callers}")
    return theirs


def _checked_tags(tags: Mapping[str, str] | None) -> dict[str, str]:
    """:raises TypeError: if it is no mapping of strings to strings."""
    if tags is None:
        return {}
    if not isinstance(tags, Mapping) or not all(isinstance(text, str) for pair in tags.items() for text in pair):
        raise TypeError("tags takes a mapping of keys to values, all of them strings")
    return dict(tags)


def _condition_keys(given: ConditionKeys) -> dict[str, tuple[str, ...]]:
    """Condition keys with their values as policies compare them."""
    if not isinstance(given, Mapping):
        raise TypeError(f"context takes a mapping of condition keys to values, not {type(given).__name__}")
    if not all(isinstance(key, str) for key in given):
        raise TypeError("context takes condition keys such as 'aws:SourceIp', all of them strings")
    return {key.lower(): _values(value) for key, value in given.items()}


def _values(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list | tuple | set | frozenset) else [value]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)
