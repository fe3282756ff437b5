"""Time that passes by itself at a speed of its own, as ``mock-secrets serve --speed`` has it."""

from datetime import datetime, timedelta, timezone

import pytest
from tables import rows

from mock_secrets import SecretsBackend
from mock_secrets.kernel.process_time import PacedTime

START = datetime(2030, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)


@pytest.fixture
def real(monkeypatch):
    """Real seconds, which a test counts itself."""
    seconds = [100.0]
    monkeypatch.setattr(PacedTime.__init__, "__defaults__", (lambda: seconds[0],))
    return seconds


@pytest.fixture
def backend(real):
    backend = SecretsBackend(at=START)
    backend.clock.go_at(86_400)
    return backend


def test_paced_time_runs_in_whole_milliseconds_from_where_the_clock_stood(backend, real):
    assert backend.clock.now() == START

    real[0] += 0.5 + 1e-9
    assert backend.clock.now() == START + DAY / 2


def test_events_happen_at_their_own_instants_in_paced_time(backend, real):
    backend.create("db", "s3cret")
    backend.service.direct("DeleteSecret", account_id=backend.account_id, region=backend.region, SecretId="db")
    real[0] += 40

    assert "db" not in backend
    assert backend.service.state.history[-1].at == START + 30 * DAY


def test_paced_time_can_be_moved_and_continues_from_there(backend, real):
    backend.clock.advance(days=3)
    real[0] += 1

    assert backend.clock.now() == START + 4 * DAY


def test_a_savepoint_undoes_a_move_but_not_the_time_that_has_passed(backend, real):
    with backend.savepoint():
        backend.clock.advance(days=300)
        real[0] += 1

    assert backend.clock.now() == START + DAY


def test_paced_time_continues_after_another_clock_was_in_charge(backend, real):
    with backend.clock.leading(lambda _: None):
        real[0] += 50
        backend.clock.forget_warning()
        assert backend.clock.now() == START
    real[0] += 1

    assert backend.clock.now() == START + DAY


def test_paced_time_stops_before_the_latest_instant_the_service_supports(backend, real):
    real[0] += 10**9

    assert backend.clock.now() == datetime(9000, 1, 1, tzinfo=timezone.utc) - timedelta(milliseconds=1)


@rows("speed", [0, -1, float("inf"), float("nan")])
def test_an_invalid_speed_is_refused(backend, speed):
    with pytest.raises(ValueError, match=r"go_at\(\) takes a speed above 0 and at most 1,000,000,000"):
        backend.clock.go_at(speed)
