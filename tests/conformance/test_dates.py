"""The dates of secrets and versions: which call moves which, and to when."""

import time
from datetime import datetime, timedelta, timezone
from itertools import count

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.policies import let_in
from conformance.raw import all_versions, at_a_quota, members
from tables import rows

from mock_secrets import Limits

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
MISSING = "99999999-9999-4999-8999-999999999999"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
DESCRIBE = "DescribeSecret"
CREATED, CHANGED, ACCESSED, DELETED = (
    f"Dates: {name}" for name in ("CreatedDate", "LastChangedDate", "LastAccessedDate", "DeletedDate")
)
NOON = datetime(2026, 1, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
DAY_OF_NOON = datetime(2026, 1, 1, tzinfo=timezone.utc)
LATER = timedelta(days=1, hours=2, milliseconds=7)

SNAPSHOTS = "every LocalStack AWS-validated snapshot of DescribeSecret"
LAST_CHANGED = "LocalStack AWS-validated test test_last_updated_date"
LAST_ACCESSED = "LocalStack AWS-validated test test_last_accessed_date"
IN_ANY_WAY = "AWS API reference, DescribeSecret: modified in any way"
CLOUD_CUSTODIAN = "recorded responses in GitHub cloud-custodian/cloud-custodian"
NOTHING = "AWS API reference, PutSecretValue: 'succeeds but does nothing'; CreateSecret: 'the request is ignored'"
GO_CLOUD = "recordings of GitHub google/go-cloud, runtimevar/awssecretsmanager"

at_noon = pytest.mark.mock_secrets(at=NOON)


def put(client, **request_members):
    return client.put_secret_value(SecretId="db", **request_members)


def update(client, **request_members):
    return client.update_secret(SecretId="db", **request_members)


def stage(client, label, **versions):
    return client.update_secret_version_stage(SecretId="db", VersionStage=label, **versions)


def get(client, **selection):
    return client.get_secret_value(SecretId="db", **selection)


def dates(client):
    described = client.describe_secret(SecretId="db")
    return {name: value for name, value in described.items() if name.endswith("Date")}


def dates_of_versions(client, member):
    return {entry["VersionId"]: entry.get(member) for entry in all_versions(client, IncludeDeprecated=True)}


@pytest.fixture
def db(client):
    """A secret "db" made at noon, with V1 AWSPREVIOUS and "blue", V2 AWSCURRENT."""
    arn = client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)["ARN"]
    update(client, SecretString="two", ClientRequestToken=V2)
    stage(client, "blue", MoveToVersionId=V1)
    return arn


# --- LastChangedDate ---


@behaviour(CHANGED, "is the instant of creation", "AWS-VERIFIED", SNAPSHOTS)
@rows("value", [{}, {"SecretString": "one"}])
@at_noon
def test_the_last_changed_date_starts_as_the_creation_date(client, value):
    client.create_secret(Name="db", **value)

    assert dates(client) == {"CreatedDate": NOON, "LastChangedDate": NOON}


_CHANGES = {
    "update value": lambda client: update(client, SecretString="three"),
    "update same value": lambda client: update(client, SecretString="two"),
    "update bytes": lambda client: update(client, SecretBinary=b"three"),
    "update description": lambda client: update(client, Description="words"),
    "update empty description": lambda client: update(client, Description=""),
    "update key": lambda client: update(client, KmsKeyId=KEY),
    "update value and description": lambda client: update(client, SecretString="three", Description="words"),
    "update again with description": lambda client: update(
        client, SecretString="two", ClientRequestToken=V2, Description="words"
    ),
    "put": lambda client: put(client, SecretString="three"),
    "put same value": lambda client: put(client, SecretString="two"),
    "put pending": lambda client: put(client, SecretString="three", VersionStages=["AWSPENDING"]),
    "put label": lambda client: put(client, SecretString="three", VersionStages=["blue"]),
    "move current": lambda client: stage(client, "AWSCURRENT", RemoveFromVersionId=V2, MoveToVersionId=V1),
    "move label": lambda client: stage(client, "blue", RemoveFromVersionId=V1, MoveToVersionId=V2),
    "attach label": lambda client: stage(client, "red", MoveToVersionId=V2),
    "remove label": lambda client: stage(client, "blue", RemoveFromVersionId=V1),
}


