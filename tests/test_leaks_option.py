"""``leaks="fail"`` through every entrance: a secret value in what CloudTrail logs fails the test that put it there."""

import asyncio
import io
import unittest

import boto3
import pytest
from inside import process
from project import SCOPES, output

import mock_secrets as package
from mock_secrets import SecretLeaked, SecretsBackend, mock_secrets

VALUE = "corr3ct-h0rse"
SENTENCE = "CreateSecret put the value of secret 'db' into description, which CloudTrail logs"

# The value is put together where it is used, so that no line of source in a report holds it.
LEAK = """
import asyncio
import unittest
from mock_secrets import SecretLeaked

def leak(name="db"):
    value = "-".join(["corr3ct", "h0rse"])
    return boto3.client("secretsmanager").create_secret(Name=name, SecretString=value, Description=f"with {value}")
"""


def leak(name="db", description=VALUE):
    boto3.client("secretsmanager").create_secret(Name=name, SecretString=VALUE, Description=description)


@pytest.fixture
def run(project):
    """Run a test module, in which there is a function that leaks."""

    def run_it(body, *arguments, **options):
        return project.run(f"{LEAK}\n{body}", *arguments, **options)

    return run_it


# What stands around "leak()" or what else a test does; and whether the ini option is set.
ENTRANCES = {
    "decorator": (
        """
@mock_secrets(leaks="fail")
def test_it():
    {act}
""",
        "",
    ),
    "decorator, with the backend": (
        """
@mock_secrets(leaks="fail")
def test_it(secrets_backend):
    {act}
""",
        "",
    ),
    "decorated class": (
        """
@mock_secrets(leaks="fail")
class TestIt:
    def setup_method(self):
        create("other", "0ther-value")

    def test_it(self):
        {act}
""",
        "",
    ),
    "decorated TestCase": (
        """
@mock_secrets(leaks="fail")
class Case(unittest.TestCase):
    def test_it(self):
        {act}
""",
        "",
    ),
    "decorated fixture": (
        """
@pytest.fixture
@mock_secrets(leaks="fail")
def mocked():
    yield

def test_it(mocked):
    {act}
""",
        "",
    ),
    "marker": (
        """
@pytest.mark.mock_secrets(leaks="fail")
def test_it():
    {act}
""",
        "",
    ),
    "marker of the module": (
        """
pytestmark = pytest.mark.mock_secrets(leaks="fail")

def test_it():
    {act}
""",
        "",
    ),
    "fixture and marker": (
        """
@pytest.mark.mock_secrets(leaks="fail")
def test_it(secrets_backend):
    {act}
""",
        "",
    ),
    "fixture and ini option": (
        """
def test_it(secrets_backend):
    {act}
""",
        "mock_secrets_leaks = fail",
    ),
    "client and ini option": (
        """
def test_it(secrets_client):
    {act}
""",
        "mock_secrets_leaks = fail",
    ),
    "frozen clock and ini option": (
        """
def test_it(secrets_clock):
    {act}
""",
        "mock_secrets_leaks = fail",
    ),
    "bare marker and ini option": (
        """
@pytest.mark.mock_secrets
def test_it():
    {act}
""",
        "mock_secrets_leaks = fail",
    ),
    "block": (
        """
def test_it():
    with mock_secrets(leaks="fail"):
        {act}
""",
        "",
    ),
    "start and stop": (
        """
def test_it():
    mocked = mock_secrets(leaks="fail")
    mocked.start()
    try:
        {act}
    finally:
        mocked.stop()
""",
        "",
    ),
    "async with": (
        """
def test_it():
    async def body():
        async with mock_secrets(leaks="fail"):
            {act}

    asyncio.run(body())
""",
        "",
    ),
    "inner block": (
        """
@pytest.mark.mock_secrets(leaks="fail")
def test_it():
    with mock_secrets(leaks="fail"):
        {act}
""",
        "",
    ),
}

entrances = pytest.mark.parametrize(("body", "ini"), ENTRANCES.values(), ids=ENTRANCES.keys())


