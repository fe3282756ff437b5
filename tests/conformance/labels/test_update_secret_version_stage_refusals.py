"""UpdateSecretVersionStage: which secrets it is for, and the quota of labels."""

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.labels.moving import put, stage
from conformance.policies import let_in
from conformance.raw import at_a_quota, replicated, snapshot, stored
from conformance.versions import labels_of
from tables import rows

NO_SUCH_SECRET = "botocore service model, the errors of the operation; the sentence is recorded for other operations"
V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
MISSING = "99999999-9999-4999-8999-999999999999"
STAGE = "UpdateSecretVersionStage"
TERRAFORM = "GitHub hashicorp/terraform-provider-aws, aws_secretsmanager_secret_version"


# --- The secret ---


@behaviour(STAGE, "a secret that doesn't exist: ResourceNotFoundException", "AWS-DOC", NO_SUCH_SECRET)
@rows("label", ["AWSCURRENT", "blue"])
def test_a_nonexistent_secret_is_refused(client, label):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        stage(label, move=V1)(client)

    assert caught.value.response["Error"]["Message"] == "Secrets Manager can't find the specified secret."


@behaviour(
    STAGE,
    "a secret's name with a forbidden character: ValidationException",
    "GUESS",
    "recorded for ten other operations",
    decided_by="plain calls",
)
def test_moving_a_label_refuses_a_name_with_a_forbidden_character(client):
    with pytest.raises(ClientError) as caught:
        client.update_secret_version_stage(SecretId="a name", VersionStage="blue", MoveToVersionId=V1)

    assert caught.value.response["Error"]["Code"] == "ValidationException"


@behaviour(
    STAGE,
    "a secret that is marked for deletion: InvalidRequestException",
    "REPORTED",
    f"{TERRAFORM}, which handles it on this call",
)
@rows("call", [stage("blue", remove=V3, move=V4), stage("AWSCURRENT", move=MISSING), stage("red")])
def test_moving_a_label_of_a_scheduled_secret_is_refused(client, secrets_backend, four_versions, call):
    client.delete_secret(SecretId="db")
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException) as caught:
        call(client)

    assert caught.value.response["Error"]["Message"] == (
        "You can't perform this operation on the secret because it was marked for deletion."
    )
    assert snapshot(secrets_backend) == before


@behaviour(
    STAGE,
    "a replica: InvalidParameterException",
    "GUESS",
    "recorded for DeleteSecret",
    decided_by="a second Region",
)
def test_moving_a_label_on_a_replica_is_refused(client, secrets_backend, four_versions):
    replicated(secrets_backend)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        stage("blue", remove=V3, move=V4)(client)

    assert snapshot(secrets_backend) == before


@behaviour(
    STAGE,
    "a secret that another service manages: InvalidRequestException",
    "AWS-DOC",
    "botocore service model, InvalidRequestException: 'The secret is managed by another service'",
)
def test_moving_a_label_refuses_a_managed_secret(client, secrets_backend, four_versions):
    stored(secrets_backend).owning_service = "rds"
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        stage("blue", remove=V3, move=V4)(client)

    assert snapshot(secrets_backend) == before


@behaviour(
    STAGE,
    "works on another account's secret by its ARN, even under the default key, since no value is involved",
    "GUESS",
    "the recorded refusals are all of value operations",
    decided_by="a second account",
)
def test_a_label_of_another_accounts_secret_can_be_moved_by_its_arn(client, secrets_backend, four_versions):
    let_in(client, "111122223333")
    stranger = secrets_backend.session(account_id="111122223333").client("secretsmanager")

    stranger.update_secret_version_stage(
        SecretId=four_versions, VersionStage="blue", RemoveFromVersionId=V3, MoveToVersionId=V4
    )

    assert "blue" in labels_of(client)[V4]


