"""A secret that is scheduled for deletion: what is refused meanwhile, and the end of the window."""

from datetime import datetime, timedelta, timezone

import pytest
from conformance.fidelity import behaviour
from conformance.policies import let_in
from conformance.raw import all_versions, members, snapshot
from tables import rows

from mock_secrets.operations import OPERATIONS
from mock_secrets.protocol.shapes import operations

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
MISSING = "99999999-9999-4999-8999-999999999999"
DELETE = "DeleteSecret"
SCHEDULED = "Any operation: on a secret that is scheduled for deletion"
THEIRS = "111122223333"
NEW_YEAR = datetime(2026, 1, 1, 12, 30, 0, 7000, tzinfo=timezone.utc)
TICK = timedelta(milliseconds=1)
MARKED = "You can't perform this operation on the secret because it was marked for deletion."
NOT_FOUND = "Secrets Manager can't find the specified secret."

MODEL = "AWS API reference, DeleteSecret"
RECORDED = "recorded responses in GitHub cloud-custodian/cloud-custodian, test_secrets_manager_delete"
FORCE_DELETED = "LocalStack AWS-validated test test_force_delete_deleted_secret"
CREATION = "LocalStack AWS-validated test test_exp_raised_on_creation_of_secret_scheduled_for_deletion"
PURGED = "AWS API reference, DeleteSecret: at the end of the window, here to the millisecond"

at_new_year = pytest.mark.mock_secrets(at=NEW_YEAR)


# --- During the window ---


@behaviour(
    DELETE,
    "DeletedDate is the instant of the call, and not the end of the window as the documentation says",
    "AWS-VERIFIED",
    RECORDED,
)
@behaviour(DELETE, "LastChangedDate moves", "AWS-VERIFIED", RECORDED)
@at_new_year
def test_deleted_date_is_the_instant_of_the_delete_call(client, secrets_backend, db):
    secrets_backend.clock.advance(hours=1)

    answer = client.delete_secret(SecretId="db", RecoveryWindowInDays=7)

    described = client.describe_secret(SecretId="db")
    assert described["DeletedDate"] == described["LastChangedDate"] == NEW_YEAR + timedelta(hours=1)
    assert answer["DeletionDate"] == NEW_YEAR + timedelta(days=7, hours=1)


@behaviour(
    "DescribeSecret",
    "works on a secret that is scheduled for deletion, and still shows everything, including the labels",
    "AWS-VERIFIED",
    f"{FORCE_DELETED}; {RECORDED}",
)
@at_new_year
def test_a_scheduled_secret_can_still_be_described(client, secrets_backend, db):
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
    decided_by="plain calls",
)
@rows("include", [False, True])
def test_versions_of_a_scheduled_secret_can_still_be_listed(client, db, include):
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
#: Those are in tests of their own.
_OF_NEWER_MODELS = {"AssociateCrossAccountReplica", "DisassociateCrossAccountReplica", "ListResourcePolicies"}
_ANSWERED = {"DeleteSecret", "DescribeSecret", "ListSecretVersionIds", "RestoreSecret"}


@behaviour(
    SCHEDULED, "GetSecretValue: InvalidRequestException", "AWS-DOC", "AWS User Guide, monitoring with CloudWatch"
)
@behaviour(
    SCHEDULED,
    "PutSecretValue: InvalidRequestException",
    "REPORTED",
    "GitHub hashicorp/terraform-provider-aws, internal/service/secretsmanager, which handles the answer",
)
@behaviour(
    SCHEDULED,
    "TagResource and UntagResource: InvalidRequestException",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_tag_untag_resource_on_deleted_secret",
)
@behaviour(
    SCHEDULED,
    "GetResourcePolicy: InvalidRequestException",
    "REPORTED",
    "GitHub hashicorp/terraform-provider-aws, secret_policy_test.go",
)
@behaviour(
    SCHEDULED,
    "UpdateSecret: InvalidRequestException",
    "REPORTED",
    "GitHub hashicorp/terraform-provider-aws, internal/service/secretsmanager, which handles the answer",
)
@behaviour(
    SCHEDULED,
    "UpdateSecretVersionStage: InvalidRequestException",
    "REPORTED",
    "GitHub hashicorp/terraform-provider-aws, internal/service/secretsmanager, which handles the answer",
)
@behaviour(
    SCHEDULED,
    "the refusal comes before tokens, labels and versions are checked",
    "GUESS",
    "state comes first",
    decided_by="plain calls",
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
def test_operations_on_a_scheduled_secret_are_refused(client, secrets_backend, scheduled, call):
    secrets_backend.clock.advance(days=1)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException) as caught:
        call(client)

    assert caught.value.response["Error"]["Message"] == MARKED
    assert snapshot(secrets_backend) == before


@behaviour(
    SCHEDULED,
    "every other operation that reads or changes the secret: InvalidRequestException",
    "AWS-DOC",
    "botocore service model, InvalidRequestException: 'The secret is scheduled for deletion', and "
    "the errors of each operation",
)
@rows("operation", sorted(_REFUSED_BY_GUESS.keys() & OPERATIONS.keys()))
def test_other_operations_on_a_scheduled_secret_are_probably_refused(client, secrets_backend, scheduled, operation):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        _REFUSED_BY_GUESS[operation](client)

    assert snapshot(secrets_backend) == before


