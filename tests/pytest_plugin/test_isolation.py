"""Which mock a test is in: its own, a savepoint of a wider one that it has, or none."""

import re

from isolated import BACK_AND_THERE, THERE_AND_BACK, module
from project import QUICK, SCOPES
from tables import rows

# Fixtures that hold a mock with the secret "shared", each in its own way.
HOLDERS = {
    **{
        f"{scope}-twin": f"""
        @pytest.fixture(scope="{scope}")
        def shared({scope}_secrets_backend):
            {scope}_secrets_backend.create("shared", "s3cret")
            return {scope}_secrets_backend
        """
        for scope in SCOPES[1:]
    },
    "with": """
        @pytest.fixture(scope="session")
        def shared():
            with mock_secrets(secrets={"shared": "s3cret"}) as backend:
                yield backend
        """,
    "start": """
        @pytest.fixture(scope="module")
        def shared():
            activation = mock_secrets(secrets={"shared": "s3cret"})
            yield activation.start()
            activation.stop()
        """,
    "decorator": """
        @pytest.fixture(scope="module")
        @mock_secrets(secrets={"shared": "s3cret"})
        def shared():
            yield running()
        """,
    "chain": """
        @pytest.fixture(scope="session")
        def holder():
            with mock_secrets() as backend:
                yield backend

        @pytest.fixture(scope="module")
        def between(holder):
            create("shared")

        @pytest.fixture(scope="module")
        def shared(between):
            return running()
        """,
    "asked-late": """
        @pytest.fixture(scope="module")
        def shared(request):
            backend = request.getfixturevalue("session_secrets_backend")
            if "shared" not in backend:
                create("shared")
            return backend
        """,
    "joined-by-a-narrower-one": """
        @pytest.fixture(scope="session")
        def wide():
            with mock_secrets(secrets={"shared": "s3cret"}):
                yield

        @pytest.fixture(scope="module")
        def shared(wide):
            with mock_secrets() as backend:
                yield backend
        """,
}

TESTS = """
    def test_has_it(shared):
        assert running() is shared
        assert held() == ["shared"]

    def test_asks_for_no_mock():
        assert is_outside()

    def test_asks_for_a_mock(secrets_backend):
        assert held() == []
        assert len(secrets_backend.calls) == 0
        create("shared", "another")

    @pytest.mark.mock_secrets(secrets={"shared": "another"}, account_id="111122223333")
    def test_has_a_marker():
        assert read("shared") == "another"
        assert running().account_id == "111122223333"

    @mock_secrets(region="eu-west-1")
    def test_is_decorated():
        assert boto3.client("secretsmanager").meta.region_name == "eu-west-1"
        assert held() == []

    def test_has_a_block():
        with mock_secrets(region="eu-west-1", secrets={"own": "1"}):
            assert held() == ["own"]
        assert is_outside()

    def test_has_it_at_a_savepoint(shared, secrets_backend):
        assert secrets_backend is shared
        assert held() == ["shared"]
        create("own")

    @pytest.mark.mock_secrets(secrets={"own": "1"})
    def test_has_it_and_a_marker(shared):
        assert held() == ["own", "shared"]

    @mock_secrets(secrets={"own": "2"})
    def test_has_it_and_a_decorator(shared):
        assert held() == ["own", "shared"]

    def test_has_it_and_a_block(shared):
        with mock_secrets(secrets={"own": "3"}):
            create("inside")
        assert held() == ["inside", "own", "shared"]

    def test_has_it_again(shared):
        assert held() == ["shared"]
        assert {call.operation for call in running().calls} <= {"CreateSecret"}
"""


@rows("order", [THERE_AND_BACK, BACK_AND_THERE])
@rows("holder", HOLDERS)
def test_only_tests_with_the_fixture_are_in_its_mock_in_any_order(project, holder, order):
    project.pytester.makeconftest(order)

    result = project.run(module(holder) + module(TESTS))

    result.assert_outcomes(passed=21)


