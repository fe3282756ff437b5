"""moto's ``mock_aws`` beside us: Secrets Manager is ours alone, everything else is moto's, and both end in any order."""

import subprocess
import sys

import boto3
import pytest
from inside import machine, process
from tables import rows
from transport.expiring import client_of, expired

from mock_secrets import mock_secrets

pytest.importorskip("moto")

from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

REFERENCE = "/aws/reference/secretsmanager/"

ORDERS = [
    lambda ours: [mock_aws(), ours],
    lambda ours: [ours, mock_aws()],
]


@pytest.fixture(autouse=True)
def on_a_machine_without_aws():
    with machine(is_configured=False):
        yield


@pytest.fixture(autouse=True)
def moto_has_ended():
    yield
    assert BotocoreStubber.__call__.__module__ == "moto.core.botocore_stubber"


def copies_of_moto():
    from moto.secretsmanager.models import secretsmanager_backends

    return [
        secret for regions in secretsmanager_backends.values() for one in regions.values() for secret in one.secrets
    ]


@rows("order", ORDERS)
@rows(
    "call",
    [
        "cancel_rotate_secret",
        "delete_resource_policy",
        "delete_secret",
        "describe_secret",
        "get_resource_policy",
        "get_secret_value",
        "list_secret_version_ids",
        "restore_secret",
        "rotate_secret",
        "stop_replication_to_replica",
        "update_secret",
    ],
)
def test_moto_handles_no_operation_on_a_secret_arn(order, call):
    ours = mock_secrets()
    outer, inner = order(ours)
    with outer, inner:
        client = boto3.client("secretsmanager", "us-east-1")
        arn = client.create_secret(Name="db", SecretString="s3cret")["ARN"]
        try:
            getattr(client, call)(SecretId=arn)
        except client.exceptions.ClientError as error:
            assert error.response["Error"]["Code"].startswith("Invalid")  # noqa: PT017 - some can't be done yet

        assert copies_of_moto() == []


@rows("order", ORDERS)
def test_the_users_event_handlers_still_run_alongside_moto(order):
    seen = []
    outer, inner = order(mock_secrets())
    with outer, inner:
        client = boto3.client("secretsmanager", "us-east-1")
        client.meta.events.register("before-send", lambda event_name, **_: seen.append(event_name))
        client.meta.events.register("before-send.secrets-manager.*", lambda event_name, **_: seen.append(event_name))
        client.list_secrets()

    assert seen == ["before-send.secrets-manager.ListSecrets"] * 2


def test_moto_answers_secrets_manager_again_after_our_mock_ends():
    with mock_aws():
        with mock_secrets():
            pass
        boto3.client("secretsmanager", "us-east-1").create_secret(Name="db", SecretString="s3cret")

        assert len(copies_of_moto()) == 1


