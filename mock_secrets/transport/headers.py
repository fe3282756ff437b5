"""Reads and fills botocore's headers without creating a key object for each access.

These are private parts of botocore, so a contract test guards them. If they are not as expected, its public interface
is used.
"""

from collections.abc import Mapping
from typing import Any

from botocore import awsrequest
from botocore.awsrequest import HeadersDict

_Key: Any = getattr(awsrequest, "_HeaderKey", str)


class _Keys(dict[str, Any]):
    """The key objects by name. Only this library's own few names are looked up."""

    def __missing__(self, name: str) -> Any:
        self[name] = _Key(name)
        return self[name]


_keys = _Keys()
CAN_LOOK_INSIDE = getattr(HeadersDict({"Name": "value"}), "_dict", None) == {_Key("name"): "value"}


def header(headers: Any, name: str) -> Any:
    """Return a header by its case-insensitive name, or None."""
    if CAN_LOOK_INSIDE and type(headers) is HeadersDict:
        return headers._dict.get(_keys[name])
    return headers.get(name)


def fill(headers: Any, given: Mapping[str, str]) -> None:
    """Fill an empty header dictionary of botocore's."""
    if CAN_LOOK_INSIDE:
        headers._dict = {_keys[name]: value for name, value in given.items()}
    else:
        headers.update(given)