def test_each_operation_on_a_secret_is_covered_during_the_window(secrets_client):
    model = secrets_client.meta.service_model
    on_a_secret = {
        name
        for name in OPERATIONS.keys() & operations().keys()
        if "SecretId" in model.operation_model(name).input_shape.required_members
    }

    assert on_a_secret <= _REFUSED.keys() | _REFUSED_BY_GUESS.keys() | _ANSWERED | _OF_NEWER_MODELS


@behaviour(
    SCHEDULED,
    "another account's value under the default key: the deletion is reported first",
    "GUESS",
    "state comes before the key",
    decided_by="a second account",
)
@rows("operation", ["get_secret_value", "put_secret_value", "update_secret"])
def test_the_deletion_is_checked_before_the_key(client, stranger, db, operation):
    value = {} if operation == "get_secret_value" else {"SecretString": "theirs"}
    let_in(client, THEIRS)
    client.delete_secret(SecretId="db")

    with pytest.raises(stranger.exceptions.InvalidRequestException) as caught:
        getattr(stranger, operation)(SecretId=db, **value)

    assert caught.value.response["Error"]["Message"] == MARKED


@behaviour("CreateSecret", "a name that is scheduled for deletion: InvalidRequestException", "AWS-VERIFIED", CREATION)
@rows("value", [{}, {"SecretString": "new"}])
def test_creating_a_secret_with_a_scheduled_name_is_refused(client, secrets_backend, scheduled, value):
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
    decided_by="plain calls",
)
@rows("value", ["one", "another"])
def test_repeating_a_creation_is_refused_once_the_name_is_scheduled(client, secrets_backend, scheduled, value):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        client.create_secret(Name="db", SecretString=value, ClientRequestToken=V1)

    assert snapshot(secrets_backend) == before


@behaviour(
    DELETE,
    "a secret that is scheduled for deletion, without force: InvalidRequestException, and the window stays",
    "GUESS",
    "the model lists InvalidRequestException",
    decided_by="plain calls",
)
@rows("window", [{}, {"RecoveryWindowInDays": 7}])
@at_new_year
def test_deleting_a_scheduled_secret_again_is_refused(client, secrets_backend, scheduled, window):
    secrets_backend.clock.advance(days=1)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        client.delete_secret(SecretId="db", **window)

    assert snapshot(secrets_backend) == before


@behaviour(DELETE, "other secrets aren't affected by the window", "AWS-DOC", MODEL)
def test_other_secrets_are_not_affected(client, secrets_backend):
    client.create_secret(Name="other", SecretString="one")
    client.create_secret(Name="db", SecretString="one")

    client.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    secrets_backend.clock.advance(days=7)

    assert client.get_secret_value(SecretId="other")["SecretString"] == "one"
    assert "DeletedDate" not in client.describe_secret(SecretId="other")


# --- The end of the window ---


@behaviour(DELETE, "until the end of the window the secret can be described and restored", "AWS-DOC", PURGED)
@rows("days", [7, 30])
@at_new_year
def test_a_secret_can_be_restored_until_its_window_ends(client, secrets_backend, db, days):
    end = client.delete_secret(SecretId="db", RecoveryWindowInDays=days)["DeletionDate"]
    secrets_backend.clock.travel_to(end - TICK)

    assert client.describe_secret(SecretId="db")["DeletedDate"] == NEW_YEAR
    with pytest.raises(client.exceptions.InvalidRequestException):
        client.create_secret(Name="db")
    assert members(client.restore_secret(SecretId="db")) == {"ARN": db, "Name": "db"}
    secrets_backend.clock.advance(days=60)
    assert client.get_secret_value(SecretId="db")["SecretString"] == "three"


@behaviour(DELETE, "at the end of the window the secret is gone, and RestoreSecret doesn't find it", "AWS-DOC", PURGED)
@rows("days", [7, 30])
@rows(
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
def test_a_secret_is_gone_when_its_window_ends(client, secrets_backend, db, days, request_operation):
    end = client.delete_secret(SecretId="db", RecoveryWindowInDays=days)["DeletionDate"]
    secrets_backend.clock.travel_to(end)

    for secret_id in ("db", db):
        with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
            getattr(client, request_operation)(SecretId=secret_id)
        assert caught.value.response["Error"]["Message"] == NOT_FOUND
    assert "db" not in secrets_backend


@behaviour(
    DELETE, "at the end of the window the name is free for a new secret, which has another ARN", "AWS-DOC", PURGED
)
@at_new_year
def test_the_name_is_free_when_the_recovery_window_ends(client, secrets_backend, scheduled):
    secrets_backend.clock.advance(days=30)

    created = client.create_secret(Name="db", SecretString="new", ClientRequestToken=V1)

    assert created["ARN"] != scheduled
    assert client.describe_secret(SecretId="db")["CreatedDate"] == NEW_YEAR + timedelta(days=30)
    assert [entry["VersionId"] for entry in all_versions(client, IncludeDeprecated=True)] == [V1]


@behaviour(DELETE, "each window ends at its own instant", "AWS-DOC", PURGED)
@at_new_year
def test_each_recovery_window_ends_at_its_own_time(client, secrets_backend):
    for days in (30, 7, 14):
        client.create_secret(Name=f"in-{days}", SecretString="one")
        client.delete_secret(SecretId=f"in-{days}", RecoveryWindowInDays=days)
    left = []

    for days in (7, 7, 16):
        secrets_backend.clock.advance(days=days)
        left.append({secret.name for secret in secrets_backend})

    assert left == [{"in-14", "in-30"}, {"in-30"}, set()]
