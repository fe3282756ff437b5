"""The pytest plugin, each rule shown by a run of pytest in a project of its own."""

import sys
from textwrap import dedent

import pytest

import mock_secrets.activation

PARAMETERS = ["region", "account_id", "secrets", "at", "token_reuse", "limits", "passthrough", "seed"]
# Plugins of this environment that have no part in it, and whose start takes its time.
WITH_ASYNCIO = ("-p", "no:hypothesispytest", "-p", "no:time_machine")
QUICK = (*WITH_ASYNCIO, "-p", "no:asyncio")
SCOPES = ["class", "module", "package", "session"]

HEAD = """
import os
import boto3
import pytest
from mock_secrets import Limits, mock_secrets
from mock_secrets.activation import running

def create(name, value="s3cret"):
    return boto3.client("secretsmanager").create_secret(Name=name, SecretString=value)

def read(name):
    return boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]

def held():
    return sorted(secret.name for secret in running())
"""


@pytest.fixture
def project(pytester, monkeypatch):
    """A project of its own, in which pytest runs."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    return Project(pytester)


class Project:
    def __init__(self, pytester):
        self.pytester = pytester

    def run(self, body, *arguments, ini="", asyncio=False):
        """Run the test module as a user of the plugin would, warnings being errors."""
        if asyncio:
            ini += "\nasyncio_default_fixture_loop_scope = function"
        self.pytester.makeini(f"[pytest]\nfilterwarnings = error\n{ini}\n")
        self.pytester.makepyfile(test_it=f"{HEAD}\n\n{dedent(body)}")
        return self.pytester.runpytest_inprocess(*(WITH_ASYNCIO if asyncio else QUICK), *arguments)


def output(result):
    return result.stdout.str() + result.stderr.str()


def shows_nothing_of_ours(result):
    """Whether the report holds no line of this package's source."""
    return not any(name in output(result) for name in ("activation.py", "pytest_plugin.py", "backend.py", "options.py"))


