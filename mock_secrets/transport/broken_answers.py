"""The exceptions that botocore and aiobotocore raise when a fault spoils an answer."""

from collections.abc import Callable, Mapping

from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from mock_secrets.kernel.faults import Seen, Spoiled
from mock_secrets.kernel.notes import add_note


def _unreadable(**_: str) -> ResponseParserError:
    # botocore's JSON parser treats an unreadable body as text and returns an empty result; its XML parser says this.
    return ResponseParserError(
        "Unable to parse response (the body is truncated), invalid JSON received. Further retries may succeed"
    )


_EXCEPTIONS: Mapping[Seen, Callable[..., Exception]] = {
    "closed": ConnectionClosedError,
    "read timeout": ReadTimeoutError,
    "connect timeout": ConnectTimeoutError,
    "corrupt": _unreadable,
}


def raise_if_unseen(spoiled: Spoiled, url: str) -> None:
    """Raise botocore's exception for an answer that does not come or can't be read.

    :raises ConnectionClosedError, ReadTimeoutError, ConnectTimeoutError, ResponseParserError: by the kind of fault.
    """
    if spoiled.seen is not None:
        error = _EXCEPTIONS[spoiled.seen](endpoint_url=url)
        add_note(error, spoiled.hint)
        raise error
