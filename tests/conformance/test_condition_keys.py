"""Condition keys: which a call has, with which values, and when it has none."""

from datetime import datetime, timezone
from typing import Any, NamedTuple

import pytest
from conformance.callers import (
    ACCOUNT,
    CALLS,
    DENIED,
    KEY,
    SAR,
    allowing,
    code_of,
    denying,
    document,
    only,
    skip_where_botocore_lacks,
)
from conformance.fidelity import behaviour
from conformance.raw import stored
from conformance.rotation_functions import NAME, idle
from tables import rows

CONDITIONS = "Any operation: condition keys"
GLOBAL = "IAM User Guide, AWS global condition context keys"
ABAC = "AWS User Guide, control access to secrets using attribute-based access control (ABAC)"
VERSION_STAGE = "GitHub boto/boto3#2957"
CLI_5031 = "GitHub aws/aws-cli#5031; boto/boto3#2957"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
V1 = "11111111-1111-4111-8111-111111111111"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{NAME}"
OTHER_FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:other"
EXTERNAL_ROLE = f"arn:aws:iam::{ACCOUNT}:role/rotates-elsewhere"
WITH_SECRET = sorted(operation for operation, request in CALLS.items() if "SecretId" in request)
CORE = [{"Key": "team", "Value": "core"}]

at_noon = pytest.mark.mock_secrets(at=NOON)


@pytest.fixture
def db(client):
    """A secret "db" with a tag."""
    return client.create_secret(
        Name="db", SecretString="one", ClientRequestToken=V1, Tags=[{"Key": "stage", "Value": "prod"}]
    )["ARN"]


def key(name):
    return f"secretsmanager:{name}"


def code_when(app, operation, request, **when):
    """The code of a call that its caller may make under a condition alone."""
    app.set_policy(only(operation, **when))
    return code_of(app.client(), operation, **request)


# --- The arguments of a call ---


class Argument(NamedTuple):
    """An argument, what its key is compared with, and a value that is the call's and one that is not."""

    operation: str
    request: dict[str, Any]
    operator: str
    name: str
    right: str
    wrong: str

    def __str__(self) -> str:
        return f"{self.operation} {self.name}"

    def when(self, value: str) -> dict[str, Any]:
        return {self.operator: {key(self.name): value}}


