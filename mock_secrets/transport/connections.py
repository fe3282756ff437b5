"""Creates the HTTP session of a Secrets Manager client on first use, if the client was created inside a mock.

While the mock is active no request uses it, so clients need neither a TLS context nor the environment's proxies. The
stand-in replaces a private part of botocore, so a contract test guards it.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from botocore import httpsession
from botocore.httpsession import URLLib3Session

from mock_secrets.transport import running
from mock_secrets.transport.net import ENDPOINT_PREFIX
from mock_secrets.transport.patches import Patch


class LateSession(URLLib3Session):  # type: ignore[misc]  # botocore has no types
    """An HTTP session that is created when one of its attributes is first used."""

    def __init__(self, make: Callable[[], URLLib3Session]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        make = self.__dict__.get("_make")
        if make is not None and not name.startswith("__"):
            self.__dict__.update(vars(make()))
            self.__dict__.pop("_make", None)
        # Another thread may have created it in the meantime.
        if name not in self.__dict__:
            raise AttributeError(name)
        return self.__dict__[name]

    def close(self) -> None:
        if "_make" not in vars(self):
            super().close()


def _create_endpoint(original: Any) -> Any:
    def create_endpoint(self: Any, service_model: Any, *args: Any, **kwargs: Any) -> Any:
        if running.mock is None or service_model.endpoint_prefix != ENDPOINT_PREFIX or not _is_known(args, kwargs):
            return original(self, service_model, *args, **kwargs)
        proxies = kwargs.pop("proxies", None)
        url = kwargs["endpoint_url"]
        find_proxies = partial(self._get_proxies, url) if proxies is None else lambda: proxies
        # Not None, which would make botocore look for them now.
        kwargs |= {"http_session_cls": partial(_late_session, find_proxies), "proxies": {}}
        return original(self, service_model, *args, **kwargs)

    return create_endpoint


def _is_known(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether botocore passes the expected arguments, without a session class of the user's."""
    return not args and "endpoint_url" in kwargs and "http_session_cls" not in kwargs


def _late_session(find_proxies: Callable[[], Any], *, timeout: Any, proxies: Any, **settings: Any) -> LateSession:  # noqa: ARG001 - found on first use
    if isinstance(timeout, tuple):
        # An invalid timeout is reported when the client is created.
        httpsession.Timeout(connect=timeout[0], read=timeout[1])
    return LateSession(lambda: httpsession.URLLib3Session(timeout=timeout, proxies=find_proxies(), **settings))


PATCHES = [Patch("botocore.endpoint", "EndpointCreator", "create_endpoint", _create_endpoint)]
