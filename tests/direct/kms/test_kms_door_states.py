"""The states of a key, and the moves between them, as a test makes them."""

from datetime import datetime, timedelta, timezone

import pytest
from direct.kms.keys import put_into
from tables import rows

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def test_a_key_can_be_disabled_and_enabled(kms):
    key = kms.create_key()

    key.disable()
    disabled = [key.state, kms[key.id].state]
    key.disable()
    key.enable()
    key.enable()

    assert disabled == ["Disabled", "Disabled"]
    assert key.state == "Enabled"


@rows("days", [7, 30])
def test_a_key_is_deleted_at_the_end_of_its_waiting_period(backend, days):
    key = backend.kms.create_key()

    end = key.schedule_deletion(days)

    assert end == key.deletion_date == NOON + timedelta(days=days)
    assert key.state == "PendingDeletion"
    backend.clock.travel_to(end - timedelta(milliseconds=1))
    assert key.state == "PendingDeletion"
    backend.clock.travel_to(end)
    assert key.state == "Deleted"


def test_the_default_waiting_period_is_thirty_days(backend):
    assert backend.kms.create_key().schedule_deletion() == NOON + timedelta(days=30)


@rows("days", [6, 31, 0, -7, True, "7", 7.0, None])
def test_a_waiting_period_is_seven_to_thirty_days(kms, days):
    key = kms.create_key()

    with pytest.raises(ValueError, match="the waiting period of a key has 7 to 30 days; got "):
        key.schedule_deletion(days)

    assert (key.state, key.deletion_date) == ("Enabled", None)


def test_cancelling_a_key_deletion_leaves_the_key_disabled(backend):
    key = backend.kms.create_key()
    key.schedule_deletion()

    key.cancel_deletion()

    assert (key.state, key.deletion_date) == ("Disabled", None)
    backend.clock.advance(days=31)
    key.enable()
    assert key.state == "Enabled"


def test_a_disabled_key_can_be_deleted(backend):
    key = backend.kms.create_key()
    key.disable()

    key.schedule_deletion(7)

    assert key.state == "PendingDeletion"


@rows(
    "move, state, says",
    [
        ("disable", "PendingDeletion", "disabled"),
        ("disable", "Deleted", "disabled"),
        ("enable", "PendingDeletion", "enabled"),
        ("enable", "Deleted", "enabled"),
        ("schedule_deletion", "PendingDeletion", "scheduled for deletion"),
        ("schedule_deletion", "Deleted", "scheduled for deletion"),
        ("cancel_deletion", "Enabled", "kept"),
        ("cancel_deletion", "Disabled", "kept"),
        ("cancel_deletion", "Deleted", "kept"),
    ],
)
def test_an_invalid_state_transition_names_the_current_state(backend, move, state, says):
    key = backend.kms.create_key()
    put_into(state, key, backend)
    before = key.deletion_date

    with pytest.raises(ValueError, match=f"the key {key.arn} can't be {says}: its state is {state}"):
        getattr(key, move)()

    assert (key.state, key.deletion_date) == (state, before)