@behaviour(CREATED, "is the secret's creation, whatever happens afterwards", "AWS-VERIFIED", SNAPSHOTS)
@behaviour(CHANGED, "moves with each value, even the same one", "AWS-VERIFIED", LAST_CHANGED)
@behaviour(CHANGED, "moves with the key", "AWS-VERIFIED", f"{CLOUD_CUSTODIAN}, set_encryption_key")
@behaviour(CHANGED, "moves with the description", "AWS-DOC", IN_ANY_WAY)
@behaviour(CHANGED, "moves when a label is moved, attached or removed by hand", "AWS-DOC", IN_ANY_WAY)
@behaviour(DESCRIBE, "CreatedDate is the creation, in milliseconds, and never changes", "AWS-VERIFIED", SNAPSHOTS)
@behaviour(DESCRIBE, "LastChangedDate moves with each value, even with the same one", "AWS-VERIFIED", LAST_CHANGED)
@behaviour(
    DESCRIBE, "LastChangedDate moves with a value under any label", "AWS-DOC", "AWS API reference: modified in any way"
)
@behaviour(
    DESCRIBE,
    "LastChangedDate moves with the metadata too",
    "AWS-DOC",
    "AWS API reference: modified in any way; GitHub cdklabs/cdk-monitoring-constructs#624",
)
@behaviour(DESCRIBE, "LastChangedDate moves with the key", "AWS-VERIFIED", f"{CLOUD_CUSTODIAN}, set_encryption_key")
@rows("change", _CHANGES)
@at_noon
def test_calls_that_update_the_last_changed_date_and_no_other(client, secrets_backend, db, change):
    secrets_backend.clock.advance(seconds=LATER.total_seconds())

    change(client)

    assert dates(client) == {"CreatedDate": NOON, "LastChangedDate": NOON + LATER}
    assert set(dates_of_versions(client, "LastAccessedDate").values()) == {None}


@behaviour(CHANGED, "is the instant of the last of several changes", "AWS-VERIFIED", LAST_CHANGED)
@behaviour(CHANGED, "moves with DeleteSecret", "AWS-VERIFIED", f"{CLOUD_CUSTODIAN}, test_secrets_manager_delete")
@behaviour(CHANGED, "moves with RestoreSecret", "AWS-DOC", IN_ANY_WAY)
@behaviour(DELETED, "is the instant of DeleteSecret, and is removed by RestoreSecret", "AWS-VERIFIED", CLOUD_CUSTODIAN)
@at_noon
def test_deleting_and_restoring_update_the_last_changed_date(client, secrets_backend, db):
    secrets_backend.clock.advance(hours=1)
    client.delete_secret(SecretId="db")
    during = dates(client)
    secrets_backend.clock.advance(hours=1)

    client.restore_secret(SecretId="db")

    first, second = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    assert during == {"CreatedDate": NOON, "LastChangedDate": first, "DeletedDate": first}
    assert dates(client) == {"CreatedDate": NOON, "LastChangedDate": second}


_NO_CHANGES = {
    "describe": lambda client: client.describe_secret(SecretId="db"),
    "list": lambda client: client.list_secret_version_ids(SecretId="db", IncludeDeprecated=True),
    "create again": lambda client: client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1),
    "update again": lambda client: update(client, SecretString="two", ClientRequestToken=V2),
    "update again, previous": lambda client: update(client, SecretString="one", ClientRequestToken=V1),
    "update nothing": update,
    "put again": lambda client: put(client, SecretString="two", ClientRequestToken=V2),
    "put again, other label": lambda client: put(
        client, SecretString="one", ClientRequestToken=V1, VersionStages=["red"]
    ),
    "current where it is": lambda client: stage(client, "AWSCURRENT", MoveToVersionId=V2),
    "label where it is": lambda client: stage(client, "blue", RemoveFromVersionId=V1, MoveToVersionId=V1),
    "restore a live secret": lambda client: client.restore_secret(SecretId="db"),
}


@behaviour(
    DESCRIBE,
    "LastChangedDate does not move when PutSecretValue repeats a token with its value",
    "AWS-DOC",
    "AWS API reference, PutSecretValue: 'succeeds but does nothing'",
)
@behaviour(
    DESCRIBE,
    "LastChangedDate does not move when UpdateSecret repeats a token with its value, or changes nothing",
    "GUESS",
    "recorded answers don't show it",
    decided_by="plain calls",
)
@behaviour(
    CHANGED, "doesn't move by repeating a token with its value to PutSecretValue or CreateSecret", "AWS-DOC", NOTHING
)
@behaviour(
    CHANGED,
    "doesn't move by another call that changes nothing",
    "GUESS",
    "nothing is modified",
    decided_by="plain calls",
)
@rows("call", _NO_CHANGES)
@at_noon
def test_calls_that_probably_do_not_update_the_last_changed_date(client, secrets_backend, db, call):
    secrets_backend.clock.advance(days=2)

    call(client)

    assert dates(client) == {"CreatedDate": NOON, "LastChangedDate": NOON}


