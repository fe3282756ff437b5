"""Sessions whose credentials are about to expire, so that each call would fetch new ones."""

from datetime import datetime, timedelta, timezone

import boto3
import botocore.session
import pytest
from botocore.credentials import RefreshableCredentials


def no_fetch():
    pytest.fail("credentials were fetched")


def expired(fetch=no_fetch, method="test"):
    soon = datetime.now(timezone.utc) + timedelta(minutes=1)
    return RefreshableCredentials("AKIAEXAMPLE", "example", "example", soon, fetch, method)


def client_of(credentials, service, **options):
    core = botocore.session.get_session()
    core._credentials = credentials
    return boto3.Session(botocore_session=core, region_name="us-east-1").client(service, **options)
