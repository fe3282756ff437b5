"""The Condition element of a statement, and whether a request satisfies it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

import base64
import ipaddress
import operator
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from mock_secrets.policy.document import Condition, plain_operator
from mock_secrets.policy.patterns import Pattern, RequestContext, arn_like, substituted, text_matches

# Whether the request's value satisfies the policy's value.
_Comparison: TypeAlias = Callable[[Pattern, str, RequestContext], bool]


def satisfied(condition: Condition, context: RequestContext) -> bool:
    """Whether a request satisfies a condition: all operators hold for all their keys."""
    return all(
        _holds(name, context.get(key.lower()), values, context)
        for name, keys in condition.items()
        for key, values in keys.items()
    )


def keys_of(condition: Condition) -> set[str]:
    """The keys that a condition is about, in lower case."""
    return {key.lower() for keys in condition.values() for key in keys}


def _holds(name: str, given: Sequence[str] | None, wanted: list[Pattern], context: RequestContext) -> bool:
    plain = plain_operator(name)
    if plain == "Null":
        return ("false" if given else "true") in [one.text.lower() for one in wanted]
    if given is None:
        return _holds_without_key(name)
    compare = _COMPARISONS[plain.replace("Not", "")]
    is_one = (any(compare(one, value, context) for one in wanted) for value in given)
    return _holds_over(name, given, [one != _is_negated(name) for one in is_one])


def _holds_without_key(name: str) -> bool:
    quantifier = _quantifier(name)
    if name.endswith("IfExists") or quantifier == "ForAllValues":
        return True
    return _is_negated(name) and not quantifier


def _holds_over(name: str, given: Sequence[str], verdicts: list[bool]) -> bool:
    """Whether enough of a request's values pass."""
    quantifier = _quantifier(name)
    if quantifier and not any(given):  # both quantifiers count an empty text as no value
        return quantifier == "ForAllValues"
    # AWS does not define several values for an operator without a quantifier. Here they are alternatives, like those
    # of the policy.
    needs_all = quantifier == "ForAllValues" or (not quantifier and _is_negated(name))
    return all(verdicts) if needs_all else any(verdicts)


def _quantifier(name: str) -> str:
    return name.rpartition(":")[0]


def _is_negated(name: str) -> bool:
    return "Not" in name


def _equals(wanted: Pattern, given: str, context: RequestContext) -> bool:
    return given == substituted(wanted, context)


def _equals_ignoring_case(wanted: Pattern, given: str, context: RequestContext) -> bool:
    text = substituted(wanted, context)
    return text is not None and given.lower() == text.lower()


def _compared(compare: Callable[[Any, Any], bool], read: Callable[[str], Any]) -> _Comparison:
    """A comparison of parsed values, without variables. A text that can't be parsed matches nothing."""

    def comparison(wanted: Pattern, given: str, _: RequestContext) -> bool:
        try:
            return compare(read(given), read(wanted.text))
        except (ValueError, ArithmeticError):
            return False

    return comparison


def _truth(text: str) -> bool:
    return ("false", "true").index(text.lower()) == 1


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _number(text: str) -> Decimal:
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", text):
        raise ValueError(text)
    return Decimal(text)


# The ISO 8601 profiles of https://www.w3.org/TR/NOTE-datetime: a part may be left out together with all later ones.
_DATE = re.compile(
    r"(?P<year>[0-9]{4})(-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2})"
    r"(T(?P<time>[0-9]{2}:[0-9]{2})(:(?P<second>[0-9]{2})(\.(?P<fraction>[0-9]+))?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2}))?)?)?"
)
_FIRST = {"month": "01", "day": "01", "time": "00:00", "second": "00", "fraction": "0", "zone": "Z"}


def _instant(text: str) -> float:
    """Seconds since 1970. Four digits alone are a year, which is the shortest of the profiles."""
    found = _DATE.fullmatch(text)
    if not found:
        return float(_number(text))
    part = _FIRST | {name: value for name, value in found.groupdict().items() if value}
    zone = part["zone"].replace("Z", "+00:00")
    fraction = part["fraction"][:6].ljust(6, "0")
    date = f"{part['year']}-{part['month']}-{part['day']}T{part['time']}:{part['second']}.{fraction}{zone}"
    return datetime.fromisoformat(date).timestamp()


def _is_within(wanted: Pattern, given: str, _: RequestContext) -> bool:
    try:
        return ipaddress.ip_address(given) in ipaddress.ip_network(wanted.text, strict=False)
    except ValueError:
        return False


_ORDER = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
# A negated operator holds if the one without "Not" does not.
_COMPARISONS: dict[str, _Comparison] = {
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": _equals_ignoring_case,
    "StringLike": text_matches,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": _compared(operator.eq, _truth),
    "BinaryEquals": _compared(operator.eq, _bytes),
    "IpAddress": _is_within,
    **{f"Numeric{name}": _compared(compare, _number) for name, compare in _ORDER.items()},
    **{f"Date{name}": _compared(compare, _instant) for name, compare in _ORDER.items()},
}
