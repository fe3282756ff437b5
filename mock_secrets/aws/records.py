"""CloudTrail records of calls, and of the service's own events.

Their form is that of published records of Secrets Manager, and of those in the AWS User Guide, "Log AWS Secrets Manager
events with AWS CloudTrail".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, overload
from uuid import NAMESPACE_URL, uuid5

from mock_secrets.aws.secret_names import SecretName, named_secrets, readings
from mock_secrets.kernel.call import Call
from mock_secrets.kernel.codes import AWSError
from mock_secrets.kernel.redaction import RedactedStr
from mock_secrets.kernel.regions import partition_of
from mock_secrets.policy.principals import Principal

#: A CloudTrail record, as the User Guide of CloudTrail describes its members.
Record: TypeAlias = dict[str, Any]

ServiceEventName: TypeAlias = Literal[
    "RotationStarted",
    "RotationSucceeded",
    "RotationFailed",
    "RotationAbandoned",
    "TestRotationStarted",
    "TestRotationSucceeded",
    "TestRotationFailed",
    "StartSecretVersionDelete",
    "CancelSecretVersionDelete",
    "EndSecretVersionDelete",
]

SOURCE = "secretsmanager.amazonaws.com"

# The error codes that differ between the response and the record.
_RECORDED_CODES = {"AccessDeniedException": "AccessDenied"}

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class KeyUse(NamedTuple):
    """One call of Secrets Manager to KMS, on the caller's behalf.

    :ivar action: the KMS action, such as ``Decrypt``.
    :ivar key_id: the key's ARN, or the name that stands for ``aws/secretsmanager``.
    :ivar version_id: the SecretVersionId of the encryption context.
    """

    action: str
    key_id: str
    secret_arn: str
    version_id: str


@dataclass(slots=True, kw_only=True)
class ApiEvent:
    """One call, as CloudTrail sees it. Its outcome may be filled in later: the record is built when it is read.

    :ivar access_key: the access key that signed the call, or None.
    :ivar host: the host that the client called; empty if it gave none.
    :ivar reads: whether the operation is read-only.
    :ivar logs: the response members that are logged: the record's names by AWS's.
    :ivar secrets: the ARNs of the secrets that the call touched.
    :ivar response: the response under AWS's names, or None. It may contain secret values.
    :ivar session_started: when the role was assumed, if the caller is a role session.
    :ivar key_uses: the uses of KMS keys that the call caused.
    """

    call: Call
    principal: Principal
    access_key: str | None
    user_agent: str
    source_ip: str
    host: str
    reads: bool
    logs: Mapping[str, str]
    secrets: list[str] = field(default_factory=list)
    response: Mapping[str, Any] | None = field(default=None, repr=False)
    session_started: datetime | None = None
    key_uses: tuple[KeyUse, ...] = ()

    def answer(self, response: Mapping[str, Any] | None) -> None:
        """Keep the response, if anything in it is to be logged."""
        if response is not None and not self.reads:
            self.response = response

    def part(self, operation: str, params: dict[str, Any], error: AWSError | None, secrets: list[str]) -> "ApiEvent":
        """A part of the call, to be logged as a separate event."""
        code, message = (None, None) if error is None else (error.code, error.message)
        call = replace(self.call, operation=operation, params=params, error=code, message=message)
        return replace(self, call=call, secrets=secrets, response=None, key_uses=())

    @property
    def name(self) -> str:
        return self.call.operation

    @property
    def at(self) -> datetime:
        return self.call.at

    @property
    def error_code(self) -> str | None:
        return recorded_code(self.call.error)

    @property
    def callers(self) -> list[str]:
        """The names under which the caller can be looked up."""
        principal = self.principal
        return [name for name in (principal.arn, principal.issuer_arn, principal.name) if name]

    @property
    def subjects(self) -> list[SecretName]:
        """The secrets that the call touched, and those that it named but did not touch."""
        touched = [readings(arn)[-1] for arn in self.secrets]
        named = [self._readings_here(secret_id) for secret_id in named_secrets(self.call.params)]
        untouched = [names for names in named if not any(name.may_be(one) for name in names for one in touched)]
        return touched + [name for names in untouched for name in names]

    def record(self, number: int) -> Record:
        call = self.call
        return {
            "eventVersion": "1.09",
            "userIdentity": user_identity(self),
            "eventTime": timestamp(call.at),
            "eventSource": SOURCE,
            "eventName": call.operation,
            "awsRegion": call.region,
            "sourceIPAddress": self.source_ip,
            "userAgent": self.user_agent,
            **({} if call.error is None else {"errorCode": self.error_code, "errorMessage": call.message}),
            "requestParameters": _logged(call.params) or None,
            "responseElements": self._logged_answer() or None,
            "requestID": call.request_id,
            "eventID": event_id(call.request_id, number),
            "readOnly": self.reads,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": call.account_id,
            "eventCategory": "Management",
            "tlsDetails": {
                "tlsVersion": "TLSv1.3",
                "cipherSuite": "TLS_AES_128_GCM_SHA256",
                **({"clientProvidedHostHeader": self.host} if self.host else {}),
            },
        }

    def _logged_answer(self) -> dict[str, str]:
        if self.call.error is not None or self.response is None or self.reads:
            return {}
        return {shown: _shown(self.response[name]) for name, shown in self.logs.items() if name in self.response}

    def _readings_here(self, secret_id: str) -> list[SecretName]:
        """The readings of a secret id. A plain name is in the caller's account and the call's region."""
        here = (partition_of(self.call.region), self.call.region, self.call.account_id)
        return [name._replace(place=name.place or here) for name in readings(secret_id)]


class LoggedSecret(NamedTuple):
    """A secret, as the log names it."""

    name: str
    arn: str
    account_id: str
    region: str


@dataclass(slots=True, kw_only=True)
class ServiceEvent:
    """An event of the service's own.

    :ivar error: the record's message about a failure, or None.
    """

    name: ServiceEventName
    secret: LoggedSecret
    at: datetime
    error: str | None = None

    # The record of a failed rotation has a message but no code.
    error_code = None
    callers = ()

    @property
    def subjects(self) -> list[SecretName]:
        return readings(self.secret.arn)[-1:]

    @property
    def request_id(self) -> str:
        raise NotImplementedError

    @property
    def data(self) -> dict[str, str]:
        """The record's additionalEventData."""
        raise NotImplementedError

    def record(self, number: int) -> Record:
        account_id = self.secret.account_id
        return {
            # As in records published in 2021 and 2023, which therefore have no tlsDetails; none newer is known.
            "eventVersion": "1.08",
            "userIdentity": {"accountId": account_id, "invokedBy": SOURCE},
            "eventTime": timestamp(self.at),
            "eventSource": SOURCE,
            "eventName": self.name,
            "awsRegion": self.secret.region,
            "sourceIPAddress": SOURCE,
            "userAgent": SOURCE,
            **({} if self.error is None else {"errorMessage": self.error}),
            "requestParameters": None,
            "responseElements": None,
            "additionalEventData": self.data,
            "requestID": self.request_id,
            "eventID": event_id(self.request_id, number),
            "readOnly": False,
            "eventType": "AwsServiceEvent",
            "managementEvent": True,
            "recipientAccountId": account_id,
            "eventCategory": "Management",
        }


