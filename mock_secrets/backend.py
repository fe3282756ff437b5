"""The backend: the in-memory Secrets Manager that a test holds while the mock is active."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mock_secrets.aws.functions import Handler
from mock_secrets.direct.calls import CallLog
from mock_secrets.direct.cloudtrail import Trail
from mock_secrets.direct.faults import Fault, Faults, HasArn, begin_fault
from mock_secrets.direct.guards import EndGuards
from mock_secrets.direct.iam import Iam, Role
from mock_secrets.direct.kms import Kms
from mock_secrets.direct.secrets import NoSuchSecret, StoredSecret, tag_members, value_member
from mock_secrets.kernel import phase
from mock_secrets.kernel.call import Call
from mock_secrets.kernel.client_types import gives_client
from mock_secrets.kernel.clock import Clock
from mock_secrets.kernel.codes import AWSError
from mock_secrets.kernel.faults import NetworkFault
from mock_secrets.kernel.ids import Ids
from mock_secrets.kernel.lock import BackendLock
from mock_secrets.kernel.options import Options, SeedValue, check_account_id, seed_value
from mock_secrets.kernel.printable import counted
from mock_secrets.kernel.suggestions import explains_names
from mock_secrets.model.secret import Secret
from mock_secrets.report.hints import explain
from mock_secrets.report.history import KEPT, history
from mock_secrets.report.text import draw
from mock_secrets.service.path import Service, Settings
from mock_secrets.service.savepoint import savepoint
from mock_secrets.transport import beside_moto, environment, sessions

if TYPE_CHECKING:
    import boto3

    from mock_secrets.transport.endpoint import Endpoint
    from mock_secrets.transport.extension import ExtensionEndpoint

E = TypeVar("E", bound="Endpoint")

_SHORT = 5


class SecretsBackend:
    """An in-memory AWS Secrets Manager: its secrets, its clock, and a record of the calls it received.

    It takes the same parameters as :func:`mock_secrets.mock_secrets`. While the mock is active, its backend answers the
    clients of the process. Direct access (``create``, ``secret``, ``seed`` and so on) needs no client, records no call,
    and works whether or not the mock is active.
    """

    def __init__(self, **options: Any) -> None:
        self.options = Options.of(options)
        in_force = self.options.in_force
        lock = BackendLock()
        self._first_region = self.options.region or environment.region_of_process()
        self._clock = Clock(self.options.at, lock)
        self._calls = CallLog()
        # Answers the calls. Internal: tests use the public methods.
        self.service = Service(
            Settings(
                explain=explain,
                find_region=self._find_region,
                find_account=beside_moto.account_of,
                account_id=in_force["account_id"],
                seed=in_force["seed"],
                limits=in_force["limits"].at_pace(in_force["pace"]),
                documented_tokens=in_force["token_reuse"] == "documented",
                strict_keys=in_force["kms"] == "strict",
                any_region=in_force["any_region"],
                show_values=in_force["show_values"],
            ),
            self._clock,
            Ids(in_force["seed"]),
            lock,
            self._calls,
        )
        self._iam = Iam(self.service, sessions.of_key)
        self._kms = Kms(self.service)
        self._faults = Faults(self.service)
        self._trail = Trail(self.service.state.trail)
        self._guards = EndGuards.of(self.service, self._trail, self.options)
        self._endpoints: list[Endpoint] = []
        seeds = self.options.secrets or {}
        for name, value in seeds.items():
            self._check_new(name, seed_value(name, value))
        self._clock.on_first_use(lambda: self._create_missing(seeds))

    def __repr__(self) -> str:
        # A debugger may show this at any moment: it must neither fire due events nor create the initial secrets.
        with self.service.lock:
            there = self.service.state.store.region(self.account_id, self.region)
            secrets = len(there if self._clock.has_begun else self.options.secrets or ())
        held = f"{counted(secrets, 'secret')}, {counted(len(self.calls), 'call')}"
        return f"<SecretsBackend {self.account_id} {self.region}: {held}>"

    def __str__(self) -> str:
        self._settle()
        return draw(history(self.service), rows=_SHORT, more="backend.report() has all")

    def report(self) -> str:
        """Return a text report of what has happened so far and of the secrets' present state.

        It lists each call with the line that made it, what it changed, and, if it was refused, why and what helps; the
        moves of the clock; and the rotations. ``print(backend)`` shows the most recent entries.

        :returns: several lines of text, without any secret value.
        """
        self._settle()
        return draw(history(self.service), rows=None)

    def write_report(self, path: str | PathLike[str]) -> Path:
        """Write an HTML page that shows what has happened so far, with the state of every secret at any instant.

        The page contains no secret values and loads nothing from the network. ``pytest --mock-secrets-report=FILE``
        writes one page for a whole test run.

        :param path: file to write; an existing file is replaced.
        :returns: the path of the file.
        :raises OSError: if the file can't be written.
        """
        from mock_secrets.direct.pages import write_page_of

        self._settle()
        return write_page_of(path, self.service, repr(self))

    @property
    def region(self) -> str:
        """The region of direct access and of clients that name no region.

        Without a ``region`` parameter it is the region that ``boto3.client`` would use at this moment.
        """
        return self.service.settings.region

    def _find_region(self) -> str:
        return self.options.region or environment.current_region(self._first_region)

    @property
    def account_id(self) -> str:
        """The account of direct access and of clients without credentials of their own: 12 digits."""
        return self.service.settings.account_id

    @property
    def effective(self) -> dict[str, Any]:
        """The parameters in force, defaults included, as a dict keyed by parameter name."""
        return {**self.options.in_force, "region": self.region}

    @property
    def clock(self) -> Clock:
        """The service clock: ``now()``, ``advance(**timedelta)``, ``travel_to(when)``."""
        return self._clock

    @property
    def calls(self) -> CallLog:
        """Every call, in the order in which the service received them."""
        return self._calls

    @property
    def iam(self) -> Iam:
        """Users and roles with policies, and the permissions that calls needed: ``create_user``, ``create_role``,
        ``used_permissions``, ``assert_sufficient``, ``unused``."""
        return self._iam

    @property
    def kms(self) -> Kms:
        """KMS keys: ``create_key``, ``key``, and ``kms["alias/app"]``."""
        return self._kms

    @property
    def cloudtrail(self) -> Trail:
        """The events that CloudTrail would log: a sequence of records with ``lookup(...)``, ``leaks()``,
        ``to_json_lines()`` and ``write(path)``."""
        self._settle()
        return self._trail

    @property
    def faults(self) -> Faults:
        """The faults started with ``backend.fail``: ``fired`` and ``unfired``."""
        return self._faults

    @explains_names
    def fail(
        self,
        operation: str,
        error: str | NetworkFault,
        *,
        secret: str | None = None,
        stage: str | None = None,
        principal: str | HasArn | None = None,
        region: str | None = None,
        when: Callable[[Call], object] | None = None,
        times: int | None = None,
        after: int = 0,
        sequence: tuple[int, ...] | None = None,
        rate: float | None = None,
        until: datetime | None = None,
    ) -> Fault:
        """Make matching calls fail from now on.

        The fault lasts until its ``end()`` is called, its ``with`` block ends, or the savepoint in which it was started
        ends. If several faults match a call, the one started first applies; a ``Latency`` only delays the call and
        leaves the answer to the next fault.

        :param operation: operation to affect, by its AWS name, or ``"*"`` for all operations.
        :param error: AWS error code to answer with, in which case the call has no effect; or a network fault from
            ``mock_secrets.faults``.
        :param secret: affect only calls that name this secret, given by name or ARN.
        :param stage: affect only calls that concern this staging label.
        :param principal: affect only calls by this user or role, or by the principal with this ARN or name.
        :param region: affect only calls to this region.
        :param when: affect only calls for which ``when(call)`` is true.
        :param times: maximum number of calls that fail.
        :param after: number of matching calls that pass first.
        :param sequence: numbers of calls that fail and pass in turn: ``(3, 2)`` fails three and lets two pass.
        :param rate: probability that a matching call fails, above 0 and up to 1, drawn from the mock's seed.
        :param until: aware datetime, by the service clock, from which no call fails.
        :returns: the fault, which is also a context manager; its ``calls`` lists the calls it affected.
        :raises TypeError, ValueError: if the operation or the error code does not exist, or another parameter is not
            valid.
        """
        which: dict[str, Any] = {
            "secret": secret,
            "stage": stage,
            "principal": principal,
            "region": region,
            "when": when,
        }
        how_often: dict[str, Any] = {"times": times, "after": after, "sequence": sequence, "rate": rate, "until": until}
        return begin_fault(self.service, operation, error, **which, **how_often)

    def _settle(self) -> None:
        with self.service.lock:
            self._clock.run_due()

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo everything that happens inside a ``with`` block when the block ends, even if it raises.

        This covers secrets, versions, policies, keys, principals, functions, calls, the CloudTrail log, the sequence of
        ids, and the clock, which goes back to where it was. Objects for something made inside the block raise
        :class:`mock_secrets.NoLongerThere` afterwards. Savepoints can be nested.
        """
        return self._savepoint()

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        with savepoint(self.service):
            faults = self._guards.faults.at_savepoint()
            try:
                yield
                faults.test_has_ended(failed=False)
            except BaseException:
                keep_for_report(self)
                raise
            phase.is_undone(self)

    def check_leaks(self) -> None:
        """Fail if a call since the last check put a secret value where CloudTrail logs it.

        With ``leaks="fail"`` this check runs at the end of each test, or of the mock.

        :raises SecretLeaked: if there is such a call. The message names each call and parameter, never the value.
        """
        __tracebackhide__ = True
        self._guards.leaks.check()

    @gives_client
    def client(self, **kwargs: Any) -> Any:
        """Return a boto3 client for Secrets Manager that calls as the account's administrator.

        :param kwargs: arguments for ``boto3.client``, such as ``region_name`` or ``config``.
        """
        return sessions.default().client("secretsmanager", **{"region_name": self.region, **kwargs})

    def async_client(self, **kwargs: Any) -> Any:
        """Return an aiobotocore client for Secrets Manager that calls as the account's administrator.

        The client works in any event loop. It is already open and need not be closed; ``async with`` works too.

        :param kwargs: arguments for ``AioSession.create_client``, such as ``region_name`` or ``config``.
        :raises ModuleNotFoundError: if aiobotocore is not installed.
        """
        from mock_secrets.transport.async_clients import async_client

        return async_client(**{"region_name": self.region, **kwargs})

    @explains_names
    def session(self, account_id: str | None = None, region: str | None = None) -> "boto3.Session":
        """Return a boto3 session that calls as the administrator of an account.

        :param account_id: account of the session, 12 digits. Without it the session has the process's default
            credentials, like ``boto3.Session()``.
        :param region: region of the session; this backend's region by default.
        """
        where = self._where(account_id, region)

        return sessions.of_account(**where) if account_id is not None else sessions.of_environment(where["region"])

    @explains_names
    def serve(self, port: int = 0) -> "Endpoint":
        """Serve this backend over HTTP on the loopback interface, for other processes and SDKs of other languages.

        The server runs until its ``with`` block ends, ``close()`` is called, or the mock ends.

        :param port: port to listen on; 0 picks a free one.
        :returns: an endpoint with ``url`` and ``port``, which is also a context manager.
        :raises TypeError: if the port is not an int.
        :raises ValueError: if the port is not between 0 and 65535.
        :raises OSError: if the port is in use.
        """
        from mock_secrets.transport.endpoint import Endpoint

        return self._listening(Endpoint(self.service.answer, port=port))

    @explains_names
    def serve_extension(self, port: int = 0, *, ttl: timedelta = timedelta(seconds=300)) -> "ExtensionEndpoint":
        """Serve as the AWS Parameters and Secrets Lambda Extension and the Secrets Manager Agent do, on the loopback.

        It answers ``GET /secretsmanager/get?secretId=NAME``, with ``versionStage`` or ``versionId``, and ``GET
        /v1/NAME``. Both need the header ``X-Aws-Parameters-Secrets-Token``. While it runs, the environment variables
        ``PARAMETERS_SECRETS_EXTENSION_HTTP_PORT`` and ``AWS_SESSION_TOKEN`` hold its port and token. It runs until its
        ``with`` block ends, ``close()`` is called, or the mock ends.

        :param port: port to listen on; 0 picks a free one.
        :param ttl: how long a value is answered from the cache, by the service clock: 0 to 3600 seconds.
        :returns: an endpoint with ``url``, ``port`` and ``token``, which is also a context manager.
        :raises TypeError: if the port is not an int, or the ttl is not a timedelta.
        :raises ValueError: if the port is not between 0 and 65535, or the ttl is outside its range.
        :raises OSError: if the port is in use.
        """
        from mock_secrets.transport.extension import ExtensionEndpoint, checked_ttl

        clock = self._clock
        extension = ExtensionEndpoint(
            self.service.answer, now=clock.now, region=lambda: self.region, port=port, ttl=checked_ttl(ttl)
        )
        return self._listening(extension)

    def _listening(self, endpoint: E) -> E:
        """Register an endpoint, to be closed when the mock ends."""
        self._endpoints = [*(one for one in self._endpoints if one.is_open), endpoint]
        return endpoint

    @explains_names
    def create(
        self,
        name: str,
        value: SeedValue | None = None,
        *,
        description: str | None = None,
        kms_key_id: str | None = None,
        tags: Mapping[str, str] | None = None,
        token: str | None = None,
        account_id: str | None = None,
        region: str | None = None,
    ) -> StoredSecret:
        """Create a secret as CreateSecret does, without recording a call.

        :param name: name of the secret.
        :param value: str, bytes, or a mapping to store as JSON; without a value the secret has no version.
        :param description: description of the secret.
        :param kms_key_id: id, ARN or alias of the KMS key that encrypts the secret.
        :param tags: tags of the secret, as a mapping of keys to values.
        :param token: id of its first version; a generated UUID by default.
        :param account_id: account to create it in; this backend's account by default.
        :param region: region to create it in; this backend's region by default.
        :returns: the new secret.
        :raises AWSError: if AWS would refuse the call, for example because the name is taken.
        """
        params = {
            "Name": name,
            "ClientRequestToken": token or self.service.state.ids.uuid(),
            "Description": description,
            "KmsKeyId": kms_key_id,
            "Tags": None if tags is None else tag_members(tags),
            **({} if value is None else value_member(seed_value(name, value))),
        }
        where = self._where(account_id, region)
        given = {member: param for member, param in params.items() if param is not None}
        answer = self.service.direct("CreateSecret", **where, **given)
        return self.secret(answer["ARN"], **where)

    @explains_names
    def create_managed_secret(
        self,
        service: str,
        name: str,
        value: SeedValue,
        *,
        account_id: str | None = None,
        region: str | None = None,
    ) -> StoredSecret:
        """Create a secret that another AWS service owns. Anyone may read it, but only that service may change it.

        :param service: id of the service as DescribeSecret shows it, such as ``"rds"``.
        :param name: name in the form the service uses, such as ``"rds!db-..."``.
        :param value: str, bytes, or a mapping to store as JSON.
        :param account_id: account to create it in; this backend's account by default.
        :param region: region to create it in; this backend's region by default.
        :returns: the new secret.
        :raises ValueError: if the service id is empty or not a string.
        :raises AWSError: if AWS would refuse CreateSecret.
        """
        if not isinstance(service, str) or not service:
            raise ValueError(f"service takes the id of an AWS service, such as 'rds', not {service!r}")
        stored = self.create(name, value, account_id=account_id, region=region)
        with self.service.lock:
            secret = self.service.state.store.find(stored.arn, **self._where(account_id, region))
            secret.give_to(service)
        return stored

    @explains_names
    def register_rotation_lambda(
        self,
        name_or_arn: str,
        handler: Handler,
        *,
        environment: Mapping[str, str] | None = None,
        role: Role | None = None,
    ) -> str:
        """Register a Python callable as the Lambda function that rotates secrets.

        :param name_or_arn: ARN of the function, or its name in this backend's account and region.
        :param handler: the deployed ``handler(event, context)``, or a coroutine function with the same parameters.
        :param environment: environment variables to set while the function runs, in addition to those that Lambda
            sets and ``SECRETS_MANAGER_ENDPOINT``.
        :param role: role from ``backend.iam`` whose policies apply to the function's calls; without a role the function
            may do everything.
        :returns: the function's ARN, to pass to RotateSecret.
        :raises TypeError: if the handler can't be called with an event and a context, or another parameter has the
            wrong type.
        :raises ValueError: if the name or ARN is not valid for a Lambda function.
        """
        if role is not None and not isinstance(role, Role):
            raise TypeError(f"role takes a role made with backend.iam.create_role(), not {type(role).__name__}")
        function = self.service.state.functions.register(
            name_or_arn,
            handler,
            region=self.region,
            account_id=self.account_id,
            environment={} if environment is None else environment,
            role=None if role is None else role.held,
        )
        return function.arn

    def remove_rotation_lambda(self, name_or_arn: str) -> None:
        """Unregister a rotation function, as if it had been deleted or its permission withdrawn.

        AWS gives the same answer in both cases.

        :raises KeyError: if no such function is registered.
        """
        self.service.state.functions.remove(name_or_arn, region=self.region, account_id=self.account_id)

    def secret(self, secret_id: str, *, account_id: str | None = None, region: str | None = None) -> StoredSecret:
        """Look up a secret by its name or ARN. ``backend[secret_id]`` is short for it.

        :param account_id: account to look in; this backend's account by default.
        :param region: region to look in; this backend's region by default.
        :raises NoSuchSecret: if there is none. It is a KeyError whose message lists the secrets that exist.
        """
        if not isinstance(secret_id, str):
            raise NoSuchSecret(
                f"a secret is looked up by its name or ARN, which is a string, not {type(secret_id).__name__}"
            )
        where = self._where(account_id, region)
        held = self._held(secret_id, **where)
        if held is None:
            names = sorted(secret.name for secret in self.service.state.store.region(**where))
            raise NoSuchSecret.among(names, secret_id, **where)
        return StoredSecret(self.service, held)

    def __getitem__(self, secret_id: str) -> StoredSecret:
        return self.secret(secret_id)

    def __contains__(self, secret_id: str) -> bool:
        return isinstance(secret_id, str) and self._held(secret_id) is not None

    def __iter__(self) -> Iterator[StoredSecret]:
        with self.service.lock:
            self._clock.run_due()
            held = list(self.service.state.store.region(self.account_id, self.region))
        return iter([StoredSecret(self.service, secret) for secret in held])

    @explains_names
    def seed(self, secrets: Mapping[str, SeedValue]) -> None:
        """Create several secrets. One that already exists with the same value is left as it is.

        All of them are checked before the first is created.

        :param secrets: mapping of names to values: str, bytes, or a mapping to store as JSON.
        :raises ValueError: if a secret exists with another value or can't be created. The message shows no value.
        """
        with self.service.lock:
            values = {name: seed_value(name, given) for name, given in secrets.items()}
            new = {name: value for name, value in values.items() if not self._is_there(name, value)}
            for name, value in new.items():
                self._check_new(name, value)
            self._create_all(new)

    def _is_there(self, name: str, value: str | bytes) -> bool:
        """Tell whether a mock that is joined already has an initial secret.

        :raises ValueError: if a secret of this name exists and is not what would be created.
        """
        held = self._held(name)
        if held is None:
            return False
        if held.deleted_at is not None:
            raise ValueError(
                f"secrets={{{name!r}: ...}} joins a mock whose secret {name!r} is scheduled for deletion."
                " Restore it, or use another name."
            )
        current = held.versions.current
        if current is None or current.value != value:
            raise ValueError(
                f"secrets={{{name!r}: ...}} joins a mock whose secret {name!r} has another value: a nested mock can add"
                " secrets but can't change one. Use update_secret, or another name."
            )
        return True

    def _create_missing(self, secrets: Mapping[str, SeedValue]) -> None:
        # Some exist only if an earlier attempt was interrupted.
        there = self.service.state.store.region(**self._where(None, None))
        self._create_all({name: value for name, value in secrets.items() if there.get(name) is None})

    def _create_all(self, secrets: Mapping[str, SeedValue]) -> None:
        for name, value in secrets.items():
            # An interrupt may have stopped an earlier attempt halfway.
            if self._held(name) is None:
                self._create_seed(name, value)

    def _create_seed(self, name: str, value: SeedValue) -> None:
        self.create(name, value)
        made = self.service.state.history[-1]
        if isinstance(made, Call):
            # The line that first used the backend did not create this secret.
            made.line = None

    def _check_new(self, name: str, value: str | bytes) -> None:
        try:
            self.service.check("CreateSecret", Name=name, ClientRequestToken="-" * 32, **value_member(value))
        except AWSError as error:
            raise ValueError(f"secrets={{{name!r}: ...}} can't be created: {error.message}") from None

    def _where(self, account_id: str | None, region: str | None) -> dict[str, str]:
        return {
            "account_id": self.account_id if account_id is None else check_account_id(account_id),
            "region": self.service.settings.region_given(region),
        }

    def _held(self, secret_id: str, *, account_id: str | None = None, region: str | None = None) -> Secret | None:
        """The model's secret, or None, after all due events have fired."""
        with self.service.lock:
            self._clock.run_due()
            return self.service.state.store.get(secret_id, **self._where(account_id, region))


def keep_for_report(backend: SecretsBackend) -> None:
    """Keep the history that is about to be undone, for the report of a failing test."""
    phase.is_taken_back(backend, sys.exc_info()[1], lambda: history(backend.service, last=KEPT))
