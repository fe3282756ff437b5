"""Interrupts that come at a chosen opcode of the package, as a signal may come between any two."""

import functools
import sys
from bisect import bisect_right
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

import pytest

import mock_secrets

_PACKAGE = Path(mock_secrets.__file__).parent
_ALL = {str(path) for path in _PACKAGE.glob("**/*.py")}


class Interruptible:
    """Some work that can be done again and again, and be interrupted. Used inside :func:`followed_opcodes`.

    :param files: where it is interrupted, as patterns relative to the package; everywhere in it unless given.
    """

    def __init__(self, work, *files):
        self._work = work
        self._files = {str(path) for pattern in files for path in _PACKAGE.glob(pattern)} or _ALL

    def opcodes(self):
        """How many opcodes it goes through."""
        counts = []

        def enter():
            index = len(counts)
            counts.append(0)

            def step():
                counts[index] += 1

            return step

        with _followed(self._files, enter):
            self._work()
        *self._starts, total = accumulate(counts, initial=0)
        return total

    def interrupt(self, opcode):
        """Have a KeyboardInterrupt raised at an opcode, counted from 0, and see that it comes out."""
        # Frames are counted alone until the one is there: following every opcode takes its time.
        frames = bisect_right(self._starts, opcode)
        left = opcode - self._starts[frames - 1]

        def enter():
            nonlocal frames
            frames -= 1
            return step if frames == 0 else None

        def step():
            nonlocal left
            left -= 1
            if left == -1:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt), _followed(self._files, enter):
            self._work()


def in_a_thread_of_its_own(test):
    """A tracer that raises may leave Python 3.11 with an exception that is handled for ever: it goes with the thread."""

    @functools.wraps(test)
    def run(*args, **kwargs):
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(test, *args, **kwargs).result()

    return run


if sys.version_info < (3, 12):

    @contextmanager
    def followed_opcodes():
        yield

    @contextmanager
    def _followed(files, enter):
        """``enter`` is asked of each frame what to do at its opcodes: a function, or None."""

        def on_call(frame, event, arg):
            step = enter() if frame.f_code.co_filename in files else None
            if step is None:
                return None
            frame.f_trace_opcodes = True

            def on_step(frame, event, arg):
                if event == "opcode":
                    step()
                return on_step

            return on_step

        before = sys.gettrace()
        sys.settrace(on_call)
        try:
            yield
        finally:
            sys.settrace(before)

else:
    # Here sys.settrace is slow, and in 3.13.0 it does not follow the opcodes of a frame that has begun.
    _TOOL = 4

    class _Now:
        files = frozenset()
        enter = None
        steps = {}  # noqa: RUF012 - emptied after each use
        codes = {}  # noqa: RUF012 - emptied after each use

    @contextmanager
    def followed_opcodes():
        """Around many runs: each beginning and end makes Python look at all code again."""
        monitoring, events = sys.monitoring, sys.monitoring.events

        def on_frame(code, offset):
            if code.co_filename in _Now.files:
                step = _Now.enter()
                if step is not None:
                    _Now.steps[sys._getframe(1)] = step
                    if id(code) not in _Now.codes:
                        _Now.codes[id(code)] = code
                        monitoring.set_local_events(_TOOL, code, events.INSTRUCTION)
            elif code.co_filename not in _ALL:
                return monitoring.DISABLE
            return None

        def on_opcode(code, offset):
            step = _Now.steps.get(sys._getframe(1))
            if step is not None:
                step()

        monitoring.use_tool_id(_TOOL, "interrupts")
        monitoring.register_callback(_TOOL, events.PY_START, on_frame)
        monitoring.register_callback(_TOOL, events.PY_RESUME, on_frame)
        monitoring.register_callback(_TOOL, events.INSTRUCTION, on_opcode)
        monitoring.set_events(_TOOL, events.PY_START | events.PY_RESUME)
        yield
        monitoring.set_events(_TOOL, events.NO_EVENTS)
        monitoring.free_tool_id(_TOOL)

    @contextmanager
    def _followed(files, enter):
        _Now.files, _Now.enter = files, staticmethod(enter)
        try:
            yield
        finally:
            _Now.files = frozenset()
            for code in _Now.codes.values():
                sys.monitoring.set_local_events(_TOOL, code, sys.monitoring.events.NO_EVENTS)
            _Now.steps.clear()
            _Now.codes.clear()