class TestEntrances:
    @entrances
    def test_a_leak_fails_the_test(self, run, body, ini):
        result = run(body.format(act="leak()"), ini=ini)

        result.assert_outcomes(failed=1)
        assert SENTENCE in output(result)
        assert VALUE not in output(result)

    @entrances
    def test_no_leak_passes(self, run, body, ini):
        result = run(body.format(act='create("db", "corr3ct-" + "h0rse")'), ini=ini)

        result.assert_outcomes(passed=1)

    @entrances
    def test_a_failure_of_another_kind_is_reported(self, run, body, ini):
        result = run(body.format(act='create("db"); assert "apples" == "pears"'), ini=ini)

        result.assert_outcomes(failed=1)
        assert "apples" in output(result)
        assert "which CloudTrail logs" not in output(result)

    def test_a_decorated_coroutine(self, run):
        result = run(
            """
@pytest.mark.asyncio
@mock_secrets(leaks="fail")
async def test_it():
    leak()
""",
            asyncio=True,
        )

        result.assert_outcomes(failed=1)
        assert SENTENCE in output(result)

    def test_the_report_of_a_marked_test_is_the_sentence_alone(self, run):
        result = run(ENTRANCES["marker"][0].format(act="leak()"))

        result.stdout.fnmatch_lines(["*test_it*", "values of secrets were logged:", f"  {SENTENCE}"])
        assert "Traceback" not in output(result)
        assert "leak()" not in output(result)

    def test_each_leak_is_told(self, run):
        result = run("""
@pytest.mark.mock_secrets(leaks="fail")
def test_it(secrets_client):
    leak("one")
    secrets_client.create_secret(Name="two", SecretString='{"password": "s3cret-value"}')
    secrets_client.tag_resource(SecretId="two", Tags=[{"Key": "initial", "Value": "s3cret" + "-value"}])
""")

        result.assert_outcomes(failed=1)
        assert "CreateSecret put the value of secret 'one' into description" in output(result)
        assert "TagResource put the value of secret 'two' (its part 'password') into tags[0].value" in output(result)

    @pytest.mark.parametrize(
        "head",
        [
            "class TestIt:\n    def setup_class(cls): create('other', '0ther-value')",
            "class TestIt:\n    def setup_method(self): create('other', '0ther-value')",
            "class TestIt(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls): create('other', '0ther-value')",
            "class TestIt(unittest.TestCase):\n    def setUp(self): create('other', '0ther-value')",
        ],
        ids=["setup_class", "setup_method", "setUpClass", "setUp"],
    )
    def test_of_a_decorated_class_with_a_set_up_the_test_that_leaked_fails(self, run, head):
        result = run(
            f"""
@mock_secrets(leaks="fail")
{head}

    def test_1(self):
        pass

    def test_2(self):
        leak()

    def test_3(self):
        pass
""",
            "-v",
        )

        result.assert_outcomes(passed=2, failed=1)
        result.stdout.fnmatch_lines(["*::test_2 FAILED*"])

    def test_a_leak_of_a_fixture_fails_the_test_that_asked_for_it(self, run):
        result = run("""
@pytest.fixture
def leaky(secrets_backend):
    leak()

@pytest.mark.mock_secrets(leaks="fail")
def test_it(leaky):
    pass
""")

        result.assert_outcomes(failed=1)

    def test_a_leak_of_a_clean_up_is_an_error(self, run):
        """The test has passed by then."""
        result = run("""
@pytest.fixture
def leaky(secrets_backend):
    yield
    leak()

@pytest.mark.mock_secrets(leaks="fail")
def test_it(leaky):
    pass
""")

        result.assert_outcomes(passed=1, errors=1)
        assert SENTENCE in output(result)

    def test_an_expected_failure_may_be_a_leak(self, run):
        result = run("""
@pytest.mark.xfail(strict=True)
@pytest.mark.mock_secrets(leaks="fail")
def test_it():
    leak()
""")

        result.assert_outcomes(xfailed=1)

    def test_what_a_test_checked_itself_is_not_told_again(self, run):
        result = run("""
@pytest.mark.mock_secrets(leaks="fail")
def test_it(secrets_backend):
    leak()
    with pytest.raises(SecretLeaked, match="into description"):
        secrets_backend.check_leaks()
""")

        result.assert_outcomes(passed=1)


