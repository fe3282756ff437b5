"""The records of a call: the call itself, the state of the secrets after it, and its CloudTrail event."""

from datetime import datetime

from mock_secrets.aws.iam import Caller
from mock_secrets.aws.records import ApiEvent
from mock_secrets.kernel.call import Call
from mock_secrets.kernel.frames import line_of_call
from mock_secrets.kernel.happened import Standing
from mock_secrets.model.secret import Secret
from mock_secrets.model.store import Store
from mock_secrets.operations import OPERATIONS
from mock_secrets.protocol import wire


def received(operation: str, caller: Caller, region: str, at: datetime, *, attempt: int, request_id: str) -> Call:
    """The record of a call on arrival, before its parameters are read."""
    return Call(
        operation=operation,
        params={},
        region=region,
        account_id=caller.principal.account_id,
        principal=caller.principal.arn,
        at=at,
        attempt=attempt,
        request_id=request_id,
        line=line_of_call(),
    )


def standing(store: Store, secret: Secret) -> Standing:
    """The present state of a secret."""
    is_there = store.region(secret.account_id, secret.region).get(secret.name) is secret
    return Standing(
        secret.arn, secret.name, secret.versions.labelled, secret.purged_at, is_there, tuple(secret.replicas)
    )


def api_event(call: Call, request: wire.Request, caller: Caller) -> ApiEvent:
    """The event of a call on arrival. Its outcome is added later."""
    row = OPERATIONS.get(call.operation)
    return ApiEvent(
        call=call,
        principal=caller.principal,
        access_key=request.access_key,
        user_agent=request.user_agent,
        source_ip=caller.source_ip,
        host=request.host,
        reads=row is not None and row.reads,
        logs={} if row is None else row.logs,
        session_started=caller.session_started,
    )
