"""What ``leaks`` takes, how nested mocks share it, and what its error tells."""

import asyncio
import io
import unittest

import pytest
from inside import process
from project import output
from pytest_plugin.leaks.leaking import SENTENCE, VALUE, leak
from tables import rows

import mock_secrets as package
from mock_secrets import SecretLeaked, SecretsBackend, mock_secrets


class TestValues:
    @rows("door", [mock_secrets, SecretsBackend])
    @rows("value", ["warn", "FAIL", "", True, 1, ["fail"]])
    def test_a_wrong_value_is_refused(self, door, value):
        with pytest.raises(ValueError, match=r"^leaks takes 'allow' or 'fail', not ") as caught:
            door(leaks=value)

        assert repr(value) in str(caught.value)

    def test_none_is_the_same_as_omitted(self):
        with mock_secrets(leaks=None) as backend:
            leak()

        assert backend.effective["leaks"] == "allow"


class TestInside:
    def test_an_inner_mock_without_the_parameter_joins(self):
        with pytest.raises(SecretLeaked), mock_secrets(leaks="fail"):  # noqa: PT012 - the inner one must not raise
            with mock_secrets():
                leak()
            left = True

        assert left

    def test_a_marker_enables_leaks_for_its_own_test_in_a_wider_mock(self, run):
        result = run("""
def test_one(module_secrets_backend):
    leak()

@pytest.mark.mock_secrets(leaks="fail")
def test_two(module_secrets_backend):
    pass

@pytest.mark.mock_secrets(leaks="fail")
def test_three(module_secrets_backend):
    boto3.client("secretsmanager").tag_resource(SecretId="db", Tags=[{"Key": "a", "Value": "corr3ct-" + "h0rse"}])
""")

        result.assert_outcomes(passed=2, failed=1)
        assert "TagResource put the value of secret 'db' into tags[0].value" in output(result)


class TestError:
    def test_the_error_is_an_importable_assertion_error(self):
        assert package.SecretLeaked is SecretLeaked
        assert "SecretLeaked" in package.__all__
        assert issubclass(SecretLeaked, AssertionError)

    def test_the_error_names_the_call_and_parameter_but_no_value(self):
        with pytest.raises(SecretLeaked) as caught, mock_secrets(leaks="fail"):
            leak()

        assert str(caught.value).startswith(f"secret values were logged:\n  {SENTENCE}\n")
        assert "leaks(ignore=..., min_length=...)" in str(caught.value)
        assert VALUE not in str(caught.value)

    def test_a_name_equal_to_the_value_is_not_shown(self):
        with pytest.raises(SecretLeaked) as caught, mock_secrets(leaks="fail"):
            leak(f"users/{VALUE}", "of a user")

        assert VALUE not in str(caught.value)
        assert "CreateSecret put the value of secret 'users/<redacted>' into name" in str(caught.value)

    def test_a_reused_mock_forgets_the_leak(self):
        mocked = mock_secrets(leaks="fail")
        with pytest.raises(SecretLeaked), mocked:
            leak()

        with mocked:
            leak(description="nothing")

    def test_the_error_of_the_body_takes_precedence(self):
        with pytest.raises(RuntimeError, match="apples"), mock_secrets(leaks="fail"):  # noqa: PT012 - both happen inside
            leak()
            raise RuntimeError("apples")

    def test_the_error_of_a_coroutine_body_takes_precedence(self):
        async def body():
            async with mock_secrets(leaks="fail"):
                leak()
                raise RuntimeError("apples")

        with pytest.raises(RuntimeError, match="apples"):
            asyncio.run(body())


def block():
    with mock_secrets(leaks="fail"):
        leak()


def start_and_stop():
    mocked = mock_secrets(leaks="fail")
    mocked.start()
    leak()
    mocked.stop()


def async_block():
    async def body():
        async with mock_secrets(leaks="fail"):
            leak()

    asyncio.run(body())


@mock_secrets(leaks="fail")
def decorated():
    leak()


@mock_secrets(leaks="fail")
async def decorated_coroutine():
    leak()


@mock_secrets(leaks="fail")
def decorated_generator():
    yield
    leak()


class TestProcess:
    @rows(
        "leaky",
        [
            block,
            start_and_stop,
            async_block,
            decorated,
            lambda: asyncio.run(decorated_coroutine()),
            lambda: list(decorated_generator()),
        ],
    )
    def test_the_process_is_restored_after_a_leak(self, leaky):
        before = process()

        with pytest.raises(SecretLeaked):
            leaky()

        assert process() == before

    def test_a_mock_that_leaked_is_stopped(self):
        mocked = mock_secrets(leaks="fail")
        mocked.start()
        leak()
        with pytest.raises(SecretLeaked):
            mocked.stop()

        with pytest.raises(RuntimeError, match="is not active"):
            mocked.stop()


class TestUnittest:
    """unittest's own runner, which knows nothing of the plugin."""

    def outcome(self, case):
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(case)
        return unittest.TextTestRunner(stream=io.StringIO()).run(suite)

    def test_a_decorated_method(self):
        class Case(unittest.TestCase):
            @mock_secrets(leaks="fail")
            def test_it(self):
                leak()

        result = self.outcome(Case)

        assert (result.testsRun, len(result.failures), len(result.errors)) == (1, 1, 0)
        assert SENTENCE in result.failures[0][1]

    def test_a_leak_in_a_decorated_class_fails_the_test_and_the_run_goes_on(self):
        @mock_secrets(leaks="fail")
        class Case(unittest.TestCase):
            def test_one(self):
                leak()

            def test_two(self):
                pass

        result = self.outcome(Case)

        assert (result.testsRun, len(result.failures)) == (2, 1)
        assert SENTENCE in result.failures[0][1]

    def test_a_test_of_a_decorated_class_that_fails_and_leaks_reports_its_own_reason(self):
        @mock_secrets(leaks="fail")
        class Case(unittest.TestCase):
            def test_it(self):
                leak()
                self.fail("apples")

        result = self.outcome(Case)

        assert (result.testsRun, len(result.failures)) == (1, 1)
        assert "apples" in result.failures[0][1]
