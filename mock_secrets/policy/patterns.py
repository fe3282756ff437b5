"""Wildcards and policy variables.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

# The keys of a request, in lower case, each with its values. Truths are "true" and "false", dates ISO 8601.
RequestContext: TypeAlias = Mapping[str, Sequence[str]]

_VARIABLE = re.compile(r"\$\{([^}',]+?)(?:\s*,\s*'([^']*)')?\}")
_CHARACTERS: RequestContext = {character: [character] for character in "*?$"}


def action_matches(pattern: str, action: str) -> bool:
    """Whether a pattern of the Action element is about this action."""
    return text_matches(pattern.lower(), action.lower(), {}, variables=False)


def text_matches(pattern: str, text: str, context: RequestContext, *, variables: bool) -> bool:
    """Whether the whole text is as the pattern says."""
    escaped = _escaped(pattern, context, variables=variables)
    return escaped is not None and _over_text(escaped).fullmatch(text) is not None


def arn_matches(pattern: str, arn: str, context: RequestContext, *, variables: bool) -> bool:
    """Whether a pattern of the Resource element is about this ARN."""
    escaped = _escaped(pattern, context, variables=variables)
    return escaped is not None and _over_segments(escaped).fullmatch(f"{arn}:") is not None


def arn_like(pattern: str, arn: str, context: RequestContext, *, variables: bool) -> bool:
    """Whether each component of an ARN is as the pattern's component says."""
    escaped = _escaped(pattern, context, variables=variables)
    if escaped is None:
        return False
    wanted, given = escaped.split(":", 5), arn.split(":", 5)
    if len(wanted) != 6 or len(given) != 6 or given[0] != "arn":
        return False
    return all(_over_text(one).fullmatch(other) for one, other in zip(wanted, given, strict=True))


def substituted(text: str, context: RequestContext) -> str | None:
    """The text with the values of its variables, or None if one has no value."""
    return _filled(text, context, of_text=str, of_value=str)


def _escaped(pattern: str, context: RequestContext, *, variables: bool) -> str | None:
    """The pattern as a regular expression but for its wildcards, which are the only `*` and `?` left in it."""
    return _filled(pattern, context, of_text=_wild, of_value=_literal) if variables else _wild(pattern)


def _wild(text: str) -> str:
    return re.escape(text).replace(r"\*", "*").replace(r"\?", "?")


def _literal(value: str) -> str:
    return re.escape(value).replace(r"\*", r"\x2a").replace(r"\?", r"\x3f")


def _filled(
    text: str, context: RequestContext, *, of_text: Callable[[str], str], of_value: Callable[[str], str]
) -> str | None:
    parts = _VARIABLE.split(text)
    filled = [of_text(parts[0])]
    for key, default, following in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        value = _value(key, default, context)
        if value is None:
            return None
        filled += of_value(value), of_text(following)
    return "".join(filled)


def _value(key: str, default: str | None, context: RequestContext) -> str | None:
    """What stands for a variable; a key of several values can't be one."""
    values = _CHARACTERS.get(key) or context.get(key.lower(), ())
    return values[0] if len(values) == 1 else default


@lru_cache(maxsize=1024)
def _over_text(escaped: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\*+", ".*", escaped.replace("?", ".")), re.DOTALL)


# By the last character of what is found: a `*` reaches beyond its segment only from the segment's end.
_IN_SEGMENTS = {":": ".*:", "*": "[^:]*", "?": "[^:]"}


@lru_cache(maxsize=1024)
def _over_segments(escaped: str) -> re.Pattern[str]:
    """What matches an ARN that ends in a colon, so that every segment does."""
    return re.compile(re.sub(r"\*+:?|\?", lambda found: _IN_SEGMENTS[found[0][-1]], f"{escaped}:"), re.DOTALL)
