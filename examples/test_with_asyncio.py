"""The same decorator on ``async def``, and ``async with``: the mock stays active across every await."""

import asyncio

import pytest
from shop.settings import load_settings

from mock_secrets import SecretsBackend, mock_secrets

SETTINGS = {"payment_url": "https://pay.example", "payment_key": "k3y"}


@pytest.mark.asyncio
@mock_secrets(secrets={"shop/settings": SETTINGS})
async def test_an_async_test_is_decorated_like_any_other():
    await asyncio.sleep(0)

    assert load_settings().payment_key == "k3y"


@pytest.mark.asyncio
@mock_secrets(secrets={"shop/settings": SETTINGS})
async def test_calls_from_worker_threads_are_answered_too(secrets_backend: SecretsBackend):
    loaded = await asyncio.gather(*(asyncio.to_thread(load_settings) for _ in range(3)))

    assert [settings.payment_key for settings in loaded] == ["k3y"] * 3
    assert len(secrets_backend.calls) == 3


@pytest.mark.asyncio
async def test_async_with_starts_the_mock_for_a_block():
    async with mock_secrets(secrets={"shop/settings": SETTINGS}) as backend:
        await asyncio.to_thread(load_settings)

    assert len(backend.calls) == 1