@dataclass(slots=True, kw_only=True)
class RotationEvent(ServiceEvent):
    """An event of a rotation.

    :ivar token: the rotation's ClientRequestToken, which is the id of its version.
    """

    token: str

    @property
    def request_id(self) -> str:
        return f"Rotation-{self.secret.arn}-{self.token}"

    @property
    def data(self) -> dict[str, str]:
        return {"SecretId": self.secret.arn}


@dataclass(slots=True, kw_only=True)
class DeletionEvent(ServiceEvent):
    """An event of the deletion of a version. Records do not say which version.

    :ivar asked_at: when the deletion was requested.
    :ivar forced: whether the deletion was requested without a recovery window.
    """

    asked_at: datetime
    forced: bool

    @property
    def request_id(self) -> str:
        # GUESS for a deletion that was not forced: no record shows the end of its name.
        minute = timestamp(self.asked_at.replace(second=0))
        return f"SecretDeleteMessage:{self.secret.arn}:{minute}{':Forced' if self.forced else ''}"

    @property
    def data(self) -> dict[str, str]:
        return {"ARN": self.secret.arn, "Name": self.secret.name}


class SecretToLog(Protocol):
    """The attributes of a secret that the log needs."""

    name: str
    arn: str
    account_id: str
    region: str
    deleted_at: datetime | None
    deleted_by_force: bool


