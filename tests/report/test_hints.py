"""``call.hint``: what helps where AWS's sentence alone does not."""

from datetime import datetime, timedelta, timezone

import boto3
import pytest
from botocore.exceptions import ClientError
from tables import rows

from mock_secrets import Limits, mock_secrets

START = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ROTATOR = "arn:aws:lambda:us-east-1:123456789012:function:rotator"
TOKEN = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def backend():
    with mock_secrets(at=START, region="us-east-1", limits=Limits(replication_delay=timedelta(minutes=5))) as backend:
        yield backend


def hint(backend, operation, client=None, **params):
    """The hint of a call that is refused."""
    with pytest.raises(ClientError):
        getattr(client or backend.client(), operation)(**params)
    return backend.calls[-1].hint


def read(backend, client=None, **params):
    return hint(backend, "get_secret_value", client, **params)


def test_hint_when_the_secret_is_in_another_region(backend):
    backend.create("db", "one")

    found = read(backend, backend.client(region_name="eu-west-1"), SecretId="db")

    assert found == "'db' is in us-east-1; this client is in eu-west-1"


def test_hint_when_the_arn_is_from_another_region(backend):
    arn = backend.create("db", "one").arn

    found = read(backend, backend.client(region_name="eu-west-1"), SecretId=arn)

    assert found == "'db' is in us-east-1; this client is in eu-west-1"


def test_hint_when_the_secret_is_in_another_account(backend):
    backend.create("db", "one", account_id="111122223333")

    assert read(backend, SecretId="db") == (
        "'db' is in account 111122223333; this client is in account 123456789012. From another account, use the"
        " secret's ARN"
    )


def test_hint_when_the_name_resembles_an_existing_secret(backend):
    backend.create("prod/database", "one")

    assert read(backend, SecretId="prod/databse") == "Did you mean 'prod/database'?"


def test_hint_when_there_are_other_secrets(backend):
    backend.create("a", "one")

    assert read(backend, SecretId="zzzzzz") == "secrets in us-east-1 of account 123456789012: 'a'"


def test_a_missing_secret_is_hinted_at(backend):
    assert read(backend, SecretId="db") == "there is no secret in us-east-1 of account 123456789012"


def test_a_hint_shows_the_arn_when_the_suffix_differs(backend):
    arn = backend.create("db", "one").arn

    assert read(backend, SecretId=f"{arn[:-6]}abcdef") == f"the ARN of 'db' is {arn}"


def test_hint_when_the_name_ends_like_an_arn_suffix(backend):
    arn = backend.create("db-secret", "one").arn

    assert "AWS reads '-secret' at the end of an ARN as its suffix" in read(backend, SecretId=arn[:-7])


def test_hint_when_the_replica_is_not_created_yet(backend):
    backend.create("db", "one")
    backend.client().replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])

    assert read(backend, backend.client(region_name="eu-west-1"), SecretId="db") == (
        "the replica of 'db' in eu-west-1 is InProgress until 2026-03-01 12:05:00Z: Limits.replication_delay is 0:05:00"
    )


def test_hint_when_the_replica_is_read_only(backend):
    backend.create("db", "one")
    backend.client().replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])
    backend.clock.advance(minutes=5)
    client = backend.client(region_name="eu-west-1")

    found = hint(backend, "update_secret", client, SecretId="db", SecretString="two")

    assert found == "the primary secret is in us-east-1; this client is in eu-west-1"


@rows(
    "operation, params",
    [("get_secret_value", {"SecretId": "db"}), ("create_secret", {"Name": "db", "SecretString": "two"})],
)
def test_hint_when_the_secret_is_scheduled_for_deletion(backend, operation, params):
    backend.create("db", "one")
    backend.client().delete_secret(SecretId="db", RecoveryWindowInDays=7)

    assert hint(backend, operation, **params) == (
        "'db' has been scheduled for deletion since 2026-03-01 12:00:00Z; its recovery window ends at 2026-03-08 12:00:00Z."
        " Until then, RestoreSecret cancels the deletion"
    )


@rows(
    "params",
    [{"VersionStage": "AWSPREVIOS"}, {"VersionId": TOKEN[::-1]}, {"VersionId": TOKEN, "VersionStage": "AWSPREVIOUS"}],
)
def test_other_versions_are_hinted_at(backend, params):
    backend.create("db", "one", token=TOKEN[:-1] + "2")
    backend["db"].update("two", token=TOKEN)

    assert read(backend, SecretId="db", **params).removesuffix(". Did you mean 'AWSPREVIOUS'?") == (
        f"versions of 'db': {TOKEN} (AWSCURRENT), {TOKEN[:-1]}2 (AWSPREVIOUS)"
    )


def test_a_hint_suggests_the_label_that_a_misspelt_one_resembles(backend):
    backend.create("db", "one")

    assert read(backend, SecretId="db", VersionStage="AWSCURENT").endswith(". Did you mean 'AWSCURRENT'?")


def test_a_missing_version_is_hinted_at(backend):
    backend.create("db")

    assert read(backend, SecretId="db") == "'db' has no version"


