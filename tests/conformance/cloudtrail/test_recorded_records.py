"""CloudTrail's own records of 2023, and those that the same calls leave here."""

import json
import re
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from botocore import xform_name
from conformance.callers import allowing, document
from conformance.fidelity import behaviour
from tables import rows

from mock_secrets import Limits, mock_secrets

V1 = "11111111-1111-4111-8111-111111111111"
INVICTUS = "CloudTrail records of 2023-07-10 in GitHub invictus-ir/aws_dataset"
RECORDED = {
    record["eventName"]: record
    for record in json.loads(
        (Path(__file__).parents[1] / "recordings" / "cloudtrail.json").read_text(encoding="utf-8")
    )["records"]
}
# What differs from call to call, or is of another year.
OWN = {"eventVersion", "eventID", "requestID", "sourceIPAddress", "userAgent", "vpcEndpointId", "tlsDetails"}
# Made up on either side, and when AWS's own session with KMS began.
IDS = re.compile(r"AIDA\w+|AKIA\w+|ASIA\w+|key/[0-9a-f-]{36}|(?<=-)\w{6}(?=[\":])|(?<=creationDate\": \")[^\"]+")
READ = "GetSecretValue"
CALLS = ["CreateSecret", "DescribeSecret", "GetResourcePolicy", "PutSecretValue", READ, "ListSecrets", "DeleteSecret"]
EVERYTHING = document(allowing("secretsmanager:*", "kms:*"))


def masked(record):
    shown = {name: value for name, value in record.items() if name not in OWN}
    return json.loads(IDS.sub("...", json.dumps(shown)))


def request_of(record):
    """The request that left this record."""
    return {name[0].upper() + name[1:]: _raised(value) for name, value in record["requestParameters"].items()}


def _raised(value):
    if isinstance(value, list):
        return [_raised(one) for one in value]
    if isinstance(value, dict):
        return {name[0].upper() + name[1:]: _raised(one) for name, one in value.items()}
    return value


def instant(record):
    return datetime.fromisoformat(record["eventTime"].replace("Z", "+00:00"))


@contextmanager
def at_the_time_of(record, **given):
    """The mock in which the call of a record is made, and its caller's client."""
    with mock_secrets(at=instant(record), **given) as backend:
        yield backend, backend.iam.create_user("operator", EVERYTHING).client()


def repeat(backend, client, record):
    """Make the call of a record again, to a secret of that name."""
    operation, request = record["eventName"], request_of(record)
    arn = request.get("SecretId")
    if arn is not None:
        name = arn.rpartition(":")[2][:-7]
        version_id = request.get("VersionId", V1)
        request["SecretId"] = backend.create(name, "one", token=version_id).arn
    if operation == "PutSecretValue":
        request["SecretString"] = "two"
    getattr(client, xform_name(operation))(**request)


@behaviour("CloudTrail", "PutSecretValue: responseElements has the secret's ARN", "AWS-VERIFIED", INVICTUS)
@behaviour("CloudTrail", "DeleteSecret: responseElements has aRN, name and deletionDate", "AWS-VERIFIED", INVICTUS)
@behaviour(
    "CloudTrail",
    "each record shows how, where and what it is",
    "AWS-VERIFIED",
    "CloudTrail records in GitHub DataDog/stratus-red-team, docs/detonation-logs",
)
@behaviour(
    "CloudTrail",
    "the whole record of a call, including an empty description and a false flag",
    "AWS-VERIFIED",
    INVICTUS,
)
@rows("operation", CALLS)
def test_a_call_leaves_the_recorded_record(operation):
    recorded = RECORDED[operation]

    with at_the_time_of(recorded) as (backend, client):
        repeat(backend, client, recorded)
        (record,) = backend.cloudtrail.lookup(name=operation)

    assert masked(record) == masked(recorded)
    assert [name for name in record if name in recorded] == list(recorded)


@behaviour(
    "CloudTrail",
    "StartSecretVersionDelete and EndSecretVersionDelete of a forced deletion show who, when and which secret",
    "AWS-VERIFIED",
    INVICTUS,
)
@rows("name", ["StartSecretVersionDelete", "EndSecretVersionDelete"])
def test_a_forced_deletion_leaves_the_recorded_records(name):
    deletion, recorded = RECORDED["DeleteSecret"], RECORDED[name]
    delay = instant(recorded) - instant(deletion)

    with at_the_time_of(deletion, limits=Limits(deletion_delay=delay)) as (backend, client):
        backend.create(recorded["additionalEventData"]["Name"], "one")
        client.delete_secret(SecretId=recorded["additionalEventData"]["Name"], ForceDeleteWithoutRecovery=True)
        before = backend.cloudtrail.lookup(name=name)
        backend.clock.advance(delay)
        (record,) = backend.cloudtrail.lookup(name=name)

    assert before == []
    assert masked(record) == masked(recorded)
    assert IDS.sub("...", record["requestID"]) == IDS.sub("...", recorded["requestID"])
    assert list(record) == list(recorded)


