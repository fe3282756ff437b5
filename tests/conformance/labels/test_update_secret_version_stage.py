"""UpdateSecretVersionStage: labels moved by hand."""

import pytest
from conformance.fidelity import behaviour
from conformance.labels.moving import put, stage
from conformance.raw import all_versions, begin_rotation, members, snapshot
from conformance.versions import labels_of
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
MISSING = "99999999-9999-4999-8999-999999999999"
STAGE = "UpdateSecretVersionStage"

CYCLE = "LocalStack AWS-validated tests test_update_secret_version_stages_current_pending*"
MANUALLY = "moto test marked aws_verified: test_update_secret_version_stage_manually"
WITHOUT_REMOVE = "moto test marked aws_verified: test_update_secret_version_stage_dont_specify_current_stage"
EXAMPLES = "AWS API reference, UpdateSecretVersionStage, samples"
REFERENCE = "AWS API reference, UpdateSecretVersionStage"
TERRAFORM = "GitHub hashicorp/terraform-provider-aws, aws_secretsmanager_secret_version"
NO_EVIDENCE = "no source; as in similar cases"
A_LABEL_LIKE_ANY = "the documentation names no exception for AWSPREVIOUS"


def not_empty(label, version):
    return (
        f"The parameter RemoveFromVersionId can't be empty. Staging label {label} is currently attached to version"
        f" {version}, so you must explicitly reference that version in RemoveFromVersionId."
    )


# --- The answer ---


@behaviour(
    STAGE,
    "the answer has only ARN and Name",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_update_secret_version_stages_return_type",
)
@rows(
    "call",
    [
        stage("AWSCURRENT", remove=V3, move=V4),
        stage("blue", remove=V3, move=V4),
        stage("blue", remove=V3),
        stage("red", move=V1),
    ],
)
def test_moving_a_label_returns_only_arn_and_name(client, four_versions, call):
    answer = call(client)

    assert members(answer) == {"ARN": four_versions, "Name": "db"}


@behaviour(STAGE, "the secret can be named by its name, ARN or partial ARN", "AWS-DOC", REFERENCE)
def test_a_label_is_moved_by_name_arn_or_partial_arn(client, four_versions):
    for secret_id, move, remove in ((four_versions, V4, V3), (four_versions[:-7], V3, V4)):
        client.update_secret_version_stage(
            SecretId=secret_id, VersionStage="blue", MoveToVersionId=move, RemoveFromVersionId=remove
        )

    assert labels_of(client)[V3] == {"AWSCURRENT", "blue"}


# --- AWSCURRENT ---


@behaviour(
    STAGE,
    "AWSCURRENT moves from A to B: A becomes AWSPREVIOUS and the previous holder loses it; "
    "AWSPENDING on B stays, and so do custom labels",
    "AWS-VERIFIED",
    f"{CYCLE}; {MANUALLY}",
)
def test_current_moves(client, four_versions):
    stage("AWSCURRENT", remove=V3, move=V4)(client)

    assert labels_of(client) == {V3: {"AWSPREVIOUS", "blue"}, V4: {"AWSCURRENT", "AWSPENDING", "green"}}
    assert client.get_secret_value(SecretId="db")["SecretString"] == V4
    assert client.get_secret_value(SecretId="db", VersionStage="AWSPREVIOUS")["SecretString"] == V3


@behaviour(
    STAGE,
    "if the previous AWSPREVIOUS loses its last label, it is deprecated: listed only with "
    "IncludeDeprecated, and still readable",
    "AWS-VERIFIED",
    f"{CYCLE}; LocalStack AWS-validated test test_deprecated_secret_version_stage",
)
def test_moving_current_deprecates_the_version_that_was_previous(client, four_versions):
    stage("AWSCURRENT", remove=V3, move=V4)(client)

    assert [entry["VersionId"] for entry in all_versions(client)] == [V3, V4]
    deprecated = all_versions(client, IncludeDeprecated=True)[:2]
    assert [entry["VersionId"] for entry in deprecated] == [V1, V2]
    assert all("VersionStages" not in entry for entry in deprecated)
    assert client.get_secret_value(SecretId="db", VersionId=V2)["SecretString"] == V2


