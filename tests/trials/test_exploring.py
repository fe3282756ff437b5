"""``proofs.explore``: at which call a fault leaves what the user's invariant refuses."""

import boto3
import pytest
from tables import rows

from mock_secrets import mock_secrets
from mock_secrets.proofs import explore


def move(client, order):
    """Move a value from one secret to another."""
    value = client.get_secret_value(SecretId="from")["SecretString"]
    for step in order:
        if step == "put":
            client.put_secret_value(SecretId="to", SecretString=value)
        else:
            client.put_secret_value(SecretId="from", SecretString="-")


def is_somewhere(backend):
    return "s3cret" in [backend["from"].value, backend["to"].value]


@pytest.fixture
def backend(secrets_backend):
    secrets_backend.seed({"from": "s3cret", "to": "-"})
    return secrets_backend


def test_a_safe_order_of_calls_has_no_findings_and_leaves_the_mock_unchanged(backend):
    client = boto3.client("secretsmanager")

    assert explore(lambda: move(client, ["put", "take"]), lambda: is_somewhere(backend)) == []

    assert (backend["from"].value, len(backend.calls)) == ("s3cret", 0)


def test_an_unsafe_order_of_calls_is_found_with_the_call_and_its_line(backend):
    client = boto3.client("secretsmanager")

    findings = explore(lambda: move(client, ["take", "put"]), lambda: is_somewhere(backend))

    assert [(found.number, found.operation, found.fault) for found in findings] == [
        (2, "PutSecretValue", "after which the process ends"),
        (2, "PutSecretValue", "fails with LostAnswer()"),
        (3, "PutSecretValue", "fails with ThrottlingException"),
        (3, "PutSecretValue", "fails with ConnectionClosed()"),
    ]
    assert "tests/trials/test_exploring.py:" in findings[0].call
    assert str(findings[0]).startswith("call 2, PutSecretValue (tests/trials/test_exploring.py:")
    assert str(findings[0]).endswith(", after which the process ends: it returned False")


def test_a_failed_assertion_of_the_invariant_is_a_finding_with_its_message(backend):
    client = boto3.client("secretsmanager")

    def invariant():
        if not is_somewhere(backend):
            raise AssertionError("the value is nowhere")

    findings = explore(lambda: move(client, ["take", "put"]), invariant)

    assert {found.problem for found in findings} == {"the value is nowhere"}


def test_an_invariant_that_fails_without_faults_is_an_error(backend):
    client = boto3.client("secretsmanager")

    with pytest.raises(AssertionError, match="without faults: it returned False"):
        explore(lambda: move(client, ["take"]), lambda: is_somewhere(backend))


def test_exploring_needs_a_mock():
    with pytest.raises(RuntimeError, match="active mock"):
        explore(lambda: None, lambda: True)


@mock_secrets
@rows("given, match", [((7, bool), "function="), ((bool, 7), "invariant=")])
def test_exploring_refuses_invalid_arguments(given, match):
    with pytest.raises(TypeError, match=match):
        explore(*given)
