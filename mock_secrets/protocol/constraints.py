"""The constraints of the service model, and AWS's sentences for values that violate them.

botocore checks only minimums before it sends a request; everything else is checked by the service. The sentences are
those of AWS's own framework. They are recorded for the lengths of sensitive members and for null; the others follow
the same form.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

from botocore.model import Shape

Violations: TypeAlias = Iterable[str]
Check: TypeAlias = Callable[[Any, str], Violations]

NOT_NULL = "Member must not be null"


class _Rule(NamedTuple):
    """A condition on a single value, with AWS's sentence."""

    holds: Callable[[Any], object]
    sentence: str


def is_sensitive(shape: Shape) -> bool:
    return bool(shape.metadata.get("sensitive"))


def camel(name: str) -> str:
    """A member's name as violations spell it, with its first letter in lower case, as in ``kmsKeyId``."""
    return name[0].lower() + name[1:]


def violation(subject: str, path: str, rule: str) -> str:
    return f"{subject} at '{path}' failed to satisfy constraint: {rule}"


def checker(shape: Shape) -> Check:
    """A function that gives the violations of a value of this shape, in the order of the model."""
    rules, show = _rules(shape), _hidden if is_sensitive(shape) else _shown
    check_members = _members_checker(shape)

    def violations(value: Any, path: str) -> Iterator[str]:
        for rule in rules:
            if not rule.holds(value):
                yield violation(show(value), path, rule.sentence)
        if check_members is not None:
            yield from check_members(value, path)

    if check_members is not None:
        return violations

    holds = [rule.holds for rule in rules]

    def check(value: Any, path: str) -> Violations:
        # The fast path: nearly every value is valid.
        for holds_rule in holds:
            if not holds_rule(value):
                return violations(value, path)
        return ()

    return check


def _rules(shape: Shape) -> list[_Rule]:
    measure: Callable[[Any], int]
    noun, measure = ("value", _number) if shape.type_name in ("integer", "long") else ("length", len)
    if shape.type_name == "string" and is_sensitive(shape):
        measure = _bytes_in
    low, high, pattern = (shape.metadata.get(key) for key in ("min", "max", "pattern"))
    enum = getattr(shape, "enum", None)
    rules = []
    if high is not None:
        rules.append(_Rule(_at_most(high, measure), f"Member must have {noun} less than or equal to {high}"))
    if low is not None:
        rules.append(_Rule(_at_least(low, measure), f"Member must have {noun} greater than or equal to {low}"))
    if pattern is not None:
        matches = re.compile(pattern).fullmatch
        rules.append(_Rule(matches, f"Member must satisfy regular expression pattern: {pattern}"))
    if enum:
        rules.append(_Rule(lambda value: value in enum, f"Member must satisfy enum value set: [{', '.join(enum)}]"))
    return rules


def _at_most(high: int, measure: Callable[[Any], int]) -> Callable[[Any], bool]:
    # len() is called directly where possible, because a request has many lengths to check.
    return (lambda value: len(value) <= high) if measure is len else (lambda value: measure(value) <= high)


def _at_least(low: int, measure: Callable[[Any], int]) -> Callable[[Any], bool]:
    # The most common minimum is 1, for which bool() is enough.
    return bool if low == 1 and measure is not _number else (lambda value: measure(value) >= low)


def _bytes_in(text: str) -> int:
    """The length of a secret value in UTF-8. Its quota is in bytes (User Guide); other lengths are in characters."""
    return len(text) if text.isascii() else len(text.encode())


def _number(value: int) -> int:
    return value


def _members_checker(shape: Shape) -> Check | None:
    if shape.type_name == "structure":
        return _structure_checker(shape)
    if shape.type_name == "list":
        return _structures_checker(shape) if shape.member.type_name == "structure" else _scalars_checker(shape)
    return None


def _structures_checker(shape: Shape) -> Check:
    check_member = checker(shape.member)

    def check(value: list[Any], path: str) -> Violations:
        for index, member in enumerate(value, start=1):
            yield from check_member(member, f"{path}.{index}.member")

    return check


def _scalars_checker(shape: Shape) -> Check:
    rules = _rules(shape.member)
    sentences = ", ".join(rule.sentence for rule in rules)

    def check(value: list[Any], path: str) -> Violations:
        if not all(rule.holds(member) for member in value for rule in rules):
            yield violation(_shown(value), path, f"Member must satisfy constraint: [{sentences}]")

    return check


def _structure_checker(shape: Shape) -> Check:
    members = [
        (name, camel(name), name in shape.required_members, checker(member)) for name, member in shape.members.items()
    ]

    def check(value: dict[str, Any], path: str) -> Violations:
        for name, step, required, check_member in members:
            if name in value:
                yield from check_member(value[name], f"{path}.{step}")
            elif required:
                yield violation("Value null", f"{path}.{step}", NOT_NULL)

    return check


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"Value '[{', '.join(map(str, value))}]'"
    return f"Value '{value}'"


def _hidden(_: Any) -> str:
    return "Value"