@rows(
    "block",
    {
        "moto outside": "from moto import mock_aws\nwith mock_aws(), mock_secrets() as b:",
        "moto inside": "from moto import mock_aws\nwith mock_secrets() as b, mock_aws():",
        "imported inside": "def moto():\n  from moto import mock_aws\n  return mock_aws()\nwith mock_secrets() as b, moto():",
    },
)
@rows("before", ["import moto.core.models", "pass"])
def test_our_mock_wins_over_moto_whatever_the_age_of_the_session(block, before):
    program = f"""
import boto3
{before}
session = boto3.Session("t", "t", region_name="us-east-1")
from mock_secrets import mock_secrets
{block}
    session.client("secretsmanager").create_secret(Name="x", SecretString="v")
    from moto.secretsmanager.models import secretsmanager_backends
    print(b.secret("x", region="us-east-1").value, len(secretsmanager_backends["123456789012"]["us-east-1"].secrets))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603

    assert done.stdout.split() == ["v", "0"], done.stderr


def test_moto_role_credentials_are_refreshed_for_moto_services():
    """Many an application has a session of a role, which fetches its credentials anew."""

    def fetch():
        keys = boto3.client("sts", "us-east-1").assume_role(
            RoleArn="arn:aws:iam::111122223333:role/r", RoleSessionName="session"
        )
        given = keys["Credentials"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }

    client = client_of(expired(fetch), "sts")

    with mock_aws(), mock_secrets():
        assert client.get_caller_identity()["Account"] == "111122223333"


def test_machine_credentials_are_not_fetched_for_moto_services():
    client = client_of(expired(method="iam-role"), "s3")

    with mock_aws(), mock_secrets():
        assert client.list_buckets()["Buckets"] == []


@rows("order", ORDERS)
def test_a_role_assumed_through_moto_acts_in_its_own_account(order):
    first, second = order(mock_secrets(account_id="444455556666"))
    with first, second:
        keys = boto3.client("sts", "us-east-1").assume_role(
            RoleArn="arn:aws:iam::111122223333:role/app", RoleSessionName="session"
        )["Credentials"]
        client = boto3.client(
            "secretsmanager",
            "us-east-1",
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

        assert client.create_secret(Name="db")["ARN"].split(":")[4] == "111122223333"
        assert (
            boto3.client("secretsmanager", "us-east-1").create_secret(Name="db")["ARN"].split(":")[4] == "444455556666"
        )


class TestParameterStore:
    """Parameters that refer to secrets, among those of moto."""

    @pytest.fixture
    def ssm(self):
        with mock_aws(), mock_secrets(secrets={"db": "s3cret"}):
            ssm = boto3.client("ssm", "us-east-1")
            ssm.put_parameter(Name="own", Value="value", Type="String")
            yield ssm

    @rows(
        "names, found, invalid",
        [
            ([f"{REFERENCE}db", f"{REFERENCE}none"], ["s3cret"], [f"{REFERENCE}none"]),
            ([f"{REFERENCE}db", "own", f"{REFERENCE}none", "none"], ["s3cret", "value"], [f"{REFERENCE}none", "none"]),
            (["own"], ["value"], []),
        ],
    )
    def test_get_parameters_mixes_secret_references_and_moto_parameters(self, ssm, names, found, invalid):
        answer = ssm.get_parameters(Names=names, WithDecryption=True)

        assert sorted(one["Value"] for one in answer["Parameters"]) == found
        assert answer["InvalidParameters"] == invalid

    def test_moto_answers_all_other_parameters(self, ssm):
        assert ssm.get_parameter(Name="own")["Parameter"]["Value"] == "value"
        assert "referencing" not in str(ssm.describe_parameters()["Parameters"])

    def test_moto_answers_secret_references_without_our_mock(self):
        with mock_aws():
            ssm = boto3.client("ssm", "us-east-1")
            with pytest.raises(ssm.exceptions.ParameterNotFound):
                ssm.get_parameter(Name=f"{REFERENCE}db", WithDecryption=True)


class TestEnding:
    """Whoever ends last, what is put back is what was before both."""

    @pytest.fixture(params=[True, False], ids=["set", "unset"], autouse=True)
    def on_either_machine(self, request):
        with machine(is_configured=request.param):
            yield

    @rows("first_ends_first", [True, False])
    @rows("first", ["moto", "ours"])
    def test_moto_and_our_mock_restore_the_process_in_any_order(self, first, first_ends_first):
        before = process()
        mocks = [mock_aws(), mock_secrets()] if first == "moto" else [mock_secrets(), mock_aws()]

        for one in mocks:
            one.start()
        boto3.client("s3", "us-east-1").list_buckets()
        boto3.client("secretsmanager", "us-east-1").list_secrets()
        for one in mocks if first_ends_first else reversed(mocks):
            one.stop()

        assert process() == before

    def test_two_moto_mocks_around_and_inside_ours_restore_the_process(self):
        before = process()
        outer, ours, inner = mock_aws(), mock_secrets(), mock_aws()

        for one in (outer, ours, inner):
            one.start()
        ours.stop()
        inner.stop()
        outer.stop()

        assert process() == before

    def test_a_moto_mock_without_mock_credentials_restores_the_process(self):
        before = process()
        ours, moto = mock_secrets(), mock_aws(config={"core": {"mock_credentials": False}})

        ours.start()
        moto.start()
        ours.stop()
        moto.stop()

        assert process() == before
