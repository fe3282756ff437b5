"""``leaks="fail"`` through every entrance: a secret value in what CloudTrail logs fails the test that put it there."""

import pytest
from project import SCOPES, output, reports
from pytest_plugin.leaks.leaking import SENTENCE, VALUE, leak
from tables import rows

from mock_secrets import SecretLeaked, mock_secrets

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

INIS = sorted({ini for _, ini in ENTRANCES.values()})


def bodies(ini, act):
    """The test modules that need this ini option, each of which does this."""
    return [body.format(act=act) for body, needed in ENTRANCES.values() if needed == ini]


class TestEntrances:
    @rows("ini", INIS)
    def test_a_leak_fails_the_test(self, run, ini):
        modules = bodies(ini, "leak()")

        result = run(modules, ini=ini)

        result.assert_outcomes(failed=len(modules))
        assert [report for report in reports(result) if SENTENCE not in report] == []
        assert VALUE not in output(result)

    @rows("ini", INIS)
    def test_no_leak_passes(self, run, ini):
        modules = bodies(ini, 'create("db", "corr3ct-" + "h0rse")')

        result = run(modules, ini=ini)

        result.assert_outcomes(passed=len(modules))

    @rows("ini", INIS)
    def test_a_failure_of_another_kind_is_reported(self, run, ini):
        modules = bodies(ini, 'create("db"); assert "apples" == "pears"')

        result = run(modules, ini=ini)

        result.assert_outcomes(failed=len(modules))
        assert [report for report in reports(result) if "apples" not in report] == []
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

    def test_the_report_of_a_marked_test_is_just_the_sentence(self, run):
        result = run(ENTRANCES["marker"][0].format(act="leak()"))

        result.stdout.fnmatch_lines(["*test_it*", "secret values were logged:", f"  {SENTENCE}"])
        assert "Traceback" not in output(result)
        assert "leak()" not in output(result)

    def test_each_leak_is_reported(self, run):
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

    @rows(
        "head",
        [
            "class TestIt:\n    def setup_class(cls): create('other', '0ther-value')",
            "class TestIt:\n    def setup_method(self): create('other', '0ther-value')",
            "class TestIt(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls): create('other', '0ther-value')",
            "class TestIt(unittest.TestCase):\n    def setUp(self): create('other', '0ther-value')",
        ],
    )
    def test_the_leaking_test_of_a_decorated_class_with_set_up_fails(self, run, head):
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

    def test_a_leak_in_a_fixture_fails_the_test_that_requested_it(self, run):
        result = run("""
@pytest.fixture
def leaky(secrets_backend):
    leak()

@pytest.mark.mock_secrets(leaks="fail")
def test_it(leaky):
    pass
""")

        result.assert_outcomes(failed=1)

    def test_a_leak_during_clean_up_is_an_error(self, run):
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

    def test_a_leak_the_test_checked_itself_is_not_reported_again(self, run):
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

    def test_an_error_in_set_up_is_reported_once(self, run):
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
    @rows("scope", SCOPES)
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

    def test_a_test_after_an_otherwise_failed_one_is_not_blamed(self, run):
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

    def test_a_leak_is_found_in_a_test_that_does_not_request_the_backend(self, run):
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
    @rows(
        "body, ini",
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

    def test_a_backend_can_be_checked_without_the_option(self):
        with mock_secrets() as backend:
            leak()

            with pytest.raises(SecretLeaked, match="into description"):
                backend.check_leaks()
            backend.check_leaks()
