"""``show_values``: who says that the values of a test are no secrets sees them; and the comparison of who does not."""

from project import output
from tables import rows

VALUE = "correct-horse-battery"
HEAD = """
V, W = "correct-" + "horse-battery", "wrong-" + "horse-battery"
"""
FAIL = """
    secret = secrets_backend.create("db", {"password": V, "more": "m" * 300})
    print(secret)
    assert secret.json["password"] == W
"""


@rows(
    "decorator, ini, options",
    [
        ("@pytest.mark.mock_secrets(show_values=True)", "", []),
        ("@mock_secrets(show_values=True)", "", []),
        ("", "mock_secrets_show_values = true", []),
        ("", "", ["--mock-secrets-show-values"]),
    ],
)
def test_comparisons_reprs_and_reports_show_values_if_enabled(project, decorator, ini, options):
    result = project.run(f"{HEAD}\n{decorator}\ndef test_it(secrets_backend):{FAIL}", *options, ini=ini)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            f"E * AssertionError: assert '{VALUE}' == 'wrong-horse-battery'",
            f"<secret 'db' *{VALUE}*",
            "* AWS Secrets Manager *",
            f'* *"{VALUE}", *',
            "* mmm*mmm…",
        ]
    )


@rows("options", [[], ["--mock-secrets-show-values"]])
def test_the_nearest_marker_decides_whether_values_are_shown(project, options):
    shown = options != []

    result = project.run(
        f"""{HEAD}
@pytest.mark.mock_secrets(show_values={not shown})
def test_nearest(session_secrets_backend):
    assert session_secrets_backend.create("db", V).value == W

def test_other(session_secrets_backend):
    assert session_secrets_backend.create("db", V).value == W
""",
        *options,
    )

    result.assert_outcomes(failed=2)
    nearest, other = output(result).split("test_other ")[:2]
    assert (VALUE in nearest, VALUE in other) == (not shown, shown)


def test_one_mock_hiding_its_values_hides_all_values_of_the_test(project):
    result = project.run(f"""{HEAD}
def test_it():
    with mock_secrets(show_values=True):
        create("db", W)
    with mock_secrets() as backend:
        create("db", V)
    assert V == W
""")

    result.assert_outcomes(failed=1)
    assert VALUE not in output(result)


def test_rotation_function_errors_and_the_debug_log_show_values_if_enabled(project):
    result = project.run(
        f"""{HEAD}
def rotator(event, context):
    raise ValueError(V)

@mock_secrets(show_values=True)
def test_it(secrets_backend):
    create("db", V)
    arn = secrets_backend.register_rotation_lambda("rotator", rotator)
    secrets_backend.client().rotate_secret(SecretId="db", RotationLambdaARN=arn, RotationRules={{"AutomaticallyAfterDays": 7}})
    assert False
""",
        "--log-level=DEBUG",
    )

    result.stdout.fnmatch_lines([f"*in createSecret: ValueError: {VALUE}*"])
    result.stdout.fnmatch_lines([f"*body*{VALUE}*"])


class TestHidden:
    def test_a_document_is_compared_member_by_member(self, project):
        result = project.run(
            """
def test_it(secrets_backend):
    stored = {"user": "app" + "-user", "password": "hun" + "ter22", "ports": [1, {"of": "some" + "body"}], "old": "for" + "gotten"}
    expected = {"user": "app-user", "password": "wrong", "ports": (1, 2), "new": None}
    assert [secrets_backend.create("db", stored).json, 5] == [expected, 5]
""",
            "-vv",
        )

        result.stdout.fnmatch_lines(
            [
                "E * AssertionError: assert [[]{'user': <redacted>, 'password': <secret value>,*",
                "E *         'user': <redacted>,",
                "E * - *     'password': <other value>,",
                "E * + *     'password': <secret value>,",
                "E * + *     'old': <redacted>,",
                "E * mock_secrets hides secret values; show them with *",
            ]
        )
        assert not any(value in output(result) for value in ("'wrong'", "hunter22", "somebody", "forgotten"))

    def test_a_self_referencing_document_is_left_to_pytest(self, project):
        result = project.run("""
def test_it(secrets_backend):
    document = {"value": secrets_backend.create("db", "correct-" + "horse-battery").value}
    document["self"] = document
    assert document == {"self": None}
""")

        result.assert_outcomes(failed=1)
        assert "INTERNALERROR" not in output(result)
        assert "correct-horse-battery" not in output(result)
