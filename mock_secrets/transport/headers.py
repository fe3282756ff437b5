"""Reads and fills botocore's headers without creating a key object for each access.

These are private parts of botocore, so a contract test guards them. If they are not as expected, its public interface
is used.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from botocore import awsrequest
from botocore.awsrequest import HeadersDict

# The same few names come with every request. botocore never changes a key object.
key: Any = lru_cache(maxsize=256)(getattr(awsrequest, "_HeaderKey", str))
CAN_LOOK_INSIDE = vars(HeadersDict({"Name": "value"})) == {"_dict": {key("name"): "value"}}


def header(headers: Any, name: str) -> Any:
    """Return a header by its case-insensitive name, or None."""
    if CAN_LOOK_INSIDE and type(headers) is HeadersDict:
        return headers._dict.get(key(name))
    return headers.get(name)


def headers_dict(given: Iterable[tuple[str, Any]]) -> Any:
    """A header dictionary of botocore's. Of several headers with one name, the last value counts."""
    if not CAN_LOOK_INSIDE:
        return HeadersDict(given)
    headers = HeadersDict.__new__(HeadersDict)
    headers._dict = {key(name): value for name, value in given}
    return headers
