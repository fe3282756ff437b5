"""PutSecretValue: versions under labels of one's choice."""

import pytest
from conformance.fidelity import behaviour
from conformance.labels.putting import put
from conformance.raw import at_a_quota, begin_rotation, members, snapshot, stored
from conformance.versions import labels_of
from tables import rows

from mock_secrets import Limits

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
PUT = "PutSecretValue"

DEPRECATED = "LocalStack AWS-validated test test_deprecated_secret_version_stage"
WITH_STAGES = "LocalStack AWS-validated test test_put_secret_value_with_version_stages"
CUSTOM_STAGES = "LocalStack AWS-validated tests test_update_secret_version_stages_current_pending_cycle_custom_stages_*"
REPLACEMENT = "LocalStack AWS-validated tests test_non_versioning_version_stages_replacement and _no_replacement"
PENDING = "LocalStack AWS-validated snapshot test_update_secret_version_stages_current_pending"
ABANDONED = "AWS User Guide, CloudTrail event RotationAbandoned"


# --- The answer ---


@behaviour(PUT, "answers ARN, Name, VersionId and VersionStages", "AWS-VERIFIED", WITH_STAGES)
@rows("value", [{"SecretString": "two"}, {"SecretBinary": b"\x00\xff"}])
def test_put_secret_value_returns_the_version_and_its_labels(client, db, value):
    answer = client.put_secret_value(SecretId="db", ClientRequestToken=V2, **value)

    assert members(answer) == {"ARN": db, "Name": "db", "VersionId": V2, "VersionStages": ["AWSCURRENT"]}


@behaviour(PUT, "VersionStages are the version's present labels", "AWS-VERIFIED", CUSTOM_STAGES)
def test_the_response_has_the_labels_of_the_version(client, db):
    answer = put(client, V2, "AWSCURRENT", "PUT0")

    assert set(answer["VersionStages"]) == {"AWSCURRENT", "PUT0"}


@behaviour(
    PUT,
    "text and binary values can follow one another",
    "AWS-DOC",
    "AWS API reference, PutSecretValue: the new version can contain SecretString or SecretBinary",
)
def test_a_secret_may_switch_between_text_and_binary(client, db):
    client.put_secret_value(SecretId="db", SecretBinary=b"\x00\xff")

    assert client.get_secret_value(SecretId="db")["SecretBinary"] == b"\x00\xff"
    assert client.get_secret_value(SecretId="db", VersionStage="AWSPREVIOUS")["SecretString"] == V1


# --- Labels ---


