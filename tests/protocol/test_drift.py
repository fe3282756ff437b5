"""The table of operations beside the service's model: what botocore adds to it is noticed, and never made up."""

import ast
import copy
import inspect
from pathlib import Path

import pytest
from botocore.model import ServiceModel
from conformance.raw import members, post
from tables import rows

import mock_secrets
from mock_secrets.kernel import errors
from mock_secrets.kernel.codes import AWSError
from mock_secrets.operations import OPERATIONS
from mock_secrets.protocol import shapes
from mock_secrets.protocol.shapes import operations, service_model

OPERATIONS_OF_THE_SERVICE = {
    "BatchGetSecretValue",
    "CancelRotateSecret",
    "CreateSecret",
    "DeleteResourcePolicy",
    "DeleteSecret",
    "DescribeSecret",
    "GetRandomPassword",
    "GetResourcePolicy",
    "GetSecretValue",
    "ListSecretVersionIds",
    "ListSecrets",
    "PutResourcePolicy",
    "PutSecretValue",
    "RemoveRegionsFromReplication",
    "ReplicateSecretToRegions",
    "RestoreSecret",
    "RotateSecret",
    "StopReplicationToReplica",
    "TagResource",
    "UntagResource",
    "UpdateSecret",
    "UpdateSecretVersionStage",
    "ValidateResourcePolicy",
}
# What botocore did not know yet before 1.44.2.
LATER_OPERATIONS = {"AssociateCrossAccountReplica", "DisassociateCrossAccountReplica", "ListResourcePolicies"}
KNOWN = sorted(OPERATIONS.keys() & operations().keys())

# What botocore 1.34 did not know yet.
LATER_MEMBERS = {
    ("CreateSecret", "cross_account_primary_arn"),
    ("CreateSecret", "type"),
    ("DeleteResourcePolicy", "policy_name"),
    ("GetResourcePolicy", "policy_name"),
    ("ListSecrets", "sort_by"),
    ("PutResourcePolicy", "policy_name"),
    ("PutSecretValue", "rotation_token"),
    ("RotateSecret", "external_secret_rotation_metadata"),
    ("RotateSecret", "external_secret_rotation_role_arn"),
    ("UpdateSecret", "type"),
}
OLDER_MODELS_LACK = {"PolicyName", "Type"}

ANSWERS = {
    "AssociateCrossAccountReplica": {"ARN", "CrossAccountReplicaARN", "ReplicationStatus"},
    "BatchGetSecretValue": {"SecretValues", "Errors", "NextToken"},
    "CancelRotateSecret": {"ARN", "Name", "VersionId"},
    "CreateSecret": {"ARN", "Name", "VersionId", "ReplicationStatus"},
    "DeleteResourcePolicy": {"ARN", "Name", "PolicyName"},
    "DeleteSecret": {"ARN", "Name", "DeletionDate"},
    "DescribeSecret": {
        "ARN",
        "Name",
        "Description",
        "KmsKeyId",
        "Type",
        "PrimaryRegion",
        "ReplicationStatus",
        "CreatedDate",
        "LastChangedDate",
        "LastAccessedDate",
        "DeletedDate",
        "VersionIdsToStages",
        "Tags",
    },
    "DisassociateCrossAccountReplica": {"ARN", "CrossAccountReplicaARN"},
    "GetRandomPassword": {"RandomPassword"},
    "GetResourcePolicy": {"ARN", "Name", "PolicyName", "ResourcePolicy"},
    "ListResourcePolicies": {"NextToken", "ResourcePolicies"},
    "GetSecretValue": {
        "ARN",
        "Name",
        "VersionId",
        "SecretString",
        "SecretBinary",
        "VersionStages",
        "CreatedDate",
    },
    "ListSecretVersionIds": {"ARN", "Name", "Versions", "NextToken"},
    "ListSecrets": {"SecretList", "NextToken"},
    "PutResourcePolicy": {"ARN", "Name", "PolicyName"},
    "PutSecretValue": {"ARN", "Name", "VersionId", "VersionStages"},
    "RemoveRegionsFromReplication": {"ARN", "ReplicationStatus"},
    "ReplicateSecretToRegions": {"ARN", "ReplicationStatus"},
    "RestoreSecret": {"ARN", "Name"},
    "RotateSecret": {"ARN", "Name", "VersionId"},
    "StopReplicationToReplica": {"ARN"},
    "TagResource": set(),
    "UntagResource": set(),
    "UpdateSecret": {"ARN", "Name", "VersionId"},
    "UpdateSecretVersionStage": {"ARN", "Name"},
    "ValidateResourcePolicy": {"PolicyValidationPassed", "ValidationErrors"},
}
# Those of two accounts are in the conformance tests.
NOT_CALLED_HERE = {"CancelRotateSecret", "RotateSecret", *LATER_OPERATIONS}
# What only rotation, other services and replicas in other accounts make an answer show.
ANSWERS_BESIDE = {
    "DescribeSecret": {
        "CrossAccountPrimary",
        "CrossAccountReplicas",
        "ExternalSecretRotationMetadata",
        "ExternalSecretRotationRoleArn",
        "LastRotatedDate",
        "NextRotationDate",
        "OwningService",
        "RotationEnabled",
        "RotationLambdaARN",
        "RotationRules",
    },
}

