"""Decorators and asyncio under pytest, with the plugin and without it."""

import pytest
from tables import rows

WITH_AND_WITHOUT = pytest.mark.parametrize("plugin", [(), ("-p", "no:mock_secrets")], ids=["plugin", "no-plugin"])

FUNCTIONS = """
    @mock_secrets(region="eu-west-1", secrets={"db": "s3cret"})
    def test_without_fixtures():
        assert running().region == "eu-west-1"
        assert read("db") == "s3cret"

    @pytest.fixture(params=["a", "b"])
    @mock_secrets
    def made(request, tmp_path):
        create(request.param)
        yield request.param

    @pytest.mark.parametrize("number", [1, 2])
    @mock_secrets
    def test_with_fixtures_and_parameters(made, number):
        assert held() == [made]

    def test_outside():
        assert running() is None
"""

CLASSES = """
    class Base:
        def test_inherited(self):
            assert held() == ["from-set-up"]

    @mock_secrets
    class TestEverything(Base):
        def setup_method(self, method):
            assert method.__name__.startswith("test_")
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

    @mock_secrets(region="eu-west-1")
    class TestSavepointsOfTheClassSetUp:
        @classmethod
        def setup_class(cls):
            create("class")
            cls.backend = running()

        def setup_method(self):
            create("method")

        @pytest.fixture(autouse=True)
        def own(self):
            create("fixture")
            yield
            assert held() == ["body", "class", "fixture", "method"]

        @pytest.mark.parametrize("round", [1, 2])
        def test_it(self, round):
            assert running() is self.backend
            create("body")

        def teardown_method(self):
            assert held() == ["body", "class", "fixture", "method"]

        @classmethod
        def teardown_class(cls):
            assert running() is cls.backend
            assert held() == ["class"]

    @mock_secrets
    class TestTearDownOfMethodsAlone:
        def teardown_method(self):
            assert running() is not None

        def test_it(self):
            create("db")

    @mock_secrets
    class TestTearDownOfTheClassAlone:
        @classmethod
        def teardown_class(cls):
            assert running() is not None

        def test_it(self):
            create("db")

    @mock_secrets
    class TestFixtureWithoutSetUp:
        @pytest.fixture
        def made(self):
            assert running() is not None
            create("made")

        def test_it(self, made):
            assert held() == ["made"]

    @mock_secrets
    class TestFailingSetUp:
        def setup_method(self):
            raise LookupError("mine")

        def test_it(self):
            pass

    seen = []

    @mock_secrets
    class TestCalledFromOutsidePytest:
        def test_it(self):
            seen.append(held())

    def test_call():
        TestCalledFromOutsidePytest().test_it()
        assert seen == [[], []]

    def test_outside():
        assert running() is None
"""

ASYNC = """
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
"""


@WITH_AND_WITHOUT
def test_decorated_functions_classes_and_coroutines_run_in_their_mock_and_no_longer(project, plugin):
    result = project.run([FUNCTIONS, CLASSES, ASYNC], *plugin, asyncio=True)

    result.assert_outcomes(passed=6 + 14 + 4, errors=1)
    assert "LookupError: mine" in result.stdout.str()


@WITH_AND_WITHOUT
def test_a_decorated_session_fixture_shares_one_backend_with_the_tests(project, plugin):
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


@rows("mode", ["strict", "auto"])
def test_fixture_and_marker_work_with_async_tests(project, mode):
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
