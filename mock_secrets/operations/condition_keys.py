"""The condition keys of a permission check, with the values that the call gives them.

Source: "Actions, resources, and condition keys for AWS Secrets Manager" in the Service Authorization Reference.
"""

from collections.abc import Mapping, Sequence
from datetime import timezone
from typing import Any, NamedTuple

from mock_secrets.aws.iam import SOURCE_IP, PermissionCheck
from mock_secrets.aws.kms import Key, Keys
from mock_secrets.kernel.codes import AWSError
from mock_secrets.kernel.regions import dns_suffix_of
from mock_secrets.model.secret import Secret
from mock_secrets.operations.registry import OPERATIONS
from mock_secrets.policy.patterns import RequestContext


class SecretFacts(NamedTuple):
    """What conditions can refer to in a secret, as it was at the time of the check."""

    account_id: str
    tags: Mapping[str, str] | None
    type: str
    primary_region: str | None
    lambda_arn: str | None


def facts_of(secret: Secret) -> tuple[Any, ...]:
    """The fields of :class:`SecretFacts`, as a plain tuple: every call stores one, but few are ever read."""
    rotation = secret.rotation
    lambda_arn = None if rotation is None else rotation.lambda_arn
    return secret.account_id, secret.tags, secret.type, secret.primary_region, lambda_arn


class Subject(NamedTuple):
    """The arguments of a call, and the facts of its secret if that exists."""

    keys: Keys
    arguments: Mapping[str, Any]
    facts: tuple[Any, ...] | None

    @property
    def secret(self) -> SecretFacts | None:
        return None if self.facts is None else SecretFacts(*self.facts)


class KeyUse(NamedTuple):
    """One use of a KMS key."""

    key: Key
    action: str
    secret_arn: str
    version_id: str


def keys_of_request(check: PermissionCheck) -> RequestContext:
    """The keys that every request has, and those that the test set on the session.

    Source: "AWS global condition context keys" in the IAM User Guide.
    """
    caller = check.caller
    principal, is_role = caller.principal, caller.principal.kind == "AssumedRole"
    tags = {} if caller.identity is None else caller.identity.tags
    at = check.at.astimezone(timezone.utc)
    keys = {
        "aws:sourceip": SOURCE_IP,
        "aws:currenttime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "aws:epochtime": str(int(at.timestamp())),
        "aws:principalaccount": principal.account_id,
        "aws:principalarn": principal.issuer_arn or principal.arn,
        "aws:principaltype": "AssumedRole" if is_role else "User",
        "aws:principalisawsservice": "false",
        "aws:viaawsservice": "false",
        "aws:userid": principal.user_id,
        "aws:requestedregion": check.region,
        "aws:securetransport": "true",
        **{f"aws:principaltag/{key.lower()}": value for key, value in tags.items()},
    }
    if is_role:
        keys["aws:multifactorauthpresent"] = "false"
        if caller.session_started is not None:
            keys["aws:tokenissuetime"] = f"{caller.session_started:%Y-%m-%dT%H:%M:%SZ}"
    else:
        keys["aws:username"] = principal.name
    return {**{key: (value,) for key, value in keys.items()}, **caller.context}


def keys_of_call(check: PermissionCheck) -> RequestContext:
    """The keys of a Secrets Manager action."""
    subject = Subject(*check.subject)
    arguments, secret = subject.arguments, subject.secret
    # The key of an argument that was not sent is absent (reported: aws/aws-cli#5031, and for VersionStage).
    keys: dict[str, Sequence[str]] = {
        f"secretsmanager:{key.lower()}": _values(argument, arguments[argument])
        for argument, key in _keys_by_argument(check.action.removeprefix("secretsmanager:")).items()
        if argument in arguments
    }
    if "kms_key_id" in arguments:
        keys["secretsmanager:kmskeyarn"] = _key_arn(check, subject)
    if "secret_id" in arguments:
        keys["secretsmanager:secretid"] = (arguments["secret_id"],)
    requested = {tag.get("Key", ""): tag.get("Value", "") for tag in arguments.get("tags", ())}
    for key, value in requested.items():
        keys[f"aws:requesttag/{key.lower()}"] = (value,)
    if requested or "tag_keys" in arguments:
        keys["aws:tagkeys"] = tuple(requested) or tuple(arguments["tag_keys"])
    of_secret = {} if secret is None else _keys_of_secret(secret)
    return {**keys_of_request(check), **keys, **of_secret}


def _keys_by_argument(action: str) -> Mapping[str, str]:
    """The condition keys by argument; none for an action that only Secrets Manager itself performs."""
    return OPERATIONS[action].keys if action in OPERATIONS else {}


def _key_arn(check: PermissionCheck, subject: Subject) -> tuple[str, ...]:
    secret = subject.secret
    account_id = check.caller.principal.account_id if secret is None else secret.account_id
    try:
        key = subject.keys.find(
            subject.arguments["kms_key_id"], account_id=account_id, region=check.region, at=check.at
        )
    except AWSError:
        # The operation itself reports later that there is no such key.
        return ()
    return () if key is None else (key.arn,)


def _values(argument: str, value: Any) -> tuple[str, ...]:
    if argument == "add_replica_regions":
        return tuple(region.get("Region", "") for region in value)
    if argument == "rotation_rules":
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


def keys_of_key(check: PermissionCheck) -> RequestContext:
    """The keys of a KMS action.

    Source: "AWS KMS condition keys" in the KMS Developer Guide.
    """
    key, action, secret_arn, version_id = check.subject
    keys: dict[str, Sequence[str]] = {
        **keys_of_request(check),
        "aws:resourceaccount": (key.account_id,),
        "aws:viaawsservice": ("true",),
        "kms:calleraccount": (check.caller.principal.account_id,),
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
    # KMS sees the address of Secrets Manager, not that of the caller.
    keys.pop("aws:sourceip", None)
    if action != "GenerateDataKey":
        keys["kms:encryptionalgorithm"] = (key.spec,)
    return keys