def rotation_event(
    name: ServiceEventName, secret: SecretToLog, at: datetime, token: str, error: str | None = None
) -> RotationEvent:
    return RotationEvent(name=name, secret=_logged_secret(secret), at=at, token=token, error=error)


def deletion_event(name: ServiceEventName, secret: SecretToLog, at: datetime) -> DeletionEvent:
    return DeletionEvent(
        name=name,
        secret=_logged_secret(secret),
        at=at,
        asked_at=secret.deleted_at or at,
        forced=secret.deleted_by_force,
    )


def _logged_secret(secret: SecretToLog) -> LoggedSecret:
    return LoggedSecret(secret.name, secret.arn, secret.account_id, secret.region)


Event: TypeAlias = ApiEvent | ServiceEvent


# --- The contents of a record ---


def user_identity(event: ApiEvent) -> dict[str, Any]:
    principal = event.principal
    return {
        "type": principal.kind,
        "principalId": principal.user_id,
        "arn": principal.arn,
        "accountId": principal.account_id,
        **({"accessKeyId": _shown_key(event.access_key, principal)} if event.access_key else {}),
        **({"sessionContext": _session(event)} if principal.kind == "AssumedRole" else {"userName": principal.name}),
    }


def _shown_key(access_key: str, principal: Principal) -> str:
    """The access key to show. A role session always has a temporary one, even if it called with a default key."""
    return f"ASIA{access_key[4:]}" if principal.kind == "AssumedRole" else access_key


def _session(event: ApiEvent) -> dict[str, Any]:
    principal = event.principal
    return {
        "sessionIssuer": {
            "type": "Role",
            "principalId": principal.user_id.partition(":")[0],
            "arn": principal.issuer_arn,
            "accountId": principal.account_id,
            "userName": principal.name,
        },
        "attributes": session_attributes(event),
    }


def session_attributes(event: ApiEvent) -> dict[str, str]:
    # GUESS if it is not known when the role was assumed.
    return {"creationDate": timestamp(event.session_started or event.at), "mfaAuthenticated": "false"}


def _logged(value: Any) -> Any:
    """The parameters as they are logged: AWS's names with a lower-case first letter, without secret values."""
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: _logged(one) for name, one in value.items() if not _is_secret(one)}
    if isinstance(value, list | tuple):
        return [_logged(one) for one in value if not _is_secret(one)]
    return value


def _is_secret(value: Any) -> bool:
    return isinstance(value, RedactedStr | bytes)


def _shown(value: str | datetime) -> str:
    return _date_text(value) if isinstance(value, datetime) else value


@overload
def recorded_code(code: str) -> str: ...
@overload
def recorded_code(code: None) -> None: ...
def recorded_code(code: str | None) -> str | None:
    return None if code is None else _RECORDED_CODES.get(code, code)


def event_id(request_id: str, number: int) -> str:
    """The id of a record. The request id alone would not do: all events of one rotation share it."""
    return str(uuid5(NAMESPACE_URL, f"{request_id} {number}"))


def timestamp(at: datetime) -> str:
    return f"{at.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def _date_text(at: datetime) -> str:
    """An instant as in the recorded DeleteSecret: ``Jul 10, 2023, 12:07:59 PM``."""
    at = at.astimezone(timezone.utc)
    half = "AM" if at.hour < 12 else "PM"
    return f"{_MONTHS[at.month - 1]} {at.day}, {at.year}, {at.hour % 12 or 12}:{at:%M:%S} {half}"
