"""GetSecretValue: its answer, and which version it reads."""

import pytest
from conformance.fidelity import behaviour
from conformance.raw import begin_rotation, members, snapshot
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
UNKNOWN = "99999999-9999-4999-8999-999999999999"
GET = "GetSecretValue"
NO_LABEL = "Secrets Manager can't find the specified secret value for staging label: "
NO_VERSION = "Secrets Manager can't find the specified secret value for VersionId: "

VERSION_NOT_FOUND = "LocalStack AWS-validated test test_secret_version_not_found"
ERRORS = "LocalStack AWS-validated test test_get_secret_value_errors"
GET_VALUE = "LocalStack AWS-validated test test_get_secret_value"


@pytest.fixture
def three_versions(client):
    """V1 is deprecated, V2 is AWSPREVIOUS and "blue", V3 is AWSCURRENT."""
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
    client.put_secret_value(
        SecretId="db", SecretString="two", ClientRequestToken=V2, VersionStages=["AWSCURRENT", "blue"]
    )
    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)


# --- The answer ---


@behaviour(GET, "answers ARN, Name, VersionId, VersionStages, CreatedDate and the value", "AWS-VERIFIED", GET_VALUE)
@rows(
    "value",
    [
        {"SecretString": "one"},
        {"SecretBinary": b"\x00"},
        {"SecretBinary": bytes(range(256))},
        {"SecretBinary": "text".encode("utf-16")},
    ],
)
def test_get_secret_value_returns_the_value_with_its_version_and_labels(client, value):
    arn = client.create_secret(Name="db", ClientRequestToken=V1, **value)["ARN"]

    answer = members(client.get_secret_value(SecretId="db"))

    assert answer.pop("CreatedDate")
    assert answer == {"ARN": arn, "Name": "db", "VersionId": V1, "VersionStages": ["AWSCURRENT"], **value}


@behaviour(
    GET,
    "a version shows all of its labels",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_update_secret_version_stages_current_pending",
)
def test_get_secret_value_shows_all_labels_of_the_version(client, three_versions):
    assert set(client.get_secret_value(SecretId="db", VersionId=V2)["VersionStages"]) == {"AWSPREVIOUS", "blue"}


@behaviour(
    GET,
    "the answer for a version without labels has no VersionStages",
    "GUESS",
    "ListSecretVersionIds leaves the key out; tests of GitHub hashicorp/terraform-provider-aws take its absence for deprecation",
    decided_by="plain calls",
)
def test_a_deprecated_version_has_no_stages(client, three_versions):
    answer = client.get_secret_value(SecretId="db", VersionId=V1)

    assert answer["SecretString"] == "one"
    assert "VersionStages" not in answer


# --- Which version ---


@behaviour(
    GET,
    "what was written can be read at once; AWS itself is eventually consistent",
    "AWS-DOC",
    "AWS API reference, ListSecrets",
)
@behaviour(GET, "neither id nor label: AWSCURRENT", "AWS-VERIFIED", GET_VALUE)
@behaviour(GET, "a label: the version that has it", "AWS-VERIFIED", GET_VALUE)
@behaviour(GET, "an id: that version", "AWS-VERIFIED", GET_VALUE)
@behaviour(
    GET,
    "an id and one of its labels: that version",
    "AWS-VERIFIED",
    "GitHub aws-samples/aws-secrets-manager-rotation-lambdas; LocalStack AWS-validated tests test_rotate_secret_* run such a function",
)
@rows(
    "selection, version",
    [
        ({}, V3),
        ({"VersionStage": "AWSCURRENT"}, V3),
        ({"VersionStage": "AWSPREVIOUS"}, V2),
        ({"VersionStage": "blue"}, V2),
        ({"VersionId": V3}, V3),
        ({"VersionId": V2}, V2),
        ({"VersionId": V1}, V1),
        ({"VersionId": V3, "VersionStage": "AWSCURRENT"}, V3),
        ({"VersionId": V2, "VersionStage": "blue"}, V2),
        ({"VersionId": V2, "VersionStage": "AWSPREVIOUS"}, V2),
    ],
)
def test_get_secret_value_reads_the_version_selected_by_id_or_label(client, three_versions, selection, version):
    answer = client.get_secret_value(SecretId="db", **selection)

    assert answer["VersionId"] == version
    assert answer["SecretString"] == {V1: "one", V2: "two", V3: "three"}[version]


