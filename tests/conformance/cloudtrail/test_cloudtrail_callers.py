"""CloudTrail: who made a call, and from where."""

from datetime import datetime, timezone

import pytest
from botocore.config import Config
from conformance.cloudtrail.records import READS, SECRETS, refused
from conformance.fidelity import behaviour
from tables import rows

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ACCOUNT, OTHER_ACCOUNT = "123456789012", "111122223333"
VPC_ENDPOINT = "vpce-1a2b3c4d.secretsmanager.us-east-1.vpce.amazonaws.com"
TRAIL = "CloudTrail"
STRATUS = "CloudTrail records in GitHub DataDog/stratus-red-team, docs/detonation-logs"
PANTHER = "CloudTrail records in the tests of GitHub panther-labs/panther-analysis"
UNKNOWN = "no source"

pytestmark = pytest.mark.mock_secrets(at=NOON)


@behaviour(TRAIL, "a user is shown with its name, key and unique id", "AWS-VERIFIED", PANTHER)
def test_the_record_of_a_users_call_names_its_user_and_key(secrets_backend, trail, db):
    ann = secrets_backend.iam.create_user("ann", READS)
    session = ann.session()

    session.client("secretsmanager").get_secret_value(SecretId="db")

    assert trail[0]["userIdentity"] == {
        "type": "IAMUser",
        "principalId": ann.unique_id,
        "arn": ann.arn,
        "accountId": ACCOUNT,
        "accessKeyId": session.get_credentials().access_key,
        "userName": "ann",
    }


@behaviour(TRAIL, "a session is shown with its role and the time when the role was assumed", "AWS-VERIFIED", STRATUS)
def test_the_record_of_a_sessions_call_names_its_role_and_start(secrets_backend, trail, db):
    role = secrets_backend.iam.create_role("app", READS)
    session = role.session("worker")
    secrets_backend.clock.advance(hours=1)

    session.client("secretsmanager").get_secret_value(SecretId="db")

    (record,) = trail
    assert record["eventTime"] == "2026-03-01T13:00:00Z"
    assert record["userIdentity"] == {
        "type": "AssumedRole",
        "principalId": f"{role.unique_id}:worker",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/worker",
        "accountId": ACCOUNT,
        "accessKeyId": session.get_credentials().access_key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role.unique_id,
                "arn": role.arn,
                "accountId": ACCOUNT,
                "userName": "app",
            },
            "attributes": {"creationDate": "2026-03-01T12:00:00Z", "mfaAuthenticated": "false"},
        },
    }


@rows("account_id", [ACCOUNT, OTHER_ACCOUNT])
def test_the_call_of_an_accounts_administrator(secrets_backend, trail, account_id):
    secrets_backend.session(account_id=account_id).client("secretsmanager").list_secrets()

    (record,) = trail
    identity = record["userIdentity"]
    assert (identity["type"], identity["arn"]) == ("IAMUser", f"arn:aws:iam::{account_id}:user/administrator")
    assert record["recipientAccountId"] == identity["accountId"] == account_id


def test_a_call_as_the_default_caller_of_another_account(client, secrets_backend, trail, db):
    role = secrets_backend.iam.create_role("app", READS)

    with role.as_default():
        client.get_secret_value(SecretId="db")
    client.get_secret_value(SecretId="db")

    assert [record["userIdentity"]["type"] for record in trail] == ["AssumedRole", "IAMUser"]


@behaviour(TRAIL, "the record shows the host that was called and the client's user agent", "AWS-VERIFIED", STRATUS)
@behaviour(TRAIL, "awsRegion is the Region of the call", "AWS-VERIFIED", STRATUS)
@rows(
    "given, region, host",
    [
        ({}, "us-east-1", "secretsmanager.us-east-1.amazonaws.com"),
        ({"region_name": "eu-west-1"}, "eu-west-1", "secretsmanager.eu-west-1.amazonaws.com"),
        ({"endpoint_url": f"https://{VPC_ENDPOINT}"}, "us-east-1", VPC_ENDPOINT),
    ],
)
def test_a_record_shows_region_host_and_user_agent(secrets_backend, trail, given, region, host):
    # Of this door alone: each client has its own.
    secrets_backend.client(**given).list_secrets()

    (record,) = trail
    assert (record["awsRegion"], record["tlsDetails"]["clientProvidedHostHeader"]) == (region, host)
    assert record["userAgent"].startswith("Boto3/")
    assert "Botocore/" in record["userAgent"]


def test_a_custom_user_agent_is_recorded(secrets_backend, trail):
    secrets_backend.client(config=Config(user_agent="deployer/1.0")).list_secrets()

    assert trail[0]["userAgent"].startswith("deployer/1.0")


@behaviour(TRAIL, "the record shows the caller's address", "AWS-VERIFIED", STRATUS)
@rows("key", ["aws:SourceIp", "aws:sourceip", "AWS:SourceIP"])
def test_the_address_is_the_sessions(client, secrets_backend, trail, db, key):
    role = secrets_backend.iam.create_role("app", READS)

    role.client(context={key: "192.0.2.7"}).get_secret_value(SecretId="db")
    role.client().get_secret_value(SecretId="db")
    client.get_secret_value(SecretId="db")

    assert [record["sourceIPAddress"] for record in trail] == ["192.0.2.7", "203.0.113.10", "203.0.113.10"]


@behaviour(
    TRAIL,
    "a call to another account's secret is recorded under the caller's account",
    "GUESS",
    UNKNOWN,
    decided_by="a second account",
)
def test_a_call_across_accounts(secrets_backend, trail):
    stored = secrets_backend.create("theirs", SECRETS[0], account_id=OTHER_ACCOUNT, kms_key_id="alias/shared")

    answer = refused(secrets_backend.client(), "GetSecretValue", SecretId=stored.arn)

    assert answer["Error"]["Code"] == "AccessDeniedException"
    (record,) = trail
    assert record["recipientAccountId"] == record["userIdentity"]["accountId"] == ACCOUNT
    assert record["requestParameters"] == {"secretId": stored.arn}
    assert trail.lookup(secret=stored.arn) == [record]
    assert trail.lookup(secret="theirs") == [record]
