"""``Limits(calls_kept=...)``: the latest calls, events and permission checks are kept, and the others are gone."""

import sys

import pytest
from tables import rows

from mock_secrets import Limits, mock_secrets


@pytest.fixture
def backend():
    with mock_secrets(secrets={"db": "s3cret"}, limits=Limits(calls_kept=3)) as backend:
        yield backend


def test_only_the_latest_calls_events_and_permission_checks_are_kept(backend):
    client = backend.client()
    for number in range(5):
        client.update_secret(SecretId="db", Description=str(number))

    assert [call.params["Description"] for call in backend.calls] == ["2", "3", "4"]
    assert [one["requestParameters"]["description"] for one in backend.cloudtrail] == ["2", "3", "4"]
    assert repr(backend.iam) == "<IAM: 3 permission checks>"


def test_an_event_keeps_its_id_when_older_events_are_dropped(backend):
    client = backend.client()
    client.get_secret_value(SecretId="db")
    for _ in range(2):
        client.describe_secret(SecretId="db")
    before = [one["eventID"] for one in backend.cloudtrail]

    client.describe_secret(SecretId="db")

    assert [one["eventID"] for one in backend.cloudtrail][:2] == before[1:]
    assert backend.cloudtrail[0]["eventID"] == before[1]
    assert backend.cloudtrail.lookup(name="DescribeSecret")[0]["eventID"] == before[1]


def test_calls_dropped_within_a_savepoint_are_restored_after_it(backend):
    client = backend.client()
    client.get_secret_value(SecretId="db")
    calls, events = list(backend.calls), list(backend.cloudtrail)

    with backend.savepoint():
        for _ in range(5):
            client.describe_secret(SecretId="db")

    assert (list(backend.calls), list(backend.cloudtrail)) == (calls, events)


def test_a_dropped_call_is_no_longer_held_in_memory(backend):
    client = backend.client()
    client.get_secret_value(SecretId="db")
    first = backend.calls[0]
    held = sys.getrefcount(first)

    for _ in range(3):
        client.get_secret_value(SecretId="db")

    # In the list of calls, in the event of the log, and in the history.
    assert sys.getrefcount(first) == held - 3


@rows("given, error", [(0, ValueError), (-1, ValueError), (1.5, TypeError), (True, TypeError)])
def test_an_invalid_number_of_kept_calls_is_refused(given, error):
    with pytest.raises(error, match="calls_kept"):
        Limits(calls_kept=given)
