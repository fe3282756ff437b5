"""How far a clock is moved, in whatever words."""

from datetime import datetime, timedelta, timezone

import pytest
from tables import rows

from mock_secrets import SecretsBackend

START = datetime(2030, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def clock():
    return SecretsBackend(at=START).clock


@rows(
    "given, named, moved",
    [
        ([timedelta(days=7)], {}, timedelta(days=7)),
        ([90], {}, timedelta(seconds=90)),
        ([0.5], {}, timedelta(milliseconds=500)),
        ([], {"days": 1, "hours": 2}, timedelta(hours=26)),
    ],
)
def test_a_duration_can_be_a_timedelta_seconds_or_named_units(given, named, moved):
    clock = SecretsBackend(at=START).clock

    clock.advance(*given, **named)

    assert clock.now() == START + moved


@rows("given, named", [([], {}), ([1], {"days": 1}), (["1 day"], {}), ([START], {}), ([None], {})])
def test_a_missing_or_invalid_duration_is_an_error(clock, given, named):
    with pytest.raises(TypeError, match=r"advance\(\) takes"):
        clock.advance(*given, **named)


@rows("word", ["move_to", "tick", "shift", "travel"])
def test_names_from_other_clock_libraries_point_to_ours(clock, word):
    with pytest.raises(AttributeError, match=r"has no .*: use (travel_to|advance)\("):
        getattr(clock, word)
