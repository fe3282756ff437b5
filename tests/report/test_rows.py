"""What the rows of a report say of calls, of versions, and of what else happens to secrets."""

import asyncio
import json
import re
from contextlib import suppress
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from tables import rows

from mock_secrets import Limits, mock_secrets
from mock_secrets.report.history import history

START = datetime(2026, 12, 31, 12, tzinfo=timezone.utc)
RULES = {"AutomaticallyAfterDays": 30}
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
TOKEN = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def backend():
    limits = Limits(retained_versions=1, retention=timedelta(hours=1))
    with mock_secrets(at=START, region="us-east-1", limits=limits) as backend:
        backend.create("db", "one", token=TOKEN)
        yield backend


def text(backend):
    """The report in one line, without the places in this file."""
    return " ".join(re.sub(r" tests/report/\S+", "", backend.report()).split())


def call(backend, operation, client=None, **params):
    with suppress(ClientError):
        getattr(client or backend.client(), operation)(**params)


@rows(
    "operation, params, row",
    [
        ("batch_get_secret_value", {"SecretIdList": ["db", "api"]}, "BatchGetSecretValue 2 secrets"),
        ("get_secret_value", {"SecretId": "db", "VersionId": TOKEN}, "GetSecretValue db v1"),
        ("get_secret_value", {"SecretId": "db", "VersionId": TOKEN[::-1]}, f"GetSecretValue db {TOKEN[::-1]}"),
        (
            "get_secret_value",
            {"SecretId": "arn:aws:secretsmanager:us-east-1:123456789012:secret:api-AbCdEf"},
            "GetSecretValue api ✗",
        ),
        (
            "get_secret_value",
            {"SecretId": "arn:aws:secretsmanager:us-east-1:123456789012:secret:api"},
            "GetSecretValue api ✗",
        ),
        ("delete_secret", {"SecretId": "db", "ForceDeleteWithoutRecovery": True}, "DeleteSecret db without recovery"),
        (
            "replicate_secret_to_regions",
            {"SecretId": "db", "AddReplicaRegions": [{"Region": "eu-west-1"}]},
            "ReplicateSecretToRegions db eu-west-1",
        ),
        ("remove_regions_from_replication", {"SecretId": "db", "RemoveReplicaRegions": ["eu-west-1"]}, "db eu-west-1"),
    ],
)
def test_a_call_is_reported_by_what_it_requested(backend, operation, params, row):
    call(backend, operation, **params)

    assert row in text(backend)


def test_a_name_cannot_contain_terminal_control_characters(backend):
    call(backend, "get_secret_value", SecretId="\x1b[31mdb\u202e\n")

    assert r"GetSecretValue \x1b[31mdb\u202e\n ✗" in text(backend)


def test_a_label_cannot_contain_terminal_control_characters(backend):
    backend["db"].put("two", stages=["\x1b[31mred\u202e"])
    call(backend, "get_secret_value", SecretId="db", VersionStage="\u202egreen")
    call(backend, "update_secret_version_stage", SecretId="db", VersionStage="\x1b[31mred\u202e", MoveToVersionId=TOKEN)

    assert r"→ v2 \x1b[31mred\u202e" in text(backend)
    assert r"staging label: \u202egreen → versions of 'db':" in text(backend)
    assert r"(\x1b[31mred\u202e)" in backend.calls[0].hint
    assert all(one.isprintable() for one in text(backend))


def test_a_non_administrator_caller_is_named(backend):
    call(backend, "list_secrets", backend.iam.create_user("app", policy=ALLOW).client())

    assert "ListSecrets by user/app" in text(backend)


def test_a_different_account_is_named(backend):
    session = backend.session(account_id="111122223333")

    session.client("secretsmanager").create_secret(Name="api", SecretString="one")

    assert "CreateSecret api in account 111122223333 → v1 AWSCURRENT" in text(backend)
    assert "api in account 111122223333 v1" in text(backend)


def test_the_year_is_reported_when_it_differs(backend):
    backend.clock.advance(days=1)
    backend["db"].update("two")

    assert "clock moved by 1 day to 2027-01-01 2027-01-01 UpdateSecret" in text(backend)


def test_an_outdated_version_is_reported_when_it_is_removed(backend):
    for value in ("two", "three"):
        backend["db"].update(value)
    backend.clock.advance(hours=2)

    assert "13:00:00 db outdated v1 removed" in text(backend)
    assert re.search(r"v1 \S+ AWSCURRENT until 12:00:00 ─ AWSPREVIOUS until 12:00:00 ─ gone", text(backend))


def test_a_version_without_a_label_is_reported_as_deprecated(backend):
    for value in ("two", "three"):
        backend["db"].update(value)

    assert "─ no label: deprecated" in text(backend)


def test_a_rotation_test_is_reported_as_a_test(backend):
    arn = backend.register_rotation_lambda("rotator", lambda _event, _context: None)
    call(backend, "rotate_secret", SecretId="db", RotationLambdaARN=arn, RotationRules=RULES, RotateImmediately=False)

    assert "test of the rotation of db to v2 succeeded → no AWSPENDING on v2" in text(backend)


def test_a_failed_replica_is_reported_with_the_reason(backend):
    backend.create("db", "other", region="eu-west-1")
    call(backend, "replicate_secret_to_regions", SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])
    call(backend, "get_secret_value", backend.client(region_name="eu-west-1"), SecretId="api")

    assert "replica in eu-west-1 Failed: Secret with this name already exists in this region" in text(backend)


def test_a_replica_has_the_version_numbers_of_its_primary(backend):
    backend["db"].update("two")
    call(backend, "replicate_secret_to_regions", SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])
    backend.clock.advance(minutes=1)

    replica = text(backend).split("db in eu-west-1 ")[1]
    assert re.sub(r"[0-9a-f]{8}-\S+", "ID", replica) == "v1 ID AWSPREVIOUS v2 ID AWSCURRENT"


def test_the_history_is_plain_json_and_keeps_the_latest_entries(backend):
    for _ in range(5):
        call(backend, "list_secrets")

    data = history(backend.service, last=2)

    assert json.loads(json.dumps(data)) == data
    assert (data["earlier"], len(data["entries"]), data["calls"]) == (4, 2, 5)


def test_a_call_from_a_loop_callback_has_the_line_that_runs_the_loop(backend):
    client = backend.client()
    loop = asyncio.new_event_loop()
    loop.call_soon(client.list_secrets)
    loop.call_soon(loop.stop)

    loop.run_forever()
    loop.close()

    assert backend.calls[-1].line.file == __file__