class TestFixtures:
    def test_the_function_scope_is_fresh_in_each_test(self, project):
        result = project.run("""
            @pytest.mark.parametrize("name", ["one", "two"])
            def test_it(secrets_backend, name):
                create(name)
                assert held() == [name]
                assert secrets_backend is running()

            def test_there_is_none_without_it():
                assert running() is None
        """)

        result.assert_outcomes(passed=3)

    def test_the_class_scope_holds_its_state_for_the_class(self, project):
        result = project.run("""
            class TestOne:
                def test_first(self, class_secrets_backend):
                    create("one")

                def test_second(self, class_secrets_backend):
                    assert held() == ["one"]

            class TestTwo:
                def test_it(self, class_secrets_backend):
                    assert held() == []

            def test_there_is_none_after_it():
                assert running() is None
        """)

        result.assert_outcomes(passed=4)

    def test_the_module_scope_holds_its_state_for_the_module(self, project):
        project.pytester.makepyfile(
            test_a="""
            from mock_secrets.activation import running

            def test_first(module_secrets_backend):
                module_secrets_backend.create("one", "s3cret")

            class TestOne:
                def test_second(self, module_secrets_backend):
                    assert "one" in module_secrets_backend
            """,
            test_b="""
            from mock_secrets.activation import running

            def test_there_is_none_after_it():
                assert running() is None

            def test_it(module_secrets_backend):
                assert list(module_secrets_backend) == []
            """,
        )

        result = project.pytester.runpytest_inprocess(*QUICK)

        result.assert_outcomes(passed=4)

    def test_the_package_scope_holds_its_state_for_the_package_whose_conftest_imports_it(self, project):
        """For pytest the package of a fixture is the one that defines it, and of a plugin's fixture the whole run."""
        first = "def test_it(package_secrets_backend): package_secrets_backend.create('one', 's3cret')"
        second = "def test_it(package_secrets_backend): assert 'one' in package_secrets_backend"
        other = "def test_it(package_secrets_backend): assert 'one' not in package_secrets_backend"
        for package, modules in {"a": [first, second], "b": [other]}.items():
            folder = project.pytester.mkpydir(package)
            (folder / "conftest.py").write_text("from mock_secrets.pytest_plugin import package_secrets_backend")
            for number, source in enumerate(modules):
                (folder / f"test_{number}.py").write_text(source)

        result = project.pytester.runpytest_inprocess(*QUICK)

        result.assert_outcomes(passed=3)

    def test_the_session_scope_holds_its_state_for_the_run(self, project):
        project.pytester.makepyfile(
            test_a="def test_it(session_secrets_backend): session_secrets_backend.create('one', 's3cret')",
            test_b="def test_it(session_secrets_backend): assert 'one' in session_secrets_backend",
        )

        result = project.pytester.runpytest_inprocess(*QUICK)

        result.assert_outcomes(passed=2)

    def test_twins_of_several_scopes_are_one_backend(self, project):
        result = project.run("""
            def test_it(
                secrets_backend,
                class_secrets_backend,
                module_secrets_backend,
                package_secrets_backend,
                session_secrets_backend,
            ):
                create("one")
                assert {
                    secrets_backend,
                    class_secrets_backend,
                    module_secrets_backend,
                    package_secrets_backend,
                    session_secrets_backend,
                } == {running()}

            def test_it_is_there_as_long_as_the_widest(secrets_backend):
                assert held() == ["one"]
        """)

        result.assert_outcomes(passed=2)

    @pytest.mark.parametrize("scope", SCOPES)
    def test_a_fixture_of_a_wider_scope_can_use_its_twin(self, project, scope):
        result = project.run(f"""
            @pytest.fixture(scope="{scope}")
            def seeded({scope}_secrets_backend):
                create("seeded")
                yield
                create("made-by-the-clean-up")

            class TestIt:
                def test_first(self, seeded, secrets_client):
                    assert secrets_client.get_secret_value(SecretId="seeded")["SecretString"] == "s3cret"

                def test_second(self, seeded, secrets_backend):
                    assert held() == ["seeded"]
        """)

        result.assert_outcomes(passed=2)

    def test_the_client_is_the_backends(self, project):
        result = project.run("""
            @pytest.mark.mock_secrets(region="eu-west-1", secrets={"db": "s3cret"})
            def test_it(secrets_client):
                assert secrets_client.meta.region_name == "eu-west-1"
                assert secrets_client.get_secret_value(SecretId="db")["SecretString"] == "s3cret"
                assert [call.operation for call in running().calls] == ["GetSecretValue"]
        """)

        result.assert_outcomes(passed=1)

    def test_a_test_that_fails_ends_its_mock(self, project):
        result = project.run("""
            def test_first(secrets_backend):
                assert False

            def test_second():
                assert running() is None
        """)

        result.assert_outcomes(passed=1, failed=1)

    def test_the_environment_is_as_before_afterwards(self, project):
        result = project.run("""
            BEFORE = {name: value for name, value in os.environ.items() if "PYTEST" not in name}

            def test_first(secrets_backend):
                assert os.environ["AWS_ACCESS_KEY_ID"]

            def test_second():
                assert {name: value for name, value in os.environ.items() if "PYTEST" not in name} == BEFORE
        """)

        result.assert_outcomes(passed=2)

    @pytest.mark.parametrize(
        "head",
        [
            "@mock_secrets\ndef test_first(monkeypatch):",
            "@mock_secrets\ndef test_first(monkeypatch, secrets_backend):",
            "@pytest.mark.mock_secrets\ndef test_first(monkeypatch):",
            "@pytest.mark.mock_secrets\ndef test_first(monkeypatch, secrets_backend):",
            "def test_first(secrets_backend, monkeypatch):",
            "def test_first(monkeypatch, secrets_backend):",
            "def test_first(monkeypatch, secrets_client):",
        ],
        ids=[
            "decorator",
            "decorator-and-fixture",
            "marker",
            "marker-and-fixture",
            "fixture-before",
            "fixture-after",
            "client-after",
        ],
    )
    def test_the_environment_is_as_before_after_monkeypatch_in_the_mock(self, project, head):
        body = (
            "BEFORE = os.environ.get('AWS_DEFAULT_REGION')\n"
            f"{head}\n"
            "    monkeypatch.setenv('AWS_DEFAULT_REGION', 'ap-south-1')\n"
            "    assert boto3.Session().region_name == 'ap-south-1'\n"
            "def test_second():\n"
            "    assert os.environ.get('AWS_DEFAULT_REGION') == BEFORE\n"
        )

        result = project.run(body)

        result.assert_outcomes(passed=2)


