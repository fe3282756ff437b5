"""Converts the JSON values of a request to Python values, by their types in the service model."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from botocore.model import Shape

from mock_secrets.kernel.errors import NotUnicode, WrongType
from mock_secrets.kernel.redaction import redacted
from mock_secrets.protocol.constraints import is_sensitive

Read: TypeAlias = Callable[[Any], Any]

_JSON_NAMES: dict[type, str] = {
    str: "STRING_VALUE",
    bool: "BOOLEAN_VALUE",
    int: "NUMBER_VALUE",
    float: "NUMBER_VALUE",
    list: "LIST_VALUE",
    dict: "STRUCTURE_VALUE",
    type(None): "NULL_VALUE",
}
# A lone surrogate, which can't occur in UTF-8 but can be escaped in JSON.
_HALF_PAIR = re.compile("[\ud800-\udfff]")


def reader(shape: Shape) -> Read:
    """A function that converts a JSON value to this shape's Python value; a sensitive one has a redacted repr.

    The function raises WrongType or NotUnicode.
    """
    read = _reader(shape)
    return (lambda value: redacted(read(value))) if is_sensitive(shape) else read


def _reader(shape: Shape) -> Read:
    match shape.type_name:
        case "list":
            return _list_reader(reader(shape.member))
        case "map":
            return _map_reader(reader(shape.value))
        case "structure":
            return _structure_reader({name: reader(member) for name, member in shape.members.items()})
        case scalar:
            return _SCALARS[scalar]


def _typed(kind: type, wanted: str) -> Read:
    def read(value: Any) -> Any:
        if not isinstance(value, kind):
            raise _wrong_type(value, wanted)
        return value

    return read


_list, _map = _typed(list, "List"), _typed(dict, "Map")


def _wrong_type(value: Any, wanted: str) -> WrongType:
    return WrongType(found=_JSON_NAMES.get(type(value), type(value).__name__), wanted=wanted)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong_type(value, "String")
    if not value.isascii() and _HALF_PAIR.search(value):
        raise NotUnicode
    return value


def _whole_number(bits: int, wanted: str) -> Read:
    # GUESS: a number beyond the range of its type is a wrong type, not a violated constraint.
    numbers = range(-(2 ** (bits - 1)), 2 ** (bits - 1))

    def read(value: Any) -> int:
        if type(value) is not int or value not in numbers:
            raise _wrong_type(value, wanted)
        return value

    return read


def _blob(value: Any) -> bytes:
    # Direct access passes bytes, not base64.
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(_text(value), validate=True)
    except (binascii.Error, ValueError):
        raise _wrong_type(value, "Blob") from None


_SCALARS: dict[str, Read] = {
    "string": _text,
    "boolean": _typed(bool, "Boolean"),
    "integer": _whole_number(32, "Integer"),
    "long": _whole_number(64, "Long"),
    "blob": _blob,
}


def _list_reader(read_member: Read) -> Read:
    return lambda value: [read_member(member) for member in _list(value)]


def _map_reader(read_value: Read) -> Read:
    return lambda value: {_text(key): read_value(member) for key, member in _map(value).items()}


def _structure_reader(readers: dict[str, Read]) -> Read:
    """Unknown members are ignored, and null counts as absent, as at the top level of a request."""
    return lambda value: {
        name: readers[name](member) for name, member in _map(value).items() if name in readers and member is not None
    }
