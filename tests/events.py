"""Events of CloudTrail, made without a call."""

from datetime import datetime, timezone

from mock_secrets.aws.cloudtrail import EventLog
from mock_secrets.aws.records import ApiEvent, DeletionEvent, LoggedSecret, RotationEvent
from mock_secrets.direct.cloudtrail import Trail
from mock_secrets.kernel.call import Call
from mock_secrets.kernel.redaction import Values, redacted
from mock_secrets.operations import OPERATIONS
from mock_secrets.policy.principals import Principal

ACCOUNT = "123456789012"
NOON = datetime(2026, 3, 1, 12, 0, 0, 987000, tzinfo=timezone.utc)
ARN = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db-a1b2c3"
TOKEN = "0d1f7a3e-5b0c-4a53-9d0b-5f3f6f4f7c11"
SECRET = LoggedSecret("db", ARN, ACCOUNT, "us-east-1")
SENSITIVE = {"SecretString", "SecretBinary", "RotationToken"}
HOST = "secretsmanager.us-east-1.amazonaws.com"

USER = Principal(arn=f"arn:aws:iam::{ACCOUNT}:user/ann", account_id=ACCOUNT, user_id="AIDAANN", name="ann")
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = Principal(
    arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/app/worker",
    account_id=ACCOUNT,
    kind="AssumedRole",
    user_id="AROAAPP:worker",
    name="app",
    issuer_arn=ROLE_ARN,
)


def redact(params):
    return {name: redacted(value) if name in SENSITIVE else value for name, value in params.items()}


def api_event(operation, *, principal=USER, at=NOON, error=None, message=None, **given):
    params = given.pop("params", {})
    call = Call(
        operation=operation,
        params=redact(params),
        region="us-east-1",
        account_id=principal.account_id,
        principal=principal.arn,
        at=at,
        attempt=1,
        request_id="7d0f3d1c-2d43-4a0e-8a43-0a5f6a7b8c9d",
        error=error,
        message=message,
    )
    row = OPERATIONS[operation]
    shown = {"access_key": "AKIAMOCKANN", "user_agent": "Boto3/1.43", "source_ip": "203.0.113.10", "host": HOST}
    shown |= {"reads": row.reads, "logs": row.logs}
    return ApiEvent(call=call, principal=principal, **{**shown, **given})


def service_event(name="RotationFailed", **given):
    return RotationEvent(name=name, **{"secret": SECRET, "at": NOON, "token": TOKEN, **given})


def deletion_event(name, **given):
    return DeletionEvent(name=name, **{"secret": SECRET, "at": NOON, "asked_at": NOON, "forced": True, **given})


def trail_of(*events):
    log = EventLog(Values())
    for event in events:
        log.append(event)
    return Trail(log)