class TestSharing:
    def test_a_test_with_only_the_wider_mock_shares_it(self, project):
        result = project.run("""
            def test_makes(module_secrets_backend):
                create("made")

            def test_has_it_at_a_savepoint(module_secrets_backend, secrets_backend):
                assert held() == ["made"]
                create("own")

            def test_finds(module_secrets_backend):
                assert held() == ["made"]
        """)

        result.assert_outcomes(passed=3)

    def test_a_savepoint_ends_whatever_the_outcome_of_the_test(self, project):
        result = project.run("""
            @pytest.mark.parametrize("end", [lambda: None, pytest.fail, pytest.skip, pytest.xfail])
            def test_own(module_secrets_backend, secrets_backend, end):
                assert held() == []
                assert len(module_secrets_backend.calls) == len(module_secrets_backend.cloudtrail) == 0
                assert abs(module_secrets_backend.clock.now().timestamp() - __import__("time").time()) < 86400
                with pytest.raises(KeyError):
                    module_secrets_backend.kms["alias/own"]
                secrets_backend.iam.create_user("own")
                secrets_backend.kms.create_key(alias="alias/own")
                secrets_backend.clock.advance(days=10)
                create("own")
                end()

            def test_after(module_secrets_backend):
                assert held() == []
        """)

        result.assert_outcomes(passed=2, failed=1, skipped=1, xfailed=1)

    def test_fixtures_of_a_test_stay_at_its_savepoint_from_set_up_to_tear_down(self, project):
        result = project.run("""
            @pytest.fixture(autouse=True)
            def seeded(request):
                if "module_secrets_backend" not in request.fixturenames:
                    yield
                    return
                create("seeded")
                yield
                assert "own" in held()
                create("torn-down")

            @mock_secrets
            def test_own(module_secrets_backend):
                create("own")
                assert held() == ["own", "seeded"]

            @pytest.mark.mock_secrets
            def test_again(module_secrets_backend):
                assert held() == ["seeded"]
                create("own")

            @pytest.fixture(scope="module")
            def at_the_end(module_secrets_backend):
                yield
                assert held() == []

            def test_stranger():
                assert running() is None

            @mock_secrets
            def test_last(at_the_end):
                create("own")
        """)

        result.assert_outcomes(passed=4)

    def test_a_mock_started_by_a_fixture_of_the_test_is_at_a_savepoint(self, project):
        result = project.run("""
            @pytest.fixture
            @mock_secrets(secrets={"db": "s3cret"})
            def seeded():
                yield

            @pytest.fixture
            def started():
                activation = mock_secrets(secrets={"db": "s3cret"})
                activation.start()
                yield
                activation.stop()

            @pytest.mark.parametrize("round", [1, 2])
            @pytest.mark.parametrize("by", ["seeded", "started"])
            def test_own(module_secrets_backend, request, by, round):
                request.getfixturevalue(by)
                assert held() == ["db"]
                boto3.client("secretsmanager").update_secret(SecretId="db", SecretString="changed")

            def test_after(module_secrets_backend):
                assert held() == []
        """)

        result.assert_outcomes(passed=5)

    def test_two_savepoints_in_one_test_act_as_one(self, project):
        result = project.run("""
            def test_own(module_secrets_backend, request):
                with mock_secrets():
                    create("own")
                backend = request.getfixturevalue("secrets_backend")
                assert backend is module_secrets_backend
                assert held() == ["own"]

            def test_after(module_secrets_backend):
                assert held() == []
        """)

        result.assert_outcomes(passed=2)


class TestParametersAtASavepoint:
    def test_leaks_belong_to_the_test_that_caused_them(self, project):
        result = project.run("""
            def leak(name):
                value = "-".join(["corr3ct", name])
                boto3.client("secretsmanager").create_secret(Name=name, SecretString=value, Description=value)

            def test_shares(module_secrets_backend):
                leak("battery")

            @pytest.mark.mock_secrets(leaks="fail")
            def test_clean(module_secrets_backend):
                create("clean")

            @pytest.mark.mock_secrets(leaks="fail")
            def test_leaks(module_secrets_backend):
                leak("staple")

            def test_shares_again(module_secrets_backend):
                leak("horses")
        """)

        result.assert_outcomes(passed=3, failed=1)
        result.stdout.fnmatch_lines("*secret 'staple' into description*")

    @rows(
        "holder, origin",
        [
            (
                "def shared(session_secrets_backend):\n    session_secrets_backend.create('db', '1')\n",
                "started by the fixture 'session_secrets_backend', first requested by test_it.py::test_first",
            ),
            (
                "def shared():\n    with mock_secrets(secrets={'db': '1'}):\n        yield\n",
                r"started by \S*/test_it.py:\d+ in shared",
            ),
            (
                "@mock_secrets(secrets={'db': '1'})\ndef shared():\n    yield\n",
                r"started by the decorator at \S*/test_it.py:\d+",
            ),
        ],
    )
    def test_each_contradiction_says_what_started_the_mock(self, project, holder, origin):
        result = project.run(f"""
@pytest.fixture(scope="session")
{holder}

def test_first(shared): pass

@pytest.mark.mock_secrets(region="eu-west-2")
def test_marker(shared): pass

@mock_secrets(region="eu-west-2")
def test_decorator(shared): pass

@mock_secrets(secrets={{"db": "2"}})
def test_secrets(shared): pass

def test_block(shared):
    with mock_secrets(region="eu-west-2"): pass
""")

        result.assert_outcomes(passed=1, failed=1, errors=3)
        told = {report.location[2]: report.longreprtext for report in result.reprec.getfailures()}
        assert [test for test, text in told.items() if not re.search(origin, text)] == []
        assert "'db'" in told.pop("test_secrets")
        assert [test for test, text in told.items() if "region='eu-west-2'" not in text] == []

    @rows(
        "outer, origin",
        [
            ("def test_it(secrets_backend):\n    inner()", "the fixture 'secrets_backend', for test_it.py::test_it"),
            ("def test_it():\n    with mock_secrets():\n        inner()", "*/test_it.py:{} in test_it"),
            ("def test_it():\n\n    mock_secrets().start()\n    inner()", "*/test_it.py:{} in test_it"),
            (
                "def test_it():\n    ExitStack().enter_context(mock_secrets())\n    inner()",
                "*/test_it.py:{} in test_it",
            ),
        ],
    )
    def test_a_contradiction_in_a_test_says_what_started_the_mock(self, project, outer, origin):
        head = "from contextlib import ExitStack\n@mock_secrets(region='eu-west-2')\ndef inner(): pass\n"

        result = project.run(head + outer)

        source = (project.pytester.path / "test_it.py").read_text(encoding="utf-8").splitlines()
        line = next((number for number, text in enumerate(source, 1) if "mock_secrets()" in text), None)
        assert result.parseoutcomes()["failed"] == 1
        result.stdout.fnmatch_lines(f"*region='eu-west-2'*started by {origin.format(line)}.*")


