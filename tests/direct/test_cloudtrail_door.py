"""``backend.cloudtrail`` and its leaks: whose values are looked for, however a secret came by them."""

import json
from datetime import datetime, timedelta, timezone

import boto3
import pytest
from botocore.exceptions import ClientError
from conformance.rotation_functions import NAME, Template
from freezegun import freeze_time
from tables import rows

from mock_secrets import Limits, SecretLeaked, SecretsBackend, mock_secrets

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
LAMBDA = f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}"
V1 = "11111111-1111-4111-8111-111111111111"

pytestmark = pytest.mark.mock_secrets(at=NOON)


@pytest.fixture
def trail(secrets_backend):
    return secrets_backend.cloudtrail


@pytest.fixture
def note(secrets_client):
    """Have a secret "notes" describe itself with a text, which is logged."""
    secrets_client.create_secret(Name="notes", SecretString="-----")

    def describe(text):
        secrets_client.update_secret(SecretId="notes", Description=f"see {text}")

    return describe


def whose(trail, **options):
    """The secrets, and their parts, whose values were logged."""
    return [(leak.secret, leak.part) for leak in trail.leaks(**options)]


# --- Whose values are looked for ---


@pytest.mark.mock_secrets(secrets={"db": {"username": "administrator", "password": "s33d-value"}})
def test_one_field_of_a_seeded_secret_is_found(trail, note):
    note("s33d-value of administrator")

    assert whose(trail) == [("db", "password")]
    assert sorted(whose(trail, ignore=())) == [("db", "password"), ("db", "username")]


@rows(
    "store",
    [
        lambda backend: backend.create("db", "d1rect-value"),
        lambda backend: backend.create("db", {"password": "d1rect-value"}),
        lambda backend: backend.create("db", b"d1rect-value"),
        lambda backend: backend.create("db", "other").update("d1rect-value"),
        lambda backend: backend.create("db", "other").put("d1rect-value", stages=["BLUE"]),
        lambda backend: backend.create("db", "d1rect-value", account_id="111122223333", region="eu-west-1"),
        lambda backend: backend.create_managed_secret("rds", "db", "d1rect-value"),
        lambda backend: backend.seed({"db": "d1rect-value"}),
    ],
)
def test_a_value_stored_by_direct_access_is_found(secrets_backend, trail, note, store):
    store(secrets_backend)

    note("d1rect-value")

    assert [leak.secret for leak in trail.leaks()] == ["db"]


@rows(
    "operation, request_",
    [
        ("create_secret", {"Name": "db", "SecretString": "c4lled-value"}),
        ("create_secret", {"Name": "db", "SecretBinary": b"c4lled-value"}),
        ("put_secret_value", {"SecretId": "notes", "SecretString": "c4lled-value"}),
        ("put_secret_value", {"SecretId": "notes", "SecretBinary": b"c4lled-value", "VersionStages": ["BLUE"]}),
        ("update_secret", {"SecretId": "notes", "SecretString": "c4lled-value"}),
        ("update_secret", {"SecretId": "notes", "SecretBinary": b"c4lled-value"}),
    ],
)
def test_a_value_sent_in_a_call_is_found(secrets_client, trail, note, operation, request_):
    getattr(secrets_client, operation)(**request_)

    note("c4lled-value")

    assert whose(trail) == [(request_.get("Name", "notes"), None)]


def test_a_value_stored_after_it_was_logged_is_found(secrets_client, trail, note):
    note("l4ter-value")
    before = whose(trail)

    secrets_client.create_secret(Name="db", SecretString="l4ter-value")

    assert (before, whose(trail)) == ([], [("db", None)])


def test_a_value_sent_in_a_refused_call_is_found(secrets_client, trail, note):
    """No secret ever had it, and somebody meant it for one."""
    with pytest.raises(ClientError):
        secrets_client.create_secret(Name="notes", SecretString="r3fused-value")
    with pytest.raises(ClientError):
        secrets_client.put_secret_value(SecretId="nothing", SecretString="r3fused-value")

    note("r3fused-value")

    assert whose(trail) == [("notes", None), ("nothing", None)]


