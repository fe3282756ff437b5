"""The public signatures, for mypy. It is never run."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta, timezone
from unittest import TestCase

from mock_secrets import Limits, SecretsBackend, mock_secrets


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
