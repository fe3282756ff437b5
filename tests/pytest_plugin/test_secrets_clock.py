"""The fixture ``secrets_clock``: the process and the service are frozen, and move as one."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from threading import Event

import pytest
from freezegun import freeze_time
from project import QUICK, SCOPES
from tables import rows

from mock_secrets import SecretsBackend, mock_secrets
from mock_secrets.pytest_plugin.process_clock import frozen_process

START = datetime(2030, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def process_now():
    return datetime.now(timezone.utc)


def process_readings():
    return process_now(), datetime.now(), time.time(), time.time_ns(), time.monotonic()  # noqa: DTZ005


def let_real_time_pass():
    Event().wait(0.005)


class TestTheProcess:
    def test_the_process_clock_stands_still(self, secrets_clock):
        before = process_readings()

        let_real_time_pass()

        assert process_readings() == before

    def test_the_process_clock_matches_the_service_clock(self, secrets_clock, secrets_backend):
        assert process_now() == secrets_clock.now() == secrets_backend.clock.now()

    def test_all_process_clocks_advance_together_with_the_service(self, secrets_clock, secrets_backend):
        now, wall, monotonic = secrets_clock.now(), time.time(), time.monotonic()

        secrets_clock.advance(hours=1)

        assert process_now() == secrets_clock.now() == secrets_backend.clock.now() == now + timedelta(hours=1)
        assert time.time() - wall == 3_600
        assert time.monotonic() - monotonic == 3_600

    def test_the_process_clock_travels_together_with_the_service(self, secrets_clock, secrets_backend):
        there = secrets_clock.now() + 30 * DAY

        secrets_clock.travel_to(there)

        assert process_now() == secrets_backend.clock.now() == there

    def test_the_process_clock_follows_when_a_test_moves_the_backend(self, secrets_clock, secrets_backend):
        secrets_backend.clock.advance(days=1)

        assert process_now() == secrets_clock.now() == secrets_backend.clock.now()

    @rows("move", [{"advance": {"days": -1}}, {"travel_to": {"when": START}}])
    @pytest.mark.mock_secrets(at=START + DAY)
    def test_the_clock_does_not_go_backwards(self, secrets_clock, move):
        ((name, given),) = move.items()

        with pytest.raises(ValueError, match="time can't go backwards"):
            getattr(secrets_clock, name)(**given)

        assert process_now() == secrets_clock.now() == START + DAY

    @rows("when, error", [(datetime(2030, 1, 1), ValueError), ("2030-01-01", TypeError)])  # noqa: DTZ001
    def test_the_clock_travels_only_to_aware_datetimes(self, secrets_clock, when, error):
        with pytest.raises(error, match="aware datetime"):
            secrets_clock.travel_to(when)

    def test_calls_and_responses_carry_the_time_of_the_clock(self, secrets_clock, secrets_backend, secrets_client):
        secrets_clock.advance(days=1)

        secrets_client.create_secret(Name="db", SecretString="s3cret")

        assert secrets_backend.calls[-1].at == process_now()
        assert secrets_client.describe_secret(SecretId="db")["CreatedDate"] == process_now()

    def test_calls_from_other_threads_carry_the_time_of_the_clock(self, secrets_clock, secrets_backend, secrets_client):
        secrets_clock.advance(days=1)

        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda name: secrets_client.create_secret(Name=name, SecretString="s3cret"), "ab"))

        assert {call.at for call in secrets_backend.calls} == {process_now()}


class TestWhatIsDue:
    def test_a_due_action_sees_the_process_clock_at_its_own_instant(self, secrets_clock, secrets_backend):
        start, seen = secrets_clock.now(), []
        for days in (30, 7):
            secrets_backend.clock.call_at(
                start + days * DAY,
                lambda instant: seen.append((instant, secrets_backend.clock.now(), process_now(), time.time())),
            )

        secrets_clock.advance(days=60)

        assert seen == [
            (instant, instant, instant, instant.timestamp()) for instant in (start + 7 * DAY, start + 30 * DAY)
        ]
        assert process_now() == start + 60 * DAY

    def test_an_error_leaves_both_clocks_where_it_happened(self, secrets_clock, secrets_backend):
        def fail(_):
            raise LookupError

        failing = secrets_clock.now() + 7 * DAY
        secrets_backend.clock.call_at(failing, fail)

        with pytest.raises(LookupError):
            secrets_clock.advance(days=30)

        assert process_now() == secrets_clock.now() == failing

    def test_a_nested_time_travel_moves_both_clocks(self, secrets_clock, secrets_backend):
        start, seen = secrets_clock.now(), []

        def take_an_hour(instant):
            secrets_clock.advance(hours=1)
            seen.append((process_now(), secrets_clock.now()))

        secrets_backend.clock.call_at(start + 7 * DAY, take_an_hour)

        secrets_clock.advance(days=30)

        assert seen == [(start + 7 * DAY + timedelta(hours=1),) * 2]
        assert process_now() == secrets_clock.now() == start + 30 * DAY

    def test_a_secret_is_purged_when_its_recovery_window_ends(self, secrets_clock, secrets_backend, secrets_client):
        secrets_backend.create("db", "s3cret")
        secrets_client.delete_secret(SecretId="db", RecoveryWindowInDays=7)

        secrets_clock.advance(days=6, hours=23)
        assert "db" in secrets_backend

        secrets_clock.advance(hours=1)
        assert "db" not in secrets_backend


class TestWhereItBegins:
    @pytest.mark.mock_secrets(at=START)
    def test_the_process_clock_moves_to_the_instant_named_by_the_marker(self, secrets_clock):
        assert process_now() == secrets_clock.now() == START

    @mock_secrets(at=START)
    def test_the_process_clock_moves_to_the_instant_named_by_the_decorator(self, secrets_clock):
        assert process_now() == secrets_clock.now() == START

    @mock_secrets(at=START)
    @pytest.mark.mock_secrets(secrets={"db": "s3cret"})
    def test_the_decorator_and_the_marker_can_set_the_clock_together(self, secrets_clock, secrets_backend):
        secrets_clock.advance(days=1)

        assert process_now() == START + DAY
        assert secrets_backend["db"].created_at == START

    def test_the_clock_starts_at_the_time_of_a_surrounding_freeze(self):
        with freeze_time(START), mock_secrets() as backend, frozen_process(backend.clock) as clock:
            clock.advance(days=1)

            assert process_now() == clock.now() == START + DAY

    def test_a_previously_advanced_backend_moves_the_process_clock(self):
        with freeze_time(START), mock_secrets() as backend:
            backend.clock.advance(days=10)

            with frozen_process(backend.clock) as clock:
                assert process_now() == clock.now() == START + 10 * DAY

    def test_earlier_due_actions_do_not_move_the_process_clock_back(self):
        with freeze_time(START) as process, mock_secrets() as backend:
            seen = []
            backend.clock.call_at(START + 7 * DAY, seen.append)
            process.move_to(START + 30 * DAY)

            with frozen_process(backend.clock) as clock:
                backend.create("db", "s3cret")

                assert process_now() == clock.now() == START + 30 * DAY
                assert seen == [START + 7 * DAY]


class TestWhereItEnds:
    def test_the_process_clock_resumes_by_itself(self):
        with mock_secrets() as backend, frozen_process(backend.clock):
            frozen = time.monotonic_ns()

        before = time.monotonic_ns()
        let_real_time_pass()
        assert frozen != before < time.monotonic_ns()

    def test_the_process_clock_also_resumes_after_an_error(self):
        with freeze_time(START) as process, mock_secrets() as backend:
            with suppress(LookupError), frozen_process(backend.clock) as clock:
                clock.advance(days=10)
                raise LookupError
            assert process_now() == START

            process.tick(60)
            assert backend.clock.now() == START + 10 * DAY + timedelta(seconds=60)

    def test_the_service_clock_resumes_from_where_it_was(self):
        with freeze_time(START) as process, mock_secrets() as backend:
            with frozen_process(backend.clock) as clock:
                clock.advance(days=10)
            assert backend.clock.now() == START + 10 * DAY

            process.tick(60)
            assert backend.clock.now() == START + 10 * DAY + timedelta(seconds=60)

    def test_the_service_clock_set_with_at_stands_still_where_it_was(self):
        with freeze_time(START) as process, mock_secrets(at=START) as backend:
            with frozen_process(backend.clock) as clock:
                clock.advance(days=10)

            process.tick(60)
            assert backend.clock.now() == START + 10 * DAY

    def test_the_clock_can_start_again_on_the_same_backend(self):
        with freeze_time(START), mock_secrets() as backend:
            for days in (10, 20, 30):
                with frozen_process(backend.clock) as clock:
                    clock.advance(days=10)

                    assert process_now() == clock.now() == START + days * DAY


class TestAsyncio:
    @pytest.mark.asyncio
    async def test_sleep_ends(self, secrets_clock):
        await asyncio.sleep(0.01)

        assert process_now() == secrets_clock.now()

    @pytest.mark.asyncio
    async def test_a_timeout_expires(self, secrets_clock):
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), timeout=0.01)

    @pytest.mark.asyncio
    async def test_a_delayed_call_is_made(self, secrets_clock):
        called = asyncio.Event()

        asyncio.get_running_loop().call_later(0.01, called.set)

        await asyncio.wait_for(called.wait(), timeout=60)

    @pytest.mark.asyncio
    async def test_moving_the_clock_wakes_no_sleeper(self, secrets_clock):
        sleeper = asyncio.create_task(asyncio.sleep(3_600))
        await asyncio.sleep(0)

        secrets_clock.advance(days=1)
        await asyncio.sleep(0.01)

        assert not sleeper.done()
        sleeper.cancel()

    def test_an_event_loop_created_under_the_clock_runs(self, secrets_clock):
        asyncio.run(asyncio.sleep(0.01))

    def test_an_event_loop_created_before_the_clock_runs(self):
        loop = asyncio.new_event_loop()
        try:
            with frozen_process(SecretsBackend().clock):
                loop.run_until_complete(asyncio.sleep(0.01))
            loop.run_until_complete(asyncio.sleep(0.01))
        finally:
            loop.close()


def test_the_clock_of_a_wider_backend_is_restored_after_a_test_moved_it(project):
    result = project.run(
        [
            f"""
        from datetime import datetime, timedelta, timezone

        class Test:
            told = []

            def test_one(self, {scope}_secrets_backend, secrets_clock):
                self.told.append(secrets_clock.now())
                secrets_clock.advance(days=10)
                assert {scope}_secrets_backend.clock.now() == datetime.now(timezone.utc)

            def test_two(self, {scope}_secrets_backend):
                assert self.told[0] <= {scope}_secrets_backend.clock.now() < self.told[0] + timedelta(days=1)
        """
            for scope in SCOPES
        ]
    )

    result.assert_outcomes(passed=2 * len(SCOPES))


def test_pytest_measures_its_own_time(pytester):
    pytester.makeconftest("""
        def pytest_runtest_logreport(report):
            assert 0 <= report.duration < 3_600
        """)
    pytester.makepyfile("""
        def test_it(secrets_clock):
            secrets_clock.advance(days=30)
        """)

    pytester.runpytest(*QUICK).assert_outcomes(passed=1)
