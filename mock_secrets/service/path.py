"""The state of the mocked service and the path of one call."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from mock_secrets.aws.cloudtrail import EventLog
from mock_secrets.aws.functions import Functions
from mock_secrets.aws.iam import Caller, Identities, administrator, direct_door
from mock_secrets.aws.kms import Keys
from mock_secrets.aws.records import ApiEvent, ServiceEventName, is_read, service_event
from mock_secrets.kernel.call import Call, CallLog
from mock_secrets.kernel.clock import Clock
from mock_secrets.kernel.codes import AWSError, SerializationException
from mock_secrets.kernel.errors import RateExceeded
from mock_secrets.kernel.frames import calling_line
from mock_secrets.kernel.ids import Ids
from mock_secrets.kernel.limits import Limits, UpdateRateWarning
from mock_secrets.kernel.lock import BackendLock
from mock_secrets.model.expiry import expire
from mock_secrets.model.secret import Secret
from mock_secrets.model.store import Store
from mock_secrets.operations import OPERATIONS
from mock_secrets.operations.context import Context
from mock_secrets.operations.permissions import authorise
from mock_secrets.operations.registry import OperationNotSupported, Response
from mock_secrets.protocol import wire
from mock_secrets.protocol.rules import check_request
from mock_secrets.protocol.shapes import OperationShape, operations
from mock_secrets.service.rates import Buckets
from mock_secrets.service.rotator import Rotator

_VALUES = frozenset({"secret_string", "secret_binary"})
_ENDS: tuple[ServiceEventName, ...] = ("EndSecretVersionDelete",)
_REMOVALS: tuple[ServiceEventName, ...] = ("StartSecretVersionDelete", "EndSecretVersionDelete")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What does not change while a backend lives."""

    region: str
    account_id: str
    limits: Limits
    documented_tokens: bool
    strict_keys: bool


