"""``Limits(consistency_delay=...)``: reads and lists lag behind writes, and never go back."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.callers import allowing, document
from conformance.fidelity import behaviour

from mock_secrets import Limits, mock_secrets

LAG = "Reads that lag, Limits(consistency_delay=)"
LAGGING = "GitHub hashicorp/terraform-provider-aws#10259, #18406; google/go-cloud#2919"
UNKNOWN = "no source tells what one caller sees after another"

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


@pytest.fixture
def backend():
    with mock_secrets(at=NOON, limits=Limits(consistency_delay=timedelta(seconds=10))) as backend:
        yield backend


@pytest.fixture
def client(backend):
    return backend.client()


def read(client, secret_id="db", **version):
    try:
        return client.get_secret_value(SecretId=secret_id, **version)["SecretString"]
    except client.exceptions.ResourceNotFoundException:
        return None


def listed(client):
    return [secret["Name"] for secret in client.list_secrets()["SecretList"]]


def users(backend):
    """Some clients, each of a user of its own."""
    own = document(allowing("secretsmanager:*"))
    return [backend.iam.create_user(f"user{number}", own).client() for number in range(12)]


def reads(client, number=30, **asked):
    return [read(client, **asked) for _ in range(number)]


def without_repeats(values):
    return [value for value, before in zip(values, [object(), *values], strict=False) if value != before]


@behaviour(LAG, "a new secret is not found at first", "REPORTED", LAGGING)
def test_a_new_secret_is_missing_at_first_and_then_stays_visible(client):
    client.create_secret(Name="db", SecretString="1")

    assert without_repeats(reads(client)) == [None, "1"]


@behaviour(LAG, "a caller never sees an older state than it saw before", "GUESS", UNKNOWN, decided_by="AWS's internals")
def test_values_appear_in_order_and_never_go_back(backend, client):
    backend.create("db", "0")
    backend.clock.advance(seconds=10)
    for value in "123":
        client.update_secret(SecretId="db", SecretString=value)
        backend.clock.advance(seconds=1)

    courses = [without_repeats(reads(user)) for user in users(backend)]

    assert [seen for seen in courses if seen != sorted(seen) or seen[-1] != "3"] == []
    assert len(set(map(tuple, courses))) > 2


def test_all_reads_see_the_last_write_after_the_consistency_delay(backend, client):
    client.create_secret(Name="db", SecretString="1")
    client.update_secret(SecretId="db", SecretString="2")

    backend.clock.advance(seconds=10)

    assert set(reads(client)) == {"2"}


def test_each_caller_lags_independently(backend, client):
    client.create_secret(Name="db", SecretString="1")

    assert {read(user) for user in users(backend)} == {None, "1"}


@behaviour(LAG, "lists lag too", "REPORTED", LAGGING)
def test_describe_and_list_also_lag(client):
    client.create_secret(Name="db", SecretString="1", Description="old")
    lists = [listed(client) for _ in range(30)]

    assert without_repeats(lists) == [[], ["db"]]
    client.update_secret(SecretId="db", Description="new")
    texts = [client.describe_secret(SecretId="db")["Description"] for _ in range(30)]
    assert without_repeats(texts) in (["old", "new"], ["new"])


def test_a_deleted_secret_stays_readable_for_a_while(backend, client):
    backend.create("db", "1")
    arn = backend["db"].arn
    backend.clock.advance(seconds=10)

    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)

    courses = {tuple(without_repeats(reads(user, secret_id=arn))) for user in users(backend)}
    assert courses == {("1", None), (None,)}


def test_a_recreated_secret_is_a_different_secret(backend, client):
    backend.create("db", "1")
    backend.clock.advance(seconds=10)
    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)
    client.create_secret(Name="db", SecretString="2")

    seen = reads(client)

    assert seen[-1] == "2"


def test_writes_and_direct_access_see_the_newest_state(backend, client):
    client.create_secret(Name="db", SecretString="1")

    for number in range(20):
        assert client.put_secret_value(SecretId="db", SecretString=str(number))["Name"] == "db"
        assert backend["db"].value == str(number)


def test_a_refused_write_changes_nothing(client):
    client.create_secret(Name="db", SecretString="1")
    reads(client)

    with pytest.raises(ClientError):
        client.create_secret(Name="db", SecretString="2")

    assert set(reads(client)) == {"1"}


def test_stale_reads_are_the_same_on_every_run():
    def run():
        with mock_secrets(at=NOON, limits=Limits(consistency_delay=timedelta(seconds=10)), seed=5) as backend:
            backend.client().create_secret(Name="db", SecretString="1", ClientRequestToken="0" * 32)
            return reads(backend.client())

    assert run() == run()


def test_a_savepoint_undoes_lagging_reads(backend, client):
    backend.create("db", "1")
    backend.clock.advance(seconds=10)

    with backend.savepoint():
        client.update_secret(SecretId="db", SecretString="2")
        reads(client)

    assert set(reads(client)) == {"1"}


def test_a_stale_read_does_not_change_the_current_state(backend, client):
    client.create_secret(Name="db", SecretString="1")
    client.update_secret(SecretId="db", SecretString="2")

    reads(client)

    assert [version.value for version in backend["db"].versions] == ["1", "2"]
