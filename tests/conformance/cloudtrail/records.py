"""What is read and what is asked in the records of CloudTrail."""

import json

import pytest
from botocore.exceptions import ClientError
from conformance.callers import allowing, call, document

READS = document(allowing("GetSecretValue", "kms:Decrypt"))

SECRETS = ["f1rst-value", "s3cond-value", "th1rd-value", "b1nary-value"]


def names(records):
    return [record["eventName"] for record in records]


def refused(client, operation, **request):
    """The answer of a call that is refused."""
    with pytest.raises(ClientError) as caught:
        call(client, operation, **request)
    return caught.value.response


def service_events(trail):
    return [record for record in trail if record["eventType"] == "AwsServiceEvent"]


def assert_holds_no_value(trail):
    whole = json.dumps(list(trail))
    assert not any(value in whole for value in SECRETS)
