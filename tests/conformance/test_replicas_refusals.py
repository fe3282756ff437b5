"""What can be done to a replica, and what can't."""

import json

import pytest
from conformance.fidelity import behaviour
from conformance.raw import all_versions, members, snapshot, stored
from conformance.replicas import KEY, NOON, POLICY, REPLICA, STANDALONE, V1, V2, V3, create_with_history, look
from tables import rows

from mock_secrets.operations import OPERATIONS
from mock_secrets.protocol.shapes import operations

READ_ONLY = "Operation not permitted on a replica secret. Call must be made in primary secret's region."

REFUSALS = (
    "GitHub gruntwork-io/cloud-nuke#435 (DeleteSecret), lgallard/terraform-aws-secrets-manager#188 (PutResourcePolicy)"
)

at_noon = pytest.mark.mock_secrets(at=NOON)


@pytest.fixture
def db(client, secrets_backend):
    return create_with_history(client, secrets_backend)


# --- Changing a replica ---


@behaviour("UpdateSecret", "KmsKeyId alone can be updated on a replica", "AWS-DOC", STANDALONE)
@at_noon
def test_the_key_of_a_replica_can_be_changed(client, elsewhere, secrets_backend, db):
    arn = db.replace("us-east-1", "eu-west-1")
    (before,) = client.describe_secret(SecretId="db")["ReplicationStatus"]

    answer = elsewhere.update_secret(SecretId="db", KmsKeyId=KEY)

    assert members(answer) == {"ARN": arn, "Name": "db"}
    assert elsewhere.describe_secret(SecretId="db")["KmsKeyId"] == KEY
    assert client.describe_secret(SecretId="db")["ReplicationStatus"] == [{**before, "KmsKeyId": KEY}]
    assert "KmsKeyId" not in client.describe_secret(SecretId="db")


@behaviour("Replication: a replica follows its primary", "its key doesn't follow the primary's", "AWS-DOC", STANDALONE)
@behaviour("UpdateSecret", "a replica keeps its own key when it follows", "AWS-DOC", STANDALONE)
def test_the_key_of_a_replica_is_unchanged(client, elsewhere, db):
    elsewhere.update_secret(SecretId="db", KmsKeyId=KEY)

    client.update_secret(SecretId="db", SecretString="three", KmsKeyId="alias/mine", ClientRequestToken=V3)

    keys = {version["VersionId"]: version["KmsKeyIds"] for version in all_versions(elsewhere)}
    assert elsewhere.describe_secret(SecretId="db")["KmsKeyId"] == KEY
    assert elsewhere.get_secret_value(SecretId="db")["SecretString"] == "three"
    assert keys[V3] == [KEY]


_REFUSED = {
    "DeleteSecret": lambda client: client.delete_secret(SecretId="db"),
    "DeleteSecret by force": lambda client: client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True),
    "PutResourcePolicy": lambda client: client.put_resource_policy(SecretId="db", ResourcePolicy=json.dumps(POLICY)),
}
_REFUSED_BY_GUESS = {
    "PutSecretValue": lambda client: client.put_secret_value(SecretId="db", SecretString="three"),
    "PutSecretValue again": lambda client: client.put_secret_value(
        SecretId="db", SecretString="two", ClientRequestToken=V2
    ),
    "UpdateSecret of the value": lambda client: client.update_secret(SecretId="db", SecretString="three"),
    "UpdateSecret of bytes": lambda client: client.update_secret(SecretId="db", SecretBinary=b"three"),
    "UpdateSecret of the description": lambda client: client.update_secret(SecretId="db", Description="new"),
    "UpdateSecret of no description": lambda client: client.update_secret(SecretId="db", Description=""),
    "UpdateSecret of key and value": lambda client: client.update_secret(
        SecretId="db", KmsKeyId=KEY, SecretString="three"
    ),
    "UpdateSecret of key and description": lambda client: client.update_secret(
        SecretId="db", KmsKeyId=KEY, Description="new"
    ),
    "CancelRotateSecret": lambda client: client.cancel_rotate_secret(SecretId="db"),
    "DeleteResourcePolicy": lambda client: client.delete_resource_policy(SecretId="db"),
    "RemoveRegionsFromReplication": lambda client: client.remove_regions_from_replication(
        SecretId="db", RemoveReplicaRegions=["eu-west-1"]
    ),
    "ReplicateSecretToRegions": lambda client: client.replicate_secret_to_regions(
        SecretId="db", AddReplicaRegions=[{"Region": "us-west-2"}]
    ),
    "RestoreSecret": lambda client: client.restore_secret(SecretId="db"),
    "RotateSecret": lambda client: client.rotate_secret(SecretId="db"),
    "TagResource": lambda client: client.tag_resource(SecretId="db", Tags=[{"Key": "c", "Value": "d"}]),
    "UntagResource": lambda client: client.untag_resource(SecretId="db", TagKeys=["a"]),
    "UpdateSecretVersionStage": lambda client: client.update_secret_version_stage(
        SecretId="db", VersionStage="blue", RemoveFromVersionId=V1
    ),
}
_GUESSED = sorted(name for name in _REFUSED_BY_GUESS if name.split()[0] in OPERATIONS)
_OF_NEWER_MODELS = {"AssociateCrossAccountReplica", "DisassociateCrossAccountReplica", "ListResourcePolicies"}
_ANSWERED = {
    "DescribeSecret",
    "GetResourcePolicy",
    "GetSecretValue",
    "ListSecretVersionIds",
    "StopReplicationToReplica",
}


