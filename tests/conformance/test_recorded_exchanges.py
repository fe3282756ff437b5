"""What AWS answered to other people's tests, byte for byte but for suffixes and dates."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from conformance.fidelity import behaviour
from conformance.raw import post_bytes
from tables import rows

from mock_secrets import Limits

GO_CLOUD = "recordings of GitHub google/go-cloud, runtimevar/awssecretsmanager"
CASES = json.loads((Path(__file__).parent / "recordings" / "go_cloud.json").read_text(encoding="utf-8"))["cases"]
FIVE_SECONDS = timedelta(seconds=5)

SUFFIX = re.compile(r'(?<=-)[A-Za-z0-9]{6}(?=")')
DATE = re.compile(r"\b1\.\d+E9\b")


def masked(answer):
    return DATE.sub("DATE", SUFFIX.sub("SUFFIX", answer))


@behaviour("GetSecretValue", "the bytes of answers and errors, including SecretBinary", "AWS-VERIFIED", GO_CLOUD)
@behaviour("CreateSecret", "the bytes of the answer, with a token that is not a UUID", "AWS-VERIFIED", GO_CLOUD)
@behaviour("PutSecretValue", "the bytes of the answer, with a token that is not a UUID", "AWS-VERIFIED", GO_CLOUD)
@behaviour("DescribeSecret", "the bytes of the answer, also after a forced deletion", "AWS-VERIFIED", GO_CLOUD)
@behaviour("DeleteSecret", "the bytes of the answer with force", "AWS-VERIFIED", GO_CLOUD)
@pytest.mark.mock_secrets(region="us-east-2", limits=Limits(deletion_delay=FIVE_SECONDS))
@rows("case", CASES)
def test_recorded_requests_get_the_recorded_answers(secrets_backend, case):
    for step in case["steps"]:
        if step["status"] == 400:
            # What was deleted is not found only after a while.
            secrets_backend.clock.advance(FIVE_SECONDS)
        target = {"X-Amz-Target": f"secretsmanager.{step['operation']}"}

        answer = post_bytes(step["request"].encode(), region="us-east-2", **target)

        assert (answer.status_code, masked(answer.text)) == (step["status"], step["answer"])
        assert answer.headers["Content-Type"] == "application/x-amz-json-1.1"
        assert answer.headers["Content-Length"] == str(len(answer.content))


def test_every_kind_of_exchange_is_recorded_once():
    kinds = {(step["operation"], step["status"]) for case in CASES for step in case["steps"]}

    assert kinds == {
        *[("GetSecretValue", 200), ("GetSecretValue", 400), ("DescribeSecret", 200), ("DescribeSecret", 400)],
        *[("CreateSecret", 200), ("PutSecretValue", 200), ("DeleteSecret", 200)],
    }
    assert len({json.dumps(case["steps"]) for case in CASES}) == len(CASES)
