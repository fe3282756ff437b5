"""The process's clock jumps back: a freeze into the past has begun, or one in the future has ended."""

import linecache
import warnings
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from functools import partial

import pytest
import time_machine
from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import rows

from mock_secrets import ClockWarning, mock_secrets
from mock_secrets.kernel.clock import Clock
from mock_secrets.kernel.lock import BackendLock
from mock_secrets.pytest_plugin.process_clock import frozen_process

START = datetime(2024, 2, 28, 12, tzinfo=timezone.utc)
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
MOMENT = timedelta(minutes=1)

every_freezer = pytest.mark.parametrize(
    "freeze", [freeze_time, partial(time_machine.travel, tick=False)], ids=["freezegun", "time-machine"]
)
not_told = pytest.mark.filterwarnings("ignore::mock_secrets.ClockWarning")


@pytest.fixture
def clock():
    return Clock(None, BackendLock())


def told(action):
    """What is told meanwhile."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        action()
    return caught


def readings(clock, freeze, *instants):
    """What the clock tells while the process stands at one instant after the other."""
    with freeze(instants[0]) as frozen:
        seen = []
        for instant in instants:
            frozen.move_to(instant)
            seen.append(clock.now())
        return seen


# --- What is told ---


@every_freezer
def test_a_clock_warning_names_both_instants_and_where_the_service_continues(clock, freeze):
    with freeze(START):
        clock.advance(days=1)

        with freeze(START - 400 * DAY), pytest.warns(ClockWarning) as caught:
            clock.now()

    (one,) = caught
    assert "from 2024-02-28T12:00:00+00:00 to 2023-01-24T12:00:00+00:00" in str(one.message)
    assert "continues from 2024-02-29T12:00:00+00:00" in str(one.message)


def test_a_jump_back_is_reported_at_the_line_that_used_the_mock():
    with freeze_time(START), mock_secrets(secrets={"db": "s3cret"}) as backend:
        client = backend.client()
        client.describe_secret(SecretId="db")

        with freeze_time(START - DAY), pytest.warns(ClockWarning) as caught:
            client.describe_secret(SecretId="db")

    (one,) = caught
    assert one.filename == __file__
    assert linecache.getline(one.filename, one.lineno).strip() == 'client.describe_secret(SecretId="db")'


def test_a_jump_back_is_reported_once_per_test(clock):
    def jump_back_twice():
        readings(clock, freeze_time, START, START - DAY, START - 2 * DAY)

    first, second = told(jump_back_twice), told(jump_back_twice)
    clock.forget_warning()
    third = told(jump_back_twice)

    assert [len(caught) for caught in (first, second, third)] == [1, 0, 1]


def test_a_jump_back_is_reported_after_a_freeze_in_the_future(clock):
    with freeze_time(datetime.now(timezone.utc) + 400 * DAY):
        clock.now()

    with pytest.warns(ClockWarning):
        clock.now()


def test_a_clock_warning_raised_as_an_error_is_not_repeated(clock):
    with freeze_time(START):
        clock.now()
        with freeze_time(START - DAY):
            with pytest.raises(ClockWarning):
                clock.now()

            assert clock.now() == START


@rows(
    "options, before, after",
    [
        ({"at": START}, START, START - DAY),
        ({}, START, START - timedelta(milliseconds=500)),
        ({}, None, START - 400 * DAY),
    ],
)
def test_no_warning_is_given_without_a_jump_back(options, before, after):
    with mock_secrets(secrets={"db": "s3cret"}, **options) as backend:
        if before is not None:
            with freeze_time(before):
                backend.clock.now()

        with freeze_time(after):
            assert told(backend.clock.now) == []


# --- How the service goes on ---


@not_told
@every_freezer
class TestHowTheServiceGoesOn:
    @rows(
        "process, service",
        {
            "it continues from its latest instant at the process's pace": (
                [0 * DAY, -400 * DAY, -400 * DAY + HOUR, -399 * DAY],
                [0 * DAY, 0 * DAY, HOUR, DAY],
            ),
            "it follows the process again once that passes the point of the jump": (
                [0 * DAY, -DAY, -DAY + HOUR, 2 * HOUR, 3 * HOUR],
                [0 * DAY, 0 * DAY, HOUR, 2 * HOUR, 3 * HOUR],
            ),
            "it stands still until the process has caught up": (
                [0 * DAY, -9 * DAY, -4 * DAY, 0 * DAY, 4 * DAY, 6 * DAY],
                [0 * DAY, 0 * DAY, 5 * DAY, 5 * DAY, 5 * DAY, 6 * DAY],
            ),
        },
    )
    def test_the_time_of_the_service_after_a_jump_back(self, freeze, process, service):
        clock = Clock(None, BackendLock())

        seen = readings(clock, freeze, *(START + passed for passed in process))

        assert [instant - START for instant in seen] == service

    def test_advances_before_and_after_a_jump_back_are_kept(self, clock, freeze):
        with freeze(START) as frozen:
            clock.advance(hours=1)
            frozen.move_to(START - DAY)
            clock.advance(hours=2)
            meanwhile = clock.now()
            frozen.move_to(START + MOMENT)

            assert meanwhile == START + 3 * HOUR
            assert clock.now() == START + 3 * HOUR + MOMENT

    def test_events_due_after_a_jump_back_still_happen(self, clock, freeze):
        due = []
        with freeze(START) as frozen:
            clock.now()
            clock.call_at(START + DAY, due.append)
            frozen.move_to(START - 400 * DAY)
            clock.now()

            frozen.move_to(START - 398 * DAY)
            clock.run_due()

        assert due == [START + DAY]

    def test_calls_stay_in_order_after_a_jump_back(self, freeze):
        with freeze(START) as frozen, mock_secrets(secrets={"db": "s3cret"}) as backend:
            for days in (5, -400, -399, 4, 500):
                frozen.move_to(START + days * DAY)
                backend.client().get_secret_value(SecretId="db")

        assert [(call.at - START).days for call in backend.calls] == [5, 5, 6, 409, 500]


# --- Freezers within and after one another ---


@not_told
@every_freezer
class TestFreezers:
    def test_nested_freezes_in_the_past_each_lead_back_to_the_outer_one(self, clock, freeze):
        with ExitStack() as freezers:
            seen = []
            for back in (0, 100, 300):
                freezers.enter_context(freeze(START - back * DAY))
                seen.append(clock.now())
        with freeze(START):
            with freeze(START - 100 * DAY):
                with freeze(START - 300 * DAY + HOUR):
                    seen.append(clock.now())
                with freeze(START - 100 * DAY + 2 * HOUR):
                    seen.append(clock.now())
            with freeze(START + 3 * HOUR):
                seen.append(clock.now())

        assert [instant - START for instant in seen] == [0 * DAY, 0 * DAY, 0 * DAY, HOUR, 2 * HOUR, 3 * HOUR]

    def test_the_service_has_the_process_time_after_a_freeze_in_the_past(self, clock, freeze):
        clock.now()
        with freeze(START):
            clock.now()

        assert abs(clock.now() - datetime.now(timezone.utc)) < MOMENT

    def test_the_service_stays_ahead_after_a_freeze_in_the_future(self, clock, freeze):
        future = datetime.now(timezone.utc).replace(microsecond=0) + 400 * DAY
        with freeze(future):
            clock.now()

        first = clock.now()
        with freeze(datetime.now(timezone.utc) + HOUR):
            assert HOUR - MOMENT < clock.now() - first < HOUR + MOMENT
        with freeze(future + DAY):
            assert clock.now() == future + DAY

    def test_a_second_freeze_further_in_the_future_is_followed_exactly(self, clock, freeze):
        with freeze(START):
            seen = []
            for days in (10, 20, 15, 30):
                with freeze(START + days * DAY):
                    seen.append(clock.now())
                clock.now()

        assert [(instant - START).days for instant in seen] == [10, 20, 35, 35]


@not_told
def test_a_freezer_that_ticks_is_followed_into_the_past(clock):
    latest = clock.now()

    with time_machine.travel(START, tick=True) as traveller:
        clock.now()
        traveller.shift(HOUR)

        assert latest + HOUR <= clock.now() < latest + HOUR + MOMENT


def test_a_process_frozen_together_with_the_service_does_not_move_it(clock):
    with freeze_time(START):
        clock.advance(days=10)
        with frozen_process(clock), freeze_time(START - DAY):
            assert told(clock.now) == []

        assert told(clock.now) == []
        assert clock.now() == START + 10 * DAY


def test_a_freeze_inside_a_savepoint_is_forgotten_at_its_end():
    with mock_secrets() as backend:
        backend.clock.now()
        with backend.savepoint(), freeze_time(datetime.now(timezone.utc) + 400 * DAY):
            backend.clock.now()

        assert told(backend.clock.now) == []
        assert abs(backend.clock.now() - datetime.now(timezone.utc)) < MOMENT


@not_told
@settings(deadline=None, derandomize=True, max_examples=50)
@given(
    stops=st.lists(
        st.tuples(st.integers(-500, 500), st.sampled_from([timedelta(0), HOUR, DAY])), min_size=2, max_size=20
    )
)
def test_time_never_runs_back_and_matches_the_process_when_it_is_furthest_ahead(stops):
    clock, advanced, latest = Clock(None, BackendLock()), timedelta(0), datetime.min.replace(tzinfo=timezone.utc)
    furthest = min(hours for hours, _ in stops)

    with time_machine.travel(START, tick=False) as process:
        for hours, delta in stops:
            process.move_to(START + hours * HOUR)
            now = clock.now()
            assert now >= latest
            if hours >= furthest:
                furthest = hours
                assert now == max(latest, START + hours * HOUR + advanced)
            clock.advance(hours=delta / HOUR)
            advanced += delta
            latest = clock.now()
            assert latest == now + delta
