"""Policy variables, and what wildcards mean in each place of a policy.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

# The keys of a request, in lower case, each with its values. Truths are "true" and "false", dates ISO 8601.
RequestContext: TypeAlias = Mapping[str, Sequence[str]]

# Texts in which wildcards count and values in which they don't, in turn.
_Filled: TypeAlias = tuple[str, ...]

_VARIABLE = re.compile(r"\$\{(?P<key>[^}',]+?)(?:\s*,\s*'(?P<default>[^']*)')?\}")
_CHARACTERS: RequestContext = {character: [character] for character in "*?$"}


class _Variable(NamedTuple):
    """``${key}``, or ``${key, 'default'}``."""

    key: str
    default: str | None

    def value(self, context: RequestContext) -> str | None:
        """What stands for it; a key of several values can't be one."""
        values = _CHARACTERS.get(self.key) or context.get(self.key.lower(), ())
        return values[0] if len(values) == 1 else self.default


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text of a policy in which variables may stand, and with most operators wildcards.

    :ivar text: as the policy has it.
    """

    text: str
    _texts: tuple[str, ...]
    _variables: tuple[_Variable, ...] = ()

    @classmethod
    def plain(cls, text: str) -> "Pattern":
        """Of a policy whose version knows no variables."""
        return cls(text, (text,))

    @classmethod
    def with_variables(cls, text: str) -> "Pattern":
        texts: list[str] = []
        variables: list[_Variable] = []
        end = 0
        for found in _VARIABLE.finditer(text):
            texts.append(text[end : found.start()])
            variables.append(_Variable(found["key"], found["default"]))
            end = found.end()
        return cls(text, (*texts, text[end:]), tuple(variables))

    def filled(self, context: RequestContext) -> _Filled | None:
        """The text with the values of its variables, or None if one has no value."""
        filled = [self._texts[0]]
        for variable, following in zip(self._variables, self._texts[1:], strict=True):
            value = variable.value(context)
            if value is None:
                return None
            filled += value, following
        return tuple(filled)


def action_matches(pattern: str, action: str) -> bool:
    """Whether a pattern of the Action element is about this action."""
    return text_matches(Pattern.plain(pattern.lower()), action.lower(), {})


def text_matches(pattern: Pattern, text: str, context: RequestContext) -> bool:
    """Whether the whole text is as the pattern says."""
    filled = pattern.filled(context)
    return filled is not None and _over_text(_escaped(filled)).fullmatch(text) is not None


def arn_matches(pattern: Pattern, arn: str, context: RequestContext) -> bool:
    """Whether a pattern of the Resource element is about this ARN."""
    filled = pattern.filled(context)
    return filled is not None and _over_segments(_escaped(filled)).fullmatch(f"{arn}:") is not None


def arn_like(pattern: Pattern, arn: str, context: RequestContext) -> bool:
    """Whether each component of an ARN is as the pattern's component says."""
    filled = pattern.filled(context)
    if filled is None:
        return False
    wanted, given = _escaped(filled).split(":", 5), arn.split(":", 5)
    if len(wanted) != 6 or len(given) != 6 or given[0] != "arn":
        return False
    return all(_over_text(one).fullmatch(other) for one, other in zip(wanted, given, strict=True))


def substituted(pattern: Pattern, context: RequestContext) -> str | None:
    """The text with the values of its variables, or None if one has no value."""
    filled = pattern.filled(context)
    return None if filled is None else "".join(filled)


def _escaped(filled: _Filled) -> str:
    """The pattern as a regular expression but for its wildcards, which are the only `*` and `?` left in it."""
    return "".join(_literal(text) if place % 2 else _wild(text) for place, text in enumerate(filled))


def _wild(text: str) -> str:
    return re.escape(text).replace(r"\*", "*").replace(r"\?", "?")


def _literal(value: str) -> str:
    return re.escape(value).replace(r"\*", r"\x2a").replace(r"\?", r"\x3f")


@lru_cache(maxsize=1024)
def _over_text(escaped: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\*+", ".*", escaped.replace("?", ".")), re.DOTALL)


# By the last character of what is found: a `*` reaches beyond its segment only from the segment's end.
_IN_SEGMENTS = {":": ".*:", "*": "[^:]*", "?": "[^:]"}


@lru_cache(maxsize=1024)
def _over_segments(escaped: str) -> re.Pattern[str]:
    """What matches an ARN that ends in a colon, so that every segment does."""
    return re.compile(re.sub(r"\*+:?|\?", lambda found: _IN_SEGMENTS[found[0][-1]], f"{escaped}:"), re.DOTALL)
