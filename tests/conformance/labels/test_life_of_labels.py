"""The life that labels lead, as recorded: each call, and the labels after it."""

from conformance.fidelity import behaviour
from conformance.labels.moving import put, stage
from conformance.raw import all_versions
from conformance.versions import labels_of
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
STAGE = "UpdateSecretVersionStage"

CYCLE = "LocalStack AWS-validated tests test_update_secret_version_stages_current_pending*"


_LIVES = {
    "current and pending": [
        (put(V2, "AWSPENDING"), {V1: {"AWSCURRENT"}, V2: {"AWSPENDING"}}),
        (stage("AWSCURRENT", remove=V1, move=V2), {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT", "AWSPENDING"}}),
        (put(V3, "AWSPENDING"), {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT"}, V3: {"AWSPENDING"}}),
        (stage("AWSCURRENT", remove=V2, move=V3), {V2: {"AWSPREVIOUS"}, V3: {"AWSCURRENT", "AWSPENDING"}}),
    ],
    "pending vanishes": [
        (put(V2, "AWSPENDING"), {V1: {"AWSCURRENT"}, V2: {"AWSPENDING"}}),
        (stage("AWSCURRENT", remove=V1, move=V2), {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT", "AWSPENDING"}}),
        (put(V3), {V2: {"AWSPREVIOUS"}, V3: {"AWSCURRENT"}}),
    ],
    "custom labels": [
        (put(V2, "AWSCURRENT", "PUT0"), {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT", "PUT0"}}),
        (
            put(V3, "AWSPENDING", "PUT1"),
            {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT", "PUT0"}, V3: {"AWSPENDING", "PUT1"}},
        ),
        (
            stage("AWSCURRENT", remove=V2, move=V3),
            {V2: {"AWSPREVIOUS", "PUT0"}, V3: {"AWSCURRENT", "AWSPENDING", "PUT1"}},
        ),
        (
            put(V4, "AWSPENDING", "PUT2"),
            {V2: {"AWSPREVIOUS", "PUT0"}, V3: {"AWSCURRENT", "PUT1"}, V4: {"AWSPENDING", "PUT2"}},
        ),
        (
            stage("AWSCURRENT", remove=V3, move=V4),
            {V2: {"PUT0"}, V3: {"AWSPREVIOUS", "PUT1"}, V4: {"AWSCURRENT", "AWSPENDING", "PUT2"}},
        ),
    ],
    "a custom label for pending": [
        (put(V2, "PENDING"), {V1: {"AWSCURRENT"}, V2: {"PENDING"}}),
        (stage("AWSCURRENT", remove=V1, move=V2), {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT", "PENDING"}}),
        (stage("PENDING", remove=V2), {V1: {"AWSPREVIOUS"}, V2: {"AWSCURRENT"}}),
    ],
    "labels that are all replaced": [
        (put(V2, "one", "two", "three"), {V1: {"AWSCURRENT"}, V2: {"one", "two", "three"}}),
        (put(V3, "one", "two", "three", "four"), {V1: {"AWSCURRENT"}, V3: {"one", "two", "three", "four"}}),
    ],
    "labels that are partly replaced": [
        (put(V2, "one", "two", "three"), {V1: {"AWSCURRENT"}, V2: {"one", "two", "three"}}),
        (put(V3, "one", "two", "four"), {V1: {"AWSCURRENT"}, V2: {"three"}, V3: {"one", "two", "four"}}),
    ],
}


@behaviour(
    STAGE,
    "the recorded sequences of labels through PutSecretValue and UpdateSecretVersionStage",
    "AWS-VERIFIED",
    f"{CYCLE}; LocalStack AWS-validated tests test_non_versioning_version_stages_replacement and _no_replacement",
)
@rows("life", _LIVES)
def test_labels_move_as_recorded_on_aws(client, db, life):
    assert labels_of(client) == {V1: {"AWSCURRENT"}}

    for call, labels in life:
        call(client)

        listed = {entry["VersionId"]: set(entry["VersionStages"]) for entry in all_versions(client)}
        assert labels_of(client) == listed == labels


@behaviour(
    STAGE,
    "no version disappears when it loses its last label",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_deprecated_secret_version_stage",
)
@rows("life", _LIVES)
def test_losing_its_last_label_does_not_remove_a_version(client, secrets_backend, db, life):
    for call, _ in life:
        call(client)

    made = {V1, *(call.params["ClientRequestToken"] for call in secrets_backend.calls.of("PutSecretValue"))}
    assert {entry["VersionId"] for entry in all_versions(client, IncludeDeprecated=True)} == made
    assert all(client.get_secret_value(SecretId="db", VersionId=version)["SecretString"] == version for version in made)
