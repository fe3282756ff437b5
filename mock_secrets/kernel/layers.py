"""Layers of values that are written into the process for a while, and taken out in any order.

A value that someone else has changed in the meantime is left as it is. A mock that comes back after it was set aside
does not overwrite it either.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from mock_secrets.kernel.lock import BackendLock


class Place(Protocol):
    """A place that holds named values; None means absent."""

    def read(self, names: Iterable[str]) -> dict[str, Any]: ...

    def write(self, name: str, value: Any) -> None: ...


class Layer:
    """The values that one mock, or one rotation function, writes while it runs.

    :param wanted: the values; None for a name that must be absent.
    :param theirs: what :meth:`Layers.take` returned when the same mock was set aside.
    :ivar before: the values that were there before.
    :ivar written: the wanted values, without those that someone else has changed.
    """

    def __init__(self, wanted: Mapping[str, Any], theirs: Mapping[str, Any] | None = None) -> None:
        self.wanted = wanted
        self.theirs = theirs or {}
        self.before: dict[str, Any] = {}
        self.written: Mapping[str, Any] = {}


class Layers:
    """The layers over one place, the lowest first.

    An interrupt may come between any two steps, so a layer is registered before it writes, and removed only after
    everything has been put back.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._layers: list[Layer] = []
        self._lock = BackendLock()

    def put(self, layer: Layer) -> None:
        """Write a layer over the present values."""
        self._lock.hold(self._put, layer)

    def take(self, layer: Layer, *, with_changes: bool = False) -> dict[str, Any]:
        """Put back what was there before. Calling it again does nothing.

        :param with_changes: whether to put back even what someone else has changed.
        :returns: the values that someone else has changed, which are left as they are.
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
        # Lists instead of generators: an interrupt during the clean-up of an unfinished generator would be lost.
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
        # Replaced by a new list, in one step.
        self._layers = [one for one in self._layers if one is not layer]
        return theirs
