"""What a mock writes into the process environment: credentials and a region, and nothing that leads to real ones."""

import os
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError

from mock_secrets.aws.iam import ENVIRONMENT_KEY
from mock_secrets.kernel.environment import DEFAULT_SESSION
from mock_secrets.kernel.regions import is_region
from mock_secrets.transport import running
from mock_secrets.transport.processes import ENDPOINT_VARIABLE
from mock_secrets.transport.running import Rules

FALLBACK_REGION = "us-east-1"

#: The value of secret keys and session tokens.
SECRET_KEY = "mock-secrets"

# Variables that would lead a session to a real profile, a real role or another endpoint.
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
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
)


def wanted(rules: Rules, session: boto3.Session) -> dict[str, Any]:
    """The variables to set while a mock is active; None removes a variable for that time."""
    return {
        **dict.fromkeys(_SET_ASIDE),
        "AWS_ACCESS_KEY_ID": ENVIRONMENT_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_SESSION_TOKEN": SECRET_KEY,
        "AWS_DEFAULT_REGION": rules.region,
        "AWS_REGION": rules.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        ENDPOINT_VARIABLE: rules.endpoint_of_others,
        DEFAULT_SESSION: session,
    }


def region_of_process() -> str:
    """The present region of the process: that of its default boto3 session, its environment, or us-east-1.

    :raises ValueError: if it is not a valid region name.
    """
    region = _region_of_session() or os.environ.get("AWS_DEFAULT_REGION") or os.environ.get("AWS_REGION")
    return _checked(region or FALLBACK_REGION)


def current_region(otherwise: str) -> str:
    """The region that ``boto3.client`` would use at this moment, inside the active mock.

    :param otherwise: the region to return if no mock is active.
    :raises ValueError: if it is not a valid region name.
    """
    mock = running.mock
    if mock is None:
        return otherwise
    # Without a default session boto3 would create one, for which botocore reads only this variable.
    found = os.environ.get("AWS_DEFAULT_REGION") if boto3.DEFAULT_SESSION is None else _region_of_session()
    return _checked(found or mock.region)


def _checked(region: str) -> str:
    if not is_region(region):
        raise ValueError(
            f"the process's region {region!r} is not a valid name: set AWS_DEFAULT_REGION, or give region= to the mock"
        )
    return region


def _region_of_session() -> str | None:
    session = boto3.DEFAULT_SESSION
    try:
        return None if session is None else session.region_name
    except BotoCoreError:
        # For example a profile that does not exist. It must not fail a test that never uses that session.
        return None
