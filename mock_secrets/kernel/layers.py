"""What is written into the process for a while, one layer over another, and taken out in whatever order they end.

A value that somebody else has changed meanwhile is theirs: it is left as it is, and
a mock that comes back, after it was set aside for a while, does not write over it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from mock_secrets.kernel.lock import BackendLock


class Place(Protocol):
    """Where named values are; None stands for one that is not there."""

    def read(self, names: Iterable[str]) -> dict[str, Any]: ...

    def write(self, name: str, value: Any) -> None: ...


class Layer:
    """What one mock, or one function, writes for as long as it runs.

    :param wanted: the values; None for a name that is to be absent.
    :param theirs: what :meth:`Layers.take` gave when the same mock was set aside.
    :ivar before: what was there before.
    :ivar written: the values, but those that are still as somebody else left them.
    """

    def __init__(self, wanted: Mapping[str, Any], theirs: Mapping[str, Any] | None = None) -> None:
        self.wanted = wanted
        self.theirs = theirs or {}
        self.before: dict[str, Any] = {}
        self.written: Mapping[str, Any] = {}


class Layers:
    """The layers over one place, the lowest first.

    An interrupt may come between any two steps: a layer is known before it writes, and forgotten when all is put back.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._layers: list[Layer] = []
        self._lock = BackendLock()

    def put(self, layer: Layer) -> None:
        """Write a layer over what is there."""
        self._lock.hold(self._put, layer)

    def take(self, layer: Layer, *, with_changes: bool = False) -> dict[str, Any]:
        """Put back what was there before. A second time it does nothing.

        :param with_changes: also where somebody else has changed a value of it.
        :returns: what somebody else has changed, and is left as it is.
        """
        return self._lock.hold(self._take, layer, with_changes)

    def _put(self, layer: Layer) -> None:
        wanted = layer.wanted
        layer.before = before = self._place.read(wanted)
        kept = {name for name, value in layer.theirs.items() if before[name] == value}
        layer.written = {name: value for name, value in wanted.items() if name not in kept} if kept else wanted
        self._layers.append(layer)
        for name, value in layer.written.items():
            if before[name] != value:
                self._place.write(name, value)

    def _take(self, layer: Layer, with_changes: bool) -> dict[str, Any]:
        # No generator, which would be left before its end: an interrupt in its clean-up is lost.
        if layer not in self._layers:
            return {}
        uppers = self._layers[self._layers.index(layer) + 1 :]
        now, theirs = self._place.read(layer.before), {}
        for name, before in layer.before.items():
            over_it = [one.before for one in uppers if name in one.before] if uppers else []
            above = over_it[0] if over_it else None
            value = now[name] if above is None else above[name]
            if name not in layer.written or (value != layer.written[name] and not with_changes):
                theirs[name] = value
            elif above is not None:
                above[name] = before
            elif before != value:
                self._place.write(name, before)
        # By another list, in one step.
        self._layers = [one for one in self._layers if one is not layer]
        return theirs
