"""The marker and the ini options, each rule shown by a run of pytest in a project of its own."""

from project import PARAMETERS, output, reports, shows_nothing_of_ours
from tables import rows

# What stands in a marker, and what is told of it.
WRONG_ARGUMENTS = {
    "frobnicate=1": PARAMETERS,
    'regoin="eu-west-1"': ["regoin", "Did you mean 'region'", *PARAMETERS],
    'region="nowhere"': ["region", "'nowhere'", "'eu-west-1'"],
    "limits={'retained_versions': 5}": ["limits", "mock_secrets.Limits"],
    'passthrough=["s33"]': ["passthrough", "'s33'"],
    "secrets={'bad name': 'hunter2'}": ["bad name"],
    '"eu-west-1"': ["only keyword arguments"],
}


class TestMarker:
    def test_the_marker_activates_the_mock_by_itself(self, project):
        result = project.run("""
            import unittest

            @pytest.mark.mock_secrets
            def test_bare():
                assert held() == []

            @pytest.mark.mock_secrets(secrets={"db": "s3cret"})
            def test_with_parameters():
                assert read("db") == "s3cret"

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

            @pytest.mark.parametrize("name", ["one", "two"])
            @pytest.mark.mock_secrets
            def test_parametrized(name):
                create(name)
                assert held() == [name]

            def test_without():
                assert running() is None
        """)

        result.assert_outcomes(passed=7)

    def test_the_marker_activates_the_mock_for_a_module(self, project):
        result = project.run("""
            pytestmark = pytest.mark.mock_secrets(region="eu-west-1")

            def test_function():
                assert running().region == "eu-west-1"

            class TestClass:
                def test_method(self):
                    assert running().region == "eu-west-1"
        """)

        result.assert_outcomes(passed=2)

    def test_a_marker_on_one_parameter_set_does_not_affect_the_others(self, project):
        result = project.run("""
            marked = pytest.param(True, marks=pytest.mark.mock_secrets)

            @pytest.mark.parametrize("active", [None, marked, None])
            def test_it(active):
                assert (running() is not None) is bool(active)
        """)

        result.assert_outcomes(passed=3)

    def test_the_marker_activates_the_mock_before_autouse_fixtures_and_set_up_methods(self, project):
        result = project.run("""
            @pytest.fixture(autouse=True)
            def seeded():
                create("from-autouse")
                yield
                create("made-by-the-clean-up")

            @pytest.mark.mock_secrets
            def test_alone():
                assert held() == ["from-autouse"]

            @pytest.mark.mock_secrets
            def test_with_the_backend(tmp_path, secrets_backend):
                assert held() == ["from-autouse"]

            @pytest.mark.mock_secrets
            def test_with_the_client(secrets_client):
                assert held() == ["from-autouse"]

            @pytest.mark.mock_secrets
            class TestIt:
                def setup_method(self):
                    create("from-set-up")

                def test_it(self):
                    assert held() == ["from-autouse", "from-set-up"]

                def teardown_method(self):
                    assert held() == ["from-autouse", "from-set-up"]
        """)

        result.assert_outcomes(passed=4)

    def test_markers_and_their_secrets_merge_and_the_nearest_wins(self, project):
        result = project.run("""
            pytestmark = pytest.mark.mock_secrets(
                region="eu-west-1",
                account_id="111122223333",
                token_reuse="documented",
                secrets={"module": "1", "db": "module"},
            )

            @pytest.mark.mock_secrets(account_id="444455556666", region="eu-west-2", secrets={"class": "2", "db": "class"})
            class TestIt:
                @pytest.mark.mock_secrets(region="eu-west-3", secrets={"test": "3", "db": "test"})
                def test_it(self):
                    in_force = running().effective
                    assert in_force["region"] == "eu-west-3"
                    assert in_force["account_id"] == "444455556666"
                    assert in_force["token_reuse"] == "documented"
                    assert held() == ["class", "db", "module", "test"]
                    assert read("db") == "test"
        """)

        result.assert_outcomes(passed=1)

    def test_the_marker_configures_the_twin_fixture_of_its_scope(self, project):
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

    @rows("order", ["test_marked test_plain", "test_plain test_marked"])
    def test_a_marker_on_a_test_does_not_configure_a_wider_twin_fixture(self, project, order):
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

    def test_the_marker_can_be_used_on_a_decorated_test(self, project):
        result = project.run("""
            @pytest.mark.mock_secrets(region="eu-west-1")
            @mock_secrets(secrets={"db": "s3cret"})
            def test_it(secrets_backend):
                assert secrets_backend.region == "eu-west-1"
                assert read("db") == "s3cret"
        """)

        result.assert_outcomes(passed=1)

    def test_a_wrong_argument_is_an_error_that_points_at_the_test(self, project):
        tests = [
            f"@pytest.mark.mock_secrets({marker})\ndef test_{number}(): pass"
            for number, marker in enumerate(WRONG_ARGUMENTS)
        ]

        result = project.run("\n".join(tests))

        result.assert_outcomes(errors=len(WRONG_ARGUMENTS))
        for number, (report, says) in enumerate(zip(reports(result), WRONG_ARGUMENTS.values(), strict=True)):
            assert f"test_it.py::test_{number}: " in report
            assert [text for text in says if text not in report] == []
        assert shows_nothing_of_ours(result)

    @rows("arguments", ["", "secrets_backend"])
    def test_a_contradiction_is_an_error_without_our_traceback(self, project, arguments):
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
    ALL = """
mock_secrets_region = eu-west-1
mock_secrets_account_id = 111122223333
mock_secrets_secrets =
    one = 1
    two=a=b
mock_secrets_at = 2026-01-01T00:00:00+00:00
mock_secrets_token_reuse = documented
mock_secrets_pace = aws
mock_secrets_limits =
    retained_versions=5
    retention=1.5
    short_pages=false
    rotation_delay=0
mock_secrets_passthrough = s3 sqs
mock_secrets_profiles =
    plain
    prod: region=eu-west-1 account_id=111122223333
mock_secrets_clear_caches = false
mock_secrets_seed = mine
"""

    def test_every_option_applies_to_every_activation_of_the_plugin(self, project):
        result = project.run(
            """
            from datetime import timedelta

            def check():
                in_force, limits = running().effective, running().effective["limits"]
                assert running().region == "eu-west-1"
                assert ":111122223333:" in create("db")["ARN"]
                assert (read("one"), read("two")) == ("1", "a=b")
                assert running().clock.now().isoformat() == "2026-01-01T00:00:00+00:00"
                assert (in_force["token_reuse"], in_force["pace"]) == ("documented", "aws")
                assert (limits.retained_versions, limits.retention) == (5, timedelta(hours=1.5))
                assert (limits.short_pages, limits.rotation_delay) == (False, timedelta(0))
                assert in_force["passthrough"] == ("s3", "sqs")
                profiles = in_force["profiles"].values()
                assert [tuple(one) for one in profiles] == [(None, None), ("eu-west-1", "111122223333")]
                assert in_force["clear_caches"] is False
                assert in_force["seed"] == "mine"

            def test_fixture(secrets_backend):
                check()

            @pytest.mark.mock_secrets
            def test_marker():
                check()

            @mock_secrets
            def test_decorator():
                check()

            def test_twin(session_secrets_backend):
                check()
            """,
            ini=self.ALL,
        )

        result.assert_outcomes(passed=4)

    def test_an_instant_may_be_given_in_utc(self, project):
        result = project.run(
            """
            def test_it(secrets_backend):
                assert running().clock.now().isoformat() == "2026-01-01T00:00:00+00:00"
            """,
            ini="mock_secrets_at = 2026-01-01T00:00:00Z",
        )

        result.assert_outcomes(passed=1)

    def test_parameters_win_over_the_ini_options_and_both_sets_of_secrets_merge(self, project):
        result = project.run(
            """
            @pytest.mark.mock_secrets(region="eu-west-2", secrets={"two": "2", "db": "marker"})
            def test_marker():
                assert (running().region, running().account_id) == ("eu-west-2", "111122223333")
                assert (held(), read("db")) == (["db", "one", "two"], "marker")

            @mock_secrets(region="eu-west-2")
            def test_decorator():
                assert (running().region, running().account_id) == ("eu-west-2", "111122223333")

            def test_block():
                with mock_secrets(region="eu-west-2", secrets={"db": "given", "two": "2"}) as backend:
                    assert (backend.region, backend.account_id) == ("eu-west-2", "111122223333")
                    assert (held(), read("db")) == (["db", "one", "two"], "given")

            def test_neither(secrets_backend):
                assert running().region == "eu-west-1"
                assert held() == ["db", "one"]
            """,
            ini=(
                "mock_secrets_region = eu-west-1\nmock_secrets_account_id = 111122223333\n"
                "mock_secrets_secrets =\n    one=1\n    db=ini\n"
            ),
        )

        result.assert_outcomes(passed=4)
