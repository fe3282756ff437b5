"""The path of one call: due events, record, faults, rate, shape, permission, operation, log, answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any

from mock_secrets.aws.cloudtrail import EventLog
from mock_secrets.aws.functions import Functions
from mock_secrets.aws.iam import KEY_PREFIXES, Caller, Identities, administrator, direct_door
from mock_secrets.aws.kms import Keys
from mock_secrets.aws.records import ApiEvent
from mock_secrets.kernel.call import Call
from mock_secrets.kernel.clock import Clock
from mock_secrets.kernel.codes import AWSError, SerializationException
from mock_secrets.kernel.errors import RateExceeded
from mock_secrets.kernel.faults import corrupt
from mock_secrets.kernel.frames import line_in_this_process
from mock_secrets.kernel.happened import Move
from mock_secrets.kernel.ids import Ids
from mock_secrets.kernel.limits import Limits
from mock_secrets.kernel.lock import BackendLock
from mock_secrets.kernel.options import check_region
from mock_secrets.kernel.redaction import Values
from mock_secrets.model.store import Store
from mock_secrets.operations import OPERATIONS
from mock_secrets.operations.context import Context, State
from mock_secrets.operations.lag import Lag, snapshot
from mock_secrets.operations.permissions import authorise
from mock_secrets.operations.registry import Operation, OperationNotSupported, Response
from mock_secrets.protocol import wire
from mock_secrets.protocol.offers import secret_parts
from mock_secrets.protocol.rules import check_request
from mock_secrets.protocol.shapes import OperationShape, operations, service_model
from mock_secrets.service.due import DueTimers
from mock_secrets.service.faults import Faults, Hit
from mock_secrets.service.log import api_event, received, standing
from mock_secrets.service.names import public_names
from mock_secrets.service.rates import Buckets
from mock_secrets.service.rotator import Rotator
from mock_secrets.service.update_rate import warn_of_update_rate

_VALUES = frozenset({"secret_string", "secret_binary"})
_arn = attrgetter("arn")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a backend.

    :ivar explain: returns the hint for an error answer, or None.
    :ivar find_region: returns the present default region.
    :ivar find_account: returns the account of an access key that another mock issued, or None.
    :ivar seed: seed for the calls that a fault's rate picks.
    """

    explain: Callable[[AWSError, Context], str | None]
    find_region: Callable[[], str]
    find_account: Callable[[str], str | None]
    account_id: str
    seed: int | str
    limits: Limits
    documented_tokens: bool
    strict_keys: bool
    any_region: bool
    show_values: bool

    @property
    def region(self) -> str:
        """The present region of clients that name none."""
        return self.find_region()

    def region_given(self, region: str | None) -> str:
        """The given region, or else the backend's.

        :raises ValueError: if it is not a region.
        """
        return self.region if region is None else check_region(region, any_region=self.any_region)


