"""The fixture ``async_secrets_client``, and async tests under the plugins that run them."""

from importlib.util import find_spec

import pytest
from project import QUICK, WITH_ASYNCIO, output

LOOP = ("-o", "asyncio_default_fixture_loop_scope=function")
TESTS = """
    import pytest

    {mark}
    class TestIt:
        async def test_fixture(self, secrets_backend, async_secrets_client):
            secrets_backend.create("db", "s3cret")
            assert (await async_secrets_client.get_secret_value(SecretId="db"))["SecretString"] == "s3cret"

        @pytest.mark.mock_secrets(secrets={{"db": "s3cret"}}, region="eu-west-1")
        async def test_marker(self, async_secrets_client):
            assert (await async_secrets_client.describe_secret(SecretId="db"))["ARN"].split(":")[3] == "eu-west-1"

        async def test_isolated(self, async_secrets_client):
            async with async_secrets_client as client:
                assert (await client.list_secrets())["SecretList"] == []
"""


@pytest.mark.skipif(not find_spec("aiobotocore"), reason="aiobotocore is not installed")
@pytest.mark.parametrize(
    ("mark", "plugin", "options"),
    [
        ("@pytest.mark.asyncio", "pytest_asyncio", ["-o", "asyncio_mode=strict", *LOOP]),
        ("", "pytest_asyncio", ["-o", "asyncio_mode=auto", *LOOP]),
        ("@pytest.mark.anyio", "anyio", ["-p", "no:asyncio"]),
    ],
    ids=["strict", "auto", "anyio"],
)
def test_async_tests_have_an_async_client(pytester, mark, plugin, options):
    pytest.importorskip(plugin)
    pytester.makeconftest("""
        import pytest

        @pytest.fixture
        def anyio_backend():
            return "asyncio"
    """)
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    pytester.makepyfile(TESTS.format(mark=mark))

    result = pytester.runpytest_inprocess(*WITH_ASYNCIO, *options)

    result.assert_outcomes(passed=3)


@pytest.mark.skipif(bool(find_spec("aiobotocore")), reason="aiobotocore is installed")
def test_the_fixture_says_what_it_needs_without_aiobotocore(pytester):
    pytester.makepyfile("def test_it(async_secrets_client): pass")

    result = pytester.runpytest_inprocess(*QUICK)

    result.assert_outcomes(errors=1)
    assert "an async client needs aiobotocore, but aiobotocore is not installed: run pip install aiobotocore" in output(
        result
    )
