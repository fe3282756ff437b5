"""Which mock a test, and a fixture of a wider scope, is in.

A mock that begins while a wider fixture is set up belongs to that fixture, and to the tests and fixtures that ask for
it, themselves or by others that they ask for. Every other test is without it: it is set aside, and comes back
untouched. What a test itself has begun and not ended is ended after its own finalizers, and told. One that began
outside all tests and fixtures is joined.
"""

import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from mock_secrets.pytest_plugin.askers import Asker, Fixture

if TYPE_CHECKING:
    from mock_secrets.activation import Entrance, Running


class Isolation:
    """The mocks of wider fixtures in one session of pytest, and which of them is in force."""

    def __init__(self) -> None:
        self._nobody = Asker()
        self._test: Asker | None = None
        self._item: Any = None
        self._is_in_own_part = False
        # Who is at work: nobody, then a test, then the wider fixtures that are set up or torn down on its account.
        self._stack = [self._nobody]
        # The wider fixtures that are set up.
        self._fixtures: dict[Any, Fixture] = {}
        # The mock that began outside all tests and fixtures.
        self._outside: Running | None = None
        # What tests and fixtures have entered and not left.
        self._theirs: list[Entrance] = []
        # Of the test, if it has entered a wider fixture's mock by itself.
        self._savepoint = ExitStack()

    @property
    def test(self) -> str:
        """The id of the test that runs."""
        return "" if self._test is None else self._test.name

    def begin_test(self, item: Any) -> None:
        del self._stack[1:]
        self._note()
        self._outside = _current()
        self._test, self._item, self._is_in_own_part = Asker(item.nodeid), item, False
        self._stack.append(self._test)

    def begin_own_part(self) -> None:
        """Before the first thing that the test's own finalizers have to undo."""
        if self._test is not None and not self._is_in_own_part:
            self._is_in_own_part = True
            self._note()
            self.after_test(partial(self._end, self._test, self._test.open))

    def after_test(self, finalizer: Callable[[], object]) -> None:
        """Do something with the test's own finalizers, after those that come later."""
        self._item.addfinalizer(finalizer)

    def end_test(self) -> None:
        """:raises pytest.fail.Exception: naming who has begun a mock in the test and not ended it; now it is ended."""
        if self._test is not None:
            try:
                self._end(self._test, [])
            finally:
                self.end_tests()
                self._switch()

    def end_tests(self) -> None:
        """From now on nobody's test runs: one that was interrupted has not come to its stop(), and is not to blame."""
        self._note()
        del self._stack[1:]
        self._test = self._item = None

    def end_session(self) -> None:
        self._note()
        _leave(self._theirs)

    def begin_set_up(self, definition: Any, request: Any) -> None:
        """A wider fixture's set-up: in the narrowest mock that it asked for, whichever test triggers it."""
        self._note()
        fixture = self._fixtures[definition] = Fixture(definition, request)
        self._find_closure(fixture)
        fixture.refusal = self._refusal(fixture)
        self._watch_request(fixture, request)
        self._stack.append(fixture)
        running = self._switch()
        fixture.changes = 0 if running is None else running.changes

    def end_set_up(self, definition: Any, *, failed: bool) -> str | None:
        """:returns: why the set-up came too late, if it did so for what it asked, made, or failed at."""
        self._note()
        fixture = self._fixtures[definition]
        running = self._mock_of(fixture)
        has_changed_it = running is not None and running.changes != fixture.changes
        refusal, fixture.refusal = fixture.refusal, None
        self._stack.remove(fixture)
        self._has_asked_for(definition)
        return refusal if fixture.asked or has_changed_it or failed else None

    def begin_tear_down(self, definition: Any) -> None:
        """Before a wider fixture's tear-down: in the same mock as its set-up, or in its own."""
        self._note()
        self._stack.append(self._fixtures[definition])
        self._switch()

    def end_tear_down(self, definition: Any) -> None:
        """:raises pytest.fail.Exception: naming who has begun a mock in the fixture and not ended it; now it is."""
        self._note()
        fixture = self._fixtures.pop(definition)
        vars(definition).pop("execute", None)
        left = _leave(fixture.open)
        self._stack.remove(fixture)
        self._switch()
        if left and self._test is not None:
            raise _not_ended(left)

    def set_wider_aside(self) -> None:
        """For a fixture whose mock is one of its own, whatever the others have that it is set up with."""
        _switch_to(self._outside, self._stack[-1].refusal)

    def _end(self, test: Asker, before: "list[Entrance]") -> None:
        self._note()
        left = _leave(entrance for entrance in test.open if entrance not in before)
        self._savepoint.close()
        self._switch()
        if left and test is self._test:
            raise _not_ended(left)

    def _note(self) -> None:
        """Write down who has entered a mock since the last time: whoever is at work."""
        at_work = self._stack[-1]
        known = [*self._nobody.entrances, *self._theirs]
        entered = [entrance for entrance in _open_entrances() if entrance not in known]
        at_work.entrances += entered
        if at_work is not self._nobody:
            self._theirs = [entrance for entrance in [*self._theirs, *entered] if entrance.is_open]
        if isinstance(at_work, Fixture):
            for running in (entrance.running for entrance in entered if entrance.has_begun_it):
                running.is_wider = True
                running.before_join = partial(self._before_join, running)

    def _before_join(self, running: "Running") -> None:
        """Who enters a wider mock in a test works at a savepoint of it until the test's end."""
        if self._stack[-1] is self._test and not running.is_tests:
            self._savepoint.enter_context(running.savepoint())

    def _find_closure(self, fixture: Fixture) -> None:
        """Whom it asks for by name, and whom all of its scope have without asking."""
        everyone = self._everyone()
        autouse = _autouse_names(self._item) if everyone else set()
        for name, one in everyone.items():
            if name in autouse and one.is_as_wide_as(fixture):
                fixture.give(one)
        for name in fixture.definition.argnames:
            if name in everyone:
                fixture.ask(everyone[name])

    def _everyone(self) -> dict[str, Fixture]:
        """The fixtures with a mock that the test has asked for until now, itself or by others, by their names."""
        return {one.name: one for at_work in self._stack for one in at_work.closure()}

    def _has_asked_for(self, definition: Any) -> None:
        """A wider fixture is set up, or was: whoever is at work has it from now on."""
        fixture = self._fixtures.get(definition)
        if fixture is not None and fixture.holds_a_mock:
            self._watch_definition(definition)
            self._stack[-1].ask(fixture)
        self._switch()

    def _watch_request(self, fixture: Fixture, request: Any) -> None:
        """Notice for whom a fixture asks in its own code: pytest has no hook for what the test has already."""
        if _activation() is None:
            return
        ask = request.getfixturevalue

        def watched(name: str) -> Any:
            __tracebackhide__ = True
            value = ask(name)
            self._note()
            asked = self._everyone().get(name)
            if asked is not None and asked not in fixture.asked:
                _refuse(fixture.refusal)
                fixture.ask(asked)
                self._switch()
            return value

        request.getfixturevalue = watched

    def _watch_definition(self, definition: Any) -> None:
        """Notice also the next who asks for it: pytest has no hook for a fixture that is set up already."""
        if "execute" in vars(definition):
            return
        execute = definition.execute

        def watched(request: Any) -> Any:
            __tracebackhide__ = True
            self._note()
            _refuse(self._refusal(self._fixtures[definition]))
            result = execute(request)
            self._has_asked_for(definition)
            return result

        definition.execute = watched

    def _refusal(self, fixture: Fixture) -> str | None:
        """Why a wider fixture can't have a mock now, if it can't."""
        if self._test is None or not self._test.open or fixture in self._test.closure():
            return None
        return (
            f"the {fixture.scope}-scoped fixture {fixture.name!r} can't start, use or change a mock while the mock of"
            f" {self._test.name} is active, which was started by {self._test.open[0].origin}. Name the fixture in the"
            " test's signature instead of requesting it with request.getfixturevalue(), so that it is set up first."
        )

    def _switch(self) -> "Running | None":
        """Have the mock in force that is right for whoever is at work."""
        at_work = self._stack[-1]
        running = self._mock_of(at_work)
        _switch_to(running, at_work.refusal)
        return running

    def _mock_of(self, asker: Asker) -> "Running | None":
        """Its own, or that of whom it asked for."""
        if asker is self._nobody:
            return self._outside
        if asker.open:
            return asker.open[-1].running
        return asker.narrowest or self._outside


