"""The records of CloudTrail: of calls, and of what the service does by itself.

They have the shape of the records of Secrets Manager that people published, and of those in the AWS User Guide,
"Log AWS Secrets Manager events with AWS CloudTrail".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, overload
from uuid import NAMESPACE_URL, uuid5

from mock_secrets.kernel.arn import read_secret_arn, suffix_of, without_suffix
from mock_secrets.kernel.call import Call
from mock_secrets.kernel.codes import AWSError
from mock_secrets.kernel.redaction import RedactedStr
from mock_secrets.kernel.regions import partition_of
from mock_secrets.policy.principals import Principal

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

_SOURCE = "secretsmanager.amazonaws.com"

# The code of the answer and the code of the record, where they differ.
_RECORDED_CODES = {"AccessDeniedException": "AccessDenied"}

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(slots=True, kw_only=True)
class ApiEvent:
    """One call, as CloudTrail sees it. How it ended may be filled in later: a record is made when it is read.

    :ivar access_key: the key that signed the call, or None.
    :ivar host: the host that the client called; empty if it said none.
    :ivar secrets: the ARNs of the secrets that the call touched.
    :ivar reads: whether the operation changes nothing.
    :ivar logs: what is logged of its answer: the record's names by AWS's.
    :ivar response: the answer by AWS's names, or None. It may hold values of secrets.
    :ivar session_started: when the role was assumed, if it is a role's session.
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

    def answer(self, response: Mapping[str, Any] | None) -> None:
        """Keep the answer, if there is anything in it to log."""
        if response is not None and not self.reads:
            self.response = response

    def part(self, operation: str, params: dict[str, Any], error: AWSError | None, secrets: list[str]) -> "ApiEvent":
        """A part of the call, logged as a call by itself."""
        code, message = (None, None) if error is None else (error.code, error.message)
        call = replace(self.call, operation=operation, params=params, error=code, message=message)
        return replace(self, call=call, secrets=secrets, response=None)

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
        """What the caller may be called in a question."""
        principal = self.principal
        return [name for name in (principal.arn, principal.issuer_arn, principal.name) if name]

    @property
    def subjects(self) -> "list[SecretName]":
        """The secrets that the call touched, and those that it named in vain."""
        touched = [readings(arn)[-1] for arn in self.secrets]
        named = [self._readings_here(secret_id) for secret_id in _named_secrets(self.call.params)]
        in_vain = [names for names in named if not any(name.may_be(one) for name in names for one in touched)]
        return touched + [name for names in in_vain for name in names]

    def record(self, number: int) -> Record:
        call = self.call
        return {
            "eventVersion": "1.09",
            "userIdentity": _user_identity(self),
            "eventTime": _timestamp(call.at),
            "eventSource": _SOURCE,
            "eventName": call.operation,
            "awsRegion": call.region,
            "sourceIPAddress": self.source_ip,
            "userAgent": self.user_agent,
            **({} if call.error is None else {"errorCode": self.error_code, "errorMessage": call.message}),
            "requestParameters": _logged(call.params) or None,
            "responseElements": self._logged_answer() or None,
            "requestID": call.request_id,
            "eventID": _event_id(call.request_id, number),
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

    def _readings_here(self, secret_id: str) -> "list[SecretName]":
        """A name without an ARN is one of the caller's account and the call's region."""
        here = (partition_of(self.call.region), self.call.region, self.call.account_id)
        return [name._replace(place=name.place or here) for name in readings(secret_id)]


@dataclass(slots=True, kw_only=True)
class ServiceEvent:
    """Something that the service did by itself.

    :ivar token: the id of the version that it is about, which is the ClientRequestToken of a rotation.
    :ivar error: what the record says about a failure, or None.
    """

    name: ServiceEventName
    secret_arn: str
    account_id: str
    region: str
    at: datetime
    token: str
    error: str | None = None

    # The record of a failed rotation has a message and no code.
    error_code = None
    callers = ()

    @property
    def subjects(self) -> "list[SecretName]":
        return readings(self.secret_arn)[-1:]

    def record(self, number: int) -> Record:
        return {
            # As published in 2021, and with it goes that there are no tlsDetails; none newer is known.
            "eventVersion": "1.08",
            "userIdentity": {"accountId": self.account_id, "invokedBy": _SOURCE},
            "eventTime": _timestamp(self.at),
            "eventSource": _SOURCE,
            "eventName": self.name,
            "awsRegion": self.region,
            "sourceIPAddress": _SOURCE,
            "userAgent": _SOURCE,
            **({} if self.error is None else {"errorMessage": self.error}),
            "requestParameters": None,
            "responseElements": None,
            "additionalEventData": {"SecretId": self.secret_arn, **self._version()},
            "requestID": self._request_id(),
            "eventID": _event_id(self._request_id(), number),
            "readOnly": False,
            "eventType": "AwsServiceEvent",
            "managementEvent": True,
            "recipientAccountId": self.account_id,
            "eventCategory": "Management",
        }

    def _is_rotation(self) -> bool:
        return "Rotation" in self.name

    def _version(self) -> dict[str, str]:
        # GUESS: no record of a version's deletion is known, nor how it tells which one.
        return {} if self._is_rotation() else {"SecretVersionId": self.token}

    def _request_id(self) -> str:
        # GUESS for a version's deletion, whose request id is not on record.
        kind = "Rotation" if self._is_rotation() else "SecretVersionDelete"
        return f"{kind}-{self.secret_arn}-{self.token}"


class LoggedSecret(Protocol):
    """What the log says of a secret."""

    arn: str
    account_id: str
    region: str


def service_event(
    name: ServiceEventName, secret: LoggedSecret, at: datetime, version_id: str, error: str | None = None
) -> ServiceEvent:
    """What the log says of something that the service does by itself with a version of a secret."""
    return ServiceEvent(
        name=name,
        secret_arn=secret.arn,
        account_id=secret.account_id,
        region=secret.region,
        at=at,
        token=version_id,
        error=error,
    )


Event: TypeAlias = ApiEvent | ServiceEvent


# --- What is in a record ---


def _user_identity(event: ApiEvent) -> dict[str, Any]:
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
    """A role's session has a temporary key; here it may call with one that the test set as the default."""
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
        "attributes": {
            # GUESS where nobody said when the role was assumed.
            "creationDate": _timestamp(event.session_started or event.at),
            "mfaAuthenticated": "false",
        },
    }


