"""What CloudTrail keeps: the events of one backend, and the values that none of them may show."""

from collections.abc import Callable

from mock_secrets.aws.records import Event
from mock_secrets.kernel.journal import Journaled, JournaledDict, JournaledList
from mock_secrets.kernel.masking import masker, name_masker
from mock_secrets.kernel.redaction import Redacted, Values


class EventLog(Journaled):
    """The events in their order, and every value that a secret ever had with the secret's name.

    :param ever: is told each value, and forgets none when the log does.
    :param most: how many events are kept, the latest; None for all.
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
        """The events that are kept, each with its place among all that were logged."""
        return list(enumerate(self.events, self._dropped))

    def remember(self, value: Redacted, secret_name: str) -> None:
        """Know a value that a secret has, so that it is looked for in the log."""
        self._values[value, secret_name] = None
        self._ever.add(value)

    def masker(self) -> Callable[[str], str]:
        """What takes the values of now out of texts that somebody else's code made, an exception's say."""
        return str if self._ever.are_shown else masker(value for value, _ in self._values)

    def name_masker(self) -> Callable[[str], str]:
        """What takes them out of the names of secrets."""
        return str if self._ever.are_shown else name_masker(value for value, _ in self._values)