_FAILURES = {
    "create": lambda client: client.create_secret(Name="db", SecretString="three"),
    "create, used token": lambda client: client.create_secret(Name="db", SecretString="x", ClientRequestToken=V1),
    "update, used token": lambda client: update(client, SecretString="x", ClientRequestToken=V1, Description="new"),
    "update, two values": lambda client: update(client, SecretString="x", SecretBinary=b"x", Description="new"),
    "update, quota": lambda client: update(client, SecretString="three", Description="new"),
    "put, used token": lambda client: put(client, SecretString="x", ClientRequestToken=V1),
    "put, no value": put,
    "put, quota": lambda client: put(client, SecretString="three"),
    "get, unknown id": lambda client: get(client, VersionId=MISSING),
    "get, unknown label": lambda client: get(client, VersionStage="red"),
    "get, label elsewhere": lambda client: get(client, VersionId=V2, VersionStage="blue"),
    "list, token": lambda client: client.list_secret_version_ids(SecretId="db", NextToken="garbage"),
    "stage, no ids": lambda client: stage(client, "blue"),
    "stage, unknown id": lambda client: stage(client, "red", MoveToVersionId=MISSING),
    "stage, no holder": lambda client: stage(client, "blue", MoveToVersionId=V2),
    "stage, wrong holder": lambda client: stage(client, "blue", RemoveFromVersionId=V2, MoveToVersionId=V1),
    "stage, current removed": lambda client: stage(client, "AWSCURRENT", RemoveFromVersionId=V2),
    "delete, window": lambda client: client.delete_secret(SecretId="db", RecoveryWindowInDays=6),
    "delete, force and window": lambda client: client.delete_secret(
        SecretId="db", RecoveryWindowInDays=7, ForceDeleteWithoutRecovery=True
    ),
}


@behaviour(CHANGED, "no date moves by a call that fails", "GUESS", "nothing was modified", decided_by="plain calls")
@rows("call", _FAILURES)
@pytest.mark.mock_secrets(at=NOON, limits=Limits(versions_per_secret=2))
@at_a_quota
def test_a_failure_changes_no_date(client, secrets_backend, db, call):
    versions = all_versions(client, IncludeDeprecated=True)
    secrets_backend.clock.advance(hours=23)

    with pytest.raises(ClientError):
        call(client)

    assert dates(client) == {"CreatedDate": NOON, "LastChangedDate": NOON}
    assert all_versions(client, IncludeDeprecated=True) == versions


# --- CreatedDate ---


@behaviour(CREATED, "is the new secret's own when a name is used again", "AWS-DOC", "AWS API reference")
@at_noon
def test_a_recreated_secret_has_its_own_creation_date(client, secrets_backend, db):
    secrets_backend.clock.advance(hours=1)
    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    client.create_secret(Name="db", SecretString="one")

    assert dates(client) == dict.fromkeys(["CreatedDate", "LastChangedDate"], NOON + timedelta(hours=1))


@behaviour(
    "GetSecretValue",
    "CreatedDate is the version's, not the secret's",
    "AWS-VERIFIED",
    "LocalStack AWS-validated snapshots",
)
@behaviour(
    CREATED, "of a version is its creation, and never changes", "AWS-VERIFIED", "every LocalStack AWS-validated listing"
)
@at_noon
def test_a_version_keeps_its_own_creation_date(client, secrets_backend, db):
    secrets_backend.clock.advance(milliseconds=1)
    put(client, SecretString="three", ClientRequestToken=V3)
    secrets_backend.clock.advance(days=1)
    update(client, KmsKeyId=KEY, Description="words")
    put(client, SecretString="three", ClientRequestToken=V3)
    stage(client, "AWSCURRENT", RemoveFromVersionId=V3, MoveToVersionId=V1)

    expected = {V1: NOON, V2: NOON, V3: NOON + timedelta(milliseconds=1)}
    assert dates_of_versions(client, "CreatedDate") == expected
    assert {version: get(client, VersionId=version)["CreatedDate"] for version in expected} == expected


