"""Makes the pauses between retries of Secrets Manager clients pass on the service clock while a mock is active.

botocore still decides whether and for how long a client pauses, in each of its retry modes: legacy and standard sleep
in the endpoint; adaptive also waits for its token bucket. The pauses of other services' clients stay real.

The stand-ins replace private parts of botocore and aiobotocore, so a contract test guards them.
"""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from botocore.exceptions import CapacityNotAvailableError

from mock_secrets.transport import running
from mock_secrets.transport.net import ENDPOINT_PREFIX, SERVICE_ID
from mock_secrets.transport.patches import Patch

_EVENT = f"before-send.{SERVICE_ID}."


class _ModuleWithSleep:
    """A module with another ``sleep``."""

    def __init__(self, module: Any, sleep: Callable[..., Any]) -> None:
        self._module = module
        self.sleep = sleep

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _time(module: Any) -> Any:
    def sleep(seconds: float) -> None:
        mock = running.mock
        if mock is None or not _is_ours(_endpoint_of(sys._getframe(1))):
            module.sleep(seconds)
        else:
            mock.pause(seconds)

    return _ModuleWithSleep(module, sleep)


def _asyncio(
    module: Any,
) -> Any:  # pragma: no cover - aiobotocore pins an older botocore: run by tox -e async-newest
    def sleep(delay: float, *args: Any, **kwargs: Any) -> Any:
        mock = running.mock
        if mock is None or not _is_ours(_endpoint_of(sys._getframe(1))):
            return module.sleep(delay, *args, **kwargs)
        return _paused(mock, delay)

    return _ModuleWithSleep(module, sleep)


def _sleep_of_anyio(
    original: Any,
) -> Any:  # pragma: no cover - aiobotocore pins an older botocore: run by tox -e async-newest
    def sleep(self: Any, sleep_amount: float) -> Any:
        mock = running.mock
        return original(self, sleep_amount) if mock is None or not _is_ours(self) else _paused(mock, sleep_amount)

    return sleep


async def _paused(
    mock: running.Rules, seconds: float
) -> None:  # pragma: no cover - aiobotocore pins an older botocore: run by tox -e async-newest
    mock.pause(seconds)


def _endpoint_of(calling: FrameType) -> Any:
    return calling.f_locals.get("self")


def _is_ours(endpoint: Any) -> bool:
    return getattr(endpoint, "_endpoint_prefix", None) == ENDPOINT_PREFIX


def _acquire(original: Any) -> Any:
    def acquire(self: Any, amount: int = 1, block: bool = True) -> Any:
        mock = running.mock
        if mock is None or not block or not _sends_ours(sys._getframe(1)):
            return original(self, amount, block)
        try:
            return original(self, amount, block=False)
        except CapacityNotAvailableError:
            mock.pause(self._sleep_amount(amount))
            with self._new_fill_rate_condition:
                _take_what_came(self, amount)
            return True

    return acquire


def _acquire_async(
    original: Any,
) -> Any:  # pragma: no cover - aiobotocore pins an older botocore: run by tox -e async-newest
    def acquire(self: Any, amount: int = 1, block: bool = True) -> Any:
        mock = running.mock
        if mock is None or not block or not _sends_ours(sys._getframe(1)):
            return original(self, amount, block)
        return _acquired(original, self, amount, mock)

    return acquire


async def _acquired(
    original: Any, bucket: Any, amount: int, mock: running.Rules
) -> bool:  # pragma: no cover - aiobotocore pins an older botocore: run by tox -e async-newest
    try:
        await original(bucket, amount, block=False)
    except CapacityNotAvailableError:
        mock.pause(bucket._sleep_amount(amount))
        async with bucket._new_fill_rate_condition:
            _take_what_came(bucket, amount)
    return True


def _sends_ours(calling: FrameType) -> bool:
    """Whether a token is acquired for a Secrets Manager request. Only the event in the caller's frame tells."""
    event = calling.f_locals.get("kwargs", {}).get("event_name")
    return isinstance(event, str) and event.startswith(_EVENT)


def _take_what_came(bucket: Any, amount: int) -> None:
    """Take the tokens that arrived in a pause, even if the bucket's own clock did not see it pass."""
    bucket._refill()
    bucket._current_capacity = max(bucket._current_capacity - amount, 0)


PATCHES = [
    Patch("botocore.endpoint", "", "time", _time),
    Patch("botocore.retries.bucket", "TokenBucket", "acquire", _acquire),
    Patch("aiobotocore.endpoint", "", "asyncio", _asyncio),
    Patch("aiobotocore.endpoint", "AnyioEndpoint", "_sleep", _sleep_of_anyio),
    Patch("aiobotocore.retries.bucket", "AsyncTokenBucket", "acquire", _acquire_async),
]
