"""Faults under pytest: the marker, and tests that fail for a fault that never fired."""

import unittest
from datetime import datetime, timezone
from textwrap import dedent

import pytest
from botocore.exceptions import ClientError
from project import output
from tables import rows

from mock_secrets import mock_secrets
from mock_secrets.faults import UnfiredFault

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)

READ = """
def refused(name="db"):
    try:
        boto3.client("secretsmanager").get_secret_value(SecretId=name)
    except Exception as error:
        return error.response["Error"]["Code"]
"""


@pytest.fixture
def run(project, monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    def run_it(body, *arguments, **options):
        return project.run(READ + dedent(body), *arguments, **options)

    return run_it


# --- The marker ---


def test_a_fault_marker_affects_calls_of_the_test_but_not_of_its_set_up(run):
    result = run("""
        @pytest.fixture
        def seeded(secrets_client):
            secrets_client.create_secret(Name="db", SecretString="s3cret")
            assert refused() is None
            yield
            assert refused() is None

        @pytest.mark.mock_secrets_fail("*", "ThrottlingException", secret="db", times=2)
        def test_it(seeded, secrets_backend):
            assert [refused(), refused(), refused()] == ["ThrottlingException", "ThrottlingException", None]

        def test_another(seeded):
            assert refused() is None
    """)

    result.assert_outcomes(passed=2)


def test_a_marker_activates_the_mock_and_the_nearest_one_answers_first(run):
    result = run("""
        import unittest

        @pytest.mark.mock_secrets_fail("*", "InternalServiceError")
        class TestIt:
            @pytest.mark.mock_secrets_fail("GetSecretValue", "ThrottlingException", times=1)
            def test_it(self):
                assert [refused(), refused()] == ["ThrottlingException", "InternalServiceError"]

        @pytest.mark.mock_secrets_fail("*", "InternalServiceError")
        class CaseTests(unittest.TestCase):
            def test_it(self):
                assert refused() == "InternalServiceError"
    """)

    result.assert_outcomes(passed=2)


@rows(
    "arguments, told",
    [
        ('"GetSecretvalue", "ThrottlingException"', "no operation 'GetSecretvalue'. Did you mean 'GetSecretValue'?"),
        ('"*"', "it takes an operation and an error, such as ('GetSecretValue', 'ThrottlingException')"),
    ],
)
def test_an_invalid_marker_fails_the_test_and_suggests_a_correction(run, arguments, told):
    result = run(f"""
        @pytest.mark.mock_secrets_fail({arguments})
        def test_it():
            raise AssertionError("it ran")
    """)

    result.assert_outcomes(failed=1)
    assert "test_it.py::test_it: marker mock_secrets_fail: " in output(result)
    assert told in output(result)
    assert "it ran" not in output(result)


def test_a_marker_without_a_mock_is_reported(run, project):
    project.pytester.makeconftest("""
        import pytest

        class Item(pytest.Item):
            def runtest(self):
                pass

        def pytest_pycollect_makeitem(collector, name, obj):
            if name == "test_it":
                item = Item.from_parent(collector, name=name)
                item.add_marker(pytest.mark.mock_secrets_fail("*", "ThrottlingException"))
                return item
    """)

    result = run("def test_it(): pass")

    assert "test_it.py::test_it: marker mock_secrets_fail: no mock is active" in output(result)


def test_the_marker_is_listed_with_its_parameters(run):
    result = run("def test_it(): pass", "--markers")

    assert "@pytest.mark.mock_secrets_fail(operation, error, *, secret=..." in output(result)


# --- Faults that never fired ---

UNFIRED = "test_it.py::test_unfired"


@rows("ini", ["mock_secrets_unfired = fail", ""])
def test_a_fault_that_never_fired_fails_the_test_if_requested(run, ini):
    result = run("""
        @pytest.mark.mock_secrets_fail("DeleteSecret", "ThrottlingException")
        def test_unfired():
            assert refused() is not None

        def test_fired(secrets_backend):
            with secrets_backend.fail("GetSecretValue", "ThrottlingException"):
                assert refused() == "ThrottlingException"

        def test_failed(secrets_backend):
            secrets_backend.fail("DeleteSecret", "ThrottlingException")
            raise AssertionError("for another reason")
    """, ini=ini)  # fmt: skip

    result.assert_outcomes(passed=1 if ini else 2, failed=2 if ini else 1)
    assert ("these faults never fired:" in output(result)) == bool(ini)
    assert output(result).count("for another reason") > 0
    if ini:
        assert "fail('DeleteSecret', 'ThrottlingException'), started at a marker of test_it.py::test_unfired" in output(
            result
        )


def test_each_test_in_a_wider_mock_owns_its_faults_and_the_fixture_the_rest(run):
    result = run("""
        @pytest.fixture(scope="module")
        def shared():
            with mock_secrets(secrets={"db": "s3cret"}, unfired="fail") as backend:
                backend.fail("DeleteSecret", "ThrottlingException")
                yield backend

        def test_shares_it(shared):
            pass

        def test_has_a_savepoint_and_answers_for_it(shared, secrets_backend):
            secrets_backend.fail("GetSecretValue", "InternalServiceError")

        @pytest.mark.mock_secrets(unfired="allow")
        def test_wants_nothing(shared, secrets_backend):
            secrets_backend.fail("GetSecretValue", "InternalServiceError")
    """)

    result.assert_outcomes(passed=2, failed=1, errors=1)
    assert "FAILED test_it.py::test_has_a_savepoint_and_answers_for_it" in output(result)
    assert "ERROR test_it.py::test_wants_nothing" in output(result)
    assert output(result).count("UnfiredFault: these faults never fired:") == 1


def test_an_unfired_fault_is_raised_when_a_block_or_savepoint_ends_without_an_error():
    def unfired(**_):
        with mock_secrets(unfired="fail") as backend:
            backend.fail("*", "ThrottlingException")

    def at_a_savepoint():
        with mock_secrets(unfired="fail") as backend, backend.savepoint():
            backend.fail("*", "ThrottlingException")

    def failing():
        with mock_secrets(unfired="fail") as backend, backend.savepoint():
            backend.fail("*", "ThrottlingException")
            raise KeyError

    for block in (unfired, at_a_savepoint):
        with pytest.raises(UnfiredFault, match="no call was made that it could have affected"):
            block()
    with pytest.raises(KeyError):
        failing()


def test_an_unfired_fault_of_a_test_case_is_reported_at_its_end():
    @mock_secrets(unfired="fail")
    class Case(unittest.TestCase):
        def test_it(self):
            self.secrets_backend.fail("*", "ThrottlingException")

    result = unittest.TestResult()
    Case("test_it").run(result)

    [(_, told)] = result.errors + result.failures
    assert "these faults never fired:" in told


BY = "the caller is arn:aws:iam::123456789012:user/administrator"


@rows("given, told", [
        ({"secret": "db"}, ["it names 'api'", "not a call of GetSecretValue", "not a call of GetSecretValue, it names no secret"]),
        ({"stage": "blue"}, ["it concerns 'AWSCURRENT'", *["not a call of GetSecretValue, it concerns no staging label"] * 2]),
        ({"principal": "app"}, [BY, *[f"not a call of GetSecretValue, {BY}"] * 2]),
        ({"region": "eu-west-1"}, ["the region is us-east-1", *["not a call of GetSecretValue, the region is us-east-1"] * 2]),
        ({"when": lambda call: call.attempt > 1}, ["when() returned false", *["not a call of GetSecretValue"] * 2]),
        ({"after": 2}, ["after=2, and this is call 1", *["not a call of GetSecretValue"] * 2]),
        ({"sequence": (0, 1, 1, 0)}, ["sequence=(0, 1, 1, 0) lets this call pass", *["not a call of GetSecretValue"] * 2]),
        ({"rate": 1e-9}, ["rate=1e-09 did not pick this call", *["not a call of GetSecretValue"] * 2]),
        ({"until": NOON}, ["until=2026-03-01 12:00:00Z, and the time is 2026-03-01 12:00:00Z", *["not a call of GetSecretValue"] * 2]),
    ])  # fmt: skip
def test_the_nearest_calls_are_listed_first_with_the_reason_for_not_matching(given, told):
    def block():
        with mock_secrets(at=NOON, secrets={"db": "one", "api": "two"}, unfired="fail") as backend:
            backend.fail("GetSecretValue", "ThrottlingException", **given)
            client = backend.client()
            client.list_secrets()
            client.describe_secret(SecretId="db")
            client.get_secret_value(SecretId="api")

    with pytest.raises(UnfiredFault) as caught:
        block()

    head, where, title, *near = str(caught.value).splitlines()
    assert (head, title) == ("these faults never fired:", "    nearest calls:")
    assert where.startswith("  fail('GetSecretValue', 'ThrottlingException', ")
    assert near[0].startswith("      <GetSecretValue(SecretId='api') in us-east-1 at 2026-03-01 12:00:00>: ")
    assert [line.partition(">: ")[2] for line in near] == told


def test_a_fault_preempted_by_another_reports_which_one(secrets_backend, secrets_client):
    secrets_backend.fail("*", "AccessDeniedException")
    second = secrets_backend.fail("ListSecrets", "ThrottlingException")

    with pytest.raises(ClientError):
        secrets_client.list_secrets()

    assert [miss.misses for miss in second._plan.near] == [("fail('*', 'AccessDeniedException') answered it first",)]
