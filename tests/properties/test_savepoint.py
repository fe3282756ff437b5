"""Whatever somebody does at a savepoint leaves no trace, and nothing to stumble over afterwards."""

import json
from contextlib import suppress
from datetime import datetime, timezone

from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from traces import everything

from mock_secrets import mock_secrets
from mock_secrets.direct.kms import NoSuchKey

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
NAMES = ["db", "api"]
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OPEN = {"Version": "2012-10-17", "Statement": [{**POLICY["Statement"][0], "Principal": "*"}]}


def rotator(client):
    def handler(event, context):
        secret, token = event["SecretId"], event["ClientRequestToken"]
        if event["Step"] == "createSecret":
            client.put_secret_value(
                SecretId=secret, ClientRequestToken=token, SecretString="new", VersionStages=["AWSPENDING"]
            )
        if event["Step"] == "finishSecret":
            stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
            current = next(version for version, labels in stages.items() if "AWSCURRENT" in labels)
            client.update_secret_version_stage(
                SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
            )

    return handler


STEPS = {
    "create": lambda backend, client, name: client.create_secret(Name=name, SecretString="1"),
    "update": lambda backend, client, name: client.update_secret(SecretId=name, SecretString="2", Description="d"),
    "put": lambda backend, client, name: client.put_secret_value(SecretId=name, SecretString="3", VersionStages=["x"]),
    "read": lambda backend, client, name: client.get_secret_value(SecretId=name),
    "delete": lambda backend, client, name: client.delete_secret(SecretId=name, RecoveryWindowInDays=7),
    "force": lambda backend, client, name: client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True),
    "restore": lambda backend, client, name: client.restore_secret(SecretId=name),
    "tag": lambda backend, client, name: client.tag_resource(SecretId=name, Tags=[{"Key": "a", "Value": "b"}]),
    "untag": lambda backend, client, name: client.untag_resource(SecretId=name, TagKeys=["a"]),
    "policy": lambda backend, client, name: client.put_resource_policy(SecretId=name, ResourcePolicy=json.dumps(OPEN)),
    "no policy": lambda backend, client, name: client.delete_resource_policy(SecretId=name),
    "replicate": lambda backend, client, name: client.replicate_secret_to_regions(
        SecretId=name, AddReplicaRegions=[{"Region": "eu-west-1"}], ForceOverwriteReplicaSecret=True
    ),
    "unreplicate": lambda backend, client, name: client.remove_regions_from_replication(
        SecretId=name, RemoveReplicaRegions=["eu-west-1"]
    ),
    "rotate": lambda backend, client, name: client.rotate_secret(
        SecretId=name,
        RotationLambdaARN=backend.register_rotation_lambda("rotator", rotator(client)),
        RotationRules={"AutomaticallyAfterDays": 1},
    ),
    "cancel": lambda backend, client, name: client.cancel_rotate_secret(SecretId=name),
    "wait": lambda backend, client, name: backend.clock.advance(days=3),
    "key": lambda backend, client, name: backend.kms.create_key(alias="alias/app"),
    "encrypt": lambda backend, client, name: client.update_secret(SecretId=name, KmsKeyId="alias/app"),
    "disable": lambda backend, client, name: backend.kms["alias/app"].disable(),
    "user": lambda backend, client, name: backend.iam.create_user(name, POLICY).client().list_secrets(),
    "nested": lambda backend, client, name: nest(backend, client),
}


def nest(backend, client):
    with backend.savepoint():
        walk(backend, client, [("create", "nested"), ("force", "db"), ("wait", "db")])


def walk(backend, client, steps):
    for step, name in steps:
        with suppress(ClientError, NoSuchKey, ValueError):
            STEPS[step](backend, client, name)


steps = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from(NAMES)), max_size=12)


@given(before=steps, inside=steps)
def test_any_sequence_of_calls_at_a_savepoint_leaves_no_trace(before, inside):
    with mock_secrets(at=START) as backend:
        client = backend.client(config=Config(retries={"total_max_attempts": 1}))
        backend.clock.now()
        walk(backend, client, [("create", "db"), *before])
        seen = everything(backend)

        with backend.savepoint():
            walk(backend, client, inside)

        assert everything(backend) == seen
