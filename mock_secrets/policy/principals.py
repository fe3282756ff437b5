"""Principals, and how the statements of a resource policy reach them."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from mock_secrets.policy.document import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A caller, as IAM and CloudTrail name it.

    :ivar arn: the ARN of the user, or of the role session.
    :ivar user_id: the unique id; for a role session, the role's id, a colon, and the session's name.
    :ivar name: the name of the user or the role.
    :ivar issuer_arn: the ARN of the session's role; empty for a user.
    """

    arn: str
    account_id: str
    kind: Literal["IAMUser", "AssumedRole"] = "IAMUser"
    user_id: str = "AIDAMOCKADMINISTRATOR"
    name: str = "administrator"
    issuer_arn: str = ""

    @property
    def unique_id(self) -> str:
        """The unique id of the user, or of the session's role."""
        return self.user_id.partition(":")[0]

    @property
    def own_names(self) -> frozenset[str]:
        """The names under which a policy may refer to the principal, apart from its account."""
        return frozenset({self.arn, self.unique_id, self.issuer_arn or self.arn})

    def is_account(self, name: str) -> bool:
        """Whether a name in a policy stands for the principal's whole account."""
        return name == self.account_id or name.endswith(f":iam::{self.account_id}:root")


class Reach(Enum):
    """How a statement reaches a principal. With AS_ACCOUNT, the account's own policies must allow the action too."""

    NOT = auto()
    AS_ACCOUNT = auto()
    ITSELF = auto()


def reach(statement: Statement, principal: Principal) -> Reach:
    """How a statement reaches a principal.

    Source: "AWS JSON policy elements: Principal" and "NotPrincipal" in the IAM User Guide.
    """
    if statement.not_principals:
        return Reach.NOT if _is_excepted(statement.not_principals.get("AWS", []), principal) else Reach.ITSELF
    names = statement.principals.get("AWS", [])
    if "*" in names or not principal.own_names.isdisjoint(names):
        return Reach.ITSELF
    return Reach.AS_ACCOUNT if any(map(principal.is_account, names)) else Reach.NOT


def _is_excepted(names: list[str], principal: Principal) -> bool:
    """Whether NotPrincipal excepts a principal. Its account must be named as well, and for a session, its role."""
    own = (principal.arn, principal.user_id)
    issuer = (principal.issuer_arn, principal.unique_id) if principal.issuer_arn else own
    return "*" in names or (
        any(name in names for name in own)
        and any(name in names for name in issuer)
        and any(map(principal.is_account, names))
    )