class TestMarker:
    def test_it_activates_the_mock_by_itself(self, project):
        result = project.run("""
            @pytest.mark.mock_secrets
            def test_bare():
                assert held() == []

            @pytest.mark.mock_secrets(secrets={"db": "s3cret"})
            def test_with_parameters():
                assert read("db") == "s3cret"

            def test_without():
                assert running() is None
        """)

        result.assert_outcomes(passed=3)

    def test_it_activates_the_mock_for_a_module(self, project):
        result = project.run("""
            pytestmark = pytest.mark.mock_secrets(region="eu-west-1")

            def test_function():
                assert running().region == "eu-west-1"

            class TestClass:
                def test_method(self):
                    assert running().region == "eu-west-1"
        """)

        result.assert_outcomes(passed=2)

    def test_it_activates_the_mock_for_a_class(self, project):
        result = project.run("""
            import unittest

            @pytest.mark.mock_secrets(region="eu-west-1")
            class TestClass:
                def test_method(self):
                    assert running().region == "eu-west-1"

            @pytest.mark.mock_secrets(region="eu-west-1")
            class Case(unittest.TestCase):
                def setUp(self):
                    create("db")

                def test_method(self):
                    assert running().region == "eu-west-1"
                    assert held() == ["db"]

            def test_outside():
                assert running() is None
        """)

        result.assert_outcomes(passed=3)

    def test_it_activates_the_mock_for_parametrized_tests(self, project):
        result = project.run("""
            @pytest.mark.parametrize("name", ["one", "two"])
            @pytest.mark.mock_secrets
            def test_it(name):
                create(name)
                assert held() == [name]
        """)

        result.assert_outcomes(passed=2)

    @pytest.mark.parametrize("order", ["marked, None", "None, marked"])
    def test_on_one_set_of_parameters_it_leaves_the_others_alone(self, project, order):
        result = project.run(f"""
            marked = pytest.param(True, marks=pytest.mark.mock_secrets)

            @pytest.mark.parametrize("active", [{order}])
            def test_it(active):
                assert (running() is not None) is bool(active)
        """)

        result.assert_outcomes(passed=2)

    @pytest.mark.parametrize("arguments", ["", "secrets_backend", "secrets_client", "tmp_path, secrets_backend"])
    def test_it_activates_the_mock_before_autouse_fixtures(self, project, arguments):
        result = project.run(f"""
            @pytest.fixture(autouse=True)
            def seeded():
                create("from-autouse")
                yield
                create("made-by-the-clean-up")

            @pytest.mark.mock_secrets
            def test_it({arguments}):
                assert held() == ["from-autouse"]
        """)

        result.assert_outcomes(passed=1)

    def test_it_activates_the_mock_before_set_up_methods(self, project):
        result = project.run("""
            @pytest.mark.mock_secrets
            class TestIt:
                def setup_method(self):
                    create("from-set-up")

                def test_it(self):
                    assert held() == ["from-set-up"]

                def teardown_method(self):
                    assert held() == ["from-set-up"]
        """)

        result.assert_outcomes(passed=1)

    def test_markers_merge_and_the_nearest_wins(self, project):
        result = project.run("""
            pytestmark = pytest.mark.mock_secrets(region="eu-west-1", account_id="111122223333", token_reuse="documented")

            @pytest.mark.mock_secrets(account_id="444455556666", region="eu-west-2")
            class TestIt:
                @pytest.mark.mock_secrets(region="eu-west-3")
                def test_it(self):
                    in_force = running().effective
                    assert in_force["region"] == "eu-west-3"
                    assert in_force["account_id"] == "444455556666"
                    assert in_force["token_reuse"] == "documented"
        """)

        result.assert_outcomes(passed=1)

    def test_the_secrets_of_several_markers_merge(self, project):
        result = project.run("""
            pytestmark = pytest.mark.mock_secrets(secrets={"module": "1", "db": "module"})

            @pytest.mark.mock_secrets(secrets={"class": "2", "db": "class"})
            class TestIt:
                @pytest.mark.mock_secrets(secrets={"test": "3", "db": "test"})
                def test_it(self):
                    assert held() == ["class", "db", "module", "test"]
                    assert read("db") == "test"
        """)

        result.assert_outcomes(passed=1)

    def test_it_reaches_the_twin_of_its_scope(self, project):
        result = project.run("""
            pytestmark = pytest.mark.mock_secrets(region="eu-west-1")

            def test_it(module_secrets_backend):
                assert module_secrets_backend.region == "eu-west-1"

            @pytest.mark.mock_secrets(secrets={"db": "s3cret"})
            class TestIt:
                def test_it(self, class_secrets_backend):
                    assert read("db") == "s3cret"
        """)

        result.assert_outcomes(passed=2)

    @pytest.mark.parametrize("order", ["test_marked test_plain", "test_plain test_marked"])
    def test_on_a_test_it_does_not_decide_for_a_twin_of_wider_scope(self, project, order):
        """Or else the first test to run would decide, and the order of tests would matter."""
        first, second = order.split()
        tests = {
            "test_marked": (
                '@pytest.mark.mock_secrets(region="eu-west-1")\ndef test_marked(session_secrets_backend):\n    pass\n'
            ),
            "test_plain": (
                "def test_plain(session_secrets_backend):\n    assert session_secrets_backend.region == 'us-east-1'\n"
            ),
        }

        result = project.run(tests[first] + tests[second])

        result.assert_outcomes(passed=1, errors=1)
        assert "eu-west-1" in output(result)
        assert "us-east-1" in output(result)

    def test_it_can_stand_on_a_decorated_test(self, project):
        result = project.run("""
            @pytest.mark.mock_secrets(region="eu-west-1")
            @mock_secrets(secrets={"db": "s3cret"})
            def test_it(secrets_backend):
                assert secrets_backend.region == "eu-west-1"
                assert read("db") == "s3cret"
        """)

        result.assert_outcomes(passed=1)

    @pytest.mark.parametrize(
        ("marker", "says"),
        [
            ("frobnicate=1", PARAMETERS),
            ('regoin="eu-west-1"', ["regoin", "Did you mean 'region'", *PARAMETERS]),
            ('region="nowhere"', ["region", "'nowhere'", "'eu-west-1'"]),
            ('account_id="123"', ["account_id", "'123'", "12 digits"]),
            ('token_reuse="maybe"', ["token_reuse", "'maybe'", "'aws'", "'documented'"]),
            ('at="2026-01-01"', ["at", "aware datetime"]),
            ("limits={'retained_versions': 5}", ["limits", "mock_secrets.Limits"]),
            ('passthrough="s3"', ["passthrough", "list"]),
            ('passthrough=["s33"]', ["passthrough", "'s33'"]),
            ('passthrough=["secretsmanager"]', ["passthrough", "'secretsmanager'"]),
            ("seed=0.5", ["seed", "float"]),
            ("secrets={'db': 5}", ["'db'", "int"]),
            ("secrets={'bad name': 'hunter2'}", ["bad name"]),
            ('"eu-west-1"', ["by name"]),
        ],
    )
    def test_a_wrong_argument_is_an_error_that_points_at_the_test(self, project, marker, says):
        result = project.run(f"""
            @pytest.mark.mock_secrets({marker})
            def test_wrong():
                pass
        """)

        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines("*test_it.py::test_wrong: *")
        assert [text for text in says if text not in output(result)] == []
        assert shows_nothing_of_ours(result)

    @pytest.mark.parametrize("arguments", ["", "secrets_backend"])
    def test_a_contradiction_is_an_error_without_a_traceback_of_ours(self, project, arguments):
        result = project.run(f"""
            @pytest.fixture(scope="session", autouse=True)
            def everywhere(session_secrets_backend):
                pass

            def test_first():
                pass

            @pytest.mark.mock_secrets(region="eu-west-1")
            def test_wrong({arguments}):
                pass
        """)

        result.assert_outcomes(passed=1, errors=1)
        assert "region='eu-west-1'" in output(result)
        assert "region='us-east-1'" in output(result)
        assert shows_nothing_of_ours(result)


