"""``pace="aws"``: what AWS does some time later is done some time later, and what is given in Limits wins."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.policies import policy
from tables import rows

from mock_secrets import Limits, mock_secrets

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
TOKEN = "0" * 32

PACE = 'AWS\'s pace, pace="aws"'
LAGGING = "GitHub hashicorp/terraform-provider-aws#10259, #18406; boto/boto3#3206"
UNKNOWN = "no source tells how long"


def code(call, **params):
    with pytest.raises(ClientError) as refused:
        call(**params)
    return refused.value.response["Error"]["Code"]


@pytest.fixture
def backend():
    with mock_secrets(at=NOON, pace="aws", secrets={"db": "s3cret"}) as backend:
        yield backend


@pytest.fixture
def client(backend):
    return backend.client()


@behaviour(
    PACE,
    "a secret deleted by force is described for 5 seconds",
    "AWS-VERIFIED",
    "recordings of GitHub google/go-cloud, runtimevar/awssecretsmanager",
)
@behaviour(PACE, "its name stays taken just as long", "REPORTED", LAGGING)
def test_a_force_deleted_secret_stays_visible_and_keeps_its_name_for_a_few_seconds(backend, client):
    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    assert client.describe_secret(SecretId="db")["DeletedDate"]
    assert code(client.create_secret, Name="db", SecretString="1") == "InvalidRequestException"
    assert len(backend.cloudtrail.lookup(name="EndSecretVersionDelete")) == 0

    backend.clock.advance(seconds=5)
    assert code(client.describe_secret, SecretId="db") == "ResourceNotFoundException"
    assert len(backend.cloudtrail.lookup(name="EndSecretVersionDelete")) == 1
    client.create_secret(Name="db", SecretString="1")


@behaviour(PACE, "a rotation runs after RotateSecret has returned", "AWS-DOC", "User Guide, how rotation works")
@behaviour(PACE, "a rotation starts 2 seconds after RotateSecret", "GUESS", UNKNOWN, decided_by="a rotation function")
def test_a_rotation_runs_after_rotate_secret_has_returned(backend, client):
    steps = []
    arn = backend.register_rotation_lambda("rotator", lambda event, context: steps.append(event["Step"]))

    client.rotate_secret(SecretId="db", RotationLambdaARN=arn, ClientRequestToken=TOKEN)

    assert (steps, backend["db"].stages["AWSPENDING"].id) == ([], TOKEN)
    backend.clock.advance(seconds=2)
    assert steps[0] == "createSecret"


@behaviour(PACE, "a replica is InProgress for 5 seconds", "GUESS", UNKNOWN, decided_by="a second Region")
def test_a_replica_is_in_progress_for_a_few_seconds(backend, client):
    made = client.create_secret(Name="api", SecretString="1", AddReplicaRegions=[{"Region": "eu-west-1"}])

    assert made["ReplicationStatus"][0]["Status"] == "InProgress"
    backend.clock.advance(seconds=5)
    assert client.describe_secret(SecretId="api")["ReplicationStatus"][0]["Status"] == "InSync"


@behaviour(
    PACE, "a principal that was created seconds ago is refused in a policy", "REPORTED", "GitHub boto/boto3#3206"
)
@behaviour(
    PACE,
    "a new principal is refused in a resource policy for 10 seconds",
    "GUESS",
    UNKNOWN,
    decided_by="a second principal",
)
def test_a_policy_naming_a_principal_created_seconds_ago_is_refused(backend, client):
    user = backend.iam.create_user("app")
    named = json.dumps(policy(Principal={"AWS": user.arn}))

    assert code(client.put_resource_policy, SecretId="db", ResourcePolicy=named) == "MalformedPolicyDocumentException"

    backend.clock.advance(seconds=10)
    client.put_resource_policy(SecretId="db", ResourcePolicy=named)


@behaviour(
    PACE,
    "ListSecrets returns short and empty pages",
    "REPORTED",
    "AWS API reference of 2018; GitHub aws/aws-sdk-js#2774",
)
@behaviour(
    PACE,
    "one short page in five is empty, and the first never is",
    "GUESS",
    "no source tells how many",
    decided_by="AWS's internals",
)
def test_short_or_empty_pages_neither_lose_nor_repeat_entries(backend, client):
    names = {f"secret-{number:02}" for number in range(40)}
    backend.seed(dict.fromkeys(names, "1"))

    pages = list(client.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 10}))

    sizes = [len(page["SecretList"]) for page in pages]
    assert 0 in sizes
    assert max(sizes) <= 10
    assert len(set(sizes)) > 2
    assert sorted(secret["Name"] for page in pages for secret in page["SecretList"]) == ["db", *sorted(names)]
    assert code(client.list_secrets, NextToken="none") == "InvalidNextTokenException"


@mock_secrets(
    at=NOON,
    pace="aws",
    secrets={"db": "s3cret"},
    limits=Limits(
        deletion_delay=timedelta(0),
        rotation_delay=timedelta(0),
        replication_delay=timedelta(0),
        principal_delay=timedelta(0),
        short_pages=False,
    ),
)
def test_an_explicit_setting_takes_precedence(secrets_backend):
    client = secrets_backend.client()
    made = client.create_secret(Name="api", SecretString="1", AddReplicaRegions=[{"Region": "eu-west-1"}])
    user = secrets_backend.iam.create_user("app")
    named = json.dumps(policy(Principal={"AWS": user.arn}))

    client.put_resource_policy(SecretId="db", ResourcePolicy=named)
    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    assert client.describe_secret(SecretId=made["ARN"])["ReplicationStatus"][0]["Status"] == "InSync"
    assert "db" not in secrets_backend
    assert "NextToken" not in client.list_secrets()


def test_nothing_is_delayed_unless_requested():
    assert Limits().at_pace("instant") == Limits()
    assert Limits(rotation_delay=timedelta(0)).at_pace("aws").rotation_delay == timedelta(0)


@rows(
    "given, error",
    [
        ({"principal_delay": 5}, TypeError),
        ({"rotation_delay": timedelta(-1)}, ValueError),
        ({"short_pages": 1}, TypeError),
    ],
)
def test_an_invalid_delay_is_refused(given, error):
    with pytest.raises(error, match=next(iter(given))):
        Limits(**given)


def test_an_unknown_pace_is_a_value_error():
    with pytest.raises(ValueError, match="pace takes 'instant' or 'aws', not 'slow'"):
        mock_secrets(pace="slow")
