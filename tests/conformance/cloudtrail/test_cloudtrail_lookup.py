"""CloudTrail: records found again, and the files of them."""

import gzip
import json
from datetime import datetime, timedelta, timezone

import pytest
from conformance.cloudtrail.records import READS, SECRETS, names, refused
from conformance.fidelity import behaviour
from tables import rows

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ACCOUNT = "123456789012"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:user/administrator"

BATCH = "BatchGetSecretValue"
TRAIL = "CloudTrail"

pytestmark = pytest.mark.mock_secrets(at=NOON)


# --- Questions ---


def test_records_can_be_looked_up_by_secret(client, trail, db):
    client.get_secret_value(SecretId="db")
    client.describe_secret(SecretId=db)
    client.get_secret_value(SecretId=db[:-7])
    client.batch_get_secret_value(SecretIdList=["db"])
    client.list_secrets()
    new = client.create_secret(Name="db2", SecretString=SECRETS[0])["ARN"]
    refused(client, "DeleteSecret", SecretId="nothing")

    about_db = ["GetSecretValue", "DescribeSecret", "GetSecretValue", "BatchGetSecretValue", "GetSecretValue"]
    for secret in ("db", db, db[:-7]):
        assert names(trail.lookup(secret=secret)) == about_db
    assert names(trail.lookup(secret="db2")) == names(trail.lookup(secret=new)) == ["CreateSecret"]
    assert names(trail.lookup(secret="nothing")) == ["DeleteSecret"]


def test_a_batch_filter_that_matches_a_secret_is_recorded_for_it(client, trail, db):
    client.batch_get_secret_value(Filters=[{"Key": "name", "Values": ["db"]}])

    assert names(trail.lookup(secret="db")) == ["BatchGetSecretValue", "GetSecretValue"]


@behaviour(
    TRAIL,
    "BatchGetSecretValue leaves a GetSecretValue record for each secret",
    "AWS-DOC",
    "AWS API reference, BatchGetSecretValue",
)
def test_a_batch_leaves_a_record_for_each_secret(client, trail, db):
    answer = client.batch_get_secret_value(SecretIdList=["db", "missing"])

    batch, read, missed = trail
    assert names([batch, read, missed]) == [BATCH, "GetSecretValue", "GetSecretValue"]
    assert [one["requestParameters"] for one in (read, missed)] == [{"secretId": "db"}, {"secretId": "missing"}]
    assert ("errorCode" in read, missed["errorCode"]) == (False, "ResourceNotFoundException")
    assert {one["requestID"] for one in trail} == {answer["ResponseMetadata"]["RequestId"]}
    assert len({one["eventID"] for one in trail}) == 3


@rows(
    "asked, error",
    [
        ({"name": "getsecretvalue"}, ValueError),
        ({"name": "GetSecrets"}, ValueError),
        ({"name": "Decrypt"}, ValueError),
        ({"source": "kms", "name": "GetSecretValue"}, ValueError),
        ({"source": "iam"}, ValueError),
        ({"principal": 5}, TypeError),
    ],
)
def test_an_impossible_record_lookup_is_refused(trail, asked, error):
    with pytest.raises(error):
        trail.lookup(**asked)


def test_records_can_be_looked_up_by_principal(client, secrets_backend, trail, db):
    ann = secrets_backend.iam.create_user("ann", READS)
    role = secrets_backend.iam.create_role("app", READS)
    client.list_secrets()
    ann.client().get_secret_value(SecretId="db")
    role.client("one").get_secret_value(SecretId="db")
    role.client("two").get_secret_value(SecretId="db")

    records = list(trail)
    assert trail.lookup(principal=ADMINISTRATOR) == records[:1]
    assert (
        trail.lookup(principal="ann") == trail.lookup(principal=ann.arn) == trail.lookup(principal=ann) == records[1:2]
    )
    assert trail.lookup(principal="app") == trail.lookup(principal=role.arn) == records[2:]
    assert trail.lookup(principal=f"arn:aws:sts::{ACCOUNT}:assumed-role/app/two") == records[3:]


def test_records_can_be_looked_up_by_time(client, secrets_backend, trail):
    for _ in range(3):
        client.list_secrets()
        secrets_backend.clock.advance(hours=1)

    records = list(trail)
    second = NOON + timedelta(hours=1)
    assert trail.lookup(start=second) == records[1:]
    assert trail.lookup(end=second) == records[:2]
    assert trail.lookup(start=second, end=second) == records[1:2]
    assert trail.lookup(name="GetSecretValue", start=second) == []


# --- Files ---


def test_the_trail_writes_log_files_as_cloudtrail_delivers_them(client, trail, db, tmp_path):
    client.get_secret_value(SecretId="db")
    refused(client, "GetSecretValue", SecretId="nothing")
    client.delete_secret(SecretId="db")

    plain, packed = trail.write(tmp_path / "log.json"), trail.write(tmp_path / "log.json.gz")

    records = list(trail)
    assert len(records) == 5
    assert [json.loads(line) for line in trail.to_json_lines().splitlines()] == records
    assert json.loads(plain.read_bytes()) == {"Records": records}
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