class TestIni:
    @pytest.mark.parametrize(
        ("lines", "holds"),
        [
            ("mock_secrets_region = eu-west-1", "running().region == 'eu-west-1'"),
            ("mock_secrets_account_id = 111122223333", "':111122223333:' in create('db')['ARN']"),
            ("mock_secrets_secrets =\n    one=1\n    two=a=b", "(read('one'), read('two')) == ('1', 'a=b')"),
            ("mock_secrets_secrets =\n    one = 1", "held() == ['one']"),
            (
                "mock_secrets_at = 2026-01-01T00:00:00+00:00",
                "running().clock.now().isoformat() == '2026-01-01T00:00:00+00:00'",
            ),
            ("mock_secrets_at = 2026-01-01T00:00:00Z", "running().clock.now().year == 2026"),
            ("mock_secrets_token_reuse = documented", "running().effective['token_reuse'] == 'documented'"),
            (
                "mock_secrets_limits =\n    retained_versions=5\n    retention=1.5",
                "running().effective['limits'] == Limits(retained_versions=5, retention=timedelta(hours=1.5))",
            ),
            ("mock_secrets_passthrough = s3 sqs", "running().effective['passthrough'] == ('s3', 'sqs')"),
            ("mock_secrets_seed = mine", "running().effective['seed'] == 'mine'"),
        ],
        ids=[
            "region",
            "account_id",
            "secrets",
            "secrets-spaced",
            "at",
            "at-zulu",
            "token_reuse",
            "limits",
            "passthrough",
            "seed",
        ],
    )
    def test_an_option_applies_to_every_activation_of_the_plugin(self, project, lines, holds):
        result = project.run(
            f"""
            from datetime import timedelta

            def test_fixture(secrets_backend):
                assert {holds}

            @pytest.mark.mock_secrets
            def test_marker():
                assert {holds}

            @mock_secrets
            def test_decorator():
                assert {holds}

            def test_twin(session_secrets_backend):
                assert {holds}
            """,
            ini=lines,
        )

        result.assert_outcomes(passed=4)

    def test_the_marker_wins_over_it_and_their_secrets_merge(self, project):
        result = project.run(
            """
            @pytest.mark.mock_secrets(region="eu-west-2", secrets={"two": "2", "db": "marker"})
            def test_marker():
                assert running().region == "eu-west-2"
                assert running().account_id == "111122223333"
                assert held() == ["db", "one", "two"]
                assert read("db") == "marker"

            @mock_secrets(region="eu-west-2")
            def test_decorator():
                assert running().region == "eu-west-2"
                assert running().account_id == "111122223333"

            def test_neither(secrets_backend):
                assert running().region == "eu-west-1"
                assert held() == ["db", "one"]
            """,
            ini=(
                "mock_secrets_region = eu-west-1\nmock_secrets_account_id = 111122223333\n"
                "mock_secrets_secrets =\n    one=1\n    db=ini\n"
            ),
        )

        result.assert_outcomes(passed=3)

    def test_an_option_can_be_given_on_the_command_line(self, project):
        result = project.run(
            """
            def test_it(secrets_backend):
                assert secrets_backend.region == "eu-west-1"
            """,
            "-o",
            "mock_secrets_region=eu-west-1",
        )

        result.assert_outcomes(passed=1)

    @pytest.mark.parametrize(
        ("option", "value", "says"),
        [
            ("region", "nowhere", "'nowhere'"),
            ("account_id", "123", "12 digits"),
            ("secrets", "db", "name=value"),
            ("secrets", "bad name=hunter2", "bad name"),
            ("at", "yesterday", "yesterday"),
            ("at", "2026-01-01T00:00:00", "time zone"),
            ("token_reuse", "maybe", "'documented'"),
            ("limits", "retained_versions", "name=value"),
            ("limits", "retained_versions=many", "many"),
            ("limits", "retained_versions=2.5", "whole number"),
            ("limits", "frobnicate=5", "retained_versions"),
            ("passthrough", "s33", "'s33'"),
            ("passthrough", "secretsmanager", "'secretsmanager'"),
        ],
    )
    def test_a_wrong_value_is_an_error_that_names_the_option(self, project, option, value, says):
        result = project.run("def test_it(secrets_backend): pass", ini=f"mock_secrets_{option} =\n    {value}")

        assert result.ret in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.USAGE_ERROR)
        assert f"mock_secrets_{option}" in output(result)
        assert says in output(result)
        assert "hunter2" not in output(result)
        assert shows_nothing_of_ours(result)


