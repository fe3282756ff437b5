"""Converts objects of the state to plain JSON data and back, by the declared types of their fields."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache, reduce
from operator import or_
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from mock_secrets.kernel.journal import JournaledDict


class Damaged(ValueError):
    """The data is not valid. The message says where, and contains none of the data."""


class Form(NamedTuple):
    """How one type is written and read.

    :ivar read: raises a ValueError, TypeError or KeyError for invalid data.
    """

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


class Forms:
    """Writes and reads values by their types.

    :param special: the forms of types that are not written field by field.
    :param left_out: the fields that are not part of the data, as ``Class.field``.
    """

    def __init__(self, special: Mapping[Any, Form], left_out: frozenset[str] = frozenset()) -> None:
        self._special = special
        self._left_out = left_out
        self._form = cache(self._made)

    def write(self, kind: Any, value: Any) -> Any:
        return self._form(kind).write(value)

    def read(self, kind: Any, data: Any, where: str) -> Any:
        """Make an object of a class from plain data.

        :raises Damaged: naming the place in the data, starting with ``where``.
        """
        try:
            return self._form(kind).read(data)
        except Damaged as error:
            raise Damaged(f"{where}{error}") from None
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            raise Damaged(f"{where} is not {_named(kind)}") from None

    def _made(self, kind: Any) -> Form:
        if kind in self._special:
            return self._special[kind]
        if kind in _PLAIN:
            return Form(_same, _instance_of(kind))
        if kind in (datetime, date):
            return Form(lambda value: value.isoformat(), _aware if kind is datetime else date.fromisoformat)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return Form(lambda value: value.value, kind)
        return self._composed(kind, get_origin(kind), get_args(kind))

    def _composed(self, kind: Any, origin: Any, arguments: tuple[Any, ...]) -> Form:
        if origin in (Union, UnionType):
            return self._optional(reduce(or_, (one for one in arguments if one is not NoneType)))
        if origin is list:
            return self._list(arguments[0])
        if origin in (dict, JournaledDict):
            return self._mapping(origin, arguments[1])
        return self._fields(kind)

    def _optional(self, kind: Any) -> Form:
        def write(value: Any) -> Any:
            return None if value is None else self.write(kind, value)

        def read(data: Any) -> Any:
            return None if data is None else self.read(kind, data, "")

        return Form(write, read)

    def _list(self, kind: Any) -> Form:
        def read(data: Any) -> list[Any]:
            return [self.read(kind, one, f"[{at}]") for at, one in enumerate(_instance_of(list)(data))]

        return Form(lambda value: [self.write(kind, one) for one in value], read)

    def _mapping(self, origin: Any, kind: Any) -> Form:
        def read(data: Any) -> Any:
            made = origin()
            for name, one in _instance_of(dict)(data).items():
                made[name] = self.read(kind, one, f"[{name!r}]")
            return made

        return Form(lambda value: {name: self.write(kind, one) for name, one in value.items()}, read)

    def _fields(self, kind: Any) -> Form:
        """The form of a dataclass or a NamedTuple. Fields with their default value are not written."""
        types = {
            name: hint
            for name, hint in get_type_hints(kind).items()
            if name in _field_names(kind) and f"{kind.__name__}.{name}" not in self._left_out
        }
        defaults = _defaults(kind)

        def write(value: Any) -> Any:
            return {
                name: self.write(hint, getattr(value, name))
                for name, hint in types.items()
                if name not in defaults or getattr(value, name) != defaults[name]
            }

        def read(data: Any) -> Any:
            given = _instance_of(dict)(data)
            for name in given:
                if name not in types:
                    raise Damaged(f" has a member {name!r}, which {_named(kind)} does not have")
            for name in types:
                if name not in given and name not in defaults:
                    raise Damaged(f" lacks {name!r}")
            return kind(**{name: self.read(types[name], one, f".{name}") for name, one in given.items()})

        return Form(write, read)


_PLAIN = (str, int, bool)


def _same(value: Any) -> Any:
    return value


def _instance_of(kind: Any) -> Callable[[Any], Any]:
    def read(data: Any) -> Any:
        if type(data) is not kind:
            raise TypeError
        return data

    return read


def _aware(data: Any) -> datetime:
    instant = datetime.fromisoformat(data)
    if instant.utcoffset() is None:
        raise ValueError
    return instant


def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind) if one.init) if is_dataclass(kind) else kind._fields


def _defaults(kind: Any) -> dict[str, Any]:
    if not is_dataclass(kind):
        return dict(kind._field_defaults)
    return {
        one.name: one.default if one.default_factory is MISSING else one.default_factory()
        for one in fields(kind)
        if one.default is not MISSING or one.default_factory is not MISSING
    }


def _named(kind: Any) -> str:
    return {
        list: "a list",
        dict: "an object",
        str: "a text",
        int: "a whole number",
        bool: "true or false",
        datetime: "an instant with its time zone",
        date: "a day",
    }.get(get_origin(kind) or kind, f"a {kind.__name__ if isinstance(kind, type) else 'value'}")
