"""Checks a request against botocore's model of the service, in AWS's words.

Lengths, ranges, enums, patterns, required and sensitive members all come from
the model that botocore ships, so there is no second copy of them to go stale.
botocore itself checks only the minimums before it sends; the rest is refused by
the service, and so here.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from botocore import xform_name
from botocore.loaders import create_loader
from botocore.model import ServiceModel, Shape

from mock_secrets.errors import ConstraintViolations, WrongType

Violations: TypeAlias = Iterator[str]
Check: TypeAlias = Callable[[Any, str], Violations]


@dataclass(frozen=True)
class Member:
    """One input member of an operation."""

    name: str
    argument: str
    required: bool
    sensitive: bool
    read: Callable[[Any], Any]
    check: Check


@dataclass(frozen=True)
class OperationShape:
    """What the service's model says of one operation."""

    name: str
    members: tuple[Member, ...]
    has_output: bool
    token_member: str | None

    @property
    def sensitive(self) -> tuple[str, ...]:
        return tuple(member.name for member in self.members if member.sensitive)

    def read(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The known members in their Python types; members that the service does not know are ignored, as by AWS.

        :raises WrongType:
        """
        return {member.name: member.read(params[member.name]) for member in self.members if member.name in params}

    def check(self, params: Mapping[str, Any]) -> None:
        """:raises ConstraintViolations: naming every constraint that the members break."""
        violations: list[str] = []
        for member in self.members:
            path = _camel(member.name)
            if member.name in params:
                violations += member.check(params[member.name], path)
            elif member.required:
                violations.append(_violation("Value null", path, "Member must not be null"))
        if violations:
            count = len(violations)
            summary = f"{count} validation error" if count == 1 else f"{count} validation errors"
            raise ConstraintViolations(summary=summary, violations="; ".join(violations))

    def arguments(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The members under Python's names."""
        return {member.argument: params[member.name] for member in self.members if member.name in params}


@cache
def operations() -> dict[str, OperationShape]:
    """Every operation of the service, by AWS's name."""
    model = service_model()
    return {name: _operation(model, name) for name in model.operation_names}


@cache
def service_model() -> ServiceModel:
    return ServiceModel(create_loader().load_service_model("secretsmanager", "service-2"), "secretsmanager")


def _operation(model: ServiceModel, name: str) -> OperationShape:
    operation = model.operation_model(name)
    shape = operation.input_shape
    members = tuple(
        Member(
            name=member,
            argument=xform_name(member),
            required=member in shape.required_members,
            sensitive=_is_sensitive(member_shape),
            read=_reader(member_shape),
            check=_checker(member_shape, _is_sensitive(member_shape)),
        )
        for member, member_shape in shape.members.items()
    )
    tokens = [member for member, member_shape in shape.members.items() if "idempotencyToken" in member_shape.metadata]
    return OperationShape(name, members, operation.output_shape is not None, tokens[0] if tokens else None)


def _is_sensitive(shape: Shape) -> bool:
    return bool(shape.metadata.get("sensitive"))


def _camel(name: str) -> str:
    """A member's name as AWS spells it in a violation: its first letters lower, as in ``kmsKeyId``."""
    return name[0].lower() + name[1:]


def _violation(subject: str, path: str, rule: str) -> str:
    return f"{subject} at '{path}' failed to satisfy constraint: {rule}"


# --- Reading: JSON values into Python values ---

_JSON_NAMES: dict[type, str] = {
    str: "STRING_VALUE",
    bool: "BOOLEAN_VALUE",
    int: "NUMBER_VALUE",
    float: "NUMBER_VALUE",
    list: "LIST_VALUE",
    dict: "STRUCTURE_VALUE",
}


def _typed(kind: type, wanted: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise WrongType(found=_JSON_NAMES.get(type(value), "NULL_VALUE"), wanted=wanted)
        return value

    return read


def _read_blob(value: Any) -> bytes:
    text = _typed(str, "Blob")(value)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise WrongType(found="STRING_VALUE", wanted="Blob") from None


def _list_reader(shape: Any) -> Callable[[Any], Any]:
    read_list, read_member = _typed(list, "List"), _reader(shape.member)
    return lambda value: [read_member(member) for member in read_list(value)]


def _map_reader(shape: Any) -> Callable[[Any], Any]:
    read_map, read_value = _typed(dict, "Map"), _reader(shape.value)
    return lambda value: {key: read_value(member) for key, member in read_map(value).items()}


def _structure_reader(shape: Any) -> Callable[[Any], Any]:
    read_structure = _typed(dict, "Structure")
    readers = {name: _reader(member) for name, member in shape.members.items()}
    return lambda value: {
        name: readers[name](member)
        for name, member in read_structure(value).items()
        if name in readers and member is not None
    }


_READERS: dict[str, Callable[[Any], Callable[[Any], Any]]] = {
    "string": lambda shape: _typed(str, "String"),
    "boolean": lambda shape: _typed(bool, "Boolean"),
    "integer": lambda shape: _typed(int, "Integer"),
    "long": lambda shape: _typed(int, "Long"),
    "blob": lambda shape: _read_blob,
    "list": _list_reader,
    "map": _map_reader,
    "structure": _structure_reader,
}


def _reader(shape: Shape) -> Callable[[Any], Any]:
    return _READERS[shape.type_name](shape)


# --- Checking: the constraints of a shape, in Coral's words ---


def _rules(shape: Shape) -> list[tuple[Callable[[Any], bool], str]]:
    """What a single value must satisfy, as predicates with AWS's sentences."""
    rules: list[tuple[Callable[[Any], bool], str]] = []
    noun, measure = _MEASURES.get(shape.type_name, ("length", len))
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if high is not None:
        rules.append((lambda value: measure(value) <= high, f"Member must have {noun} less than or equal to {high}"))
    if low is not None:
        rules.append((lambda value: measure(value) >= low, f"Member must have {noun} greater than or equal to {low}"))
    pattern = shape.metadata.get("pattern")
    if pattern is not None:
        matches = re.compile(pattern).fullmatch
        rules.append(
            (lambda value: matches(value) is not None, f"Member must satisfy regular expression pattern: {pattern}")
        )
    enum = getattr(shape, "enum", None)
    if enum:
        rules.append((lambda value: value in enum, f"Member must satisfy enum value set: [{', '.join(enum)}]"))
    return rules


def _bytes_in(text: str) -> int:
    """A string's length in UTF-8, since the quota of a secret's value is given in bytes.

    GUESS for the other strings: whether AWS counts bytes or characters outside ASCII is on no record.
    """
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _number(value: int) -> int:
    return value


_MEASURES: dict[str, tuple[str, Callable[[Any], int]]] = {
    "string": ("length", _bytes_in),
    "integer": ("value", _number),
    "long": ("value", _number),
}


def _checker(shape: Any, sensitive: bool) -> Check:
    rules = _rules(shape)
    show = _hidden if sensitive else _shown

    def check(value: Any, path: str) -> Violations:
        for holds, sentence in rules:
            if not holds(value):
                yield _violation(show(value), path, sentence)
        yield from check_members(value, path)

    check_members = _MEMBER_CHECKERS.get(shape.type_name, _no_members)(shape)
    return check


def _no_members(shape: Any) -> Check:
    return lambda value, path: iter(())


def _list_checker(shape: Any) -> Check:
    member = shape.member
    if member.type_name == "structure":
        check_member = _checker(member, sensitive=False)

        def check_structures(value: list[Any], path: str) -> Violations:
            for index, item in enumerate(value, start=1):
                yield from check_member(item, f"{path}.{index}.member")

        return check_structures

    rules = _rules(member)

    def check_scalars(value: list[Any], path: str) -> Violations:
        if any(not holds(item) for item in value for holds, _ in rules):
            sentences = ", ".join(sentence for _, sentence in rules)
            yield _violation(_shown(value), path, f"Member must satisfy constraint: [{sentences}]")

    return check_scalars


def _structure_checker(shape: Any) -> Check:
    members = [
        (name, _camel(name), name in shape.required_members, _checker(member, _is_sensitive(member)))
        for name, member in shape.members.items()
    ]

    def check(value: dict[str, Any], path: str) -> Violations:
        for name, camel, required, check_member in members:
            if name in value:
                yield from check_member(value[name], f"{path}.{camel}")
            elif required:
                yield _violation("Value null", f"{path}.{camel}", "Member must not be null")

    return check


_MEMBER_CHECKERS: dict[str, Callable[[Any], Check]] = {
    "list": _list_checker,
    "structure": _structure_checker,
}


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"Value '[{', '.join(map(str, value))}]'"
    return f"Value '{value}'"


def _hidden(value: Any) -> str:
    return "Value"