def is_wider(item: Any, name: str) -> bool:
    """Whether a test's fixture of this name lives longer than the test."""
    given = getattr(getattr(item, "callspec", None), "_arg2scope", {}).get(name)
    named = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {}).get(name)
    if given is not None:
        return bool(given.value != "function")
    return named is not None and len(named) > 0 and named[-1].scope != "function"


def _autouse_names(item: Any) -> set[str]:
    """The fixtures that a test has without asking."""
    if item is None:
        return set()
    # Of a node's id before pytest 8.1.
    return set(item.session._fixturemanager._getautousenames(item if pytest.version_tuple >= (8, 1) else item.nodeid))


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


def _switch_to(wanted: "Running | None", refusal: str | None) -> None:
    activation = _activation()
    if activation is not None:
        activation.switch_to(wanted)
        activation.refuse_to_begin(refusal)


def _leave(entrances: "Iterable[Entrance]") -> "list[Entrance]":
    """:returns: those who have now left."""
    left = list(entrances)
    for entrance in left:
        entrance.leave()
    return left


def _refuse(because: str | None) -> None:
    __tracebackhide__ = True
    if because is not None:
        raise pytest.fail.Exception(because, pytrace=False)


def _not_ended(entrances: "list[Entrance]") -> BaseException:
    places = "; ".join(f"started by {entrance.origin}" for entrance in entrances)
    return pytest.fail.Exception(
        f"a mock was not stopped: {places}. It has been stopped now. Call stop(), or use mock_secrets as a decorator or"
        " in a with block, or use the secrets_backend fixture.",
        pytrace=False,
    )
