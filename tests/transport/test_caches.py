"""Caches of client-side libraries: what one test has read, the next does not find there."""

import pytest

from mock_secrets import mock_secrets
from mock_secrets.activation import for_test_of_class
from mock_secrets.kernel.options import Options


def read_with_powertools():
    parameters = pytest.importorskip("aws_lambda_powertools.utilities.parameters")
    return lambda: parameters.get_secret("db", max_age=3600)


def read_with_a_provider():
    parameters = pytest.importorskip("aws_lambda_powertools.utilities.parameters")
    provider = parameters.SecretsProvider()
    return lambda: provider.get("db", max_age=3600)


def read_with_the_cache():
    caching = pytest.importorskip("aws_secretsmanager_caching")
    cache = caching.SecretCache()
    return lambda: cache.get_secret_string("db")


LIBRARIES = pytest.mark.parametrize(
    "library", [read_with_powertools, read_with_a_provider, read_with_the_cache], ids=lambda one: one.__name__
)


@pytest.fixture
def read(library, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    read = library()
    yield read
    with mock_secrets(secrets={"db": "left"}):
        read()


@LIBRARIES
def test_a_cache_is_emptied_when_the_mock_ends(read):
    for value in ("first", "second"):
        with mock_secrets(secrets={"db": value}) as backend:
            assert (read(), read()) == (value, value)
            assert len(backend.calls.of("GetSecretValue")) == 1


@LIBRARIES
def test_clear_caches_false_keeps_a_librarys_cache(read):
    with mock_secrets(secrets={"db": "first"}, clear_caches=False):
        read()

    with mock_secrets(secrets={"db": "second"}):
        assert read() == "first"


@LIBRARIES
def test_each_test_on_a_savepoint_of_a_wider_mock_starts_with_an_empty_cache(library, project, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    name = {"read_with_powertools": "powertools", "read_with_a_provider": "provider"}.get(library.__name__, "caching")
    library()
    result = project.run(f"""
LIBRARY = {name!r}
if LIBRARY == "caching":
    from aws_secretsmanager_caching import SecretCache
    with mock_secrets():
        cached = SecretCache().get_secret_string
else:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider, get_secret
    with mock_secrets():
        provider = SecretsProvider()
    cached = (lambda name: get_secret(name, max_age=99)) if LIBRARY == "powertools" else (lambda name: provider.get(name, max_age=99))

@pytest.mark.parametrize("value", ["first", "second"])
def test_it(session_secrets_backend, secrets_backend, value):
    create("db", value)
    assert cached("db") == value
""")

    result.assert_outcomes(passed=2)


@LIBRARIES
def test_each_test_of_a_class_sharing_a_mock_starts_with_an_empty_cache(read):
    with mock_secrets():
        for value in ("first", "second"):
            with for_test_of_class(Options(), "a test") as backend:
                backend.create("db", value)
                assert read() == value


def test_powertools_keeps_no_client_of_the_mock():
    constants = pytest.importorskip("aws_lambda_powertools.utilities.parameters.constants")
    with mock_secrets(secrets={"db": "s3cret"}):
        read_with_powertools()()
        assert "secrets" in constants.DEFAULT_PROVIDERS

    assert "secrets" not in constants.DEFAULT_PROVIDERS