@pytest.mark.mock_secrets(limits=Limits(retained_versions=2))
def test_a_value_of_a_removed_version_is_found(secrets_backend, trail, note):
    stored = secrets_backend.create("db", "f1rst-value")
    stored.update("s3cond-value")
    stored.update("th1rd-value")
    secrets_backend.clock.advance(days=2)

    note("f1rst-value")

    assert "f1rst-value" not in [version.value for version in stored.versions]
    assert whose(trail) == [("db", None)]


@rows("forced", [False, True])
def test_a_value_of_a_deleted_secret_is_found(secrets_backend, secrets_client, trail, note, forced):
    secrets_backend.create("db", "g0ne-value")
    secrets_client.delete_secret(SecretId="db", **({"ForceDeleteWithoutRecovery": True} if forced else {}))
    secrets_backend.clock.advance(days=60)

    note("g0ne-value")

    assert "db" not in secrets_backend
    assert whose(trail) == [("db", None)]


def test_a_rotation_function_that_logs_its_new_value_is_found(secrets_backend, secrets_client, trail):
    class Leaky(Template):
        def finish_secret(self, arn, token):
            super().finish_secret(arn, token)
            value = self.client.get_secret_value(SecretId=arn)["SecretString"]
            self.client.tag_resource(SecretId=arn, Tags=[{"Key": "current", "Value": value.encode().hex()}])
            self.client.update_secret(SecretId=arn, Description=json.dumps({"now": value}))

    secrets_backend.create("db", "old-value")
    secrets_backend.register_rotation_lambda(NAME, Leaky(secrets_client))

    secrets_client.rotate_secret(SecretId="db", RotationLambdaARN=LAMBDA)

    (leak,) = trail.leaks()
    assert (leak.operation, leak.parameter, leak.secret) == ("UpdateSecret", "description", "db")
    assert leak.principal == f"arn:aws:sts::123456789012:assumed-role/{NAME}/{NAME}"


def test_a_value_rotated_by_the_owning_service_is_found(secrets_backend, secrets_client, trail, note):
    secrets_backend.create_managed_secret("rds", "rds!db-1", {"username": "admin", "password": "0ld-password"})
    secrets_client.rotate_secret(SecretId="rds!db-1")

    note(secrets_backend["rds!db-1"].json["password"])
    note("0ld-password")

    assert whose(trail) == [("rds!db-1", "password")] * 2


def test_a_leaked_replica_value_is_reported_for_the_primary(secrets_backend, secrets_client, trail, note):
    secrets_client.create_secret(Name="db", SecretString="c0pied-value", AddReplicaRegions=[{"Region": "eu-west-1"}])
    secrets_backend.clock.advance(seconds=1)

    note("c0pied-value")

    assert whose(trail) == [("db", None)]


def test_a_generated_random_password_is_not_a_leak(secrets_client, trail, note):
    """A random password is nobody's yet."""
    note(secrets_client.get_random_password()["RandomPassword"])

    assert whose(trail) == []


def test_a_rotation_token_is_not_a_secret_value(secrets_backend, secrets_client, trail):
    """It is as sensitive, and never logged; that it is somewhere says nothing of a secret's value."""
    if "RotationToken" not in secrets_client.meta.service_model.operation_model("PutSecretValue").input_shape.members:
        pytest.skip("this botocore does not know RotationToken")
    secrets_backend.create("db", "old-value")

    secrets_client.put_secret_value(
        SecretId="db", SecretString="new-value", ClientRequestToken=V1, RotationToken=V1, VersionStages=["BLUE"]
    )

    assert trail.leaks() == []


