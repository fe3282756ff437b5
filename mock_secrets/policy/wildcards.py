"""Wildcard matching without backtracking: the text is read once, however many stars the pattern has.

The pattern is an automaton whose states are the bits of one number, so that each character moves all of them at once
("Shift-And"; Baeza-Yates and Gonnet, "A new approach to text searching", 1992).
"""

from collections import defaultdict
from collections.abc import Sequence
from enum import Enum, auto
from itertools import takewhile
from typing import TypeAlias


class Wildcard(Enum):
    """A wildcard for any one character, or for any run of them; IN_SEGMENT ones do not match the separator."""

    ONE = auto()
    RUN = auto()
    ONE_IN_SEGMENT = auto()
    RUN_IN_SEGMENT = auto()


#: A character that stands for itself, or a wildcard.
Token: TypeAlias = str | Wildcard

_RUNS = (Wildcard.RUN, Wildcard.RUN_IN_SEGMENT)


class Glob:
    """A pattern that is compared with whole texts.

    :param separator: the character that IN_SEGMENT wildcards do not match.
    """

    def __init__(self, tokens: Sequence[Token], separator: str = ":") -> None:
        self._head = "".join(map(str, takewhile(lambda token: isinstance(token, str), tokens)))
        # State 0 is after the head. A run is a loop on its state; any other token leads from its state to the next.
        state, states_of = 1, defaultdict[Token, int](int)
        for token in tokens[len(self._head) :]:
            states_of[token] |= state
            if token not in _RUNS:
                state <<= 1
        self._end = state
        ones = states_of[Wildcard.ONE] | states_of[Wildcard.ONE_IN_SEGMENT]
        runs = states_of[Wildcard.RUN] | states_of[Wildcard.RUN_IN_SEGMENT]
        # By character: the states from which it leads on, and those in which it stays.
        self._moves = {token: (states | ones, runs) for token, states in states_of.items() if isinstance(token, str)}
        self._moves[separator] = (states_of[separator] | states_of[Wildcard.ONE], states_of[Wildcard.RUN])
        self._moves_of_others = (ones, runs)
        self._takes_any_rest = self._end & states_of[Wildcard.RUN]

    def matches(self, text: str) -> bool:
        if not text.startswith(self._head):
            return False
        moves, of_others, takes_any_rest = self._moves.get, self._moves_of_others, self._takes_any_rest
        states = 1
        for character in text[len(self._head) :]:
            if states & takes_any_rest:
                return True
            on, stay = moves(character, of_others)
            states = (states & on) << 1 | states & stay
            if not states:
                return False
        return states & self._end != 0