# --- LastAccessedDate ---


@behaviour(
    "GetSecretValue",
    "sets the day of access of the secret and the version that was read, and of no other version",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_last_accessed_date, and snapshots of ListSecretVersionIds",
)
@behaviour(CHANGED, "doesn't move by reading", "AWS-VERIFIED", LAST_CHANGED)
@behaviour(DESCRIBE, "LastChangedDate does not move by reading", "AWS-VERIFIED", LAST_CHANGED)
@behaviour(
    ACCESSED,
    "is the day of the read, at midnight UTC, for secret and version",
    "AWS-DOC",
    "recordings of GitHub google/go-cloud, runtimevar/awssecretsmanager; botocore service model, SecretVersionsListEntry: 'at the date level'",
)
@rows(
    "selection, version",
    [({}, V2), ({"VersionStage": "AWSPREVIOUS"}, V1), ({"VersionStage": "blue"}, V1), ({"VersionId": V2}, V2)],
)
@at_noon
def test_a_read_counts_as_access(client, secrets_backend, db, selection, version):
    secrets_backend.clock.advance(days=3)

    get(client, **selection)

    day = DAY_OF_NOON + timedelta(days=3)
    assert dates(client) == {"CreatedDate": NOON, "LastChangedDate": NOON, "LastAccessedDate": day}
    assert dates_of_versions(client, "LastAccessedDate") == {V1: None, V2: None, version: day}


@behaviour(ACCESSED, "of the secret is the latest read of all; of a version its own", "AWS-VERIFIED", LAST_ACCESSED)
@at_noon
def test_each_version_has_its_own_last_accessed_date(client, secrets_backend, db):
    get(client, VersionId=V1)
    secrets_backend.clock.advance(days=1)

    get(client, VersionId=V2)

    assert dates(client)["LastAccessedDate"] == DAY_OF_NOON + timedelta(days=1)
    assert dates_of_versions(client, "LastAccessedDate") == {V1: DAY_OF_NOON, V2: DAY_OF_NOON + timedelta(days=1)}


@behaviour(DESCRIBE, "LastAccessedDate is the same for all reads of a day", "AWS-VERIFIED", LAST_ACCESSED)
@behaviour(
    DESCRIBE,
    "LastAccessedDate is the day of the read, at midnight UTC",
    "AWS-VERIFIED",
    "recordings of GitHub google/go-cloud, runtimevar/awssecretsmanager",
)
@behaviour(ACCESSED, "is the same for all reads of a day", "AWS-VERIFIED", LAST_ACCESSED)
@behaviour(
    ACCESSED,
    "changes at midnight UTC",
    "AWS-DOC",
    "recordings of GitHub google/go-cloud, runtimevar/awssecretsmanager, which show midnight UTC; botocore service model: 'at the date level'",
)
@pytest.mark.mock_secrets(at=DAY_OF_NOON)
def test_the_last_accessed_date_is_midnight_of_the_day_of_the_read(client, secrets_backend, db):
    days = []

    for later in (timedelta(0), timedelta(hours=24, milliseconds=-1), timedelta(hours=24)):
        secrets_backend.clock.travel_to(DAY_OF_NOON + later)
        get(client)
        days.append(dates(client)["LastAccessedDate"])

    assert days == [DAY_OF_NOON, DAY_OF_NOON, DAY_OF_NOON + timedelta(days=1)]


@behaviour(
    ACCESSED,
    "is a day in UTC, whatever the reader's time zone",
    "AWS-VERIFIED",
    "recorded responses in GitHub cloud-custodian/cloud-custodian, whose reader was in New York",
)
@pytest.mark.mock_secrets(at=datetime(2026, 1, 1, 23, 30, tzinfo=timezone(timedelta(hours=-5))))
def test_the_access_day_is_in_utc(client, db):
    get(client)

    assert dates(client)["LastAccessedDate"] == datetime(2026, 1, 2, tzinfo=timezone.utc)


@behaviour(
    ACCESSED,
    "a read by another account counts too",
    "AWS-DOC",
    "AWS API reference, DescribeSecret: 'last accessed in the Region'",
)
@at_noon
def test_a_read_from_another_account_moves_the_last_accessed_date(client, stranger):
    arn = client.create_secret(Name="db", SecretString="one", KmsKeyId=KEY)["ARN"]
    let_in(client, "111122223333")

    stranger.get_secret_value(SecretId=arn)

    assert dates(client)["LastAccessedDate"] == DAY_OF_NOON


