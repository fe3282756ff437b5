"""A fixture of a wider scope that asks for one of ours in a narrower is told which to ask for instead."""

from project import QUICK


def test_a_scope_mismatch_names_the_fixture_to_request(pytester):
    pytester.makepyfile("""
        import pytest

        @pytest.fixture(scope="module")
        def app(secrets_client): pass

        @pytest.fixture(scope="package")
        def clock(secrets_clock): pass

        @pytest.fixture(scope="session")
        def db(module_secrets_backend): pass

        @pytest.fixture(scope="class")
        def others(tmp_path): pass

        def test_client(app): pass
        def test_clock(clock): pass
        def test_backend(db): pass
        def test_others(others): pass
        def test_that_says_it_itself(): pytest.fail("ScopeMismatch")
    """)

    result = pytester.runpytest_inprocess(*QUICK)

    told = [line for line in result.outlines if line.startswith("Use ")]
    assert told == [
        "Use module_secrets_backend and its client() method instead.",
        "Use package_secrets_backend and its clock, which moves only the service, instead.",
        "Use session_secrets_backend instead.",
    ]


def test_each_fixture_describes_itself(pytester):
    told = pytester.runpytest_inprocess(*QUICK, "--fixtures").outlines

    texts = [
        told[place + 1] for place, line in enumerate(told) if "secrets_" in line and "pytest_plugin/__init__.py" in line
    ]
    assert len(texts) == len(set(texts)) == 9
    assert not any("no docstring" in text for text in texts)
