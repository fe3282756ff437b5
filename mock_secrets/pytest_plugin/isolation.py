"""Which mock a test, and a fixture of a wider scope, is in.

A mock that begins while a wider fixture is set up belongs to that fixture, and to the tests that have the fixture
among theirs. Every other test is without it: it is set aside, and comes back untouched. What a test itself has begun
and not ended is ended after its own finalizers, and told. One that began outside all tests and fixtures is joined.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from mock_secrets.kernel import phase

if TYPE_CHECKING:
    from mock_secrets.activation import Entrance, Running

_SCOPES = ("session", "package", "module", "class", "function")


class Isolation:
    """The mocks of wider fixtures in one session of pytest, and which of them is in force."""

    def __init__(self) -> None:
        # By the fixture in whose set-up they began, in the order of their age.
        self._owned: dict[Any, list[Running]] = {}
        # The fixtures that a wider fixture asks for, and those that they ask for.
        self._closures: dict[Any, list[Any]] = {}
        # What wider fixtures a test asked for that its signature does not name.
        self._asked_late: list[Any] = []
        self._item: Any = None
        self._outside: Running | None = None
        # The entrances that are not the test's own.
        self._others: list[Entrance] = []
        self._own_mocks = 0

    def begin_test(self, item: Any) -> None:
        self._item = item
        self._asked_late = []
        self._others = _open_entrances()
        current = _current()
        self._outside = None if current is None or current.is_wider else current

    def enter_phase(self) -> None:
        """Before a test's set-up, call or tear-down."""
        if not self._has_own_mock():
            self._switch_to_tests()
        current = _current()
        phase.begin_phase(None if current is None else current.backend)

    def end_test(self) -> "list[Entrance]":
        """:returns: who has begun a mock in the test and not ended it, once that is made good."""
        left = self._begun_by_test()
        _leave(left)
        _switch_to(self._outside)
        self._item = None
        return left

    @contextmanager
    def own_mock(self) -> Iterator[None]:
        """While the mock of a test lives: no wider one can begin."""
        self._own_mocks += 1
        try:
            yield
        finally:
            self._own_mocks -= 1

    @contextmanager
    def setting_up(self, fixture: Any, request: Any) -> Iterator[None]:
        """A wider fixture's set-up: in the narrowest mock that it asked for, whichever test triggers it."""
        self._closures[fixture] = self._closure(fixture, request)
        refusal = self._refusal(fixture)
        before = _switch_to(self._narrowest(self._closures[fixture]) or self._outside)
        with _refusing(refusal):
            yield
        if refusal is None:
            self._adopt(fixture)
        if self._has_own_mock():
            _switch_to(before)
        else:
            self._switch_to_tests()

    def begin_tear_down(self, fixture: Any) -> None:
        """Before a wider fixture's tear-down: in the same mock as its set-up, or in its own."""
        _switch_to(self._narrowest([fixture, *self._closures.get(fixture, [])]) or self._outside)

    def end_tear_down(self, fixture: Any) -> "list[Entrance]":
        """:returns: who has begun a mock in the fixture and not ended it, once that is made good."""
        left = [entrance for running in self._owned.pop(fixture, []) for entrance in running.entrances]
        _leave(left)
        self._closures.pop(fixture, None)
        self._switch_to_tests()
        return left

    def _adopt(self, fixture: Any) -> None:
        """Have the mocks that began in a fixture's set-up be its own."""
        begun = self._begun_by_test()
        self._others += begun
        for entrance in begun:
            entrance.running.is_wider = True
        runnings = list(dict.fromkeys(entrance.running for entrance in begun))
        if runnings:
            self._owned[fixture] = runnings
        if self._item is not None and fixture not in _fixtures_of(self._item):
            self._asked_late.append(fixture)

    def _closure(self, fixture: Any, request: Any) -> list[Any]:
        """What it asks for, and what all of its scope have without asking."""
        found = [request._get_active_fixturedef(name) for name in fixture.argnames if name != "request"]
        found += [one for one in _autouse_of(self._item) if _is_as_wide(one, fixture)]
        closure = [*found, *(other for one in found for other in self._closures.get(one, []))]
        return [one for one in dict.fromkeys(closure) if one is not fixture]

    def _switch_to_tests(self) -> None:
        fixtures = [*_fixtures_of(self._item), *self._asked_late] if self._item is not None else []
        _switch_to(self._narrowest(fixtures) or self._outside)

    def _narrowest(self, fixtures: Iterable[Any]) -> "Running | None":
        """The mock of the narrowest of these fixtures that has one; of several of one scope, the youngest."""
        ages = {fixture: age for age, fixture in enumerate(self._owned)}
        owners = [fixture for fixture in fixtures if fixture in ages]
        if not owners:
            return None
        return self._owned[max(owners, key=lambda fixture: (_SCOPES.index(fixture.scope), ages[fixture]))][-1]

    def _begun_by_test(self) -> "list[Entrance]":
        return [entrance for entrance in _open_entrances() if entrance not in self._others]

    def _has_own_mock(self) -> bool:
        return bool(self._own_mocks or self._begun_by_test())

    def _refusal(self, fixture: Any) -> str | None:
        if self._item is None or not self._has_own_mock():
            return None
        return (
            f"the fixture {fixture.argname!r} would begin a mock for its scope, {fixture.scope!r}, while the mock of"
            f" {self._item.nodeid} runs. Name it in the test's signature instead of asking for it by"
            " request.getfixturevalue(), so that it begins first."
        )


def _fixtures_of(item: Any) -> list[Any]:
    named = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    return [fixture for several in named.values() for fixture in several]


def is_wider(item: Any, name: str) -> bool:
    """Whether a test's fixture of this name lives longer than the test."""
    named = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {}).get(name)
    return named is not None and len(named) > 0 and named[-1].scope != "function"


def _autouse_of(item: Any) -> list[Any]:
    """The fixtures that a test has without naming them."""
    info = getattr(item, "_fixtureinfo", None)
    if info is None:
        return []
    named = {*info.argnames, *(name for marker in item.iter_markers("usefixtures") for name in marker.args)}
    return [
        fixture
        for name in info.initialnames
        if name not in named
        for fixture in info.name2fixturedefs.get(name, ())[-1:]
    ]


def _is_as_wide(one: Any, other: Any) -> bool:
    return one.scope != "function" and _SCOPES.index(one.scope) <= _SCOPES.index(other.scope)


# What was not imported yet has no mock.


def _activation() -> Any:
    return sys.modules.get("mock_secrets.activation")


def _current() -> "Running | None":
    activation = _activation()
    running: Running | None = None if activation is None else activation.current()
    return running


def _open_entrances() -> "list[Entrance]":
    activation = _activation()
    return [] if activation is None else list(activation.open_entrances())


def _switch_to(wanted: "Running | None") -> "Running | None":
    activation = _activation()
    before: Running | None = None if activation is None else activation.switch_to(wanted)
    return before


def _leave(entrances: "list[Entrance]") -> None:
    for entrance in entrances:
        entrance.leave()


@contextmanager
def _refusing(because: str | None) -> Iterator[None]:
    if because is None:
        yield
        return
    from mock_secrets.activation import no_mock_begins

    with no_mock_begins(because):
        yield


def not_ended(entrances: "list[Entrance]") -> BaseException:
    """What is told of those who did not leave a mock."""
    places = "; ".join(f"begun by {entrance.origin}" for entrance in entrances)
    return pytest.fail.Exception(
        f"a mock was started and not stopped: {places}. It is ended now. Call stop(), or use the mock as a decorator,"
        " in a with block, or as the fixture secrets_backend.",
        pytrace=False,
    )
