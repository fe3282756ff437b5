"""Faults arrive through every door, as what botocore makes of them."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from doors import DOORS
from tables import rows

from mock_secrets import mock_secrets
from mock_secrets.faults import ConnectionClosed, ConnectTimeout, CorruptAnswer, Latency, LostAnswer, ReadTimeout

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
# What arrives by HTTP; botocore's parser of JSON takes a text that it can read for an answer without members.
BY_HTTP = {
    ReadTimeoutError: ConnectionClosedError,
    ConnectTimeoutError: ConnectionClosedError,
    ResponseParserError: UnicodeDecodeError,
}
EVERY_DOOR = pytest.mark.parametrize("door", sorted(DOORS))


@pytest.fixture(autouse=True)
def one_attempt(monkeypatch):
    """A client tries each call once."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture
def backend():
    with mock_secrets(at=NOON, secrets={"db": "old"}) as backend:
        yield backend


@EVERY_DOOR
@rows(
    "fault, expected, value",
    [
        ("InternalServiceError", ClientError, "old"),
        (ConnectionClosed(), ConnectionClosedError, "old"),
        (ReadTimeout(), ReadTimeoutError, "old"),
        (ConnectTimeout(), ConnectTimeoutError, "old"),
        (LostAnswer(), ConnectionClosedError, "new"),
        (CorruptAnswer(), ResponseParserError, "new"),
    ],
)
def test_a_fault_raises_botocores_error_and_applies_the_update_only_if_it_should(backend, door, fault, expected, value):
    backend.fail("UpdateSecret", fault, times=1)

    with DOORS[door](backend) as client:
        with pytest.raises(BY_HTTP.get(expected, expected) if door == "endpoint" else expected):
            client.update_secret(SecretId="db", SecretString="new")

        assert client.get_secret_value(SecretId="db")["SecretString"] == value


@EVERY_DOOR
def test_a_latency_fault_advances_the_clock_and_lets_the_answer_through(backend, door):
    backend.fail("*", Latency(timedelta(seconds=3)))

    with DOORS[door](backend) as client:
        assert client.get_secret_value(SecretId="db")["SecretString"] == "old"

    assert backend.clock.now() == NOON + timedelta(seconds=3)


def test_the_exception_of_an_injected_fault_says_it_was_injected(backend):
    backend.fail("*", LostAnswer(), times=1)

    with pytest.raises(ConnectionClosedError) as caught:
        backend.client().describe_secret(SecretId="db")

    assert caught.value.__notes__[0].startswith("injected: fail('*', LostAnswer(), times=1), started at ")