@behaviour(
    PUT,
    "without VersionStages, AWSCURRENT moves to the new version and AWSPREVIOUS to the one it left, "
    "which deprecates the one before",
    "AWS-VERIFIED",
    DEPRECATED,
)
def test_a_value_becomes_current(client, db):
    put(client, V2)
    assert labels_of(client) == {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT"}}

    put(client, V3)

    assert labels_of(client) == {V2: {"AWSPREVIOUS"}, V3: {"AWSCURRENT"}}
    assert client.get_secret_value(SecretId="db", VersionId=V1)["SecretString"] == V1


@behaviour(PUT, "labels without AWSCURRENT leave AWSCURRENT and AWSPREVIOUS unchanged", "AWS-VERIFIED", WITH_STAGES)
@rows("labels", [["AWSPENDING"], ["one", "two", "three"], ["AWSSOMETHING"]])
def test_other_labels_do_not_affect_current_and_previous(client, db, labels):
    put(client, V2)

    answer = put(client, V3, *labels)

    assert set(answer["VersionStages"]) == set(labels)
    assert labels_of(client) == {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT"}, V3: set(labels)}
    assert client.get_secret_value(SecretId="db")["VersionId"] == V2


@behaviour(PUT, "a label on another version moves, and that version keeps its others", "AWS-VERIFIED", REPLACEMENT)
def test_a_label_moves_from_another_version(client, db):
    put(client, V2, "one", "two", "three")

    put(client, V3, "one", "two", "four")

    assert labels_of(client) == {V1: {"AWSCURRENT"}, V2: {"three"}, V3: {"one", "two", "four"}}


@behaviour(
    PUT,
    "a version whose last label has moved is deprecated, and can still be read by its id",
    "AWS-VERIFIED",
    REPLACEMENT,
)
def test_a_version_whose_last_label_moved_is_deprecated(client, db):
    put(client, V2, "one", "two", "three")

    put(client, V3, "one", "two", "three", "four")

    assert labels_of(client) == {V1: {"AWSCURRENT"}, V3: {"one", "two", "three", "four"}}
    assert client.get_secret_value(SecretId="db", VersionId=V2)["SecretString"] == V2


@behaviour(PUT, "AWSCURRENT and a custom label are both attached", "AWS-VERIFIED", CUSTOM_STAGES)
@behaviour(PUT, "custom labels stay on the version that AWSCURRENT leaves", "AWS-VERIFIED", CUSTOM_STAGES)
def test_putting_a_value_attaches_current_and_a_custom_label_together(client, db):
    put(client, V2, "AWSCURRENT", "PUT0")
    assert labels_of(client) == {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT", "PUT0"}}

    put(client, V3, "AWSPENDING", "PUT1")
    assert labels_of(client) == {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT", "PUT0"}, V3: {"AWSPENDING", "PUT1"}}

    put(client, V4)
    assert labels_of(client) == {V2: {"AWSPREVIOUS", "PUT0"}, V3: {"PUT1"}, V4: {"AWSCURRENT"}}


@behaviour(PUT, "a custom label of the current version moves alone", "AWS-VERIFIED", REPLACEMENT)
def test_a_custom_label_moves_from_the_current_version(client, db):
    put(client, V2, "AWSCURRENT", "blue")

    put(client, V3, "blue")

    assert labels_of(client) == {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT"}, V3: {"blue"}}


@behaviour(
    PUT,
    "AWSPENDING moves from the current version to the new one, and its other labels stay",
    "AWS-VERIFIED",
    "LocalStack AWS-validated snapshot test_update_secret_version_stages_current_pending_cycle",
)
def test_pending_moves_from_the_current_version(client, db):
    put(client, V2, "AWSCURRENT", "AWSPENDING")

    put(client, V3, "AWSPENDING")

    assert labels_of(client) == {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT"}, V3: {"AWSPENDING"}}


@behaviour(PUT, "a new current version removes AWSPENDING from the old one", "AWS-VERIFIED", PENDING)
def test_a_new_current_version_removes_pending_from_the_old_one(client, db):
    put(client, V2, "AWSCURRENT", "AWSPENDING")

    put(client, V3)

    assert labels_of(client) == {V2: {"AWSPREVIOUS"}, V3: {"AWSCURRENT"}}


@behaviour(PUT, "a new current version removes AWSPENDING from any other version too", "AWS-DOC", ABANDONED)
@rows("others", [[], ["blue"]])
def test_a_new_current_version_abandons_a_rotation(client, db, others):
    put(client, V2, "AWSPENDING", *others)

    put(client, V3)

    expected = {V1: {"AWSPREVIOUS"}, V2: set(others), V3: {"AWSCURRENT"}}
    assert labels_of(client) == {version: labels for version, labels in expected.items() if labels}


@behaviour(
    PUT,
    "AWSCURRENT among explicit labels removes AWSPENDING too",
    "AWS-DOC",
    "AWS User Guide, CloudTrail event RotationAbandoned: creating a new version abandons a rotation",
)
def test_explicitly_setting_current_abandons_a_rotation(client, db):
    put(client, V2, "AWSPENDING")

    put(client, V3, "AWSCURRENT", "blue")

    assert labels_of(client) == {V1: {"AWSPREVIOUS"}, V3: {"AWSCURRENT", "blue"}}


@behaviour(
    PUT,
    "the first version of a secret is AWSCURRENT",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_create_secret_version_from_empty_secret",
)
@behaviour(PUT, "AWSCURRENT is attached beside the requested labels too", "AWS-DOC", "AWS API reference, VersionStages")
@rows(
    "asked, labels",
    [
        ([], {"AWSCURRENT"}),
        (["AWSCURRENT"], {"AWSCURRENT"}),
        (["blue", "green"], {"AWSCURRENT", "blue", "green"}),
    ],
)
def test_the_first_version_put_is_current(client, asked, labels):
    client.create_secret(Name="db")

    answer = put(client, V1, *asked)

    assert set(answer["VersionStages"]) == labels
    assert labels_of(client) == {V1: labels}


@behaviour(PUT, "a label that is given twice counts once", "GUESS", "labels are a set", decided_by="plain calls")
def test_a_label_given_twice_counts_once(client, db):
    answer = put(client, V2, "blue", "blue")

    assert answer["VersionStages"] == ["blue"]


# --- Errors ---


@behaviour(
    PUT,
    "a secret that doesn't exist: ResourceNotFoundException",
    "AWS-DOC",
    "botocore service model, the errors of the operation; the sentence is recorded for other operations",
)
def test_putting_a_value_into_a_missing_secret_is_refused(client, secrets_backend):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.put_secret_value(SecretId="missing", SecretString="one")

    assert caught.value.response["Error"]["Message"] == "Secrets Manager can't find the specified secret."
    assert list(secrets_backend) == []


@behaviour(
    PUT,
    "a secret that another service manages: InvalidRequestException",
    "AWS-DOC",
    "botocore service model, InvalidRequestException; AWS User Guide, troubleshooting",
)
@rows("token", [V1, V2])
def test_put_secret_value_refuses_a_managed_secret(client, secrets_backend, db, token):
    stored(secrets_backend).owning_service = "rds"
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        put(client, token, value="another")

    assert snapshot(secrets_backend) == before


# --- Quotas ---


@behaviour(
    PUT, "sustained updates more often than every 10 minutes: LimitExceededException", "AWS-DOC", "AWS API reference"
)
@at_a_quota
def test_putting_values_too_often_is_refused(client, secrets_backend, db):
    for number in range(143):
        client.put_secret_value(SecretId="db", SecretString=str(number))
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.LimitExceededException):
        client.put_secret_value(SecretId="db", SecretString="one too many")

    assert len(secrets_backend["db"].versions) == 144
    assert snapshot(secrets_backend) == before


@behaviour(
    PUT,
    "at the quota of versions, a used token is handled as usual",
    "GUESS",
    "quotas come last",
    decided_by="many calls",
)
@pytest.mark.mock_secrets(limits=Limits(versions_per_secret=2))
@at_a_quota
def test_the_version_quota_is_checked_after_the_token(client, secrets_backend, db):
    put(client, V2)

    assert put(client, V1)["VersionId"] == V1
    with pytest.raises(client.exceptions.ResourceExistsException):
        put(client, V1, value="another")
    with pytest.raises(client.exceptions.LimitExceededException):
        put(client, V3)


@behaviour(
    PUT,
    "at the quota of versions, a placeholder can be filled, since that creates no version",
    "GUESS",
    "a placeholder counts already",
    decided_by="many calls",
)
@pytest.mark.mock_secrets(limits=Limits(versions_per_secret=2))
@at_a_quota
def test_a_placeholder_is_filled_at_the_quota(client, secrets_backend, db):
    begin_rotation(secrets_backend, V2)

    assert put(client, V2, "AWSPENDING")["VersionStages"] == ["AWSPENDING"]


CUSTOM = [f"label-{number:02}" for number in range(19)]


@behaviour(
    PUT,
    "20 labels on all versions of a secret are accepted; a 21st is a LimitExceededException",
    "AWS-DOC",
    "AWS User Guide, quotas; GitHub hashicorp/terraform-provider-aws#47606",
)
@at_a_quota
def test_putting_a_21st_label_is_refused(client, secrets_backend, db):
    put(client, V2, *CUSTOM)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.LimitExceededException):
        put(client, V3, "one-too-many")

    assert snapshot(secrets_backend) == before


@behaviour(
    PUT, "the labels of all versions count together", "REPORTED", "GitHub hashicorp/terraform-provider-aws#47606"
)
@at_a_quota
def test_labels_are_counted_across_all_versions(client, db):
    put(client, V2, *CUSTOM[:10])
    put(client, V3, *CUSTOM[10:])

    with pytest.raises(client.exceptions.LimitExceededException):
        put(client, V4, "one-too-many")


@behaviour(PUT, "at the quota of labels a label can move", "AWS-DOC", "AWS User Guide, quotas")
def test_a_label_moves_at_the_quota(client, db):
    put(client, V2, *CUSTOM)

    assert put(client, V3, CUSTOM[0])["VersionStages"] == [CUSTOM[0]]


@behaviour(
    PUT,
    "AWSPREVIOUS, which is attached automatically, is accepted as the 20th label",
    "GUESS",
    "a label like any other",
    decided_by="plain calls",
)
def test_put_secret_value_may_attach_previous_as_the_20th_label(client, db):
    put(client, V2, *CUSTOM[:18])

    put(client, V3)

    assert labels_of(client)[V1] == {"AWSPREVIOUS"}


@behaviour(
    PUT,
    "AWSPREVIOUS, which is attached automatically, is refused as the 21st label",
    "GUESS",
    "a label like any other",
    decided_by="plain calls",
)
@at_a_quota
def test_put_secret_value_cannot_attach_previous_as_the_21st_label(client, secrets_backend, db):
    put(client, V2, *CUSTOM)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.LimitExceededException):
        put(client, V3)

    assert snapshot(secrets_backend) == before


@behaviour(
    PUT,
    "AWSCURRENT counts towards the labels of a first version too",
    "GUESS",
    "a label like any other",
    decided_by="plain calls",
)
@at_a_quota
def test_current_counts_toward_the_labels_of_a_first_version(client, secrets_backend):
    client.create_secret(Name="db")

    with pytest.raises(client.exceptions.LimitExceededException):
        put(client, V1, *CUSTOM, "label-19")

    assert secrets_backend["db"].versions == []


@behaviour(
    PUT,
    "AWSPENDING, which a new current version removes, makes room for AWSPREVIOUS",
    "GUESS",
    "20 labels remain",
    decided_by="plain calls",
)
def test_pending_leaves_room_for_previous(client, db):
    put(client, V2, "AWSPENDING", *CUSTOM[:18])

    put(client, V3)

    assert sum(map(len, labels_of(client).values())) == 20
