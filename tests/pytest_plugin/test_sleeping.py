"""``secrets_clock.sleeping()``: code that polls sleeps by the clock and not for real."""

import asyncio
import subprocess
import sys
import time
from time import sleep

import pytest
from tables import rows


def polls(client):
    """How often it asked until the replica was there."""
    asked = 0
    while client.describe_secret(SecretId="db")["ReplicationStatus"][0]["Status"] != "InSync":
        asked += 1
        time.sleep(1)
    return asked


@pytest.mark.mock_secrets(pace="aws")
def test_polling_takes_no_real_time(secrets_clock, secrets_client):
    secrets_client.create_secret(Name="db", SecretString="1", AddReplicaRegions=[{"Region": "eu-west-1"}])

    with secrets_clock.sleeping():
        assert polls(secrets_client) == 5


@rows("by", [lambda: time.sleep(60), lambda: sleep(60), lambda: asyncio.run(asyncio.sleep(60))])
def test_the_clock_moves_by_the_time_slept(secrets_clock, by):
    before = secrets_clock.now()

    with secrets_clock.sleeping():
        by()

    assert (secrets_clock.now() - before).total_seconds() == pytest.approx(60)


def test_a_task_and_its_result_work_as_usual(secrets_clock):
    async def both():
        return await asyncio.gather(asyncio.sleep(30, "a"), asyncio.wait_for(asyncio.sleep(0, "b"), 5))

    with secrets_clock.sleeping():
        assert asyncio.run(both()) == ["a", "b"]


def test_python_internals_still_really_sleep(secrets_clock, monkeypatch):
    before = secrets_clock.now()

    with secrets_clock.sleeping():
        subprocess.run([sys.executable, "-c", ""], check=True, timeout=60)

    assert secrets_clock.now() == before


def test_sleep_is_restored_at_the_end(secrets_clock):
    before = time.sleep, asyncio.sleep, sleep

    with secrets_clock.sleeping():
        assert time.sleep is not before[0]
        with pytest.raises(ValueError, match="non-negative"):
            time.sleep(-1)
        time.sleep(0)

    assert (time.sleep, asyncio.sleep, sleep) == before