def test_hint_when_the_pending_version_has_no_value_yet(backend):
    backend.create("db", "one")
    arn = backend.register_rotation_lambda("rotator", lambda _event, _context: None)
    backend.client().rotate_secret(
        SecretId="db", RotationLambdaARN=arn, ClientRequestToken=TOKEN, RotationRules={"AutomaticallyAfterDays": 1}
    )

    assert read(backend, SecretId="db", VersionStage="AWSPENDING") == (
        f"version {TOKEN} is AWSPENDING and has no value: a rotation started, but has not stored one"
    )


def test_hint_when_the_token_belongs_to_a_version(backend):
    backend.create("db", "one", token=TOKEN)

    found = hint(backend, "update_secret", SecretId="db", SecretString="two", ClientRequestToken=TOKEN)

    assert found == (
        "the token is the id of the version created at 2026-03-01 12:00:00Z (AWSCURRENT). Each new value needs a new token"
    )


def test_hint_when_a_token_was_already_used_as_documented():
    with mock_secrets(token_reuse="documented", secrets={"db": "one"}) as backend:
        token = backend["db"].versions[0].id

        found = hint(backend, "update_secret", SecretId="db", SecretString="one", ClientRequestToken=token)

    assert 'token_reuse="documented" refuses a used token even with the same value' in found


def rotate(backend, **params):
    rules = {"RotationRules": {"AutomaticallyAfterDays": 30}}
    return hint(backend, "rotate_secret", SecretId="db", **{"RotationLambdaARN": ROTATOR, **rules, **params})


def test_hint_when_no_rotation_function_is_registered(backend):
    backend.create("db", "one")

    assert rotate(backend) == (
        "no function 'rotator' is registered. Register it with backend.register_rotation_lambda(\"rotator\", handler)"
    )


def test_hint_when_the_rotation_function_has_another_name(backend):
    backend.create("db", "one")
    arn = backend.register_rotation_lambda("rotater", lambda _event, _context: None)

    assert rotate(backend).endswith(f"Did you mean 'rotater'? Registered: {arn}")


def test_hint_when_the_rotation_function_is_in_another_account(backend):
    backend.create("db", "one")
    other = ROTATOR.replace("123456789012", "111122223333")
    backend.register_rotation_lambda(other, lambda _event, _context: None)

    assert rotate(backend) == f"'rotator' is registered as {other}, not as {ROTATOR}"


def test_hint_when_the_previous_rotation_has_not_finished(backend):
    backend.create("db", "one")
    arn = backend.register_rotation_lambda("rotator", lambda event, _context: event["typo"])
    backend.client().rotate_secret(
        SecretId="db", RotationLambdaARN=arn, ClientRequestToken=TOKEN, RotationRules={"AutomaticallyAfterDays": 1}
    )

    assert rotate(backend) == (
        f"AWSPENDING is on version {TOKEN}, created at 2026-03-01 12:00:00Z, which does not have AWSCURRENT. The last rotation run failed"
    )


@rows("key", ["alias/ap", TOKEN])
def test_hint_when_the_key_does_not_exist(key):
    with mock_secrets(kms="strict") as backend:
        made = backend.kms.create_key(alias="alias/app")

        found = hint(backend, "create_secret", Name="db", SecretString="one", KmsKeyId=key)

    assert found == f'with kms="strict", only keys created with backend.kms.create_key() exist: alias/app, {made.arn}'


def policy(resource):
    statement = {"Sid": "Read", "Effect": "Allow", "Action": "secretsmanager:*", "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


@rows(
    "operation, params",
    [("get_secret_value", {"SecretId": "db"}), ("create_secret", {"Name": "db", "SecretString": "one"})],
)
def test_a_hint_appears_when_the_policy_lacks_the_arn_suffix(backend, operation, params):
    if operation == "get_secret_value":
        backend.create("db", "one")
    user = backend.iam.create_user("app", policy=policy("arn:aws:secretsmanager:us-east-1:123456789012:secret:db"))

    assert hint(backend, operation, user.client(), **params) == (
        "Read of the policy names the ARN without the hyphen and the six characters that AWS appends to the name. End"
        ' its Resource with "-??????"'
    )


def test_a_policy_for_another_secret_gets_no_suffix_hint(backend):
    backend.create("db", "one")
    user = backend.iam.create_user("app", policy=policy("arn:aws:secretsmanager:us-east-1:123456789012:secret:api"))

    assert read(backend, user.client(), SecretId="db") is None


def test_the_aws_error_message_stays_unchanged(backend):
    read(backend, SecretId="db")

    assert backend.calls[-1].message == "Secrets Manager can't find the specified secret."


def test_the_hint_appears_in_the_report(backend):
    read(backend, SecretId="db")

    assert "→ there is no secret in us-east-1 of account 123456789012" in backend.report()


def test_a_successful_call_has_no_hint(backend):
    boto3.client("secretsmanager").list_secrets()

    assert backend.calls[-1].hint is None
