"""Policy variables, and the matching of wildcards in each element of a policy.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from mock_secrets.policy.wildcards import Glob, Token, Wildcard

# The condition keys of a request, in lower case, with their values. Booleans are "true" and "false", dates ISO 8601.
RequestContext: TypeAlias = Mapping[str, Sequence[str]]

# A pattern with its variables filled in: text, value, text and so on. Wildcards in a value stand for themselves.
_Filled: TypeAlias = tuple[str, ...]

# The second alternative consumes what only starts like a variable, so that it is not searched again.
_VARIABLE = re.compile(r"\$\{(?P<key>[^}',]+)(?:,\s*'(?P<default>[^']*)')?\}|\$\{[^}',]*")
_CHARACTERS: RequestContext = {character: [character] for character in "*?$"}
_WILDCARDS = {"*": Wildcard.RUN, "?": Wildcard.ONE}
_IN_SEGMENT = {Wildcard.RUN: Wildcard.RUN_IN_SEGMENT, Wildcard.ONE: Wildcard.ONE_IN_SEGMENT}


class _Variable(NamedTuple):
    """``${key}``, or ``${key, 'default'}``."""

    key: str
    default: str | None

    def value(self, context: RequestContext) -> str | None:
        """The variable's value in a request, or else its default. A key with several values counts as absent."""
        values = _CHARACTERS.get(self.key) or context.get(self.key.lower(), ())
        return values[0] if len(values) == 1 else self.default


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text in a policy, with its variables.

    :ivar text: the text as written in the policy.
    """

    text: str
    _texts: tuple[str, ...]
    _variables: tuple[_Variable, ...] = ()

    @classmethod
    def plain(cls, text: str) -> "Pattern":
        """A text in a policy whose version has no variables: ``${`` stands for itself."""
        return cls(text, (text,))

    @classmethod
    def with_variables(cls, text: str) -> "Pattern":
        texts: list[str] = []
        variables: list[_Variable] = []
        end = 0
        for found in _VARIABLE.finditer(text):
            key, default = found["key"], found["default"]
            if key:
                texts.append(text[end : found.start()])
                variables.append(_Variable(key if default is None else key.rstrip(), default))
                end = found.end()
        return cls(text, (*texts, text[end:]), tuple(variables))

    def filled(self, context: RequestContext) -> _Filled | None:
        """The pattern with the values of its variables, or None if one has no value."""
        filled = [self._texts[0]]
        for variable, following in zip(self._variables, self._texts[1:], strict=True):
            value = variable.value(context)
            if value is None:
                return None
            filled += value, following
        return tuple(filled)


def action_matches(pattern: str, action: str) -> bool:
    """Whether a pattern of the Action element matches an action."""
    return _text_glob((pattern.lower(),)).matches(action.lower())


def action_covers(pattern: str, other: str) -> bool:
    """Whether a pattern of the Action element visibly matches everything that another one matches."""
    tokens = [Wildcard.ONE_IN_SEGMENT if token is Wildcard.ONE else token for token in _tokens((pattern.lower(),))]
    return Glob(tokens, separator="*").matches(other.lower())


def text_matches(pattern: Pattern, text: str, context: RequestContext) -> bool:
    """Whether a pattern matches the whole text."""
    filled = pattern.filled(context)
    return filled is not None and _text_glob(filled).matches(text)


def arn_matches(pattern: Pattern, arn: str, context: RequestContext) -> bool:
    """Whether a pattern of the Resource element matches an ARN."""
    filled = pattern.filled(context)
    return filled is not None and _resource_glob(filled).matches(arn)


def arn_like(pattern: Pattern, arn: str, context: RequestContext) -> bool:
    """Whether each component of a pattern matches the same component of the ARN."""
    filled = pattern.filled(context)
    glob = None if filled is None else _arn_glob(filled)
    return glob is not None and arn.startswith("arn:") and glob.matches(arn)


def substituted(pattern: Pattern, context: RequestContext) -> str | None:
    """The text with the values of its variables, or None if one has no value."""
    filled = pattern.filled(context)
    return None if filled is None else "".join(filled)


def _tokens(filled: _Filled) -> list[Token]:
    tokens: list[Token] = []
    for place, text in enumerate(filled):
        tokens += text if place % 2 else [_WILDCARDS.get(character, character) for character in text]
    return tokens


@lru_cache(maxsize=1024)
def _text_glob(filled: _Filled) -> Glob:
    return Glob(_tokens(filled))


@lru_cache(maxsize=1024)
def _resource_glob(filled: _Filled) -> Glob:
    """The glob of a Resource pattern. A star matches beyond its segment only at the end of the segment."""
    tokens: list[Token] = []
    following: Token = ":"
    for token in reversed(_tokens(filled)):
        if token is not Wildcard.RUN:
            following = token
        reaches_on = token is Wildcard.RUN and following == ":"
        tokens.append(token if reaches_on else _in_segment(token))
    return Glob(tokens[::-1])


@lru_cache(maxsize=1024)
def _arn_glob(filled: _Filled) -> Glob | None:
    """The glob of an ARN operator; None for fewer than six components. Only the last component may contain colons."""
    tokens = _tokens(filled)
    colons = [place for place, token in enumerate(tokens) if token == ":"]
    if len(colons) < 5:
        return None
    last = colons[4]
    return Glob([*map(_in_segment, tokens[:last]), *tokens[last:]])


def _in_segment(token: Token) -> Token:
    return token if isinstance(token, str) else _IN_SEGMENT[token]
