"""What a client of botocore or aiobotocore sees where a fault spoils an answer: its own exceptions."""

from collections.abc import Callable, Mapping

from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from mock_secrets.kernel.faults import Seen, Spoiled
from mock_secrets.kernel.notes import add_note


def _unreadable(**_: str) -> ResponseParserError:
    # botocore's parser of JSON takes what it can't read for a text, and answers nothing; that of XML says this.
    return ResponseParserError(
        "Unable to parse response (the body ends in the midst of it), invalid JSON received."
        " Further retries may succeed"
    )


_EXCEPTIONS: Mapping[Seen, Callable[..., Exception]] = {
    "closed": ConnectionClosedError,
    "read timeout": ReadTimeoutError,
    "connect timeout": ConnectTimeoutError,
    "corrupt": _unreadable,
}


def raise_if_unseen(spoiled: Spoiled, url: str) -> None:
    """Raise what botocore raises when the answer does not come, or can't be read.

    :raises ConnectionClosedError, ReadTimeoutError, ConnectTimeoutError, ResponseParserError:
    """
    if spoiled.seen is not None:
        error = _EXCEPTIONS[spoiled.seen](endpoint_url=url)
        add_note(error, spoiled.hint)
        raise error
