"""CloudTrail's log: the events of one backend, and the secret values that none of them may show."""

from collections.abc import Callable

from mock_secrets.aws.records import Event
from mock_secrets.kernel.journal import Journaled, JournaledDict, JournaledList
from mock_secrets.kernel.masking import masker, name_masker
from mock_secrets.kernel.redaction import Redacted, Values


class EventLog(Journaled):
    """The events in order, and every value that a secret ever had, with the secret's name.

    :param ever: collects each value too, and keeps it even if this log is rolled back.
    :param most: how many of the latest events to keep; None for all.
    """

    __slots__ = ("_dropped", "_ever", "_most", "_values", "events")

    def __init__(self, ever: Values, most: int | None = None) -> None:
        self.events: JournaledList[Event] = JournaledList(most=most)
        self._most = most
        self._dropped = 0
        self._values: JournaledDict[tuple[Redacted, str], None] = JournaledDict()
        self._ever = ever

    @property
    def values(self) -> list[tuple[Redacted, str]]:
        return list(self._values)

    def append(self, event: Event) -> None:
        if self._most is not None and len(self.events) == self._most:
            self._dropped += 1
        self.events.append(event)

    def numbered(self) -> list[tuple[int, Event]]:
        """The kept events, each with its number among all events ever logged."""
        return list(enumerate(self.events, self._dropped))

    def remember(self, value: Redacted, secret_name: str) -> None:
        """Remember a secret's value, so that leaks of it are found and it is masked in texts."""
        self._values[value, secret_name] = None
        self._ever.add(value)

    def masker(self) -> Callable[[str], str]:
        """A function that masks the values known now in texts from other code, such as exception messages."""
        return str if self._ever.are_shown else masker(value for value, _ in self._values)

    def name_masker(self) -> Callable[[str], str]:
        """A function that masks the values known now in the names of secrets."""
        return str if self._ever.are_shown else name_masker(value for value, _ in self._values)