@behaviour(
    STAGE,
    "a label or version id outside the model's lengths, or none at all: ValidationException",
    "GUESS",
    "form of AWS's JSON services; limits of the botocore service model",
    decided_by="plain calls",
)
@rows(
    "request_members",
    [
        {"MoveToVersionId": V1},
        {"VersionStage": "", "MoveToVersionId": V1},
        {"VersionStage": "x" * 257, "MoveToVersionId": V1},
        {"VersionStage": "blue", "MoveToVersionId": "x" * 31},
        {"VersionStage": "blue", "MoveToVersionId": "x" * 65},
        {"VersionStage": "blue", "RemoveFromVersionId": "x" * 31},
        {"VersionStage": "blue", "RemoveFromVersionId": "x" * 65},
    ],
)
def test_a_label_request_outside_the_model_is_refused(unchecked, secrets_backend, request_members):
    secrets_backend.create("db", "one", token=V1)
    before = snapshot(secrets_backend)

    with pytest.raises(ClientError) as caught:
        unchecked.update_secret_version_stage(SecretId="db", **request_members)

    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert snapshot(secrets_backend) == before


# --- The quota of labels ---

_QUOTA = "AWS User Guide, quotas; GitHub hashicorp/terraform-provider-aws#47606"
_CUSTOM = [f"label-{number}" for number in range(19)]


@behaviour(STAGE, "a 20th label is accepted, counted over all versions", "AWS-DOC", _QUOTA)
def test_attaching_a_20th_label_is_accepted(client, db):
    put(V2, *_CUSTOM[:18])(client)

    stage("the-20th", move=V1)(client)

    assert sum(map(len, labels_of(client).values())) == 20


@behaviour(STAGE, "a 21st label, counted over all versions: LimitExceededException", "AWS-DOC", _QUOTA)
@rows("version", [V1, V2])
@at_a_quota
def test_attaching_a_21st_label_is_refused(client, secrets_backend, db, version):
    put(V2, *_CUSTOM)(client)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.LimitExceededException):
        stage("the-21st", move=version)(client)

    assert snapshot(secrets_backend) == before


@behaviour(STAGE, "at the quota of labels a label can move and be removed", "AWS-DOC", _QUOTA)
@at_a_quota
def test_labels_move_at_the_quota(client, db):
    put(V2, *_CUSTOM)(client)

    stage(_CUSTOM[0], remove=V2, move=V1)(client)
    stage(_CUSTOM[1], remove=V2)(client)
    stage("another", move=V1)(client)

    assert labels_of(client)[V1] == {"AWSCURRENT", _CUSTOM[0], "another"}


@behaviour(
    STAGE,
    "AWSPREVIOUS, which is attached when AWSCURRENT moves, is refused as the 21st label",
    "GUESS",
    "a label like any other, as for PutSecretValue",
    decided_by="plain calls",
)
@at_a_quota
def test_moving_current_cannot_attach_previous_as_the_21st_label(client, secrets_backend, db):
    put(V2, *_CUSTOM)(client)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.LimitExceededException):
        stage("AWSCURRENT", remove=V1, move=V2)(client)

    assert snapshot(secrets_backend) == before


@behaviour(
    STAGE,
    "AWSPREVIOUS, which is attached when AWSCURRENT moves, is accepted as the 20th label",
    "GUESS",
    "a label like any other, as for PutSecretValue",
    decided_by="plain calls",
)
def test_moving_current_may_attach_previous_as_the_20th_label(client, db):
    put(V2, *_CUSTOM[:18])(client)

    stage("AWSCURRENT", remove=V1, move=V2)(client)

    assert labels_of(client) == {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT", *_CUSTOM[:18]}}


@behaviour(STAGE, "at the quota of labels AWSCURRENT and AWSPREVIOUS can swap", "AWS-DOC", _QUOTA)
@at_a_quota
def test_current_and_previous_swap_at_the_quota(client, db):
    put(V2)(client)
    put(V3, *_CUSTOM[:18])(client)

    stage("AWSCURRENT", remove=V2, move=V1)(client)

    assert labels_of(client) == {V1: {"AWSCURRENT"}, V2: {"AWSPREVIOUS"}, V3: set(_CUSTOM[:18])}