@behaviour(STAGE, "the previous AWSPREVIOUS keeps its other labels", "AWS-VERIFIED", CYCLE)
def test_the_old_previous_version_keeps_its_other_labels(client, four_versions):
    stage("red", move=V2)(client)

    stage("AWSCURRENT", remove=V3, move=V4)(client)

    assert labels_of(client)[V2] == {"red"}


@behaviour(
    STAGE,
    "AWSCURRENT moves back to AWSPREVIOUS: the two labels swap",
    "AWS-DOC",
    "AWS API reference, UpdateSecretVersionStage and GetSecretValue, to revert",
)
def test_rolling_back_swaps_current_and_previous(client, four_versions):
    stage("AWSCURRENT", remove=V3, move=V2)(client)

    assert labels_of(client) == {V2: {"AWSCURRENT"}, V3: {"AWSPREVIOUS", "blue"}, V4: {"AWSPENDING", "green"}}
    assert client.get_secret_value(SecretId="db")["SecretString"] == V2


@behaviour(STAGE, "AWSCURRENT can move to a deprecated version", "AWS-DOC", REFERENCE)
def test_current_moves_to_a_deprecated_version(client, four_versions):
    stage("AWSCURRENT", remove=V3, move=V1)(client)

    assert labels_of(client) == {V1: {"AWSCURRENT"}, V3: {"AWSPREVIOUS", "blue"}, V4: {"AWSPENDING", "green"}}


@behaviour(
    STAGE,
    "AWSCURRENT without RemoveFromVersionId: InvalidParameterException, naming the version that has it",
    "AWS-VERIFIED",
    WITHOUT_REMOVE,
)
@rows("move", [V1, V2, V4])
def test_moving_current_without_naming_its_version_is_refused(client, secrets_backend, four_versions, move):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException) as caught:
        stage("AWSCURRENT", move=move)(client)

    assert caught.value.response["Error"]["Message"] == not_empty("AWSCURRENT", V3)
    assert snapshot(secrets_backend) == before


@behaviour(STAGE, "AWSCURRENT can't be removed: InvalidParameterException", "REPORTED", f"{TERRAFORM}, comment of 2018")
def test_current_cannot_be_removed(client, secrets_backend, four_versions):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException) as caught:
        stage("AWSCURRENT", remove=V3)(client)

    assert caught.value.response["Error"]["Message"] == (
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed."
    )
    assert snapshot(secrets_backend) == before


@behaviour(
    STAGE,
    "if no version has AWSCURRENT, it is attached, and no version becomes AWSPREVIOUS",
    "GUESS",
    "a rotation of a secret without a value ends so, GitHub getmoto/moto#9451",
    decided_by="a rotation function",
)
def test_attaching_current_when_no_version_has_it(client, secrets_backend):
    client.create_secret(Name="db")
    begin_rotation(secrets_backend, V1)
    put(V1, "AWSPENDING")(client)

    stage("AWSCURRENT", move=V1)(client)

    assert labels_of(client) == {V1: {"AWSCURRENT", "AWSPENDING"}}
    assert client.get_secret_value(SecretId="db")["SecretString"] == V1


@behaviour(
    STAGE,
    "AWSCURRENT can't be moved to a rotation's placeholder, which has no value: InvalidParameterException",
    "GUESS",
    "AWS User Guide: a current version always has a value",
    decided_by="a rotation function",
)
def test_current_needs_a_value(client, secrets_backend, db):
    begin_rotation(secrets_backend, V2)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        stage("AWSCURRENT", remove=V1, move=V2)(client)

    assert snapshot(secrets_backend) == before


# --- Other labels ---


@behaviour(
    STAGE,
    "a custom label moves from its holder to another version, and both keep their other labels",
    "AWS-DOC",
    EXAMPLES,
)
@rows("move", [V1, V2, V4])
def test_a_custom_label_moves(client, four_versions, move):
    before = labels_of(client)

    stage("blue", remove=V3, move=move)(client)

    assert labels_of(client) == {**before, V3: {"AWSCURRENT"}, move: before.get(move, set()) | {"blue"}}


@behaviour(STAGE, "a version that loses its last label to another is deprecated", "AWS-DOC", REFERENCE)
def test_a_move_deprecates_the_holder(client, db):
    put(V2, "blue")(client)

    stage("blue", remove=V2, move=V1)(client)

    assert labels_of(client) == {V1: {"AWSCURRENT", "blue"}}
    assert [entry["VersionId"] for entry in all_versions(client)] == [V1]


