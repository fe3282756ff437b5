"""What a backend holds as JSON data, and what another one makes of it."""

import json
from copy import deepcopy
from datetime import datetime, timedelta, timezone

import pytest
from tables import rows
from traces import traces

from mock_secrets import Limits, SecretsBackend, mock_secrets
from mock_secrets.kernel.plain import Damaged
from mock_secrets.service.saved_state import load, save

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)
OPEN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}]}
LIMITS = Limits(retained_versions=2, replication_delay=timedelta(hours=1), rotation_delay=timedelta(hours=1))


@pytest.fixture
def before():
    """A backend with something of everything."""
    with mock_secrets(at=START, limits=LIMITS) as backend:
        client, key = backend.client(), backend.kms.create_key(alias="alias/app", policy=None)
        client.create_secret(
            Name="db",
            SecretString="s3cret",
            Description="of the shop",
            KmsKeyId="alias/app",
            Tags=[{"Key": "team", "Value": "a"}],
            AddReplicaRegions=[{"Region": "eu-west-1"}],
        )
        for value in "abc":
            client.put_secret_value(SecretId="db", SecretString=value, VersionStages=["AWSCURRENT", value])
        client.put_resource_policy(SecretId="db", ResourcePolicy=json.dumps(OPEN))
        client.get_secret_value(SecretId="db")
        client.create_secret(Name="raw", SecretBinary=b"\0\xff")
        client.create_secret(Name="empty")
        client.create_secret(Name="untagged", Tags=[{"Key": "a", "Value": "b"}])
        client.untag_resource(SecretId="untagged", TagKeys=["a"])
        client.create_secret(Name="deleted", SecretString="d")
        client.delete_secret(SecretId="deleted", RecoveryWindowInDays=7)
        rotation = backend.register_rotation_lambda("rotate", lambda event, context: None)
        client.rotate_secret(
            SecretId="raw",
            RotationLambdaARN=rotation,
            RotationRules={"ScheduleExpression": "rate(10 days)", "Duration": "2h"},
        )
        backend.create_managed_secret("rds", "rds!db", "m")
        backend.create("elsewhere", "e", account_id="111122223333", region="eu-central-1")
        backend.create("copied", "c", region="us-west-2", kms_key_id=key.id)
        yield backend


def saved(backend):
    """Through a file."""
    return json.loads(json.dumps(save(backend.service)))


def loaded(data, **options):
    backend = SecretsBackend(**{"at": START, "limits": LIMITS, **options})
    load(backend.service, data)
    return backend


def test_a_restored_backend_holds_the_same_state(before):
    data = saved(before)
    after = loaded(data)

    assert saved(after) == data
    for one in before.service.state.store:
        other = after.service.state.store.get(one.arn, account_id=one.account_id, region=one.region)
        assert traces([*one.versions]) == traces([*other.versions])
        assert traces(one.rotation) == traces(other.rotation)
        assert (one.name, one.policy, one.tags) == (other.name, other.policy, other.tags)
    assert after["db"].tags == {"team": "a"}
    assert repr(after["db"].value) == "'<redacted>'"
    assert (after["raw"].value, after["empty"].value) == (b"\0\xff", None)


def test_due_work_happens_at_its_own_instant_in_a_restored_backend(before):
    after = loaded(saved(before))
    after.clock.advance(hours=1)
    replica = after.secret("db", region="eu-west-1")

    assert [version.id for version in replica.versions] == [version.id for version in after["db"].versions]
    after.clock.advance(days=7)
    assert "deleted" not in after
    # The outdated one has gone.
    assert (len(before["db"].versions), len(after["db"].versions)) == (4, 3)
    ends = [event["eventTime"] for event in after.cloudtrail.lookup(name="EndSecretVersionDelete")]
    assert sorted(ends) == ["2026-01-02T00:00:00Z", "2026-01-08T00:00:00Z"]


def test_a_replica_still_belongs_to_its_primary(before):
    before.clock.advance(hours=1)
    after = loaded(saved(before))

    after.service.direct(
        "RemoveRegionsFromReplication",
        account_id=after.account_id,
        region=after.region,
        SecretId="db",
        RemoveReplicaRegions=["eu-west-1"],
    )

    with pytest.raises(KeyError):
        after.secret("db", region="eu-west-1")


def test_a_restored_replica_without_its_primary_can_be_promoted(before):
    before.clock.advance(hours=1)
    data = saved(before)
    data["secrets"] = [one for one in data["secrets"] if "replicas" not in one]
    after = loaded(data)

    after.service.direct("StopReplicationToReplica", account_id=after.account_id, region="eu-west-1", SecretId="db")
    assert after.secret("db", region="eu-west-1").value == "c"


def test_ids_continue_and_do_not_start_over(before):
    after = loaded(saved(before))

    assert after.create("new").arn == before.create("new").arn


def test_a_restored_key_keeps_its_arn_and_is_still_disabled(before):
    key = before.kms["alias/app"]
    key.disable()
    after = loaded(saved(before))

    assert after.kms["alias/app"].arn == key.arn
    assert "disabled" in repr(after.kms["alias/app"]).lower()


