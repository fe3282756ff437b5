"""What CloudTrail keeps: the events of one backend, and the values that none of them may show."""

from mock_secrets.aws.records import Event
from mock_secrets.kernel.call import RedactedBytes, RedactedStr


class EventLog:
    """The events in their order, and every value that a secret ever had with the secret's name."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._values: dict[tuple[RedactedStr | RedactedBytes, str], None] = {}

    @property
    def values(self) -> list[tuple[RedactedStr | RedactedBytes, str]]:
        return list(self._values)

    def append(self, event: Event) -> None:
        self.events.append(event)

    def forget(self, event: Event) -> None:
        """Take an event out again: what it tells of did not happen."""
        if event in self.events:
            self.events.remove(event)

    def remember(self, value: RedactedStr | RedactedBytes, secret_name: str) -> None:
        """Know a value that a secret has, so that it is looked for in the log."""
        self._values[value, secret_name] = None
