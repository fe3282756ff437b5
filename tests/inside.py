"""What tests of the entrances look at: the mock that is active, and what it changes in the process."""

import os
from contextlib import contextmanager
from datetime import datetime, timezone
from unittest import mock

import boto3
import botocore.handlers
import botocore.session
from botocore.endpoint import Endpoint
from botocore.signers import RequestSigner

from mock_secrets.activation import running

HOOKED = "before-send.secrets-manager"

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
LATER = datetime(2027, 1, 1, tzinfo=timezone.utc)

AWS_VARIABLES = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
]


@contextmanager
def machine(*, is_configured):
    """A machine on which AWS is configured, or one on which it is not."""
    with mock.patch("boto3.DEFAULT_SESSION", boto3.Session() if is_configured else None), mock.patch.dict(os.environ):
        for name in AWS_VARIABLES:
            if is_configured:
                os.environ[name] = "eu-west-3" if "REGION" in name else f"my-{name.lower()}"
            else:
                os.environ.pop(name, None)
        yield


def create(name, value="s3cret"):
    return boto3.client("secretsmanager").create_secret(Name=name, SecretString=value)


def read(name):
    return boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]


def held():
    """The names of the secrets in the backend that runs; None where none does."""
    backend = running()
    return None if backend is None else sorted(secret.name for secret in backend)


def process():
    """What a mock changes in the process while it is active."""
    return (
        dict(os.environ),
        boto3.DEFAULT_SESSION,
        Endpoint._send,
        RequestSigner.sign,
        botocore.session.create_loader,
        list(botocore.handlers.BUILTIN_HANDLERS),
        running(),
    )
