"""The mock of a test begins before the test's other fixtures, and after those of wider scopes."""

import pytest
from project import SCOPES
from tables import rows

WAYS = {
    "fixture": "def test_first(own, {scope}, secrets_backend): pass",
    "client": "def test_first(own, {scope}, secrets_client): pass",
    "marker": "@pytest.mark.mock_secrets\ndef test_first(own, {scope}): pass",
    "decorator": "@mock_secrets\ndef test_first(own, {scope}): pass",
    "case": "@mock_secrets\n@pytest.mark.usefixtures('own', '{scope}')\nclass TestFirst(unittest.TestCase):\n"
    "    def test_it(self): pass",
}


@rows("scope, way", [*(("session", way) for way in WAYS), *((scope, "fixture") for scope in SCOPES[:-1])])
def test_process_changes_by_a_wider_fixture_outlive_the_first_test(project, scope, way):
    first = WAYS[way].format(scope="wide")

    result = project.run(f"""
import unittest

@pytest.fixture(scope="session")
def log():
    return []

@pytest.fixture(scope="{scope}")
def wide(log):
    log.append(running())
    os.environ.update(AWS_DEFAULT_REGION="eu-west-3", AWS_SECRET_ACCESS_KEY="theirs", SHOP_STAGE="test")
    boto3.setup_default_session(region_name="eu-west-3")
    yield
    assert running() is None
    assert (os.environ["AWS_SECRET_ACCESS_KEY"], boto3.DEFAULT_SESSION.region_name) == ("theirs", "eu-west-3")
    for name in ("AWS_DEFAULT_REGION", "AWS_SECRET_ACCESS_KEY", "SHOP_STAGE"):
        del os.environ[name]
    boto3.DEFAULT_SESSION = None

@pytest.fixture
def own(log):
    log.append(running().region)

{first}

def test_second(wide, log):
    assert log[:2] == [None, "eu-west-3"]
    assert os.environ["AWS_DEFAULT_REGION"] == boto3.DEFAULT_SESSION.region_name == "eu-west-3"
    assert os.environ["AWS_SECRET_ACCESS_KEY"] == "theirs"
    assert os.environ["SHOP_STAGE"] == "test"
""")

    result.assert_outcomes(passed=2)


@rows("way", WAYS)
def test_the_mock_is_the_first_function_fixture_set_up_and_the_last_torn_down(project, way):
    first = way.format(scope="monkeypatch")

    result = project.run(f"""
import unittest

@pytest.fixture(autouse=True)
def automatic(monkeypatch):
    assert running() is not None
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "patched")
    yield
    assert running() is not None

@pytest.fixture
def own(automatic):
    create("own")
    yield
    assert held() == ["own"]

{first}

@pytest.fixture(scope="session", autouse=True)
def last():
    yield
    assert "AWS_ACCESS_KEY_ID" not in os.environ
""")

    result.assert_outcomes(passed=1)


def test_a_wider_fixture_of_the_same_name_keeps_its_place(project):
    result = project.run("""
        @pytest.fixture(scope="module")
        def secrets_backend(module_secrets_backend, log):
            log.append("module")
            return module_secrets_backend

        @pytest.fixture(scope="class")
        def narrower(log):
            log.append("class")

        @pytest.fixture(scope="session")
        def log():
            return []

        def test_it(narrower, secrets_backend, log):
            assert log == ["module", "class"]
            assert running() is secrets_backend
    """)

    result.assert_outcomes(passed=1)


def test_wider_async_fixtures_hold_a_mock_only_for_their_own_tests(project):
    pytest.importorskip("pytest_asyncio", minversion="0.24")

    result = project.run(
        """
        import asyncio
        import pytest_asyncio

        @pytest_asyncio.fixture(scope="session", loop_scope="session")
        async def session():
            async with mock_secrets(secrets={"session": "s3cret"}) as backend:
                await asyncio.sleep(0)
                yield backend
                assert running() is backend
                assert held() == ["module", "session"]

        @pytest_asyncio.fixture(scope="module", loop_scope="module")
        async def module(session):
            await asyncio.to_thread(create, "module")

        @pytest_asyncio.fixture(scope="module", loop_scope="module")
        @mock_secrets(secrets={"decorated": "s3cret"})
        async def decorated():
            yield running()
            assert held() == ["decorated"]

        @pytest_asyncio.fixture
        async def own():
            async with mock_secrets(secrets={"own": "s3cret"}) as backend:
                yield backend

        @pytest.mark.asyncio(loop_scope="session")
        async def test_session(session):
            assert running() is session

        @pytest.mark.asyncio
        async def test_stranger():
            assert running() is None

        @pytest.mark.asyncio(loop_scope="module")
        async def test_decorated(decorated):
            assert running() is decorated

        @pytest.mark.asyncio(loop_scope="module")
        async def test_chain(module, session, secrets_backend):
            assert running() is session is secrets_backend
            await asyncio.gather(*(asyncio.to_thread(create, f"own-{number}") for number in range(5)))

        @pytest.mark.asyncio
        async def test_own(module, own):
            assert held() == ["module", "own", "session"]

        @pytest.mark.asyncio
        @mock_secrets(region="eu-west-1")
        async def test_another():
            assert held() == []

        @pytest.mark.asyncio(loop_scope="module")
        async def test_again(module):
            assert held() == ["module", "session"]
        """,
        asyncio=True,
    )

    result.assert_outcomes(passed=7)


@rows("seed", [1, 2, 3])
def test_a_random_order_changes_nothing(project, seed):
    project.pytester.makeconftest(f"""
        import random

        def pytest_collection_modifyitems(items):
            random.Random({seed}).shuffle(items)
    """)

    result = project.run("""
        @pytest.fixture(scope="session")
        def session(session_secrets_backend):
            create("session")

        @pytest.fixture(scope="class")
        def narrow(session):
            with mock_secrets(secrets={"narrow": "s3cret"}):
                yield

        class Shared:
            def test_shares(self, session):
                assert "session" in held()

            def test_has_a_savepoint(self, narrow, secrets_backend):
                assert held() == ["narrow", "session"]
                create("own")

            def test_is_a_stranger(self):
                assert running() is None

            @mock_secrets
            def test_has_its_own(self):
                assert held() == []
                create("own")

        class TestOne(Shared): pass
        class TestTwo(Shared): pass
        class TestThree(Shared): pass
    """)

    result.assert_outcomes(passed=12)
