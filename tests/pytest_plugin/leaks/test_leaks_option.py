"""``leaks="fail"`` through every entrance: a secret value in what CloudTrail logs fails the test that put it there."""

import pytest
from project import SCOPES, output, reports
from pytest_plugin.leaks.leaking import SENTENCE, VALUE, leak
from tables import rows

from mock_secrets import SecretLeaked, mock_secrets

# What stands around "leak()" or what else a test does.
ENTRANCES = {
    "decorator": """
@mock_secrets(leaks="fail")
def test_it():
    {act}
""",
    "decorator, with the backend": """
@mock_secrets(leaks="fail")
def test_it(secrets_backend):
    {act}
""",
    "decorated class": """
@mock_secrets(leaks="fail")
class TestIt:
    def setup_method(self):
        create("other", "0ther-value")

    def test_it(self):
        {act}
""",
    "decorated TestCase": """
@mock_secrets(leaks="fail")
class Case(unittest.TestCase):
    def test_it(self):
        {act}
""",
    "decorated fixture": """
@pytest.fixture
@mock_secrets(leaks="fail")
def mocked():
    yield

def test_it(mocked):
    {act}
""",
    "marker": """
@pytest.mark.mock_secrets(leaks="fail")
def test_it():
    {act}
""",
    "fixture and marker": """
@pytest.mark.mock_secrets(leaks="fail")
def test_it(secrets_backend):
    {act}
""",
    "block": """
def test_it():
    with mock_secrets(leaks="fail"):
        {act}
""",
    "start and stop": """
def test_it():
    mocked = mock_secrets(leaks="fail")
    mocked.start()
    try:
        {act}
    finally:
        mocked.stop()
""",
    "async with": """
def test_it():
    async def body():
        async with mock_secrets(leaks="fail"):
            {act}

    asyncio.run(body())
""",
    "inner block": """
@pytest.mark.mock_secrets(leaks="fail")
def test_it():
    with mock_secrets(leaks="fail"):
        {act}
""",
}
WITH_THE_INI_OPTION = {
    "fixture": """
def test_it(secrets_backend):
    {act}
""",
    "frozen clock": """
def test_it(secrets_clock):
    {act}
""",
    "bare marker": """
@pytest.mark.mock_secrets
def test_it():
    {act}
""",
}
INI = "mock_secrets_leaks = fail"

everywhere = rows("entrances, ini", [(ENTRANCES, ""), (WITH_THE_INI_OPTION, INI)])


def doing(act, entrances):
    return [entrance.format(act=act) for entrance in entrances.values()]


class TestEntrances:
    @everywhere
    def test_a_leak_fails_the_test(self, run, entrances, ini):
        result = run(doing("leak()", entrances), ini=ini)

        result.assert_outcomes(failed=len(entrances))
        assert [report for report in reports(result) if SENTENCE not in report] == []
        assert VALUE not in output(result)

    @everywhere
    def test_no_leak_passes(self, run, entrances, ini):
        result = run(doing('create("db", "corr3ct-" + "h0rse")', entrances), ini=ini)

        result.assert_outcomes(passed=len(entrances))

    @everywhere
    def test_a_failure_of_another_kind_is_reported(self, run, entrances, ini):
        result = run(doing('create("db"); assert "apples" == "pears"', entrances), ini=ini)

        result.assert_outcomes(failed=len(entrances))
        assert [report for report in reports(result) if "apples" not in report] == []
        assert "which CloudTrail logs" not in output(result)

    def test_a_leak_in_a_decorated_coroutine_fails_its_test(self, run):
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
        result = run(ENTRANCES["marker"].format(act="leak()"))

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

    def test_the_leaking_test_of_a_decorated_class_with_set_up_fails(self, run):
        heads = [
            "class TestIt:\n    def setup_class(cls): create('other', '0ther-value')",
            "class TestIt:\n    def setup_method(self): create('other', '0ther-value')",
            "class TestIt(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls): create('other', '0ther-value')",
            "class TestIt(unittest.TestCase):\n    def setUp(self): create('other', '0ther-value')",
        ]
        tests = """

    def test_1(self):
        pass

    def test_2(self):
        leak()

    def test_3(self):
        pass
"""

        result = run([f'@mock_secrets(leaks="fail")\n{head}{tests}' for head in heads])

        result.assert_outcomes(passed=8, failed=4)
        assert [report.location[2] for report in result.reprec.getfailures()] == ["TestIt.test_2"] * 4


