"""Everything needed to answer the process's calls, as one context manager."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mock_secrets.kernel.environment import layers
from mock_secrets.kernel.layers import Layer
from mock_secrets.kernel.profiles import Profile
from mock_secrets.kernel.redaction import Values
from mock_secrets.transport import (
    beside_moto,
    caches,
    configuration,
    connections,
    credentials,
    emitters,
    environment,
    hook,
    logs,
    net,
    parameter_store,
    pauses,
    processes,
    resolution,
    running,
    savers,
    sessions,
    signatures,
)
from mock_secrets.transport.locks import one_at_a_time
from mock_secrets.transport.patches import Patches

if TYPE_CHECKING:
    from mock_secrets.transport.endpoint import Endpoint

hook.install(parameter_store.HANDLERS)


_patches = Patches(
    [
        *net.PATCHES,
        *credentials.PATCHES,
        *signatures.PATCHES,
        *resolution.PATCHES,
        *emitters.PATCHES,
        *connections.PATCHES,
        *configuration.PATCHES,
        *beside_moto.PATCHES,
        *caches.PATCHES,
        *pauses.PATCHES,
        *savers.PATCHES,
    ]
)


def _look_again() -> None:
    if _patches.awaits_imported:
        with one_at_a_time():
            if running.mock is not None:
                _patches.put_awaited()


def _go_on_in_child() -> None:
    if running.mock is not None:
        running.run(processes.in_this_process(running.mock))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_go_on_in_child)


class Interception:
    """Lets one backend answer the Secrets Manager calls of the process, and keeps other calls on the machine.

    It can be left and entered again, from any thread; only one is entered at a time. Leaving it undoes what it wrote,
    even if the body raised. What others changed in the meantime stays, and entering it again does not overwrite it.

    :param answer: answers a request.
    :param values: the values that no report shows while it is entered.
    :param pause: moves the service clock by a number of seconds.
    :param region: region of sessions that have none of their own; by default the process's region at each entry.
    :param passthrough: boto3's names of the services whose requests may leave the machine.
    :param profiles: the profiles that sessions can use.
    :param clears_caches: whether leaving it empties the caches of client-side libraries.
    :param serve: creates the endpoint that answers other processes; without it they get an explanation instead.
    :raises ValueError: if boto3 does not know one of the services.
    """

    def __init__(
        self,
        answer: running.Answerer,
        values: Values,
        pause: Callable[[float], None],
        *,
        region: str | None = None,
        passthrough: Iterable[str] = (),
        profiles: Mapping[str, Profile] | None = None,
        clears_caches: bool = True,
        serve: "Callable[[], Endpoint] | None" = None,
    ) -> None:
        self._region = region
        self._session: sessions.DefaultSession | None = None
        self._serve = serve
        self._endpoint: Endpoint | None = None
        # What others had changed when this was left.
        self._theirs: dict[str, Any] = {}
        self._rules = running.Rules(
            answer=answer,
            values=values,
            pause=pause,
            region=region or environment.FALLBACK_REGION,
            passthrough=net.names_of(passthrough),
            endpoint_of_others=processes.explanation(),
            shares=serve is not None,
            clears_caches=clears_caches,
            profiles=profiles or {},
            look_again=_look_again,
        )

    def __enter__(self) -> None:
        self.enter()

    def __exit__(self, *_: object) -> None:
        self.leave()

    def enter(self) -> None:
        """Start to answer.

        :raises ValueError: if no region is given, and the process's is not valid.
        """
        with one_at_a_time():
            region = self._region or environment.region_of_process()
            if self._serve is not None and self._endpoint is None:
                self._endpoint = self._serve()
                self._rules = replace(self._rules, endpoint_of_others=self._endpoint.url)
            self._rules = processes.in_this_process(replace(self._rules, region=region))
            self._session = self._session or sessions.take()
            _patches.put()
            logs.hide_bodies()
            self._layer = Layer(environment.wanted(self._rules, self._session), self._theirs)
            layers.put(self._layer)
            running.run(self._rules)

    def leave(self) -> None:
        """Stop answering."""
        with one_at_a_time():
            # A fork may have changed them.
            self._rules = running.mock or self._rules
            running.run(None)
            self._theirs = layers.take(self._layer)
            savers.correct(self._layer)
            caches.forget()
            configuration.forget()
            logs.show_bodies()
            _patches.take()
            if self._session is not None and not self._session.changed:
                sessions.give_back(self._session)
                self._session = None