class Service:
    """Secrets Manager in all accounts and regions of one backend."""

    def __init__(self, settings: Settings, clock: Clock, ids: Ids, lock: BackendLock, calls: list[Call]) -> None:
        self.settings = settings
        self.clock = clock
        self.lock = lock
        self.calls = calls
        store = Store()
        self.values = Values(partial(public_names, store, calls), are_shown=settings.show_values)
        self.state = State(
            store=store,
            keys=Keys(strict=settings.strict_keys),
            functions=Functions(),
            identities=Identities(ids, settings.limits.calls_kept),
            trail=EventLog(self.values, settings.limits.calls_kept),
            ids=ids,
            limits=settings.limits,
            documented_tokens=settings.documented_tokens,
            lag=Lag(settings.limits.consistency_delay) if settings.limits.consistency_delay else None,
        )
        self.rotator = Rotator(self.state, clock, lock)
        self.due = DueTimers(self.state, clock, self.rotator)
        self.due.join(self.state.journal)
        self.clock.on_move(self._note_move)
        self.faults = Faults(settings.seed)
        self.faults.join(self.state.journal)
        self._buckets = None if settings.limits.rates is None else Buckets(settings.limits.rates)
        if self._buckets is not None:
            self._buckets.join(self.state.journal)

    def answer(self, request: wire.Request) -> wire.Answer:
        """Answer one call, from the bytes of the request to those of the answer."""
        self.values.arrive()
        return self.lock.hold(self._answer, request)

    def direct(self, operation: str, *, account_id: str, region: str, **params: Any) -> Response:
        """Perform an operation by direct access. It is checked like any call, but not listed among the calls.

        :param params: the members of the request, by their AWS names.
        :raises AWSError: if AWS would refuse the call.
        """
        return self.lock.hold(self._direct, operation, direct_door(account_id, region), region, params)

    def _answer(self, request: wire.Request) -> wire.Answer:
        at = self.clock.run_due()
        self.rotator.charge_call(at)
        answer = self.state.journal.whole(self._take, request, at)
        # Events that the call made due at once, such as a rotation, fire before it returns.
        self.clock.catch_up(at)
        if answer.spoiled is not None and answer.spoiled.latency:
            self.clock.let_pass(answer.spoiled.latency, "latency")
        return answer

    def _take(self, request: wire.Request, at: datetime) -> wire.Answer:
        caller, region = self._caller(request)
        call = self._record(request, caller, region, at)
        hit = self._meet_faults(request, call, caller) if self.faults.active else None
        if hit is not None and not hit.takes_effect:
            return self._answer_by_fault(hit, request, call, caller)
        event = self._log(call, request, caller)
        ctx = Context(self.state, call, caller, event)
        try:
            shape, params = self._read(request, call)
            self._check_rate(call)
            result = self._perform(shape, params, ctx)
            event.answer(result)
            answer = wire.write_result(result if shape.has_output else None, call.request_id, at)
        except AWSError as error:
            call.error, call.message = error.code, error.message
            call.hint = self.settings.explain(error, ctx) or call.hint
            answer = wire.write_error(error, call.request_id, at)
        finally:
            event.secrets = list(map(_arn, ctx.touched))
        return answer if hit is None else _spoil(answer, hit)

    def _meet_faults(self, request: wire.Request, call: Call, caller: Caller) -> Hit | None:
        try:
            self._read(request, call)
        except AWSError:
            # Faults do not affect a request that can't be read.
            return None
        hit = self.faults.meet(call, caller.principal)
        if hit is not None:
            call.fault, call.hint = str(hit), hit.hint
        return hit

    def _answer_by_fault(self, hit: Hit, request: wire.Request, call: Call, caller: Caller) -> wire.Answer:
        refusal = hit.refusal(call)
        if refusal is None:
            # The call has not reached the log.
            return wire.Answer(0, {}, b"", hit.spoiled)
        self._log(call, request, caller)
        call.error, call.message = refusal.code, refusal.message
        return wire.write_error(refusal, call.request_id, call.at)._replace(spoiled=hit.spoiled)

    def _direct(self, operation: str, caller: Caller, region: str, params: Mapping[str, Any]) -> Response:
        at = self.clock.run_due()
        answer = self.state.journal.whole(self._take_direct, operation, caller, region, at, params)
        self.clock.catch_up(at)
        return answer or {}

    def _take_direct(
        self, operation: str, caller: Caller, region: str, at: datetime, params: Mapping[str, Any]
    ) -> Response | None:
        call = received(operation, caller, region, at, attempt=1, request_id="")
        call.is_direct = True
        shape = operations()[operation]
        call.params = shape.read(params)
        # If the call is refused, the error is raised to its caller, and this note is rolled back.
        self.state.note(call)
        return self._perform(shape, call.params, Context(self.state, call, caller))

    def _note_move(self, start: datetime, end: datetime, cause: str) -> None:
        self.state.note(Move(start, end, line_in_this_process(), cause))

    def let_pause(self, seconds: float) -> None:
        """Let a client's pause before a retry pass on the service clock only."""
        self.clock.let_pass(timedelta(seconds=seconds), "pause")

    def check(self, operation: str, **params: Any) -> None:
        """Make the checks that AWS makes on a request alone, without looking at the state.

        :raises AWSError: if AWS would refuse the request.
        """
        shape = operations()[operation]
        check_request(shape, shape.read(params))

    def _caller(self, request: wire.Request) -> tuple[Caller, str]:
        region = request.region or self.settings.region
        identities = self.state.identities
        key = request.access_key or ""
        elsewhere = None if key.startswith(KEY_PREFIXES) else self.settings.find_account(key)
        if elsewhere is not None:
            return administrator(elsewhere, region), region
        own = self.rotator.caller or identities.default or administrator(self.settings.account_id, region)
        return identities.caller_of(key, region, own), region

    def _record(self, request: wire.Request, caller: Caller, region: str, at: datetime) -> Call:
        request_id = self.state.ids.uuid()
        call = received(request.operation, caller, region, at, attempt=request.attempt, request_id=request_id)
        self.state.journal.append(self.calls, call, self.state.limits.calls_kept)
        self.state.note(call)
        return call

    def _log(self, call: Call, request: wire.Request, caller: Caller) -> ApiEvent:
        event = api_event(call, request, caller)
        # An unsigned request, or one for an unknown operation, is not an API call.
        if request.access_key is not None and request.operation in operations():
            self.state.trail.append(event)
        return event

    def _read(self, request: wire.Request, call: Call) -> tuple[OperationShape, dict[str, Any]]:
        shapes = operations()
        params = wire.read_params(request, shapes)
        shape = shapes[request.operation]
        # Unknown members, and those of a wrong type, may hold anything, even a secret: they are not kept.
        try:
            call.params = shape.read(params)
        except SerializationException:
            call.params = shape.readable(params)
            model = service_model().operation_model(shape.name)
            self.values.refuse(partial(secret_parts, model.input_shape, params))
            raise
        return shape, call.params

    def _check_rate(self, call: Call) -> None:
        """Count a call against its quota. GUESS: AWS does so before it validates the request.

        :raises RateExceeded: if the quota is exceeded.
        """
        if self._buckets is None:
            return
        operation = OPERATIONS.get(call.operation)
        if operation is None:
            return
        if not self._buckets.take(operation.quota, call.account_id, call.region, call.at):
            raise RateExceeded

    def _perform(self, shape: OperationShape, params: Mapping[str, Any], ctx: Context) -> Response | None:
        operation = OPERATIONS.get(shape.name)
        if operation is None:
            raise OperationNotSupported(f"the operation {shape.name}")
        if shape.sensitive:
            self._remember(params, ctx)
        check_request(shape, params)
        arguments = shape.arguments(params)
        operation.check_support(arguments)
        # The arguments are kept, but without secret values.
        public = (
            {name: value for name, value in arguments.items() if name not in _VALUES} if shape.sensitive else arguments
        )
        if operation.check is not None:
            operation.check(arguments)
        ctx.arguments = public
        if self.state.lag is not None:
            return self._perform_late(operation, self.state.lag, arguments, ctx)
        return self._perform_now(operation, arguments, ctx)

    def _perform_late(
        self, operation: Operation, lag: Lag, arguments: Mapping[str, Any], ctx: Context
    ) -> Response | None:
        """Perform an operation where reads lag behind writes: show the caller's view, and keep the previous state."""
        ctx.reads_late = operation.reads and ctx.caller.is_checked
        named = arguments.get("secret_id") or arguments.get("name")
        before = None if operation.reads or named is None else snapshot(ctx.look_up(named))
        answer = self._perform_now(operation, arguments, ctx)
        if not operation.reads:
            for secret in ctx.touched:
                lag.changed(before, secret, ctx.at)
        return answer

    def _perform_now(self, operation: Operation, arguments: Mapping[str, Any], ctx: Context) -> Response | None:
        public = ctx.arguments
        authorise(ctx, operation.name, public)
        if operation.reads:
            # A read changes no due event.
            return operation.perform(ctx, **arguments)
        try:
            answer = operation.perform(ctx, **arguments)
        finally:
            for secret in ctx.touched:
                self.due.watch(secret)
        ctx.call.left = tuple([standing(self.state.store, secret) for secret in ctx.touched])
        for secret in ctx.touched:
            warn_of_update_rate(secret, ctx.at, self.state.limits)
        return answer

    def _remember(self, params: Mapping[str, Any], ctx: Context) -> None:
        """Tell the log which values it must not contain, including those of a call that will be refused."""
        named = params.get("SecretId") or params.get("Name") or ""
        secret = ctx.look_up(named)
        for member in ("SecretString", "SecretBinary"):
            if member in params:
                self.state.trail.remember(params[member], named if secret is None else secret.name)


def _spoil(answer: wire.Answer, hit: Hit) -> wire.Answer:
    spoiled = hit.spoiled
    body = corrupt(answer.body) if spoiled.seen == "corrupt" else answer.body
    return answer._replace(body=body, spoiled=spoiled)
