"""Every operation is answered alike through every door."""

from datetime import datetime, timezone

from botocore.exceptions import ClientError
from conformance.callers import CALLS, call
from doors import DOORS
from tables import rows

from mock_secrets import mock_secrets

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def outcome(door, operation):
    """What a client gets through a door, of a backend of the same seed and time as all others."""
    with mock_secrets(at=NOON, secrets={"db": "s3cret"}) as backend, DOORS[door](backend) as client:
        token = {"ClientRequestToken": "0" * 32} if "SecretString" in CALLS[operation] else {}
        try:
            return call(client, operation, **CALLS[operation], **token)
        except ClientError as error:
            return error.response


@rows("door", sorted(DOORS.keys() - {"hook"}))
@rows("operation", sorted(CALLS))
def test_an_operation_gets_the_same_answer_however_it_is_called(operation, door):
    expected, answered = outcome("hook", operation), outcome(door, operation)

    assert answered == expected
