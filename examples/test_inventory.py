"""An inventory script on 5,000 secrets, which are created in a fraction of a second and half a year old when it runs.

The secrets are created by ``secrets_backend.create``. This has the same effect as CreateSecret, but is not a recorded
call, so ``secrets_backend.calls`` contains only the script's own calls.
"""

from datetime import datetime, timedelta, timezone

import inventory
import pytest
from inventory import NOBODY, TeamReport, by_team, list_entries, read_values

from mock_secrets import SecretsBackend

NEW_YEAR = datetime(2026, 1, 1, 9, tzinfo=timezone.utc)

pytestmark = pytest.mark.mock_secrets(at=NEW_YEAR)


def ninety_days_ago(backend: SecretsBackend) -> datetime:
    return backend.clock.now() - timedelta(days=90)


@pytest.fixture
def company(secrets_backend: SecretsBackend) -> SecretsBackend:
    """5,000 secrets of three teams, half a year after they were created.

    Of the 2,000 of "core", 500 were changed in the last 90 days. Of the 2,500 of "web", 1,000 were read. "ops" has 400,
    and 100 belong to no team.
    """
    for team, count in {"core": 2_000, "web": 2_500, "ops": 400}.items():
        for number in range(count):
            secrets_backend.create(f"{team}/{number}", f"{team} {number}", tags={"team": team})
    for number in range(100):
        secrets_backend.create(f"old/{number}", f"old {number}")
    secrets_backend.clock.advance(days=120)
    for number in range(500):
        secrets_backend[f"core/{number}"].update(f"rotated {number}")
    web = secrets_backend.client()
    for first in range(0, 1_000, 20):
        web.batch_get_secret_value(SecretIdList=[f"web/{number}" for number in range(first, first + 20)])
    secrets_backend.clock.advance(days=60)
    secrets_backend.calls.clear()
    return secrets_backend


def test_an_account_of_5000_secrets(company, secrets_client):
    reports = by_team(list_entries(secrets_client), ninety_days_ago(company))

    assert reports == {
        "web": TeamReport(secrets=2_500, unrotated=2_500, unused=1_500),
        "core": TeamReport(secrets=2_000, unrotated=1_500, unused=2_000),
        "ops": TeamReport(secrets=400, unrotated=400, unused=400),
        NOBODY: TeamReport(secrets=100, unrotated=100, unused=100),
    }
    assert list(reports) == ["web", "core", "ops", NOBODY]


def test_one_team_of_5000_secrets(company, secrets_client):
    entries = list(list_entries(secrets_client, {"team": "core"}))

    assert len(entries) == 2_000
    assert {entry.team for entry in entries} == {"core"}


def test_the_values_are_read_20_at_a_time(company, secrets_client):
    entries = list(list_entries(secrets_client))

    values = read_values(secrets_client, entries)

    assert len(values.digests) == 5_000
    assert values.failures == {}
    batches = company.calls.of("BatchGetSecretValue")
    assert [len(call.params["SecretIdList"]) for call in batches] == [20] * 250
    assert company.calls.of("GetSecretValue") == []


def test_a_tag_is_matched_as_a_whole(secrets_backend, secrets_client):
    secrets_backend.create("ours", "one", tags={"team": "core"})
    secrets_backend.create("longer", "two", tags={"team": "core-legacy"})
    secrets_backend.create("crossed", "three", tags={"team": "web", "owner": "core"})

    entries = list_entries(secrets_client, {"team": "core"})

    assert [entry.name for entry in entries] == ["ours"]


def test_a_secret_is_unrotated_and_unused_after_90_days_but_not_before(secrets_backend, secrets_client):
    secrets_backend.create("db", "one", tags={"team": "core"})
    secrets_backend.clock.advance(days=90)
    assert by_team(list_entries(secrets_client), ninety_days_ago(secrets_backend)) == {"core": TeamReport(secrets=1)}

    secrets_backend.clock.advance(milliseconds=1)
    assert by_team(list_entries(secrets_client), ninety_days_ago(secrets_backend)) == {
        "core": TeamReport(secrets=1, unrotated=1, unused=1)
    }


def test_a_secret_that_is_read_is_used(secrets_backend, secrets_client):
    secrets_backend.create("db", "one")
    secrets_backend.clock.advance(days=100)

    secrets_client.get_secret_value(SecretId="db")

    (entry,) = list_entries(secrets_client)
    assert entry.used_at == secrets_backend.clock.now().replace(hour=0)
    assert not entry.is_unused(ninety_days_ago(secrets_backend))


def test_the_inventorys_own_reading_makes_every_secret_look_used(secrets_backend, secrets_client):
    secrets_backend.create("db", "one")
    secrets_backend.clock.advance(days=100)
    since = ninety_days_ago(secrets_backend)

    (before,) = list_entries(secrets_client)
    read_values(secrets_client, [before])
    (after,) = list_entries(secrets_client)

    assert (before.is_unused(since), after.is_unused(since)) == (True, False)


def test_secrets_that_cannot_be_read_do_not_stop_the_others(secrets_backend, secrets_client):
    for name in ("first", "deleted", "scheduled", "last"):
        secrets_backend.create(name, f"value of {name}")
    secrets_backend.create("empty")
    entries = list(list_entries(secrets_client))
    secrets_client.delete_secret(SecretId="deleted", ForceDeleteWithoutRecovery=True)
    secrets_client.delete_secret(SecretId="scheduled")

    values = read_values(secrets_client, entries)

    arns = {entry.name: entry.arn for entry in entries}
    assert values.digests.keys() == {arns["first"], arns["last"]}
    assert values.failures == {
        arns["deleted"]: "ResourceNotFoundException",
        arns["scheduled"]: "InvalidRequestException",
        arns["empty"]: "ResourceNotFoundException",
    }


def test_passwords_that_several_secrets_share_are_counted(secrets_backend, secrets_client):
    secrets_backend.create("core/db", "hunter2", tags={"team": "core"})
    secrets_backend.create("web/db", b"hunter2", tags={"team": "web"})
    secrets_backend.create("web/api", "another", tags={"team": "web"})
    entries = list(list_entries(secrets_client))

    values = read_values(secrets_client, entries)

    assert by_team(entries, ninety_days_ago(secrets_backend), values) == {
        "core": TeamReport(secrets=1, shared=1),
        "web": TeamReport(secrets=2, shared=1),
    }
    assert "hunter2" not in repr(values)


def test_the_script_prints_a_table(secrets_backend, capsys):
    secrets_backend.create("core/db", "one", tags={"team": "core"})
    secrets_backend.create("core/empty", tags={"team": "core"})
    secrets_backend.create("web/db", "two", tags={"team": "web"})
    secrets_backend.clock.advance(days=31)

    inventory.main(["--days", "30", "--tag", "team=core", "--read"], now=secrets_backend.clock.now())

    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["team", "secrets", "unrotated", "unused", "shared", "unreadable"]
    assert [row.split() for row in rows] == [["core", "2", "2", "2", "0", "1"]]
