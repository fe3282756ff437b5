"""JSON values of a request as Python values of the type that the service's model gives them."""

import base64
import binascii
from collections.abc import Callable
from typing import Any, TypeAlias

from botocore.model import Shape

from mock_secrets.kernel.errors import WrongType

Read: TypeAlias = Callable[[Any], Any]

_JSON_NAMES: dict[type, str] = {
    str: "STRING_VALUE",
    bool: "BOOLEAN_VALUE",
    int: "NUMBER_VALUE",
    float: "NUMBER_VALUE",
    list: "LIST_VALUE",
    dict: "STRUCTURE_VALUE",
}


def reader(shape: Shape) -> Read:
    """What turns a JSON value into this shape's Python value, or raises WrongType."""
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
        if type(value) is not kind:
            raise WrongType(found=_JSON_NAMES.get(type(value), "NULL_VALUE"), wanted=wanted)
        return value

    return read


_text, _list, _map = _typed(str, "String"), _typed(list, "List"), _typed(dict, "Map")


def _blob(value: Any) -> bytes:
    try:
        return base64.b64decode(_text(value), validate=True)
    except (binascii.Error, ValueError):
        raise WrongType(found="STRING_VALUE", wanted="Blob") from None


_SCALARS: dict[str, Read] = {
    "string": _text,
    "boolean": _typed(bool, "Boolean"),
    "integer": _typed(int, "Integer"),
    "long": _typed(int, "Long"),
    "blob": _blob,
}


def _list_reader(read_member: Read) -> Read:
    return lambda value: [read_member(member) for member in _list(value)]


def _map_reader(read_value: Read) -> Read:
    return lambda value: {key: read_value(member) for key, member in _map(value).items()}


def _structure_reader(readers: dict[str, Read]) -> Read:
    """Unknown members are ignored and null is absent, as on the whole request."""
    return lambda value: {
        name: readers[name](member) for name, member in _map(value).items() if name in readers and member is not None
    }
