"""A mock that was started and not stopped is ended with what started it, and told."""

import linecache
import re

import pytest
from isolated import module
from project import QUICK, output
from tables import rows

STRANGER = """
def test_stranger():
    assert is_outside()
"""


# The function that starts a mock, and the module with it.
LEFT_BEHIND = [
    ("test_it", "def test_it():\n    mock_secrets().start()"),
    ("test_it", "def test_it():\n    mock_secrets().start()\n    assert False"),
    ("test_it", "def test_it(secrets_backend):\n    mock_secrets().start()"),
    ("test_it", "def test_it(session_secrets_backend):\n    mock_secrets().start()"),
    ("test_it", "def test_it(session_secrets_backend, secrets_backend):\n    mock_secrets().start()"),
    ("helper", "def helper():\n    mock_secrets().start()\ndef test_it():\n    helper()"),
    ("own", "@pytest.fixture\ndef own():\n    mock_secrets().start()\ndef test_it(own): pass"),
    (
        "own",
        "@pytest.fixture\ndef own():\n    mock_secrets().start()\n    raise LookupError\ndef test_it(own): pass",
    ),
    ("own", "@pytest.fixture\ndef own():\n    yield\n    mock_secrets().start()\ndef test_it(own): pass"),
    ("wide", "@pytest.fixture(scope='module')\ndef wide():\n    mock_secrets().start()\ndef test_it(wide): pass"),
    (
        "wide",
        (
            "@pytest.fixture(scope='class')\ndef wide():\n    mock_secrets().start()\n    raise LookupError\n"
            "def test_it(wide): pass"
        ),
    ),
    (
        "wide",
        "@pytest.fixture(scope='class')\ndef wide():\n    yield\n    mock_secrets().start()\ndef test_it(wide): pass",
    ),
    (
        "wide",
        (
            "@pytest.fixture(scope='module')\ndef wide(session_secrets_backend):\n    mock_secrets().start()\n"
            "def test_it(wide): pass"
        ),
    ),
    ("setup_module", "def setup_module():\n    mock_secrets().start()\ndef test_it(): pass"),
    (
        "setup_method",
        "class TestIt:\n    def setup_method(self):\n        mock_secrets().start()\n    def test_it(self): pass",
    ),
    (
        "setup_class",
        "class TestIt:\n    def setup_class(cls):\n        mock_secrets().start()\n    def test_it(self): pass",
    ),
    (
        "setUp",
        (
            "class TestIt(unittest.TestCase):\n    def setUp(self):\n        mock_secrets().start()\n"
            "    def test_it(self): pass"
        ),
    ),
    (
        "setUpClass",
        (
            "class TestIt(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls):\n"
            "        mock_secrets().start()\n    def test_it(self): pass"
        ),
    ),
]


def test_a_mock_left_behind_is_stopped_and_reported_once_with_its_start_line(project):
    result = project.run([module(f"import unittest\n\n{body}\n") + STRANGER for _, body in LEFT_BEHIND], "-rN")

    # Of the 20 errors two are those that the fixtures raise. One test fails by itself, and the mock of setup_module is
    # there for the stranger beside it too.
    result.assert_outcomes(passed=2 * len(LEFT_BEHIND) - 4, failed=2, errors=len(LEFT_BEHIND) + 2)
    told = re.findall(r"a mock was not stopped: started by (\S+\.py):(\d+) in (\w+)\.", output(result))
    assert sorted(function for *_, function in told) == sorted(function for function, _ in LEFT_BEHIND)
    assert len({file for file, *_ in told}) == len(told)
    assert [file for file, line, _ in told if ".start()" not in linecache.getline(file, int(line))] == []


STOPPED = [
    "def test_it(request):\n    mock = mock_secrets()\n    mock.start()\n    request.addfinalizer(mock.stop)",
    (
        "@pytest.fixture\ndef own(request):\n    mock = mock_secrets()\n    request.addfinalizer(mock.stop)\n"
        "    return mock.start()\ndef test_it(own): pass"
    ),
    (
        "@pytest.fixture\ndef own():\n    mock = mock_secrets()\n    yield mock.start()\n    mock.stop()\n"
        "def test_it(own): pass"
    ),
    (
        "@pytest.fixture(scope='module')\ndef wide(request):\n    mock = mock_secrets()\n"
        "    request.addfinalizer(mock.stop)\n    return mock.start()\ndef test_it(wide): pass"
    ),
    (
        "class TestIt(unittest.TestCase):\n    def setUp(self):\n        mock = mock_secrets()\n        mock.start()\n"
        "        self.addCleanup(mock.stop)\n    def test_it(self): pass"
    ),
    (
        "class TestIt(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls):\n        mock = mock_secrets()\n"
        "        mock.start()\n        cls.addClassCleanup(mock.stop)\n    def test_it(self): pass"
    ),
]


