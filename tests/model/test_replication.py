"""Replication by itself: requests, replicas that follow when they are due, and replicas made secrets of their own."""

from datetime import datetime, timedelta, timezone

import pytest
from tables import rows

from mock_secrets import Limits
from mock_secrets.kernel.errors import InvalidReplicaRegion, NoSuchReplica, NotAReplica, ReplicaExists
from mock_secrets.kernel.limits import AT_ONCE
from mock_secrets.model import replication
from mock_secrets.model.expiry import expire
from mock_secrets.model.replicas import ReplicaStatus
from mock_secrets.model.replication import ReplicaRequest
from mock_secrets.model.secret import Secret
from mock_secrets.model.store import Store

ACCOUNT = "123456789012"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
SECOND = timedelta(seconds=1)
LATE = Limits(replication_delay=30 * SECOND)
HOME, AWAY, THIRD = "us-east-1", "eu-west-1", "ap-south-1"


@pytest.fixture
def store():
    return Store()


def make(store, region=HOME, value="one", suffix="AbCdEf"):
    """A secret "db" of a region, with one version."""
    secret = Secret(
        name="db",
        arn=f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:db-{suffix}",
        account_id=ACCOUNT,
        region=region,
        created_at=NOON,
        changed_at=NOON,
    )
    secret.versions.store(f"version of {region}", value, [], NOON, "DefaultEncryptionKey")
    store.region(ACCOUNT, region).add(secret)
    return secret


def held(store, region):
    return store.region(ACCOUNT, region).get("db")


def replicate(store, primary, *regions, at=NOON, limits=LATE, overwrite=False):
    """PermissionCheck for replicas and wait until they are there."""
    replication.begin(primary, map(ReplicaRequest, regions), at, overwrite=overwrite)
    replication.follow(store, primary, at + (limits.replication_delay or AT_ONCE), limits)


def statuses(primary):
    return {region: replica.status for region, replica in primary.replicas.items()}


# --- Requests ---


@rows(
    "home, wished", [("us-east-1", "eu-west-1"), ("cn-north-1", "cn-northwest-1"), ("us-gov-west-1", "us-gov-east-1")]
)
def test_a_region_of_the_same_partition_can_have_a_replica(home, wished):
    replication.check_requests(None, home, [ReplicaRequest(wished)])


@rows(
    "home, wished",
    [
        ("us-east-1", "us-east-1"),
        ("us-east-1", "cn-north-1"),
        ("us-east-1", "us-gov-west-1"),
        ("cn-north-1", "us-east-1"),
        ("us-gov-west-1", "us-east-1"),
    ],
)
@rows("before", [[], [ReplicaRequest("sa-east-1")]])
def test_a_region_of_another_partition_cannot_have_a_replica(home, wished, before):
    with pytest.raises(InvalidReplicaRegion):
        replication.check_requests(None, home, [*(before if home == HOME else []), ReplicaRequest(wished)])


def test_a_region_is_requested_once():
    with pytest.raises(ReplicaExists) as caught:
        replication.check_requests(None, HOME, [ReplicaRequest(AWAY), ReplicaRequest(THIRD), ReplicaRequest(AWAY)])

    assert caught.value.data == {"region": AWAY}


@rows("waited", [0 * SECOND, 30 * SECOND])
def test_a_region_with_a_replica_is_not_requested_again(waited):
    store = Store()
    primary = make(store)
    replication.begin(primary, [ReplicaRequest(AWAY)], NOON, overwrite=False)
    replication.follow(store, primary, NOON + waited, LATE)

    with pytest.raises(ReplicaExists):
        replication.check_requests(primary, HOME, [ReplicaRequest(AWAY)])


def test_a_failed_region_can_be_requested_again(store):
    primary, _ = make(store), make(store, AWAY, suffix="GhIjKl")
    replicate(store, primary, AWAY)

    replication.check_requests(primary, HOME, [ReplicaRequest(AWAY)])

    assert statuses(primary) == {AWAY: ReplicaStatus.FAILED}
    assert replication.regions_with_replica(primary) == []


# --- Following ---


def test_a_replica_is_created_when_it_is_due(store):
    primary = make(store)
    replication.begin(primary, [ReplicaRequest(AWAY, "alias/theirs")], NOON, overwrite=False)

    replication.follow(store, primary, NOON + 29 * SECOND, LATE)
    before = held(store, AWAY)
    replication.follow(store, primary, NOON + 30 * SECOND, LATE)

    copy = held(store, AWAY)
    assert before is None
    assert (copy.arn, copy.region) == (primary.arn.replace(HOME, AWAY), AWAY)
    assert copy.created_at == copy.changed_at == NOON + 30 * SECOND
    assert (copy.kms_key_id, copy.primary_region) == ("alias/theirs", HOME)
    assert copy.is_replica_of(primary)
    assert not primary.is_replica


def test_only_the_region_of_the_arn_is_replaced(store):
    primary = make(store)
    primary.arn = f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:a:{HOME}:b-AbCdEf"

    replicate(store, primary, AWAY)

    assert held(store, AWAY).arn == f"arn:aws:secretsmanager:{AWAY}:{ACCOUNT}:secret:a:{HOME}:b-AbCdEf"


def test_a_secret_reports_when_its_replicas_are_due(store):
    primary = make(store)
    dues = [primary.next_due(LATE)]

    replication.begin(primary, [ReplicaRequest(AWAY)], NOON, overwrite=False)
    dues.append(primary.next_due(LATE))
    replication.follow(store, primary, NOON + 30 * SECOND, LATE)
    dues.append(primary.next_due(LATE))
    primary.mark_changed(NOON + 60 * SECOND)
    dues.append(primary.next_due(LATE))
    replication.follow(store, primary, NOON + 90 * SECOND, LATE)
    dues.append(primary.next_due(LATE))

    assert dues == [None, NOON + 30 * SECOND, None, NOON + 90 * SECOND, None]


