"""The service's clock: what it tells, how it is moved, and what happens on the way."""

import time
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from functools import partial

import pytest
from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import rows

from mock_secrets import Limits, SecretsBackend, mock_secrets
from mock_secrets.kernel.clock import Clock
from mock_secrets.kernel.lock import BackendLock

START = datetime(2030, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)
INDIA = timezone(timedelta(hours=5, minutes=30))


def fail(_):
    raise LookupError


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"somebody sleeps {seconds} seconds"))


@pytest.fixture
def process():
    with freeze_time(START) as process:
        yield process


@pytest.fixture(params=["standing", "following"])
def clock(request, process):
    return Clock(START if request.param == "standing" else None, BackendLock())


class TestNow:
    def test_the_current_time_is_aware_and_in_utc(self, clock):
        assert clock.now() == START
        assert clock.now().tzinfo is timezone.utc

    def test_an_instant_in_another_time_zone_is_converted(self):
        backend = SecretsBackend(at=START.astimezone(INDIA))

        assert backend.clock.now() == START
        assert backend.clock.now().tzinfo is timezone.utc

    def test_the_current_time_is_in_whole_milliseconds(self, process):
        process.tick(timedelta(microseconds=123_999))

        standing = SecretsBackend(at=START + timedelta(microseconds=123_999)).clock.now()
        following = SecretsBackend().clock.now()

        assert standing == following == START + timedelta(milliseconds=123)

    def test_the_clock_stands_still_until_moved_if_at_is_given(self, process):
        backend = SecretsBackend(at=START)

        process.tick(60)
        assert backend.clock.now() == START

        backend.clock.advance(seconds=1)
        process.tick(60)
        assert backend.clock.now() == START + timedelta(seconds=1)

    def test_the_clock_follows_the_process_plus_its_advances_without_at(self, process):
        backend = SecretsBackend()

        process.tick(60)
        backend.clock.advance(hours=1)
        process.tick(60)
        backend.clock.travel_to(START + timedelta(hours=5))
        process.tick(60)

        assert backend.clock.now() == START + timedelta(hours=5, minutes=1)

    def test_moving_the_service_clock_does_not_move_the_process_clock(self, process):
        SecretsBackend().clock.advance(days=30)

        assert datetime.now(timezone.utc) == START


def test_inspecting_an_unused_clock_shows_the_time_without_fixing_it():
    clock = Clock(None, BackendLock())

    with freeze_time(START):
        looked = clock.latest
    with freeze_time(START - DAY):
        assert (looked, clock.now()) == (START, START - DAY)


class TestMoving:
    @rows(
        "delta",
        [{"milliseconds": 1}, {"seconds": 1, "minutes": 2}, {"hours": 1.5}, {"days": 400}, {"weeks": 1, "days": -6}],
    )
    def test_the_clock_advances_by_timedelta_arguments(self, clock, delta):
        before = clock.now()

        clock.advance(**delta)

        assert clock.now() == before + timedelta(**delta)

    def test_the_clock_travels_to_an_instant_in_any_time_zone(self, clock):
        clock.travel_to((START + DAY).astimezone(INDIA))

        assert clock.now() == START + DAY
        assert clock.now().tzinfo is timezone.utc

    def test_a_move_stops_at_whole_milliseconds(self, clock):
        clock.travel_to(START + timedelta(microseconds=1_999))

        assert clock.now() == START + timedelta(milliseconds=1)

    @rows("move", [lambda clock: clock.advance(days=0), lambda clock: clock.travel_to(clock.now())])
    def test_a_move_of_zero_is_allowed(self, clock, move):
        move(clock)

        assert clock.now() == START

    @rows("delta", [{"days": -1}, {"hours": 1, "days": -1}, {"milliseconds": -1}])
    def test_the_clock_does_not_advance_backwards(self, clock, delta):
        with pytest.raises(ValueError, match="time can't go backwards"):
            clock.advance(**delta)

        assert clock.now() == START

    def test_the_clock_does_not_travel_backwards(self, clock):
        with pytest.raises(ValueError, match=r"time can't go backwards: it is 2030-01-01T00:00:00\+00:00"):
            clock.travel_to(START - DAY)

        assert clock.now() == START

    @rows("name, act", [("at", lambda when: SecretsBackend(at=when)), ("travel_to", SecretsBackend().clock.travel_to)])
    def test_an_instant_without_a_time_zone_is_refused_with_advice(self, name, act):
        with pytest.raises(
            ValueError, match=rf"^{name}.* but datetime\(2030, .*\) has no time zone: add tzinfo=timezone.utc"
        ):
            act(START.replace(tzinfo=None))

    @rows("when", ["2030-01-01", 1_893_456_000, date(2030, 1, 1), None, DAY])
    def test_anything_but_a_datetime_raises_type_error(self, clock, when):
        with pytest.raises(TypeError, match="aware datetime, not"):
            clock.travel_to(when)

    def test_the_clock_advances_from_now_while_the_process_time_runs_on(self):
        with freeze_time(START, auto_tick_seconds=1):
            clock = SecretsBackend().clock

            for _ in range(5):
                clock.advance(seconds=0)

    def test_the_clock_advances_from_now_even_if_another_thread_was_first(self):
        clock = Clock(START, OvertakenLock(lambda: clock.advance(hours=1)))

        clock.advance(minutes=1)

        assert clock.now() == START + timedelta(hours=1, minutes=1)