@behaviour(
    STAGE,
    "a custom label without RemoveFromVersionId while a version has it: the same error as for AWSCURRENT",
    "REPORTED",
    f"{TERRAFORM}, with custom labels",
)
@rows("label, holder", [("blue", V3), ("AWSPENDING", V4)])
def test_moving_an_attached_label_without_naming_its_version_is_refused(
    client, secrets_backend, four_versions, label, holder
):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException) as caught:
        stage(label, move=V2)(client)

    assert caught.value.response["Error"]["Message"] == not_empty(label, holder)
    assert snapshot(secrets_backend) == before


@behaviour(
    STAGE,
    "RemoveFromVersionId that doesn't have the label: InvalidParameterException",
    "AWS-DOC",
    f"{REFERENCE}: the version ID does not match, then the operation fails",
)
@rows("label", ["AWSCURRENT", "blue"])
@rows("remove", [V1, V2, V4, MISSING])
def test_removing_a_label_from_the_wrong_version_is_refused(client, secrets_backend, four_versions, label, remove):
    before = snapshot(secrets_backend)

    for move in (V1, V2, V4):
        with pytest.raises(client.exceptions.InvalidParameterException):
            stage(label, remove=remove, move=move)(client)

    assert snapshot(secrets_backend) == before


@behaviour(
    STAGE,
    "RemoveFromVersionId for a label that no version has: InvalidParameterException",
    "GUESS",
    NO_EVIDENCE,
    decided_by="plain calls",
)
@rows("move", [None, V1])
def test_removing_a_label_that_no_version_has_is_refused(client, secrets_backend, four_versions, move):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        stage("red", remove=V3, move=move)(client)

    assert snapshot(secrets_backend) == before


@behaviour(STAGE, "a label that no version has is attached", "AWS-DOC", f"{EXAMPLES}; {TERRAFORM}")
@rows("version", [V1, V2, V3, V4])
def test_a_new_label_is_attached(client, four_versions, version):
    before = labels_of(client)

    stage("red", move=version)(client)

    assert labels_of(client) == {**before, version: before.get(version, set()) | {"red"}}
    assert client.get_secret_value(SecretId="db", VersionStage="red")["VersionId"] == version


@behaviour(
    STAGE,
    "a label is removed from its version, and every other label stays",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_update_secret_version_stages_current_pending_cycle_custom_stages_3",
)
@rows("label, holder", [("blue", V3), ("AWSPENDING", V4), ("green", V4)])
def test_a_label_is_removed(client, four_versions, label, holder):
    before = labels_of(client)

    stage(label, remove=holder)(client)

    assert labels_of(client) == {**before, holder: before[holder] - {label}}
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_secret_value(SecretId="db", VersionStage=label)


@behaviour(
    STAGE,
    "a version whose last label is removed is deprecated",
    "AWS-DOC",
    f"{REFERENCE}: considered to be deprecated and can be deleted",
)
def test_removing_the_last_label_deprecates_the_version(client, db):
    put(V2, "blue")(client)

    stage("blue", remove=V2)(client)

    assert labels_of(client) == {V1: {"AWSCURRENT"}}
    assert [entry["VersionId"] for entry in all_versions(client)] == [V1]
    assert "VersionStages" not in all_versions(client, IncludeDeprecated=True)[1]


@behaviour(STAGE, "a deprecated version that gets a label is no longer deprecated", "AWS-DOC", EXAMPLES)
def test_a_label_revives_a_deprecated_version(client, four_versions):
    stage("red", move=V1)(client)

    assert [entry["VersionId"] for entry in all_versions(client)] == [V1, V2, V3, V4]


@behaviour(STAGE, "AWSPREVIOUS can be moved like a custom label", "GUESS", A_LABEL_LIKE_ANY, decided_by="plain calls")
@rows("move", [V1, V3, V4])
def test_previous_moves(client, four_versions, move):
    before = labels_of(client)

    stage("AWSPREVIOUS", remove=V2, move=move)(client)

    after = {**before, V2: set(), move: before.get(move, set()) | {"AWSPREVIOUS"}}
    assert labels_of(client) == {version: labels for version, labels in after.items() if labels}


