"""Asking for replicas."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.raw import members
from conformance.replicating import GUIDE, NOON, REFERENCE, V1, is_there, regions, replicas, replicate, statuses
from tables import rows

from mock_secrets import Limits

REPLICATE, CREATE, DESCRIBE = "ReplicateSecretToRegions", "CreateSecret", "DescribeSecret"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

INVALID_REGION = "Invalid replica region."
NAME_TAKEN = "Secret with this name already exists in this region"

CUSTODIAN = "recorded responses in GitHub cloud-custodian/cloud-custodian, replica_attribute"
COVERAGE = "GitHub aws-cloudformation/cloudformation-coverage-roadmap#1459"
PREFLIGHT = "GitHub badmintoncryer/cdk-preflight, deployed for real"

at_noon = pytest.mark.mock_secrets(at=NOON)
half_a_minute_late = pytest.mark.mock_secrets(at=NOON, limits=Limits(replication_delay=timedelta(seconds=30)))


def create_replicated(client, replication, **given):
    client.create_secret(Name="db", SecretString="one", **given, **replication)


def create_and_replicate(client, replication, **given):
    client.create_secret(Name="db", SecretString="one", **given)
    client.replicate_secret_to_regions(SecretId="db", **replication)


either_way = rows("make", {"CreateSecret": create_replicated, "ReplicateSecretToRegions": create_and_replicate})


# --- Asking for replicas ---


@behaviour(
    "CreateSecret",
    "replicas are listed in the order of the request",
    "REPORTED",
    "replication tests of GitHub ansible-collections/community.aws",
)
@behaviour(
    CREATE, "with AddReplicaRegions, the answer has ReplicationStatus too", "AWS-DOC", f"{REFERENCE}, CreateSecret"
)
@behaviour(CREATE, "with AddReplicaRegions, the replicas are InProgress in the answer", "REPORTED", COVERAGE)
def test_create_secret_with_replicas_returns_a_replication_status(client):
    answer = members(
        client.create_secret(
            Name="db", SecretString="one", ClientRequestToken=V1, AddReplicaRegions=regions("us-west-2", "eu-west-1")
        )
    )

    assert list(statuses(answer).items()) == [("us-west-2", "InProgress"), ("eu-west-1", "InProgress")]
    assert answer.keys() == {"ARN", "Name", "VersionId", "ReplicationStatus"}


@behaviour(REPLICATE, "answers ARN and ReplicationStatus, without Name", "AWS-DOC", f"{REFERENCE}, {REPLICATE}")
@behaviour(REPLICATE, "a new replica is InProgress in the answer", "REPORTED", COVERAGE)
@behaviour(REPLICATE, "answers all replicas, including earlier ones", "AWS-DOC", f"{REFERENCE}, {REPLICATE}")
def test_replicating_returns_all_replicas(client, db):
    replicate(client, "us-west-2")

    answer = members(replicate(client, "eu-west-1", "ap-south-1"))

    assert answer.keys() == {"ARN", "ReplicationStatus"}
    assert answer["ARN"] == db
    assert statuses(answer) == {"us-west-2": "InSync", "eu-west-1": "InProgress", "ap-south-1": "InProgress"}
    assert set(replicas(client).values()) == {"InSync"}


@behaviour(DESCRIBE, "a primary shows its own Region and each replica's key and status", "AWS-VERIFIED", CUSTODIAN)
@at_noon
def test_a_primary_shows_its_replicas(client, db):
    replicate(client, "eu-west-1")

    described = members(client.describe_secret(SecretId="db"))

    assert described == {
        "ARN": db,
        "Name": "db",
        "PrimaryRegion": "us-east-1",
        "CreatedDate": NOON,
        "LastChangedDate": NOON,
        "VersionIdsToStages": {V1: ["AWSCURRENT"]},
        "ReplicationStatus": [
            {
                "Region": "eu-west-1",
                "KmsKeyId": "alias/aws/secretsmanager",
                "Status": "InSync",
                "StatusMessage": "Replication succeeded",
            }
        ],
    }


@behaviour(REPLICATE, "a replica has the key that was given for it", "AWS-DOC", f"{REFERENCE}, ReplicaRegionType")
@either_way
def test_a_replica_uses_the_key_given_for_it(client, elsewhere, make):
    make(client, {"AddReplicaRegions": [{"Region": "eu-west-1", "KmsKeyId": KEY}]}, KmsKeyId="alias/mine")

    assert client.describe_secret(SecretId="db")["ReplicationStatus"][0]["KmsKeyId"] == KEY
    assert elsewhere.describe_secret(SecretId="db")["KmsKeyId"] == KEY
    assert client.describe_secret(SecretId="db")["KmsKeyId"] == "alias/mine"


@behaviour(REPLICATE, "changes the primary's LastChangedDate", "AWS-VERIFIED", f"{CUSTODIAN}, by its dates")
@at_noon
def test_replicating_updates_the_last_changed_date(client, secrets_backend, db):
    secrets_backend.clock.advance(seconds=40)

    replicate(client, "eu-west-1")

    assert client.describe_secret(SecretId="db")["LastChangedDate"] == NOON + timedelta(seconds=40)


@behaviour(
    REPLICATE,
    "a secret without a value can be replicated too",
    "GUESS",
    "no documented error",
    decided_by="a second Region",
)
def test_a_secret_without_a_value_can_be_replicated(client, elsewhere):
    client.create_secret(Name="db", AddReplicaRegions=regions("eu-west-1"))

    client.put_secret_value(SecretId="db", SecretString="one")

    assert elsewhere.get_secret_value(SecretId="db")["SecretString"] == "one"


@behaviour(DESCRIBE, "the status goes from InProgress to InSync", "AWS-DOC", f"{REFERENCE}, ReplicationStatusType")
@half_a_minute_late
def test_a_replica_takes_time_to_create(client, elsewhere, secrets_backend, db):
    replicate(client, "eu-west-1")

    secrets_backend.clock.advance(seconds=29, milliseconds=999)
    before = (replicas(client), is_there(elsewhere))
    secrets_backend.clock.advance(milliseconds=1)

    assert before == ({"eu-west-1": "InProgress"}, False)
    assert (replicas(client), is_there(elsewhere)) == ({"eu-west-1": "InSync"}, True)


@behaviour(DESCRIBE, "a replica that can't be created is InProgress before it is Failed", "REPORTED", COVERAGE)
@half_a_minute_late
def test_a_failure_also_takes_time(client, elsewhere, secrets_backend, db):
    elsewhere.create_secret(Name="db", SecretString="theirs")

    replicate(client, "eu-west-1")
    before = replicas(client)
    secrets_backend.clock.advance(seconds=30)

    assert (before, replicas(client)) == ({"eu-west-1": "InProgress"}, {"eu-west-1": "Failed"})


# --- A name that is taken ---


@behaviour(REPLICATE, "the name is taken there: no error, and the status becomes Failed", "AWS-DOC", f"{REFERENCE}")
@behaviour(
    CREATE,
    "with AddReplicaRegions, the name is taken there: no error, and the status becomes Failed",
    "AWS-DOC",
    f"{REFERENCE}",
)
@either_way
@rows("deleted", [False, True])
def test_a_taken_name_makes_replication_fail(client, elsewhere, make, deleted):
    elsewhere.create_secret(Name="db", SecretString="theirs")
    if deleted:
        elsewhere.delete_secret(SecretId="db")
    theirs = members(elsewhere.describe_secret(SecretId="db"))

    make(client, {"AddReplicaRegions": regions("eu-west-1", "us-west-2")})

    failed = client.describe_secret(SecretId="db")["ReplicationStatus"][0]
    assert (failed["Region"], failed["Status"], failed["StatusMessage"]) == ("eu-west-1", "Failed", NAME_TAKEN)
    assert replicas(client)["us-west-2"] == "InSync"
    assert members(elsewhere.describe_secret(SecretId="db")) == theirs


@behaviour(REPLICATE, "ForceOverwriteReplicaSecret replaces the secret of that name", "AWS-DOC", f"{REFERENCE}")
@behaviour(CREATE, "ForceOverwriteReplicaSecret replaces the secret of that name", "AWS-DOC", f"{REFERENCE}")
@either_way
@rows("deleted", [False, True])
def test_forcing_replaces_the_secret_with_the_same_name(client, elsewhere, make, deleted):
    theirs = elsewhere.create_secret(Name="db", SecretString="theirs", Description="theirs")["ARN"]
    if deleted:
        elsewhere.delete_secret(SecretId="db")

    make(client, {"AddReplicaRegions": regions("eu-west-1"), "ForceOverwriteReplicaSecret": True})

    assert replicas(client) == {"eu-west-1": "InSync"}
    assert elsewhere.get_secret_value(SecretId="db")["SecretString"] == "one"
    assert "Description" not in elsewhere.describe_secret(SecretId="db")
    assert not is_there(elsewhere, theirs)


@behaviour(REPLICATE, "a Region that failed is retried", "AWS-DOC", f"{GUIDE}: retry replication")
def test_a_failed_region_is_retried(client, elsewhere, db):
    elsewhere.create_secret(Name="db", SecretString="theirs")
    replicate(client, "eu-west-1")
    again = (statuses(replicate(client, "eu-west-1")), replicas(client))
    elsewhere.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    freed = (replicas(client), statuses(replicate(client, "eu-west-1")), replicas(client))

    assert again == ({"eu-west-1": "InProgress"}, {"eu-west-1": "Failed"})
    assert freed == ({"eu-west-1": "Failed"}, {"eu-west-1": "InProgress"}, {"eu-west-1": "InSync"})


@behaviour(
    CREATE,
    "the name of a replica is taken: ResourceExistsException",
    "AWS-DOC",
    "botocore service model, ResourceExistsException",
)
def test_a_replica_occupies_the_name_in_its_region(client, elsewhere, db):
    replicate(client, "eu-west-1")

    with pytest.raises(elsewhere.exceptions.ResourceExistsException) as caught:
        elsewhere.create_secret(Name="db", SecretString="theirs")

    assert caught.value.response["Error"]["Message"] == "The operation failed because the secret db already exists."
    assert elsewhere.get_secret_value(SecretId="db")["SecretString"] == "one"


# --- Regions that are none ---


@behaviour(
    CREATE, "AddReplicaRegions with its own Region, or an unknown one: InvalidParameterException", "REPORTED", PREFLIGHT
)
@rows("wrong", ["us-east-1", "cn-north-1", "us-gov-west-1", "mars-north-1"])
def test_a_region_that_cannot_have_a_replica(client, elsewhere, wrong):
    with pytest.raises(client.exceptions.InvalidParameterException) as caught:
        client.create_secret(Name="db", SecretString="one", AddReplicaRegions=regions("eu-west-1", wrong))

    assert caught.value.response["Error"]["Message"] == INVALID_REGION
    assert not is_there(client)
    assert not is_there(elsewhere)


@behaviour(
    REPLICATE,
    "its own Region, or an unknown one: InvalidParameterException",
    "GUESS",
    "reported for CreateSecret",
    decided_by="plain calls",
)
@behaviour(
    REPLICATE,
    "if one of several Regions is refused, none gets a replica",
    "GUESS",
    "a refused call changes nothing",
    decided_by="a second Region",
)
@behaviour(
    REPLICATE,
    "a Region that has a replica, or is named twice: InvalidParameterException",
    "GUESS",
    "as similar operations do",
    decided_by="a second Region",
)
@rows(
    "asked",
    [
        *(["eu-west-1", wrong] for wrong in ("us-east-1", "cn-north-1", "us-gov-west-1", "mars-north-1")),
        ["us-west-2"],
        ["eu-west-1", "us-west-2"],
        ["eu-west-1", "eu-west-1"],
    ],
)
@at_noon
def test_a_region_that_cannot_have_a_replica_or_another_one(client, elsewhere, secrets_backend, db, asked):
    replicate(client, "us-west-2")
    before = members(client.describe_secret(SecretId="db"))
    secrets_backend.clock.advance(minutes=1)

    with pytest.raises(client.exceptions.InvalidParameterException):
        replicate(client, *asked)

    assert members(client.describe_secret(SecretId="db")) == before
    assert not is_there(elsewhere)


@behaviour(
    REPLICATE,
    "a Region that is still InProgress: InvalidParameterException",
    "GUESS",
    "as similar operations do",
    decided_by="a second Region",
)
@half_a_minute_late
def test_replicating_again_to_a_region_in_progress_is_refused(client, db):
    replicate(client, "eu-west-1")

    with pytest.raises(client.exceptions.InvalidParameterException):
        replicate(client, "eu-west-1")


@behaviour(
    REPLICATE,
    "no Region, or a malformed one: ValidationException",
    "GUESS",
    "constraints of the model",
    decided_by="plain calls",
)
@rows("asked", [[], [{"Region": "Ireland"}], [{"Region": ""}]])
def test_missing_or_malformed_replica_regions_are_a_validation_error(unchecked, db, asked):
    with pytest.raises(ClientError) as caught:
        unchecked.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=asked)

    assert caught.value.response["Error"]["Code"] == "ValidationException"