@pytest.mark.parametrize(
    "value", ['"\\ud800-half-a-pair"', "[" * 5_000 + "]" * 5_000, '{"a": NaN, "b": "s3cret-value"}']
)
def test_a_hard_to_read_value_is_found(secrets_backend, trail, note, tmp_path, value):
    secrets_backend.create("db", value)

    note("s3cret-value")

    assert whose(trail) in ([], [("db", "b")])
    assert len(json.loads(trail.write(tmp_path / "log.json").read_bytes())["Records"]) == 2


# --- Where they are looked for ---


def test_denied_calls_can_leak_too(secrets_backend, trail):
    secrets_backend.create("db", "s3cret-value")
    ann = secrets_backend.iam.create_user("ann")

    with pytest.raises(ClientError):
        ann.client().describe_secret(SecretId="s3cret-value")

    (leak,) = trail.leaks()
    assert (leak.principal, leak.at) == (ann.arn, NOON)
    assert leak.event_id == trail[0]["eventID"]


def test_direct_access_logs_nothing(secrets_backend, trail):
    secrets_backend.create("db", "s3cret-value", description="of s3cret-value", tags={"value": "s3cret-value"})

    assert trail.leaks() == []


def test_values_where_they_belong_are_not_leaks(secrets_client, trail):
    secrets_client.create_secret(Name="db", SecretString="s3cret-value")
    secrets_client.put_secret_value(SecretId="db", SecretBinary=b"s3cret-value")
    secrets_client.update_secret(SecretId="db", SecretString="s3cret-value")
    secrets_client.get_secret_value(SecretId="db")

    assert trail.leaks() == []


# --- The door ---


def test_two_backends_do_not_share_their_values():
    one, two = SecretsBackend(secrets={"db": "s3cret-value"}), SecretsBackend()
    one.clock.now()

    assert (len(one.cloudtrail), len(two.cloudtrail)) == (0, 0)
    assert one.cloudtrail is not two.cloudtrail


def test_the_trail_can_be_read_after_the_mock_has_ended(secrets_backend):
    with mock_secrets() as backend:
        boto3.client("secretsmanager").create_secret(Name="db", SecretString="s3cret-value", Description="s3cret-value")

    assert [record["eventName"] for record in backend.cloudtrail] == ["CreateSecret"]
    assert len(backend.cloudtrail.leaks()) == 1


def test_a_check_reports_each_leak_once(secrets_backend, note):
    secrets_backend.create("db", "s3cret-value")
    secrets_backend.check_leaks()
    note("s3cret-value")
    with pytest.raises(SecretLeaked) as first:
        secrets_backend.check_leaks()

    secrets_backend.check_leaks()
    note("s3cret-value")
    with pytest.raises(SecretLeaked) as second:
        secrets_backend.check_leaks()

    assert str(first.value) == str(second.value)
    assert str(first.value).count("UpdateSecret put the value") == 1
    assert len(secrets_backend.cloudtrail.leaks()) == 2


def test_no_leak_report_shows_a_value(secrets_backend, secrets_client, trail, note):
    secrets_backend.create("db", "s3cret-value")
    secrets_client.put_secret_value(SecretId="db", SecretString="s3cret-value")
    shown_before = repr(trail._log.events)
    note("s3cret-value")

    assert (
        "s3cret-value" not in f"{shown_before} {trail!r} {trail.leaks()!r} {trail._log._values!r} {secrets_backend!r}"
    )


def test_reading_the_log_first_runs_everything_that_is_due():
    """As it has when ``backend["db"]`` is looked at: here a version is outdated, by the process's clock."""
    with freeze_time(NOON) as frozen:
        backend = SecretsBackend(limits=Limits(retained_versions=2))
        stored = backend.create("db", "0")
        stored.update("1")
        stored.update("2")
        frozen.tick(timedelta(hours=25))

        logged = [record["eventName"] for record in backend.cloudtrail]
        assert len(stored.versions) == 2
        assert [record["eventName"] for record in backend.cloudtrail] == logged
