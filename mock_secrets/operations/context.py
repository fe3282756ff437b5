"""What an operation receives besides its parameters: the state, the call and the caller."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from mock_secrets.aws.cloudtrail import EventLog
from mock_secrets.aws.functions import Functions
from mock_secrets.aws.iam import Caller, Identities
from mock_secrets.aws.kms import Keys
from mock_secrets.aws.records import ApiEvent, KeyUse, ServiceEventName, deletion_event, rotation_event
from mock_secrets.kernel.call import Call
from mock_secrets.kernel.codes import AWSError
from mock_secrets.kernel.errors import SecretNotFound
from mock_secrets.kernel.happened import Expired, Move, Rotated
from mock_secrets.kernel.ids import Ids
from mock_secrets.kernel.journal import Journal
from mock_secrets.kernel.limits import Limits
from mock_secrets.model.secret import Secret
from mock_secrets.model.store import Region, Store
from mock_secrets.model.versions import Version
from mock_secrets.operations.lag import Lag

Happened: TypeAlias = Call | Move | Rotated | Expired


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything that a backend holds, for all accounts and regions.

    :ivar documented_tokens: whether UpdateSecret refuses every reuse of a token, as its documentation says.
    :ivar lag: recent changes that reads may not see yet; None if reads see everything.
    :ivar history: everything that happened, for reports.
    """

    store: Store
    keys: Keys
    functions: Functions
    identities: Identities
    trail: EventLog
    ids: Ids
    limits: Limits
    documented_tokens: bool
    lag: Lag | None = None
    journal: Journal = field(default_factory=Journal)
    history: list[Happened] = field(default_factory=list)

    def note(self, happened: Happened) -> None:
        """Append something that happened to the history."""
        self.journal.append(self.history, happened, self.limits.calls_kept)

    def __post_init__(self) -> None:
        for part in (self.store, self.keys, self.functions, self.identities, self.trail, self.lag):
            if part is not None:
                part.join(self.journal)


@dataclass(slots=True, eq=False)
class Context:
    """One call's view of the state.

    :ivar event: the call's CloudTrail event; None for direct access.
    :ivar at: the time of the call; the clock is read only once.
    :ivar account_id: the caller's account.
    :ivar arguments: the arguments that were sent, without secret values.
    :ivar reads_late: whether the call may see secrets as they were a moment ago.
    :ivar touched: the secrets that the call read or changed.
    """

    state: State
    call: Call
    caller: Caller
    event: ApiEvent | None = None
    at: datetime = field(init=False)
    account_id: str = field(init=False)
    region: Region = field(init=False)
    arguments: Mapping[str, Any] = field(default_factory=dict, repr=False)
    touched: list[Secret] = field(default_factory=list)
    reads_late: bool = False
    _looked_up: tuple[str, Secret | None] = ("", None)

    def __post_init__(self) -> None:
        self.at, self.account_id = self.call.at, self.call.account_id
        self.region = self.state.store.region(self.account_id, self.call.region)

    def find(self, secret_id: str) -> Secret:
        """The secret, in any state.

        :raises SecretNotFound: if there is none.
        """
        secret = self.look_up(secret_id)
        if secret is None:
            raise SecretNotFound
        self.touched.append(secret)
        return secret

    def look_up(self, secret_id: str) -> Secret | None:
        """The secret, or None. Cached, because the permission check and the operation both look it up."""
        if self._looked_up[0] != secret_id:
            found = self.state.store.get(secret_id, account_id=self.account_id, region=self.region.name)
            self._looked_up = secret_id, self.seen(found, secret_id) if self.reads_late else found
        return self._looked_up[1]

    def seen(self, secret: Secret | None, secret_id: str) -> Secret | None:
        """The secret as this caller sees it when reads lag behind writes."""
        assert self.state.lag is not None, "only called when reads lag"
        return self.state.lag.seen(
            secret,
            secret_id,
            account_id=self.account_id,
            region=self.region.name,
            caller=self.caller.principal.arn,
            at=self.at,
            draw=f"{self.call.request_id} {secret_id}",
        )

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
        """The secret, in any state, unless it is a replica."""
        secret = self.find(secret_id)
        secret.check_primary()
        return secret

    def find_readable_primary(self, secret_id: str) -> Secret:
        """The secret, unless it is a replica or scheduled for deletion."""
        secret = self.find_primary(secret_id)
        secret.check_readable()
        return secret

    def find_readable_source(self, secret_id: str) -> Secret:
        """The secret, unless its value is replicated from another secret, or it is scheduled for deletion."""
        secret = self.find(secret_id)
        secret.check_source()
        secret.check_readable()
        return secret

    def record_new_version(self, secret: Secret, version: Version) -> None:
        """Record a new version of a secret. If it ends a rotation that was still pending, log that as well."""
        rotation = secret.rotation
        pending = rotation.pending if rotation is not None and not rotation.is_running else None
        secret.record_new_version(version, self.at)
        if rotation is not None and rotation.pending is None and pending is not None and not pending.is_test:
            self.state.trail.append(rotation_event("RotationAbandoned", secret, self.at, pending.token))

    def log_deletion(self, name: ServiceEventName, secret: Secret) -> None:
        """Log the start, the end or the cancellation of a deletion, once for each version."""
        for _ in secret.versions:
            self.state.trail.append(deletion_event(name, secret, self.at))

    def log_key_use(self, use: KeyUse) -> None:
        """Log a call to KMS that this call made."""
        if self.event is not None:
            self.event.key_uses += (use,)

    def log_part(self, operation: str, secret_id: str, error: AWSError | None) -> None:
        """Log a call's access to one of its secrets as a separate event (documentation of BatchGetSecretValue)."""
        if self.event is not None:
            secret = self.look_up(secret_id)
            touched = [] if secret is None else [secret.arn]
            self.state.trail.append(self.event.part(operation, {"SecretId": secret_id}, error, touched))