class TestTwins:
    def test_each_twin_has_its_own_mock_even_below_an_autouse_one(self, project):
        result = project.run("""
            @pytest.fixture(scope="session", autouse=True)
            def everywhere(session_secrets_backend):
                create("everywhere")

            def test_wide():
                assert held() == ["everywhere"]

            def test_twin(module_secrets_backend, session_secrets_backend):
                assert running() is module_secrets_backend is not session_secrets_backend
                assert held() == []

            def test_own(module_secrets_backend, secrets_backend):
                assert secrets_backend is module_secrets_backend
        """)

        result.assert_outcomes(passed=3)

    @rows("order", [THERE_AND_BACK, BACK_AND_THERE])
    def test_the_last_requested_mock_of_one_scope_answers(self, project, order):
        project.pytester.makeconftest(order)

        result = project.run("""
            @pytest.fixture(scope="module")
            def one():
                with mock_secrets() as backend:
                    yield backend

            @pytest.fixture(scope="module")
            def two():
                with mock_secrets() as backend:
                    yield backend

            def test_one_and_two(one, two):
                assert running() is two

            def test_two_and_one(two, one):
                assert running() is one

            def test_two(two):
                assert running() is two
        """)

        result.assert_outcomes(passed=5)

    def test_an_overridden_fixture_counts_only_where_it_is_requested(self, project):
        project.pytester.makeconftest("""
            import pytest

            @pytest.fixture(scope="session")
            def shared(session_secrets_backend):
                return session_secrets_backend
        """)
        project.pytester.makepyfile(
            test_a="""
            from mock_secrets.activation import running

            def test_it(shared):
                assert running() is shared
            """,
            test_b="""
            import pytest
            from mock_secrets.activation import running

            @pytest.fixture(scope="module")
            def shared():
                return None

            def test_it(shared):
                assert running() is None
            """,
        )

        result = project.pytester.runpytest_inprocess(*QUICK)

        result.assert_outcomes(passed=2)


class TestOutside:
    @rows(
        "begin",
        [
            "activation.start()",
            "def pytest_configure(): activation.start()",
            "def pytest_sessionstart(): activation.start()",
        ],
    )
    @rows("order", ["items", "items[::-1]"])
    def test_a_mock_started_outside_all_tests_and_fixtures_is_joined(self, project, begin, order):
        project.pytester.makeconftest(f"""
            from mock_secrets import mock_secrets

            activation = mock_secrets(secrets={{"outside": "s3cret"}}, region="eu-west-1")
            {begin}

            def pytest_unconfigure():
                activation.stop()

            def pytest_collection_modifyitems(items):
                items[:] = {order}
        """)

        result = project.run("""
            from conftest import activation

            @pytest.fixture(scope="session")
            def shared():
                with mock_secrets() as backend:
                    yield backend

            def test_bare():
                assert "outside" in held()

            def test_fixture(secrets_backend):
                assert running() is secrets_backend
                assert "outside" in held()

            def test_twin(session_secrets_backend, secrets_backend):
                assert running() is session_secrets_backend is secrets_backend
                assert "outside" in held()

            @mock_secrets(secrets={"more": "1"})
            def test_decorated(shared):
                assert running() is shared
                assert {"outside", "more"} <= set(held())

            def test_bare_again():
                assert "outside" in held()
        """)

        result.assert_outcomes(passed=5)

    def test_a_mock_started_while_importing_a_test_module_is_joined(self, project):
        result = project.run("""
            activation = mock_secrets(secrets={"outside": "s3cret"})
            activation.start()

            def test_bare():
                assert held() == ["outside"]

            def test_fixture(module_secrets_backend, secrets_backend):
                assert held() == ["outside"]

            def test_bare_again():
                assert held() == ["outside"]
                activation.stop()
        """)

        result.assert_outcomes(passed=3)