def test_a_leak_is_told_once_and_only_where_nothing_else_is(run):
    result = run("""
pytestmark = pytest.mark.mock_secrets(leaks="fail")

@pytest.fixture
def leaky(secrets_backend):
    leak()

@pytest.fixture
def leaky_at_the_end(secrets_backend):
    yield
    leak()

@pytest.fixture
def broken(secrets_backend):
    leak()
    raise RuntimeError("apples")

def test_with_a_leaky_fixture(leaky): pass

def test_passed_before_a_leaky_clean_up(leaky_at_the_end): pass

def test_failed_for_another_reason():
    leak()
    assert "apples" == "pears"

def test_with_a_broken_fixture(broken): pass

@pytest.mark.xfail(strict=True)
def test_expected_to_fail():
    leak()

def test_skipped():
    leak()
    pytest.skip("not today")

def test_checks_itself(secrets_backend):
    leak()
    with pytest.raises(SecretLeaked, match="into description"):
        secrets_backend.check_leaks()
""")

    result.assert_outcomes(passed=2, failed=2, errors=2, xfailed=1, skipped=1)
    assert [
        (report.location[2], report.when, SENTENCE in report.longreprtext, "apples" in report.longreprtext)
        for report in result.reprec.getfailures()
    ] == [
        ("test_with_a_leaky_fixture", "call", True, False),
        ("test_passed_before_a_leaky_clean_up", "teardown", True, False),
        ("test_failed_for_another_reason", "call", False, True),
        ("test_with_a_broken_fixture", "setup", False, True),
    ]


def test_only_the_tests_that_leaked_into_a_wider_mock_fail(run):
    module = """
class TestIt:
    def test_before({0}):
        create("before", "v4lue-before")

    def test_leak({0}):
        leak()

    def test_after({0}):
        read("db")

    def test_another_leak({0}):
        leak("another")

    def test_failed_for_another_reason({0}):
        leak("third")
        raise RuntimeError("apples")

    def test_after_that({0}): pass
"""

    result = run([module.format(f"self, {scope}_secrets_backend") for scope in SCOPES], ini=INI)

    result.assert_outcomes(passed=3 * len(SCOPES), failed=3 * len(SCOPES))
    assert [(report.location[2], "apples" in report.longreprtext) for report in result.reprec.getfailures()] == [
        ("TestIt.test_leak", False),
        ("TestIt.test_another_leak", False),
        ("TestIt.test_failed_for_another_reason", True),
    ] * len(SCOPES)


class TestAllowed:
    @rows(
        "tests, ini",
        [
            (
                """
@mock_secrets
def test_decorator(): leak()

@pytest.mark.mock_secrets
def test_bare_marker(): leak()

@pytest.mark.mock_secrets(leaks="allow")
def test_marker(): leak()
""",
                "",
            ),
            (
                """
@pytest.mark.mock_secrets(leaks="allow")
def test_marker(): leak()

@mock_secrets(leaks="allow")
def test_decorator(): leak()

def test_block():
    with mock_secrets(leaks="allow"): leak()
""",
                INI,
            ),
        ],
    )
    def test_a_leak_passes_where_leaks_are_allowed(self, run, tests, ini):
        result = run(tests, ini=ini)

        result.assert_outcomes(passed=3)

    def test_the_nearest_marker_decides_about_leaks(self, run):
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
