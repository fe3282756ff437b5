"""The public signatures, for mypy. It is never run."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from unittest import TestCase

from mock_secrets import Limits, Rates, SecretsBackend, faults, mock_secrets
from mock_secrets.proofs import Finding, StaleWindow, assert_rotation_safe, explore, stale_window


@mock_secrets
def bare(number: int) -> str:
    return str(number)


@mock_secrets(region="eu-west-1", account_id="111122223333", secrets={"db": "s3cret", "api": {"key": "k"}})
def with_parameters(number: int) -> str:
    return str(number)


@mock_secrets
async def coroutine() -> int:
    return 1


@mock_secrets
def generator() -> Iterator[int]:
    yield 1


@mock_secrets
async def async_generator() -> AsyncIterator[int]:
    yield 1


@mock_secrets
class PlainTests:
    value = 1


@mock_secrets(at=datetime(2026, 1, 1, tzinfo=timezone.utc), seed=7)
class CaseTests(TestCase):
    value = 1


def names() -> str:
    return bare(1) + with_parameters(number=2)


def instances() -> int:
    return PlainTests().value + CaseTests().value


def block() -> SecretsBackend:
    with mock_secrets(
        limits=Limits(retention=timedelta(hours=1)), passthrough=["s3"], token_reuse="documented"
    ) as backend:
        return backend


async def async_block() -> SecretsBackend:
    async with mock_secrets() as backend:
        return backend


def by_hand() -> None:
    mock = mock_secrets()
    backend: SecretsBackend = mock.start()
    backend.clock.advance(days=1)
    moment: datetime = backend.clock.now()
    backend.clock.travel_to(moment)
    mock.stop()


def neighbours(backend: SecretsBackend) -> None:
    role = backend.iam.create_role("app", Path("policy.json"), tags={"team": "core"})
    backend.iam.create_user("ann", [{"Version": "2012-10-17", "Statement": []}, "{}"]).set_policy(None)
    with role.as_default():
        role.client("session", context={"aws:SourceIp": ["192.0.2.1"]})
    least: dict[str, Any] = backend.iam.used_permissions(role, with_denied=False)
    backend.iam.assert_sufficient(least)
    reasons: list[str] = [found.reason for found in backend.iam.unused(least, allow=["arn:aws:secretsmanager:*"])]
    key = backend.kms.create_key(alias="alias/app", description="; ".join(reasons))
    gone: datetime = key.schedule_deletion(days=7)
    records: list[dict[str, Any]] = backend.cloudtrail.lookup(principal=role, end=gone)
    leaks: list[str] = [leak.parameter for leak in backend.cloudtrail.leaks(min_length=8)]
    backend.cloudtrail.write(Path(f"{len(records) + len(leaks)}.json.gz"))


def strict() -> SecretsBackend:
    return mock_secrets(kms="strict", leaks="fail", limits=Limits(rates=Rates(versions=1))).start()


def things_that_go_wrong(backend: SecretsBackend) -> list[str | faults.NetworkFault]:
    fault = backend.fail("GetSecretValue", "ThrottlingException", secret="db", times=2, sequence=(3, 2))
    with backend.fail("*", faults.LostAnswer(), when=lambda call: call.attempt == 1, rate=0.5) as lost:
        backend.fail("*", faults.Latency(timedelta(seconds=1)), principal=backend.iam.create_user("ann"))
    return [one.error for one in [fault, lost, *backend.faults.unfired]]


def proofs(handler: Callable[[dict[str, Any], Any], None]) -> None:
    assert_rotation_safe(handler, value={"password": "1"}, accepts=bool, reset=lambda: None, environment={"A": "1"})
    window: StaleWindow = stale_window(lambda: "1", secret="db", accepts=bool)
    instant: datetime | None = window.ends.at if window.ends else None
    findings: list[Finding] = explore(lambda: None, lambda: True)
    print(instant, findings)