# --- The records of KMS ---


@behaviour("CloudTrail", "KMS's record of GenerateDataKey under aws/secretsmanager", "AWS-VERIFIED", INVICTUS)
@behaviour("CloudTrail", "KMS's record of Decrypt under aws/secretsmanager", "AWS-VERIFIED", INVICTUS)
@rows("name, operation", [("GenerateDataKey", "PutSecretValue"), ("Decrypt", READ)])
def test_using_a_key_leaves_the_recorded_record(name, operation):
    recorded = RECORDED[name]
    secret_arn, version_id = recorded["requestParameters"]["encryptionContext"].values()
    name_of_secret = secret_arn.rpartition(":")[2][:-7]

    with at_the_time_of(recorded) as (backend, client):
        if operation == READ:
            backend.create(name_of_secret, "one", token=version_id)
            client.get_secret_value(SecretId=name_of_secret)
        else:
            backend.create(name_of_secret)
            client.put_secret_value(SecretId=name_of_secret, SecretString="one", ClientRequestToken=version_id)
        (record,) = backend.cloudtrail.lookup(source="kms")

    assert masked(record) == masked(recorded)
    assert record.keys() == recorded.keys()


@behaviour("CloudTrail", "a secret without a value uses no key", "AWS-VERIFIED", INVICTUS)
def test_a_secret_without_a_value_leaves_no_kms_record(client, secrets_backend):
    client.create_secret(Name="db")
    client.describe_secret(SecretId="db")

    assert secrets_backend.cloudtrail.lookup(source="kms") == []


def test_kms_records_must_be_requested_separately(client, secrets_backend):
    arn = client.create_secret(Name="db", SecretString="one")["ARN"]
    client.create_secret(Name="other", SecretString="one")
    client.batch_get_secret_value(SecretIdList=["db"])
    trail = secrets_backend.cloudtrail

    of_kms = [record["eventName"] for record in trail.lookup(source="kms")]

    assert of_kms == ["GenerateDataKey", "GenerateDataKey", "Decrypt"]
    assert {record["eventSource"] for record in [*trail, *trail.lookup()]} == {"secretsmanager.amazonaws.com"}
    assert len(trail) == len(trail.lookup())
    assert len(trail.lookup(source="kms", secret=arn)) == 2
    assert len(trail.lookup(source="kms", name="Decrypt", principal="administrator")) == 1
    assert trail.lookup(source="kms", error="AccessDenied") == []


@behaviour(
    "CloudTrail",
    "KMS's records of a customer managed key have the shape of the recorded ones, with its ARN",
    "GUESS",
    "recorded for aws/secretsmanager",
    decided_by="CloudTrail",
)
def test_a_customer_key_is_recorded_by_its_arn(client, secrets_backend):
    key = secrets_backend.kms.create_key()
    client.create_secret(Name="db", SecretString="one", KmsKeyId=key.arn, ClientRequestToken=V1)
    secrets_backend.iam.create_role("app", EVERYTHING).client().get_secret_value(SecretId="db")

    records = secrets_backend.cloudtrail.lookup(source="kms")

    trial = "RequestToValidateKeyAccess"
    told = [(one["eventName"], one["requestParameters"]["encryptionContext"]["SecretVersionId"]) for one in records]
    assert told == [("GenerateDataKey", trial), ("Decrypt", trial), ("GenerateDataKey", V1), ("Decrypt", V1)]
    assert {one["resources"][0]["ARN"] for one in records} == {records[0]["requestParameters"]["keyId"]} == {key.arn}
    assert records[-1]["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"] == "app"


@behaviour(
    "CloudTrail", "a use that KMS refuses leaves no record of KMS", "GUESS", "on no record", decided_by="CloudTrail"
)
def test_a_request_refused_by_a_key_leaves_no_kms_record(client, secrets_backend):
    key = secrets_backend.kms.create_key()
    client.create_secret(Name="db", SecretString="one", KmsKeyId=key.arn)
    before = len(secrets_backend.cloudtrail.lookup(source="kms"))
    key.disable()

    with pytest.raises(client.exceptions.DecryptionFailure):
        client.get_secret_value(SecretId="db")

    assert len(secrets_backend.cloudtrail.lookup(source="kms")) == before
