"""The network guard: while a mock is active, no request of botocore, aiobotocore or the CRT client leaves the machine.

The hook answers the requests of Secrets Manager clients. The guard also answers those of clients whose session is older
than the hook, and refuses every other request that would leave the machine, including one to the loopback through a
proxy elsewhere. It patches ``Endpoint._send``, where botocore and aiobotocore send without an event; a contract test
checks that they still do.

**Not covered** are requests made in other ways: with ``requests``, ``urllib3``, ``http.client`` and other HTTP
libraries; with a ``botocore.httpsession.URLLib3Session`` created by hand; with other clients of the CRT; to services
other than Secrets Manager from programs that the test starts; by a ``multiprocessing`` server that was started before
the mock.
"""

import ipaddress
import sys
from collections.abc import Iterable
from functools import cache
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest
from botocore.endpoint import Endpoint
from botocore.exceptions import UnknownServiceError
from botocore.model import ServiceId
from botocore.utils import get_environ_proxies

from mock_secrets.kernel.frames import calling_line
from mock_secrets.transport import hook, running, sessions
from mock_secrets.transport.patches import Patch

ENDPOINT_PREFIX = "secretsmanager"
SERVICE_ID = "secrets-manager"


class NetworkAccessRefused(AssertionError):
    """A call to another AWS service would have left the machine while a mock was active."""


def names_of(services: Iterable[str]) -> frozenset[str]:
    """Both of botocore's names for each service: endpoints know one, signers the other.

    :param services: boto3's names of the services.
    :raises ValueError: if boto3 does not know one of them.
    """
    return frozenset(name for service in services for name in _names(service))


@cache
def _names(service: str) -> tuple[str, str]:
    try:
        metadata = sessions.loader().load_service_model(service, "service-2")["metadata"]
    except UnknownServiceError:
        raise ValueError(f"passthrough names {service!r}, but boto3 has no such service") from None
    return metadata["endpointPrefix"], ServiceId(metadata["serviceId"]).hyphenize()


def may_leave(service: str, url: str, mock: running.Rules) -> bool:
    """Whether the guard would let a request to a service, by either of its names, pass once it is signed."""
    return service in mock.passthrough or is_loopback(url)


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _send(original: Any) -> Any:
    def send(self: Endpoint, request: AWSPreparedRequest) -> Any:
        answer = _answer(self, request)
        return original(self, request) if answer is None else answer

    return send


def _send_async(
    original: Any,
) -> Any:  # pragma: no cover - aiobotocore pins an older botocore: run by tox -e async-newest
    async def send(self: Endpoint, request: AWSPreparedRequest) -> Any:
        answer = _answer(self, request)
        return await original(self, request) if answer is None else answer

    return send


def _answer(endpoint: Endpoint, request: AWSPreparedRequest) -> Any:
    """The answer to a request that no event handler has answered.

    :returns: None if the request may leave, or no mock is active.
    :raises NetworkAccessRefused: if it may not leave.
    """
    mock = running.mock
    if mock is None:
        return None
    prefix = endpoint._endpoint_prefix
    if prefix == ENDPOINT_PREFIX:
        return hook.respond(request)
    if not may_leave(prefix, request.url, mock):
        raise NetworkAccessRefused(_refusal(prefix, request))
    proxy = None if prefix in mock.passthrough else _proxy(endpoint, request.url)
    if proxy is not None and not is_loopback(proxy):
        raise NetworkAccessRefused(_refusal_of_proxy(prefix, request, proxy))
    return None


def _proxy(endpoint: Endpoint, url: str) -> str | None:
    """The proxy that the request would go through, if any."""
    configured = getattr(endpoint.http_session, "_proxy_config", None)
    if configured is not None:
        return configured.proxy_url_for(url)  # type: ignore[no-any-return]  # botocore has no types
    return get_environ_proxies(url).get(urlsplit(url).scheme)  # type: ignore[no-any-return]


def _make_request(original: Any) -> Any:
    """Guard S3 transfers by the CRT client, which bypass botocore."""

    def make_request(self: Any, *args: Any, **kwargs: Any) -> Any:
        mock = running.mock
        request = kwargs.get("request")
        host = request.headers.get("Host") if request is not None else ""
        if mock is not None and not may_leave("s3", f"https://{host}", mock):
            raise NetworkAccessRefused(
                f"mock_secrets refused a transfer by the CRT client, because {host} is not on this machine. No mock can"
                ' answer such a request: pass TransferConfig(preferred_transfer_client="classic") to boto3, and use'
                " another mock beside this one, such as moto's mock_aws. To let the transfer reach AWS, use"
                " mock_secrets(passthrough=['s3'])."
            )
        return original(self, *args, **kwargs)

    return make_request


def _refusal(prefix: str, request: AWSPreparedRequest) -> str:
    service = _calling_service() or prefix
    return (
        f"{_refused(service, request)} would have left this machine. The call was made at {calling_line()}."
        f" To let it reach AWS, name the service: mock_secrets(passthrough=[{service!r}])."
        " To answer it locally, use another mock beside this one, such as moto's mock_aws, or a loopback endpoint."
    )


def _refusal_of_proxy(service: str, request: AWSPreparedRequest, proxy: str) -> str:
    return (
        f"{_refused(service, request)} is on this machine, but the request would have gone through the proxy"
        f" {urlsplit(proxy).hostname}. The call was made at {calling_line()}."
        " To bypass the proxy, set NO_PROXY=localhost,127.0.0.1 before you create the client."
    )


def _calling_service() -> str | None:
    """boto3's name of the called service, which only the client knows."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code.co_name != "_make_api_call":
        frame = frame.f_back
    client = frame.f_locals.get("self") if frame else None
    return None if client is None else str(client.meta.service_model.service_name)


def _refused(service: str, request: AWSPreparedRequest) -> str:
    target = request.headers.get("X-Amz-Target")
    operation = f" ({target.decode() if isinstance(target, bytes) else target})" if target else ""
    url = urlsplit(request.url)
    return (
        f"mock_secrets refused a call to {service}{operation}: {request.method} {url.scheme}://{url.netloc}{url.path}"
    )


PATCHES = [
    Patch("botocore.endpoint", "Endpoint", "_send", _send),
    Patch("aiobotocore.endpoint", "AioEndpoint", "_send", _send_async),
    Patch("awscrt.s3", "S3Client", "make_request", _make_request),
]
