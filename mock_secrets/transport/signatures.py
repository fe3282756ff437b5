"""Signs Secrets Manager requests without computing the signature while a mock is active.

Nobody verifies the signature, and the arithmetic is a quarter of a call's cost. The credentials, dates, scope and names
of the signed headers are real, and everything before and after is botocore's. This applies only to botocore's own
signing by headers, not to a signer of the user's, a presigned URL, SigV4a, the CRT or another service.

The stand-ins replace private parts of botocore, so a contract test guards them.
"""

import logging
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

from botocore.auth import SIGNED_HEADERS_BLACKLIST, SIGV4_TIMESTAMP, SigV4Auth

from mock_secrets.transport import running
from mock_secrets.transport.patches import Patch
from mock_secrets.transport.preparation import prepare_quickly

_SERVICE_ID = "Secrets Manager"
_SIGNATURE = "0" * 64


class NotComputed(SigV4Auth):  # type: ignore[misc]  # botocore has no types
    """Signs by headers as botocore does, without the arithmetic."""

    def add_auth(self, request: Any) -> None:
        """Sign a request of the usual form in one step; any other takes botocore's steps one by one."""
        credentials, headers = self.credentials, request.headers
        signed = None if credentials is None else _signed(tuple(headers.keys()), bool(credentials.token))
        if signed is None or _is_out_of_the_common(request):
            super().add_auth(request)
            return
        timestamp = datetime.now(timezone.utc).strftime(SIGV4_TIMESTAMP)
        request.context["timestamp"] = timestamp
        headers["X-Amz-Date"] = timestamp
        if credentials.token:
            headers["X-Amz-Security-Token"] = credentials.token
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{timestamp[:8]}/{self._region_name}"
            f"/{self._service_name}/aws4_request, SignedHeaders={signed}, Signature={_SIGNATURE}"
        )
        prepare_quickly(request)

    def headers_to_sign(self, request: Any) -> set[str]:
        names = {name.lower().strip() for name in request.headers.keys()}  # noqa: SIM118 - a list, and quicker
        return names - _NEVER_SIGNED | {"host"}

    def signed_headers(self, headers_to_sign: set[str]) -> str:
        return ";".join(sorted(headers_to_sign))

    def canonical_request(self, *_: Any) -> str:
        return ""

    def string_to_sign(self, *_: Any) -> str:
        return ""

    def signature(self, *_: Any) -> str:
        return _SIGNATURE


_NEVER_SIGNED = frozenset(SIGNED_HEADERS_BLACKLIST)
# Headers of a request that has already been signed.
_WRITTEN = frozenset({"authorization", "date", "x-amz-date", "x-amz-security-token"})
_logger = logging.getLogger("botocore.auth")


# The requests of one client have the same headers.
@lru_cache(maxsize=256)
def _signed(given: tuple[str, ...], has_token: bool) -> str | None:
    """The names of the headers to sign in a request with these headers; None if it has already been signed."""
    names = {name.lower().strip() for name in given}
    if not names.isdisjoint(_WRITTEN):
        return None
    names |= {"host", "x-amz-date"}
    if has_token:
        names.add("x-amz-security-token")
    return ";".join(sorted(names - _NEVER_SIGNED))


def _steps() -> tuple[Any, ...]:
    """botocore's functions that write the headers, which another library may have replaced."""
    return (
        SigV4Auth.add_auth,
        SigV4Auth.scope,
        getattr(SigV4Auth, "_inject_signature_to_request", None),
        getattr(SigV4Auth, "_modify_request_before_signing", None),
        getattr(SigV4Auth, "_set_necessary_date_headers", None),
    )


_STEPS = _steps()


def _is_out_of_the_common(request: Any) -> bool:
    return (
        not request.context.get("payload_signing_enabled", True)
        # The log must show botocore's own steps.
        or _logger.isEnabledFor(logging.DEBUG)
        or _steps() != _STEPS
    )


def _get_auth_instance(original: Any) -> Any:
    def get_auth_instance(self: Any, *args: Any, **kwargs: Any) -> Any:
        auth = original(self, *args, **kwargs)
        return _spared(auth) if _is_to_be_spared(self, auth) else auth

    return get_auth_instance


def _get_auth_instance_async(
    original: Any,
) -> Any:  # pragma: no cover - aiobotocore pins an older botocore: run by tox -e async-newest
    async def get_auth_instance(self: Any, *args: Any, **kwargs: Any) -> Any:
        auth = await original(self, *args, **kwargs)
        return _spared(auth) if _is_to_be_spared(self, auth) else auth

    return get_auth_instance


def _is_to_be_spared(signer: Any, auth: Any) -> bool:
    return type(auth) is SigV4Auth and running.mock is not None and signer._service_id == _SERVICE_ID


def _spared(auth: SigV4Auth) -> SigV4Auth:
    auth.__class__ = NotComputed
    return auth


PATCHES = [
    Patch("botocore.signers", "RequestSigner", "get_auth_instance", _get_auth_instance),
    Patch("aiobotocore.signers", "AioRequestSigner", "get_auth_instance", _get_auth_instance_async),
]
