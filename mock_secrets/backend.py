"""What a test holds while the mock is active."""

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
    """One mocked Secrets Manager: its state, its clock, and the calls that it took.

    Takes the parameters of :func:`mock_secrets.mock_secrets`. It answers clients while it is activated;
    its direct door works at any time.
    """

    def __init__(self, **options: Any) -> None:
        self.options = Options.of(options)
        in_force = self.options.in_force
        lock = BackendLock()
        self._first_region = self.options.region or environment.region_of_process()
        self._clock = Clock(self.options.at, lock)
        self._calls = CallLog()
        # What answers the calls; for the doors, not for tests.
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
        # A debugger shows it at any time: nothing may happen for it, be it due or the beginning itself.
        with self.service.lock:
            there = self.service.state.store.region(self.account_id, self.region)
            secrets = len(there if self._clock.has_begun else self.options.secrets or ())
        return f"<SecretsBackend {self.account_id} {self.region}: {secrets} secrets, {len(self.calls)} calls>"

    def __str__(self) -> str:
        self._settle()
        return draw(history(self.service), rows=_SHORT, more="backend.report() has all")

    def report(self) -> str:
        """What happened until now, and how the secrets stand, as a text without any secret value.

        Calls with the lines that made them, what they changed, what was refused and what helps; moves of the clock;
        rotations. ``print(backend)`` shows the last of it.
        """
        self._settle()
        return draw(history(self.service), rows=None)

    def write_report(self, path: str | PathLike[str]) -> Path:
        """Write a page of HTML that shows what happened until now, with every secret's state at any instant.

        It holds no secret value and needs no network. ``pytest --mock-secrets-report=FILE`` writes one for a run.

        :returns: the file's path.
        :raises OSError: if the file can't be written.
        """
        from mock_secrets.direct.pages import write_page_of

        self._settle()
        return write_page_of(path, self.service, repr(self))

    @property
    def region(self) -> str:
        """The region of clients that name none, and of the direct door.

        Unless the mock was given one, it is the one that ``boto3.client`` would have at this moment.
        """
        return self.service.settings.region

    def _find_region(self) -> str:
        return self.options.region or environment.current_region(self._first_region)

    @property
    def account_id(self) -> str:
        """The account of clients without keys of their own, and of the direct door: 12 digits."""
        return self.service.settings.account_id

    @property
    def effective(self) -> dict[str, Any]:
        """The parameters that are in force, by name."""
        return {**self.options.in_force, "region": self.region}

    @property
    def clock(self) -> Clock:
        """The service's clock: ``now()``, ``advance(**timedelta)``, ``travel_to(when)``."""
        return self._clock

    @property
    def calls(self) -> CallLog:
        """Every call in the order in which the service took them."""
        return self._calls

    @property
    def iam(self) -> Iam:
        """Users and roles with policies, and what calls needed: ``create_user``, ``create_role``, ``used_permissions``,
        ``assert_sufficient``, ``unused``."""
        return self._iam

    @property
    def kms(self) -> Kms:
        """Keys: ``create_key``, ``key``, and ``kms["alias/app"]``."""
        return self._kms

    @property
    def cloudtrail(self) -> Trail:
        """What CloudTrail logs: a sequence of records with ``lookup(...)``, ``leaks()``, ``to_json_lines()`` and
        ``write(path)``."""
        self._settle()
        return self._trail

    @property
    def faults(self) -> Faults:
        """What was asked for with ``backend.fail``: ``fired``, and ``unfired``."""
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
        """Have calls go wrong from now on: until ``end()``, the end of its block, or of the savepoint that it began in.

        Of several faults that a call meets, the one that began first answers; a latency leaves the answer to the next.

        :param operation: AWS's name of it, or ``"*"`` for all.
        :param error: AWS's code of an error, answered without any effect; or one of ``mock_secrets.faults``.
        :param secret: for calls that name this secret, by its name or ARN.
        :param stage: for calls that are about this staging label.
        :param principal: for calls of this user or role, or of one with this ARN or name.
        :param region: for calls to this region.
        :param when: for calls of which ``when(call)`` is true.
        :param times: so many calls at most.
        :param after: how many calls pass first.
        :param sequence: how many calls fail and how many pass, in turns: ``(3, 2)``.
        :param rate: how likely each call is to fail, above 0 and up to 1; by the mock's seed.
        :param until: an aware datetime, of the service's clock, from which on no call fails.
        :returns: the fault, itself a context manager, with ``calls`` that it met.
        :raises TypeError, ValueError: for an operation or a code that there is not, or a parameter that is not that.
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
        """A block at whose end everything is as it was before it, also if it raised.

        Secrets, versions, policies, keys, principals, functions, calls, the log, the clock and the sequence of ids:
        the clock goes back, too. What was made inside is gone, and says so. Blocks can be nested.
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
        """Fail if calls since the last check put values of secrets where CloudTrail logs them.

        Done at the end of each test, or of the mock, where ``leaks="fail"`` is given.

        :raises SecretLeaked: naming each call and its parameter, and no value.
        """
        __tracebackhide__ = True
        self._guards.leaks.check()

    @gives_client
    def client(self, **kwargs: Any) -> Any:
        """A boto3 client for Secrets Manager as the account's administrator.

        :param kwargs: what ``boto3.client`` takes, such as ``region_name`` or ``config``.
        """
        return sessions.default().client("secretsmanager", **{"region_name": self.region, **kwargs})

    def async_client(self, **kwargs: Any) -> Any:
        """An aiobotocore client for Secrets Manager as the account's administrator, in any event loop.

        Opened already, and in need of no closing; ``async with`` takes it, too.

        :param kwargs: what ``AioSession.create_client`` takes, such as ``region_name`` or ``config``.
        :raises ModuleNotFoundError: if aiobotocore is not installed.
        """
        from mock_secrets.transport.async_clients import async_client

        return async_client(**{"region_name": self.region, **kwargs})

    @explains_names
    def session(self, account_id: str | None = None, region: str | None = None) -> "boto3.Session":
        """A boto3 session as the administrator of an account.

        :param account_id: 12 digits; unless given, whoever calls by default, as with ``boto3.Session()``.
        :param region: the session's region; this backend's unless given.
        """
        where = self._where(account_id, region)
        # Without an account of its own it calls as any client does that the test did not give keys.
        return sessions.of_account(**where) if account_id is not None else sessions.of_environment(where["region"])

    @explains_names
    def serve(self, port: int = 0) -> "Endpoint":
        """Listen on the loopback, for other processes and SDKs of other languages, from now on.

        The same backend answers. The block's end, ``close()`` or the mock's end stops it.

        :param port: a free one unless named.
        :returns: an endpoint with ``url`` and ``port``; itself a context manager.
        :raises TypeError, ValueError: if the port is none.
        :raises OSError: if it is in use.
        """
        from mock_secrets.transport.endpoint import Endpoint

        return self._listening(Endpoint(self.service.answer, port=port))

    @explains_names
    def serve_extension(self, port: int = 0, *, ttl: timedelta = timedelta(seconds=300)) -> "ExtensionEndpoint":
        """Answer as the AWS Parameters and Secrets Lambda Extension and the Secrets Manager Agent do, on the loopback.

        ``GET /secretsmanager/get?secretId=NAME``, with ``versionStage`` or ``versionId``, or ``GET /v1/NAME``, with the
        header ``X-Aws-Parameters-Secrets-Token``. Meanwhile ``PARAMETERS_SECRETS_EXTENSION_HTTP_PORT`` and
        ``AWS_SESSION_TOKEN`` in the environment lead to it. The block's end, ``close()`` or the mock's end stops it.

        :param port: a free one unless named.
        :param ttl: how long a value is answered from the cache, by the service's clock: 0 to 3600 seconds.
        :returns: an endpoint with ``url``, ``port`` and ``token``; itself a context manager.
        :raises TypeError, ValueError: if the port is none, or the time is not that.
        :raises OSError: if the port is in use.
        """
        from mock_secrets.transport.extension import ExtensionEndpoint, checked_ttl

        clock = self._clock
        extension = ExtensionEndpoint(
            self.service.answer, now=clock.now, region=lambda: self.region, port=port, ttl=checked_ttl(ttl)
        )
        return self._listening(extension)

    def _listening(self, endpoint: E) -> E:
        """Keep what listens, to stop it when the mock ends."""
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
        """A new secret, made as CreateSecret makes it but not counted as a call.

        :param value: str, bytes, or a mapping to store as JSON; without it the secret has no version.
        :param token: the id of its first version.
        :param account_id, region: where; this backend's own unless given.
        :raises AWSError: as AWS would answer, for a name that exists, say.
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
        """A secret that another AWS service owns: readable as any, and to be changed by that service alone.

        :param service: the service's id as DescribeSecret shows it, such as ``"rds"``.
        :param name: as the service forms it, such as ``"rds!db-..."``.
        :raises ValueError: if the service has no id.
        :raises AWSError: as AWS would answer CreateSecret.
        """
        if not isinstance(service, str) or not service:
            raise ValueError(f"a service has an id such as 'rds', and {service!r} is not one")
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
        """Have a Python callable be the Lambda function that rotates secrets.

        :param name_or_arn: the function's name, in this backend's account and region, or its ARN.
        :param handler: ``handler(event, context)`` as it is deployed, or a coroutine function.
        :param environment: variables of the process while it runs, beside those that Lambda sets and
            ``SECRETS_MANAGER_ENDPOINT``.
        :param role: a role of ``backend.iam`` to whose policies its calls are held; without it it may do everything.
        :returns: the function's ARN, for RotateSecret.
        :raises TypeError, ValueError: if the handler is not callable, or the name is no function's.
        """
        if role is not None and not isinstance(role, Role):
            raise TypeError(f"role takes a role of backend.iam, not {type(role).__name__}")
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
        """Have a rotation function be gone, or no longer permitted: AWS answers the same for both.

        :raises KeyError: if there is no such function.
        """
        self.service.state.functions.remove(name_or_arn, region=self.region, account_id=self.account_id)

    def secret(self, secret_id: str, *, account_id: str | None = None, region: str | None = None) -> StoredSecret:
        """A secret by its name or ARN, in another account or region if they are given.

        :raises NoSuchSecret: a KeyError that lists what there is.
        """
        if not isinstance(secret_id, str):
            raise NoSuchSecret(
                f"a secret is found by its name or ARN, a string, and not by a {type(secret_id).__name__}"
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
        """Make these secrets, by name; one that is there with the same value stays.

        All are checked before any is made.

        :raises ValueError: if one is there with another value, or can't be created. The values are never shown.
        """
        with self.service.lock:
            values = {name: seed_value(name, given) for name, given in secrets.items()}
            new = {name: value for name, value in values.items() if not self._is_there(name, value)}
            for name, value in new.items():
                self._check_new(name, value)
            self._create_all(new)

    def _is_there(self, name: str, value: str | bytes) -> bool:
        """:raises ValueError: if there is a secret of this name that is not as it would be made."""
        held = self._held(name)
        if held is None:
            return False
        if held.deleted_at is not None:
            raise ValueError(
                f"secrets={{{name!r}: ...}} is inside a mock whose secret {name!r} is scheduled for deletion."
                " Restore it, or use another name."
            )
        current = held.versions.current
        if current is None or current.value != value:
            raise ValueError(
                f"secrets={{{name!r}: ...}} is inside a mock whose secret {name!r} has another value:"
                " an inner mock can add secrets and can't change one. Use update_secret, or another name."
            )
        return True

    def _create_missing(self, secrets: Mapping[str, SeedValue]) -> None:
        # None is there, unless this was interrupted.
        there = self.service.state.store.region(**self._where(None, None))
        self._create_all({name: value for name, value in secrets.items() if there.get(name) is None})

    def _create_all(self, secrets: Mapping[str, SeedValue]) -> None:
        for name, value in secrets.items():
            # An interrupt may have come in the midst of them.
            if self._held(name) is None:
                self._create_seed(name, value)

    def _create_seed(self, name: str, value: SeedValue) -> None:
        self.create(name, value)
        made = self.service.state.history[-1]
        if isinstance(made, Call):
            # Whoever looked at the backend first has not asked for it.
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
        """A secret in the model, or None, after everything has happened that is due."""
        with self.service.lock:
            self._clock.run_due()
            return self.service.state.store.get(secret_id, **self._where(account_id, region))


def keep_for_report(backend: SecretsBackend) -> None:
    """Have the report of a failing test tell what is about to be taken back."""
    phase.is_taken_back(backend, sys.exc_info()[1], lambda: history(backend.service, last=KEPT))
