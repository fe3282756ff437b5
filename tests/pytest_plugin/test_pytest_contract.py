"""What of pytest the plugin relies on beyond its public interface, on every pytest that is supported."""

from functools import partial

import pytest
from project import QUICK

from mock_secrets.pytest_plugin.isolation import _autouse_names, is_wider


class Recorder:
    """A plugin that asks pytest what ours asks."""

    def __init__(self):
        self.wider = {}
        self.autouse = {}
        self.executed = []
        self.finished = []

    def pytest_collection_modifyitems(self, items):
        names = ["automatic", "wide", "plain", "overridden", "given", "unknown"]
        self.wider = {item.originalname: [name for name in names if is_wider(item, name)] for item in items}
        self.autouse = {item.originalname: _autouse_names(item) for item in items}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef, request):
        yield
        if fixturedef.argname == "wide" and "execute" not in vars(fixturedef):
            self._watch(fixturedef)
            fixturedef.addfinalizer(partial(self.finished.append, "its own finalizer"))
        if fixturedef.argname == "late":
            request._pyfuncitem.addfinalizer(partial(self.finished.append, "the test's finalizer"))
            request._pyfuncitem.addfinalizer(partial(fixturedef.finish, request))

    def _watch(self, fixturedef):
        execute = fixturedef.execute

        def watched(request):
            self.executed.append(request.node.name)
            return execute(request)

        fixturedef.execute = watched


@pytest.fixture
def recorder(pytester):
    pytester.makeconftest("""
        import pytest

        @pytest.fixture(scope="module")
        def overridden(): pass
    """)
    pytester.makepyfile("""
        import pytest

        @pytest.fixture(scope="session", autouse=True)
        def automatic(): pass

        @pytest.fixture(scope="module")
        def wide(): pass

        @pytest.fixture(scope="session")
        def late():
            raise LookupError

        @pytest.fixture
        def plain(): pass

        @pytest.fixture
        def overridden(): pass

        @pytest.fixture(scope="module")
        def given(): pass

        def test_one(automatic, wide, plain, overridden): pass

        @pytest.mark.parametrize("given", [1])
        def test_two(given, wide): pass

        @pytest.mark.parametrize("round", [1, 2])
        def test_late(request, round):
            request.getfixturevalue("wide")
            with pytest.raises(LookupError):
                request.getfixturevalue("late")

        class TestIt:
            @pytest.fixture(autouse=True)
            def automatic_in_class(self): pass

            def test_three(self): pass
    """)
    recorder = Recorder()
    result = pytester.inline_run(*QUICK, plugins=[recorder])
    result.assertoutcome(passed=5)
    return recorder


def test_the_fixtures_of_a_test_are_known_before_it_runs(recorder):
    assert recorder.wider["test_one"] == ["automatic", "wide"]
    assert "given" not in recorder.wider["test_two"]


def test_the_names_of_autouse_fixtures_are_known(recorder):
    assert "automatic" in recorder.autouse["test_one"]
    assert "automatic" in recorder.autouse["test_two"]
    assert {"automatic", "automatic_in_class"} <= recorder.autouse["test_three"]
    assert not {"wide", "plain", "automatic_in_class"} & recorder.autouse["test_one"]


def test_each_test_that_requests_an_existing_fixture_executes_it(recorder):
    # By the module, the node of its scope. The first test came before the watch.
    assert len(recorder.executed) == 3


def test_a_fixture_accepts_finalizers_and_can_be_finished_early_and_set_up_again(recorder):
    assert recorder.finished == ["the test's finalizer"] * 2 + ["its own finalizer"]


def test_the_modules_are_imported_unchanged(pytester):
    pytester.makepyfile("""
        import sys

        def test_it(secrets_client):
            ours = {name: module for name, module in sys.modules.items() if name.startswith("mock_secrets.")}
            rewritten = {name for name, module in ours.items() if type(module.__loader__).__name__ != "SourceFileLoader"}
            assert rewritten <= {"mock_secrets.pytest_plugin", "mock_secrets.pytest_plugin.rewriting"}
            assert len(ours) > 50
    """)

    pytester.runpytest_subprocess(*QUICK).assert_outcomes(passed=1)