def test_two_changes_at_the_same_instant_are_both_replicated(store):
    primary = make(store)
    replicate(store, primary, AWAY, limits=Limits())

    for description in ("first", "second"):
        primary.description = description
        primary.mark_changed(NOON)
        replication.follow(store, primary, NOON, Limits())

    assert held(store, AWAY).description == "second"


def test_later_changes_do_not_delay_the_replication_of_earlier_ones(store):
    primary = make(store)
    replicate(store, primary, AWAY)

    for seconds in (60, 80):
        primary.description = f"of {seconds}"
        primary.mark_changed(NOON + seconds * SECOND)
    replication.follow(store, primary, NOON + 90 * SECOND, LATE)

    assert held(store, AWAY).description != ""


def test_a_replica_shares_no_state_with_its_primary(store):
    primary = make(store)
    primary.tags = {"a": "b"}
    replicate(store, primary, AWAY)
    copy = held(store, AWAY)

    primary.tags["c"] = "d"
    primary.versions.store("second", "two", ["AWSCURRENT"], NOON, "DefaultEncryptionKey")
    primary.versions.current.accessed_on = NOON.date()

    assert copy.tags == {"a": "b"}
    assert [version.id for version in copy.versions] == [f"version of {HOME}"]
    assert copy.versions.current.labels == {"AWSCURRENT"}
    assert copy.versions.current.accessed_on is None


# --- A name that is taken ---


@rows("suffix", ["AbCdEf", "GhIjKl"])
def test_replication_fails_if_a_secret_with_that_name_exists(suffix):
    store = Store()
    primary, other = make(store), make(store, AWAY, "theirs", suffix)

    replicate(store, primary, AWAY, THIRD)

    assert statuses(primary) == {AWAY: ReplicaStatus.FAILED, THIRD: ReplicaStatus.IN_SYNC}
    assert held(store, AWAY) is other
    assert other.versions.current.value == "theirs"
    assert primary.next_due(LATE) is None


def test_replication_fails_if_a_replica_of_another_primary_has_the_name(store):
    first, second = make(store, THIRD, "theirs", "GhIjKl"), make(store)
    replicate(store, first, AWAY)

    replicate(store, second, AWAY)

    assert statuses(second) == {AWAY: ReplicaStatus.FAILED}
    assert held(store, AWAY).is_replica_of(first)


def test_a_secret_with_the_same_name_is_overwritten_by_force(store):
    primary, other = make(store), make(store, AWAY, "theirs", "GhIjKl")

    replicate(store, primary, AWAY, overwrite=True)

    assert held(store, AWAY) is not other
    assert held(store, AWAY).is_replica_of(primary)
    assert replication.regions_with_replica(primary) == [AWAY]


# --- Removing ---


def test_removing_regions_deletes_only_the_replicas(store):
    primary, other = make(store), make(store, THIRD, "theirs", "GhIjKl")
    replicate(store, primary, AWAY, THIRD)

    replication.remove(store, primary, [THIRD, AWAY])

    assert (held(store, AWAY), held(store, THIRD)) == (None, other)
    assert (primary.replicas, primary.primary_region) == ({}, None)


def test_removing_accepts_any_iterable(store):
    primary = make(store)
    replicate(store, primary, AWAY, THIRD)

    replication.remove(store, primary, iter([AWAY]))

    assert statuses(primary) == {THIRD: ReplicaStatus.IN_SYNC}
    assert held(store, AWAY) is None
    assert primary.primary_region == HOME


def test_removing_a_missing_replica_removes_nothing(store):
    primary = make(store)
    replicate(store, primary, AWAY)

    with pytest.raises(NoSuchReplica) as caught:
        replication.remove(store, primary, [AWAY, THIRD])

    assert caught.value.data == {"region": THIRD}
    assert statuses(primary) == {AWAY: ReplicaStatus.IN_SYNC}
    assert held(store, AWAY).is_replica


# --- Promoting ---


def test_a_promoted_replica_no_longer_follows_its_primary(store):
    primary = make(store)
    replicate(store, primary, AWAY, THIRD)
    copy = held(store, AWAY)

    replication.promote(copy)
    primary.description = "new"
    primary.mark_changed(NOON + 60 * SECOND)
    replication.follow(store, primary, NOON + 90 * SECOND, LATE)

    assert (copy.is_replica, copy.description) == (False, "")
    assert held(store, AWAY) is copy
    assert held(store, THIRD).description == "new"
    assert statuses(primary) == {THIRD: ReplicaStatus.IN_SYNC}


@rows("replicated", [False, True])
def test_a_secret_that_is_not_a_replica_cannot_be_promoted(replicated):
    store = Store()
    primary = make(store)
    if replicated:
        replicate(store, primary, AWAY)

    with pytest.raises(NotAReplica):
        replication.promote(primary)


def test_promoting_an_orphan_does_not_affect_the_replacement_of_its_primary(store):
    lost, primary = make(store, AWAY, "theirs", "GhIjKl"), make(store)
    replicate(store, lost, THIRD)
    replicate(store, primary, AWAY, overwrite=True)

    replication.promote(held(store, THIRD))

    assert not held(store, THIRD).is_replica
    assert held(store, AWAY).is_replica_of(primary)


def test_an_overwritten_primary_creates_no_more_replicas(store):
    lost, primary = make(store, AWAY, "theirs", "GhIjKl"), make(store)
    replication.begin(lost, [ReplicaRequest(THIRD)], NOON, overwrite=False)
    replicate(store, primary, AWAY, overwrite=True)

    expire(store, lost, NOON + 60 * SECOND, LATE)

    assert held(store, THIRD) is None
