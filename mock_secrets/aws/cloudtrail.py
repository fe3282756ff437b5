"""What CloudTrail keeps: the events of one backend, and the values that none of them may show."""

from mock_secrets.aws.records import Event
from mock_secrets.kernel.journal import Journaled, JournaledDict, JournaledList
from mock_secrets.kernel.masking import masked
from mock_secrets.kernel.redaction import Redacted, Values


class EventLog(Journaled):
    """The events in their order, and every value that a secret ever had with the secret's name.

    :param ever: is told each value, and forgets none when the log does.
    """

    __slots__ = ("_ever", "_values", "events")

    def __init__(self, ever: Values) -> None:
        self.events: JournaledList[Event] = JournaledList()
        self._values: JournaledDict[tuple[Redacted, str], None] = JournaledDict()
        self._ever = ever

    @property
    def values(self) -> list[tuple[Redacted, str]]:
        return list(self._values)

    def append(self, event: Event) -> None:
        self.events.append(event)

    def remember(self, value: Redacted, secret_name: str) -> None:
        """Know a value that a secret has, so that it is looked for in the log."""
        self._values[value, secret_name] = None
        self._ever.add(value)

    def without_values(self, text: str) -> str:
        """A text that somebody else's code made, an exception's say, without the values that are in it."""
        return masked(text, [value for value, _ in self._values])
