"""The AWS JSON 1.1 wire format: reading requests, and writing answers and errors.

The details are those of raw recordings of the service: bare error codes in ``__type``, compact JSON with sorted keys,
timestamps as Java prints a double.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from email.utils import formatdate
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from mock_secrets.kernel.codes import AWSError
from mock_secrets.kernel.errors import NotSigned, UnknownOperation, UnreadableBody
from mock_secrets.kernel.errors_on_demand import Refusal
from mock_secrets.kernel.faults import Spoiled
from mock_secrets.kernel.redaction import RedactedBytes, RedactedStr

CONTENT_TYPE = "application/x-amz-json-1.1"
TARGET_PREFIX = "secretsmanager."

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECOND = timedelta(milliseconds=1)
_SECOND = timedelta(seconds=1)
_CREDENTIAL = re.compile(r"(?<!\S)Credential=(?P<access_key>[^/\s,]+)/\d{8}/(?P<region>[^/\s,]+)/[^/\s,]+/aws4_request")
# Limited to nine digits, because Python refuses to parse thousands of them.
_ATTEMPT = re.compile(r"attempt=([0-9]{1,9})(?![0-9])")


class Request(NamedTuple):
    """A request as it arrived: its signer and region, its operation, and the undecoded body.

    ``host`` and ``user_agent`` are the client's own words, and used only in CloudTrail records.
    """

    operation: str
    access_key: str | None
    region: str | None
    attempt: int
    body: bytes
    host: str = ""
    user_agent: str = ""


class Answer(NamedTuple):
    """A response: status, headers and body, and what a fault did to it, if anything."""

    status: int
    headers: dict[str, str]
    body: bytes
    spoiled: Spoiled | None = None


def read_request(header: Callable[[str], str | None], body: bytes, host: str = "") -> Request:
    """Read the parts of a request that need no knowledge of its operation.

    The region comes from the signature's credential scope, never from the host, so that custom, FIPS and VPC
    endpoints work too.

    :param header: returns a header's text by its name, in any letter case, or None.
    """
    access_key, region = _credential((header("Authorization") or "").partition(",")[0])
    target = header("X-Amz-Target") or ""
    return Request(
        operation=target.removeprefix(TARGET_PREFIX) if target.startswith(TARGET_PREFIX) else "",
        access_key=access_key,
        region=region,
        attempt=_attempt(header("amz-sdk-request") or ""),
        body=body,
        host=host,
        user_agent=header("User-Agent") or "",
    )


def headers_of(request: Request) -> dict[str, str]:
    """Headers from which :func:`read_request` would read this request."""
    signature = (
        f"AWS4-HMAC-SHA256 Credential={request.access_key}/20260101/{request.region}/secretsmanager/aws4_request"
    )
    return {
        "Content-Type": CONTENT_TYPE,
        "X-Amz-Target": f"{TARGET_PREFIX}{request.operation}",
        **({"Authorization": f"{signature}, SignedHeaders=host, Signature=0"} if request.access_key else {}),
        "amz-sdk-request": f"attempt={request.attempt}",
        "Host": request.host,
        "User-Agent": request.user_agent,
    }


@lru_cache(maxsize=64)
def _attempt(header: str) -> int:
    found = _ATTEMPT.search(header)
    return int(found[1]) if found else 1


@lru_cache(maxsize=64)
def _credential(scope: str) -> tuple[str | None, str | None]:
    """The access key and the region of a signature. Cached, because its first part is the same all day."""
    found = _CREDENTIAL.search(scope)
    return (found["access_key"], found["region"]) if found else (None, None)


def read_params(request: Request, known: Mapping[str, object]) -> dict[str, Any]:
    """The members of the request's body, after checking that the operation is known and the request is signed.

    :raises UnknownOperation, NotSigned, UnreadableBody:
    """
    if request.operation not in known:
        raise UnknownOperation
    if request.access_key is None:
        raise NotSigned
    try:
        params = _decoded(request.body.decode())
    except (ValueError, RecursionError):
        raise UnreadableBody from None
    if not isinstance(params, dict):
        raise UnreadableBody
    # AWS reads null as absent; the recorded "Value null at" was about a missing member.
    return {name: value for name, value in params.items() if value is not None}


def _refuse(constant: str) -> None:
    """Refuse a number that Python reads in JSON and JSON does not have.

    :raises ValueError: always, for NaN and Infinity.
    """
    raise ValueError(constant)


_DECODER = json.JSONDecoder(parse_constant=_refuse)
_scan: Callable[[str, int], tuple[Any, int]] = vars(_DECODER)["scan_once"]


def _decoded(text: str) -> Any:
    """Read JSON.

    :raises ValueError, RecursionError: if the text is not JSON.
    """
    # The fast path for what botocore sends: an object with nothing around it.
    if text.startswith("{"):
        try:
            params, end = _scan(text, 0)
        except StopIteration as error:
            raise ValueError from error
        if end == len(text):
            return params
    return _DECODER.decode(text)


def write_result(result: Mapping[str, Any] | None, request_id: str, at: datetime) -> Answer:
    """A successful answer. None gives the empty body of an operation without output."""
    body = b"" if result is None else _encode(_render_object(result))
    return Answer(200, _headers(request_id, at, body), body)


def write_error(error: AWSError | Refusal, request_id: str, at: datetime) -> Answer:
    # Not in alphabetical order: the recorded error bodies begin with the type.
    text = f'{{"__type":{render(error.code)},"{error.message_key}":{render(error.message)}}}'
    body = _encode(text)
    return Answer(error.status, _headers(request_id, at, body), body)


def render(value: Any) -> str:
    """JSON as the service writes it. Python's encoder can't be made to print timestamps this way."""
    return _RENDERERS.get(type(value), _render_other)(value)


def _render_object(value: Mapping[str, Any]) -> str:
    renderer = _RENDERERS.get
    members = [
        f"{encode_basestring(name)}:{renderer(type(member := value[name]), _render_other)(member)}"
        for name in sorted(value)
    ]
    return "{" + ",".join(members) + "}"


def _render_list(value: Sequence[Any]) -> str:
    return "[" + ",".join([render(item) for item in value]) + "]"


def _render_blob(value: bytes) -> str:
    return f'"{base64.b64encode(value).decode()}"'


def _render_other(value: Any) -> str:
    # Instances of subclasses, such as freezegun's datetime.
    for kind, renderer in _RENDERERS.items():
        if isinstance(value, kind):
            return renderer(value)
    return json.dumps(value)


# Cached, because a secret that is read often has the same dates each time.
@lru_cache(maxsize=256)
def _timestamp(instant: datetime) -> str:
    """Epoch seconds with milliseconds, in the notation of Java's doubles, such as 1.523477145713E9."""
    milliseconds = (instant - _EPOCH) // _MILLISECOND
    digits = str(milliseconds)
    if milliseconds < 10**10:
        return repr(milliseconds / 1000)
    return f"{digits[0]}.{digits[1:].rstrip('0') or '0'}E{len(digits) - 4}"


_RENDERERS: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    RedactedStr: encode_basestring,
    dict: _render_object,
    list: _render_list,
    bytes: _render_blob,
    RedactedBytes: _render_blob,
    datetime: _timestamp,
}


@lru_cache(maxsize=1)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)


def _encode(text: str) -> bytes:
    # A policy, which is JSON within JSON, can contain a lone surrogate, which UTF-8 can't encode.
    return text.encode("utf-8", "replace")


def _headers(request_id: str, at: datetime, body: bytes) -> dict[str, str]:
    return {
        "x-amzn-RequestId": request_id,
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(body)),
        "Date": _http_date((at - _EPOCH) // _SECOND),
    }
