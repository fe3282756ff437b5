"""What a failing test prints, and that it never prints a secret value."""

from textwrap import dedent

from project import output
from tables import rows

COMPARISONS = [
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
    "backend.calls[1].params['SecretBinary'] == b'correct horse'",
]
CALLS = [
    "update_secret(SecretId='missing', SecretString=VALUE)",
    "create_secret(Name='bad name', SecretString=VALUE)",
    "put_secret_value(SecretId='db', SecretString=VALUE, ClientRequestToken='short')",
    "create_secret(Name='x', SecretString=VALUE, Description='d' * 3000)",
]


def each(body, lines):
    """A test module in which each line has a test with this body."""
    return "\n".join(dedent(body).format(number=number, line=line) for number, line in enumerate(lines))


class TestReports:
    @rows("verbosity", ["-q", "-v", "-vv"])
    def test_a_failed_assertion_does_not_show_a_secret_value(self, project, verbosity):
        body = """
            def test_{number}(secrets_backend):
                backend, other = secrets_backend, "correct horse"
                VALUE = "hun" + "ter2"
                create("db", VALUE)
                boto3.client("secretsmanager").create_secret(Name="raw", SecretBinary=VALUE.encode())
                assert {line}
        """

        result = project.run(each(body, COMPARISONS), verbosity)

        result.assert_outcomes(failed=len(COMPARISONS))
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

    @rows("style", ["auto", "long", "short", "line", "native"])
    def test_a_failed_call_does_not_show_the_value_it_sent(self, project, style):
        body = """
            VALUE = "hun" + "ter2"

            def store_{number}(client):
                client.{line}

            def test_{number}(secrets_client):
                store_{number}(secrets_client)

            def test_cause_{number}(secrets_client):
                try:
                    store_{number}(secrets_client)
                except Exception as error:
                    raise RuntimeError("could not store it") from error
        """

        result = project.run(each(body, CALLS), f"--tb={style}")

        result.assert_outcomes(failed=2 * len(CALLS))
        assert "could not store it" in output(result)
        assert "hunter2" not in output(result)

    def test_a_failed_call_is_reported_at_the_line_that_made_it(self, project):
        result = project.run(
            """
            def test_it(secrets_client):
                secrets_client.get_secret_value(SecretId="missing")
            """
        )

        result.stdout.fnmatch_lines(
            [
                '>*secrets_client.get_secret_value(SecretId="missing")',
                "E*ResourceNotFoundException*Secrets Manager can't find the specified secret.",
            ]
        )
        assert "_make_api_call" not in output(result)

    def test_a_refused_call_of_another_service_is_reported_at_the_line_that_made_it(self, project):
        result = project.run(
            """
            def test_it(secrets_backend):
                boto3.client("s3").list_buckets()
            """
        )

        result.stdout.fnmatch_lines(
            ['>*boto3.client("s3").list_buckets()', "E*NetworkAccessRefused*refused a call to s3*"]
        )
        assert "_make_api_call" not in output(result)

    def test_an_error_in_a_module_is_reported_at_its_own_line(self, project):
        lines = [
            "mock_secrets(regoin='eu-west-1')",
            "mock_secrets(region='eu-wset-1')(create)",
            "mock_secrets('eu-west-1')",
            "sys.modules['mock_secrets'](create)",
            "with mock_secrets as backend: backend.create(Name='db')",
            "with mock_secrets as backend: backend.client().get_secret_value(SecretId='missing')",
        ]

        result = project.run([f"import sys\n{line}" for line in lines])

        result.assert_outcomes(errors=len(lines))
        assert [line for line in lines if f"    {line}\n" not in output(result)] == []
        assert "mock_secrets/" not in output(result)
        assert "botocore/" not in output(result)

    def test_other_failed_comparisons_are_explained_as_usual(self, project):
        result = project.run("""
            def test_it():
                assert "correct horse" == "battery staple"
        """)

        result.stdout.fnmatch_lines(["*- battery staple", "*+ correct horse"])
