"""Which mock a test, and a fixture of a wider scope, is in.

A mock that begins while a wider fixture is set up belongs to that fixture, and to the tests and fixtures that ask for
it, themselves or by others that they ask for. Every other test is without it: it is set aside, and comes back
untouched. What a test itself has begun and not ended is ended after its own finalizers, and told. One that began
outside all tests and fixtures is joined.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_secrets.activation import Entrance, Running

_SCOPES = ("session", "package", "module", "class", "function")


class _Asker:
    """Who asks for fixtures and begins mocks: a test, a fixture of a wider scope for as long as it lives, or nobody.

    :ivar asked: the fixtures that hold a mock, themselves or by others, in the order in which it asked for them.
    """

    def __init__(self, name: str = "", scope: str = "function", fixture: Any = None) -> None:
        self.name = name
        self.scope = scope
        self.fixture = fixture
        self.asked: list[_Asker] = []
        self.entrances: list[Entrance] = []

    @property
    def open(self) -> "list[Entrance]":
        """What it has entered and not left."""
        return [entrance for entrance in self.entrances if entrance.is_open]

    @property
    def held(self) -> "Running | None":
        """The mock that it has begun."""
        held = [one.running for one in self.entrances if one.has_begun_it and one.running.entrances]
        return held[-1] if held else None

    @property
    def is_wider(self) -> bool:
        return self.scope != "function"

    def is_as_wide_as(self, scope: str) -> bool:
        return _SCOPES.index(self.scope) <= _SCOPES.index(scope)

    def closure(self) -> "list[_Asker]":
        """Whom it has asked for, and whom those have, in the order in which they would be set up for it alone."""
        found: dict[_Asker, None] = {}
        for one in self.asked:
            found.update(dict.fromkeys([*one.closure(), one]))
        return list(found)


class Isolation:
    """The mocks of wider fixtures in one session of pytest, and which of them is in force."""

    def __init__(self) -> None:
        self._nobody = _Asker()
        self._test: _Asker | None = None
        self._item: Any = None
        self._is_in_own_part = False
        # Who is at work: nobody, then a test, then the wider fixtures that are set up or torn down on its account.
        self._stack = [self._nobody]
        # The wider fixtures that are set up.
        self._fixtures: dict[Any, _Asker] = {}
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
        self._test, self._item, self._is_in_own_part = _Asker(item.nodeid), item, False
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

    @contextmanager
    def setting_up(self, fixture: Any, scope: str, finish: Callable[[], object]) -> Iterator[bool]:
        """A wider fixture's set-up: in the narrowest mock that it asked for, whichever test triggers it.

        :returns: whether it is too late for one that begins a mock.
        """
        self._note()
        asker = self._fixtures[fixture] = _Asker(fixture.argname, scope, fixture)
        asker.asked = self._asked_by(fixture, scope)
        for one in asker.asked:
            # It is torn down before them: pytest sees to that only where it names them, or from pytest 8 on.
            one.fixture.addfinalizer(finish)
        refusal = self._refusal(asker)
        self._stack.append(asker)
        self._switch()
        with _refusing(refusal):
            yield refusal is not None
        self._note()
        self._stack.remove(asker)
        self._has_asked_for(fixture)

    def begin_tear_down(self, fixture: Any) -> None:
        """Before a wider fixture's tear-down: in the same mock as its set-up, or in its own."""
        self._note()
        self._stack.append(self._fixtures[fixture])
        self._switch()

    def end_tear_down(self, fixture: Any) -> None:
        """:raises pytest.fail.Exception: naming who has begun a mock in the fixture and not ended it; now it is."""
        self._note()
        asker = self._fixtures.pop(fixture)
        vars(fixture).pop("execute", None)
        left = _leave(asker.open)
        self._stack.remove(asker)
        self._switch()
        if left and self._test is not None:
            raise _not_ended(left)

    def set_wider_aside(self) -> None:
        """For a fixture whose mock is one of its own, whatever the others have that it is set up with."""
        _switch_to(self._outside)

    def _end(self, test: _Asker, before: "list[Entrance]") -> None:
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
        if at_work.is_wider:
            for running in (entrance.running for entrance in entered if entrance.has_begun_it):
                running.is_wider = True
                running.before_join = partial(self._before_join, running)

    def _before_join(self, running: "Running") -> None:
        """Who enters a wider mock in a test works at a savepoint of it until the test's end."""
        if self._stack[-1] is self._test and not running.is_tests:
            self._savepoint.enter_context(running.savepoint())

    def _asked_by(self, fixture: Any, scope: str) -> list[_Asker]:
        """Whom a fixture asks for, and whom all of its scope have without asking."""
        everyone = {one.name: one for asker in self._stack for one in asker.closure()}
        autouse = _autouse_names(self._item) if everyone else set()
        names = dict.fromkeys([*(name for name in everyone if name in autouse), *fixture.argnames])
        return [one for one in map(everyone.get, names) if one is not None and one.is_as_wide_as(scope)]

    def _has_asked_for(self, fixture: Any) -> None:
        """A wider fixture is set up, or was: whoever is at work has it from now on."""
        asker, at_work = self._fixtures.get(fixture), self._stack[-1]
        if asker is not None and any(one.held for one in [*asker.closure(), asker]):
            self._watch(fixture)
            if asker not in at_work.asked:
                at_work.asked.append(asker)
        self._switch()

    def _watch(self, fixture: Any) -> None:
        """Notice also the next who asks for it: pytest has no hook for a fixture that is set up already."""
        if "execute" in vars(fixture):
            return
        execute = fixture.execute

        def watched(request: Any) -> Any:
            __tracebackhide__ = True
            self._note()
            refusal = self._refusal(self._fixtures[fixture])
            if refusal is not None:
                raise pytest.fail.Exception(refusal, pytrace=False)
            result = execute(request)
            self._has_asked_for(fixture)
            return result

        fixture.execute = watched

    def _refusal(self, asker: _Asker) -> str | None:
        """Why a wider fixture's mock can't come into force now, if it can't."""
        if self._test is None or not self._test.open:
            return None
        return (
            f"the mock of the fixture {asker.name!r}, which lives for its {asker.scope}, can't be asked for while the"
            f" mock of {self._test.name} runs, which was begun by {self._test.open[0].origin}. Name the fixture in the"
            " test's signature instead of asking for it by request.getfixturevalue(), so that its mock begins first."
        )

    def _switch(self) -> None:
        _switch_to(self._mock_of(self._stack[-1]))

    def _mock_of(self, asker: _Asker) -> "Running | None":
        """Its own, or that of the narrowest of whom it asked for; of several of one scope, of the last."""
        if asker is self._nobody:
            return self._outside
        if asker.open:
            return asker.open[-1].running
        holders = [one for one in asker.closure() if one.held]
        holders.sort(key=lambda one: _SCOPES.index(one.scope))
        return holders[-1].held if holders else self._outside


