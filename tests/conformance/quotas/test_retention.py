"""How long versions are kept, and how many updates a day there can be."""

import linecache
from datetime import datetime, timedelta, timezone

import pytest
from conformance.fidelity import behaviour
from conformance.quotas.updates import KEPT, kept, numbered, update, update_many
from conformance.raw import all_versions, at_a_quota, snapshot
from tables import rows

from mock_secrets import Limits, UpdateRateWarning

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(hours=24)
TICK = timedelta(milliseconds=1)
TEN_MINUTES = timedelta(minutes=10)
RETENTION, RATE = "Quotas: retention of versions", "Quotas: rate of updates"
REMOVED = "AWS User Guide, quotas: unlabeled versions are removed when there are more than 100"
NEVER = "AWS User Guide: never removes labeled versions"
OLDEST = "AWS API reference, PutSecretValue: keeps 100 of the most recent versions"
SUSTAINED = "AWS API reference, UpdateSecret: no more than once every 10 minutes"
DERIVED = "144 versions are what one update each 10 minutes needs in 24 hours; AWS publishes about 100"

at_new_year = pytest.mark.mock_secrets(at=NEW_YEAR)
few = Limits(retained_versions=3, versions_per_secret=1000)


# --- Retention ---


@behaviour(RETENTION, "all versions younger than 24 hours are kept", "AWS-DOC", KEPT)
@rows("later", [timedelta(0), DAY - TICK])
@at_new_year
def test_young_versions_are_kept(client, secrets_backend, db, later):
    update_many(client, 130)

    secrets_backend.clock.travel_to(NEW_YEAR + later)

    assert kept(client) == [numbered(number) for number in range(131)]
    assert client.get_secret_value(SecretId="db", VersionId=numbered(0))["SecretString"] == "0"


@behaviour(
    RETENTION,
    "after 24 hours, versions without a label are removed until 100 are left, the oldest first",
    "AWS-DOC",
    OLDEST,
)
@rows("later", [DAY, DAY + TICK, timedelta(days=400)])
@at_new_year
def test_old_versions_are_removed(client, secrets_backend, db, later):
    update_many(client, 130)

    secrets_backend.clock.travel_to(NEW_YEAR + later)

    assert kept(client) == [numbered(number) for number in range(31, 131)]
    assert client.get_secret_value(SecretId="db")["SecretString"] == "130"
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.get_secret_value(SecretId="db", VersionId=numbered(30))
    assert caught.value.response["Error"]["Message"] == (
        f"Secrets Manager can't find the specified secret value for VersionId: {numbered(30)}"
    )


@behaviour(RETENTION, "100 versions are kept, however old", "AWS-DOC", REMOVED)
@rows("count, first", [(100, 0), (101, 1)])
@at_new_year
def test_a_hundred_versions_are_kept(client, secrets_backend, db, count, first):
    update_many(client, count - 1)

    secrets_backend.clock.advance(days=400)

    assert kept(client) == [numbered(number) for number in range(first, count)]


@behaviour(
    RETENTION,
    "a version with a label is never removed, whether AWSCURRENT, AWSPREVIOUS or a custom label",
    "AWS-DOC",
    NEVER,
)
@at_new_year
def test_labelled_versions_are_never_removed(client, secrets_backend, db):
    client.update_secret_version_stage(SecretId="db", VersionStage="first", MoveToVersionId=numbered(0))
    update_many(client, 130)

    secrets_backend.clock.advance(days=400)

    assert kept(client) == [numbered(0), *[numbered(number) for number in range(32, 131)]]
    labels = client.describe_secret(SecretId="db")["VersionIdsToStages"]
    assert labels == {numbered(0): ["first"], numbered(129): ["AWSPREVIOUS"], numbered(130): ["AWSCURRENT"]}
    assert client.get_secret_value(SecretId="db", VersionStage="first")["SecretString"] == "0"


@behaviour(RETENTION, "AWSCURRENT and AWSPREVIOUS are kept even on the two oldest of many versions", "AWS-DOC", NEVER)
@at_new_year
def test_labels_keep_the_oldest_versions(client, secrets_backend, db):
    for number in range(1, 130):
        client.put_secret_value(
            SecretId="db", SecretString=str(number), ClientRequestToken=numbered(number), VersionStages=["newest"]
        )
    client.update_secret_version_stage(
        SecretId="db", VersionStage="AWSCURRENT", RemoveFromVersionId=numbered(0), MoveToVersionId=numbered(1)
    )

    secrets_backend.clock.advance(days=400)

    assert kept(client) == [numbered(0), numbered(1), *[numbered(number) for number in range(32, 130)]]


@behaviour(RETENTION, "each version is removed 24 hours after its own creation", "AWS-DOC", KEPT)
@pytest.mark.mock_secrets(at=NEW_YEAR, limits=few)
def test_each_version_is_removed_at_its_own_time(client, secrets_backend, db):
    for number in range(1, 6):
        secrets_backend.clock.advance(minutes=1)
        update(client, number)
    oldest = []

    for number in range(4):
        for before in (TICK, timedelta(0)):
            secrets_backend.clock.travel_to(NEW_YEAR + DAY + timedelta(minutes=number) - before)
            oldest.append(kept(client)[0])

    assert oldest == [numbered(number) for number in (0, 1, 1, 2, 2, 3, 3, 3)]


