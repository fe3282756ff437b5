"""The condition keys of what a call asks for, with the values that the call gave them.

Source: "Actions, resources, and condition keys for AWS Secrets Manager" in the Service Authorization Reference.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from mock_secrets.aws.kms import Key, Keys
from mock_secrets.kernel.codes import AWSError
from mock_secrets.kernel.regions import dns_suffix_of
from mock_secrets.model.secret import Secret
from mock_secrets.policy.patterns import RequestContext

# GUESS: the key of an argument that was not sent is absent (reported for VersionStage).
_KEYS_OF_ARGUMENTS = {
    "CreateSecret": {
        "name": "Name",
        "description": "Description",
        "kms_key_id": "KmsKeyId",
        "type": "Type",
        "add_replica_regions": "AddReplicaRegions",
        "force_overwrite_replica_secret": "ForceOverwriteReplicaSecret",
    },
    "DeleteSecret": {
        "force_delete_without_recovery": "ForceDeleteWithoutRecovery",
        "recovery_window_in_days": "RecoveryWindowInDays",
    },
    "GetSecretValue": {"version_id": "VersionId", "version_stage": "VersionStage"},
    "PutResourcePolicy": {"block_public_policy": "BlockPublicPolicy"},
    "ReplicateSecretToRegions": {
        "add_replica_regions": "AddReplicaRegions",
        "force_overwrite_replica_secret": "ForceOverwriteReplicaSecret",
    },
    "RotateSecret": {
        "rotation_lambda_arn": "RotationLambdaARN",
        "rotation_rules": "ModifyRotationRules",
        "rotate_immediately": "RotateImmediately",
        "external_secret_rotation_role_arn": "ExternalSecretRotationRoleArn",
    },
    "UpdateSecret": {"description": "Description", "kms_key_id": "KmsKeyId", "type": "Type"},
    "UpdateSecretVersionStage": {"version_stage": "VersionStage"},
}


class SecretFacts(NamedTuple):
    """What policies can ask about a secret, as it was when they were asked."""

    account_id: str
    tags: Mapping[str, str] | None
    type: str
    primary_region: str | None
    lambda_arn: str | None

    @classmethod
    def of(cls, secret: Secret) -> "SecretFacts":
        lambda_arn = None if secret.rotation is None else secret.rotation.lambda_arn
        return cls(secret.account_id, secret.tags, secret.type, secret.primary_region, lambda_arn)


class Subject(NamedTuple):
    """What a call asks for, and the secret that it is about, if that exists."""

    keys: Keys
    operation: str
    arguments: Mapping[str, Any]
    caller_account: str
    region: str
    at: datetime
    secret: SecretFacts | None


class KeyUse(NamedTuple):
    """What is asked of a key."""

    account_id: str
    key: Key
    action: str
    secret_arn: str
    version_id: str


def keys_of_call(subject: Subject) -> RequestContext:
    """The keys of an action of Secrets Manager."""
    operation, arguments = subject.operation, subject.arguments
    named = _KEYS_OF_ARGUMENTS.get(operation, {})
    keys = {
        f"secretsmanager:{key.lower()}": _values(operation, argument, arguments[argument])
        for argument, key in named.items()
        if argument in arguments
    }
    if "kms_key_id" in arguments:
        keys["secretsmanager:kmskeyarn"] = _key_arn(subject, arguments["kms_key_id"])
    if "secret_id" in arguments:
        keys["secretsmanager:secretid"] = (arguments["secret_id"],)
    requested = {tag.get("Key", ""): tag.get("Value", "") for tag in arguments.get("tags", ())}
    for key, value in requested.items():
        keys[f"aws:requesttag/{key.lower()}"] = (value,)
    if requested or "tag_keys" in arguments:
        keys["aws:tagkeys"] = tuple(requested) or tuple(arguments["tag_keys"])
    return keys if subject.secret is None else {**keys, **_keys_of_secret(subject.secret)}


def _key_arn(subject: Subject, kms_key_id: str) -> tuple[str, ...]:
    account_id = subject.caller_account if subject.secret is None else subject.secret.account_id
    try:
        key = subject.keys.find(kms_key_id, account_id=account_id, region=subject.region, at=subject.at)
    except AWSError:
        # That it is no key is told later, and elsewhere.
        return ()
    return () if key is None else (key.arn,)


def _values(operation: str, argument: str, value: Any) -> tuple[str, ...]:
    if argument == "add_replica_regions":
        return tuple(region.get("Region", "") for region in value)
    if operation == "RotateSecret" and argument == "rotation_rules":
        return ("true",)
    return (str(value).lower() if isinstance(value, bool) else str(value),)


def _keys_of_secret(facts: SecretFacts) -> RequestContext:
    tags = facts.tags or {}
    keys: dict[str, tuple[str, ...]] = {
        "aws:resourceaccount": (facts.account_id,),
        **{f"aws:resourcetag/{key.lower()}": (value,) for key, value in tags.items()},
        **{f"secretsmanager:resourcetag/{key.lower()}": (value,) for key, value in tags.items()},
    }
    optional = {
        "secretsmanager:resource/allowrotationlambdaarn": facts.lambda_arn,
        "secretsmanager:resource/type": facts.type,
        "secretsmanager:secretprimaryregion": facts.primary_region,
    }
    keys.update({key: (value,) for key, value in optional.items() if value})
    return keys


def keys_of_key(use: KeyUse) -> RequestContext:
    """The keys of an action of KMS.

    Source: "AWS KMS condition keys" in the KMS Developer Guide.
    """
    account_id, key, action, secret_arn, version_id = use
    keys: dict[str, tuple[str, ...]] = {
        "aws:resourceaccount": (key.account_id,),
        "aws:viaawsservice": ("true",),
        "kms:calleraccount": (account_id,),
        "kms:encryptioncontext:secretarn": (secret_arn,),
        "kms:encryptioncontext:secretversionid": (version_id,),
        "kms:encryptioncontextkeys": ("SecretARN", "SecretVersionId"),
        "kms:keyorigin": ("AWS_KMS",),
        "kms:keyspec": (key.spec,),
        "kms:keyusage": ("ENCRYPT_DECRYPT",),
        "kms:viaservice": (f"secretsmanager.{key.region}.{dns_suffix_of(key.region)}",),
    }
    if key.aliases:
        keys["kms:resourcealiases"] = tuple(key.aliases)
    if action != "GenerateDataKey":
        keys["kms:encryptionalgorithm"] = (key.spec,)
    return keys