ARGUMENTS = [
    Argument("CreateSecret", {"Description": "d"}, "StringEquals", "Description", "d", "e"),
    Argument("CreateSecret", {"KmsKeyId": KEY}, "StringEquals", "KmsKeyId", KEY, "alias/app"),
    Argument("CreateSecret", {"KmsKeyId": "alias/app"}, "StringEquals", "KmsKeyId", "alias/app", KEY),
    Argument("CreateSecret", {"KmsKeyId": KEY}, "ArnEquals", "KmsKeyArn", KEY, f"{KEY[:-1]}f"),
    Argument("CreateSecret", {"KmsKeyId": KEY.rpartition("/")[2]}, "ArnEquals", "KmsKeyArn", KEY, f"{KEY[:-1]}f"),
    Argument(
        "CreateSecret", {"Type": "SalesforceClientSecret"}, "StringEquals", "Type", "SalesforceClientSecret", "Other"
    ),
    Argument(
        "CreateSecret",
        {"AddReplicaRegions": [{"Region": "eu-west-1"}]},
        "ForAnyValue:StringEquals",
        "AddReplicaRegions",
        "eu-west-1",
        "eu-west-2",
    ),
    Argument(
        "CreateSecret",
        {"AddReplicaRegions": [{"Region": "eu-west-1"}], "ForceOverwriteReplicaSecret": True},
        "Bool",
        "ForceOverwriteReplicaSecret",
        "true",
        "false",
    ),
    Argument("UpdateSecret", {"Description": "d"}, "StringEquals", "Description", "d", "e"),
    Argument("UpdateSecret", {"KmsKeyId": KEY}, "StringEquals", "KmsKeyId", KEY, "alias/app"),
    Argument("UpdateSecret", {"KmsKeyId": KEY}, "ArnEquals", "KmsKeyArn", KEY, f"{KEY[:-1]}f"),
    Argument(
        "UpdateSecret", {"Type": "SalesforceClientSecret"}, "StringEquals", "Type", "SalesforceClientSecret", "Other"
    ),
    Argument(
        "DeleteSecret",
        {"ForceDeleteWithoutRecovery": True},
        "Bool",
        "ForceDeleteWithoutRecovery",
        "true",
        "false",
    ),
    Argument("DeleteSecret", {"RecoveryWindowInDays": 7}, "NumericLessThan", "RecoveryWindowInDays", "8", "7"),
    Argument(
        "GetSecretValue", {"VersionId": V1}, "StringEquals", "VersionId", V1, "22222222-2222-4222-8222-222222222222"
    ),
    Argument(
        "GetSecretValue", {"VersionStage": "AWSCURRENT"}, "StringEquals", "VersionStage", "AWSCURRENT", "AWSPREVIOUS"
    ),
    Argument("PutResourcePolicy", {"BlockPublicPolicy": True}, "Bool", "BlockPublicPolicy", "true", "false"),
    Argument(
        "RotateSecret", {"RotationLambdaARN": FUNCTION}, "ArnEquals", "RotationLambdaARN", FUNCTION, OTHER_FUNCTION
    ),
    Argument(
        "RotateSecret",
        {"RotationLambdaARN": FUNCTION, "RotationRules": {"AutomaticallyAfterDays": 30}},
        "Bool",
        "ModifyRotationRules",
        "true",
        "false",
    ),
    Argument(
        "RotateSecret",
        {"RotationLambdaARN": FUNCTION, "RotateImmediately": False},
        "Bool",
        "RotateImmediately",
        "false",
        "true",
    ),
    Argument(
        "RotateSecret",
        {"ExternalSecretRotationRoleArn": EXTERNAL_ROLE},
        "ArnEquals",
        "ExternalSecretRotationRoleArn",
        EXTERNAL_ROLE,
        f"arn:aws:iam::{ACCOUNT}:role/other",
    ),
    Argument(
        "ReplicateSecretToRegions",
        {"ForceOverwriteReplicaSecret": True},
        "Bool",
        "ForceOverwriteReplicaSecret",
        "true",
        "false",
    ),
]

ALWAYS_SENT = [
    Argument("CreateSecret", {}, "StringLike", "Name", "ne*", "db*"),
    Argument("UpdateSecretVersionStage", {}, "StringEquals", "VersionStage", "BLUE", "AWSCURRENT"),
    Argument("ReplicateSecretToRegions", {}, "ForAnyValue:StringEquals", "AddReplicaRegions", "eu-west-1", "eu-west-2"),
]


@behaviour(CONDITIONS, "the service's own keys have the values in the request", "AWS-DOC", SAR)
@rows("argument", ARGUMENTS + ALWAYS_SENT)
def test_a_condition_key_has_the_value_of_its_argument(db, app, secrets_backend, argument):
    secrets_backend.register_rotation_lambda(NAME, idle)
    request = CALLS[argument.operation] | argument.request
    skip_where_botocore_lacks(argument.operation, request)

    assert code_when(app, argument.operation, request, **argument.when(argument.wrong)) == DENIED
    assert code_when(app, argument.operation, request, **argument.when(argument.right)) != DENIED


@behaviour(
    "GetSecretValue",
    "VersionStage is absent unless it was sent, even though AWSCURRENT is meant",
    "REPORTED",
    VERSION_STAGE,
)
@behaviour(CONDITIONS, "the key of an argument that wasn't sent is absent", "REPORTED", CLI_5031)
@rows("argument", ARGUMENTS)
def test_the_key_of_an_omitted_argument_is_absent(db, app, argument):
    request = {name: value for name, value in CALLS[argument.operation].items() if name not in argument.request}

    assert code_when(app, argument.operation, request, Null={key(argument.name): "false"}) == DENIED
    assert code_when(app, argument.operation, request, Null={key(argument.name): "true"}) != DENIED