@behaviour(RETENTION, "an old version is removed when it loses its last label", "AWS-DOC", REMOVED)
@pytest.mark.mock_secrets(at=NEW_YEAR, limits=few)
def test_an_old_version_is_removed_when_it_loses_its_last_label(client, secrets_backend, db):
    client.update_secret_version_stage(SecretId="db", VersionStage="first", MoveToVersionId=numbered(0))
    update_many(client, 5)
    secrets_backend.clock.advance(days=2)
    client.update_secret_version_stage(SecretId="db", VersionStage="second", MoveToVersionId=numbered(5))
    before = kept(client)
    secrets_backend["db"].put("6", stages=["newest"], token=numbered(6))

    client.update_secret_version_stage(SecretId="db", VersionStage="first", RemoveFromVersionId=numbered(0))

    assert before == [numbered(0), numbered(4), numbered(5)]
    assert kept(client) == [numbered(4), numbered(5), numbered(6)]


@behaviour(RETENTION, "a new version that exceeds the limit removes the oldest one", "AWS-DOC", REMOVED)
@pytest.mark.mock_secrets(at=NEW_YEAR, limits=few)
def test_a_new_version_removes_an_old_one(client, secrets_backend, db):
    update_many(client, 2)
    secrets_backend.clock.advance(hours=24)

    update(client, 3)

    assert kept(client) == [numbered(1), numbered(2), numbered(3)]


@behaviour(RETENTION, "the versions of each secret are counted separately", "AWS-DOC", "AWS User Guide, quotas")
@pytest.mark.mock_secrets(at=NEW_YEAR, limits=few)
def test_versions_are_counted_separately_for_each_secret(client, secrets_backend, db):
    client.create_secret(Name="other", SecretString="0", ClientRequestToken=numbered(0))
    for number in (1, 2):
        update(client, number)
        update(client, number, name="other")

    secrets_backend.clock.advance(days=2)

    assert kept(client) == [numbered(0), numbered(1), numbered(2)]
    assert len(all_versions(client, SecretId="other", IncludeDeprecated=True)) == 3


@behaviour(
    RETENTION,
    "the removal of an outdated version moves no date of the secret",
    "GUESS",
    "nobody modified it",
    decided_by="days of waiting",
)
@pytest.mark.mock_secrets(at=NEW_YEAR, limits=few)
def test_removing_old_versions_changes_no_date(client, secrets_backend, db):
    update_many(client, 5)

    secrets_backend.clock.advance(days=2)

    assert len(kept(client)) == 3
    assert client.describe_secret(SecretId="db")["LastChangedDate"] == NEW_YEAR


# --- The rate of updates ---


@behaviour(
    RATE, "one update every 10 minutes can go on for ever, with a label on the first version too", "AWS-DOC", SUSTAINED
)
@pytest.mark.filterwarnings("error::mock_secrets.UpdateRateWarning")
@rows("pinned", [False, True])
@at_new_year
def test_an_update_every_ten_minutes(client, secrets_backend, db, pinned):
    if pinned:
        client.update_secret_version_stage(SecretId="db", VersionStage="first", MoveToVersionId=numbered(0))
    direct = secrets_backend["db"]

    for number in range(1, 4 * 144 + 1):
        secrets_backend.clock.advance(minutes=10)
        direct.update(str(number), token=numbered(number))
        assert {label: version.value for label, version in direct.stages.items()} == {
            "AWSCURRENT": str(number),
            "AWSPREVIOUS": str(number - 1),
            **({"first": "0"} if pinned else {}),
        }

    assert secrets_backend.clock.now() == NEW_YEAR + timedelta(days=4)
    assert client.get_secret_value(SecretId="db")["SecretString"] == "576"
    newest = [numbered(number) for number in range(576 - 143, 577)]
    assert kept(client) == [*([numbered(0)] if pinned else []), *newest]


@behaviour(
    RATE, "one PutSecretValue every 10 minutes can go on for ever", "AWS-DOC", "AWS API reference, PutSecretValue"
)
@pytest.mark.filterwarnings("error::mock_secrets.UpdateRateWarning")
@at_new_year
def test_a_value_can_be_put_every_ten_minutes_for_ever(client, secrets_backend, db):
    for number in range(1, 3 * 144 + 1):
        secrets_backend.clock.advance(minutes=10)
        client.put_secret_value(SecretId="db", SecretString=str(number))

    assert client.get_secret_value(SecretId="db")["SecretString"] == "432"


