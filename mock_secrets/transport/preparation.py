"""Prepares signed Secrets Manager requests without creating a key object for each header.

It replaces a private part of botocore in single requests, so a contract test guards it. If that part is not as
expected, or another library has replaced it, botocore prepares the request.
"""

from typing import Any

from botocore.awsrequest import AWSRequestPreparer

from mock_secrets.transport.headers import CAN_LOOK_INSIDE, headers_dict, key


class _Preparer(AWSRequestPreparer):  # type: ignore[misc]  # botocore has no types
    """Prepares a request of the usual form in one step; any other takes botocore's steps."""

    def _prepare_headers(self, original: Any, prepared_body: Any = None) -> Any:
        headers = headers_dict(original.headers.items())
        if type(prepared_body) is not bytes or original.method != "POST" or not _LENGTHS.isdisjoint(headers._dict):
            return super()._prepare_headers(original, prepared_body)
        headers["Content-Length"] = str(len(prepared_body))
        return headers


_LENGTHS = frozenset(map(key, ("Content-Length", "Transfer-Encoding")))
_PREPARER = _Preparer()
_PREPARE_HEADERS = getattr(AWSRequestPreparer, "_prepare_headers", None)


def prepare_quickly(request: Any) -> None:
    """Let a request that has just been signed be prepared in one step."""
    if (
        CAN_LOOK_INSIDE
        and type(getattr(request, "_request_preparer", None)) is AWSRequestPreparer
        and getattr(AWSRequestPreparer, "_prepare_headers", None) is _PREPARE_HEADERS
    ):
        request._request_preparer = _PREPARER
