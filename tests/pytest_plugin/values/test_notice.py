"""A report that hides a value says so once, and how to see it."""

from project import output

NOTICE = "mock_secrets hides secret values; show them with show_values=True or --mock-secrets-show-values"


def test_an_error_with_a_hidden_value_says_how_to_see_it(project):
    result = project.run("""
        import json

        SECRETS = {"db": "correct-horse", "doc": {"user": "somebody", "password": "correct-horse"}}
        pytestmark = pytest.mark.mock_secrets(secrets=SECRETS)

        def test_an_answer(secrets_backend):
            assert read("db") == "wrong-horse"

        def test_a_stored_value(secrets_backend):
            assert secrets_backend["db"].value == "wrong-horse"

        def test_documents(secrets_backend):
            assert json.loads(read("doc")) == {"user": "somebody", "password": "wrong"}

        def test_an_exception(secrets_backend):
            raise ValueError("bad: " + read("db"))

        def test_nothing_hidden(secrets_backend):
            read("db")
            assert 1 == 2

        def test_a_value_of_no_secret(secrets_backend):
            assert "<redacted>" == "something"
        """)

    result.assert_outcomes(failed=6)
    parts = output(result).split("\n____")[1:]
    assert [part.count(NOTICE) for part in parts] == [1, 1, 1, 1, 0, 1]


def test_a_document_compared_with_its_text_is_said_to_be_json(project):
    result = project.run("""
        @pytest.mark.mock_secrets(secrets={"db": {"user": "somebody"}, "text": "plain words"})
        def test_it(secrets_backend):
            assert read("text") != {}
            assert read("db") == {"user": "somebody"}
        """)

    result.assert_outcomes(failed=1)
    told = " ".join(output(result).split())
    assert "→ the left side of a comparison is the JSON text of 'db': compare json.loads(...) of it" in told
