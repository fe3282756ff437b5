"""DeleteSecret and RestoreSecret, and the recovery window between them."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.policies import let_in
from conformance.raw import all_versions, members, replicated, snapshot, stored

from mock_secrets.operations import OPERATIONS

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
MISSING = "99999999-9999-4999-8999-999999999999"
DELETE, RESTORE = "DeleteSecret", "RestoreSecret"
SCHEDULED = "Any operation: on a secret that is scheduled for deletion"
THEIRS = "111122223333"
NEW_YEAR = datetime(2026, 1, 1, 12, 30, 0, 7000, tzinfo=timezone.utc)
TICK = timedelta(milliseconds=1)
MARKED = "You can't perform this operation on the secret because it was marked for deletion."
NOT_FOUND = "Secrets Manager can't find the specified secret."
INVALID_NAME = (
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
)

MODEL = "AWS API reference, DeleteSecret"
RECORDED = "recorded responses in GitHub cloud-custodian/cloud-custodian, test_secrets_manager_delete"
FORCE_DELETED = "LocalStack AWS-validated test test_force_delete_deleted_secret"
AS_IF_IT_EXISTS = "LocalStack AWS-validated test test_delete_non_existent_secret_returns_as_if_secret_exists"
RECREATED = "LocalStack AWS-validated test test_can_recreate_delete_secret"
CREATION = "LocalStack AWS-validated test test_exp_raised_on_creation_of_secret_scheduled_for_deletion"
RESTORED = "LocalStack AWS-validated test test_secret_restore"
CROSS_ACCOUNT = "LocalStack AWS-validated test test_cross_account_access"
OTHER_KEY = "LocalStack AWS-validated test test_cross_account_access_non_default_key"
INVALID = "LocalStack AWS-validated test test_invalid_secret_name"
PURGED = "AWS API reference, DeleteSecret: at the end of the window, here to the millisecond"

at_new_year = pytest.mark.mock_secrets(at=NEW_YEAR)


@pytest.fixture
def db(client):
    """A secret "db" with V1 deprecated, V2 AWSPREVIOUS and "blue", V3 AWSCURRENT."""
    arn = client.create_secret(
        Name="db", SecretString="one", ClientRequestToken=V1, Description="words", Tags=[{"Key": "a", "Value": "b"}]
    )["ARN"]
    client.put_secret_value(
        SecretId="db", SecretString="two", ClientRequestToken=V2, VersionStages=["AWSCURRENT", "blue"]
    )
    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)
    return arn


@pytest.fixture
def scheduled(client, db):
    """The same secret in its recovery window."""
    client.delete_secret(SecretId="db")
    return db


@pytest.fixture
def stranger(secrets_backend):
    """A client of another account."""
    return secrets_backend.session(account_id=THEIRS).client("secretsmanager")


# --- The window ---


@behaviour(DELETE, "answers ARN, Name and DeletionDate", "AWS-VERIFIED", RECORDED)
@behaviour(DELETE, "the window is 30 days when none is given", "AWS-DOC", MODEL)
@at_new_year
def test_the_window_by_default(client, db):
    answer = client.delete_secret(SecretId="db")

    assert members(answer) == {"ARN": db, "Name": "db", "DeletionDate": NEW_YEAR + timedelta(days=30)}


@behaviour(DELETE, "a window of 7 to 30 days is accepted", "AWS-DOC", MODEL)
@behaviour(DELETE, "DeletionDate is the moment of the call and the window", "AWS-VERIFIED", RECORDED)
@pytest.mark.parametrize("days", [7, 8, 29, 30])
@at_new_year
def test_a_window(client, secrets_backend, db, days):
    secrets_backend.clock.advance(hours=1)

    answer = client.delete_secret(SecretId="db", RecoveryWindowInDays=days)

    assert members(answer) == {"ARN": db, "Name": "db", "DeletionDate": NEW_YEAR + timedelta(days=days, hours=1)}


@behaviour(
    DELETE,
    "a window below 7 or above 30 days: InvalidParameterException",
    "REPORTED",
    "a quoted command line error in moto; AWS API reference for the bounds",
)
@pytest.mark.parametrize("days", [-7, 0, 1, 6, 31, 365])
@pytest.mark.parametrize("force", [{}, {"ForceDeleteWithoutRecovery": False}], ids=["", "without force"])
def test_a_window_out_of_range(client, secrets_backend, db, days, force):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.delete_secret(SecretId="db", RecoveryWindowInDays=days, **force)

    assert snapshot(secrets_backend) == before


@behaviour(
    DELETE,
    "ForceDeleteWithoutRecovery with RecoveryWindowInDays: InvalidParameterException",
    "REPORTED",
    "a quoted command line error in moto; AWS API reference says they can't be combined",
)
@pytest.mark.parametrize("days", [7, 30, 6])
def test_force_with_a_window(client, secrets_backend, db, days):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.delete_secret(SecretId="db", RecoveryWindowInDays=days, ForceDeleteWithoutRecovery=True)

    assert snapshot(secrets_backend) == before


@behaviour(
    DELETE,
    "a wrong window, or one with force, is found before a secret that is not there",
    "GUESS",
    "checks on the request alone",
)
@pytest.mark.parametrize(
    "request_members",
    [{"RecoveryWindowInDays": 6}, {"RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": True}],
    ids=["range", "force"],
)
def test_the_window_comes_before_the_secret(client, request_members):
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.delete_secret(SecretId="missing", **request_members)


@behaviour(DELETE, "ForceDeleteWithoutRecovery=False with a window is accepted", "AWS-VERIFIED", OTHER_KEY)
@behaviour(DELETE, "ForceDeleteWithoutRecovery=False alone gives 30 days", "AWS-DOC", MODEL)
@pytest.mark.parametrize(("window", "days"), [({"RecoveryWindowInDays": 7}, 7), ({}, 30)], ids=["7 days", "default"])
@at_new_year
def test_without_force(client, db, window, days):
    answer = client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=False, **window)

    assert answer["DeletionDate"] == NEW_YEAR + timedelta(days=days)
    assert client.describe_secret(SecretId="db")["DeletedDate"] == NEW_YEAR


@behaviour(DELETE, "the secret is named by name, ARN or partial ARN", "AWS-VERIFIED", CROSS_ACCOUNT)
@behaviour(RESTORE, "the secret is named by name, ARN or partial ARN", "AWS-VERIFIED", OTHER_KEY)
@pytest.mark.parametrize("part", [slice(None), slice(-7)], ids=["ARN", "partial ARN"])
def test_the_secret_is_named_by_its_arn(client, db, part):
    deleted = client.delete_secret(SecretId=db[part])
    restored = client.restore_secret(SecretId=db[part])

    assert (deleted["ARN"], deleted["Name"]) == (db, "db")
    assert members(restored) == {"ARN": db, "Name": "db"}


# --- During the window ---


@behaviour(
    DELETE,
    "DeletedDate is the moment of the call, and not the end of the window as the documentation has it",
    "AWS-VERIFIED",
    RECORDED,
)
@behaviour(DELETE, "LastChangedDate moves", "AWS-VERIFIED", RECORDED)
@at_new_year
def test_the_date_of_the_call(client, secrets_backend, db):
    secrets_backend.clock.advance(hours=1)

    answer = client.delete_secret(SecretId="db", RecoveryWindowInDays=7)

    described = client.describe_secret(SecretId="db")
    assert described["DeletedDate"] == described["LastChangedDate"] == NEW_YEAR + timedelta(hours=1)
    assert answer["DeletionDate"] == NEW_YEAR + timedelta(days=7, hours=1)


@behaviour(
    "DescribeSecret",
    "works on a secret that is scheduled for deletion, and shows all that it showed, with its labels",
    "AWS-VERIFIED",
    f"{FORCE_DELETED}; {RECORDED}",
)
@at_new_year
def test_describing_a_scheduled_secret(client, secrets_backend, db):
    client.get_secret_value(SecretId="db")
    before = members(client.describe_secret(SecretId="db"))
    secrets_backend.clock.advance(minutes=5)

    client.delete_secret(SecretId="db")

    later = NEW_YEAR + timedelta(minutes=5)
    assert members(client.describe_secret(SecretId="db")) == before | {"DeletedDate": later, "LastChangedDate": later}
    assert before["VersionIdsToStages"].keys() == {V2, V3}


@behaviour(
    "ListSecretVersionIds",
    "works on a secret that is scheduled for deletion",
    "GUESS",
    "its model declares no InvalidRequestException",
)
@pytest.mark.parametrize("include", [False, True])
def test_listing_the_versions_of_a_scheduled_secret(client, db, include):
    before = all_versions(client, IncludeDeprecated=include)

    client.delete_secret(SecretId="db")

    assert all_versions(client, IncludeDeprecated=include) == before
    assert len(before) == 2 + include


def _update_stage(client, **request_members):
    return client.update_secret_version_stage(SecretId="db", **request_members)


_REFUSED = {
    "GetSecretValue": {
        "current": lambda client: client.get_secret_value(SecretId="db"),
        "by label": lambda client: client.get_secret_value(SecretId="db", VersionStage="blue"),
        "by id": lambda client: client.get_secret_value(SecretId="db", VersionId=V1),
        "unknown label": lambda client: client.get_secret_value(SecretId="db", VersionStage="red"),
        "unknown id": lambda client: client.get_secret_value(SecretId="db", VersionId=MISSING),
    },
    "PutSecretValue": {
        "new": lambda client: client.put_secret_value(SecretId="db", SecretString="four"),
        "label": lambda client: client.put_secret_value(SecretId="db", SecretString="four", VersionStages=["red"]),
        "again": lambda client: client.put_secret_value(SecretId="db", SecretString="one", ClientRequestToken=V1),
        "used token": lambda client: client.put_secret_value(SecretId="db", SecretString="x", ClientRequestToken=V1),
    },
    "UpdateSecret": {
        "value": lambda client: client.update_secret(SecretId="db", SecretString="four"),
        "metadata": lambda client: client.update_secret(SecretId="db", Description="new", KmsKeyId="alias/mine"),
        "nothing": lambda client: client.update_secret(SecretId="db"),
        "again": lambda client: client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3),
        "used token": lambda client: client.update_secret(SecretId="db", SecretString="x", ClientRequestToken=V3),
    },
    "UpdateSecretVersionStage": {
        "current": lambda client: _update_stage(
            client, VersionStage="AWSCURRENT", RemoveFromVersionId=V3, MoveToVersionId=V2
        ),
        "remove": lambda client: _update_stage(client, VersionStage="blue", RemoveFromVersionId=V2),
        "nothing": lambda client: _update_stage(client, VersionStage="blue"),
    },
}
_REFUSED |= {
    "TagResource": {"": lambda client: client.tag_resource(SecretId="db", Tags=[{"Key": "a", "Value": "c"}])},
    "UntagResource": {"": lambda client: client.untag_resource(SecretId="db", TagKeys=["a"])},
    "GetResourcePolicy": {"": lambda client: client.get_resource_policy(SecretId="db")},
}
_REFUSED_BY_GUESS = {
    "CancelRotateSecret": lambda client: client.cancel_rotate_secret(SecretId="db"),
    "DeleteResourcePolicy": lambda client: client.delete_resource_policy(SecretId="db"),
    "PutResourcePolicy": lambda client: client.put_resource_policy(SecretId="db", ResourcePolicy="{}"),
    "RemoveRegionsFromReplication": lambda client: client.remove_regions_from_replication(
        SecretId="db", RemoveReplicaRegions=["eu-west-1"]
    ),
    "ReplicateSecretToRegions": lambda client: client.replicate_secret_to_regions(
        SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}]
    ),
    "RotateSecret": lambda client: client.rotate_secret(SecretId="db"),
    "StopReplicationToReplica": lambda client: client.stop_replication_to_replica(SecretId="db"),
}
_ANSWERED = {"DeleteSecret", "DescribeSecret", "ListSecretVersionIds", "RestoreSecret"}


@behaviour(
    SCHEDULED, "GetSecretValue: InvalidRequestException", "AWS-DOC", "AWS User Guide, monitoring with CloudWatch"
)
@behaviour(SCHEDULED, "PutSecretValue: InvalidRequestException", "REPORTED", "Terraform's AWS provider")
@behaviour(
    SCHEDULED,
    "TagResource and UntagResource: InvalidRequestException",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_tag_untag_resource_on_deleted_secret",
)
@behaviour(SCHEDULED, "GetResourcePolicy: InvalidRequestException", "REPORTED", "Terraform's AWS provider")
@behaviour(SCHEDULED, "UpdateSecret: InvalidRequestException", "REPORTED", "Terraform's AWS provider")
@behaviour(SCHEDULED, "UpdateSecretVersionStage: InvalidRequestException", "REPORTED", "Terraform's AWS provider")
@behaviour(
    SCHEDULED, "the refusal comes before tokens, labels and versions are looked at", "GUESS", "state comes first"
)
@pytest.mark.parametrize(
    "call",
    [
        pytest.param(call, id=f"{name}-{case}")
        for name, cases in _REFUSED.items()
        if name in OPERATIONS
        for case, call in cases.items()
    ],
)
@at_new_year
def test_what_is_refused_during_the_window(client, secrets_backend, scheduled, call):
    secrets_backend.clock.advance(days=1)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException) as caught:
        call(client)

    assert caught.value.response["Error"]["Message"] == MARKED
    assert snapshot(secrets_backend) == before


@behaviour(
    SCHEDULED,
    "every other operation that needs a SecretId: InvalidRequestException",
    "GUESS",
    "the model lists InvalidRequestException for all of them",
)
@pytest.mark.parametrize("operation", sorted(_REFUSED_BY_GUESS.keys() & OPERATIONS.keys()))
def test_what_is_probably_refused_during_the_window(client, secrets_backend, scheduled, operation):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        _REFUSED_BY_GUESS[operation](client)

    assert snapshot(secrets_backend) == before


def test_each_operation_on_a_secret_has_its_answer_during_the_window(secrets_client):
    model = secrets_client.meta.service_model
    on_a_secret = {
        name for name in OPERATIONS if "SecretId" in model.operation_model(name).input_shape.required_members
    }

    assert on_a_secret <= _REFUSED.keys() | _REFUSED_BY_GUESS.keys() | _ANSWERED


@behaviour(
    SCHEDULED,
    "another account's value under the default key: the deletion is told first",
    "GUESS",
    "state comes before the key",
)
@pytest.mark.parametrize("operation", ["get_secret_value", "put_secret_value", "update_secret"])
def test_the_deletion_comes_before_the_key(client, stranger, db, operation):
    value = {} if operation == "get_secret_value" else {"SecretString": "theirs"}
    let_in(client, THEIRS)
    client.delete_secret(SecretId="db")

    with pytest.raises(stranger.exceptions.InvalidRequestException) as caught:
        getattr(stranger, operation)(SecretId=db, **value)

    assert caught.value.response["Error"]["Message"] == MARKED


@behaviour("CreateSecret", "a name that is scheduled for deletion: InvalidRequestException", "AWS-VERIFIED", CREATION)
@pytest.mark.parametrize("value", [{}, {"SecretString": "new"}], ids=["without a value", "with a value"])
def test_creating_during_the_window(client, secrets_backend, scheduled, value):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException) as caught:
        client.create_secret(Name="db", **value)

    assert caught.value.response["Error"]["Message"] == (
        "You can't create this secret because a secret with this name is already scheduled for deletion."
    )
    assert snapshot(secrets_backend) == before


@behaviour(
    "CreateSecret",
    "a name that is scheduled for deletion, with the token of its version: InvalidRequestException",
    "GUESS",
    CREATION,
)
@pytest.mark.parametrize("value", ["one", "another"])
def test_creating_again_during_the_window(client, secrets_backend, scheduled, value):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        client.create_secret(Name="db", SecretString=value, ClientRequestToken=V1)

    assert snapshot(secrets_backend) == before


@behaviour(
    DELETE,
    "a secret that is scheduled for deletion, without force: InvalidRequestException, and the window stays",
    "GUESS",
    "the model lists InvalidRequestException",
)
@pytest.mark.parametrize("window", [{}, {"RecoveryWindowInDays": 7}], ids=["default", "7 days"])
@at_new_year
def test_deleting_again(client, secrets_backend, scheduled, window):
    secrets_backend.clock.advance(days=1)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        client.delete_secret(SecretId="db", **window)

    assert snapshot(secrets_backend) == before


@behaviour(DELETE, "other secrets stay as they are during the window", "AWS-DOC", MODEL)
def test_other_secrets_are_not_touched(client, secrets_backend):
    client.create_secret(Name="other", SecretString="one")
    client.create_secret(Name="db", SecretString="one")

    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    secrets_backend.clock.advance(days=7)

    assert client.get_secret_value(SecretId="other")["SecretString"] == "one"
    assert "DeletedDate" not in client.describe_secret(SecretId="other")


# --- Without recovery ---


@behaviour(DELETE, "with force the secret is gone", "AWS-VERIFIED", FORCE_DELETED)
@behaviour(
    DELETE,
    "with force the answer has ARN, Name and DeletionDate, which is the moment of the call",
    "GUESS",
    "recorded without the values of the dates",
)
@at_new_year
def test_force(client, secrets_backend, db):
    answer = client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    assert members(answer) == {"ARN": db, "Name": "db", "DeletionDate": NEW_YEAR}
    assert "db" not in secrets_backend
    for operation in ("describe_secret", "get_secret_value", "restore_secret", "list_secret_version_ids"):
        for secret_id in ("db", db, db[:-7]):
            with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
                getattr(client, operation)(SecretId=secret_id)
            assert caught.value.response["Error"]["Message"] == NOT_FOUND


@behaviour(DELETE, "with force a secret that is scheduled for deletion is gone", "AWS-VERIFIED", FORCE_DELETED)
@at_new_year
def test_force_on_a_scheduled_secret(client, secrets_backend, scheduled):
    secrets_backend.clock.advance(days=3)

    answer = client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    assert members(answer) == {"ARN": scheduled, "Name": "db", "DeletionDate": NEW_YEAR + timedelta(days=3)}
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_secret(SecretId="db")


@behaviour(
    DELETE,
    "with force a name that is not there succeeds, with the given Name, an ARN and a DeletionDate",
    "AWS-VERIFIED",
    AS_IF_IT_EXISTS,
)
@at_new_year
def test_force_on_a_missing_name(client, secrets_backend):
    answer = client.delete_secret(SecretId="missing", ForceDeleteWithoutRecovery=True)

    assert members(answer).keys() == {"ARN", "Name", "DeletionDate"}
    assert answer["Name"] == "missing"
    assert answer["ARN"].startswith("arn:aws:secretsmanager:us-east-1:123456789012:secret:missing-")
    assert list(secrets_backend) == []


@behaviour(DELETE, "with force a name that was deleted so before succeeds again", "AWS-VERIFIED", AS_IF_IT_EXISTS)
def test_force_twice(client, db):
    for _ in range(2):
        answer = client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

        assert answer["Name"] == "db"


@behaviour(
    DELETE,
    "with force a name with a forbidden character is a ValidationException all the same",
    "AWS-VERIFIED",
    INVALID,
)
@pytest.mark.parametrize("name", ["a name", "db*", "db?", "db\\", "db]"])
@pytest.mark.parametrize("force", [{"ForceDeleteWithoutRecovery": True}, {}], ids=["force", "window"])
def test_a_forbidden_character(client, name, force):
    with pytest.raises(ClientError) as caught:
        client.delete_secret(SecretId=name, **force)

    assert caught.value.response["Error"] == {"Code": "ValidationException", "Message": INVALID_NAME}


@behaviour(
    DELETE,
    "a name that was deleted with force is free at once, where AWS may need some seconds; the new secret has another ARN",
    "AWS-VERIFIED",
    RECREATED,
)
@at_new_year
def test_recreating_after_force(client, db):
    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    created = client.create_secret(Name="db", SecretString="new", ClientRequestToken=V1)

    assert created["ARN"] != db
    assert created["ARN"][:-6] == db[:-6]
    assert client.get_secret_value(SecretId="db")["SecretString"] == "new"
    assert members(client.describe_secret(SecretId="db")).keys() == {
        "ARN",
        "Name",
        "CreatedDate",
        "LastChangedDate",
        "LastAccessedDate",
        "VersionIdsToStages",
    }


@behaviour(DELETE, "the ARN of the deleted secret does not find its successor", "AWS-VERIFIED", RECREATED)
def test_the_former_arn_finds_nothing(client, db):
    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)
    created = client.create_secret(Name="db", SecretString="new")["ARN"]

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_secret_value(SecretId=db)
    assert client.get_secret_value(SecretId=db[:-7])["ARN"] == created


@behaviour(DELETE, "the end of a former secret's window does not touch its successor", "AWS-DOC", MODEL)
@at_new_year
def test_a_successor_outlives_the_former_window(client, secrets_backend, scheduled):
    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)
    client.create_secret(Name="db", SecretString="new")

    secrets_backend.clock.advance(days=60)

    assert client.get_secret_value(SecretId="db")["SecretString"] == "new"


# --- The end of the window ---


@behaviour(DELETE, "until the end of the window the secret can be described and restored", "AWS-DOC", PURGED)
@pytest.mark.parametrize("days", [7, 30])
@at_new_year
def test_just_before_the_end(client, secrets_backend, db, days):
    end = client.delete_secret(SecretId="db", RecoveryWindowInDays=days)["DeletionDate"]
    secrets_backend.clock.travel_to(end - TICK)

    assert client.describe_secret(SecretId="db")["DeletedDate"] == NEW_YEAR
    with pytest.raises(client.exceptions.InvalidRequestException):
        client.create_secret(Name="db")
    assert members(client.restore_secret(SecretId="db")) == {"ARN": db, "Name": "db"}
    secrets_backend.clock.advance(days=60)
    assert client.get_secret_value(SecretId="db")["SecretString"] == "three"


@behaviour(DELETE, "at the end of the window the secret is gone, and RestoreSecret does not find it", "AWS-DOC", PURGED)
@pytest.mark.parametrize("days", [7, 30])
@pytest.mark.parametrize(
    "request_operation",
    [
        "describe_secret",
        "get_secret_value",
        "restore_secret",
        "list_secret_version_ids",
        "delete_secret",
        "update_secret",
    ],
)
@at_new_year
def test_the_end(client, secrets_backend, db, days, request_operation):
    end = client.delete_secret(SecretId="db", RecoveryWindowInDays=days)["DeletionDate"]
    secrets_backend.clock.travel_to(end)

    for secret_id in ("db", db):
        with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
            getattr(client, request_operation)(SecretId=secret_id)
        assert caught.value.response["Error"]["Message"] == NOT_FOUND
    assert "db" not in secrets_backend


@behaviour(DELETE, "at the end of the window the name is free, for a secret with another ARN", "AWS-DOC", PURGED)
@at_new_year
def test_the_name_is_free_at_the_end(client, secrets_backend, scheduled):
    secrets_backend.clock.advance(days=30)

    created = client.create_secret(Name="db", SecretString="new", ClientRequestToken=V1)

    assert created["ARN"] != scheduled
    assert client.describe_secret(SecretId="db")["CreatedDate"] == NEW_YEAR + timedelta(days=30)
    assert [entry["VersionId"] for entry in all_versions(client, IncludeDeprecated=True)] == [V1]


@behaviour(DELETE, "windows end each at its own moment", "AWS-DOC", PURGED)
@at_new_year
def test_windows_end_each_at_its_own_moment(client, secrets_backend):
    for days in (30, 7, 14):
        client.create_secret(Name=f"in-{days}", SecretString="one")
        client.delete_secret(SecretId=f"in-{days}", RecoveryWindowInDays=days)
    left = []

    for days in (7, 7, 16):
        secrets_backend.clock.advance(days=days)
        left.append({secret.name for secret in secrets_backend})

    assert left == [{"in-14", "in-30"}, {"in-30"}, set()]


# --- Restoring ---


@behaviour(RESTORE, "answers ARN and Name", "AWS-VERIFIED", RESTORED)
@behaviour(RESTORE, "DeletedDate is gone, and everything else as it was", "AWS-VERIFIED", f"{RESTORED}; {OTHER_KEY}")
@behaviour(RESTORE, "LastChangedDate moves", "GUESS", "modified in any way")
@at_new_year
def test_restoring(client, secrets_backend, db):
    described, listed = members(client.describe_secret(SecretId="db")), all_versions(client, IncludeDeprecated=True)
    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    secrets_backend.clock.advance(days=6)

    answer = client.restore_secret(SecretId="db")

    assert members(answer) == {"ARN": db, "Name": "db"}
    later = {"LastChangedDate": NEW_YEAR + timedelta(days=6)}
    assert members(client.describe_secret(SecretId="db")) == described | later
    assert all_versions(client, IncludeDeprecated=True) == listed
    assert described["VersionIdsToStages"] == {V2: ["AWSPREVIOUS", "blue"], V3: ["AWSCURRENT"]}


@behaviour(RESTORE, "a restored secret can be read and written again", "AWS-VERIFIED", RESTORED)
def test_a_restored_secret_lives(client, scheduled):
    client.restore_secret(SecretId="db")

    read = [client.get_secret_value(SecretId="db", VersionId=version)["SecretString"] for version in (V1, V2, V3)]
    client.update_secret(SecretId="db", SecretString="four")
    assert read == ["one", "two", "three"]
    assert client.get_secret_value(SecretId="db")["SecretString"] == "four"
    assert client.get_secret_value(SecretId="db", VersionStage="AWSPREVIOUS")["SecretString"] == "three"


@behaviour(RESTORE, "a restored secret outlives the end of its former window", "AWS-DOC", "AWS API reference")
@at_new_year
def test_a_restored_secret_outlives_its_window(client, secrets_backend, scheduled):
    secrets_backend.clock.advance(days=29)
    client.restore_secret(SecretId="db")

    secrets_backend.clock.advance(days=400)

    assert client.get_secret_value(SecretId="db")["SecretString"] == "three"


@behaviour(RESTORE, "a restored secret that is deleted again has a new window", "AWS-DOC", "AWS API reference")
@pytest.mark.parametrize("days", [7, 30])
@at_new_year
def test_a_second_window(client, secrets_backend, scheduled, days):
    secrets_backend.clock.advance(days=20)
    client.restore_secret(SecretId="db")

    end = client.delete_secret(SecretId="db", RecoveryWindowInDays=days)["DeletionDate"]

    assert end == NEW_YEAR + timedelta(days=20 + days)
    secrets_backend.clock.travel_to(end - TICK)
    assert client.describe_secret(SecretId="db")["DeletedDate"] == NEW_YEAR + timedelta(days=20)
    secrets_backend.clock.travel_to(end)
    assert "db" not in secrets_backend


@behaviour(RESTORE, "a secret that is not deleted: success, and nothing changes", "GUESS", "no error is documented")
@at_new_year
def test_restoring_a_live_secret(client, secrets_backend, db):
    secrets_backend.clock.advance(hours=1)
    before = snapshot(secrets_backend)

    answer = client.restore_secret(SecretId="db")

    assert members(answer) == {"ARN": db, "Name": "db"}
    assert snapshot(secrets_backend) == before


@behaviour(RESTORE, "a secret without a value can be deleted and restored", "AWS-DOC", "AWS API reference")
def test_restoring_a_secret_without_a_value(client):
    client.create_secret(Name="db")
    client.delete_secret(SecretId="db")

    client.restore_secret(SecretId="db")

    assert members(client.describe_secret(SecretId="db")).keys() == {"ARN", "Name", "CreatedDate", "LastChangedDate"}


# --- What is not there, and what may not be touched ---


@behaviour(DELETE, "a secret that is not there: ResourceNotFoundException", "AWS-VERIFIED", "siblings in LocalStack")
@behaviour(RESTORE, "a secret that is not there: ResourceNotFoundException", "AWS-VERIFIED", "siblings in LocalStack")
@pytest.mark.parametrize("operation", ["delete_secret", "restore_secret"])
@pytest.mark.parametrize(
    "secret_id", ["missing", "arn:aws:secretsmanager:us-east-1:123456789012:secret:missing-abcdef"]
)
def test_what_is_not_there(client, operation, secret_id):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        getattr(client, operation)(SecretId=secret_id)

    assert caught.value.response["Error"]["Message"] == NOT_FOUND


@behaviour(
    RESTORE, "a secret's name with a forbidden character: ValidationException", "AWS-VERIFIED", f"siblings in {INVALID}"
)
def test_restoring_a_forbidden_character(client):
    with pytest.raises(ClientError) as caught:
        client.restore_secret(SecretId="a name")

    assert caught.value.response["Error"] == {"Code": "ValidationException", "Message": INVALID_NAME}


@behaviour(
    DELETE,
    "a replica: InvalidParameterException",
    "REPORTED",
    "GitHub gruntwork-io/cloud-nuke#435",
)
@pytest.mark.parametrize(
    "force", [{}, {"RecoveryWindowInDays": 7}, {"ForceDeleteWithoutRecovery": True}], ids=["default", "window", "force"]
)
def test_deleting_a_replica(client, secrets_backend, db, force):
    replicated(secrets_backend)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException) as caught:
        client.delete_secret(SecretId="db", **force)

    assert caught.value.response["Error"]["Message"] == (
        "Operation not permitted on a replica secret. Call must be made in primary secret's region."
    )
    assert snapshot(secrets_backend) == before


@behaviour(RESTORE, "a replica: InvalidParameterException", "GUESS", "siblings; recorded for DeleteSecret")
def test_restoring_a_replica(client, secrets_backend, scheduled):
    replicated(secrets_backend)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.restore_secret(SecretId="db")

    assert snapshot(secrets_backend) == before


@behaviour(
    DELETE,
    "with force a secret that another service manages: InvalidRequestException",
    "GUESS",
    "AWS User Guide, secrets managed by other services: the service may refuse it",
)
def test_force_on_a_managed_secret(client, secrets_backend, db):
    stored(secrets_backend).owning_service = "rds"
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    assert snapshot(secrets_backend) == before


# --- Other accounts and regions ---


@behaviour(DELETE, "works on another account's secret by its ARN", "AWS-VERIFIED", f"{CROSS_ACCOUNT}; {OTHER_KEY}")
@behaviour(RESTORE, "works on another account's secret by its ARN", "AWS-VERIFIED", OTHER_KEY)
@behaviour("DescribeSecret", "shows DeletedDate of another account's secret, by its ARN", "AWS-VERIFIED", CROSS_ACCOUNT)
@at_new_year
def test_another_accounts_secret(client, stranger, db):
    let_in(client, THEIRS)
    listed = members(stranger.list_secret_version_ids(SecretId=db))

    deleted = stranger.delete_secret(SecretId=db, ForceDeleteWithoutRecovery=False, RecoveryWindowInDays=7)
    during = stranger.describe_secret(SecretId=db)
    assert members(stranger.list_secret_version_ids(SecretId=db)) == listed
    restored = stranger.restore_secret(SecretId=db)

    assert members(deleted) == {"ARN": db, "Name": "db", "DeletionDate": NEW_YEAR + timedelta(days=7)}
    assert during["DeletedDate"] == NEW_YEAR
    assert members(restored) == {"ARN": db, "Name": "db"}
    assert client.get_secret_value(SecretId="db")["SecretString"] == "three"


@behaviour(DELETE, "with force another account's secret is gone too, by its ARN", "AWS-VERIFIED", CROSS_ACCOUNT)
def test_force_on_another_accounts_secret(client, stranger, db):
    let_in(client, THEIRS)
    stranger.create_secret(Name="db", SecretString="theirs")

    stranger.delete_secret(SecretId=db, ForceDeleteWithoutRecovery=True)

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_secret(SecretId="db")
    assert stranger.get_secret_value(SecretId="db")["SecretString"] == "theirs"


@behaviour(DELETE, "another account's secret can't be named by its name", "AWS-DOC", "AWS API reference, SecretId")
@behaviour(RESTORE, "another account's secret can't be named by its name", "AWS-DOC", "AWS API reference, SecretId")
def test_a_name_is_the_callers_own(secrets_backend, stranger, scheduled):
    before = snapshot(secrets_backend)

    for operation in ("delete_secret", "restore_secret"):
        with pytest.raises(stranger.exceptions.ResourceNotFoundException):
            getattr(stranger, operation)(SecretId="db")

    assert snapshot(secrets_backend) == before


@behaviour(DELETE, "the same name in another region or account stays, and so does its window", "AWS-DOC", MODEL)
@at_new_year
def test_the_same_name_elsewhere(client, secrets_backend, stranger, db):
    elsewhere = secrets_backend.session(region="eu-west-1").client("secretsmanager")
    for other in (stranger, elsewhere):
        other.create_secret(Name="db", SecretString="elsewhere")
    elsewhere.delete_secret(SecretId="db", RecoveryWindowInDays=8)

    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    secrets_backend.clock.advance(days=7)

    assert "db" not in secrets_backend
    assert stranger.get_secret_value(SecretId="db")["SecretString"] == "elsewhere"
    assert elsewhere.describe_secret(SecretId="db")["DeletedDate"] == NEW_YEAR
    secrets_backend.clock.advance(days=1)
    with pytest.raises(elsewhere.exceptions.ResourceNotFoundException):
        elsewhere.describe_secret(SecretId="db")


@behaviour(DELETE, "versions past their retention are removed during the window too", "GUESS", "no evidence")
@at_new_year
def test_retention_goes_on_during_the_window(client, secrets_backend, db):
    for number in range(120):
        client.update_secret(SecretId="db", SecretString=str(number))
    client.delete_secret(SecretId="db")

    secrets_backend.clock.advance(days=1)

    assert len(all_versions(client, IncludeDeprecated=True)) == 100
    client.restore_secret(SecretId="db")
    assert client.get_secret_value(SecretId="db", VersionStage="blue")["SecretString"] == "two"