class Service:
    """Secrets Manager: all accounts and regions of one backend."""

    def __init__(self, settings: Settings, clock: Clock, ids: Ids, lock: BackendLock) -> None:
        self.settings = settings
        self.clock = clock
        self.ids = ids
        self.lock = lock
        self.store = Store()
        self.calls = CallLog()
        self.functions = Functions()
        self.identities = Identities(ids)
        self.keys = Keys(strict=settings.strict_keys)
        self.trail = EventLog()
        self._buckets = Buckets(settings.limits.rates) if settings.limits.rates is not None else None
        self._rotator = Rotator(self.functions, self.trail, clock=clock, ids=ids, limits=settings.limits, lock=lock)
        # Whose rotation is due while a function runs.
        self._waiting: list[Secret] = []
        # What time alone will do next to each secret, and when.
        self._due: dict[Secret, datetime] = {}

    def answer(self, request: wire.Request) -> wire.Answer:
        """The whole path of one call, from its bytes to its bytes."""
        with self.lock:
            at = self.clock.run_due()
            self._rotator.charge_call(at)
            region = request.region or self.settings.region
            own = self._rotator.caller or self.identities.default or administrator(self.settings.account_id, region)
            caller = self.identities.caller_of(request.access_key or "", region, own)
            ctx = self._context(request.operation, caller, region, at)
            call = self._record(request, caller, region, at)
            event = ctx.event = self._log(call, request, caller)
            try:
                shape, params = self._read(request, call)
                self._check_rate(call)
                result = self._perform(shape, params, ctx)
                event.answer(result)
            except AWSError as error:
                call.error, call.message = error.code, error.message
                return wire.write_error(error, call.request_id, at)
            except OperationNotSupported:
                # It was not answered, so it did not happen.
                self.trail.forget(event)
                raise
            finally:
                event.secrets = [secret.arn for secret in ctx.touched]
            # What the call made due at once, a rotation say, has happened when it returns.
            self.clock.catch_up(at)
            return wire.write_result(result if shape.has_output else None, call.request_id, at)

    def direct(self, operation: str, *, account_id: str, region: str, **params: Any) -> Response:
        """An operation through the direct door: checked like any call, but not counted among them.

        :param params: the members of the request, by AWS's names.
        :raises AWSError: as AWS would answer.
        """
        with self.lock:
            at = self.clock.run_due()
            ctx = self._context(operation, direct_door(account_id, region), region, at)
            shape = operations()[operation]
            answer = self._perform(shape, shape.read(params), ctx)
            self.clock.catch_up(at)
            return answer or {}

    def check(self, operation: str, **params: Any) -> None:
        """The checks that AWS makes on such a request by itself.

        :raises AWSError: as AWS would answer.
        """
        shape = operations()[operation]
        check_request(shape, shape.read(params))

    def run_pending_rotation(self, secret: Secret) -> None:
        """Run the rotation of a secret that pends, now.

        :raises RuntimeError: while another thread's rotation function runs.
        """
        with self.lock:
            self.clock.refuse_while_another_advances()
            if secret.rotation is not None and secret.rotation.pending is not None:
                secret.rotation.pending.due_at = self.clock.now()
                self._watch(secret)
                self.clock.run_due()

    def _context(self, operation: str, caller: Caller, region: str, at: datetime) -> Context:
        return Context(
            operation,
            at,
            caller,
            caller.principal.account_id,
            self.store.region(caller.principal.account_id, region),
            self.store,
            self.ids,
            self.settings.limits,
            self.settings.documented_tokens,
            self.functions,
            self.identities,
            self.keys,
            self.trail,
        )

    def _record(self, request: wire.Request, caller: Caller, region: str, at: datetime) -> Call:
        call = Call(
            operation=request.operation,
            params={},
            region=region,
            account_id=caller.principal.account_id,
            principal=caller.principal.arn,
            at=at,
            attempt=request.attempt,
            request_id=self.ids.uuid(),
        )
        self.calls.append(call)
        return call

    def _log(self, call: Call, request: wire.Request, caller: Caller) -> ApiEvent:
        event = ApiEvent(
            call=call,
            principal=caller.principal,
            access_key=request.access_key,
            user_agent=request.user_agent,
            source_ip=caller.source_ip,
            host=request.host,
            session_started=caller.session_started,
        )
        # What is signed by nobody, or asks for nothing that there is, is no call of the API.
        if request.access_key is not None and request.operation in operations():
            self.trail.append(event)
        return event

    def _check_rate(self, call: Call) -> None:
        """:raises RateExceeded: GUESS: before the request is checked."""
        if self._buckets is not None and not self._buckets.take(call.operation, call.account_id, call.region, call.at):
            raise RateExceeded

    def _read(self, request: wire.Request, call: Call) -> tuple[OperationShape, dict[str, Any]]:
        shapes = operations()
        params = wire.read_params(request, shapes)
        shape = shapes[request.operation]
        # What is unknown or of a wrong type may hold a secret too, or anything: it is not kept.
        try:
            call.params = shape.read(params)
        except SerializationException:
            call.params = shape.readable(params)
            raise
        return shape, call.params

    def _perform(self, shape: OperationShape, params: Mapping[str, Any], ctx: Context) -> Response | None:
        operation = OPERATIONS.get(shape.name)
        if operation is None:
            raise OperationNotSupported(f"the operation {shape.name}")
        if shape.sensitive:
            self._remember(params, ctx)
        check_request(shape, params)
        arguments = shape.arguments(params)
        operation.check_support(arguments)
        # What is asked is kept, and a secret value is no part of it.
        public = (
            {name: value for name, value in arguments.items() if name not in _VALUES} if shape.sensitive else arguments
        )
        authorise(ctx, operation.name, public)
        if is_read(operation.name):
            # Nothing that time will do is put off by it, nor brought forward.
            return operation.perform(ctx, **arguments)
        try:
            answer = operation.perform(ctx, **arguments)
        finally:
            for secret in ctx.touched:
                self._watch(secret)
        for secret in ctx.touched:
            self._warn_of_rate(secret, ctx.at)
        return answer

    def _remember(self, params: Mapping[str, Any], ctx: Context) -> None:
        """Have the log know the values that it must not hold, also those of a call that will be refused."""
        named = params.get("SecretId") or params.get("Name") or ""
        secret = ctx.look_up(named)
        for member in ("SecretString", "SecretBinary"):
            if member in params:
                self.trail.remember(params[member], named if secret is None else secret.name)

    def _watch(self, secret: Secret) -> None:
        """Have the clock stop at what time alone will do to a secret next."""
        due = secret.next_due(self.settings.limits)
        if due is None:
            self._due.pop(secret, None)
        elif self._due.get(secret) != due:
            self._due[secret] = due
            self.clock.call_at(due, partial(self._fall_due, secret, due))

    def _fall_due(self, secret: Secret, due: datetime, at: datetime) -> None:
        # What was due may have been put off since, by RestoreSecret or a label.
        if self._due.get(secret) == due:
            del self._due[secret]
            was_deleted = secret.purged_at is not None
            expired = expire(self.store, secret, at, self.settings.limits)
            for version_id in expired.removed:
                # The deletion of a whole secret has been begun by DeleteSecret.
                for name in _ENDS if was_deleted else _REMOVALS:
                    self.trail.append(service_event(name, secret, at, version_id))
            if expired.is_there:
                self._rotate(secret, at)

    def _rotate(self, secret: Secret, at: datetime) -> None:
        """Run what is due of a rotation; one of the schedule waits until no other function runs any more.

        A function's own calls would otherwise begin the rotations of all secrets that have one window, each inside
        the one before.
        """
        if self._rotator.is_running and not self._rotator.was_asked_for(secret):
            self._waiting.append(secret)
            return
        try:
            self._rotator.run_due(secret, at)
        finally:
            waiting, self._waiting = [*self._waiting, secret], []
            for one in waiting:
                self._watch(one)

    def _warn_of_rate(self, secret: Secret, at: datetime) -> None:
        limits = self.settings.limits
        # The length first: this is asked after every call.
        if len(secret.versions) < limits.versions_per_secret or secret.rate_was_warned:
            return
        interval = secret.versions.interval_too_short(at, limits)
        if interval is None:
            return
        secret.rate_was_warned = True
        line = calling_line()
        warnings.warn_explicit(
            f"the secret {secret.name!r} has {len(secret.versions)} versions, made {interval} apart on average."
            f" Versions are kept for {limits.retention}, so no more than one every {limits.shortest_interval} can be"
            f" sustained: beyond {limits.versions_per_secret} an update is a LimitExceededException.",
            UpdateRateWarning,
            line.file,
            line.number,
        )
