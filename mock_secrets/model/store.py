"""The secrets of all accounts and regions, and how to find one by name or ARN."""

from collections.abc import Iterator

from mock_secrets.kernel.arn import read_secret_arn, without_suffix
from mock_secrets.kernel.errors import NameScheduledForDeletion, QuotaExceeded, SecretExists, SecretNotFound
from mock_secrets.kernel.journal import Journaled, JournaledDict
from mock_secrets.kernel.limits import Limits
from mock_secrets.kernel.regions import partition_of
from mock_secrets.model.orders import Orders
from mock_secrets.model.secret import Secret


class Region(Journaled):
    """The secrets of one account in one region."""

    __slots__ = ("_by_name", "_made", "account_id", "name", "orders")

    def __init__(self, account_id: str, name: str) -> None:
        self.account_id = account_id
        self.name = name
        self._by_name: JournaledDict[str, Secret] = JournaledDict(ordered=False)
        self._made = 0
        self.orders = Orders(self._by_name)

    def __iter__(self) -> Iterator[Secret]:
        # In the order of creation, even after a removal was undone.
        return iter(sorted(self._by_name.values(), key=_serial))

    def __len__(self) -> int:
        return len(self._by_name)

    def get(self, name: str) -> Secret | None:
        return self._by_name.get(name)

    def add(self, secret: Secret) -> None:
        self._made += 1
        secret.serial = self._made
        secret.orders = self.orders
        self._by_name[secret.name] = secret
        self.orders.moved(secret)

    def remove(self, secret: Secret) -> None:
        """Remove a secret, unless another one has its name by now."""
        if self._by_name.get(secret.name) is secret:
            del self._by_name[secret.name]
            self.orders.moved(secret)

    def check_free(self, name: str, limits: Limits) -> None:
        """Raise unless a new secret can have this name.

        :raises NameScheduledForDeletion, SecretExists, QuotaExceeded:
        """
        secret = self._by_name.get(name)
        if secret is not None:
            if secret.deleted_at is not None:
                raise NameScheduledForDeletion
            raise SecretExists(name=name)
        if len(self) >= limits.secrets_per_region:
            raise QuotaExceeded


class Store(Journaled):
    """The secrets of all accounts and regions."""

    __slots__ = ("_regions",)

    def __init__(self) -> None:
        self._regions: JournaledDict[tuple[str, str], Region] = JournaledDict()

    def __iter__(self) -> Iterator[Secret]:
        """All secrets of all accounts and regions."""
        return (secret for region in self._regions.values() for secret in region)

    def region(self, account_id: str, region: str) -> Region:
        key = (account_id, region)
        held = self._regions.get(key)
        if held is None:
            held = self._regions[key] = Region(account_id, region)
        return held

    def find(self, secret_id: str, *, account_id: str, region: str) -> Secret:
        """The secret that a SecretId means for a caller in this account and region.

        A name is one in the caller's account. An ARN may be of another account, and may lack the suffix. The region is
        always the client's; an ARN of another region is not found (reported).

        :raises SecretNotFound: if there is none.
        """
        secret = self.get(secret_id, account_id=account_id, region=region)
        if secret is None:
            raise SecretNotFound
        return secret

    def get(self, secret_id: str, *, account_id: str, region: str) -> Secret | None:
        """As :meth:`find`, but None if there is no such secret."""
        arn = read_secret_arn(secret_id)
        if arn is None:
            return self.region(account_id, region).get(secret_id)
        if arn.region != region or arn.partition != partition_of(region):
            return None
        return self._by_arn(secret_id, arn.account_id, region, arn.resource, complete=arn.is_complete)

    def _by_arn(self, text: str, account_id: str, region: str, resource: str, *, complete: bool) -> Secret | None:
        held = self._regions.get((account_id, region))
        if held is None:
            return None
        if not complete:
            return held.get(resource)
        secret = held.get(without_suffix(resource))
        return secret if secret is not None and secret.arn == text else None


def _serial(secret: Secret) -> int:
    return secret.serial
