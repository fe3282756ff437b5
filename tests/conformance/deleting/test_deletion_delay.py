"""A secret that was deleted without a recovery window, in the seconds in which AWS still knows it."""

from datetime import datetime, timedelta, timezone

import pytest
from conformance.fidelity import behaviour
from conformance.raw import members
from tables import rows

from mock_secrets import Limits

DELETE, CREATE, DESCRIBE = "DeleteSecret", "CreateSecret", "DescribeSecret"
GO_CLOUD = "recordings of GitHub google/go-cloud, runtimevar/awssecretsmanager"
NAME_TAKEN = "GitHub hashicorp/terraform-provider-aws#10259 and others"
NEW_YEAR = datetime(2026, 1, 1, 12, 30, 0, 7000, tzinfo=timezone.utc)
FIVE_SECONDS = timedelta(seconds=5)

pytestmark = pytest.mark.mock_secrets(at=NEW_YEAR, limits=Limits(deletion_delay=FIVE_SECONDS))


def delete(client):
    return members(client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True))


@behaviour(DESCRIBE, "after a forced deletion DescribeSecret answers for some seconds", "AWS-VERIFIED", GO_CLOUD)
def test_a_deleted_secret_is_described_until_the_delay_is_over(client, secrets_backend, db):
    before = members(client.describe_secret(SecretId="db"))
    delete(client)
    secrets_backend.clock.advance(FIVE_SECONDS - timedelta(milliseconds=1))
    during = members(client.describe_secret(SecretId="db"))
    secrets_backend.clock.advance(milliseconds=1)

    assert during == before | {"DeletedDate": NEW_YEAR, "LastChangedDate": NEW_YEAR}
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_secret(SecretId="db")


@behaviour(CREATE, "a name stays taken for some seconds after a forced deletion", "REPORTED", NAME_TAKEN)
@behaviour(DELETE, "a forced deletion leaves the name taken for some seconds", "REPORTED", NAME_TAKEN)
def test_the_name_stays_taken_until_the_delay_is_over(client, secrets_backend, db):
    delete(client)

    with pytest.raises(client.exceptions.InvalidRequestException) as caught:
        client.create_secret(Name="db", SecretString="new")
    secrets_backend.clock.advance(FIVE_SECONDS)

    assert caught.value.response["Error"]["Message"] == (
        "You can't create this secret because a secret with this name is already scheduled for deletion."
    )
    assert client.create_secret(Name="db", SecretString="new")["ARN"] != db


@behaviour(
    DELETE,
    "a secret that is being deleted by force can't be read: InvalidRequestException",
    "REPORTED",
    "GitHub hashicorp/terraform-provider-aws, which retries on the answer",
)
@behaviour(
    DELETE,
    "it can't be changed, restored or deleted without force either: InvalidRequestException",
    "GUESS",
    "no source",
    decided_by="plain calls",
)
@rows(
    "operation, request_",
    [
        ("get_secret_value", {}),
        ("put_secret_value", {"SecretString": "four"}),
        ("restore_secret", {}),
        ("delete_secret", {}),
    ],
)
def test_a_secret_being_deleted_is_inaccessible(client, db, operation, request_):
    delete(client)

    with pytest.raises(client.exceptions.InvalidRequestException):
        getattr(client, operation)(SecretId="db", **request_)


@behaviour(
    DELETE, "a second deletion with force doesn't postpone the first", "GUESS", "no source", decided_by="plain calls"
)
def test_deleting_again_does_not_postpone_the_end(client, secrets_backend, db):
    first = delete(client)
    secrets_backend.clock.advance(seconds=3)
    delete(client)
    secrets_backend.clock.advance(seconds=2)

    assert first == {"ARN": db, "Name": "db", "DeletionDate": NEW_YEAR}
    assert "db" not in secrets_backend


@behaviour(
    DELETE,
    "with force during the recovery window, the deletion delay replaces the window",
    "GUESS",
    "no source",
    decided_by="plain calls",
)
def test_force_replaces_the_recovery_window_with_the_deletion_delay(client, secrets_backend, db):
    client.delete_secret(SecretId="db")
    delete(client)
    before = client.describe_secret(SecretId="db")["DeletedDate"]
    secrets_backend.clock.advance(FIVE_SECONDS)

    assert before == NEW_YEAR
    assert "db" not in secrets_backend


def test_a_savepoint_restores_a_secret_being_deleted(client, secrets_backend, db):
    with secrets_backend.savepoint():
        delete(client)

    assert client.get_secret_value(SecretId="db")["SecretString"] == "three"
