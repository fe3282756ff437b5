"""How a function runs: with the variables that Lambda gives it, and a coroutine to its end."""

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
    """Call a function, or await a coroutine function, with variables in the environment. What it raises is raised.

    What it changes of these variables ends with it. Of two functions that run beside each other, that which began last
    has its own.
    """
    layer = Layer(variables)
    # The end twice, should an interrupt come in the midst of the first.
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
    """The result of a coroutine, in a loop and a thread of its own: the caller may be in a loop already."""
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

    # With the context, by which the clock and the rotator know whose call it is.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(work,))
    thread.start()
    try:
        thread.join()
    except BaseException:
        # Who interrupts the caller does not mean it to go on by itself.
        for cancel in cancels:
            # Its loop may have ended meanwhile.
            with suppress(RuntimeError):
                cancel()
        thread.join()
        raise
    if raised:
        raise raised[0]
    return outcome[0]
