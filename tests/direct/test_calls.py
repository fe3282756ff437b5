"""``backend.calls``: questions about calls that can't be answered wrongly."""

import pytest
from tables import rows

from mock_secrets import SecretsBackend

pytestmark = pytest.mark.mock_secrets(secrets={"db": "s3cret", "api": "s3cret"})


@pytest.fixture
def calls(secrets_backend: SecretsBackend, secrets_client):
    """An update by ARN and a read by name of "db", between two of "api"."""
    secrets_client.get_secret_value(SecretId="api")
    secrets_client.update_secret(SecretId=secrets_backend["db"].arn, SecretString="other-value", Description="new")
    secrets_client.get_secret_value(SecretId="db")
    secrets_client.get_secret_value(SecretId="api", VersionStage="AWSCURRENT")
    return secrets_backend.calls


@rows("question", ["of", "assert_called", "assert_not_called", "assert_sequence"])
@rows("operation", ["updateSecret", "UpdateSecrets"])
def test_asserting_an_unknown_operation_is_an_error(calls, question, operation):
    with pytest.raises(ValueError, match=f"no operation '{operation}'. Did you mean 'UpdateSecret'"):
        getattr(calls, question)(operation)


def test_asserting_an_unknown_parameter_is_an_error(calls):
    with pytest.raises(TypeError, match=r"UpdateSecret has no parameter 'SecretID'. Did you mean 'SecretId'"):
        calls.of("UpdateSecret", SecretID="db")


@rows("operation", ["UpdateSecret", "GetSecretValue"])
def test_a_call_by_name_matches_a_call_by_arn(calls, secrets_backend, operation):
    assert len(calls.of(operation, SecretId="db")) == len(calls.of(operation, SecretId=secrets_backend["db"].arn)) == 1
    assert len(calls.of(operation, SecretId="d")) == 0


def test_asserting_a_recorded_call_passes(calls):
    calls.assert_called("GetSecretValue")
    calls.assert_called("GetSecretValue", times=2, SecretId="api")
    calls.assert_called("GetSecretValue", times=0, VersionStage="AWSPENDING")
    calls.assert_not_called("DeleteSecret")
    calls.assert_sequence(
        "GetSecretValue", ("UpdateSecret", {"SecretId": "db"}), ("GetSecretValue", {"SecretId": "api"})
    )


def test_a_missing_call_shows_the_nearest_calls_and_their_differences(calls):
    with pytest.raises(AssertionError) as caught:
        calls.assert_called("GetSecretValue", SecretId="db", VersionStage="AWSPREVIOUS")

    first, title, nearest, *_ = str(caught.value).splitlines()
    assert first == (
        "expected GetSecretValue(SecretId='db', VersionStage='AWSPREVIOUS') to be called, but it was not called."
    )
    assert title == "nearest calls:"
    assert nearest.endswith("differs in VersionStage, which is absent")


def test_a_failed_assertion_about_an_uncalled_operation_shows_what_was_called(calls):
    with pytest.raises(AssertionError, match=r"DeleteSecret was never called. The calls were:"):
        calls.assert_called("DeleteSecret")


def test_a_wrong_number_of_calls_is_reported(calls):
    with pytest.raises(AssertionError, match="to be called once, but it was called twice"):
        calls.assert_called("GetSecretValue", times=1, SecretId="api")


def test_an_unwanted_call_is_shown(calls):
    with pytest.raises(AssertionError, match=r"not to be called, but it was called twice.\n  <GetSecretValue"):
        calls.assert_not_called("GetSecretValue", SecretId="api")


def test_the_first_missing_step_of_a_sequence_is_reported(calls):
    with pytest.raises(AssertionError, match=r"step 2, GetSecretValue\(SecretId='db'\), was not called after <Get"):
        calls.assert_sequence(
            ("GetSecretValue", {"VersionStage": "AWSCURRENT"}), ("GetSecretValue", {"SecretId": "db"})
        )


def test_no_message_shows_a_value(calls):
    for operation in ("UpdateSecret", "PutSecretValue"):
        with pytest.raises(AssertionError) as caught:
            calls.assert_called(operation, SecretString="another-value")
        assert "-value" not in str(caught.value).replace("secret-value", "")
