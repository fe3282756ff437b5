"""Policies of callers, and the least call of each operation."""

from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from conformance.raw import snapshot, stored

from mock_secrets import SecretsBackend
from mock_secrets.protocol.shapes import operations, service_model

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "111122223333"
DENIED = "AccessDeniedException"
SAR = "Service Authorization Reference, AWS Secrets Manager"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
EMPTY_POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}'

THERE = f"arn:aws:secretsmanager:us-east-1:{OTHER_ACCOUNT}:secret:db-a1b2c3"

_CALLS: dict[str, dict[str, Any]] = {
    "AssociateCrossAccountReplica": {"SecretId": "db", "CrossAccountReplicaARN": THERE},
    "BatchGetSecretValue": {"SecretIdList": ["db"]},
    "CancelRotateSecret": {"SecretId": "db"},
    "CreateSecret": {"Name": "new"},
    "DeleteResourcePolicy": {"SecretId": "db"},
    "DeleteSecret": {"SecretId": "db"},
    "DescribeSecret": {"SecretId": "db"},
    "DisassociateCrossAccountReplica": {"SecretId": "db", "CrossAccountReplicaARN": THERE},
    "GetRandomPassword": {},
    "GetResourcePolicy": {"SecretId": "db"},
    "GetSecretValue": {"SecretId": "db"},
    "ListResourcePolicies": {"SecretId": "db"},
    "ListSecretVersionIds": {"SecretId": "db"},
    "ListSecrets": {},
    "PutResourcePolicy": {"SecretId": "db", "ResourcePolicy": EMPTY_POLICY},
    "PutSecretValue": {"SecretId": "db", "SecretString": "two"},
    "RemoveRegionsFromReplication": {"SecretId": "db", "RemoveReplicaRegions": ["eu-west-1"]},
    "ReplicateSecretToRegions": {"SecretId": "db", "AddReplicaRegions": [{"Region": "eu-west-1"}]},
    "RestoreSecret": {"SecretId": "db"},
    "RotateSecret": {"SecretId": "db"},
    "StopReplicationToReplica": {"SecretId": "db"},
    "TagResource": {"SecretId": "db", "Tags": [{"Key": "team", "Value": "core"}]},
    "UntagResource": {"SecretId": "db", "TagKeys": ["team"]},
    "UpdateSecret": {"SecretId": "db", "Description": "changed"},
    "UpdateSecretVersionStage": {"SecretId": "db", "VersionStage": "BLUE"},
    "ValidateResourcePolicy": {"SecretId": "db", "ResourcePolicy": EMPTY_POLICY},
}

#: The least that each operation takes, about a secret "db" or a new one "new"; of the operations that botocore knows.
CALLS = {operation: request for operation, request in _CALLS.items() if operation in operations()}

WITHOUT_RESOURCE = ("BatchGetSecretValue", "GetRandomPassword", "ListSecrets")

#: What an operation needs besides its own action for its call of the table.
ALSO = {
    "AssociateCrossAccountReplica": ("GetSecretValue",),
    "BatchGetSecretValue": ("GetSecretValue",),
    "ValidateResourcePolicy": ("PutResourcePolicy",),
}


def call(client: Any, operation: str, **request: Any) -> Any:
    return getattr(client, xform_name(operation))(**request)


def code_of(client: Any, operation: str, **request: Any) -> str | None:
    """The code of the error that a call is answered with; None for none."""
    try:
        call(client, operation, **request)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def named(name: str, region: str = "us-east-1", account_id: str = ACCOUNT) -> str:
    """How a policy names a secret, without knowing its suffix."""
    return f"arn:aws:secretsmanager:{region}:{account_id}:secret:{name}-??????"


def allowing(*actions: str, on: str | list[str] = "*", when: dict[str, Any] | None = None) -> dict[str, Any]:
    """A statement. An action without a service is one of Secrets Manager."""
    return _statement("Allow", actions, on, when)


def denying(*actions: str, on: str | list[str] = "*", when: dict[str, Any] | None = None) -> dict[str, Any]:
    return _statement("Deny", actions, on, when)


def granted(actions: list[str], *resources: str, **condition: Any) -> dict[str, Any]:
    """A statement as the mock writes it: every member that may be a list is one."""
    return _statement("Allow", tuple(actions), list(resources), condition)


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def only(operation: str, **when: Any) -> dict[str, Any]:
    """A policy that allows one operation under a condition, and all others without."""
    others = sorted(set(CALLS) - {operation})
    return document(allowing(*others, "kms:*", "lambda:*", "iam:*"), allowing(operation, when=when))


def everything(backend: SecretsBackend) -> list[Any]:
    """All that a refused call must leave as it was."""
    return [
        (snapshot(backend, secret.name), held.policy, held.rotation, dict(held.replicas))
        for secret in backend
        for held in [stored(backend, secret.name)]
    ]


def _statement(
    effect: str, actions: tuple[str, ...], on: str | list[str], when: dict[str, Any] | None
) -> dict[str, Any]:
    qualified = [action if ":" in action or action == "*" else f"secretsmanager:{action}" for action in actions]
    return {"Effect": effect, "Action": qualified, "Resource": on, **({"Condition": when} if when else {})}


def skip_where_botocore_lacks(operation, members):
    """An older botocore does not know every member of today's requests."""
    known = service_model().operation_model(operation).input_shape.members
    for member in members:
        if member not in known:
            pytest.skip(f"botocore older than {operation}.{member}")
