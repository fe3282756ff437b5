"""``backend.kms``: keys that a test makes, disables and deletes."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from mock_secrets.aws.kms import SPECS, SYMMETRIC, Key, KeyState, check_alias, default_policy, key_arn, place_of
from mock_secrets.direct.handles import there
from mock_secrets.kernel.codes import AWSError
from mock_secrets.kernel.options import check_account_id
from mock_secrets.kernel.suggestions import explains_names
from mock_secrets.policy.document import PolicyDocument, read_key_policy
from mock_secrets.service.path import Service

_SHORTEST_WINDOW, _LONGEST_WINDOW = 7, 30


class NoSuchKey(KeyError):
    """``backend.kms["..."]`` names a key that is not there."""

    def __str__(self) -> str:
        return str(self.args[0])


class StoredKey:
    """A key. What it shows is always the present state."""

    def __init__(self, service: Service, key: Key) -> None:
        self._service = service
        self._held = key

    @property
    def _key(self) -> Key:
        """The key as it is there now; one that is taken for granted is there once something was done to it."""
        key = self._service.state.keys.current(self._held)
        return key if key.policy is None else there(key, f"the key {key.arn}")

    def _adopted(self) -> Key:
        return self._service.state.keys.adopt(self._key, self._service.clock.now())

    def __repr__(self) -> str:
        return f"<key {self.arn}{''.join(f' {alias}' for alias in self.aliases)}: {self.state}>"

    @property
    def id(self) -> str:
        return self._key.id

    @property
    def arn(self) -> str:
        return self._key.arn

    @property
    def aliases(self) -> list[str]:
        return list(self._key.aliases)

    @property
    def description(self) -> str:
        return self._key.description

    @property
    def state(self) -> str:
        """``Enabled``, ``Disabled``, ``PendingDeletion``, or ``Deleted``."""
        with self._service.lock:
            return self._key.state(self._service.clock.run_due()).value

    @property
    def deletion_date(self) -> datetime | None:
        """When it is deleted, an aware UTC datetime, or None."""
        return self._key.deleted_at

    def disable(self) -> None:
        """Have nobody encrypt or decrypt with it, until :meth:`enable`.

        :raises ValueError: if it is pending deletion, or deleted.
        """
        self._set_enabled("disabled", enabled=False)

    def enable(self) -> None:
        """Have it used again.

        :raises ValueError: if it is pending deletion (see :meth:`cancel_deletion`), or deleted.
        """
        self._set_enabled("enabled", enabled=True)

    def schedule_deletion(self, days: int = _LONGEST_WINDOW) -> datetime:
        """Begin the waiting period, in which it can't be used and at whose end it is gone for ever.

        :param days: 7 to 30.
        :returns: the end of the waiting period, an aware UTC datetime.
        :raises ValueError: for another number of days, or if it is pending deletion or deleted already.
        """
        if not isinstance(days, int) or not _SHORTEST_WINDOW <= days <= _LONGEST_WINDOW:
            raise ValueError(f"a key is deleted after {_SHORTEST_WINDOW} to {_LONGEST_WINDOW} days, not {days!r}")
        with self._service.lock:
            at = self._check_state("scheduled for deletion", KeyState.ENABLED, KeyState.DISABLED)
            self._adopted().deleted_at = deleted_at = at + timedelta(days=days)
            return deleted_at

    def cancel_deletion(self) -> None:
        """End the waiting period. As in AWS, the key is then disabled.

        :raises ValueError: if it is not pending deletion.
        """
        with self._service.lock:
            self._check_state("kept", KeyState.PENDING_DELETION)
            key = self._adopted()
            key.deleted_at, key.enabled = None, False

    def set_policy(self, policy: PolicyDocument) -> None:
        """Put another key policy in place of the present one.

        :param policy: a mapping, JSON text, or the ``pathlib.Path`` of a file.
        :raises TypeError, ValueError: if it is no key policy, saying where.
        """
        read = read_key_policy(policy)
        with self._service.lock:
            self._adopted().policy = read

    def _set_enabled(self, what: str, *, enabled: bool) -> None:
        with self._service.lock:
            self._check_state(what, KeyState.ENABLED, KeyState.DISABLED)
            self._adopted().enabled = enabled

    def _check_state(self, what: str, *allowed: KeyState) -> datetime:
        at = self._service.clock.run_due()
        state = self._key.state(at)
        if state not in allowed:
            raise ValueError(f"the key {self.arn} can't be {what}: its state is {state.value}")
        return at


class Kms:
    """KMS, as much of it as Secrets Manager uses: iterating gives the keys, ``kms["alias/app"]`` one of them."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def __repr__(self) -> str:
        return f"<KMS: {len(list(self))} keys>"

    def __iter__(self) -> Iterator[StoredKey]:
        with self._service.lock:
            held = list(self._service.state.keys)
        return iter([StoredKey(self._service, key) for key in held])

    def __getitem__(self, key_id: str) -> StoredKey:
        return self.key(key_id)

    @explains_names
    def create_key(
        self,
        description: str = "",
        policy: PolicyDocument | None = None,
        alias: str | None = None,
        region: str | None = None,
        account_id: str | None = None,
        *,
        spec: str = SYMMETRIC,
    ) -> StoredKey:
        """A new key.

        :param policy: a mapping, JSON text, or the ``pathlib.Path`` of a file. Without one it has KMS's own, by which
            the policies of the account's users and roles decide.
        :param alias: a name such as ``"alias/app"``.
        :param region, account_id: where; the backend's unless given.
        :param spec: ``SYMMETRIC_DEFAULT``, or an asymmetric one such as ``RSA_2048``, with which Secrets Manager can't
            do anything.
        :raises TypeError, ValueError: for a policy that is none, or an alias that can't be one or is another key's.
        """
        account_id, region = self._where(account_id, region)
        _check_texts(description=description, spec=spec)
        if spec not in SPECS:
            raise ValueError(f"a key has one of the specs {', '.join(SPECS)}, and {spec!r} is not one")
        aliases = [] if alias is None else [check_alias(alias)]
        read = default_policy(region, account_id) if policy is None else read_key_policy(policy)
        with self._service.lock:
            key_id = self._service.state.ids.uuid()
            key = Key(
                id=key_id,
                arn=key_arn(region, account_id, key_id),
                account_id=account_id,
                region=region,
                policy=read,
                description=description,
                spec=spec,
                aliases=aliases,
            )
            return StoredKey(self._service, self._service.state.keys.add(key, self._service.clock.run_due()))

    def key(self, key_id: str, *, region: str | None = None, account_id: str | None = None) -> StoredKey:
        """A key by its id, ARN or alias: one that was made, or one that is taken for granted; by an alias only if a
        secret was encrypted with it.

        :param region, account_id: where; the backend's unless given, or what the ARN says.
        :raises NoSuchKey: a KeyError that says why not.
        """
        _check_texts(key_id=key_id)
        account_id, region = place_of(key_id) or self._where(account_id, region)
        with self._service.lock:
            at = self._service.clock.run_due()
            for held in self._service.state.keys:
                if key_id == held.arn:
                    return StoredKey(self._service, held)
            try:
                found = self._service.state.keys.find(key_id, account_id=account_id, region=region, at=at)
            except AWSError as error:
                raise NoSuchKey(f"no key {key_id!r} in {region} of account {account_id}: {error.message}") from None
        if found is None:
            raise NoSuchKey("aws/secretsmanager is AWS's own key: it can be used at any time, and nobody changes it")
        if found.aliases and not found.is_part_of_state:
            # A misspelt alias would be a key that nothing uses; an ARN is taken for one that was made elsewhere.
            known = ", ".join(str(key) for key in self) or "none"
            raise NoSuchKey(
                f"nobody made the key {key_id!r}, and no secret uses it: create_key(alias=...) makes one. Keys: {known}"
            )
        return StoredKey(self._service, found)

    def _where(self, account_id: str | None, region: str | None) -> tuple[str, str]:
        settings = self._service.settings
        return (
            settings.account_id if account_id is None else check_account_id(account_id),
            settings.region_given(region),
        )


def _check_texts(**given: object) -> None:
    """:raises TypeError: naming the first that is no text."""
    for name, value in given.items():
        if not isinstance(value, str):
            raise TypeError(f"{name} takes a string, not {type(value).__name__}")
