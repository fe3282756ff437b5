"""CloudTrail: the records of deletions, of secrets and of versions."""

from datetime import datetime, timezone

import pytest
from conformance.callers import code_of
from conformance.cloudtrail.records import SECRETS, names, service_events
from conformance.fidelity import behaviour
from tables import rows

from mock_secrets import Limits

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
V3 = "33333333-3333-4333-8333-333333333333"

TRAIL = "CloudTrail"
ENTRIES = "AWS Secrets Manager User Guide, CloudTrail entries"
UNKNOWN = "no source"
INVICTUS = "CloudTrail records of 2023-07-10 in GitHub invictus-ir/aws_dataset"

pytestmark = pytest.mark.mock_secrets(at=NOON)


@behaviour(TRAIL, "DeleteSecret leaves a StartSecretVersionDelete for each version", "AWS-DOC", ENTRIES)
@behaviour(
    TRAIL,
    "the requestID of a deletion with a window has no :Forced at its end",
    "GUESS",
    "on no record",
    decided_by="CloudTrail",
)
def test_deleting_a_secret_logs_the_start_of_deletion_for_each_version(client, trail, db):
    client.delete_secret(SecretId="db")

    assert names(trail) == ["DeleteSecret", "StartSecretVersionDelete", "StartSecretVersionDelete"]
    assert [record["additionalEventData"] for record in service_events(trail)] == [{"ARN": db, "Name": "db"}] * 2
    assert len({record["eventID"] for record in service_events(trail)}) == 2


@behaviour(TRAIL, "RestoreSecret leaves a CancelSecretVersionDelete for each version", "AWS-DOC", ENTRIES)
def test_restoring_a_secret_logs_a_cancelled_deletion_for_each_version(client, secrets_backend, trail, db):
    client.delete_secret(SecretId="db")
    secrets_backend.clock.advance(days=1)

    client.restore_secret(SecretId="db")
    secrets_backend.clock.advance(days=60)

    assert names(trail)[3:] == ["RestoreSecret", "CancelSecretVersionDelete", "CancelSecretVersionDelete"]
    assert {record["eventTime"] for record in service_events(trail)[2:]} == {"2026-03-02T12:00:00Z"}


@behaviour(TRAIL, "the end of the window leaves an EndSecretVersionDelete for each version", "AWS-DOC", ENTRIES)
def test_the_end_of_the_window(client, secrets_backend, trail, db):
    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)

    secrets_backend.clock.advance(days=7, milliseconds=-1)
    before = trail.lookup(name="EndSecretVersionDelete")
    secrets_backend.clock.advance(days=400)

    assert before == []
    assert {record["eventTime"] for record in trail.lookup(name="EndSecretVersionDelete")} == {"2026-03-08T12:00:00Z"}
    assert len(service_events(trail)) == 4
    assert names(trail.lookup(name="EndSecretVersionDelete", secret=db)) == ["EndSecretVersionDelete"] * 2


@behaviour(TRAIL, "a deletion without a window starts and ends the deletion of a version", "AWS-VERIFIED", INVICTUS)
@behaviour(
    TRAIL,
    "each of several versions has its own pair of records",
    "GUESS",
    "each recorded secret had one version",
    decided_by="CloudTrail",
)
def test_a_forced_deletion_logs_start_and_end_for_each_version(client, trail, db):
    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    assert names(trail) == ["DeleteSecret", *["StartSecretVersionDelete", "EndSecretVersionDelete"] * 2]


@behaviour(
    TRAIL, "RestoreSecret of a secret that is not deleted cancels nothing", "GUESS", UNKNOWN, decided_by="CloudTrail"
)
@behaviour(
    TRAIL, "a forced deletion of a missing name leaves no service event", "GUESS", UNKNOWN, decided_by="CloudTrail"
)
@behaviour(
    TRAIL,
    "the deletion of a secret without versions leaves no service event",
    "GUESS",
    UNKNOWN,
    decided_by="CloudTrail",
)
@rows(
    "operation, request_",
    {
        "restored without a deletion": ("RestoreSecret", {"SecretId": "db"}),
        "missing, by force": ("DeleteSecret", {"SecretId": "nothing", "ForceDeleteWithoutRecovery": True}),
        "without versions": ("DeleteSecret", {"SecretId": "empty", "ForceDeleteWithoutRecovery": True}),
        "missing": ("DeleteSecret", {"SecretId": "nothing"}),
        "refused": ("DeleteSecret", {"SecretId": "db", "RecoveryWindowInDays": 3}),
    },
)
def test_a_call_that_deletes_no_version_is_recorded_only_as_a_call(unchecked, secrets_backend, db, operation, request_):
    secrets_backend.create("empty")

    code_of(unchecked, operation, **request_)

    assert names(secrets_backend.cloudtrail) == [operation]


@behaviour(
    TRAIL,
    "the removal of an outdated version is recorded when it starts and when it ends",
    "GUESS",
    UNKNOWN,
    decided_by="days of waiting",
)
def test_removing_outdated_versions_logs_start_and_end_for_each(client, secrets_backend, trail):
    tokens = [f"{number:036d}" for number in range(102)]
    stored = secrets_backend.create("db", "0", token=tokens[0])
    for token in tokens[1:]:
        stored.put(token, token=token)

    secrets_backend.clock.advance(hours=24, milliseconds=-1)
    before = service_events(trail)
    secrets_backend.clock.advance(days=30)

    events = service_events(trail)
    assert before == []
    assert names(events) == ["StartSecretVersionDelete", "EndSecretVersionDelete"] * 2
    assert {record["eventTime"] for record in events} == {"2026-03-02T12:00:00Z"}


@behaviour(
    TRAIL,
    "an outdated version of a deleted secret starts its deletion once",
    "GUESS",
    UNKNOWN,
    decided_by="days of waiting",
)
@pytest.mark.mock_secrets(limits=Limits(retained_versions=2))
def test_an_outdated_version_of_a_deleted_secret_has_only_one_start_record(client, secrets_backend, trail, db):
    secrets_backend["db"].put(SECRETS[2], token=V3)

    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    secrets_backend.clock.advance(days=30)

    ends = trail.lookup(name="EndSecretVersionDelete")
    assert len(trail.lookup(name="StartSecretVersionDelete")) == 3
    assert [record["eventTime"][:10] for record in ends] == ["2026-03-02", "2026-03-08", "2026-03-08"]


@behaviour(TRAIL, "a deletion that is forced later starts once", "GUESS", UNKNOWN, decided_by="CloudTrail")
def test_a_deletion_forced_later_has_only_one_start_record(client, secrets_backend, trail, db):
    """The versions' deletion was begun by the first call; the second only brings its end nearer."""
    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    secrets_backend.clock.advance(days=1)

    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    assert names(service_events(trail)) == [*["StartSecretVersionDelete"] * 2, *["EndSecretVersionDelete"] * 2]
