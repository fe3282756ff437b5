"""An updater that copes with throttling, and with responses that are lost on the way."""

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

from mock_secrets.faults import LostAnswer

pytestmark = pytest.mark.mock_secrets(secrets={"db": "old"})


def update(value: str, token: str) -> str:
    """The application: it stores a value exactly once, even if responses are lost."""
    client = boto3.client("secretsmanager", config=Config(retries={"mode": "standard", "total_max_attempts": 3}))
    for _ in range(3):
        try:
            # With the same token, another attempt creates no second version.
            return client.update_secret(SecretId="db", SecretString=value, ClientRequestToken=token)["VersionId"]
        except ConnectionClosedError:
            continue
    raise RuntimeError("the service can't be reached")


TOKEN = "11111111-1111-4111-8111-111111111111"


def test_a_throttled_update_is_retried_and_takes_no_real_time(secrets_backend):
    with secrets_backend.fail("UpdateSecret", "ThrottlingException", times=2):
        assert update("new", TOKEN) == TOKEN

    assert [call.attempt for call in secrets_backend.calls.of("UpdateSecret")] == [1, 2, 3]


def test_an_update_whose_answer_is_lost_is_made_once(secrets_backend):
    # All three of botocore's attempts in the first call are lost, and one more in the second.
    with secrets_backend.fail("UpdateSecret", LostAnswer(), times=4) as fault:
        update("new", TOKEN)

    assert len(fault.calls) == 4
    assert [version.id for version in secrets_backend["db"].versions][1:] == [TOKEN]


def test_an_unreachable_service_is_reported(secrets_backend):
    with secrets_backend.fail("UpdateSecret", LostAnswer()), pytest.raises(RuntimeError, match="can't be reached"):
        update("new", TOKEN)
