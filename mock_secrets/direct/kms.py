"""``backend.kms``: keys that a test creates, disables and deletes."""

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
    """``backend.kms["..."]`` names a key that does not exist."""

    def __str__(self) -> str:
        return str(self.args[0])


class StoredKey:
    """A key. Its attributes always show the current state."""

    def __init__(self, service: Service, key: Key) -> None:
        self._service = service
        self._held = key

    @property
    def _key(self) -> Key:
        """The key's current record. A presumed key is stored only once something was done to it."""
        key = self._service.state.keys.current(self._held)
        return key if key.policy is None else there(key, f"the key {key.arn}")

    def _adopted(self) -> Key:
        return self._service.state.keys.adopt(self._key, self._service.clock.now())

    def __repr__(self) -> str:
        return f"<key {self.arn}{''.join(f' {alias}' for alias in self.aliases)}: {self.state}>"

    @property
    def id(self) -> str:
        """The key's id, a UUID."""
        return self._key.id

    @property
    def arn(self) -> str:
        """The key's ARN."""
        return self._key.arn

    @property
    def aliases(self) -> list[str]:
        """The key's aliases, each with its prefix ``alias/``."""
        return list(self._key.aliases)

    @property
    def description(self) -> str:
        """The description that the key was created with."""
        return self._key.description

    @property
    def state(self) -> str:
        """``Enabled``, ``Disabled``, ``PendingDeletion``, or ``Deleted``."""
        with self._service.lock:
            return self._key.state(self._service.clock.run_due()).value

    @property
    def deletion_date(self) -> datetime | None:
        """When the key is deleted, an aware UTC datetime, or None."""
        return self._key.deleted_at

    def disable(self) -> None:
        """Disable the key: nobody can encrypt or decrypt with it until :meth:`enable`.

        :raises ValueError: if the key is pending deletion, or deleted.
        """
        self._set_enabled("disabled", enabled=False)

    def enable(self) -> None:
        """Enable the key again.

        :raises ValueError: if the key is pending deletion (see :meth:`cancel_deletion`), or deleted.
        """
        self._set_enabled("enabled", enabled=True)

    def schedule_deletion(self, days: int = _LONGEST_WINDOW) -> datetime:
        """Start the waiting period, during which the key can't be used and after which it is deleted for good.

        :param days: length of the waiting period, 7 to 30.
        :returns: the end of the waiting period, an aware UTC datetime.
        :raises ValueError: if ``days`` is out of range, or the key is already pending deletion or deleted.
        """
        if not isinstance(days, int) or not _SHORTEST_WINDOW <= days <= _LONGEST_WINDOW:
            raise ValueError(
                f"the waiting period of a key has {_SHORTEST_WINDOW} to {_LONGEST_WINDOW} days; got {days!r}"
            )
        with self._service.lock:
            at = self._check_state("scheduled for deletion", KeyState.ENABLED, KeyState.DISABLED)
            self._adopted().deleted_at = deleted_at = at + timedelta(days=days)
            return deleted_at

    def cancel_deletion(self) -> None:
        """Cancel the deletion. As in AWS, the key is disabled afterwards.

        :raises ValueError: if the key is not pending deletion.
        """
        with self._service.lock:
            self._check_state("kept", KeyState.PENDING_DELETION)
            key = self._adopted()
            key.deleted_at, key.enabled = None, False

    def set_policy(self, policy: PolicyDocument) -> None:
        """Replace the key policy.

        :param policy: a mapping, JSON text, or the ``pathlib.Path`` of a file.
        :raises TypeError, ValueError: if it is not a valid key policy, saying where.
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
    """The part of KMS that Secrets Manager uses. Iterate over the keys, or look one up: ``kms["alias/app"]``."""

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
        """Create a key.

        :param policy: a mapping, JSON text, or the ``pathlib.Path`` of a file. The default is KMS's default policy,
            under which the policies of the account's users and roles decide.
        :param alias: a name such as ``"alias/app"``.
        :param region, account_id: where the key is; by default the backend's region and account.
        :param spec: ``SYMMETRIC_DEFAULT``, or an asymmetric one such as ``RSA_2048``, which Secrets Manager can't use.
        :raises TypeError, ValueError: if the policy or the alias is not valid, or another key has the alias.
        """
        account_id, region = self._where(account_id, region)
        _check_texts(description=description, spec=spec)
        if spec not in SPECS:
            raise ValueError(f"spec takes one of {', '.join(SPECS)}; got {spec!r}")
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
        """Return a key by its id, ARN or alias.

        Unless the mock runs with ``kms="strict"``, a key that the test did not create is presumed to exist; under an
        alias, only if a secret was encrypted with it.

        :param region, account_id: where the key is; by default what the ARN says, else the backend's.
        :raises NoSuchKey: a KeyError that says why there is no such key.
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
            raise NoSuchKey("aws/secretsmanager is an AWS managed key: it is always usable, and nobody can change it")
        if found.aliases and not found.is_part_of_state:
            # A misspelt alias would give a key that nothing uses. An ARN may be that of a key created elsewhere.
            known = ", ".join(str(key) for key in self) or "none"
            raise NoSuchKey(
                f"no key {key_id!r} was created, and no secret uses one."
                " Create it with backend.kms.create_key(alias='alias/app')."
                f" Keys: {known}"
            )
        return StoredKey(self._service, found)

    def _where(self, account_id: str | None, region: str | None) -> tuple[str, str]:
        settings = self._service.settings
        return (
            settings.account_id if account_id is None else check_account_id(account_id),
            settings.region_given(region),
        )


def _check_texts(**given: object) -> None:
    """Check that arguments, given by their names, are strings.

    :raises TypeError: naming the first argument that is not a string.
    """
    for name, value in given.items():
        if not isinstance(value, str):
            raise TypeError(f"{name} takes a string, not {type(value).__name__}")