def refusal(client, call):
    with pytest.raises(client.exceptions.InvalidParameterException) as caught:
        call(client)
    return caught.value.response["Error"]["Message"]


@behaviour(REPLICA, "DeleteSecret, PutResourcePolicy: InvalidParameterException", "REPORTED", REFUSALS)
@rows("call", _REFUSED)
def test_operations_on_a_replica_are_refused(client, elsewhere, secrets_backend, db, call):
    before = [look(client), look(elsewhere)]

    message = refusal(elsewhere, call)

    assert message == READ_ONLY
    assert [look(client), look(elsewhere)] == before


@behaviour(
    REPLICA,
    "every other change is refused",
    "AWS-DOC",
    "AWS User Guide, promoting a replica: it 'can't be updated independently from its primary "
    "secret, except for its encryption key'",
)
@behaviour(
    REPLICA,
    "every other change: the code is InvalidParameterException",
    "GUESS",
    "reported for DeleteSecret and PutResourcePolicy",
    decided_by="a second Region",
)
@rows("operation", _GUESSED)
def test_other_operations_on_a_replica_are_probably_refused(client, elsewhere, secrets_backend, db, operation):
    before = [look(client), look(elsewhere)]

    refusal(elsewhere, _REFUSED_BY_GUESS[operation])

    assert [look(client), look(elsewhere)] == before


@rows("operation", _GUESSED)
def test_every_refusal_on_a_replica_has_the_same_message(secrets_client, secrets_backend, operation):
    secrets_client.create_secret(Name="db", SecretString="one", AddReplicaRegions=[{"Region": "eu-west-1"}])
    there = secrets_backend.client(region_name="eu-west-1")

    assert refusal(there, _REFUSED_BY_GUESS[operation]) == refusal(there, _REFUSED["DeleteSecret"])


def test_each_secret_operation_has_a_defined_answer_on_a_replica(secrets_client):
    model = secrets_client.meta.service_model
    on_a_secret = {
        name
        for name in OPERATIONS.keys() & operations().keys()
        if "SecretId" in model.operation_model(name).input_shape.required_members
    }

    refused = {name.split()[0] for name in (*_REFUSED, *_REFUSED_BY_GUESS)}

    assert on_a_secret <= refused | _ANSWERED | _OF_NEWER_MODELS


@behaviour(
    REPLICA,
    "the refusal comes before tokens, labels and documents are checked",
    "GUESS",
    "state comes first",
    decided_by="a second Region",
)
@rows(
    "call",
    [
        lambda client: client.put_secret_value(SecretId="db", SecretString="other", ClientRequestToken=V1),
        lambda client: client.update_secret(SecretId="db", SecretString="other", ClientRequestToken=V1),
        lambda client: client.put_resource_policy(SecretId="db", ResourcePolicy="not a policy"),
    ],
)
def test_the_replica_check_comes_first(client, elsewhere, db, call):
    assert refusal(elsewhere, call) == READ_ONLY


@behaviour(REPLICA, "a primary's ARN is not found in the replica's Region", "REPORTED", "GitHub aws/aws-cli#3474")
def test_a_primarys_arn_is_not_found_in_the_replicas_region(client, elsewhere, secrets_backend, db):
    before = snapshot(secrets_backend)

    with pytest.raises(elsewhere.exceptions.ResourceNotFoundException):
        elsewhere.put_secret_value(SecretId=db, SecretString="three")

    assert snapshot(secrets_backend) == before
    assert stored(secrets_backend).replicas.keys() == {"eu-west-1"}
