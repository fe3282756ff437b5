"""The section "AWS Secrets Manager": in which reports it is, and what else of it a report holds."""

import json

from project import output, reports
from tables import rows

TITLE = "- AWS Secrets Manager -"

# What each report of a test holds, put where the test can look.
CONFTEST = """
import json

def pytest_runtest_logreport(report):
    data = getattr(report, "mock_secrets", None)
    with open(f"{report.when}.json", "w") as file:
        json.dump([report.sections, data, getattr(report, "extras", [])], file)
"""

WAYS = {
    "fixture": "def test_it(secrets_client):\n    create('db')\n    assert False",
    "marker": "@pytest.mark.mock_secrets\ndef test_it():\n    create('db')\n    assert False",
    "decorator": "@mock_secrets\ndef test_it():\n    create('db')\n    assert False",
    "with": "def test_it():\n    with mock_secrets():\n        create('db')\n        assert False",
    "ended": "def test_it():\n    with mock_secrets():\n        create('db')\n    assert False",
    "savepoint": "def test_it(secrets_backend):\n    with secrets_backend.savepoint():\n        create('db')\n        assert False",
    "wider": "def test_it(module_secrets_backend, secrets_backend):\n    create('db')\n    assert False",
    "start": "def test_it(request):\n    mock = mock_secrets()\n    request.addfinalizer(mock.stop)\n    mock.start()\n"
    "    create('db')\n    assert False",
    "class": "@mock_secrets\nclass TestIt:\n    def test_it(self):\n        create('db')\n        assert False",
    "TestCase": "import unittest\n@mock_secrets\nclass TestIt(unittest.TestCase):\n    def test_it(self):\n"
    "        create('db')\n        self.fail()",
    "setUpClass": "import unittest\n@mock_secrets\nclass TestIt(unittest.TestCase):\n    @classmethod\n"
    "    def setUpClass(cls): pass\n    def test_it(self):\n        create('db')\n        self.fail()",
    "set-up": "@pytest.fixture\ndef own(secrets_client):\n    create('db')\n    assert False\ndef test_it(own): pass",
    "tear-down": "@pytest.fixture\ndef own(secrets_client):\n    yield\n    create('db')\n    assert False\ndef test_it(own): pass",
    "thread": "import threading\ndef test_it(secrets_client):\n    thread = threading.Thread(target=create, args=('db',))\n"
    "    thread.start()\n    thread.join()\n    assert False",
}


def test_the_report_appears_however_the_mock_is_activated(project):
    result = project.run([*WAYS.values()])

    assert len(reports(result)) == output(result).count(TITLE) == len(WAYS)
    assert result.stdout.re_match_lines([r".* CreateSecret +db +→ v1 AWSCURRENT"]) is None


def test_there_is_no_report_without_a_mock_or_a_failure(project):
    bodies = [
        "def test_it(): assert False",
        "def test_one(secrets_client): create('db')\ndef test_it(): assert False",
        "def test_one():\n    with mock_secrets(): pass\ndef test_it(): assert False",
        "def test_one(module_secrets_backend): create('db')\ndef test_it(): assert False",
        "def test_it(secrets_client): create('db')",
        "@pytest.mark.xfail\ndef test_it(secrets_client): assert False",
        "def test_it(secrets_client): pytest.skip('now')",
        "@pytest.fixture\ndef ended():\n    with mock_secrets(): create('db')\ndef test_it(ended): assert False",
    ]

    result = project.run(bodies, "-rA")

    result.assert_outcomes(passed=4, failed=5, xfailed=1, skipped=1)
    assert TITLE not in output(result)


def test_every_mock_of_the_phase_is_in_the_report(project):
    result = project.run(
        """
        def test_it():
            for name in ("one", "two"):
                with mock_secrets():
                    create(name)
            assert False
        """
    )

    result.stdout.re_match_lines([r".* CreateSecret +one .*", r".* CreateSecret +two .*"])


def test_a_savepoint_that_ended_normally_is_not_in_the_report(project):
    result = project.run(
        """
        def test_it(secrets_backend):
            with secrets_backend.savepoint():
                create("inner")
            create("outer")
            assert False
        """
    )

    assert "outer  →" in output(result)
    assert "inner  →" not in output(result)


def test_an_ini_option_turns_the_report_off(project):
    result = project.run(
        "def test_it(secrets_client): secrets_client.get_secret_value(SecretId='db')",
        ini="mock_secrets_report_section = false",
    )

    assert TITLE not in output(result)
    assert "there is no secret" not in output(result)


@rows("style", ["long", "short", "line", "native"])
def test_a_hint_is_added_as_a_note_to_the_error(project, style):
    result = project.run("def test_it(secrets_client): secrets_client.get_secret_value(SecretId='db')", f"--tb={style}")

    assert "there is no secret in us-east-1 of account 123456789012" in output(result).split(TITLE)[0]


