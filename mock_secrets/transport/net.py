"""The net under the hook, while a mock is active.

It answers Secrets Manager clients whose session is older than the hook, and
refuses every other request that would leave the machine. ``Endpoint._send`` and
``RequestSigner.get_auth_instance`` are where botocore does the two things that
no event reaches; a contract test guards both.
"""

import copy
import ipaddress
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.awsrequest import AWSPreparedRequest
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.endpoint import Endpoint
from botocore.exceptions import UnknownServiceError
from botocore.signers import RequestSigner

from mock_secrets.aws.iam import ENVIRONMENT_KEY
from mock_secrets.kernel.frames import calling_line
from mock_secrets.transport import hook, sessions

_ENDPOINT_PREFIX = "secretsmanager"


class NetworkAccessRefused(AssertionError):
    """A call would have left the machine while a mock was active."""


@contextmanager
def refuse_network(passthrough: Iterable[str]) -> Iterator[None]:
    """Hold the net.

    :param passthrough: services, as boto3 names them, whose requests may leave.
    """
    allowed = {_endpoint_prefix(service) for service in passthrough}
    real_send, real_auth = Endpoint._send, RequestSigner.get_auth_instance

    def send(self: Endpoint, request: AWSPreparedRequest) -> Any:
        prefix = self._endpoint_prefix
        if prefix == _ENDPOINT_PREFIX:
            return hook.respond(request)
        if prefix not in allowed and not _is_loopback(request.url):
            raise NetworkAccessRefused(_refusal(prefix, request))
        return real_send(self, request)

    def get_auth_instance(self: RequestSigner, signing_name: str, *args: Any, **kwargs: Any) -> Any:
        # A client older than the mock may have no credentials, or some that have
        # to be fetched first; its call needs neither.
        signer = self
        if signing_name == _ENDPOINT_PREFIX and not _at_hand(kwargs.get("request_credentials") or self._credentials):
            signer = copy.copy(self)
            signer._credentials = Credentials(ENVIRONMENT_KEY, "mock-secrets")
        return real_auth(signer, signing_name, *args, **kwargs)

    Endpoint._send, RequestSigner.get_auth_instance = send, get_auth_instance
    try:
        yield
    finally:
        Endpoint._send, RequestSigner.get_auth_instance = real_send, real_auth


def _at_hand(credentials: Any) -> bool:
    return credentials is not None and not isinstance(credentials, RefreshableCredentials)


def _endpoint_prefix(service: str) -> str:
    with sessions.shared_data():
        session = botocore.session.get_session()
    try:
        return str(session.get_service_model(service).endpoint_prefix)
    except UnknownServiceError:
        raise ValueError(f"passthrough names {service!r}, which is not a service that boto3 knows") from None


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refusal(service: str, request: AWSPreparedRequest) -> str:
    target = request.headers.get("X-Amz-Target")
    operation = f" ({target.decode() if isinstance(target, bytes) else target})" if target else ""
    url = urlsplit(request.url)
    return (
        f"mock_secrets refused a call to {service}{operation}: {request.method} {url.scheme}://{url.netloc}{url.path}"
        f" would have left this machine. It came from {calling_line()}."
        f" To let it out, name the service: mock_secrets(passthrough=[{service!r}])."
        " To answer it here, use another mock beside this one, such as moto's mock_aws, or a loopback endpoint."
    )
