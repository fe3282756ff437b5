"""``time.sleep`` and ``asyncio.sleep`` that move a clock instead of waiting."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType, ModuleType
from typing import Any
from unittest.mock import patch


@contextmanager
def moved_by_sleep(advance: Callable[[float], None]) -> Iterator[None]:
    """Make sleep move a clock, also where a module has imported it under another name.

    :param advance: moves the clock by a number of seconds.
    """
    sleep, asleep = time.sleep, asyncio.sleep

    def moved(seconds: float, /) -> None:
        if _is_of_python(sys._getframe(1)):
            sleep(seconds)
            return
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        if seconds:
            advance(seconds)

    def moved_async(delay: float, result: Any = None) -> Any:
        return asleep(delay, result) if _is_of_python(sys._getframe(1)) else move(delay, result)

    async def move(delay: float, result: Any) -> Any:
        if delay > 0:
            advance(delay)
        # Let other tasks run, as the real sleep does.
        return await asleep(0, result)

    with ExitStack() as stack:
        for module in list(sys.modules.values()):
            for name, stand_in in _names(module, {sleep: moved, asleep: moved_async}):
                stack.enter_context(patch.object(module, name, stand_in))
        yield


def _names(module: ModuleType, stand_ins: dict[Any, Any]) -> list[tuple[str, Any]]:
    """The global names under which a module has the functions, with their replacements."""
    name = getattr(module, "__name__", None)
    if not isinstance(name, str) or (_package(name) in sys.stdlib_module_names and name not in ("time", "asyncio")):
        return []
    return [
        (name, stand_in)
        for name, value in list(vars(module).items())
        for function, stand_in in stand_ins.items()
        if value is function
    ]


def _is_of_python(frame: FrameType) -> bool:
    return _package(str(frame.f_globals.get("__name__"))) in sys.stdlib_module_names


def _package(name: str) -> str:
    return name.partition(".")[0]
