"""Answers SSM parameters that refer to secrets, ``/aws/reference/secretsmanager/NAME``, from the active backend.

Everything else of SSM is left to another mock, such as moto, or refused by the network guard. Source: the Systems
Manager User Guide, "Referencing AWS Secrets Manager secrets from Parameter Store parameters". The wording of the errors
is moto's (REPORTED). Which code an error other than ResourceNotFoundException becomes is a GUESS.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest

from mock_secrets.protocol import wire
from mock_secrets.transport import hook, running

PREFIX = "/aws/reference/secretsmanager/"

# The only operations of SSM that accept such names.
_OPERATIONS = ("GetParameter", "GetParameters")
_VERSION_ID = re.compile(r"[0-9a-fA-F-]{32,64}")


def _before_send(request: AWSPreparedRequest, event_name: str, **_: object) -> hook.Response | None:
    mock = running.mock
    operation = event_name.rpartition(".")[2]
    if mock is None or operation not in _OPERATIONS:
        return None
    asked = json.loads(hook.body_of(request.body))
    names = asked.get("Names") or [asked.get("Name")]
    if not all(map(_refers, names)):
        return None
    return hook.Response(request.url, _answered(request, operation, asked, mock))


class _Both(NamedTuple):
    """A call with both kinds of names: references are left out of the request and added to its answer."""

    names: list[str]
    requests: list[AWSPreparedRequest]


def _before_parameter_build(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    names = params.get("Names")
    if running.mock is None or not isinstance(names, list) or params.get("WithDecryption") is not True:
        return
    others = [name for name in names if not _refers(name)]
    if 0 < len(others) < len(names):
        context[__name__] = _Both(names, [])
        params["Names"] = others


def _request_created(request: Any, **_: object) -> None:
    both = request.context.get(__name__)
    if both is not None:
        both.requests.append(request)


def _after_call(parsed: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    both, mock = context.get(__name__), running.mock
    if both is None or mock is None or "Error" in parsed:
        return
    found = {name: _parameter(both.requests[-1], name, mock) for name in both.names if _refers(name)}
    parameters, invalid = parsed.setdefault("Parameters", []), parsed.setdefault("InvalidParameters", [])
    for name, one in found.items():
        if isinstance(one, _Refused):
            invalid.append(name)
        else:
            since = datetime.fromtimestamp(one["LastModifiedDate"], timezone.utc)
            parameters.append({**one, "LastModifiedDate": since})
    invalid.sort(key=both.names.index)


def _refers(name: Any) -> bool:
    return isinstance(name, str) and name.startswith(PREFIX)


class _Refused(NamedTuple):
    """SSM's code and message for a parameter that is refused."""

    code: str
    message: str


_NOT_DECRYPTED = _Refused(
    "ValidationException", "WithDecryption flag must be True for retrieving a Secret Manager secret."
)


def _answered(request: AWSPreparedRequest, operation: str, asked: dict[str, Any], mock: running.Rules) -> wire.Answer:
    """The answer to a call in which every name refers to a secret."""
    if asked.get("WithDecryption") is not True:
        return _error(_NOT_DECRYPTED)
    if operation == "GetParameter":
        found = _parameter(request, asked["Name"], mock)
        return _error(found) if isinstance(found, _Refused) else _answer({"Parameter": found})
    several = {name: _parameter(request, name, mock) for name in asked["Names"]}
    return _answer(
        {
            "Parameters": [one for one in several.values() if not isinstance(one, _Refused)],
            "InvalidParameters": [name for name, one in several.items() if isinstance(one, _Refused)],
        }
    )


def _parameter(request: AWSPreparedRequest, name: str, mock: running.Rules) -> dict[str, Any] | _Refused:
    """The secret as a parameter. SSM reads it with the caller's permissions."""
    params = _params(name.removeprefix(PREFIX))
    read = wire.read_request(
        partial(hook.text_of, request.headers), json.dumps(params).encode(), urlsplit(request.url).netloc
    )
    answer = mock.answer(read._replace(operation="GetSecretValue"))
    told = json.loads(answer.body)
    if answer.status != 200:
        code = told["__type"].rpartition("#")[2]
        if code == "AccessDeniedException":
            return _Refused(code, told.get("Message", told.get("message")))
        return _Refused(
            "ParameterNotFound",
            f"An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret {name} not found.",
        )
    return {
        "Name": name,
        "Type": "SecureString",
        "Value": told.get("SecretString", told.get("SecretBinary", "")),
        "Version": 0,
        "SourceResult": json.dumps(told),
        "LastModifiedDate": told["CreatedDate"],
        "ARN": told["ARN"],
        "DataType": "text",
    }


def _params(reference: str) -> dict[str, str]:
    """Read a name or ARN, optionally followed by a colon and a version id or staging label."""
    parts = reference.split(":")
    # An ARN itself has seven parts.
    length = 7 if parts[0] == "arn" else 1
    params = {"SecretId": ":".join(parts[:length])}
    if len(parts) > length:
        params["VersionId" if _VERSION_ID.fullmatch(parts[length]) else "VersionStage"] = parts[length]
    return params


def _answer(told: dict[str, Any]) -> wire.Answer:
    return wire.Answer(200, {"Content-Type": wire.CONTENT_TYPE}, json.dumps(told).encode())


def _error(refused: _Refused) -> wire.Answer:
    told = {"__type": refused.code, "message": refused.message}
    return wire.Answer(400, {"Content-Type": wire.CONTENT_TYPE}, json.dumps(told).encode())


HANDLERS: list[tuple[str, Callable[..., Any]]] = [
    ("before-parameter-build.ssm.GetParameters", _before_parameter_build),
    ("request-created.ssm.GetParameters", _request_created),
    ("before-send.ssm", _before_send),
    ("after-call.ssm.GetParameters", _after_call),
]