@behaviour(
    ACCESSED,
    "is kept through deletion and restoring",
    "AWS-VERIFIED",
    f"{CLOUD_CUSTODIAN}, test_secrets_manager_delete",
)
@at_noon
def test_the_access_date_survives_a_deletion(client, secrets_backend, db):
    get(client)
    secrets_backend.clock.advance(days=2)
    client.delete_secret(SecretId="db")
    during = dates(client)["LastAccessedDate"]

    client.restore_secret(SecretId="db")

    assert during == dates(client)["LastAccessedDate"] == DAY_OF_NOON


# --- One reading of the clock ---


def ticking(monkeypatch, step):
    """Have the process's clock go on with each look at it."""
    looks = count()
    start = int(NOON.timestamp() * 1000) * 1_000_000
    monkeypatch.setattr(time, "time_ns", lambda: start + next(looks) * int(step.total_seconds() * 1000) * 1_000_000)


@behaviour(
    CREATED,
    "the secret's is no later than its version's, which is no later than LastChangedDate",
    "AWS-VERIFIED",
    GO_CLOUD,
)
def test_a_creation_has_a_single_timestamp(client, secrets_backend, monkeypatch):
    ticking(monkeypatch, timedelta(milliseconds=1))

    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)

    at = secrets_backend.calls[-1].at
    assert dates(client) == {"CreatedDate": at, "LastChangedDate": at}
    assert dates_of_versions(client, "CreatedDate") == {V1: at}
    assert secrets_backend.clock.now() > at


@behaviour(CHANGED, "is no earlier than the version's creation", "AWS-VERIFIED", GO_CLOUD)
@pytest.mark.parametrize("operation", ["update_secret", "put_secret_value"])
def test_a_new_value_has_a_single_timestamp(client, secrets_backend, monkeypatch, db, operation):
    ticking(monkeypatch, timedelta(milliseconds=1))

    getattr(client, operation)(SecretId="db", SecretString="three", ClientRequestToken=V3)

    at = secrets_backend.calls[-1].at
    assert dates(client)["LastChangedDate"] == dates_of_versions(client, "CreatedDate")[V3] == at


@behaviour(
    DELETED, "is no later than LastChangedDate, nor less than the window before DeletionDate", "AWS-VERIFIED", GO_CLOUD
)
def test_a_deletion_has_a_single_timestamp(client, secrets_backend, monkeypatch, db):
    ticking(monkeypatch, timedelta(milliseconds=1))

    answer = client.delete_secret(SecretId="db", RecoveryWindowInDays=7)

    at = secrets_backend.calls[-1].at
    assert answer["DeletionDate"] == at + timedelta(days=7)
    assert dates(client)["DeletedDate"] == dates(client)["LastChangedDate"] == at


@behaviour(
    ACCESSED,
    "is the same day for the secret and its version: the mock reads its clock once",
    "OURS",
    "the mock's own design",
)
def test_an_access_has_a_single_day(client, secrets_backend, monkeypatch, db):
    ticking(monkeypatch, timedelta(days=1))

    get(client)

    day = secrets_backend.calls[-1].at.replace(hour=0, minute=0, second=0, microsecond=0)
    assert dates(client)["LastAccessedDate"] == dates_of_versions(client, "LastAccessedDate")[V2] == day


# --- What the dates look like ---


@behaviour(
    "Any operation",
    "boto3 returns a timestamp as an aware datetime with milliseconds",
    "REPORTED",
    "GitHub aws-samples/aws-secrets-manager-rotation-lambdas#16",
)
@behaviour(
    "Any operation",
    "a timestamp has three fraction digits",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_last_updated_date",
)
@behaviour(
    CREATED,
    "all dates are aware datetimes in whole milliseconds",
    "AWS-VERIFIED",
    "recorded responses in GitHub cloud-custodian/cloud-custodian",
)
@pytest.mark.mock_secrets(at=NOON + timedelta(microseconds=999))
def test_dates_are_in_whole_milliseconds(client, db):
    get(client)
    answer = client.delete_secret(SecretId="db")

    shown = [answer["DeletionDate"], *dates(client).values(), *dates_of_versions(client, "CreatedDate").values()]
    assert len(members(client.describe_secret(SecretId="db"))) == 7
    assert all(date.utcoffset() is not None and date.microsecond in (0, 123000) for date in shown)