CODES_OF_THE_FRAMEWORK = {
    "AccessDeniedException",
    "MissingAuthenticationTokenException",
    "SerializationException",
    "ThrottlingException",
    "UnknownOperationException",
    "ValidationException",
}
CODES_NOT_YET = {"InternalServiceError", "PreconditionNotMetException"}

POLICY = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"},'
    ' "Action": "secretsmanager:GetSecretValue", "Resource": "*"}}'
)


def members_of(operation):
    shape = service_model().operation_model(operation).output_shape
    return set(shape.members) if shape else set()


def codes():
    """The error codes of this library: the classes directly below AWSError."""
    return {kind.code for kind in AWSError.__subclasses__()}


# --- Operations ---


def test_the_service_still_has_every_listed_operation():
    assert len(OPERATIONS_OF_THE_SERVICE | LATER_OPERATIONS) == 26
    assert operations().keys() >= OPERATIONS_OF_THE_SERVICE
    assert operations().keys() & LATER_OPERATIONS in (LATER_OPERATIONS, set())


def test_every_operation_is_in_the_table():
    assert OPERATIONS.keys() == OPERATIONS_OF_THE_SERVICE | LATER_OPERATIONS


def test_botocore_adds_no_unknown_operation_or_member():
    """What fails here names what a newer botocore has: it is refused as not supported until it is in the table."""
    members_there = {(name, member.argument) for name in KNOWN for member in operations()[name].members}
    members_here = {(name, argument) for name in KNOWN for argument in OPERATIONS[name].takes}

    assert operations().keys() - OPERATIONS.keys() == set()
    assert members_there - members_here == set()


# --- Parameters ---


@rows("operation", KNOWN)
def test_an_operation_accepts_only_members_of_its_request(operation):
    theirs = {member.argument for member in operations()[operation].members}
    ours = OPERATIONS[operation].takes

    assert {(operation, member) for member in ours - theirs} <= LATER_MEMBERS


@rows("operation", KNOWN)
def test_an_operation_needs_no_more_than_its_model_requires(operation):
    shape = operations()[operation]
    _, *parameters = inspect.signature(OPERATIONS[operation].perform).parameters.values()

    needed = {one.name for one in parameters if one.default is inspect.Parameter.empty}

    certain = {member.argument for member in shape.members if member.required or member.name == shape.token_member}
    assert needed <= certain


# --- A botocore of the future ---


@pytest.fixture
def answers_keep_to_the_model():
    """Here instead of the one of all tests, which looks into today's model."""


@pytest.fixture
def of_the_future(monkeypatch):
    """The model of a botocore that has an operation, and a member of UpdateSecret, which nobody knows today."""
    model = copy.deepcopy(service_model()._service_description)
    model["operations"]["PaintSecret"] = {**model["operations"]["DescribeSecret"], "name": "PaintSecret"}
    update = model["operations"]["UpdateSecret"]["input"]["shape"]
    model["shapes"][update]["members"]["Colour"] = {"shape": "NameType"}
    future = ServiceModel(model, "secretsmanager")
    monkeypatch.setattr(shapes, "service_model", lambda: future)
    operations.cache_clear()
    yield
    operations.cache_clear()


def test_a_future_operation_is_not_supported_yet(secrets_backend, of_the_future):
    secrets_backend.create("db", "one")

    with pytest.raises(NotImplementedError, match="the operation PaintSecret"):
        post("PaintSecret", {"SecretId": "db"})


