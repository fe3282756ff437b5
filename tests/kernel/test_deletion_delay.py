"""The limit that says how long a forced deletion takes."""

from datetime import timedelta

import pytest
from tables import rows

from mock_secrets import Limits


def test_a_deletion_takes_no_time_unless_requested():
    assert Limits().deletion_delay is None
    assert Limits(deletion_delay=timedelta(seconds=5)).deletion_delay == timedelta(seconds=5)


@rows("value, error", [(5, TypeError), (timedelta(-1), ValueError), (timedelta(40_000), ValueError)])
def test_a_deletion_delay_is_a_duration(value, error):
    with pytest.raises(error, match="deletion_delay"):
        Limits(deletion_delay=value)
