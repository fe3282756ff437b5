"""Other plugins and libraries beside this one, each in a project of its own: ``tox run -e neighbours`` has them all."""

import pytest
from tables import rows

USE = """
@mock_secrets(secrets={"db": "s3cret"})
def test_decorated(secrets_backend):
    assert read("db") == "s3cret"
    assert held() == ["db"]

def test_fixture(secrets_backend):
    create("db")
    assert held() == ["db"]

@pytest.mark.mock_secrets(secrets={"db": "s3cret"})
def test_marker():
    create("other")
    assert held() == ["db", "other"]

def test_without():
    assert running() is None
"""


@pytest.fixture
def run(project, monkeypatch):
    """Runs tests with one more plugin, which this suite keeps away from its projects."""

    def run_it(plugin, body, *options):
        pytest.importorskip(plugin)
        monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
        return project.run(body, *options)

    return run_it


@rows(
    "plugin, options, passed",
    [
        ("xdist", ["-n", "2"], 4),
        ("pytest_randomly", ["-p", "randomly", "-p", "no:xdist"], 4),
        ("pytest_timeout", ["--timeout", "60"], 4),
        ("pytest_timeout", ["--timeout", "60", "--timeout-method", "thread"], 4),
        ("pytest_repeat", ["--count", "3", "-p", "no:randomly"], 12),
        ("pytest_socket", ["--disable-socket"], 4),
        ("anyio", [], 4),
    ],
)
def test_a_plugin_and_a_mock_leave_each_other_alone(run, plugin, options, passed):
    run(plugin, USE, *options).assert_outcomes(passed=passed)


def test_a_rerun_test_starts_with_a_new_mock(run):
    result = run(
        "pytest_rerunfailures",
        """
tries = []

def test_it(secrets_backend):
    create("db")
    tries.append(held())
    assert tries == [["db"]] * 3
""",
        "--reruns",
        "2",
    )

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*2 rerun*"])


def test_responses_answers_only_its_own_requests(run):
    run(
        "responses",
        """
import responses
from urllib.request import Request

@responses.activate
@mock_secrets(secrets={"db": "s3cret"})
def test_it():
    requests = pytest.importorskip("requests")
    responses.get("https://example.com/", body="answered")
    assert requests.get("https://example.com/").text == "answered"
    assert read("db") == "s3cret"
""",
    ).assert_outcomes(passed=1)


def test_a_vcr_cassette_records_no_mocked_calls(run, project):
    run(
        "vcr",
        """
import vcr

@vcr.use_cassette("cassette.yaml", record_mode="all")
@mock_secrets(secrets={"db": "s3cret"})
def test_it():
    assert read("db") == "s3cret"
""",
    ).assert_outcomes(passed=1)

    assert not (project.pytester.path / "cassette.yaml").exists()


class TestHypothesis:
    """Its examples are calls of the function that it decorates."""

    @pytest.fixture(autouse=True)
    def with_its_plugin(self, project, monkeypatch):
        monkeypatch.setattr("project.QUICK", ("-p", "no:time_machine", "-p", "no:asyncio"))

    def test_each_example_has_its_own_mock_below_given(self, project):
        project.run("""
from hypothesis import given, settings, strategies

@settings(max_examples=5, deadline=None, database=None)
@given(strategies.integers())
@mock_secrets(secrets={"db": "s3cret"})
def test_it(number):
    create("new")
    assert held() == ["db", "new"]
""").assert_outcomes(passed=1)

    def test_a_fixture_is_refused_by_the_hypothesis_health_check(self, project):
        result = project.run("""
from hypothesis import given, settings, strategies

@settings(max_examples=5, deadline=None, database=None)
@given(strategies.integers())
def test_it(secrets_backend, number):
    pass
""")

        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["*function-scoped fixture 'secrets_backend'*"])

    def test_each_example_can_have_a_savepoint_in_the_mock_of_the_fixture(self, project):
        project.run("""
from hypothesis import HealthCheck, given, settings, strategies

@settings(max_examples=5, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=strategies.integers())
def test_it(secrets_backend, number):
    with secrets_backend.savepoint():
        create("new")
        assert held() == ["new"]
""").assert_outcomes(passed=1)
