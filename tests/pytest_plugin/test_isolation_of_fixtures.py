"""Which mock a fixture of a wider scope is set up and torn down in, whichever test triggers it."""

from textwrap import dedent

import pytest
from isolated import BACK_AND_THERE, THERE_AND_BACK, module
from project import QUICK
from tables import rows

ORDERS = pytest.mark.parametrize("order", [THERE_AND_BACK, BACK_AND_THERE], ids=["there-and-back", "back-and-there"])


class TestSetUpAndTearDown:
    @ORDERS
    @rows("last", ["def test_last(): pass", "@mock_secrets\ndef test_last(): create('own')"])
    def test_set_up_and_tear_down_use_their_own_mock_whichever_test_triggers_them(self, project, order, last):
        project.pytester.makeconftest(order)

        result = project.run(
            module("""
            @pytest.fixture(scope="class")
            def of_class(class_secrets_backend):
                create("class")
                yield
                assert held() == ["class"]

            @pytest.fixture(scope="module")
            def of_module():
                with mock_secrets() as backend:
                    create("module")
                    yield
                    assert running() is backend
                    assert held() == ["module"]

            @pytest.fixture(scope="session")
            def of_session(session_secrets_backend):
                create("session")
                yield
                assert running() is session_secrets_backend
                assert held() == ["session"]

            @pytest.fixture(scope="session")
            def of_none():
                assert is_outside()
                yield
                assert is_outside()

            class TestIt:
                def test_all(self, of_session, of_module, of_class, of_none, secrets_backend):
                    assert held() == ["class"]

                def test_two(self, of_none, of_session, of_module):
                    assert held() == ["module"]

                def test_session(self, of_none, of_session, secrets_client):
                    assert held() == ["session"]
            """)
            + f"\n\n{last}"
        )

        result.assert_outcomes(passed=7)

    def test_a_fixture_that_requests_two_mocks_is_in_the_narrowest(self, project):
        result = project.run("""
            @pytest.fixture(scope="module")
            def seeded(session_secrets_backend, module_secrets_backend):
                create("seeded")
                yield
                assert running() is module_secrets_backend

            def test_it(seeded, session_secrets_backend, module_secrets_backend):
                assert ("seeded" in session_secrets_backend, "seeded" in module_secrets_backend) == (False, True)

            def test_the_wider_one_alone(session_secrets_backend):
                assert held() == []
        """)

        result.assert_outcomes(passed=2)

    def test_fixture_changes_persist_when_triggered_by_a_test_at_a_savepoint(self, project):
        result = project.run("""
            @pytest.fixture(scope="module")
            def seeded(session_secrets_backend):
                create("seeded")

            @mock_secrets
            def test_first(session_secrets_backend, seeded):
                create("own")

            def test_second(session_secrets_backend):
                assert held() == ["seeded"]
        """)

        result.assert_outcomes(passed=2)

    @ORDERS
    def test_each_fixture_parameter_has_its_own_mock(self, project, order):
        project.pytester.makeconftest(order)

        result = project.run(
            module("""
            @pytest.fixture(scope="module", params=["one", "two"])
            def named(request):
                with mock_secrets(secrets={request.param: "s3cret"}):
                    yield request.param
                    assert held() == [request.param]

            @pytest.fixture(scope="module")
            def dependent(named):
                create("dependent-on-" + named)
                yield
                boto3.client("secretsmanager").delete_secret(
                    SecretId="dependent-on-" + named, ForceDeleteWithoutRecovery=True
                )

            def test_first(named):
                assert set(held()) <= {named, "dependent-on-" + named}

            def test_stranger():
                assert is_outside()

            def test_second(dependent, named, secrets_backend):
                assert held() == ["dependent-on-" + named, named]
                create("own")
            """)
        )

        result.assert_outcomes(passed=9)

    def test_autouse_fixtures_count_for_other_fixtures(self, project):
        result = project.run("""
            @pytest.fixture(scope="session", autouse=True)
            def everywhere(session_secrets_backend):
                yield

            @pytest.fixture(scope="session")
            def seeded():
                create("seeded")
                yield
                assert held() == ["seeded"]

            def test_it(everywhere, seeded):
                assert held() == ["seeded"]

            def test_own(secrets_backend):
                assert held() == ["seeded"]
        """)

        result.assert_outcomes(passed=2)

    def test_set_up_methods_of_modules_and_classes_can_hold_a_mock_for_their_tests(self, project):
        result = project.run(
            module("""
            activation = mock_secrets(secrets={"module": "s3cret"})

            def setup_module():
                activation.start()

            def teardown_module():
                assert held() == ["class", "made", "module"]
                activation.stop()

            class TestIt:
                @classmethod
                def setup_class(cls):
                    create("class")

                def test_shares(self):
                    assert held() == ["class", "module"]
                    create("made")

                @mock_secrets
                def test_has_a_savepoint(self):
                    assert held() == ["class", "made", "module"]
                    create("own")

            def test_beside(secrets_backend):
                assert held() == ["class", "made", "module"]
            """)
        )

        result.assert_outcomes(passed=3)

    def test_the_scope_given_to_a_fixture_by_parametrize_counts(self, project):
        result = project.run("""
            @pytest.fixture
            def narrow(request):
                with mock_secrets(secrets={request.param: "s3cret"}):
                    yield
                    assert held() == [request.param]

            wider = pytest.mark.parametrize("narrow", ["one", "two"], indirect=True, scope="module")

            @wider
            def test_shares(narrow):
                assert len(held()) == 1

            @wider
            @mock_secrets
            def test_has_a_savepoint(narrow):
                assert len(held()) == 1
                create("own")

            @pytest.fixture(scope="session")
            def wide(session_secrets_backend): pass

            @pytest.mark.parametrize("wide", [1], indirect=True, scope="function")
            def test_narrower(wide, secrets_backend): pass
        """)

        result.assert_outcomes(passed=5)

    @ORDERS
    def test_a_request_in_fixture_code_counts_whatever_the_test_already_has(self, project, order):
        project.pytester.makeconftest(order)

        result = project.run("""
            @pytest.fixture(scope="module")
            def late(request):
                assert running() is None
                backend = request.getfixturevalue("session_secrets_backend")
                assert running() is backend
                if "late" not in backend:
                    create("late")
                yield
                assert running() is backend

            def test_with_both(session_secrets_backend, late):
                assert held() == ["late"]

            def test_with_one(late):
                assert held() == ["late"]

            def test_stranger():
                assert running() is None
        """)

        result.assert_outcomes(passed=5)

    @ORDERS
    def test_modules_and_packages_have_their_own_mocks(self, project, order):
        project.pytester.makeconftest(order)
        tests = """
            import pytest
            from mock_secrets.activation import running

            @pytest.fixture(scope="{scope}")
            def seeded({scope}_secrets_backend):
                {scope}_secrets_backend.create("{module}", "s3cret")

            def test_it(seeded):
                assert [secret.name for secret in running()] == {held}

            def test_stranger():
                assert running() is None
        """
        for package in "ab":
            folder = project.pytester.mkpydir(package)
            (folder / "conftest.py").write_text("from mock_secrets.pytest_plugin import package_secrets_backend")
            for name, scope in (("one", "module"), ("two", "package")):
                held = f'["{package}-{name}"]'
                source = dedent(tests.format(scope=scope, module=f"{package}-{name}", held=held))
                (folder / f"test_{name}.py").write_text(source)

        result = project.pytester.runpytest_inprocess(*QUICK)

        result.assert_outcomes(passed=15)