def _logged(value: Any) -> Any:
    """The parameters as they are logged: AWS's names with a small first letter, and no secret."""
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: _logged(one) for name, one in value.items() if not _is_secret(one)}
    if isinstance(value, list | tuple):
        return [_logged(one) for one in value if not _is_secret(one)]
    return value


def _is_secret(value: Any) -> bool:
    return isinstance(value, RedactedStr | bytes)


def _shown(value: str | datetime) -> str:
    return _spoken(value) if isinstance(value, datetime) else value


@overload
def recorded_code(code: str) -> str: ...
@overload
def recorded_code(code: None) -> None: ...
def recorded_code(code: str | None) -> str | None:
    return None if code is None else _RECORDED_CODES.get(code, code)


def _event_id(request_id: str, number: int) -> str:
    """An id of the record: all events of one rotation have one request id."""
    return str(uuid5(NAMESPACE_URL, f"{request_id} {number}"))


def _timestamp(at: datetime) -> str:
    return f"{at.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def _spoken(at: datetime) -> str:
    """An instant as the User Guide's record of DeleteSecret has it: ``May 3, 2018 5:51:02 PM``."""
    at = at.astimezone(timezone.utc)
    half = "AM" if at.hour < 12 else "PM"
    return f"{_MONTHS[at.month - 1]} {at.day}, {at.year} {at.hour % 12 or 12}:{at:%M:%S} {half}"


# --- Which secrets a record is about ---


class SecretName(NamedTuple):
    """One way to read a name or an ARN of a secret. What it does not tell is None.

    :ivar place: partition, region and account.
    """

    place: tuple[str, str, str] | None
    name: str
    suffix: str | None

    def may_be(self, other: "SecretName") -> bool:
        return all(one == another for one, another in zip(self, other, strict=True) if None not in (one, another))


def readings(secret_id: str) -> list[SecretName]:
    """The ways to read it, a complete ARN last: what looks like a suffix may be the end of a name."""
    arn = read_secret_arn(secret_id)
    if arn is None:
        return [SecretName(None, secret_id, None)]
    place = (arn.partition, arn.region, arn.account_id)
    whole = SecretName(place, arn.resource, None)
    if not arn.is_complete:
        return [whole]
    return [whole, SecretName(place, without_suffix(arn.resource), suffix_of(arn.resource))]


def _named_secrets(params: Mapping[str, Any]) -> list[str]:
    # A refused call may hold anything in their place.
    listed = params.get("SecretIdList")
    named = [params.get("SecretId"), params.get("Name"), *(listed if isinstance(listed, list) else [])]
    return [secret_id for secret_id in named if isinstance(secret_id, str)]