def test_a_future_member_is_not_supported_yet(secrets_backend, of_the_future):
    secrets_backend.create("db", "one")

    with pytest.raises(NotImplementedError, match="the member colour of UpdateSecret"):
        post("UpdateSecret", {"SecretId": "db", "ClientRequestToken": "-" * 32, "Description": "new", "Colour": "red"})

    assert secrets_backend["db"].description == ""


def test_future_additions_do_not_affect_the_rest(secrets_backend, of_the_future):
    secrets_backend.create("db", "one")

    answer = post("UpdateSecret", {"SecretId": "db", "ClientRequestToken": "-" * 32, "Description": "new"})

    assert answer.status_code == 200
    assert secrets_backend["db"].description == "new"


# --- Answers ---


def test_the_listed_answers_match_the_table():
    assert ANSWERS.keys() == OPERATIONS.keys()


@rows("operation", KNOWN)
def test_an_answer_has_the_members_of_the_model(operation):
    theirs = members_of(operation)

    assert theirs - ANSWERS[operation] <= ANSWERS_BESIDE.get(operation, set())
    assert ANSWERS[operation] - theirs <= OLDER_MODELS_LACK


def test_every_listed_member_is_returned_by_some_call(secrets_client, secrets_backend):
    there = secrets_backend.client(region_name="eu-west-1")
    answered = {}

    def note(model, parsed, **_):
        answered.setdefault(model.name, set()).update(members(parsed))

    for client in (secrets_client, there):
        client.meta.events.register("after-call.secrets-manager", note)
    _make_every_answer(secrets_client, there)

    assert answered.keys() == ANSWERS.keys() - NOT_CALLED_HERE
    assert {
        name: ANSWERS[name] - found - OLDER_MODELS_LACK
        for name, found in answered.items()
        if ANSWERS[name] - found - OLDER_MODELS_LACK
    } == {}
    assert {name: found - ANSWERS[name] for name, found in answered.items() if found - ANSWERS[name]} == {}


def _make_every_answer(client, there):
    replica = [{"Region": "eu-west-1"}]
    tags = [{"Key": "a", "Value": "b"}]
    client.create_secret(
        Name="db",
        SecretString="one",
        Description="words",
        KmsKeyId="alias/mine",
        Tags=tags,
        AddReplicaRegions=replica,
        **({"Type": "GitLabAccessToken"} if "Type" in members_of("DescribeSecret") else {}),
    )
    client.create_secret(Name="other", SecretString="one")
    first = client.put_secret_value(SecretId="db", SecretString="two")["VersionId"]
    client.update_secret(SecretId="db", SecretBinary=b"three")
    client.update_secret_version_stage(SecretId="db", VersionStage="blue", MoveToVersionId=first)
    client.tag_resource(SecretId="db", Tags=tags)
    client.untag_resource(SecretId="db", TagKeys=["c"])
    client.put_resource_policy(SecretId="db", ResourcePolicy=POLICY)
    client.get_resource_policy(SecretId="db")
    client.validate_resource_policy(ResourcePolicy=POLICY)
    client.get_secret_value(SecretId="db")
    client.get_secret_value(SecretId="db", VersionId=first)
    client.list_secret_version_ids(SecretId="db", MaxResults=1)
    client.list_secrets(MaxResults=1)
    client.batch_get_secret_value(Filters=[{"Key": "description", "Values": ["!nothing"]}], MaxResults=1)
    client.get_random_password()
    client.describe_secret(SecretId="db")
    client.delete_resource_policy(SecretId="db")
    there.stop_replication_to_replica(SecretId="db")
    client.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "us-west-2"}])
    client.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=["us-west-2"])
    client.delete_secret(SecretId="db")
    client.describe_secret(SecretId="db")
    client.restore_secret(SecretId="db")


# --- Errors ---


def test_every_error_code_comes_from_the_model_or_the_framework():
    modelled = {shape.name for shape in service_model().error_shapes}

    assert codes() - modelled == CODES_OF_THE_FRAMEWORK
    assert modelled - codes() <= CODES_NOT_YET


def test_every_error_code_of_the_model_is_declared_by_an_operation():
    declared = {
        shape.name for name in OPERATIONS_OF_THE_SERVICE for shape in service_model().operation_model(name).error_shapes
    }

    assert codes() - CODES_OF_THE_FRAMEWORK <= declared


def test_every_error_message_belongs_to_one_code_and_is_used():
    named = {
        node.id
        for file in Path(mock_secrets.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    sentences = {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, AWSError) and "sentence" in vars(kind)
    }

    assert sentences.keys() <= named
    assert all(kind.code in codes() for kind in sentences.values())