@behaviour(
    RATE,
    "one update every 10 minutes less a millisecond ends in LimitExceededException after 143 updates",
    "GUESS",
    DERIVED,
    decided_by="days of waiting",
)
@rows("interval", [timedelta(minutes=9), TEN_MINUTES - TICK])
@rows("pinned", [False, True])
@at_a_quota
@at_new_year
def test_an_update_more_often(client, secrets_backend, db, interval, pinned):
    if pinned:
        client.update_secret_version_stage(SecretId="db", VersionStage="first", MoveToVersionId=numbered(0))
    for number in range(1, 144):
        secrets_backend.clock.travel_to(NEW_YEAR + number * interval)
        update(client, number)
    secrets_backend.clock.travel_to(NEW_YEAR + 144 * interval)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.LimitExceededException):
        update(client, 144)

    assert snapshot(secrets_backend) == before
    assert client.get_secret_value(SecretId="db")["SecretString"] == "143"


@behaviour(
    RATE,
    "an unsustainable rate is warned about once for each secret, before it is refused",
    "OURS",
    "the mock's own design",
)
# The line that called is told: the check of every answer would stand between it and the service.
@pytest.mark.parametrize("answers_keep_to_the_model", [None], ids=[""])
@pytest.mark.usefixtures("without_retries")
@at_new_year
def test_an_unsustainable_rate_warns_once_for_each_secret(secrets_backend, recwarn):
    # Of this door alone: it names the line of whoever calls.
    client = secrets_backend.client()
    for name in ("db", "other"):
        client.create_secret(Name=name, SecretString="0")

    for number in range(1, 144):
        secrets_backend.clock.travel_to(NEW_YEAR + number * timedelta(minutes=9))
        client.update_secret(SecretId="db", SecretString=str(number))
        client.update_secret(SecretId="other", SecretString=str(number))
    for name in ("db", "other"):
        with pytest.raises(client.exceptions.LimitExceededException):
            client.update_secret(SecretId=name, SecretString="one too many")

    assert [warning.category for warning in recwarn] == [UpdateRateWarning] * 2
    for warning, name in zip(recwarn, ("db", "other"), strict=True):
        message = str(warning.message)
        for figure in (f"{name!r}", "144 versions", "0:09:00", "0:10:00", "beyond 144"):
            assert figure in message
        assert warning.filename == __file__
        line = linecache.getline(warning.filename, warning.lineno).strip()
        assert line == f'client.update_secret(SecretId="{name}", SecretString=str(number))'


@behaviour(RATE, "the warning comes when the versions fill the quota, and not before", "OURS", "the mock's own design")
@at_new_year
def test_the_version_that_fills_the_quota_triggers_the_warning(client, secrets_backend, db, recwarn):
    update_many(client, 142)
    before = len(recwarn)

    update(client, 143)

    assert before == 0
    assert [warning.category for warning in recwarn] == [UpdateRateWarning]


@behaviour(RATE, "after 24 hours without updates, updates work again", "AWS-DOC", KEPT)
@at_a_quota
@at_new_year
def test_updates_work_again_after_a_day(client, secrets_backend, db):
    update_many(client, 143)
    with pytest.raises(client.exceptions.LimitExceededException):
        update(client, 144)

    secrets_backend.clock.advance(hours=24)

    for number in range(144, 288):
        update(client, number)
    assert kept(client) == [numbered(number) for number in range(144, 288)]
    with pytest.raises(client.exceptions.LimitExceededException):
        update(client, 288)


@behaviour(
    RATE,
    "the quota of versions has room again after 24 hours, to the millisecond",
    "GUESS",
    DERIVED,
    decided_by="days of waiting",
)
@rows("operation", ["update_secret", "put_secret_value"])
@at_a_quota
@at_new_year
def test_the_quota_opens_to_the_millisecond(client, secrets_backend, db, operation):
    secrets_backend.clock.advance(hours=1)
    update_many(client, 143)
    secrets_backend.clock.travel_to(NEW_YEAR + DAY - TICK)

    with pytest.raises(client.exceptions.LimitExceededException):
        getattr(client, operation)(SecretId="db", SecretString="too soon")
    secrets_backend.clock.advance(milliseconds=1)
    getattr(client, operation)(SecretId="db", SecretString="in time")

    assert client.get_secret_value(SecretId="db")["SecretString"] == "in time"
    with pytest.raises(client.exceptions.LimitExceededException):
        getattr(client, operation)(SecretId="db", SecretString="too much")


@behaviour(
    RATE,
    "a version that a label keeps beyond 24 hours stops counting at that millisecond",
    "GUESS",
    DERIVED,
    decided_by="days of waiting",
)
@at_a_quota
@at_new_year
def test_a_labelled_version_counts_for_a_day(client, secrets_backend, db):
    client.update_secret_version_stage(SecretId="db", VersionStage="first", MoveToVersionId=numbered(0))
    secrets_backend.clock.advance(hours=1)
    update_many(client, 143)
    secrets_backend.clock.travel_to(NEW_YEAR + DAY - TICK)

    with pytest.raises(client.exceptions.LimitExceededException):
        update(client, 144)
    secrets_backend.clock.advance(milliseconds=1)
    update(client, 144)

    assert len(kept(client)) == 145
    assert kept(client)[0] == numbered(0)
