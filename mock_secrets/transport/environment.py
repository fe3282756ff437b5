"""The process's environment while a mock is active: credentials and a region for everybody, and no way to real ones."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from botocore.exceptions import BotoCoreError

from mock_secrets.aws.iam import ENVIRONMENT_KEY
from mock_secrets.kernel.regions import is_region

FALLBACK_REGION = "us-east-1"

# What would lead a session to a real profile, a real role or another endpoint.
_SET_ASIDE = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SECURITY_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
)


def region_of_process() -> str:
    """The region that the process has now: its default boto3 session's, its environment's, or us-east-1.

    :raises ValueError: if that is no region.
    """
    variables = os.environ.get("AWS_DEFAULT_REGION") or os.environ.get("AWS_REGION")
    region = _region_of_session() or variables or FALLBACK_REGION
    if not is_region(region):
        raise ValueError(f"the process's region is {region!r}, which is none: set AWS_DEFAULT_REGION, or give region=")
    return region


def _region_of_session() -> str | None:
    session = boto3.DEFAULT_SESSION
    try:
        return None if session is None else session.region_name
    except BotoCoreError:
        # Of a profile that is not there, for one: no concern of a test that will not use it.
        return None


@contextmanager
def isolated_environment(region: str) -> Iterator[None]:
    """Dummy credentials and this region in the environment; profiles, roles, metadata and endpoints out of it."""
    wanted: dict[str, str | None] = {
        **dict.fromkeys(_SET_ASIDE),
        "AWS_ACCESS_KEY_ID": ENVIRONMENT_KEY,
        "AWS_SECRET_ACCESS_KEY": "mock-secrets",
        "AWS_SESSION_TOKEN": "mock-secrets",
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    before = {name: os.environ.get(name) for name in wanted}
    _set(wanted)
    try:
        yield
    finally:
        _set(before)


def _set(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is not None:
            os.environ[name] = value
        elif name in os.environ:
            del os.environ[name]