class OvertakenLock(BackendLock):
    """A lock that another thread has when it is first wanted, and moves time under it."""

    def __init__(self, other):
        super().__init__()
        self._other = other

    def acquire(self):
        other, self._other = self._other, lambda: None
        other()
        return super().acquire()


class TestWhatIsDue:
    def test_scheduled_events_happen_at_their_own_instants_and_in_order(self, clock):
        seen = []
        for days in (30, 7, 14):
            clock.call_at(START + days * DAY, lambda instant: seen.append((instant, clock.now())))

        clock.advance(days=60)

        assert seen == [(START + days * DAY, START + days * DAY) for days in (7, 14, 30)]
        assert clock.now() == START + 60 * DAY

    def test_a_scheduled_event_happens_once_and_not_before_it_is_due(self, clock):
        seen = []
        clock.call_at(START + DAY, seen.append)

        clock.advance(hours=23, minutes=59, seconds=59, milliseconds=999)
        assert seen == []

        clock.advance(milliseconds=1)
        clock.advance(days=1)
        assert seen == [START + DAY]

    def test_simultaneous_events_happen_in_the_order_they_were_scheduled(self, clock):
        seen = []
        for name in "cab":
            clock.call_at(START + DAY, lambda _, name=name: seen.append(name))

        clock.advance(days=1)

        assert seen == ["c", "a", "b"]

    def test_an_event_scheduled_by_another_event_happens_in_the_same_move(self, clock):
        seen = []

        def every_week(instant):
            seen.append(instant)
            clock.call_at(instant + 7 * DAY, every_week)

        clock.call_at(START + 7 * DAY, every_week)
        clock.call_at(START + 10 * DAY, seen.append)
        clock.advance(days=20)
        assert seen == [START + days * DAY for days in (7, 10, 14)]

        clock.advance(days=1)
        assert seen[3:] == [START + 21 * DAY]

    def test_an_event_that_another_schedules_in_the_past_happens_next(self, clock):
        seen = []
        clock.call_at(
            START + 7 * DAY, lambda _: clock.call_at(START + DAY, lambda instant: seen.append((instant, clock.now())))
        )
        clock.call_at(START + 8 * DAY, lambda _: seen.append("later"))

        clock.advance(days=30)

        assert seen == [(START + 7 * DAY, START + 7 * DAY), "later"]

    def test_an_event_scheduled_in_the_past_happens_at_the_next_reading(self, secrets_backend):
        seen = []
        secrets_backend.clock.call_at(secrets_backend.clock.now() - DAY, seen.append)

        assert "db" not in secrets_backend

        assert len(seen) == 1

    @pytest.mark.parametrize("happen", [lambda _: None, fail])
    def test_the_clock_is_released_after_a_move(self, process, happen):
        clock = Clock(None, BackendLock())
        clock.call_at(START + DAY, happen)
        process.tick(2 * DAY)
        with suppress(LookupError):
            clock.run_due()

        process.tick(DAY)

        assert clock.now() == START + 3 * DAY

    def test_an_error_reaches_the_caller_and_time_can_be_moved_on_from_where_it_happened(self, clock):
        seen = []
        clock.call_at(START + 7 * DAY, fail)
        clock.call_at(START + 8 * DAY, seen.append)
        with pytest.raises(LookupError):
            clock.advance(days=30)
        stopped = clock.now()

        clock.travel_to(START + 30 * DAY)

        assert stopped == START + 7 * DAY
        assert seen == [START + 8 * DAY]
        assert clock.now() == START + 30 * DAY