class TestHelp:
    def test_the_marker_is_explained_with_its_parameters(self, project):
        result = project.pytester.runpytest_inprocess("--markers", *QUICK)

        (line,) = [line for line in result.outlines if line.startswith("@pytest.mark.mock_secrets(")]
        assert [name for name in PARAMETERS if f"{name}=" not in line] == []

    def test_the_fixtures_are_explained(self, project):
        result = project.pytester.runpytest_inprocess("--fixtures", *QUICK)

        listed = output(result)
        names = ["secrets_backend", *(f"{scope}_secrets_backend" for scope in SCOPES), "secrets_client"]
        assert [name for name in names if f"\n{name} " not in listed] == []
        section = listed[listed.index("fixtures defined from mock_secrets") :].split("fixtures defined from", 2)[1]
        assert "no docstring" not in section

    def test_the_ini_options_are_explained(self, project):
        result = project.pytester.runpytest_inprocess("--help", *QUICK)

        assert [name for name in PARAMETERS if f"mock_secrets_{name}" not in output(result)] == []

    def test_the_marker_is_known_to_strict_markers(self, project):
        project.pytester.makepyfile("import pytest\n@pytest.mark.mock_secrets\ndef test_it(): pass")

        # A process knows for good the markers that it once knew.
        result = project.pytester.runpytest_subprocess("--strict-markers", *QUICK)

        result.assert_outcomes(passed=1)