def test_the_error_of_a_test_case_and_a_cause_also_have_their_note(project):
    result = project.run(
        """
        import unittest

        @mock_secrets
        class TestIt(unittest.TestCase):
            def test_it(self):
                read("db")

        def test_cause(secrets_client):
            try:
                read("db")
            except Exception as error:
                raise LookupError from error
        """
    )

    result.assert_outcomes(failed=2)
    told = [report for report in reports(result) if "there is no secret in us-east-1 of account 123456789012" in report]
    assert len(told) == 2


def test_the_report_contains_text_for_80_columns_and_the_data(project, monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")
    project.pytester.makeconftest(CONFTEST)

    project.run("def test_it(secrets_client):\n    create('db', 'hunter2-hunter2')\n    assert False", "--color=yes")

    sections, data, _ = json.loads((project.pytester.path / "call.json").read_text(encoding="utf-8"))
    text = dict(sections)["AWS Secrets Manager"]
    assert max(map(len, text.splitlines())) == 80
    assert "\x1b" not in text
    assert [entry["operation"] for entry in data[0]["entries"]] == ["CreateSecret"]
    assert "hunter2" not in json.dumps([text, data])


def test_a_value_used_in_a_name_is_not_in_the_report(project):
    result = project.run(
        """
        def test_it(secrets_client):
            create("db", "hunter2" + "-hunter2")
            try:
                read("db/hunter2" + "-hunter2")
            except Exception:
                pass
            assert False
        """
    )

    assert TITLE in output(result)


@rows("side", ["read() == OLD", "OLD == read()"])
def test_a_comparison_with_an_outdated_value_is_reported(project, side):
    result = project.run(
        f"""
        OLD = "hunter2-first"

        def read():
            return running()["db"].value

        def test_it(secrets_backend):
            secrets_backend.create("db", OLD).update("hunter2-second")
            assert {side}
        """
    )

    which = "left" if side.startswith("OLD") else "right"
    assert f"→ the {which} side of a comparison equals AWSPREVIOUS of 'db', version" in output(result)


def test_a_json_value_may_be_compared_as_a_parsed_document(project):
    result = project.run(
        """
        def test_it(secrets_backend):
            secrets_backend.create("db", {"password": "first"}).update({"password": "second"})
            assert secrets_backend["db"].json == {"password": "first"}
        """
    )

    assert "→ the right side of a comparison equals AWSPREVIOUS of 'db'" in output(result)


@rows("member, is_told", [("password", True), ("user", False)])
def test_a_comparison_with_an_outdated_member_is_also_reported(project, member, is_told):
    result = project.run(
        f"""
        def test_it(secrets_backend):
            before = dict(user="hunter", password="hunter2")
            secrets_backend.create("db", before).update({{**before, "password": "hunter3"}})
            assert secrets_backend["db"].json["password"] == before["{member}"]
        """
    )

    told = f"→ the right side of a comparison equals '{member}' in AWSPREVIOUS of 'db'"
    assert (told in output(result)) is is_told


def test_an_outdated_comparison_in_a_test_case_is_also_reported(project):
    result = project.run(
        """
        import unittest

        class TestIt(unittest.TestCase):
            @mock_secrets
            def test_it(self):
                running().create("db", "hunter2-first").update("hunter2-second")
                self.assertEqual(read("db"), "hunter2-first")
        """
    )

    assert "→ the right side of a comparison equals AWSPREVIOUS of 'db'" in output(result)


def test_a_junit_file_has_the_report_as_a_property(project):
    project.run("def test_it(secrets_client):\n    create('db')\n    assert False", "--junitxml=junit.xml")

    text = (project.pytester.path / "junit.xml").read_text(encoding="utf-8")
    assert text.count('<property name="AWS Secrets Manager"') == 1


def test_pytest_html_has_the_report_as_an_extra(project):
    project.pytester.makeconftest(
        f"{CONFTEST}\n\nclass Html: pass\n\ndef pytest_configure(config):\n    config.pluginmanager.register(Html(), 'html')"
    )

    project.run("def test_it(secrets_client):\n    create('db')\n    assert False")

    *_, extras = json.loads((project.pytester.path / "call.json").read_text(encoding="utf-8"))
    assert [(extra["name"], extra["format_type"]) for extra in extras] == [("AWS Secrets Manager", "text")]


def test_the_clock_of_an_ended_freezer_is_not_used(project):
    result = project.run(
        """
        from freezegun import freeze_time

        def test_it(secrets_backend):
            with freeze_time("2060-01-01", real_asyncio=True):
                create("db")
                assert False
        """
    )

    assert "2060-01-01 00:00:00Z · 1 call" in output(result)
