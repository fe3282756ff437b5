"""All that it takes to answer the process's calls, as one context manager."""

import os
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mock_secrets.kernel.redaction import Values
from mock_secrets.transport import (
    beside_moto,
    configuration,
    connections,
    credentials,
    emitters,
    environment,
    hook,
    logs,
    net,
    processes,
    running,
    savers,
    sessions,
    signatures,
)
from mock_secrets.transport.locks import one_at_a_time
from mock_secrets.transport.patches import Patches

hook.install()


class _Process:
    """The interceptions of this process that are entered, and the functions that are replaced for them."""

    entered: list["Interception"] = []  # noqa: RUF012 - the process's
    patches = Patches(
        [
            *net.PATCHES,
            *credentials.PATCHES,
            *signatures.PATCHES,
            *emitters.PATCHES,
            *connections.PATCHES,
            *configuration.PATCHES,
            *beside_moto.PATCHES,
            *savers.PATCHES,
        ]
    )

    @classmethod
    def let_last_answer(cls) -> None:
        running.run(cls.entered[-1].rules if cls.entered else None)

    @classmethod
    def look_again(cls) -> None:
        if cls.patches.awaits_imported:
            with one_at_a_time():
                if cls.entered:
                    cls.patches.put_awaited()

    @classmethod
    def go_on_in_child(cls) -> None:
        for one in cls.entered:
            one.go_on_in_child()
        cls.let_last_answer()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_Process.go_on_in_child)


class Interception:
    """One backend answers the Secrets Manager calls of the process, and nothing else leaves the machine.

    It can be left and entered again, from any thread, and two of them may end in either order; the last one entered
    answers. What it wrote is gone when it is left, also when the body raised. What somebody else changed meanwhile
    stays, and is not written over when it is entered again.

    :param values: what no report shows while this answers.
    :param region: the region of sessions that have none of their own; unless given, the process's at each entrance.
    :param passthrough: services, as boto3 names them, whose requests may leave.
    :raises ValueError: for a service that boto3 does not know.
    """

    def __init__(
        self,
        answer: running.Answerer,
        values: Values,
        *,
        region: str | None = None,
        passthrough: Iterable[str] = (),
    ) -> None:
        self._region = region
        self._process = os.getpid()
        self._session: sessions.DefaultSession | None = None
        # What somebody else had changed when this was left.
        self._theirs: dict[str, Any] = {}
        self.rules = running.Running(
            answer=answer,
            values=values,
            region=region or environment.FALLBACK_REGION,
            passthrough=net.names_of(passthrough),
            endpoint_of_others=processes.explanation(),
            look_again=_Process.look_again,
        )

    def __enter__(self) -> None:
        self.enter()

    def __exit__(self, *_: object) -> None:
        self.leave()

    def enter(self) -> None:
        """Answer from now on.

        :raises ValueError: if no region is given, and the process's is none.
        """
        with one_at_a_time():
            self.rules = replace(self.rules, region=self._region or environment.region_of_process())
            if self._process != os.getpid():
                self.go_on_in_child()
            self._session = self._session or sessions.take()
            if not _Process.entered:
                _Process.patches.put()
                logs.hide_bodies()
            self._layer = environment.layers.put(environment.wanted(self.rules, self._session), self._theirs)
            _Process.entered.append(self)
            _Process.let_last_answer()

    def leave(self) -> None:
        """Answer no more."""
        with one_at_a_time():
            was_last = _Process.entered[-1] is self
            _Process.entered.remove(self)
            _Process.let_last_answer()
            self._theirs = environment.layers.take(self._layer)
            if was_last:
                savers.correct(self._layer)
            if not _Process.entered:
                configuration.forget()
                logs.show_bodies()
                _Process.patches.take()
            if self._session is not None and not self._session.changed:
                sessions.give_back(self._session)
                self._session = None

    def go_on_in_child(self) -> None:
        """Answer in a forked process from what was at the fork."""
        self.rules = replace(self.rules, answer=processes.AnswersInChild(self.rules.answer, self._process))
        self._process = os.getpid()