@behaviour(
    GET,
    "a label that no version has: ResourceNotFoundException, naming the label",
    "AWS-VERIFIED",
    VERSION_NOT_FOUND,
    shown_by=("AWSPENDING", "a custom label", "another case"),
)
@behaviour(
    GET,
    "a secret without versions: ResourceNotFoundException for AWSCURRENT",
    "AWS-VERIFIED",
    VERSION_NOT_FOUND,
    shown_by=("no version by label", "no version"),
)
@behaviour(
    GET,
    "an unknown VersionId: ResourceNotFoundException, naming the id",
    "AWS-VERIFIED",
    VERSION_NOT_FOUND,
    shown_by=("an id", "no version by id"),
)
@rows(
    "value, selection, sentence",
    {
        "AWSPENDING": ({"SecretString": "one"}, {"VersionStage": "AWSPENDING"}, NO_LABEL + "AWSPENDING"),
        "a custom label": ({"SecretString": "one"}, {"VersionStage": "missing"}, NO_LABEL + "missing"),
        "another case": ({"SecretString": "one"}, {"VersionStage": "awscurrent"}, NO_LABEL + "awscurrent"),
        "an id": ({"SecretString": "one"}, {"VersionId": UNKNOWN}, NO_VERSION + UNKNOWN),
        "no version by id": ({}, {"VersionId": UNKNOWN}, NO_VERSION + UNKNOWN),
        "no version by label": ({}, {"VersionStage": "AWSCURRENT"}, NO_LABEL + "AWSCURRENT"),
        "no version": ({}, {}, NO_LABEL + "AWSCURRENT"),
    },
)
def test_reading_a_version_that_does_not_exist(client, value, selection, sentence):
    client.create_secret(Name="db", **value)

    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.get_secret_value(SecretId="db", **selection)

    assert caught.value.response["Error"]["Message"] == sentence


@behaviour(GET, "an id with a label that no version has: InvalidRequestException", "AWS-VERIFIED", ERRORS)
def test_reading_a_version_with_a_missing_label_is_refused(client, three_versions):
    with pytest.raises(client.exceptions.InvalidRequestException) as caught:
        client.get_secret_value(SecretId="db", VersionId=V3, VersionStage="missing")

    assert caught.value.response["Error"]["Message"] == (
        "You provided a VersionStage that is not associated to the provided VersionId."
    )


@behaviour(
    GET,
    "VersionId and VersionStage must refer to the same version",
    "AWS-DOC",
    "botocore service model, GetSecretValue$VersionId",
)
@behaviour(
    GET,
    "a version id with the label of another version: the code is InvalidRequestException",
    "GUESS",
    "recorded for a label that no version has",
    decided_by="plain calls",
)
@rows("version, label", [(V3, "AWSPREVIOUS"), (V2, "AWSCURRENT"), (V1, "AWSCURRENT")])
def test_reading_a_version_with_the_label_of_another_is_refused(client, three_versions, version, label):
    with pytest.raises(client.exceptions.InvalidRequestException):
        client.get_secret_value(SecretId="db", VersionId=version, VersionStage=label)


@behaviour(
    GET,
    "an unknown version id with any label: ResourceNotFoundException",
    "GUESS",
    "the id is looked up first",
    decided_by="plain calls",
)
@rows("label", ["AWSCURRENT", "missing"])
def test_reading_an_unknown_version_with_a_label_is_not_found(client, three_versions, label):
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_secret_value(SecretId="db", VersionId=UNKNOWN, VersionStage=label)


@behaviour(
    GET,
    "AWSPENDING of a rotation that hasn't stored a value yet: ResourceNotFoundException for that label",
    "REPORTED",
    "GitHub aws/aws-sdk-js-v3#7701",
)
def test_reading_a_pending_version_without_a_value_is_not_found(client, secrets_backend):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
    begin_rotation(secrets_backend, V2)

    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.get_secret_value(SecretId="db", VersionStage="AWSPENDING")

    assert caught.value.response["Error"]["Message"] == NO_LABEL + "AWSPENDING"


@behaviour(
    GET,
    "the id of a version without a value, alone or with AWSPENDING: ResourceNotFoundException",
    "AWS-VERIFIED",
    "GitHub aws-samples/aws-secrets-manager-rotation-lambdas rely on it; LocalStack AWS-validated tests test_rotate_secret_* run such a function",
)
@rows("label", [{}, {"VersionStage": "AWSPENDING"}])
def test_reading_a_version_without_a_value_is_refused(client, secrets_backend, label):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
    begin_rotation(secrets_backend, V2)

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_secret_value(SecretId="db", VersionId=V2, **label)


# --- The secret ---


@behaviour(
    GET,
    "a secret that doesn't exist: ResourceNotFoundException",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_secret_not_found",
)
@rows("selection", [{}, {"VersionId": V1}, {"VersionStage": "missing"}])
def test_reading_a_missing_secret_is_refused(client, selection):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.get_secret_value(SecretId="missing", **selection)

    assert caught.value.response["Error"]["Message"] == "Secrets Manager can't find the specified secret."


@behaviour(GET, "an error changes nothing", "AWS-DOC", "AWS API reference, GetSecretValue")
@rows("selection", [{"VersionStage": "missing"}, {"VersionId": UNKNOWN}, {"VersionId": V3, "VersionStage": "blue"}])
def test_a_failed_get_secret_value_changes_nothing(client, secrets_backend, three_versions, selection):
    before = snapshot(secrets_backend)

    with pytest.raises((client.exceptions.ResourceNotFoundException, client.exceptions.InvalidRequestException)):
        client.get_secret_value(SecretId="db", **selection)

    assert snapshot(secrets_backend) == before
