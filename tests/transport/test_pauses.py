"""Retries are botocore's own, and their pauses are time of the service's clock alone."""

import asyncio
import time
from datetime import datetime, timedelta, timezone

import boto3
import pytest
from botocore import endpoint as botocore_endpoint
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.retries.bucket import Clock, TokenBucket
from freezegun import freeze_time

from mock_secrets import Limits, Rates, mock_secrets
from mock_secrets.faults import LostAnswer

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
THROTTLED = "ThrottlingException"
MODES = pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])


def retrying(mode, attempts=4):
    return Config(retries={"mode": mode, "total_max_attempts": attempts})


@pytest.fixture
def slept(monkeypatch):
    """What somebody slept for, in vain."""
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


@pytest.fixture(params=[None, NOON], ids=["following the process", "at"])
def backend(request, slept):
    with mock_secrets(at=request.param, secrets={"db": "old"}) as backend:
        yield backend


@MODES
def test_a_retry_pauses_on_the_service_clock_only(backend, slept, mode):
    client = backend.client(config=retrying(mode))
    backend.fail("GetSecretValue", THROTTLED, times=3)
    before = backend.clock.now()

    answer = client.get_secret_value(SecretId="db")

    assert answer["ResponseMetadata"]["RetryAttempts"] == 3
    assert [(call.attempt, call.error) for call in backend.calls] == [
        (1, THROTTLED),
        (2, THROTTLED),
        (3, THROTTLED),
        (4, None),
    ]
    assert backend.calls[0].at < backend.calls[3].at
    assert backend.clock.now() > before
    assert slept == []


@MODES
def test_retries_stop_at_botocores_maximum_attempts(backend, slept, mode):
    client = backend.client(config=retrying(mode, attempts=3))
    backend.fail("GetSecretValue", "InternalServiceError")

    with pytest.raises(ClientError, match=r"reached max retries: 2"):
        client.get_secret_value(SecretId="db")

    assert [call.attempt for call in backend.calls] == [1, 2, 3]
    assert slept == []


@MODES
def test_an_update_with_a_lost_answer_is_retried_and_applied_once(backend, slept, mode):
    client = backend.client(config=retrying(mode))
    backend.fail("UpdateSecret", LostAnswer(), times=1)

    made = client.update_secret(SecretId="db", SecretString="new")

    assert [call.fault for call in backend.calls] == ["LostAnswer()", None]
    assert [version.id for version in backend["db"].versions][1:] == [made["VersionId"]]
    assert slept == []


@MODES
def test_retry_pauses_also_satisfy_rate_quotas(slept, mode):
    with mock_secrets(at=NOON, secrets={"db": "old"}, limits=Limits(rates=Rates(read=1))) as backend:
        client = backend.client(config=retrying(mode, attempts=10))

        for _ in range(3):
            client.get_secret_value(SecretId="db")

    assert backend.clock.now() >= NOON + timedelta(seconds=2)
    assert THROTTLED in [call.error for call in backend.calls]
    assert slept == []


@pytest.mark.mock_secrets(at=NOON, secrets={"db": "old"})
def test_adaptive_retries_finish_in_frozen_time_and_advance_it(secrets_backend, secrets_clock):
    client = secrets_backend.client(config=retrying("adaptive"))
    secrets_backend.fail("GetSecretValue", THROTTLED, sequence=(3, 1), times=9)

    for _ in range(6):
        client.get_secret_value(SecretId="db")

    assert datetime.now(timezone.utc) == secrets_backend.clock.now() > NOON + timedelta(seconds=5)


def test_adaptive_retries_also_finish_under_the_users_own_freeze_time():
    with freeze_time(NOON), mock_secrets(secrets={"db": "old"}) as backend:
        client = backend.client(config=retrying("adaptive"))
        backend.fail("GetSecretValue", THROTTLED, times=3)

        for _ in range(3):
            client.get_secret_value(SecretId="db")

        assert backend.clock.now() > NOON


def test_events_due_during_a_pause_happen_before_the_next_attempt(slept):
    with mock_secrets(at=NOON, secrets={"db": "old"}) as backend:
        client = backend.client(config=retrying("standard"))
        client.delete_secret(SecretId="db", RecoveryWindowInDays=7)
        backend.clock.travel_to(NOON + timedelta(days=7) - timedelta(milliseconds=1))
        backend.fail("RestoreSecret", THROTTLED, times=3)

        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.restore_secret(SecretId="db")


def test_a_report_shows_client_pauses(slept):
    with mock_secrets(at=NOON, secrets={"db": "old"}) as backend:
        backend.fail("GetSecretValue", THROTTLED, times=1)
        backend.client(config=retrying("legacy")).get_secret_value(SecretId="db")

    assert "── the client paused for 0." in backend.report()
    assert "GetSecretValue  db attempt 2" in backend.report()


class TestWhatIsNotOfSecretsManager:
    def test_clients_of_other_services_pause_in_real_time(self, slept):
        with mock_secrets(at=NOON, passthrough=["sts"]) as backend:
            client = boto3.client("sts", config=retrying("legacy", attempts=2))
            client.meta.events.register("before-send.sts", _refuse)
            with pytest.raises(ConnectionClosedError):
                client.get_caller_identity()

            assert len(slept) == 1
            assert backend.clock.now() == NOON

    def test_another_clients_token_bucket_waits_in_real_time(self):
        with mock_secrets(at=NOON) as backend:
            waited = []
            bucket = TokenBucket(max_rate=1, clock=Clock())
            bucket._new_fill_rate_condition.wait = lambda seconds: waited.append(seconds) or _fill(bucket)

            assert bucket.acquire()

            assert len(waited) == 1
            assert backend.clock.now() == NOON

    def test_botocores_time_module_is_restored_after_the_mock(self):
        with mock_secrets() as backend:
            kept = botocore_endpoint.time
            assert kept.monotonic is time.monotonic

        assert botocore_endpoint.time is time
        assert backend.calls == []

    def test_a_time_module_kept_after_the_mock_really_sleeps(self, slept):
        with mock_secrets():
            kept = botocore_endpoint.time
        kept.sleep(3)

        assert slept == [3]


def _refuse(*_, **__):
    raise ConnectionClosedError(endpoint_url="https://example.com")


def _fill(bucket):
    bucket._current_capacity = 1


@pytest.mark.parametrize("http", ["aiohttp", "httpx"])
@MODES
def test_an_async_client_also_pauses_on_the_service_clock(monkeypatch, mode, http):
    aiobotocore_config = pytest.importorskip("aiobotocore.config")
    how = {}
    if http == "httpx":
        how = {"http_session_cls": pytest.importorskip("aiobotocore.httpxsession").HttpxSession}
    config = aiobotocore_config.AioConfig(retries={"mode": mode, "total_max_attempts": 4}, **how)

    async def read(backend):
        async with backend.async_client(config=config) as client:
            monkeypatch.setattr(asyncio, "sleep", _refuse)
            for _ in range(3):
                await client.get_secret_value(SecretId="db")

    with mock_secrets(at=NOON, secrets={"db": "old"}) as backend:
        backend.fail("GetSecretValue", THROTTLED, sequence=(2, 1))

        asyncio.run(read(backend))

        assert [call.attempt for call in backend.calls] == [1, 2, 3] * 3
        assert backend.clock.now() > NOON