def is_wider(item: Any, name: str) -> bool:
    """Whether a test's fixture of this name lives longer than the test."""
    named = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {}).get(name)
    return named is not None and len(named) > 0 and named[-1].scope != "function"


def _autouse_names(item: Any) -> set[str]:
    """The fixtures that a test has without asking."""
    if item is None:
        return set()
    # Of a node's id before pytest 8.
    return set(item.session._fixturemanager._getautousenames(item if pytest.version_tuple >= (8,) else item.nodeid))


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


def _switch_to(wanted: "Running | None") -> None:
    activation = _activation()
    if activation is not None:
        activation.switch_to(wanted)


def _leave(entrances: "Iterable[Entrance]") -> "list[Entrance]":
    """:returns: those who have now left."""
    left = list(entrances)
    for entrance in left:
        entrance.leave()
    return left


@contextmanager
def _refusing(because: str | None) -> Iterator[None]:
    if because is None:
        yield
        return
    from mock_secrets.activation import no_mock_begins

    with no_mock_begins(because):
        yield


def _not_ended(entrances: "list[Entrance]") -> BaseException:
    places = "; ".join(f"begun by {entrance.origin}" for entrance in entrances)
    return pytest.fail.Exception(
        f"a mock was started and not stopped: {places}. It is ended now. Call stop(), or use the mock as a decorator,"
        " in a with block, or as the fixture secrets_backend.",
        pytrace=False,
    )
