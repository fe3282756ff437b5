"""Single facts of AWS that public reports quote, or its documentation says in passing."""

import json

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.policies import policy
from conformance.replicating import replicate, statuses
from tables import rows

from mock_secrets import mock_secrets

ACCOUNT, OTHER_ACCOUNT = "123456789012", "111122223333"
V2 = "22222222-2222-4222-8222-222222222222"
MOTO_6461 = "GitHub getmoto/moto#6461, with AWS's answer"
ANSIBLE = "replication tests of GitHub ansible-collections/community.aws"
TERRAFORM_KEY = "GitHub hashicorp/terraform-provider-aws#30272 and #30273"
SCHEDULES = "AWS User Guide, Schedule expressions in Secrets Manager rotation"
POLICY_VERSION = "GitHub awsdocs/aws-cloudformation-user-guide#623"
VERIFIED_ALL = "follows from moto test marked as verified: test_with_all_filter"


def everybody(action, version="2012-10-17"):
    principals = [f"arn:aws:iam::{account}:root" for account in (ACCOUNT, OTHER_ACCOUNT)]
    return {**policy(Principal={"AWS": principals}, Action=action), "Version": version}


# --- Deleting ---


@behaviour("DeleteSecret", "with force, a window out of range is reported for its range", "REPORTED", MOTO_6461)
@rows("days", [0, 6, 31])
def test_the_recovery_window_range_is_checked_before_force(client, db, days):
    with pytest.raises(client.exceptions.InvalidParameterException) as caught:
        client.delete_secret(SecretId="db", RecoveryWindowInDays=days, ForceDeleteWithoutRecovery=True)

    assert caught.value.response["Error"]["Message"] == (
        "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."
    )


# --- Replicas ---


@behaviour("DescribeSecret", "replicas are listed in the order in which they were added", "REPORTED", ANSIBLE)
def test_replicas_are_listed_in_the_order_they_were_added(client, db):
    replicate(client, "us-west-2", "us-east-2")
    answer = replicate(client, "eu-central-1")
    client.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=["us-west-2"])

    assert list(statuses(answer)) == ["us-west-2", "us-east-2", "eu-central-1"]
    assert list(statuses(client.describe_secret(SecretId="db"))) == ["us-east-2", "eu-central-1"]


# --- Keys ---


@behaviour("PutSecretValue", "a key named by its id is looked up in the caller's account", "REPORTED", TERRAFORM_KEY)
@behaviour("GetSecretValue", "works from another account if the key was named by its id", "REPORTED", TERRAFORM_KEY)
@rows("mode", ["any", "strict"])
@rows("write", ["put_secret_value", "update_secret"])
def test_a_key_named_by_its_id_is_looked_up_in_the_callers_account(mode, write):
    with mock_secrets(kms=mode) as backend:
        key = backend.kms.create_key(policy=everybody("kms:*"))
        client = backend.client()
        arn = client.create_secret(Name="db", SecretString="one", KmsKeyId=key.arn.rpartition("/")[2])["ARN"]
        client.put_resource_policy(SecretId="db", ResourcePolicy=json.dumps(everybody("secretsmanager:*")))
        stranger = backend.session(account_id=OTHER_ACCOUNT).client("secretsmanager")

        with pytest.raises(ClientError) as caught:
            getattr(stranger, write)(SecretId=arn, SecretString="two")

        missing = key.arn.replace(ACCOUNT, OTHER_ACCOUNT)
        assert caught.value.response["Error"]["Code"] == "EncryptionFailure"
        assert caught.value.response["Error"]["Message"].startswith(
            f"Secrets Manager can't encrypt the secret value: Key '{missing}' does not exist"
            " (Service: AWSKMS; Status Code: 400; Error Code: NotFoundException;"
        )
        assert stranger.get_secret_value(SecretId=arn)["SecretString"] == "one"
        client.put_secret_value(SecretId="db", SecretString="two")


