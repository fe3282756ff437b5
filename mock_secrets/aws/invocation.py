"""Runs a function with environment variables set, and awaits it if it is a coroutine function."""

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from mock_secrets.kernel.environment import layers
from mock_secrets.kernel.layers import Layer


def invoke_with(variables: Mapping[str, str], handler: Callable[..., Any], /, *args: Any) -> Any:
    """Call a function, or await a coroutine function, with variables set in the environment. Its exceptions propagate.

    Its own changes to these variables are undone. If two functions run in parallel, the variables are those of the one
    that started last.
    """
    layer = Layer(variables)
    # The variables are removed twice, in case an interrupt comes in the middle of the first time.
    try:
        try:
            layers.put(layer)
            returned = handler(*args)
            if inspect.isawaitable(returned):
                returned = _awaited(returned)
        finally:
            layers.take(layer, with_changes=True)
    finally:
        layers.take(layer, with_changes=True)
    return returned


def _awaited(awaitable: Any) -> Any:
    """The result of a coroutine, run in its own loop and thread, because the caller may already be in a loop."""
    outcome: list[Any] = []
    raised: list[BaseException] = []
    cancels: list[Callable[[], object]] = []

    async def run() -> Any:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None, "a coroutine runs in a task"
        cancels.append(lambda: loop.call_soon_threadsafe(task.cancel))
        return await awaitable

    def work() -> None:
        try:
            outcome.append(asyncio.run(run()))
        except BaseException as error:  # noqa: BLE001 - raised again where it belongs
            raised.append(error)

    # The context goes with it, because it tells the clock and the rotator whose call this is.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(work,))
    thread.start()
    try:
        thread.join()
    except BaseException:
        # An interrupt of the caller must also end the coroutine.
        for cancel in cancels:
            # The loop may have ended meanwhile.
            with suppress(RuntimeError):
                cancel()
        thread.join()
        raise
    if raised:
        raise raised[0]
    return outcome[0]
