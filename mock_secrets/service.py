"""The state of the mocked service and the path of one call."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from mock_secrets.aws.functions import Functions
from mock_secrets.aws.iam import Principal, administrator, principal_of
from mock_secrets.call import Call, CallLog, redact
from mock_secrets.clock import Clock
from mock_secrets.errors import AWSError
from mock_secrets.frames import calling_line
from mock_secrets.ids import Ids
from mock_secrets.limits import Limits, UpdateRateWarning
from mock_secrets.lock import BackendLock
from mock_secrets.model.passing import settle
from mock_secrets.model.secret import Secret
from mock_secrets.model.store import Store
from mock_secrets.operations import OPERATIONS
from mock_secrets.operations.context import Context
from mock_secrets.operations.registry import OperationNotSupported, Response
from mock_secrets.protocol import wire
from mock_secrets.protocol.rules import check_request
from mock_secrets.protocol.shapes import OperationShape, operations
from mock_secrets.rotator import Rotator


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What does not change while a backend lives."""

    region: str
    account_id: str
    limits: Limits
    documented_tokens: bool


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
        self._rotator = Rotator(self.functions, clock, ids, settings.limits, lock)
        # Whose rotation is due while a function runs.
        self._waiting: list[Secret] = []
        # What time alone will do next to each secret, and when.
        self._due: dict[Secret, datetime] = {}

    def answer(self, request: wire.Request) -> wire.Answer:
        """The whole path of one call, from its bytes to its bytes."""
        with self.lock:
            at = self.clock.settle()
            self._rotator.note_call(at)
            region = request.region or self.settings.region
            own_account = self._rotator.calling_account or self.settings.account_id
            caller = principal_of(request.access_key or "", region, own_account)
            call = self._record(request, caller, region, at)
            try:
                shape, params = self._read(request, call)
                result = self._perform(shape, params, caller, region, at)
            except AWSError as error:
                call.error, call.message = error.code, error.message
                return wire.write_error(error, call.request_id, at)
            # What the call made due at once, a rotation say, has happened when it returns.
            self.clock.catch_up(at)
            return wire.write_result(result if shape.has_output else None, call.request_id, at)

    def direct(self, operation: str, *, account_id: str, region: str, **params: Any) -> Response:
        """An operation through the direct door: checked like any call, but not counted among them.

        :param params: the members of the request, by AWS's names.
        :raises AWSError: as AWS would answer.
        """
        with self.lock:
            at = self.clock.settle()
            answer = self._perform(operations()[operation], params, administrator(account_id, region), region, at)
            self.clock.catch_up(at)
            return answer or {}

    def check(self, operation: str, **params: Any) -> None:
        """The checks that AWS makes on such a request by itself.

        :raises AWSError: as AWS would answer.
        """
        check_request(operations()[operation], params)

    def hurry(self, secret: Secret) -> None:
        """Run the rotation of a secret that pends, now.

        :raises RuntimeError: while another thread's rotation function runs.
        """
        with self.lock:
            self.clock.check_no_others_journey()
            if secret.rotation is not None and secret.rotation.pending is not None:
                secret.rotation.pending.due_at = self.clock.now()
                self._watch(secret)
                self.clock.settle()

    def _record(self, request: wire.Request, caller: Principal, region: str, at: datetime) -> Call:
        call = Call(
            operation=request.operation,
            params={},
            region=region,
            account_id=caller.account_id,
            principal=caller.arn,
            at=at,
            attempt=request.attempt,
            request_id=self.ids.uuid(),
        )
        self.calls.append(call)
        return call

    def _read(self, request: wire.Request, call: Call) -> tuple[OperationShape, dict[str, Any]]:
        shapes = operations()
        params = wire.read_params(request, shapes)
        shape = shapes[request.operation]
        # A misspelt member may hold a secret too, so only known ones are kept.
        known = shape.known(params)
        try:
            known = shape.read(known)
        finally:
            call.params = redact(known, shape.sensitive)
        return shape, known

    def _perform(
        self, shape: OperationShape, params: Mapping[str, Any], caller: Principal, region: str, at: datetime
    ) -> Response | None:
        operation = OPERATIONS.get(shape.name)
        if operation is None:
            raise OperationNotSupported(f"the operation {shape.name}")
        check_request(shape, params)
        arguments = shape.arguments(params)
        operation.check_support(arguments)
        context = Context(
            at=at,
            principal=caller,
            region=self.store.region(caller.account_id, region),
            store=self.store,
            ids=self.ids,
            limits=self.settings.limits,
            documented_tokens=self.settings.documented_tokens,
            functions=self.functions,
        )
        try:
            answer = operation.perform(context, **arguments)
        finally:
            for secret in context.touched:
                self._watch(secret)
        for secret in context.touched:
            self._warn_of_rate(secret, at)
        return answer

    def _watch(self, secret: Secret) -> None:
        """Have the clock stop at what time alone will do to a secret next."""
        due = secret.next_due(self.settings.limits)
        if due is None:
            self._due.pop(secret, None)
        elif self._due.get(secret) != due:
            self._due[secret] = due
            self.clock.at(due, partial(self._fall_due, secret, due))

    def _fall_due(self, secret: Secret, due: datetime, at: datetime) -> None:
        # What was due may have been put off since, by RestoreSecret or a label.
        if self._due.get(secret) == due:
            del self._due[secret]
            if settle(self.store, secret, at, self.settings.limits):
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
            self._rotator.settle(secret, at)
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
