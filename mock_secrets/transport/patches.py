"""Functions of other libraries, replaced while a mock is active and put back afterwards.

What somebody else has replaced meanwhile is left to them. Should they put one of
ours back when the mock has ended, it does no harm: each asks whether a mock is
active, and is the original when none is.
"""

import sys
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple


class Patch(NamedTuple):
    """One function of a class, or of a module where ``kind`` is empty.

    :ivar stand_in: makes the function that takes its place, from the original.
    """

    module: str
    kind: str
    name: str
    stand_in: Callable[[Any], Any]

    def owner(self) -> Any:
        """The class or the module; None as long as it has not been imported, or not to its end."""
        module = sys.modules.get(self.module)
        return getattr(module, self.kind, None) if self.kind else module


class Patches:
    """The replaced functions of this process."""

    def __init__(self, patches: Iterable[Patch]) -> None:
        self._patches = tuple(patches)
        self._awaited: list[Patch] = []
        self._awaited_modules: list[str] = []
        self._put: list[tuple[Any, str, Any, Any]] = []

    @property
    def awaits_imported(self) -> bool:
        """Whether a library was imported since, whose functions are to be replaced."""
        return not sys.modules.keys().isdisjoint(self._awaited_modules)

    def put(self) -> None:
        self._awaited = list(self._patches)
        self.put_awaited()

    def put_awaited(self) -> None:
        self._awaited = [patch for patch in self._awaited if not self._put_one(patch)]
        self._awaited_modules = sorted({patch.module for patch in self._awaited})

    def take(self) -> None:
        self._awaited, self._awaited_modules = [], []
        while self._put:
            owner, name, original, stand_in = self._put.pop()
            if vars(owner).get(name) is stand_in:
                setattr(owner, name, original)

    def _put_one(self, patch: Patch) -> bool:
        """:returns: whether nothing more is to be awaited."""
        owner = patch.owner()
        if owner is None:
            return False
        original = vars(owner).get(patch.name)
        # A version of the library that lacks it goes its own way.
        if original is not None:
            stand_in = patch.stand_in(original)
            setattr(owner, patch.name, stand_in)
            self._put.append((owner, patch.name, original, stand_in))
        return True