class TestWithoutThePlugin:
    OFF = ("-p", "no:mock_secrets")

    def test_its_fixtures_are_not_found(self, project):
        result = project.run("def test_it(secrets_backend): pass", *self.OFF)

        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines("*fixture 'secrets_backend' not found*")

    def test_its_marker_is_unknown(self, project):
        project.pytester.makepyfile("import pytest\n@pytest.mark.mock_secrets\ndef test_it(): pass")

        result = project.pytester.runpytest_subprocess("--strict-markers", *self.OFF, *QUICK)

        result.stdout.fnmatch_lines("*'mock_secrets' not found in `markers`*")

    def test_its_ini_options_are_gone(self, project):
        result = project.pytester.runpytest_inprocess("--help", *self.OFF, *QUICK)

        assert "mock_secrets_" not in output(result)


@pytest.mark.parametrize("plugin", [(), ("-p", "no:mock_secrets")], ids=["plugin", "no-plugin"])
class TestDecoratorsUnderPytest:
    def test_a_function_without_fixtures(self, project, plugin):
        result = project.run(
            """
            @mock_secrets(region="eu-west-1", secrets={"db": "s3cret"})
            def test_it():
                assert running().region == "eu-west-1"
                assert read("db") == "s3cret"

            def test_outside():
                assert running() is None
            """,
            *plugin,
        )

        result.assert_outcomes(passed=2)

    def test_a_class_with_everything(self, project, plugin):
        result = project.run(
            """
            class Base:
                def test_inherited(self):
                    assert held() == ["from-set-up"]

            @mock_secrets
            class TestIt(Base):
                def setup_method(self, method):
                    create("from-set-up")

                def teardown_method(self):
                    assert "from-set-up" in held()

                @pytest.fixture
                def made(self):
                    create("made")

                @pytest.mark.parametrize("name", ["one", "two"])
                def test_method(self, name):
                    create(name)
                    assert held() == sorted(["from-set-up", name])

                @staticmethod
                def test_static():
                    assert held() == ["from-set-up"]

                @classmethod
                def test_class(cls):
                    assert held() == ["from-set-up"]

                def test_fixture_of_the_class(self, made):
                    assert held() == ["from-set-up", "made"]

            def test_outside():
                assert running() is None
            """,
            *plugin,
        )

        result.assert_outcomes(passed=7)

    def test_a_class_with_set_up_and_tear_down_of_the_class(self, project, plugin):
        result = project.run(
            """
            @mock_secrets
            class TestIt:
                @classmethod
                def setup_class(cls):
                    create("from-the-class")

                @classmethod
                def teardown_class(cls):
                    assert "from-the-class" in held()

                def test_first(self):
                    assert read("from-the-class") == "s3cret"

                def test_second(self):
                    assert read("from-the-class") == "s3cret"

            def test_outside():
                assert running() is None
            """,
            *plugin,
        )

        result.assert_outcomes(passed=3)

    @pytest.mark.parametrize("level", ["method", "class"])
    def test_a_class_with_a_tear_down_alone(self, project, plugin, level):
        kind = "@classmethod" if level == "class" else ""
        result = project.run(
            f"""
            @mock_secrets
            class TestIt:
                {kind}
                def teardown_{level}(itself):
                    assert running() is not None

                def test_it(self):
                    create("db")

            def test_outside():
                assert running() is None
            """,
            *plugin,
        )

        result.assert_outcomes(passed=2)

    def test_a_fixture_of_a_class_without_set_up(self, project, plugin):
        result = project.run(
            """
            @mock_secrets
            class TestIt:
                @pytest.fixture
                def made(self):
                    assert running() is not None
                    create("made")

                def test_it(self, made):
                    assert held() == ["made"]
            """,
            *plugin,
        )

        result.assert_outcomes(passed=1)

    def test_a_set_up_that_fails_ends_the_mock(self, project, plugin):
        result = project.run(
            """
            @mock_secrets
            class TestIt:
                def setup_method(self):
                    raise LookupError("mine")

                def test_it(self):
                    pass

            def test_outside():
                assert running() is None
            """,
            *plugin,
        )

        result.assert_outcomes(passed=1, errors=1)

    def test_a_unittest_class(self, project, plugin):
        result = project.run(
            """
            import unittest

            @mock_secrets
            class Fresh(unittest.TestCase):
                def setUp(self):
                    self.addCleanup(lambda: read("from-set-up"))
                    create("from-set-up")

                def tearDown(self):
                    read("from-set-up")

                def test_first(self):
                    create("one")
                    assert held() == ["from-set-up", "one"]

                def test_second(self):
                    create("two")
                    assert held() == ["from-set-up", "two"]

            @mock_secrets
            class WithSetUpClass(unittest.TestCase):
                @classmethod
                def setUpClass(cls):
                    create("from-the-class")

                def test_first(self):
                    assert read("from-the-class") == "s3cret"

                def test_second(self):
                    assert read("from-the-class") == "s3cret"

            @mock_secrets
            class Async(unittest.IsolatedAsyncioTestCase):
                async def asyncSetUp(self):
                    create("from-set-up")

                async def test_it(self):
                    assert held() == ["from-set-up"]

            def test_outside():
                assert running() is None
            """,
            *plugin,
        )

        result.assert_outcomes(passed=6)

    def test_fixtures_and_parameters_still_resolve(self, project, plugin):
        result = project.run(
            """
            @pytest.fixture(params=["a", "b"])
            @mock_secrets
            def made(request, tmp_path):
                create(request.param)
                yield request.param

            @pytest.mark.parametrize("number", [1, 2])
            @mock_secrets
            def test_it(made, number):
                assert held() == [made]
            """,
            *plugin,
        )

        result.assert_outcomes(passed=4)

    def test_a_session_wide_decorated_fixture_is_one_backend_with_the_tests(self, project, plugin):
        result = project.run(
            """
            @pytest.fixture(scope="session", autouse=True)
            @mock_secrets(secrets={"db": "s3cret"})
            def everywhere():
                yield

            def test_first():
                assert held() == ["db"]

            @mock_secrets
            def test_second():
                assert held() == ["db"]
            """,
            *plugin,
        )

        result.assert_outcomes(passed=2)

    def test_async_tests_and_fixtures(self, project, plugin):
        result = project.run(
            """
            import pytest_asyncio

            @pytest_asyncio.fixture
            @mock_secrets(secrets={"db": "s3cret"})
            async def seeded():
                yield read("db")
                create("made-by-the-clean-up")

            @pytest.mark.asyncio
            async def test_fixture(seeded):
                assert seeded == "s3cret"
                assert held() == ["db"]

            @pytest.mark.asyncio
            @mock_secrets
            async def test_test():
                assert held() == []

            @mock_secrets
            class TestIt:
                @pytest.mark.asyncio
                async def test_method(self):
                    assert held() == []

            def test_outside():
                assert running() is None
            """,
            *plugin,
            asyncio=True,
        )

        result.assert_outcomes(passed=4)


