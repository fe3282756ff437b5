"""Whose values a report does not show, and what it shows all the same."""

import re

import pytest
from project import SCOPES, output

V = 'V = "correct-" + "horse-battery"'
VALUE = "correct-horse-battery"


@pytest.fixture
def run(project):
    def run_it(body, *options, **given):
        bodies = body if isinstance(body, list) else [body]
        return project.run([f"import unittest, warnings\n{V}\n{each}" for each in bodies], *options, **given)

    return run_it


class TestWhoseValues:
    def test_values_of_every_mock_of_the_test_are_hidden(self, run):
        """Of one that has ended, or is a decorator's or a marker's, and of a backend that was never active."""
        result = run("""
from mock_secrets import SecretsBackend

SEED = {"db": V}

def test_ended_mock():
    with mock_secrets():
        create("db", V)
    assert V == "x"

def test_ended_savepoint(secrets_backend):
    with secrets_backend.savepoint():
        create("db", V)
    assert V == "x"

def test_never_active_backend():
    SecretsBackend().create("db", V)
    assert V == "x"

@pytest.mark.mock_secrets(secrets=SEED)
def test_marker(request):
    marker = request.node.get_closest_marker("mock_secrets")
    assert marker is None

@mock_secrets(secrets=SEED)
def test_decorator():
    assert SEED == {}
""")

        result.assert_outcomes(failed=5)
        assert VALUE not in output(result)

    def test_values_of_a_wider_fixture_mock_are_hidden(self, run):
        module = """
class TestIt:
    def test_1(self, {0}_secrets_backend):
        create("db", V)

    def test_2(self, {0}_secrets_backend):
        assert V == "x"
"""

        result = run([module.format(scope) for scope in SCOPES])

        result.assert_outcomes(passed=len(SCOPES), failed=len(SCOPES))
        assert VALUE not in output(result)

    def test_values_generated_by_a_managing_service_are_hidden(self, run):
        result = run("""
def test_it(secrets_backend):
    secrets_backend.create_managed_secret("rds", "rds!db", {"username": "admin", "password": "x"})
    boto3.client("secretsmanager").rotate_secret(SecretId="rds!db", RotateImmediately=True)
    password = str(secrets_backend["rds!db"].json["password"])
    print("of", len(password), password)
    assert password == "x"
""")

        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["of * <redacted>"])

    def test_values_of_mocks_in_other_tests_are_not_hidden(self, run):
        """A test is told the same whatever ran before it."""
        result = run("""
def test_1(secrets_backend):
    create("db", V)

def test_2(secrets_backend):
    create("db", "another value")
    assert V == "x"

def test_3():
    assert V == "x"
""")

        result.assert_outcomes(passed=1, failed=2)
        assert output(result).count(f"+ {VALUE}") == 2


class TestWhatIsShown:
    def test_names_places_labels_and_accounts_are_still_shown(self, run):
        names = ["production-db", "eu-west-1", "BLUE-GREEN", "123456789012", "test_it", "us-east-1"]
        result = run(f"""
import json

@mock_secrets(region="eu-west-1")
def test_it(secrets_backend):
    create("production-db", json.dumps({names}))
    secrets_backend["production-db"].put("x", stages=["BLUE-GREEN"])
    print(" and ".join({names}))
    assert False
""")

        result.stdout.fnmatch_lines(
            ["production-db and eu-west-1 and BLUE-GREEN and 123456789012 and test_it and <redacted>"]
        )

    def test_source_lines_are_still_shown(self, run):
        result = run("""
@mock_secrets
def test_it():
    value = "battery-staple"
    create("db", value)
    assert value == "x"
""")

        result.stdout.fnmatch_lines(['*    value = "battery-staple"', "E*+ <redacted>"])
        assert output(result).count("battery-staple") == 1

    def test_a_test_without_a_mock_is_reported_as_usual(self, run):
        result = run("""
def test_it():
    print(V)
    assert V == "x"
""")

        assert output(result).count(VALUE) == 4


class TestWhatElseReportsHold:
    def test_properties_reasons_output_and_warnings_show_no_values(self, run, pytester):
        ways = [
            "record_property('of', V)",
            "record_property('of', {'it': [V, V.encode()]})",
            "pytest.skip(V)",
            "pytest.xfail(V)",
            "pytest.fail(V, pytrace=False)",
            "raise pytest.UsageError(V)",
            "print(V)",
            "warnings.warn(V)",
            "request.getfixturevalue(V)",
            "raise ExceptionGroup('of', [ValueError(V)]) if hasattr(__builtins__, 'ExceptionGroup') else ValueError(V)",
        ]
        test = """
def test_{}(secrets_backend, record_property, request):
    create("db", V)
    {}
"""

        result = run(
            "".join(test.format(number, way) for number, way in enumerate(ways)),
            *("-rA", "-W", "default", "--junitxml=report.xml", "-o", "junit_logging=all", "-o", "junit_family=xunit1"),
        )

        result.assert_outcomes(passed=4, failed=4, skipped=1, xfailed=1, warnings=1)
        assert VALUE not in output(result)
        assert VALUE not in (pytester.path / "report.xml").read_text()

    def test_the_pytest_html_report_shows_no_values(self, run, pytester):
        pytest.importorskip("pytest_html")
        result = run(
            """
def test_it(secrets_backend):
    create("db", V)
    print(V)
    assert V == "x"
""",
            *("--html=report.html", "--self-contained-html"),
        )

        result.assert_outcomes(failed=1)
        assert VALUE not in (pytester.path / "report.html").read_text()

    def test_reports_sent_by_xdist_workers_show_no_values(self, run, monkeypatch):
        pytest.importorskip("xdist")
        monkeypatch.delenv("PYTEST_ADDOPTS")
        result = run(
            """
def test_it(secrets_backend):
    create("db", V)
    print(V)
    assert V == "x"
""",
            "-n1",
        )

        result.assert_outcomes(failed=1)
        assert VALUE not in output(result)


FUNCTION = """
def test_{number}(secrets_client):
    client = secrets_client
    {call}
"""
CASE = """
@mock_secrets
class Case{number}(unittest.TestCase):
    def test_it(self):
        client = boto3.client("secretsmanager")
        {call}
"""
ASYNC_CASE = CASE.replace("TestCase", "IsolatedAsyncioTestCase").replace("def test", "async def test")


def test_a_traceback_ends_at_the_call(run):
    calls = [
        "client.describe_secret(SecretId='missing')",
        "client.create_secret('db', SecretString=V)",
        "client.create_secret(Name='db', SecretString=[V])",
        "list(client.get_paginator('list_secrets').paginate(Filters=[{'Key': 'x', 'Values': ['x']}]))",
    ]
    modules = [
        "".join(test.format(number=number, call=call) for number, call in enumerate(calls))
        for test in (FUNCTION, CASE, ASYNC_CASE)
    ]

    result = run(modules, "-vv", "--tb=long")

    result.assert_outcomes(failed=len(calls) * len(modules))
    assert "_api_call" not in output(result)
    assert re.findall(r"^> +(.+)$", output(result), re.MULTILINE) == calls * len(modules)
