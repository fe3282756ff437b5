"""Headers as botocore keeps them, looked up and made without a new key for each.

These are private parts of botocore, so a contract test guards them; where they are not as expected, its own ways are
taken.
"""

from collections.abc import Mapping
from typing import Any

from botocore import awsrequest
from botocore.awsrequest import HeadersDict

_Key: Any = getattr(awsrequest, "_HeaderKey", str)


class _Keys(dict[str, Any]):
    """The keys of the names that were asked for: those of this library, and so a few."""

    def __missing__(self, name: str) -> Any:
        self[name] = _Key(name)
        return self[name]


_keys = _Keys()
CAN_LOOK_INSIDE = getattr(HeadersDict({"Name": "value"}), "_dict", None) == {_Key("name"): "value"}


def header(headers: Any, name: str) -> Any:
    """A header by its name, in whatever case, or None."""
    if CAN_LOOK_INSIDE and type(headers) is HeadersDict:
        return headers._dict.get(_keys[name])
    return headers.get(name)


def fill(headers: Any, given: Mapping[str, str]) -> None:
    """Put headers into a dictionary of botocore's that has none."""
    if CAN_LOOK_INSIDE:
        headers._dict = {_keys[name]: value for name, value in given.items()}
    else:
        headers.update(given)
