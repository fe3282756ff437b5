"""What mocks write into the process, one over another, and take out again in whatever order they end.

A value that somebody else has changed meanwhile is theirs: it is left as it is, and
a mock that comes back, after it was set aside for a while, does not write over it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol


class Place(Protocol):
    """Where named values are; None stands for one that is not there."""

    def read(self, names: Iterable[str]) -> dict[str, Any]: ...

    def write(self, name: str, value: Any) -> None: ...


class Layer(NamedTuple):
    """What one mock has written, and what was there before."""

    before: dict[str, Any]
    written: Mapping[str, Any]


class Layers:
    """The layers over one place, the lowest first."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._layers: list[Layer] = []

    def put(self, wanted: Mapping[str, Any], theirs: Mapping[str, Any]) -> Layer:
        """Write these values, but none that is still as somebody else left it.

        :param theirs: what :meth:`take` gave when the same mock was set aside.
        """
        before = self._place.read(wanted)
        kept = {name for name, value in theirs.items() if before[name] == value}
        written = {name: value for name, value in wanted.items() if name not in kept} if kept else wanted
        for name, value in written.items():
            if before[name] != value:
                self._place.write(name, value)
        layer = Layer(before, written)
        self._layers.append(layer)
        return layer

    def take(self, layer: Layer) -> dict[str, Any]:
        """Put back what was before.

        :returns: what somebody else has changed, and is left as it is.
        """
        index = next(index for index, one in enumerate(self._layers) if one is layer)
        del self._layers[index]
        above = self._layers[index].before if index < len(self._layers) else None
        now = above or self._place.read(layer.before)
        theirs = {}
        for name, before in layer.before.items():
            if name not in layer.written or now[name] != layer.written[name]:
                theirs[name] = now[name]
            elif above:
                above[name] = before
            elif before != now[name]:
                self._place.write(name, before)
        return theirs