class TestAskingLate:
    HOLDER = """
        @pytest.fixture(scope="session")
        def shared(session_secrets_backend):
            session_secrets_backend.create("shared", "s3cret")
            return session_secrets_backend
    """

    @ORDERS
    def test_a_test_without_its_own_mock_has_a_late_requested_one_from_then_on(self, project, order):
        project.pytester.makeconftest(order)

        result = project.run(
            module(self.HOLDER)
            + module("""
            def test_stranger():
                assert is_outside()

            def test_late(request):
                assert is_outside()
                assert request.getfixturevalue("shared") is running()
                assert held() == ["shared"]

            @pytest.fixture
            def late(request):
                return request.getfixturevalue("shared")

            def test_by_a_fixture_of_its_own(late):
                assert running() is late

            def test_by_its_own_mock(late, request):
                assert request.getfixturevalue("secrets_backend") is late
                create("own")

            def test_named(shared):
                assert held() == ["shared"]
            """)
        )

        result.assert_outcomes(passed=9)

    @ORDERS
    @rows(
        "asked, test",
        [
            ("shared", "def test_late(secrets_backend, request):\n    ask(request)"),
            ("shared", "@mock_secrets\ndef test_late(request):\n    ask(request)"),
            ("shared", "@pytest.mark.mock_secrets\ndef test_late(request):\n    ask(request)"),
            ("shared", "def test_late(request):\n    with mock_secrets():\n        ask(request)"),
            ("shared", "@pytest.fixture\ndef late(request): ask(request)\n@mock_secrets\ndef test_late(late): pass"),
            ("session_secrets_backend", "def test_late(secrets_backend, request):\n    ask(request)"),
            ("begins", "def test_late(secrets_backend, request):\n    ask(request)"),
        ],
    )
    def test_a_late_request_is_refused_while_a_mock_of_the_test_is_running(self, project, order, asked, test):
        project.pytester.makeconftest(order)

        result = project.run(
            module(self.HOLDER)
            + module("""
            @pytest.fixture(scope="session")
            def begins():
                with mock_secrets() as backend:
                    yield backend

            def test_named(shared, begins): pass
            """)
            + f"\n\ndef ask(request): request.getfixturevalue('{asked}')\n\n{test}"
        )

        named = 2 if order == THERE_AND_BACK else 1
        outcomes = result.parseoutcomes()
        assert (outcomes["passed"], outcomes.get("failed", 0) + outcomes.get("errors", 0)) == (named, 3 - named)
        result.stdout.fnmatch_lines("*Name the fixture in the test's signature*request.getfixturevalue()*")
        result.stdout.fnmatch_lines("*while the mock of test_it.py::test_late is active*")

    @rows(
        "late",
        [
            "def late():\n    log.append('set up')\n    with mock_secrets():\n        yield",
            "def late(shared):\n    log.append('set up')\n    create('late')",
            "def late(request):\n    log.append('set up')\n    request.getfixturevalue('shared')",
        ],
    )
    def test_a_late_fixture_is_set_up_again_for_tests_that_request_it_in_time(self, project, late):
        result = project.run(
            module(self.HOLDER)
            + f"\nlog = []\n\n@pytest.fixture(scope='session')\n{late}\n"
            + module("""
            @mock_secrets
            def test_late(shared, request):
                with pytest.raises((RuntimeError, pytest.fail.Exception), match="Name the fixture"):
                    request.getfixturevalue("late")

            @mock_secrets
            def test_in_time(late):
                assert log == ["set up"] * 2

            def test_without(shared):
                assert len(log) == 2
            """)
        )

        result.assert_outcomes(passed=3)

    def test_a_late_request_next_to_an_autouse_mock_is_refused_if_it_acts_there(self, project):
        """Or else that would be undone with what the test does."""
        result = project.run("""
            @pytest.fixture(scope="session", autouse=True)
            def everywhere(session_secrets_backend): pass

            @pytest.fixture(scope="session")
            def seeded():
                create("seeded")

            @pytest.fixture(scope="session")
            def harmless():
                return boto3.client("secretsmanager")

            @mock_secrets
            def test_late(request):
                assert request.getfixturevalue("harmless").list_secrets()["SecretList"] == []
                with pytest.raises(pytest.fail.Exception, match="Name the fixture in the test's signature"):
                    request.getfixturevalue("seeded")

            def test_in_time(seeded, harmless):
                assert held() == ["seeded"]
        """)

        result.assert_outcomes(passed=2)