@behaviour(STAGE, "AWSPREVIOUS can be removed like a custom label", "GUESS", A_LABEL_LIKE_ANY, decided_by="plain calls")
def test_previous_is_removed(client, four_versions):
    stage("AWSPREVIOUS", remove=V2)(client)

    assert labels_of(client) == {V3: {"AWSCURRENT", "blue"}, V4: {"AWSPENDING", "green"}}


@behaviour(
    STAGE, "AWSPREVIOUS can be attached again if no version has it", "GUESS", A_LABEL_LIKE_ANY, decided_by="plain calls"
)
def test_previous_is_attached(client, four_versions):
    stage("AWSPREVIOUS", remove=V2)(client)

    stage("AWSPREVIOUS", move=V1)(client)

    assert labels_of(client)[V1] == {"AWSPREVIOUS"}


@behaviour(
    STAGE,
    "AWSPREVIOUS can't be moved without RemoveFromVersionId while a version has it",
    "AWS-DOC",
    "AWS API reference, UpdateSecretVersionStage, RemoveFromVersionId, which speaks of any label",
)
@behaviour(
    STAGE,
    "moving AWSPREVIOUS without RemoveFromVersionId: the code is InvalidParameterException",
    "GUESS",
    "recorded for AWSCURRENT, reported for custom labels",
    decided_by="plain calls",
)
def test_moving_previous_without_naming_its_version_is_refused(client, secrets_backend, four_versions):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        stage("AWSPREVIOUS", move=V1)(client)

    assert snapshot(secrets_backend) == before


@behaviour(
    STAGE,
    "after AWSPREVIOUS was moved by hand, it goes to the next version that AWSCURRENT leaves",
    "GUESS",
    "the rule for AWSCURRENT",
    decided_by="plain calls",
)
def test_a_manually_moved_previous_goes_to_the_version_that_current_leaves(client, four_versions):
    stage("AWSPREVIOUS", remove=V2, move=V1)(client)

    stage("AWSCURRENT", remove=V3, move=V4)(client)

    assert labels_of(client) == {V3: {"AWSPREVIOUS", "blue"}, V4: {"AWSCURRENT", "AWSPENDING", "green"}}


# --- Requests that say too little, too much or nothing new ---


@behaviour(
    STAGE,
    "neither MoveToVersionId nor RemoveFromVersionId: InvalidParameterException",
    "GUESS",
    NO_EVIDENCE,
    decided_by="plain calls",
)
@rows("label", ["AWSCURRENT", "AWSPREVIOUS", "blue", "red"])
def test_a_label_update_that_names_no_version_is_refused(client, secrets_backend, four_versions, label):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        stage(label)(client)

    assert snapshot(secrets_backend) == before


@behaviour(
    STAGE,
    "moving a label to the version that has it: the call succeeds and changes nothing",
    "GUESS",
    NO_EVIDENCE,
    decided_by="plain calls",
)
@rows("label, holder", [("AWSCURRENT", V3), ("AWSPREVIOUS", V2), ("blue", V3)])
def test_moving_a_label_to_the_version_that_has_it_changes_nothing(client, four_versions, label, holder):
    before = labels_of(client)

    answers = [stage(label, move=holder)(client), stage(label, remove=holder, move=holder)(client)]

    assert [members(answer) for answer in answers] == [{"ARN": four_versions, "Name": "db"}] * 2
    assert labels_of(client) == before


@behaviour(
    STAGE,
    "a version that doesn't exist: ResourceNotFoundException",
    "GUESS",
    "as GetSecretValue",
    decided_by="plain calls",
)
@rows(
    "call",
    [
        stage("red", move=MISSING),
        stage("blue", remove=V3, move=MISSING),
        stage("AWSCURRENT", remove=V3, move=MISSING),
    ],
)
def test_moving_a_label_to_a_missing_version_is_refused(client, secrets_backend, four_versions, call):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        call(client)

    assert snapshot(secrets_backend) == before


@behaviour(
    STAGE,
    "a version of another secret doesn't exist here: ResourceNotFoundException",
    "GUESS",
    "as GetSecretValue",
    decided_by="plain calls",
)
def test_moving_a_label_to_a_version_of_another_secret_is_refused(client, secrets_backend, db):
    client.create_secret(Name="other", SecretString="other", ClientRequestToken=V2)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        stage("red", move=V2)(client)

    assert snapshot(secrets_backend) == before
