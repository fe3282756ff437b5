"""What an operation is given besides its parameters: the instant, the caller, and the state."""

from dataclasses import dataclass, field
from datetime import datetime

from mock_secrets.aws.functions import Functions
from mock_secrets.aws.iam import Principal
from mock_secrets.errors import DefaultKeyAcrossAccounts
from mock_secrets.ids import Ids
from mock_secrets.limits import Limits
from mock_secrets.model.secret import Secret
from mock_secrets.model.store import Region, Store


@dataclass(slots=True, kw_only=True)
class Context:
    """One call's view of the service.

    :ivar at: the call's one reading of the clock.
    :ivar documented_tokens: whether UpdateSecret refuses every reuse of a token, as its documentation says.
    """

    at: datetime
    principal: Principal
    region: Region
    store: Store
    ids: Ids
    limits: Limits
    documented_tokens: bool
    functions: Functions
    touched: list[Secret] = field(default_factory=list)

    def find(self, secret_id: str) -> Secret:
        """The secret in whatever state. :raises SecretNotFound:"""
        secret = self.store.find(secret_id, account_id=self.principal.account_id, region=self.region.name)
        self.touched.append(secret)
        return secret

    def find_readable(self, secret_id: str) -> Secret:
        """The secret, unless it is scheduled for deletion."""
        secret = self.find(secret_id)
        secret.check_readable()
        return secret

    def find_writable(self, secret_id: str, *, also_replica: bool = False) -> Secret:
        """The secret, unless it is a replica, scheduled for deletion or another service's."""
        secret = self.find(secret_id)
        secret.check_writable(also_replica=also_replica)
        return secret

    def find_primary(self, secret_id: str) -> Secret:
        """The secret in whatever state, unless it is a replica."""
        secret = self.find(secret_id)
        secret.check_primary()
        return secret

    def find_readable_primary(self, secret_id: str) -> Secret:
        """The secret, unless it is a replica or scheduled for deletion."""
        secret = self.find_primary(secret_id)
        secret.check_readable()
        return secret

    def check_key_reach(self, secret: Secret) -> None:
        """Whether the caller's account can use the secret's key at all.

        :raises DefaultKeyAcrossAccounts: recorded for Get- and PutSecretValue (test_cross_account_access).
        """
        if secret.account_id != self.principal.account_id and secret.uses_default_key:
            raise DefaultKeyAcrossAccounts
