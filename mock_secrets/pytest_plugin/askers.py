"""Tests and fixtures of wider scopes: the fixtures they request, and the mocks they get from them."""

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_secrets.activation import Entrance, Running

SCOPES = ("session", "package", "module", "class")


class Asker:
    """Something that requests fixtures and starts mocks: a test, a fixture of a wider scope, or neither.

    :ivar asked: the requested fixtures that have a mock, directly or indirectly, in the order of the requests.
    :ivar refusal: why it may not start a mock now; None if it may.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.asked: list[Fixture] = []
        self.entrances: list[Entrance] = []
        self.refusal: str | None = None

    @property
    def open(self) -> "list[Entrance]":
        """Its entrances that are not yet left."""
        return [entrance for entrance in self.entrances if entrance.is_open]

    def ask(self, fixture: "Fixture") -> None:
        if fixture not in self.asked:
            self.asked.append(fixture)

    @property
    def narrowest(self) -> "Running | None":
        """The mock of its fixture with the narrowest scope, or of the last one of that scope."""
        holders = [one for one in self.reach() if one.held]
        holders.sort(key=lambda one: SCOPES.index(one.scope))
        return holders[-1].held if holders else None

    def reach(self) -> "list[Fixture]":
        """The fixtures whose mock it may use."""
        return self.closure()

    def closure(self) -> "list[Fixture]":
        """The fixtures requested directly and indirectly, in the order in which they would be set up for it alone."""
        found: dict[Fixture, None] = {}
        for one in self.asked:
            found.update(dict.fromkeys([*one.closure(), one]))
        return list(found)


class Fixture(Asker):
    """A fixture of a wider scope, from its set-up to its tear-down.

    :ivar given: the autouse fixtures with a mock that it has.
    :ivar changes: the number of changes to its mock before its set-up.
    """

    def __init__(self, definition: Any, request: Any) -> None:
        super().__init__(definition.argname)
        self.scope: str = request.scope
        self.definition = definition
        self.finish = partial(definition.finish, request)
        self.given: list[Fixture] = []
        self.changes = 0

    @property
    def held(self) -> "Running | None":
        """The mock that it started, while that is active."""
        held = [one.running for one in self.entrances if one.has_begun_it and one.running.entrances]
        return held[-1] if held else None

    @property
    def holds_a_mock(self) -> bool:
        """Whether whatever requests it gets a mock, directly or indirectly."""
        return any(one.held for one in [*self.closure(), self])

    def is_as_wide_as(self, other: "Fixture") -> bool:
        return SCOPES.index(self.scope) <= SCOPES.index(other.scope)

    def ask(self, fixture: "Fixture") -> None:
        if fixture not in self.asked:
            super().ask(fixture)
            fixture.outlives(self)

    def give(self, fixture: "Fixture") -> None:
        """Note an autouse fixture."""
        self.given.append(fixture)
        fixture.outlives(self)

    def reach(self) -> "list[Fixture]":
        given = (found for one in self.given for found in [*one.closure(), one])
        return list(dict.fromkeys([*given, *self.closure()]))

    def outlives(self, other: "Fixture") -> None:
        """Make sure that it is torn down after the other."""
        # pytest does so itself where a fixture names what it requests, and since 8.1 also elsewhere.
        self.definition.addfinalizer(other.finish)