def test_a_mock_stopped_by_a_finalizer_is_not_left_behind(project):
    result = project.run([module(f"import unittest\n\n{body}\n") + STRANGER for body in STOPPED])

    result.assert_outcomes(passed=2 * len(STOPPED))


def test_user_hooks_may_hold_a_mock_around_each_test(project):
    project.pytester.makeconftest("""
        import pytest
        from mock_secrets import mock_secrets

        activation = mock_secrets(secrets={"hook": "s3cret"})

        def pytest_runtest_setup():
            activation.start()

        @pytest.hookimpl(trylast=True)
        def pytest_runtest_teardown():
            activation.stop()
    """)

    result = project.run("""
        @pytest.fixture
        def own():
            yield
            assert held() == ["hook", "made"]

        @pytest.mark.parametrize("round", [1, 2])
        def test_it(own, round):
            assert held() == ["hook"]
            create("made")

        def test_own(secrets_backend):
            assert held() == ["hook"]
    """)

    result.assert_outcomes(passed=3)


def test_the_joined_wider_mock_is_restored_before_its_fixture_is_torn_down(project):
    result = project.run(
        """
        activation = mock_secrets(secrets={"shared": "s3cret"})

        @pytest.fixture(scope="module")
        def shared():
            yield activation.start()
            assert held() == ["shared"]
            activation.stop()
            assert running() is None

        def test_it(shared):
            activation.start()
            create("own")
    """,
        "-rN",
    )

    result.assert_outcomes(passed=1, errors=1)
    assert output(result).count("was not stopped: started") == 1


class TestEndingEarly:
    @rows("stop", ["raise KeyboardInterrupt", "pytest.exit('mine')"])
    def test_an_interrupted_test_is_not_blamed_and_leaves_no_mock(self, project, stop):
        project.pytester.makeconftest("""
            import pytest
            from mock_secrets.activation import open_entrances, running

            @pytest.hookimpl(trylast=True)
            def pytest_unconfigure():
                print("left behind:", running(), open_entrances())
        """)

        result = project.run(
            module(f"""
            @pytest.fixture(scope="session", autouse=True)
            def session(session_secrets_backend):
                create("session")
                yield
                assert held() == ["session"]

            @pytest.fixture(scope="module")
            def wide():
                yield mock_secrets().start()

            def test_it(wide, secrets_backend):
                mock_secrets().start()
                create("own")
                {stop}

            def test_never_reached(): pass
            """),
            no_reraise_ctrlc=True,
        )

        assert result.ret == pytest.ExitCode.INTERRUPTED
        result.stdout.fnmatch_lines("left behind: None [[]]")
        assert "a mock was not stopped" not in output(result)
        assert "AssertionError" not in output(result)

    @rows("option", ["-x", "--stepwise"])
    def test_fixtures_are_torn_down_in_their_own_mock_when_a_run_stops_early(self, project, option):
        result = project.run(
            """
            @pytest.fixture(scope="session")
            def session(session_secrets_backend):
                create("session")
                yield
                assert held() == ["session"]
                print("torn down", held())

            def test_it(session, secrets_backend):
                create("own")
                assert False

            def test_never_reached(): pass
            """,
            option,
        )

        result.assert_outcomes(failed=1)
        assert "torn down ['session']" in output(result)

    @rows("option", ["--setup-only", "--setup-show", "--setup-plan", "--fixtures-per-test"])
    def test_runs_that_only_show_fixtures_work(self, project, option):
        result = project.run(
            """
            @pytest.fixture(scope="module")
            def shared(module_secrets_backend):
                yield module_secrets_backend

            @mock_secrets
            def test_it(shared): pass

            def test_stranger(): pass
            """,
            option,
        )

        assert result.ret == 0
        assert "shared" in output(result)


class TestDoctests:
    def test_doctests_have_no_mock_but_can_request_one(self, project):
        project.pytester.makepyfile(
            test_it='''
            """
            >>> from mock_secrets.activation import running
            >>> running() is None
            True
            >>> getfixture("secrets_backend") is running()
            True
            """
            import pytest

            @pytest.fixture(scope="module")
            def shared(module_secrets_backend): pass

            def test_it(shared): pass

            def application():
                """
                >>> from mock_secrets.activation import running
                >>> running() is None
                True
                >>> getfixture("module_secrets_backend") is running()
                True
                """
            '''
        )

        result = project.pytester.runpytest_inprocess("--doctest-modules", *QUICK)

        result.assert_outcomes(passed=3)
