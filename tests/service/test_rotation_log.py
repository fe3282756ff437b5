"""The logger ``mock_secrets.rotation``: a rotation that fails says so at once."""

import logging

import boto3
import pytest

RULES = {"AutomaticallyAfterDays": 30}
LOGGER = "mock_secrets.rotation"

pytestmark = pytest.mark.mock_secrets(secrets={"db": "hunter2-hunter2"})


@pytest.fixture
def rotate(secrets_backend, secrets_client):
    """Rotate the secret with a function."""

    def rotate(function, **params):
        arn = secrets_backend.register_rotation_lambda("rotator", function)
        secrets_client.rotate_secret(SecretId="db", RotationLambdaARN=arn, RotationRules=RULES, **params)

    return rotate


def logged(caplog):
    return [record.getMessage() for record in caplog.records if record.name == LOGGER]


def test_the_log_names_the_secret_the_step_and_where_the_function_failed(rotate, caplog, secrets_backend):
    def function(event, _context):
        if event["Step"] == "setSecret":
            raise KeyError("SecretID")
        client = boto3.client("secretsmanager")
        client.put_secret_value(
            SecretId="db",
            ClientRequestToken=event["ClientRequestToken"],
            SecretString="new",
            VersionStages=["AWSPENDING"],
        )

    rotate(function)

    (message,) = logged(caplog)
    token = secrets_backend["db"].rotations[0].token
    assert message.startswith(f"rotation of 'db' to version {token} failed in setSecret: Traceback (most recent")
    assert f"line {function.__code__.co_firstlineno + 2}, in function" in message
    assert message.endswith("KeyError: 'SecretID'")
    assert "mock_secrets/" not in message
    assert [record.levelno for record in caplog.records if record.name == LOGGER] == [logging.ERROR]


def test_a_rotation_test_is_logged_as_a_test(rotate, caplog):
    rotate(lambda event, _context: event["typo"], RotateImmediately=False)

    assert logged(caplog)[0].startswith("test of the rotation of 'db' to version")


def test_the_log_says_why_when_no_function_raised(rotate, caplog):
    rotate(lambda _event, _context: None)

    (message,) = logged(caplog)
    assert "returned from all steps, but AWSCURRENT is not on version" in message


def test_a_retry_with_the_same_failure_is_reported_in_one_line(rotate, caplog, secrets_backend):
    rotate(lambda event, _context: event["typo"])
    secrets_backend.clock.advance(minutes=10)

    assert logged(caplog)[1].endswith(
        "failed in createSecret: for the same reason as the previous attempt: KeyError: 'typo'"
    )


def test_the_rotation_log_shows_no_value(rotate, caplog):
    def function(_event, _context):
        raise ValueError(boto3.client("secretsmanager").get_secret_value(SecretId="db")["SecretString"])

    rotate(function)

    assert logged(caplog)[0].endswith("ValueError: <redacted>")


def test_a_successful_rotation_logs_nothing(caplog, secrets_backend, secrets_client):
    secrets_backend.create_managed_secret("rds", "rds!db-1", "old-value")
    secrets_client.rotate_secret(SecretId="rds!db-1")

    assert logged(caplog) == []


def test_a_rotation_has_ended_even_if_a_log_handler_raises(rotate, secrets_backend):
    class Raising(logging.Handler):
        def emit(self, record):
            raise LookupError(record.name)

    def function(event, _context):
        raise KeyError(event["Step"])

    handler = Raising()
    logging.getLogger(LOGGER).addHandler(handler)
    try:
        with pytest.raises(LookupError, match=LOGGER):
            rotate(function)
    finally:
        logging.getLogger(LOGGER).removeHandler(handler)
    secrets_backend.clock.advance(hours=1)

    assert len(secrets_backend["db"].rotations) > 1
