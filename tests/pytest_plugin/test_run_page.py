"""``--mock-secrets-report=FILE``: what of a run comes onto the page."""

import json
import re

import pytest
from project import output
from tables import rows

OPTION = "--mock-secrets-report=report.html"


def written(project):
    text = (project.pytester.path / "report.html").read_text(encoding="utf-8")
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


def name_of(mock, standing):
    return mock["arns"][standing["of"]][1]


def told(test):
    return [[entry["operation"] for entry in mock["entries"] if entry["kind"] == "call"] for mock in test["mocks"]]


TESTS = """
@pytest.fixture
def app(secrets_backend):
    create("of-the-fixture")
    yield
    create("of-the-tear-down")

@pytest.fixture
def broken(secrets_backend):
    create("db")
    raise ValueError("of the set-up")

def test_passes(app): read("of-the-fixture")
def test_fails(app): read("nothing")
def test_errs(broken): pass
def test_errs_late(app):
    secrets = running()
    create("of-the-tear-down")
def test_skips(secrets_backend):
    create("db")
    pytest.skip("later")
@pytest.mark.xfail
def test_is_known_to_fail(secrets_backend): read("nothing")
@pytest.mark.xfail(strict=False)
def test_is_mended(secrets_backend): create("db")
def test_has_no_mock(): pass

@mock_secrets
def test_decorated(): create("db")

def test_has_two():
    with mock_secrets(region="eu-west-1"): create("db")
    with mock_secrets(region="us-west-2"): create("db")
"""


@pytest.fixture
def run(project, monkeypatch):
    def run_it(body, *options):
        if "-n" in options:
            pytest.importorskip("xdist")
            monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
        return project.run(body, OPTION, *options)

    return run_it


@rows("options", [[], ["-n", "2"]])
def test_every_test_with_a_mock_is_reported_with_its_outcome_and_calls(run, project, options):
    result = run(TESTS, *options)

    assert {test["id"].partition("::")[2]: (test["outcome"], told(test)) for test in written(project)["tests"]} == {
        "test_passes": ("passed", [["CreateSecret", "GetSecretValue", "CreateSecret"]]),
        "test_fails": ("failed", [["CreateSecret", "GetSecretValue", "CreateSecret"]]),
        "test_errs": ("error", [["CreateSecret"]]),
        "test_errs_late": ("error", [["CreateSecret", "CreateSecret", "CreateSecret"]]),
        "test_skips": ("skipped", [["CreateSecret"]]),
        "test_is_known_to_fail": ("xfailed", [["GetSecretValue"]]),
        "test_is_mended": ("xpassed", [["CreateSecret"]]),
        "test_decorated": ("passed", [["CreateSecret"]]),
        "test_has_two": ("passed", [["CreateSecret"], ["CreateSecret"]]),
    }
    result.stdout.fnmatch_lines([f"*AWS Secrets Manager: {project.pytester.path / 'report.html'}*"])


def test_a_failure_is_reported_with_its_location_but_without_values(run, project):
    run("""
def test_it(secrets_backend):
    create("db", "hunter" + "22")
    create("tagged", "correct-horse")
    read("hunter" + "22")
""")

    (test,) = written(project)["tests"]
    assert test["message"].startswith("botocore.errorfactory.ResourceNotFoundException: An error occurred")
    assert re.search(r"test_it\.py:\d+$", test["message"])
    assert test["mocks"][0]["entries"][-1]["params"] == {"SecretId": "<redacted>"}
    assert "hunter22" not in json.dumps(written(project))
    assert "correct-horse" not in json.dumps(written(project))


def test_a_test_in_a_wider_mock_is_reported_with_only_its_own_calls(run, project):
    run("""
def test_1(session_secrets_backend): create("one")
def test_2(session_secrets_backend): create("two")
def test_at_a_savepoint(session_secrets_backend, secrets_backend): create("three")
def test_at_another(session_secrets_backend, secrets_backend): create("four")
""")

    tests = written(project)["tests"]
    assert [told(test) for test in tests] == [[["CreateSecret"]]] * 4
    assert not any(mock.get("undone") for test in tests for mock in test["mocks"])
    assert [[name_of(test["mocks"][0], one) for one in test["mocks"][0]["before"]] for test in tests] == [
        [],
        ["one"],
        ["one", "two"],
        ["one", "two"],
    ]


def test_calls_undone_by_a_savepoint_are_marked_and_counted_once(run, project):
    run("""
def test_it(secrets_backend):
    create("before")
    with secrets_backend.savepoint():
        create("undone")
    create("after")
""")

    (test,) = written(project)["tests"]
    assert [(mock.get("undone", False), len(mock["entries"])) for mock in test["mocks"]] == [(False, 2), (True, 2)]
    assert written(project)["summary"]["operations"] == [["CreateSecret", 2, 0]]


def test_a_value_used_as_a_name_appears_nowhere(run, project):
    run("""
def test_it(secrets_backend, secrets_client):
    value, other = "hunter" + "22", "correct" + "-horse"
    with secrets_backend.savepoint():
        create("before")
        secrets_backend.client().exceptions
        with pytest.raises(Exception):
            read(other)
    create("db", value)
    create("tagged", other)
    create(value)
    secrets_client.put_secret_value(SecretId="db", SecretString="third" + "-one", VersionStages=[value])
    user = secrets_backend.iam.create_user(value, {"Version": "2012-10-17", "Statement": []})
    with pytest.raises(Exception):
        user.client().get_secret_value(SecretId="db")
""")

    text = json.dumps(written(project))
    assert [value for value in ("hunter22", "correct-horse", "third-one") if value in text] == []


def test_a_name_containing_a_member_of_a_value_is_kept(run, project):
    run("""
def test_it(secrets_backend):
    create("prod/postgres", '{"engine": "postgres", "host": "prod"}')
""")

    (test,) = written(project)["tests"]
    assert test["mocks"][0]["entries"][0]["secret"] == "prod/postgres"
    assert written(project)["summary"]["policy"]["Statement"][0]["Resource"][0].endswith("secret:prod/postgres-??????")


def test_no_mock_outlives_its_test(run):
    result = run("""
import gc, weakref
mocks = []

def test_1(secrets_backend):
    create("db")
    mocks.append(weakref.ref(secrets_backend))

def test_2():
    gc.collect()
    assert mocks[0]() is None
""")

    result.assert_outcomes(passed=2)


def test_a_file_that_becomes_unwritable_does_not_affect_the_run(run, project):
    result = run("""
def test_it(secrets_backend):
    create("db")
    import pathlib
    pathlib.Path("report.html").mkdir()
""")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*AWS Secrets Manager: the page could not be written: *"])


@rows("file", ["nowhere/report.html", "."])
def test_an_unwritable_file_is_refused_before_the_run(project, file):
    result = project.run("def test_it(): pass", f"--mock-secrets-report={file}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "can't be written" in output(result)


def test_without_the_option_nothing_is_recorded(project):
    result = project.run("""
from mock_secrets.kernel import phase

def test_it(secrets_backend):
    with secrets_backend.savepoint():
        create("db")
    assert phase.present().undone == []
""")

    result.assert_outcomes(passed=1)
