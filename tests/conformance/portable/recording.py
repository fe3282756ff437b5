"""What an endpoint answered, without what is secret and what differs from run to run."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_SECRET = frozenset({"SecretString", "SecretBinary", "RandomPassword"})
_SHORTEST = 4
_LONGEST = 300


@dataclass(frozen=True)
class Exchange:
    """A call as the scenario made it, and the answer as it saw it: its names, account and Region are not the real ones."""

    operation: str
    asked: dict[str, Any]
    answered: dict[str, Any]
    status: int | None


class Masks:
    """Stand-ins for secret values, one for each value, so that a reader still sees which are equal."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._stand_ins: dict[Any, str] = {}
        for exchange in exchanges:
            for value in (*_values(exchange.asked), *_values(exchange.answered)):
                self._stand_ins.setdefault(value, f"<value {len(self._stand_ins) + 1}>")

    def exchange(self, exchange: Exchange) -> dict[str, Any]:
        """The exchange as JSON can hold it."""
        return {
            "operation": exchange.operation,
            "request": self._masked(exchange.asked),
            "status": exchange.status,
            "answer": self._masked(exchange.answered),
        }

    def told(self, exchange: Exchange) -> str:
        """The answer in a line."""
        answer = self._masked(exchange.answered)
        error = answer.get("Error")
        text = f"{error.get('Code')}: {error.get('Message')}" if isinstance(error, dict) else str(answer)
        return f"{exchange.operation} -> {exchange.status} {text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}"

    def _masked(self, found: Any, member: str = "") -> Any:
        if member in _SECRET:
            return self._stand_ins.get(found, "<value>") if isinstance(found, (str, bytes)) else "<value>"
        if isinstance(found, dict):
            return {name: self._masked(one, name) for name, one in found.items() if name != "ResponseMetadata"}
        if isinstance(found, (list, tuple)):
            return [self._masked(one) for one in found]
        if isinstance(found, datetime):
            return "<date>"
        if isinstance(found, str):
            return "<token>" if member == "NextToken" else self._text(found)
        return found if isinstance(found, (int, float, bool, type(None))) else repr(found)

    def _text(self, text: str) -> str:
        for value, stand_in in self._stand_ins.items():
            if isinstance(value, str) and len(value) >= _SHORTEST:
                text = text.replace(value, stand_in)
        return re.sub(r"(:secret:[^\s\"']+)-[A-Za-z0-9]{6}\b", r"\1-<suffix>", text)


def _values(found: Any) -> Iterable[str | bytes]:
    if isinstance(found, dict):
        for name, one in found.items():
            if name in _SECRET:
                if isinstance(one, (str, bytes)):
                    yield one
            else:
                yield from _values(one)
    elif isinstance(found, (list, tuple)):
        for one in found:
            yield from _values(one)
