"""The calls of somebody's code, seen one by one, so that something can happen at one of them."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from mock_secrets.aws.functions import FunctionTimedOut
from mock_secrets.kernel.frames import Line, calling_line
from mock_secrets.operations import OPERATIONS
from mock_secrets.protocol import wire
from mock_secrets.report.history import shown_path
from mock_secrets.transport import running


class CutOff(FunctionTimedOut):
    """The code ends where it is, as a process does that is killed."""

    def __str__(self) -> str:
        return "it was cut off here"


class Made(NamedTuple):
    """A call that the code made.

    :ivar number: 1 for its first.
    :ivar nth: the same among those of its operation and step.
    :ivar step: of a rotation; empty for other code.
    :ivar line: where.
    """

    number: int
    nth: int
    step: str
    request: wire.Request
    line: Line

    @property
    def operation(self) -> str:
        return self.request.operation

    @property
    def reads(self) -> bool:
        row = OPERATIONS.get(self.operation)
        return row is not None and row.reads

    def __str__(self) -> str:
        nth = f" no. {self.nth}" if self.nth > 1 else ""
        where = f" in {self.step}" if self.step else ""
        return f"{self.operation}{nth}{where} ({shown_path(self.line.file)}:{self.line.number})"


class Watch:
    """What sees the calls.

    :ivar made: the calls until now; further attempts of botocore's at one are not among them.
    :ivar step: what the code is doing, for those who read of it.
    :ivar before: asked before each call; gives an answer in place of the service's, or None.
    :ivar after: told of each call once it has had its effect.
    """

    def __init__(self) -> None:
        self.made: list[Made] = []
        self.step = ""
        self.before: Callable[[Made], wire.Answer | None] = lambda _: None
        self.after: Callable[[Made], object] = lambda _: None
        self._is_on = False
        self._is_cut = False

    @contextmanager
    def on(self) -> Iterator[None]:
        """While the code runs."""
        self._is_on, self._is_cut = True, False
        try:
            yield
        finally:
            self._is_on = False

    @contextmanager
    def off(self) -> Iterator[None]:
        """While other code runs in the midst of it."""
        before, self._is_on = self._is_on, False
        try:
            yield
        finally:
            self._is_on = before

    def cut_off(self) -> None:
        """End the code where it is."""
        self._is_cut = True
        raise CutOff

    def is_at(self, number: int) -> bool:
        """Whether the call that is being made is this one of the code's, at whatever attempt."""
        return self._is_on and len(self.made) == number

    @contextmanager
    def installed(self) -> Iterator[None]:
        """While the calls of the process go through it."""
        before = running.mock
        assert before is not None, "a trial is in a mock"
        logger = logging.getLogger("mock_secrets.rotation")
        was_disabled = logger.disabled
        running.run(replace(before, answer=self._answering(before.answer)))
        # Failures are what trials are for.
        logger.disabled = True
        try:
            yield
        finally:
            logger.disabled = was_disabled
            running.run(before)

    def _answering(self, original: running.Answerer) -> running.Answerer:
        def answer(request: wire.Request) -> wire.Answer:
            if not self._is_on:
                return original(request)
            if self._is_cut:
                # It has an except for everything, and may do no more.
                raise CutOff
            if request.attempt > 1:
                return original(request)
            alike = [one for one in self.made if (one.step, one.operation) == (self.step, request.operation)]
            made = Made(len(self.made) + 1, len(alike) + 1, self.step, request, calling_line())
            self.made.append(made)
            given = self.before(made)
            answered = original(request) if given is None else given
            self.after(made)
            return answered

        return answer
