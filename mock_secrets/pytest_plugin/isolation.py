"""Decides which mock is active for each test and for each fixture of a wider scope.

A mock that is started while a wider fixture is set up belongs to that fixture, and to the tests and fixtures that
request it directly or indirectly. For every other test it is set aside, and it comes back untouched. A mock that a
test starts and does not stop is stopped after the test's own finalizers, and the test fails. A mock that was started
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
    """The mocks of wider fixtures in one pytest session, and the choice of the active one."""

    def __init__(self) -> None:
        self._nobody = Asker()
        self._test: Asker | None = None
        self._item: Any = None
        self._is_in_own_part = False
        # What is running: nothing, then a test, then the wider fixtures that are set up or torn down for it.
        self._stack = [self._nobody]
        # The wider fixtures that are set up now.
        self._fixtures: dict[Any, Fixture] = {}
        # The mock that was started outside all tests and fixtures.
        self._outside: Running | None = None
        # The entrances of tests and fixtures that are not yet left.
        self._theirs: list[Entrance] = []
        # Opened when the test itself joins the mock of a wider fixture.
        self._savepoint = ExitStack()

    @property
    def test(self) -> str:
        """The id of the running test."""
        return "" if self._test is None else self._test.name

    def begin_test(self, item: Any) -> None:
        del self._stack[1:]
        self._note()
        self._outside = _current()
        self._test, self._item, self._is_in_own_part = Asker(item.nodeid), item, False
        self._stack.append(self._test)

    def begin_own_part(self) -> None:
        """Called before the first thing that the test's own finalizers must undo."""
        if self._test is not None and not self._is_in_own_part:
            self._is_in_own_part = True
            self._note()
            self.after_test(partial(self._end, self._test, self._test.open))

    def after_test(self, finalizer: Callable[[], object]) -> None:
        """Add a finalizer to the test. It runs after those that are added later."""
        self._item.addfinalizer(finalizer)

    def end_test(self) -> None:
        """Stop the mocks that the test left active.

        :raises pytest.fail.Exception: if there are any, naming where they were started.
        """
        if self._test is not None:
            try:
                self._end(self._test, [])
            finally:
                self.end_tests()
                self._switch()

    def end_tests(self) -> None:
        """Note that no test is running. An interrupted test could not reach its stop(), so it is not blamed."""
        self._note()
        del self._stack[1:]
        self._test = self._item = None

    def end_session(self) -> None:
        self._note()
        _leave(self._theirs)

    def begin_set_up(self, definition: Any, request: Any) -> None:
        """Set up a wider fixture in the narrowest mock that it requested, whichever test triggers it."""
        self._note()
        fixture = self._fixtures[definition] = Fixture(definition, request)
        self._find_closure(fixture)
        fixture.refusal = self._refusal(fixture)
        self._watch_request(fixture, request)
        self._stack.append(fixture)
        running = self._switch()
        fixture.changes = 0 if running is None else running.changes

    def end_set_up(self, definition: Any, *, failed: bool) -> str | None:
        """Note that a fixture is set up.

        :returns: why the set-up came too late, if that affects what it requested, changed or failed at.
        """
        self._note()
        fixture = self._fixtures[definition]
        running = self._mock_of(fixture)
        has_changed_it = running is not None and running.changes != fixture.changes
        refusal, fixture.refusal = fixture.refusal, None
        self._stack.remove(fixture)
        self._has_asked_for(definition)
        return refusal if fixture.asked or has_changed_it or failed else None

    def begin_tear_down(self, definition: Any) -> None:
        """Tear down a wider fixture in the same mock as its set-up, or in its own."""
        self._note()
        self._stack.append(self._fixtures[definition])
        self._switch()

    def end_tear_down(self, definition: Any) -> None:
        """Stop the mocks that the fixture left active.

        :raises pytest.fail.Exception: if there are any and a test is running, naming where they were started.
        """
        self._note()
        fixture = self._fixtures.pop(definition)
        vars(definition).pop("execute", None)
        left = _leave(fixture.open)
        self._stack.remove(fixture)
        self._switch()
        if left and self._test is not None:
            raise _not_ended(left)

    def set_wider_aside(self) -> None:
        """Leave no wider mock active, for a fixture that starts a mock of its own."""
        _switch_to(self._outside, self._stack[-1].refusal)

    def _end(self, test: Asker, before: "list[Entrance]") -> None:
        self._note()
        left = _leave(entrance for entrance in test.open if entrance not in before)
        self._savepoint.close()
        self._switch()
        if left and test is self._test:
            raise _not_ended(left)

    def _note(self) -> None:
        """Assign the entrances made since the last call to what is running."""
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
        """Open a savepoint, until the end of the test, if a test itself joins a wider mock."""
        if self._stack[-1] is self._test and not running.is_tests:
            self._savepoint.enter_context(running.savepoint())

    def _find_closure(self, fixture: Fixture) -> None:
        """Note the fixtures that this one requests by name, and the autouse fixtures of its scope."""
        everyone = self._everyone()
        autouse = _autouse_names(self._item) if everyone else set()
        for name, one in everyone.items():
            if name in autouse and one.is_as_wide_as(fixture):
                fixture.give(one)
        for name in fixture.definition.argnames:
            if name in everyone:
                fixture.ask(everyone[name])

    def _everyone(self) -> dict[str, Fixture]:
        """The fixtures with a mock that the test has requested so far, directly or indirectly, by name."""
        return {one.name: one for at_work in self._stack for one in at_work.closure()}

    def _has_asked_for(self, definition: Any) -> None:
        """Note that what is running now has this wider fixture, which has just been set up or already was."""
        fixture = self._fixtures.get(definition)
        if fixture is not None and fixture.holds_a_mock:
            self._watch_definition(definition)
            self._stack[-1].ask(fixture)
        self._switch()

    def _watch_request(self, fixture: Fixture, request: Any) -> None:
        """Notice what a fixture requests in its own code. pytest has no hook for fixtures the test already has."""
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
        """Notice later requests for a fixture. pytest has no hook for one that is already set up."""
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
        """Why a wider fixture can't have a mock now; None if it can."""
        if self._test is None or not self._test.open or fixture in self._test.closure():
            return None
        return (
            f"the {fixture.scope}-scoped fixture {fixture.name!r} can't start, use or change a mock while the mock of"
            f" {self._test.name} is active, which was started by {self._test.open[0].origin}. Name the fixture in the"
            " test's signature instead of requesting it with request.getfixturevalue(), so that it is set up first."
        )

    def _switch(self) -> "Running | None":
        """Activate the mock of what is running."""
        at_work = self._stack[-1]
        running = self._mock_of(at_work)
        _switch_to(running, at_work.refusal)
        return running

    def _mock_of(self, asker: Asker) -> "Running | None":
        """Its own mock, or the mock of a fixture that it requested."""
        if asker is self._nobody:
            return self._outside
        if asker.open:
            return asker.open[-1].running
        return asker.narrowest or self._outside


def is_wider(item: Any, name: str) -> bool:
    """Whether a test's fixture of this name has a wider scope than the test."""
    given = getattr(getattr(item, "callspec", None), "_arg2scope", {}).get(name)
    named = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {}).get(name)
    if given is not None:
        return bool(given.value != "function")
    return named is not None and len(named) > 0 and named[-1].scope != "function"


def _autouse_names(item: Any) -> set[str]:
    """The names of a test's autouse fixtures."""
    if item is None:
        return set()
    # pytest before 8.1 takes the id of a node.
    return set(item.session._fixturemanager._getautousenames(item if pytest.version_tuple >= (8, 1) else item.nodeid))


# No mock can be active if the module was never imported.


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
    """Leave entrances in the order in which they are given.

    :returns: the entrances that were left, as a list.
    """
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
