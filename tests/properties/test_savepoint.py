"""Whatever somebody does at a savepoint leaves no trace, and nothing to stumble over afterwards."""

import json
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from enum import Enum
from types import FunctionType, MethodType

from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from mock_secrets import SecretsBackend, mock_secrets
from mock_secrets.direct.kms import NoSuchKey
from mock_secrets.kernel.lock import BackendLock

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
NAMES = ["db", "api"]
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OPEN = {"Version": "2012-10-17", "Statement": [{**POLICY["Statement"][0], "Principal": "*"}]}
# Worked out of the state when somebody asks, and kept: no part of it.
WORKED_OUT = {"_query", "_kept"}
PLAIN = (str, bytes, int, float, type(None), datetime, timedelta, Enum, FunctionType, MethodType, type)


def traces(value, seen=None):
    """All that can be reached from a value, as plain values in their order."""
    seen = {} if seen is None else seen
    if isinstance(value, PLAIN):
        return repr(value) if callable(value) else value
    if id(value) in seen or isinstance(value, BackendLock):
        return f"again {type(value).__name__}"
    seen[id(value)] = value
    if isinstance(value, dict):
        return [(traces(key, seen), traces(one, seen)) for key, one in _items(value)]
    if isinstance(value, list | tuple):
        return [traces(one, seen) for one in value]
    if isinstance(value, set | frozenset):
        return sorted(map(repr, value))
    names = [*getattr(value, "__dict__", {}), *(name for kind in type(value).__mro__ for name in _slots(kind))]
    return type(value).__name__, [
        (name, traces(getattr(value, name, None), seen)) for name in names if name not in WORKED_OUT
    ]


def _items(mapping):
    if getattr(mapping, "_ordered", True):
        return mapping.items()
    return sorted(mapping.items(), key=lambda pair: getattr(pair[0], "arn", pair[0]))


def _slots(kind):
    slots = getattr(kind, "__slots__", ())
    return [slots] if isinstance(slots, str) else slots


def everything(backend: SecretsBackend):
    service = backend.service
    return traces(
        [service.state, service.due, service.calls, service.clock.saved(), service.state.ids.random.getstate()]
    )


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
def test_any_walk_at_a_savepoint_leaves_no_trace(before, inside):
    with mock_secrets(at=START) as backend:
        client = backend.client(config=Config(retries={"total_max_attempts": 1}))
        backend.clock.now()
        walk(backend, client, [("create", "db"), *before])
        seen = everything(backend)

        with backend.savepoint():
            walk(backend, client, inside)

        assert everything(backend) == seen