@behaviour(
    "PutSecretValue",
    "an alias is looked up in the caller's account too",
    "GUESS",
    TERRAFORM_KEY,
    decided_by="a second account",
)
def test_an_alias_is_looked_up_in_the_callers_account():
    with mock_secrets(kms="strict") as backend:
        backend.kms.create_key(alias="alias/app", policy=everybody("kms:*"))
        client = backend.client()
        arn = client.create_secret(Name="db", SecretString="one", KmsKeyId="alias/app")["ARN"]
        client.put_resource_policy(SecretId="db", ResourcePolicy=json.dumps(everybody("secretsmanager:*")))
        stranger = backend.session(account_id=OTHER_ACCOUNT).client("secretsmanager")

        with pytest.raises(ClientError) as caught:
            stranger.put_secret_value(SecretId=arn, SecretString="two")
        theirs = backend.kms.create_key(alias="alias/app", account_id=OTHER_ACCOUNT, policy=everybody("kms:*"))
        stranger.put_secret_value(SecretId=arn, SecretString="two", ClientRequestToken=V2)

        listed = client.list_secret_version_ids(SecretId="db")["Versions"]
        assert caught.value.response["Error"]["Code"] == "EncryptionFailure"
        assert {one["VersionId"]: one["KmsKeyIds"] for one in listed}[V2] == [theirs.arn]
        assert client.get_secret_value(SecretId="db")["SecretString"] == "two"


# --- Schedules ---


def rotate(client, backend, expression):
    client.rotate_secret(
        SecretId="db",
        RotationLambdaARN=backend.register_rotation_lambda("rotator", lambda _event, _context: None),
        RotateImmediately=False,
        RotationRules={"ScheduleExpression": expression},
    )


@behaviour("RotateSecret", "W is not supported for the day of month", "AWS-DOC", SCHEDULES)
@behaviour("RotateSecret", "rotations are at least four hours apart, over midnight too", "AWS-DOC", SCHEDULES)
@behaviour(
    "RotateSecret",
    "less than four hours over midnight: the code is InvalidParameterException",
    "GUESS",
    "no source names the error",
    decided_by="a rotation function",
)
@rows(
    "expression",
    [
        *(f"cron(0 12 {day} * ? *)" for day in ("W", "LW", "15W", "1W,15")),
        *("cron(0 22,1 * * ? *)", "cron(0 23,2 1-2 * ? *)", "cron(0 21,0 ? * MON-FRI *)", "cron(0 2/21 * * ? *)"),
    ],
)
def test_a_schedule_of_nearest_weekdays_or_of_less_than_four_hours_is_refused(client, secrets_backend, db, expression):
    with pytest.raises(client.exceptions.InvalidParameterException):
        rotate(client, secrets_backend, expression)


@behaviour(
    "RotateSecret",
    "four hours over midnight are accepted, and so are fewer over days that don't follow one another",
    "AWS-DOC",
    SCHEDULES,
)
@rows("expression", ["cron(0 22,2 * * ? *)", "cron(0 22,1 1,15 * ? *)", "cron(0 22,1 ? * 2,4 *)"])
def test_windows_four_hours_apart_across_midnight_are_accepted(client, secrets_backend, db, expression):
    rotate(client, secrets_backend, expression)

    assert client.describe_secret(SecretId="db")["RotationRules"]["ScheduleExpression"] == expression


# --- Policies ---


@behaviour(
    "PutResourcePolicy",
    "a Version that is neither 2012-10-17 nor 2008-10-17: MalformedPolicyDocumentException",
    "REPORTED",
    POLICY_VERSION,
)
@rows("version", ["2012-10-18", "2020-01-01", "", "latest"])
def test_a_policy_with_an_unknown_version_is_malformed(client, db, version):
    with pytest.raises(client.exceptions.MalformedPolicyDocumentException):
        client.put_resource_policy(SecretId="db", ResourcePolicy=json.dumps(everybody("secretsmanager:*", version)))


# --- Filters ---


@behaviour("ListSecrets", "all: no word begins after a number", "REPORTED", VERIFIED_ALL)
def test_no_word_starts_right_after_a_number(client):
    client.create_secret(Name="x-77d319", SecretString="one")

    found = {value: _found(client, value) for value in ("d", "319", "77", "77d", "x")}

    assert {value for value, names in found.items() if names == ["x-77d319"]} == {"319", "77", "77d", "x"}
    assert found["d"] == []


def _found(client, value):
    return [one["Name"] for one in client.list_secrets(Filters=[{"Key": "all", "Values": [value]}])["SecretList"]]
