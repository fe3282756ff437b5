"""How a function runs: with the variables that Lambda gives it, and a coroutine to its end."""

import asyncio
import contextvars
import inspect
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from mock_secrets.kernel.lock import BackendLock


def invoke_with(variables: Mapping[str, str], handler: Callable[..., Any], /, *args: Any) -> Any:
    """Call a function, or await a coroutine function, with variables in the environment. What it raises is raised."""
    # The end twice, should an interrupt come in the midst of the first.
    try:
        try:
            _environment.begin(variables)
            returned = handler(*args)
            if inspect.isawaitable(returned):
                returned = _awaited(returned)
        finally:
            _environment.end(variables)
    finally:
        _environment.end(variables)
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


class _Environment:
    """The variables of the functions that run.

    A process has one environment: of two functions that run beside each other, that which began last has its own.
    """

    def __init__(self) -> None:
        self._lock = BackendLock()
        self._running: list[Mapping[str, str]] = []
        self._before: dict[str, str | None] = {}

    def begin(self, wanted: Mapping[str, str]) -> None:
        self._lock.hold(self._begin, wanted)

    def end(self, wanted: Mapping[str, str]) -> None:
        """Put back what was there before, or what another function has that runs still. Once is enough."""
        self._lock.hold(self._end, wanted)

    def _begin(self, wanted: Mapping[str, str]) -> None:
        if not self._running:
            self._before = {}
        self._before = {name: os.environ.get(name) for name in wanted} | self._before
        self._running.append(wanted)
        os.environ.update(wanted)

    def _end(self, wanted: Mapping[str, str]) -> None:
        others = [one for one in self._running if one is not wanted]
        if len(others) == len(self._running):
            return
        for name in wanted:
            value = next((one[name] for one in reversed(others) if name in one), self._before[name])
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self._running = others


_environment = _Environment()
