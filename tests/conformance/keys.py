"""Keys, and users whose policies say what they may do with them."""

import json

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from conformance.policies import policy
from conformance.raw import all_versions

ACCOUNT = "123456789012"
STRANGERS = "111122223333"
V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
DEFAULT = ["DefaultEncryptionKey"]

GUIDE = "AWS User Guide, Secret encryption and decryption in AWS Secrets Manager"
TROUBLESHOOT = "AWS User Guide, Troubleshoot AWS Secrets Manager"
NOT_ALLOWED = "Access to KMS is not allowed"
SECRETS = {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}

_POLICY = policy(Effect="Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
#: Operations on a secret that need no key, with what they are given.
WITHOUT_KEY = {
    "DescribeSecret": {},
    "ListSecretVersionIds": {},
    "UpdateSecret": {"Description": "new"},
    "UpdateSecretVersionStage": {"VersionStage": "mine", "MoveToVersionId": V1},
    "TagResource": {"Tags": [{"Key": "team", "Value": "a"}]},
    "UntagResource": {"TagKeys": ["team"]},
    "PutResourcePolicy": {"ResourcePolicy": json.dumps(_POLICY)},
    "GetResourcePolicy": {},
    "DeleteResourcePolicy": {},
    "ValidateResourcePolicy": {"ResourcePolicy": json.dumps(_POLICY)},
    "CancelRotateSecret": {},
    "DeleteSecret": {},
    "RestoreSecret": {},
}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def may(actions, key, **condition):
    """A statement of a user's policy that lets him do this with a key: all of ``kms:Decrypt kms:Encrypt``, say."""
    statement = {"Effect": "Allow", "Action": actions.split(), "Resource": key.arn}
    return {**statement, "Condition": condition} if condition else statement


def lets(principal, actions="kms:*", effect="Allow", **condition):
    """A statement of a key's policy about a principal."""
    statement = {"Effect": effect, "Principal": {"AWS": principal}, "Action": actions.split(), "Resource": "*"}
    return {**statement, "Condition": condition} if condition else statement


def everything(account_id=ACCOUNT):
    """The statement by which a key's policy leaves it to an account's own policies."""
    return lets(f"arn:aws:iam::{account_id}:root")


def refusal(call, *args, **request):
    """Code and message of the error that a call ends with."""
    with pytest.raises(ClientError) as caught:
        call(*args, **request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def key_ids(client, secret_id="db"):
    """The keys of each version."""
    versions = all_versions(client, SecretId=secret_id, IncludeDeprecated=True)
    return {version["VersionId"]: version["KmsKeyIds"] for version in versions}


def value_of(client, secret_id="db", **version):
    return client.get_secret_value(SecretId=secret_id, **version)["SecretString"]


def call_without_key(client, operation):
    return getattr(client, xform_name(operation))(SecretId="db", **WITHOUT_KEY[operation])
