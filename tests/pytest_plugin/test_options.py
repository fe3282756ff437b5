"""The parameters in pytest: which there are is read from their declarations, and what the ini says is a default."""

import re
import subprocess
import sys

from project import output, shows_nothing_of_ours
from tables import rows

from mock_secrets import SecretsBackend, mock_secrets
from mock_secrets.kernel.options import PARAMETERS, Options
from mock_secrets.kernel.session_defaults import begin_session

ENTRANCES = """
import asyncio
import unittest

def check():
    assert (running().region, held()) == ("eu-west-1", ["db"])

def test_with():
    with mock_secrets():
        check()

def test_async_with():
    async def enter():
        async with mock_secrets():
            check()
    asyncio.run(enter())

def test_start():
    mock = mock_secrets()
    mock.start()
    try:
        check()
    finally:
        mock.stop()

@mock_secrets
def helper():
    check()

def test_decorated_helper():
    helper()

class TestIt(unittest.TestCase):
    def setUp(self):
        mock = mock_secrets()
        mock.start()
        self.addCleanup(mock.stop)

    def test_case(self):
        check()
"""

CONFTEST = """
from mock_secrets import mock_secrets

mock = mock_secrets({given})
{begin}

def pytest_unconfigure():
    mock.stop()
"""

WRONG = [
    ("at", "yesterday", "yesterday"),
    ("at", "2026-01-01", "takes an instant with its time zone, such as 2026-01-01T00:00:00Z, not '2026-01-01'"),
    ("any_region", "maybe", "takes true or false"),
    ("kms", "lax", "'strict'"),
    ("limits", "retained_versions", "name=value"),
    ("limits", "retained_versions=2.5", "whole number"),
    ("limits", "retention=long", "a number of hours"),
    ("limits", "short_pages=perhaps", "short_pages takes true or false, not 'perhaps'"),
    ("limits", "frobnicate=5", "retained_versions"),
    # These are known to be wrong only when the mock begins.
    ("passthrough", "s33", "'s33'"),
    ("secrets", "bad name=hunter2", "bad name"),
]


def test_pytest_help_explains_each_ini_option(project):
    shown = " ".join(output(project.run("", "--help")).split())

    assert [name for name, declared in PARAMETERS.items() if f"mock_secrets: {declared.help}" not in shown] == []


def test_the_marker_is_described_with_its_parameters(project):
    assert ", ".join(f"{name}=..." for name in PARAMETERS) in output(project.run("", "--markers"))


def test_pytest_startup_loads_only_the_declarations():
    code = "import sys, mock_secrets.pytest_plugin; print(*sorted(name for name in sys.modules if name[:4] in ('boto', 'mock')))"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()  # noqa: S603

    assert [name.removeprefix("mock_secrets.") for name in loaded] == [
        "mock_secrets",
        "kernel",
        "kernel.options",
        "kernel.parameters",
        "kernel.phase",
        "kernel.redaction",
        "kernel.session_defaults",
        "kernel.suggestions",
        "pytest_plugin",
        "pytest_plugin.askers",
        "pytest_plugin.isolation",
        "pytest_plugin.options",
        "pytest_plugin.report_section",
        "pytest_plugin.reports",
        "pytest_plugin.rewriting",
    ]


class TestDefaults:
    def test_an_outermost_mock_starts_with_the_ini_options(self, project):
        result = project.run(ENTRANCES, ini="mock_secrets_region = eu-west-1\nmock_secrets_secrets =\n    db=s3cret")

        result.assert_outcomes(passed=5)

    @rows("begin", ["mock.start()", "def pytest_configure(): mock.start()"])
    def test_a_mock_started_by_a_conftest_also_uses_the_ini_options(self, project, begin):
        project.pytester.makeconftest(CONFTEST.format(begin=begin, given=""))

        result = project.run(
            """
            def test_it():
                assert running().region == "eu-west-1"
            """,
            ini="mock_secrets_region = eu-west-1",
        )

        result.assert_outcomes(passed=1)

    def test_an_inner_mock_ignores_the_ini_options(self, project):
        result = project.run(
            """
            @pytest.mark.mock_secrets(region="eu-west-2")
            def test_marker():
                with mock_secrets() as backend:
                    assert backend.region == "eu-west-2"

            def test_with():
                with mock_secrets(region="eu-west-3", secrets={"db": "given"}), mock_secrets() as backend:
                    assert backend.region == "eu-west-3"
                    assert read("db") == "given"
            """,
            ini="mock_secrets_region = eu-west-1\nmock_secrets_secrets =\n    db=ini",
        )

        result.assert_outcomes(passed=2)

    def test_a_fixture_inside_a_running_mock_ignores_the_ini_options(self, project):
        project.pytester.makeconftest(CONFTEST.format(begin="mock.start()", given='region="eu-west-2", leaks="allow"'))

        result = project.run(
            """
            def test_it(secrets_backend):
                assert secrets_backend.region == "eu-west-2"
            """,
            ini="mock_secrets_region = eu-west-1\nmock_secrets_leaks = fail",
        )

        result.assert_outcomes(passed=1)

    def test_a_backend_that_is_not_entered_ignores_the_ini_options(self, project):
        result = project.run(
            """
            from mock_secrets import SecretsBackend

            def test_it():
                assert SecretsBackend().account_id == "123456789012"
            """,
            ini="mock_secrets_account_id = 111122223333",
        )

        result.assert_outcomes(passed=1)


class TestWrongIni:
    @rows("option, value, says", WRONG)
    def test_an_invalid_ini_option_fails_each_new_mock_and_is_named(self, project, option, value, says):
        result = project.run(
            """
            def test_block():
                with mock_secrets():
                    pass

            def test_without():
                assert running() is None

            def test_fixture(secrets_backend):
                pass
            """,
            ini=f"mock_secrets_{option} =\n    {value}",
        )

        result.assert_outcomes(failed=1, passed=1, errors=1)
        assert f"UsageError: ini option mock_secrets_{option}: " in output(result)
        assert set(re.findall(r"^(\S+\.py):[0-9]+: ", output(result), re.MULTILINE)) == {"test_it.py"}
        assert f"test_it.py::test_fixture: ini option mock_secrets_{option}: " in output(result)
        assert says in output(result)
        assert "hunter2" not in output(result)
        assert shows_nothing_of_ours(result)

    def test_an_error_in_a_parameter_is_not_blamed_on_the_option(self, project):
        result = project.run(
            """
            def test_it():
                with pytest.raises(ValueError, match="^passthrough names 's33'"):
                    mock_secrets(passthrough=["s33"]).start()
            """,
            ini="mock_secrets_passthrough = s3",
        )

        result.assert_outcomes(passed=1)


class Elsewhere:
    def activate(self, activate, given):
        return activate(given.over(Options(account_id="444455556666")))


class TestSessions:
    def test_the_options_end_when_their_session_ends(self, project):
        project.run("def test_it(): pass", ini="mock_secrets_account_id = 111122223333")

        with mock_secrets() as backend:
            assert backend.account_id == "123456789012"

    def test_a_nested_session_has_its_own_options(self, project):
        end = begin_session(Elsewhere())
        try:
            result = project.run(
                """
                def test_it(secrets_backend):
                    assert secrets_backend.account_id == "123456789012"
                """
            )
            with mock_secrets() as backend:
                after = backend.account_id
        finally:
            end()

        result.assert_outcomes(passed=1)
        assert after == "444455556666"
        assert SecretsBackend().account_id == "123456789012"
