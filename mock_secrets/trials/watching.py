"""Observes the calls of user code one by one, so that a trial can act at any of them."""

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
    """The code ends where it is, like a process that is killed."""

    def __str__(self) -> str:
        return "it was cut off here"


class Made(NamedTuple):
    """A call that the code made.

    :ivar number: its number among all calls, from 1.
    :ivar nth: its number among the calls of the same operation and step, from 1.
    :ivar step: the step of the rotation; empty for other code.
    :ivar line: the line that made the call.
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
    """Observes the calls of the code while it is on.

    :ivar made: the calls so far, without botocore's retries.
    :ivar step: the step that the code is in, to be noted with each call.
    :ivar before: run before each call; returns an answer to give in place of the service's, or None.
    :ivar after: run after each call has taken effect.
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
        """Observe calls during the block, in which the code runs."""
        self._is_on, self._is_cut = True, False
        try:
            yield
        finally:
            self._is_on = False

    @contextmanager
    def off(self) -> Iterator[None]:
        """Ignore calls during the block, in which other code runs."""
        before, self._is_on = self._is_on, False
        try:
            yield
        finally:
            self._is_on = before

    def cut_off(self) -> None:
        """End the code here."""
        self._is_cut = True
        raise CutOff

    def is_at(self, number: int) -> bool:
        """Whether the call in progress is the one with this number, at any attempt."""
        return self._is_on and len(self.made) == number

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Route the calls of the process through this watch during the block."""
        before = running.mock
        assert before is not None, "trials run inside a mock"
        logger = logging.getLogger("mock_secrets.rotation")
        was_disabled = logger.disabled
        running.run(replace(before, answer=self._answering(before.answer)))
        # Trials provoke failures, so their log would only be noise.
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
                # The code caught CutOff; it still may not make another call.
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