class TestJourneysWithinAJourney:
    """A rotation function that moves the clock says how long it takes."""

    def test_a_thread_sees_the_time_it_moved_to(self, clock):
        seen = []

        def take_two_hours(instant):
            for _ in range(2):
                clock.advance(hours=1)
                seen.append(clock.now() - instant)

        clock.call_at(START + 7 * DAY, take_two_hours)

        clock.advance(days=30)

        assert seen == [timedelta(hours=1), timedelta(hours=2)]

    def test_an_outer_move_ends_where_it_was_meant_to_end(self, clock):
        clock.call_at(START + 7 * DAY, lambda _: clock.advance(hours=1))

        clock.advance(days=30)

        assert clock.now() == START + 30 * DAY

    def test_an_outer_move_does_not_go_back_before_an_inner_one(self, clock):
        clock.call_at(START + 7 * DAY, lambda _: clock.advance(days=60))

        clock.advance(days=30)

        assert clock.now() == START + 67 * DAY

    def test_an_event_due_during_an_inner_move_happens_once_at_its_own_instant(self, clock):
        seen = []
        clock.call_at(START + 7 * DAY, lambda _: clock.advance(days=2))
        clock.call_at(START + 8 * DAY, seen.append)
        clock.call_at(START + 10 * DAY, seen.append)

        clock.advance(days=30)

        assert seen == [START + 8 * DAY, START + 10 * DAY]

    def test_an_inner_move_is_also_subject_to_the_rules(self, clock):
        clock.call_at(START + 7 * DAY, lambda _: clock.travel_to(START + DAY))

        with pytest.raises(ValueError, match=r"time can't go backwards: it is 2030-01-08"):
            clock.advance(days=30)


hours = st.integers(min_value=1, max_value=24 * 45)


def stops_of(cuts, total):
    return [*sorted({cut for cut in cuts if cut < total}), total]


@settings(deadline=None, derandomize=True)
@given(timers=st.lists(st.tuples(hours, st.lists(st.integers(-50, 300), max_size=2)), max_size=6), cuts=st.lists(hours))
def test_many_small_steps_trigger_the_same_events_as_one_step(timers, cuts):
    def events(stops):
        clock, seen = Clock(START, BackendLock()), []

        def happen(name, follow_ups, instant):
            seen.append((name, instant, clock.now()))
            for after in follow_ups:
                clock.call_at(instant + timedelta(hours=after), partial(happen, f"{name}+{after}", ()))

        for number, (after, follow_ups) in enumerate(timers):
            clock.call_at(START + timedelta(hours=after), partial(happen, str(number), follow_ups))
        for stop in stops:
            clock.travel_to(START + timedelta(hours=stop))
        return seen

    assert events(stops_of(cuts, 1_000)) == events([1_000])


acts = st.tuples(
    st.sampled_from(["create", "update", "update", "delete", "restore"]),
    st.sampled_from(["app/db", "app/api"]),
    st.sampled_from([0, 1, 12, 24, 24 * 6]),
)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(program=st.lists(acts, min_size=3, max_size=12), cuts=st.lists(hours, max_size=6), total=hours)
def test_many_small_steps_end_in_the_same_state_as_one_step(program, cuts, total):
    limits = Limits(retained_versions=2, versions_per_secret=100)

    def state_after(stops):
        with mock_secrets(at=START, limits=limits) as backend:
            client = backend.client()
            for number, (act, name, pause) in enumerate(program):
                perform(client, act, name, f"{number:032}")
                backend.clock.advance(hours=pause)
            arrival = backend.clock.now()
            for stop in stops:
                backend.clock.travel_to(arrival + timedelta(hours=stop))
            return [(secret.name, secret.deleted_at, secret.changed_at, secret.versions) for secret in backend]

    assert state_after(stops_of(cuts, total)) == state_after([total])


def perform(client, act, name, token):
    refusals = ("ResourceNotFoundException", "ResourceExistsException", "InvalidRequestException")
    with suppress(*(getattr(client.exceptions, refusal) for refusal in refusals)):
        match act:
            case "create":
                client.create_secret(Name=name, SecretString="one", ClientRequestToken=token)
            case "update":
                client.update_secret(SecretId=name, SecretString="two", ClientRequestToken=token)
            case "delete":
                client.delete_secret(SecretId=name, RecoveryWindowInDays=7)
            case "restore":
                client.restore_secret(SecretId=name)


class TestThreads:
    def test_time_does_not_move_in_the_middle_of_a_call(self, monkeypatch):
        with mock_secrets(at=START) as backend, ThreadPoolExecutor(1) as thread:
            moves = []

            def in_the_middle():
                moves.append(thread.submit(backend.clock.advance, days=1))
                with pytest.raises(futures.TimeoutError):
                    moves[0].result(timeout=0.05)
                return "the-request-id"

            monkeypatch.setattr(backend.service.state.ids, "uuid", in_the_middle)
            backend.client().create_secret(Name="db", SecretString="s3cret", ClientRequestToken="0" * 32)
            moves[0].result()

        assert backend["db"].created_at == START
        assert backend.clock.now() == START + DAY
