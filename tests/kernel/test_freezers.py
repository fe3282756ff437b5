"""A freeze that the user made, with freezegun or time-machine, is followed without being told."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import boto3
import pytest
import time_machine
from freezegun import freeze_time
from tables import rows

from mock_secrets import mock_secrets
from mock_secrets.activation import running

START = datetime(2024, 2, 28, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)


@contextmanager
def freezegun(when):
    with freeze_time(when) as frozen:
        yield frozen.move_to


@contextmanager
def freezegun_ticking(when):
    with freeze_time(when, tick=True) as frozen:
        yield frozen.move_to


@contextmanager
def machine(when):
    with time_machine.travel(when, tick=False) as traveller:
        yield traveller.move_to


@contextmanager
def machine_ticking(when):
    with time_machine.travel(when, tick=True) as traveller:
        yield traveller.move_to


STANDING = [freezegun, machine]
FREEZERS = [*STANDING, freezegun_ticking, machine_ticking]

every_freezer = pytest.mark.parametrize("freezer", FREEZERS, ids=lambda freezer: freezer.__name__)
standing_freezers = pytest.mark.parametrize("freezer", STANDING, ids=lambda freezer: freezer.__name__)


@pytest.fixture(params=["inside the mock", "around the mock"])
def frozen_mock(request):
    """The mock and a freezer at START, in both orders of nesting."""

    @contextmanager
    def frozen_mock(freezer, **options):
        if request.param == "inside the mock":
            with mock_secrets(**options) as backend, freezer(START) as move_to:
                yield backend, move_to
        else:
            with freezer(START) as move_to, mock_secrets(**options) as backend:
                yield backend, move_to

    return frozen_mock


def since_start(instant):
    """How long after START, without the moments that a ticking freezer adds."""
    assert instant >= START
    return timedelta(seconds=(instant - START) // timedelta(seconds=60) * 60)


@every_freezer
class TestFollowing:
    def test_the_service_follows_the_process_time(self, freezer, frozen_mock):
        with frozen_mock(freezer) as (backend, _):
            before = datetime.now(timezone.utc)
            now = backend.clock.now()
            after = datetime.now(timezone.utc)

        assert before.replace(microsecond=before.microsecond // 1000 * 1000) <= now <= after

    def test_calls_are_recorded_with_the_frozen_time(self, freezer, frozen_mock):
        with frozen_mock(freezer) as (backend, move_to):
            backend.client().create_secret(Name="db", SecretString="s3cret")
            move_to(START + DAY)
            backend.client().update_secret(SecretId="db", SecretString="n3w")

        assert [since_start(call.at) for call in backend.calls] == [timedelta(0), DAY]
        assert [since_start(version.created_at) for version in backend["db"].versions] == [timedelta(0), DAY]

    def test_every_interface_has_the_frozen_time_in_a_thread(self, freezer, frozen_mock):
        with frozen_mock(freezer) as (backend, _), ThreadPoolExecutor(1) as thread:
            now = thread.submit(backend.clock.now).result()
            thread.submit(backend.create, "db", "s3cret").result()
            thread.submit(backend.client().describe_secret, SecretId="db").result()
            thread.submit(backend.clock.advance, days=1).result()

            assert since_start(now) == timedelta(0)
            assert since_start(backend.calls[0].at) == timedelta(0)
            assert since_start(backend["db"].created_at) == timedelta(0)
            assert since_start(backend.clock.now()) == DAY

    def test_overdue_events_happen_at_their_own_instants_and_in_order(self, freezer, frozen_mock):
        seen = []
        with frozen_mock(freezer) as (backend, move_to):
            for days in (30, 7):
                backend.clock.call_at(START + days * DAY, lambda instant: seen.append((instant, backend.clock.now())))
            move_to(START + 60 * DAY)
            assert seen == []

            backend.client().create_secret(Name="db", SecretString="s3cret")

        assert seen == [(START + days * DAY, START + days * DAY) for days in (7, 30)]
        assert since_start(backend.calls[-1].at) == 60 * DAY


class TestTheirOwnWaysToMove:
    def test_the_service_follows_freezegun_tick(self):
        with freeze_time(START) as frozen, mock_secrets() as backend:
            frozen.tick()
            frozen.tick(timedelta(minutes=1))

            assert backend.clock.now() == START + timedelta(seconds=61)

    def test_freezegun_can_tick_at_every_reading(self):
        with freeze_time(START, auto_tick_seconds=15), mock_secrets() as backend:
            told = [backend.clock.now() for _ in range(3)]

        assert START <= told[0] < told[1] < told[2]

    def test_the_service_follows_time_machine_shift(self):
        with time_machine.travel(START, tick=False) as traveller, mock_secrets() as backend:
            traveller.shift(timedelta(minutes=1))

            assert backend.clock.now() == START + timedelta(seconds=60)

    def test_freezers_can_be_nested(self):
        with freeze_time(START), mock_secrets() as backend, freeze_time(START + DAY):
            assert backend.clock.now() == START + DAY

            with freeze_time(START + 2 * DAY):
                assert backend.clock.now() == START + 2 * DAY

    def test_a_freeze_in_another_time_zone_is_the_same_instant(self):
        with freeze_time(START, tz_offset=-4), mock_secrets() as backend:
            assert backend.clock.now() == START


@standing_freezers
def test_every_millisecond_is_exact(freezer):
    with freezer(START) as move_to, mock_secrets() as backend:
        for milliseconds in range(1_000):
            move_to(START + timedelta(milliseconds=milliseconds))

            assert backend.clock.now() == START + timedelta(milliseconds=milliseconds)


class TestDecorators:
    @freeze_time(START)
    @mock_secrets
    def test_freezegun_can_be_the_outer_decorator(self, secrets_backend, secrets_client):
        secrets_client.create_secret(Name="db", SecretString="s3cret")

        assert secrets_backend["db"].created_at == START

    @mock_secrets
    @freeze_time(START)
    def test_freezegun_can_be_the_inner_decorator(self, secrets_backend, secrets_client):
        secrets_client.create_secret(Name="db", SecretString="s3cret")

        assert secrets_backend["db"].created_at == START

    @freeze_time(START)
    @mock_secrets(secrets={"db": "s3cret"})
    def test_initial_secrets_do_not_hold_the_service_clock_back(self, secrets_backend):
        assert secrets_backend.clock.now() == START

    @pytest.mark.asyncio
    @freeze_time(START, real_asyncio=True)
    @mock_secrets
    async def test_freezegun_can_be_the_outer_decorator_of_an_async_function(self, secrets_backend):
        boto3.client("secretsmanager").create_secret(Name="db", SecretString="s3cret")

        assert secrets_backend["db"].created_at == START

    @pytest.mark.asyncio
    @mock_secrets
    @freeze_time(START, real_asyncio=True)
    async def test_freezegun_can_be_the_inner_decorator_of_an_async_function(self, secrets_backend):
        boto3.client("secretsmanager").create_secret(Name="db", SecretString="s3cret")

        assert secrets_backend["db"].created_at == START

    @rows("secrets", [None, {"db": "s3cret"}])
    def test_the_order_of_decorators_matters_outside_pytest(self, secrets):
        @freeze_time(START)
        @mock_secrets(secrets=secrets)
        def application():
            return running().clock.now()

        assert application() == START


@every_freezer
@rows("year", [2001, 2024, 2080])
def test_requests_are_signed_with_the_frozen_time(freezer, year):
    when = datetime(year, 2, 28, tzinfo=timezone.utc)
    sent = []
    with freezer(when), mock_secrets() as backend:
        client = backend.client()
        client.meta.events.register_first(
            "before-send.secrets-manager.*", lambda request, **_: sent.append(request.headers["X-Amz-Date"])
        )

        client.create_secret(Name="db", SecretString="s3cret")

    assert [header[:8] for header in sent] == [f"{year}0228".encode()]


@every_freezer
def test_no_call_sleeps_under_a_freezer(freezer, frozen_mock, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"somebody sleeps {seconds} seconds"))

    with frozen_mock(freezer, secrets={"db": "s3cret"}) as (backend, move_to):
        backend.client().delete_secret(SecretId="db", RecoveryWindowInDays=7)
        move_to(START + 8 * DAY)

        backend.clock.advance(days=30)