@behaviour(
    "GetSecretValue", "a Deny of all stages but one also affects calls without a stage", "REPORTED", VERSION_STAGE
)
def test_a_negated_stage_condition_matches_calls_without_a_stage(db, app):
    but_current = {"StringNotEquals": {key("VersionStage"): "AWSCURRENT"}}
    app.set_policy(document(allowing("*"), denying("GetSecretValue", when=but_current)))

    assert code_of(app.client(), "GetSecretValue", SecretId="db") == DENIED
    assert code_of(app.client(), "GetSecretValue", SecretId="db", VersionStage="AWSCURRENT") is None


@behaviour(CONDITIONS, "SecretId is the id in the request", "AWS-DOC", SAR)
@rows("operation", sorted(set(WITH_SECRET) - {"TagResource", "UntagResource"}))
def test_the_secret_id_key_is_the_id_in_the_request(db, app, operation):
    assert code_when(app, operation, CALLS[operation], StringEquals={key("SecretId"): "other"}) == DENIED
    assert code_when(app, operation, CALLS[operation], StringEquals={key("SecretId"): "db"}) != DENIED


@behaviour("GetSecretValue", "SecretId is an ARN if an ARN was sent", "AWS-DOC", SAR)
def test_the_secret_id_key_is_an_arn_if_one_was_sent(db, app):
    app.set_policy(only("GetSecretValue", ArnLike={key("SecretId"): f"{db[:-6]}??????"}))

    assert code_of(app.client(), "GetSecretValue", SecretId="db") == DENIED
    assert code_of(app.client(), "GetSecretValue", SecretId=db) is None


# --- Tags of the request ---


@behaviour("CreateSecret", "aws:RequestTag has the tags of the request", "AWS-DOC", SAR)
@rows("action", ["CreateSecret", "TagResource"])
def test_create_has_request_tags(app, action):
    app.set_policy(only(action, StringEquals={"aws:RequestTag/team": "core"}))
    client = app.client()

    assert code_of(client, "CreateSecret", Name="new", Tags=[{"Key": "team", "Value": "web"}]) == DENIED
    assert code_of(client, "CreateSecret", Name="new", Tags=[{"Key": "other", "Value": "core"}]) == DENIED
    assert code_of(client, "CreateSecret", Name="new", Tags=CORE) is None


@behaviour("CreateSecret", "without tags aws:RequestTag is absent", "AWS-DOC", GLOBAL)
def test_create_secret_without_tags_has_no_request_tag_keys(app):
    app.set_policy(only("CreateSecret", StringEquals={"aws:RequestTag/team": "core"}))

    assert code_of(app.client(), "CreateSecret", Name="new") == DENIED


@behaviour("CreateSecret", "ReplicateSecretToRegions is authorized with the Regions in the request", "AWS-DOC", SAR)
def test_create_with_replicas_is_checked_with_their_regions(app):
    regions = {"ForAllValues:StringEquals": {key("AddReplicaRegions"): ["eu-west-1"]}}
    app.set_policy(only("ReplicateSecretToRegions", **regions))
    client = app.client()

    assert code_of(client, "CreateSecret", Name="new", AddReplicaRegions=[{"Region": "eu-west-2"}]) == DENIED
    assert code_of(client, "CreateSecret", Name="new", AddReplicaRegions=[{"Region": "eu-west-1"}]) is None


@behaviour(CONDITIONS, "aws:TagKeys has the keys of the request's tags", "AWS-DOC", SAR)
@rows(
    "operation, known, unknown",
    [
        ("CreateSecret", {"Tags": CORE}, {"Tags": [*CORE, {"Key": "cost", "Value": "1"}]}),
        ("TagResource", {"Tags": CORE}, {"Tags": [*CORE, {"Key": "cost", "Value": "1"}]}),
        ("UntagResource", {"TagKeys": ["team"]}, {"TagKeys": ["team", "cost"]}),
    ],
)
def test_the_tag_keys_condition_has_the_keys_of_the_requests_tags(db, app, operation, known, unknown):
    app.set_policy(only(operation, **{"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"]}}))
    client = app.client()

    assert code_of(client, operation, **{**CALLS[operation], **unknown}) == DENIED
    assert code_of(client, operation, **{**CALLS[operation], **known}) is None


