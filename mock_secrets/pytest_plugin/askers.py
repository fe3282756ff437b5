"""Tests and fixtures of wider scopes: whom they ask for, and what mocks they have by that."""

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_secrets.activation import Entrance, Running

SCOPES = ("session", "package", "module", "class")


class Asker:
    """Who asks for fixtures and begins mocks: a test, a fixture of a wider scope, or nobody.

    :ivar asked: the fixtures that hold a mock, themselves or by others, in the order in which it asked for them.
    :ivar refusal: why no mock can begin on its account now, if none can.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.asked: list[Fixture] = []
        self.entrances: list[Entrance] = []
        self.refusal: str | None = None

    @property
    def open(self) -> "list[Entrance]":
        """What it has entered and not left."""
        return [entrance for entrance in self.entrances if entrance.is_open]

    def ask(self, fixture: "Fixture") -> None:
        if fixture not in self.asked:
            self.asked.append(fixture)

    @property
    def narrowest(self) -> "Running | None":
        """The mock of the narrowest fixture that it has; of several of one scope, of the last."""
        holders = [one for one in self.reach() if one.held]
        holders.sort(key=lambda one: SCOPES.index(one.scope))
        return holders[-1].held if holders else None

    def reach(self) -> "list[Fixture]":
        """The fixtures in whose mocks it can be."""
        return self.closure()

    def closure(self) -> "list[Fixture]":
        """Whom it has asked for, and whom those have, in the order in which they would be set up for it alone."""
        found: dict[Fixture, None] = {}
        for one in self.asked:
            found.update(dict.fromkeys([*one.closure(), one]))
        return list(found)


class Fixture(Asker):
    """A fixture of a wider scope for as long as it lives.

    :ivar given: the fixtures that it has without asking, among those that hold a mock.
    :ivar changes: how often its mock had changed before its set-up.
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
        """The mock that it has begun."""
        held = [one.running for one in self.entrances if one.has_begun_it and one.running.entrances]
        return held[-1] if held else None

    @property
    def holds_a_mock(self) -> bool:
        """Whether those who ask for it have a mock by it."""
        return any(one.held for one in [*self.closure(), self])

    def is_as_wide_as(self, other: "Fixture") -> bool:
        return SCOPES.index(self.scope) <= SCOPES.index(other.scope)

    def ask(self, fixture: "Fixture") -> None:
        if fixture not in self.asked:
            super().ask(fixture)
            fixture.outlives(self)

    def give(self, fixture: "Fixture") -> None:
        """Have it without asking."""
        self.given.append(fixture)
        fixture.outlives(self)

    def reach(self) -> "list[Fixture]":
        given = (found for one in self.given for found in [*one.closure(), one])
        return list(dict.fromkeys([*given, *self.closure()]))

    def outlives(self, other: "Fixture") -> None:
        """Be torn down after another."""
        # pytest sees to it where a fixture names what it asks for; from pytest 8.1 on also elsewhere.
        self.definition.addfinalizer(other.finish)