class TestOtherFailures:
    """A test that leaked and failed, or was skipped, for another reason."""

    FAILS = """
@pytest.mark.mock_secrets(leaks="fail")
def test_it():
    leak()
    assert "apples" == "pears"
"""

    def test_the_other_reason_is_reported(self, run):
        result = run(self.FAILS)

        assert result.parseoutcomes()["failed"] == 1
        assert "apples" in output(result)

    def test_it_is_reported_once(self, run):
        """The fixture's end tells of the leak again, as an error of the clean-up."""
        result = run(self.FAILS)

        result.assert_outcomes(failed=1)

    def test_a_skipped_test_is_skipped(self, run):
        result = run("""
@pytest.mark.mock_secrets(leaks="fail")
def test_it():
    leak()
    pytest.skip("not today")
""")

        result.assert_outcomes(skipped=1)

    def test_an_error_of_the_set_up_is_reported_once(self, run):
        result = run("""
@pytest.fixture
def broken(secrets_backend):
    leak()
    raise RuntimeError("apples")

@pytest.mark.mock_secrets(leaks="fail")
def test_it(broken):
    pass
""")

        result.assert_outcomes(errors=1)


class TestWiderScopes:
    @pytest.mark.parametrize("scope", SCOPES)
    def test_only_the_test_that_leaked_fails(self, run, scope):
        result = run(
            """
class TestIt:
    def test_before({0}):
        create("before", "v4lue-before")

    def test_leak({0}):
        leak()

    def test_after({0}):
        read("db")
""".format(f"self, {scope}_secrets_backend"),
            "-v",
            ini="mock_secrets_leaks = fail",
        )

        result.assert_outcomes(passed=2, failed=1)
        result.stdout.fnmatch_lines(["*::test_before PASSED*", "*::test_leak FAILED*", "*::test_after PASSED*"])

    def test_each_test_that_leaks_fails(self, run):
        result = run(
            """
def test_one(module_secrets_backend):
    leak("one")

def test_two(module_secrets_backend):
    leak("two")

def test_three(module_secrets_backend):
    read("two")
""",
            ini="mock_secrets_leaks = fail",
        )

        result.assert_outcomes(failed=2, passed=1)

    def test_a_test_after_one_that_failed_otherwise_is_not_blamed(self, run):
        result = run(
            """
def test_one(module_secrets_backend):
    leak()
    raise RuntimeError("apples")

def test_two(module_secrets_backend):
    pass
""",
            ini="mock_secrets_leaks = fail",
        )

        result.assert_outcomes(failed=1, passed=1)

    def test_a_test_that_does_not_ask_for_the_backend_leaks_all_the_same(self, run):
        result = run(
            """
def test_one(module_secrets_backend):
    pass

def test_two():
    leak()
""",
            ini="mock_secrets_leaks = fail",
        )

        result.assert_outcomes(passed=1, failed=1)


class TestAllowed:
    @pytest.mark.parametrize(
        ("body", "ini"),
        [
            ("@mock_secrets\ndef test_it(): leak()", ""),
            ("@pytest.mark.mock_secrets\ndef test_it(): leak()", ""),
            ("@pytest.mark.mock_secrets(leaks='allow')\ndef test_it(): leak()", ""),
            ("def test_it(secrets_backend): leak()", "mock_secrets_leaks = allow"),
            ("@pytest.mark.mock_secrets(leaks='allow')\ndef test_it(): leak()", "mock_secrets_leaks = fail"),
            ("@mock_secrets(leaks='allow')\ndef test_it(): leak()", "mock_secrets_leaks = fail"),
            ("def test_it():\n    with mock_secrets(leaks='allow'): leak()", "mock_secrets_leaks = fail"),
        ],
    )
    def test_a_leak_passes(self, run, body, ini):
        result = run(body, ini=ini)

        result.assert_outcomes(passed=1)

    def test_the_nearest_marker_wins(self, run):
        result = run("""
pytestmark = pytest.mark.mock_secrets(leaks="fail")

@pytest.mark.mock_secrets(leaks="allow")
def test_one():
    leak()

def test_two():
    leak()
""")

        result.assert_outcomes(passed=1, failed=1)

    def test_a_backend_that_nobody_asked_to_can_be_checked(self):
        with mock_secrets() as backend:
            leak()

            with pytest.raises(SecretLeaked, match="into description"):
                backend.check_leaks()
            backend.check_leaks()