# --- The secret ---


@behaviour(CONDITIONS, "aws:ResourceTag has the secret's tags", "AWS-DOC", SAR)
@behaviour(CONDITIONS, "secretsmanager:ResourceTag has the secret's tags", "AWS-DOC", SAR)
@rows("prefix", ["aws:ResourceTag", "secretsmanager:ResourceTag"])
@rows("operation", WITH_SECRET)
def test_the_resource_tag_condition_has_the_secrets_tags(db, app, operation, prefix):
    assert code_when(app, operation, CALLS[operation], StringEquals={f"{prefix}/stage": "test"}) == DENIED
    assert code_when(app, operation, CALLS[operation], StringEquals={f"{prefix}/stage": "prod"}) != DENIED


@behaviour("GetSecretValue", "a tag counts from the next call on", "AWS-DOC", ABAC)
def test_a_tag_takes_effect_on_the_next_call(client, db, app):
    app.set_policy(only("GetSecretValue", StringEquals={"aws:ResourceTag/team": "core"}))
    before = code_of(app.client(), "GetSecretValue", SecretId="db")
    client.tag_resource(SecretId="db", Tags=CORE)
    tagged = code_of(app.client(), "GetSecretValue", SecretId="db")
    client.untag_resource(SecretId="db", TagKeys=["team"])

    assert (before, tagged) == (DENIED, None)
    assert code_of(app.client(), "GetSecretValue", SecretId="db") == DENIED


@behaviour(CONDITIONS, "resource/AllowRotationLambdaArn is the function that rotates the secret", "AWS-DOC", SAR)
def test_a_condition_key_has_the_secrets_rotation_function(client, db, app, secrets_backend):
    function = secrets_backend.register_rotation_lambda(NAME, idle)
    app.set_policy(only("DescribeSecret", ArnEquals={key("resource/AllowRotationLambdaArn"): function}))
    without = code_of(app.client(), "DescribeSecret", SecretId="db")
    client.rotate_secret(SecretId="db", RotationLambdaARN=function)

    assert without == DENIED
    assert code_of(app.client(), "DescribeSecret", SecretId="db") is None


@behaviour(CONDITIONS, "resource/Type is the secret's type", "AWS-DOC", SAR)
def test_the_resource_type_condition_has_the_secrets_type(db, app, secrets_backend):
    app.set_policy(only("DescribeSecret", StringEquals={key("resource/Type"): "SalesforceClientSecret"}))
    without = code_of(app.client(), "DescribeSecret", SecretId="db")
    stored(secrets_backend).type = "SalesforceClientSecret"

    assert without == DENIED
    assert code_of(app.client(), "DescribeSecret", SecretId="db") is None


@behaviour(CONDITIONS, "SecretPrimaryRegion of a replica is its primary's Region", "AWS-DOC", SAR)
@at_noon
def test_the_primary_region_condition_of_a_replica_has_its_primarys_region(client, db, app, secrets_backend):
    client.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])
    secrets_backend.clock.advance(hours=1)
    there = app.client(region="eu-west-1")
    app.set_policy(only("GetSecretValue", StringEquals={key("SecretPrimaryRegion"): "eu-west-1"}))
    refused = code_of(there, "GetSecretValue", SecretId="db")
    app.set_policy(only("GetSecretValue", StringEquals={key("SecretPrimaryRegion"): "us-east-1"}))

    assert refused == DENIED
    assert code_of(there, "GetSecretValue", SecretId="db") is None


@behaviour(CONDITIONS, "aws:ResourceAccount is the secret's account", "AWS-DOC", GLOBAL)
def test_the_resource_account_condition_has_the_secrets_account(client, db, app):
    describe = "DescribeSecret", {"SecretId": "db"}

    assert code_when(app, *describe, StringNotEquals={"aws:ResourceAccount": ACCOUNT}) == DENIED
    assert code_when(app, *describe, StringEquals={"aws:ResourceAccount": ACCOUNT}) is None
