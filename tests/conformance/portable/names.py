"""Names that no other scenario has: what a scenario calls "db" is another secret at each of its runs, and it can't tell."""

import re
from collections.abc import Callable
from secrets import choice
from typing import Any

#: What every scenario is written for.
ACCOUNT = "123456789012"
REGION = "us-east-1"

_OURS = "mocksuite"
#: No vowels: nobody looks for a word of these.
_LETTERS = "ghjkvwyz"
_RUN, _SCENARIO = 8, 5
_LONGEST_NAME = 512
_FILTERS = 10

_VALUES = frozenset({"SecretString", "SecretBinary", "RandomPassword"})
_IDS = frozenset({"Name", "SecretId", "CrossAccountPrimaryARN", "CrossAccountReplicaARN"})


def of_a_run() -> str:
    """The beginning of all names of a run. It ends in no hyphen, before which AWS would take the rest for a suffix."""
    return f"{_OURS}-{''.join(choice(_LETTERS) for _ in range(_RUN))}/"


def of_a_scenario(run: str, number: int) -> str:
    """The beginning of the names of one scenario of a run."""
    digits = [_LETTERS[number >> 3 * place & 7] for place in range(_SCENARIO)]
    return f"{run}{''.join(digits)}/"


class Names:
    """A prefix put before names on their way out, and taken off on their way in; account and Region exchanged likewise.

    :param prefix: of the names of one scenario.
    :param account: the account that answers, which the scenario takes for 123456789012.
    :param region: its Region, which the scenario takes for us-east-1.
    """

    def __init__(self, prefix: str, *, account: str = ACCOUNT, region: str = REGION) -> None:
        self.prefix = prefix
        self._exchanged = {one: other for pair in ((account, ACCOUNT), (region, REGION)) for one, other in _both(*pair)}
        # By the names as they are sent, those that are too long to be longer.
        self._long: dict[str, str] = {}

    def exchange(self, text: str) -> str:
        """The other of two accounts or Regions, both ways."""
        if not self._exchanged:
            return text
        either = "|".join(sorted(map(re.escape, self._exchanged), key=len, reverse=True))
        return re.sub(either, lambda found: self._exchanged[found[0]], text)

    def out(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """What to send for a request of the scenario. The request stays as it is."""
        sent: dict[str, Any] = _each_text(params, self.exchange)
        for member in _IDS & set(sent):
            sent[member] = self._named(sent[member])
        if isinstance(ids := sent.get("SecretIdList"), list):
            sent["SecretIdList"] = [self._named(one) for one in ids]
        if isinstance(policy := sent.get("ResourcePolicy"), str):
            sent["ResourcePolicy"] = policy.replace(":secret:", f":secret:{self.prefix}")
        if operation == "ListSecrets" or "Filters" in sent:
            sent["Filters"] = self._own_alone(sent.get("Filters", []))
        return sent

    def back(self, operation: str, answer: dict[str, Any]) -> dict[str, Any]:
        """What the scenario is to see of an answer: nothing of secrets that are not its own."""
        listed = {"ListSecrets": "SecretList", "BatchGetSecretValue": "SecretValues"}.get(operation)
        if listed in answer:
            answer = {**answer, listed: [one for one in answer[listed] if self._is_own(one)]}
        seen: dict[str, Any] = _each_text(answer, self.restore)
        return seen

    def restore(self, text: str) -> str:
        """A text of the service as the scenario would have it."""
        for sent, name in self._long.items():
            text = text.replace(sent, name)
        return self.exchange(text.replace(self.prefix, ""))

    def _is_own(self, entry: dict[str, Any]) -> bool:
        return str(entry.get("Name", "")).startswith(self.prefix)

    def _named(self, name: Any) -> Any:
        """A name, or a complete or partial ARN. What is neither stays, to be refused as it is."""
        if not isinstance(name, str) or not name:
            return name
        if not name.startswith("arn:"):
            return self._lengthened(name)
        for sent, long in self._long.items():
            if f":secret:{long}" in name:
                return name.replace(long, sent)
        return name.replace(":secret:", f":secret:{self.prefix}", 1)

    def _lengthened(self, name: str) -> str:
        if len(self.prefix) + len(name) <= _LONGEST_NAME:
            return self.prefix + name
        # Its length is what the scenario is about, so it stays.
        sent = self.prefix + name[len(self.prefix) :]
        self._long[sent] = name
        return sent

    def _own_alone(self, filters: Any) -> Any:
        if not isinstance(filters, list) or not all(isinstance(one, dict) for one in filters):
            return filters
        own = [self._filter(one) for one in filters]
        if len(own) < _FILTERS and not any(one.get("Key") == "name" for one in own):
            own.append({"Key": "name", "Values": [self.prefix]})
        return own

    def _filter(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("Key") != "name" or not isinstance(given.get("Values"), list):
            return given
        return {**given, "Values": [self._filtered(value) for value in given["Values"]]}

    def _filtered(self, value: Any) -> Any:
        if not isinstance(value, str) or not value.strip("!"):
            return value
        sent = f"!{self.prefix}{value[1:]}" if value.startswith("!") else self.prefix + value
        return sent[: max(len(value), _LONGEST_NAME)]


def _both(one: str, other: str) -> list[tuple[str, str]]:
    return [] if one == other else [(one, other), (other, one)]


def _each_text(found: Any, change: Callable[[str], str]) -> Any:
    if isinstance(found, str):
        return change(found)
    if isinstance(found, dict):
        return {
            name: one if name in _VALUES or name == "ResponseMetadata" else _each_text(one, change)
            for name, one in found.items()
        }
    if isinstance(found, (list, tuple)):
        return [_each_text(one, change) for one in found]
    return found