class TestWrongValues:
    @pytest.mark.parametrize("value", ["warn", "FAIL", "", True, 1, ["fail"]])
    def test_of_the_parameter(self, value):
        with pytest.raises(ValueError, match=r"^leaks takes 'allow' or 'fail', not ") as caught:
            mock_secrets(leaks=value)

        assert repr(value) in str(caught.value)

    def test_of_a_backend(self):
        with pytest.raises(ValueError, match=r"^leaks takes 'allow' or 'fail', not 'warn'$"):
            SecretsBackend(leaks="warn")

    def test_none_is_as_if_it_were_not_given(self):
        with mock_secrets(leaks=None) as backend:
            leak()

        assert backend.effective["leaks"] == "allow"

    @pytest.mark.parametrize(
        ("body", "ini", "expected"),
        [
            ("@pytest.mark.mock_secrets(leaks='warn')\ndef test_it(): pass", "", "marker mock_secrets"),
            ("def test_it(secrets_backend): pass", "mock_secrets_leaks = warn", "ini option mock_secrets_leaks"),
        ],
    )
    def test_of_the_plugin(self, run, body, ini, expected):
        result = run(body, ini=ini)

        result.assert_outcomes(errors=1)
        assert f"{expected}: leaks takes 'allow' or 'fail', not 'warn'" in output(result)


class TestInside:
    def test_an_inner_mock_cant_ask_for_it(self):
        expected = r"mock_secrets\(leaks='fail'\) is inside a mock that is active with leaks='allow'"

        with mock_secrets(), pytest.raises(ValueError, match=expected), mock_secrets(leaks="fail"):
            pass

    def test_an_inner_mock_cant_lift_it(self):
        expected = r"mock_secrets\(leaks='allow'\) is inside a mock that is active with leaks='fail'"

        with mock_secrets(leaks="fail"), pytest.raises(ValueError, match=expected), mock_secrets(leaks="allow"):
            pass

    def test_an_inner_mock_that_says_nothing_joins(self):
        with pytest.raises(SecretLeaked), mock_secrets(leaks="fail"):  # noqa: PT012 - the inner one must not raise
            with mock_secrets():
                leak()
            left = True

        assert left

    def test_the_outermost_tells(self):
        mocked = mock_secrets(leaks="fail")
        mocked.start()
        mocked.start()
        leak()

        mocked.stop()
        with pytest.raises(SecretLeaked):
            mocked.stop()

    def test_a_marker_inside_a_wider_mock_cant_ask_for_it(self, run):
        result = run("""
def test_one(module_secrets_backend):
    pass

@pytest.mark.mock_secrets(leaks="fail")
def test_two(module_secrets_backend):
    pass
""")

        result.assert_outcomes(passed=1, errors=1)
        assert "is inside a mock that is active with leaks='allow'" in output(result)


class TestError:
    def test_it_is_an_assertion_that_can_be_imported(self):
        assert package.SecretLeaked is SecretLeaked
        assert "SecretLeaked" in package.__all__
        assert issubclass(SecretLeaked, AssertionError)

    def test_it_names_call_and_parameter_and_no_value(self):
        with pytest.raises(SecretLeaked) as caught, mock_secrets(leaks="fail"):
            leak()

        assert str(caught.value).startswith(f"values of secrets were logged:\n  {SENTENCE}\n")
        assert "leaks(ignore=..., min_length=...)" in str(caught.value)
        assert VALUE not in str(caught.value)

    def test_a_name_that_is_the_value_is_not_told(self):
        with pytest.raises(SecretLeaked) as caught, mock_secrets(leaks="fail"):
            leak(f"users/{VALUE}", "of a user")

        assert VALUE not in str(caught.value)
        assert "CreateSecret put the value of secret 'users/<redacted>' into name" in str(caught.value)

    def test_the_same_mock_again_knows_nothing_of_it(self):
        mocked = mock_secrets(leaks="fail")
        with pytest.raises(SecretLeaked), mocked:
            leak()

        with mocked:
            leak(description="nothing")

    def test_what_the_body_raised_tells_more(self):
        with pytest.raises(RuntimeError, match="apples"), mock_secrets(leaks="fail"):  # noqa: PT012 - both happen inside
            leak()
            raise RuntimeError("apples")

    def test_what_the_body_of_a_coroutine_raised_tells_more(self):
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
    @pytest.mark.parametrize(
        "leaky",
        [
            block,
            start_and_stop,
            async_block,
            decorated,
            lambda: asyncio.run(decorated_coroutine()),
            lambda: list(decorated_generator()),
        ],
        ids=["block", "start and stop", "async with", "decorator", "coroutine", "generator"],
    )
    def test_it_is_as_it_was_after_a_leak(self, leaky):
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

    def test_a_decorated_class_without_a_leak(self):
        @mock_secrets(leaks="fail")
        class Case(unittest.TestCase):
            def test_it(self):
                leak(description="nothing")

        assert self.outcome(Case).wasSuccessful()

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