class TestAsync:
    @pytest.mark.parametrize("mode", ["strict", "auto"])
    def test_fixture_and_marker_work_with_async_tests(self, project, mode):
        result = project.run(
            """
            import pytest_asyncio

            @pytest_asyncio.fixture
            async def made(secrets_client):
                return secrets_client.create_secret(Name="made", SecretString="s3cret")

            @pytest.mark.asyncio
            async def test_fixture(made, secrets_backend):
                assert held() == ["made"]

            @pytest.mark.asyncio
            @pytest.mark.mock_secrets(region="eu-west-1")
            async def test_marker():
                assert running().region == "eu-west-1"
            """,
            asyncio=True,
            ini=f"asyncio_mode = {mode}",
        )

        result.assert_outcomes(passed=2)


class TestReports:
    @pytest.mark.parametrize("verbosity", ["-q", "-v", "-vv"])
    @pytest.mark.parametrize(
        "comparison",
        [
            "backend.calls[0].params['SecretString'] == other",
            "other == backend.calls[0].params['SecretString']",
            "backend.calls[0].params['SecretString'] != VALUE",
            "'correct' in backend.calls[0].params['SecretString']",
            "'hun' not in backend.calls[0].params['SecretString']",
            "backend.calls[0].params['SecretString'].startswith('correct')",
            "backend.calls[0].params == {'Name': 'db', 'SecretString': other}",
            "backend.calls[0].params.items() <= {'Name': 'db'}.items()",
            "[call.params for call in backend.calls] == [{'Name': 'db'}]",
            "list(backend.calls[0].params.values()) == [other]",
            "backend.calls == []",
            "not backend.calls",
            "backend.calls.of('CreateSecret', Name='db') == []",
            "backend['db'].versions == []",
            "backend['db'] is None",
            "backend is None",
        ],
    )
    def test_a_failed_assertion_does_not_show_a_secret_value(self, project, comparison, verbosity):
        result = project.run(
            f"""
            VALUE = "hun" + "ter2"

            def test_it(secrets_backend):
                backend, other = secrets_backend, "correct horse"
                create("db", VALUE)
                assert {comparison}
            """,
            verbosity,
        )

        result.assert_outcomes(failed=1)
        assert "hunter2" not in output(result)

    @pytest.mark.parametrize("verbosity", ["-q", "-vv"])
    def test_a_failed_assertion_does_not_show_secret_bytes(self, project, verbosity):
        result = project.run(
            """
            VALUE = b"hun" + b"ter2"

            def test_it(secrets_backend, secrets_client):
                secrets_client.create_secret(Name="db", SecretBinary=VALUE)
                assert secrets_backend.calls[0].params["SecretBinary"] == b"correct horse"
            """,
            verbosity,
        )

        result.assert_outcomes(failed=1)
        assert "hunter2" not in output(result)
        assert "aHVudGVyM" not in output(result)

    def test_local_variables_do_not_show_a_secret_value(self, project):
        result = project.run(
            """
            def test_it(secrets_backend):
                create("db", "hun" + "ter2")
                secret, call, calls = secrets_backend["db"], secrets_backend.calls[0], secrets_backend.calls
                params, sent = call.params, call.params["SecretString"]
                assert False
            """,
            "--showlocals",
        )

        result.assert_outcomes(failed=1)
        assert "<redacted>" in output(result)
        assert "hunter2" not in output(result)

    def test_other_failed_comparisons_are_explained_as_ever(self, project):
        result = project.run("""
            def test_it():
                assert "correct horse" == "battery staple"
        """)

        result.stdout.fnmatch_lines(["*- battery staple", "*+ correct horse"])


class TestCost:
    def test_at_load_it_imports_neither_botocore_nor_boto3(self, pytester):
        pytester.makepyfile("def test_it(): pass")
        pytester.makeconftest("""
            import sys

            def heavy():
                return sorted({"botocore", "boto3", "freezegun", "mock_secrets.activation"} & sys.modules.keys())

            def pytest_sessionstart():
                print("loaded at start:", heavy(), "mock_secrets.pytest_plugin" in sys.modules)

            def pytest_sessionfinish():
                print("loaded at end:", heavy())
        """)

        result = pytester.runpytest_subprocess("-s", *QUICK)

        result.stdout.fnmatch_lines(["loaded at start: *[[]] True", "*loaded at end: *[[]]"])

    def test_it_is_registered_under_its_name(self, pytestconfig):
        plugin = pytestconfig.pluginmanager.get_plugin("mock_secrets")

        assert plugin is sys.modules["mock_secrets.pytest_plugin"]


def test_no_project_left_a_mock_behind():
    assert mock_secrets.activation.running() is None
