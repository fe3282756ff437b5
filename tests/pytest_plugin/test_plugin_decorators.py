"""Decorators and asyncio under pytest, with the plugin and without it."""

import pytest
from tables import rows


@pytest.mark.parametrize("plugin", [(), ("-p", "no:mock_secrets")], ids=["plugin", "no-plugin"])
class TestDecoratorsUnderPytest:
    def test_a_function_without_fixtures(self, project, plugin):
        result = project.run(
            """
            @mock_secrets(region="eu-west-1", secrets={"db": "s3cret"})
            def test_it():
                assert running().region == "eu-west-1"
                assert read("db") == "s3cret"

            def test_outside():
                assert running() is None
            """,
            *plugin,
        )

        result.assert_outcomes(passed=2)

    def test_a_class_with_everything(self, project, plugin):
        result = project.run(
            """
            class Base:
                def test_inherited(self):
                    assert held() == ["from-set-up"]

            @mock_secrets
            class TestIt(Base):
                def setup_method(self, method):
                    create("from-set-up")

                def teardown_method(self):
                    assert "from-set-up" in held()

                @pytest.fixture
                def made(self):
                    create("made")

                @pytest.mark.parametrize("name", ["one", "two"])
                def test_method(self, name):
                    create(name)
                    assert held() == sorted(["from-set-up", name])

                @staticmethod
                def test_static():
                    assert held() == ["from-set-up"]

                @classmethod
                def test_class(cls):
                    assert held() == ["from-set-up"]

                def test_fixture_of_the_class(self, made):
                    assert held() == ["from-set-up", "made"]

            def test_outside():
                assert running() is None
            """,
            *plugin,
        )

        result.assert_outcomes(passed=7)

    def test_a_class_with_class_level_set_up_and_tear_down(self, project, plugin):
        result = project.run(
            """
            @mock_secrets
            class TestIt:
                @classmethod
                def setup_class(cls):
                    create("from-the-class")

                @classmethod
                def teardown_class(cls):
                    assert "from-the-class" in held()

                def test_first(self):
                    assert read("from-the-class") == "s3cret"

                def test_second(self):
                    assert read("from-the-class") == "s3cret"

            def test_outside():
                assert running() is None
            """,
            *plugin,
        )

        result.assert_outcomes(passed=3)

    @rows("level", ["method", "class"])
    def test_a_class_with_only_a_tear_down(self, project, plugin, level):
        kind = "@classmethod" if level == "class" else ""
        result = project.run(
            f"""
            @mock_secrets
            class TestIt:
                {kind}
                def teardown_{level}(itself):
                    assert running() is not None

                def test_it(self):
                    create("db")

            def test_outside():
                assert running() is None
            """,
            *plugin,
        )

        result.assert_outcomes(passed=2)

    def test_a_fixture_of_a_class_without_set_up(self, project, plugin):
        result = project.run(
            """
            @mock_secrets
            class TestIt:
                @pytest.fixture
                def made(self):
                    assert running() is not None
                    create("made")

                def test_it(self, made):
                    assert held() == ["made"]
            """,
            *plugin,
        )

        result.assert_outcomes(passed=1)

    def test_a_failing_set_up_ends_the_mock(self, project, plugin):
        result = project.run(
            """
            @mock_secrets
            class TestIt:
                def setup_method(self):
                    raise LookupError("mine")

                def test_it(self):
                    pass

            def test_outside():
                assert running() is None
            """,
            *plugin,
        )

        result.assert_outcomes(passed=1, errors=1)

    def test_a_unittest_class(self, project, plugin):
        result = project.run(
            """
            import unittest

            @mock_secrets
            class Fresh(unittest.TestCase):
                def setUp(self):
                    self.addCleanup(lambda: read("from-set-up"))
                    create("from-set-up")

                def tearDown(self):
                    read("from-set-up")

                def test_first(self):
                    create("one")
                    assert held() == ["from-set-up", "one"]

                def test_second(self):
                    create("two")
                    assert held() == ["from-set-up", "two"]

            @mock_secrets
            class WithSetUpClass(unittest.TestCase):
                @classmethod
                def setUpClass(cls):
                    create("from-the-class")

                def test_first(self):
                    assert read("from-the-class") == "s3cret"

                def test_second(self):
                    assert read("from-the-class") == "s3cret"

            @mock_secrets
            class Async(unittest.IsolatedAsyncioTestCase):
                async def asyncSetUp(self):
                    create("from-set-up")

                async def test_it(self):
                    assert held() == ["from-set-up"]

            def test_outside():
                assert running() is None
            """,
            *plugin,
        )

        result.assert_outcomes(passed=6)

    def test_fixtures_and_parameters_still_resolve(self, project, plugin):
        result = project.run(
            """
            @pytest.fixture(params=["a", "b"])
            @mock_secrets
            def made(request, tmp_path):
                create(request.param)
                yield request.param

            @pytest.mark.parametrize("number", [1, 2])
            @mock_secrets
            def test_it(made, number):
                assert held() == [made]
            """,
            *plugin,
        )

        result.assert_outcomes(passed=4)

    def test_a_decorated_session_fixture_shares_one_backend_with_the_tests(self, project, plugin):
        result = project.run(
            """
            @pytest.fixture(scope="session", autouse=True)
            @mock_secrets(secrets={"db": "s3cret"})
            def everywhere():
                yield

            def test_first():
                assert held() == ["db"]

            @mock_secrets
            def test_second():
                assert held() == ["db"]
            """,
            *plugin,
        )

        result.assert_outcomes(passed=2)

    def test_async_tests_and_fixtures(self, project, plugin):
        result = project.run(
            """
            import pytest_asyncio

            @pytest_asyncio.fixture
            @mock_secrets(secrets={"db": "s3cret"})
            async def seeded():
                yield read("db")
                create("made-by-the-clean-up")

            @pytest.mark.asyncio
            async def test_fixture(seeded):
                assert seeded == "s3cret"
                assert held() == ["db"]

            @pytest.mark.asyncio
            @mock_secrets
            async def test_test():
                assert held() == []

            @mock_secrets
            class TestIt:
                @pytest.mark.asyncio
                async def test_method(self):
                    assert held() == []

            def test_outside():
                assert running() is None
            """,
            *plugin,
            asyncio=True,
        )

        result.assert_outcomes(passed=4)


class TestAsync:
    @rows("mode", ["strict", "auto"])
    def test_fixture_and_marker_work_with_async_tests(self, project, mode):
        result = project.run(
            """
            import pytest_asyncio

            @pytest_asyncio.fixture
            async def made(secrets_client):
                return secrets_client.create_secret(Name="made", SecretString="s3cret")

            @pytest.mark.asyncio
            async def test_fixture(made, secrets_backend):
                assert held() == ["made"]

            @pytest.mark.asyncio
            @pytest.mark.mock_secrets(region="eu-west-1")
            async def test_marker():
                assert running().region == "eu-west-1"
            """,
            asyncio=True,
            ini=f"asyncio_mode = {mode}",
        )

        result.assert_outcomes(passed=2)