class TestTime:
    def test_a_restored_clock_continues_where_it_was(self, before):
        before.clock.advance(days=3)

        assert loaded(saved(before)).clock.now() == START + 3 * DAY

    def test_a_clock_that_is_already_later_stays_where_it_is_after_a_restore(self, before):
        after = loaded(saved(before), at=START + 8 * DAY)

        assert after.clock.now() == START + 8 * DAY
        assert "deleted" not in after

    def test_a_restored_clock_that_follows_the_process_adds_the_time_passed(self):
        before = SecretsBackend(at=START)
        before.clock.advance(days=9_999)
        after = SecretsBackend()
        load(after.service, saved(before), passed=DAY)

        assert timedelta(0) <= after.clock.now() - (START + 10_000 * DAY) < timedelta(minutes=5)


def changed(data, path, value):
    """The data with another value at a place, or without the place."""
    data = deepcopy(data)
    inner = data
    for step in path[:-1]:
        inner = inner[step]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return data


FIRST = ("secrets", 0)


@rows(
    "path, value, told",
    [
        (("format",), ..., "it is not a saved state of mock_secrets"),
        (
            ("format",),
            2,
            "it has format 2, but this version of mock_secrets reads format 1: use the version that wrote it",
        ),
        (("secrets",), ..., "it lacks 'secrets'"),
        (("secrets",), {}, "secrets is not a list"),
        (FIRST, "x", "secrets[0] is not a Secret"),
        (("at",), "noon", "at is not an instant with its time zone"),
        (("at",), "2026-01-01T00:00:00", "at is not an instant with its time zone"),
        (("ids",), "00", "ids is not the state of a random number generator"),
        (("ids",), 5, "ids is not the state of a random number generator"),
        (("keys",), 5, "keys is not a list"),
        (("keys", 0, "arn"), ..., "keys[0] lacks 'arn'"),
        (("keys", 0, "enabled"), 1, "keys[0].enabled is not true or false"),
        ((*FIRST, "name"), ..., "secrets[0] lacks 'name'"),
        ((*FIRST, "name"), 5, "secrets[0].name is not a text"),
        ((*FIRST, "colour"), "red", "secrets[0] has a member 'colour', which a Secret does not have"),
        ((*FIRST, "created_at"), 5, "secrets[0].created_at is not an instant with its time zone"),
        ((*FIRST, "accessed_on"), "today", "secrets[0].accessed_on is not a day"),
        ((*FIRST, "tags"), ["a"], "secrets[0].tags is not an object"),
        ((*FIRST, "tags"), {"a": 5}, "secrets[0].tags['a'] is not a text"),
        ((*FIRST, "policy"), {"Version": 5}, "secrets[0].policy is not a Policy"),
        ((*FIRST, "versions"), ..., "secrets[0].versions is not a list"),
        ((*FIRST, "versions", 0, "value"), 5, "secrets[0].versions[0].value is not a value"),
        ((*FIRST, "versions", 0, "value"), {"base64": "?"}, "secrets[0].versions[0].value is not a value"),
        ((*FIRST, "versions", 0, "key_ids"), [5], "secrets[0].versions[0].key_ids[0] is not a text"),
        ((*FIRST, "labels"), {"AWSCURRENT": "none"}, "secrets[0].labels names a version that does not exist"),
        (
            (*FIRST, "replicas", "eu-west-1", "status"),
            "Odd",
            "secrets[0].replicas['eu-west-1'].status is not a ReplicaStatus",
        ),
        ((*FIRST, "rotation"), {"schedule": {"days": "5"}}, "secrets[0].rotation.schedule.days is not a whole number"),
        ((*FIRST, "rotation"), {"schedule": {"expression": "x"}}, "secrets[0].rotation.schedule is not a Schedule"),
        ((*FIRST, "rotation"), {"schedule": {}}, "secrets[0].rotation.schedule is not a Schedule"),
    ],
)
def test_damaged_state_is_refused_with_its_location(before, path, value, told):
    data = changed(saved(before), path, value)
    after = SecretsBackend(at=START)

    with pytest.raises(Damaged) as error:
        load(after.service, data)

    assert str(error.value).startswith(told)
    assert list(after) == []


@rows("path", [("secrets",), ("keys",), (*FIRST, "versions")])
def test_duplicate_entries_are_refused(before, path):
    data = saved(before)
    inner = data
    for step in path:
        inner = inner[step]
    inner.append(inner[0])

    with pytest.raises(Damaged, match="twice"):
        loaded(data)


def test_two_saved_keys_with_one_alias_are_refused_and_nothing_is_restored(before):
    data = saved(before)
    data["keys"].append({**data["keys"][0], "arn": "arn:aws:kms:us-east-1:123456789012:key/other"})
    after = SecretsBackend(at=START)

    with pytest.raises(Damaged, match="keys: there is already a key with the alias 'alias/app'"):
        load(after.service, data)

    assert list(after.service.state.keys) == []


@rows("data", [None, 5, [], {}])
def test_a_file_of_another_kind_is_reported(data):
    with pytest.raises(Damaged, match="it is not a saved state of mock_secrets"):
        loaded(data)
