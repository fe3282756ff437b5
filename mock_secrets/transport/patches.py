"""Replaces functions of other libraries while a mock is active, and puts them back afterwards.

A function that someone else has replaced in the meantime is left alone. If they put one of our stand-ins back after
the mock has ended, it does no harm: without an active mock a stand-in behaves like the original.
"""

import sys
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple


class Patch(NamedTuple):
    """One function to replace, of a class, or of a module if ``kind`` is empty.

    :ivar stand_in: returns the replacement for a given original.
    """

    module: str
    kind: str
    name: str
    stand_in: Callable[[Any], Any]

    def owner(self) -> Any:
        """The class or module; None if it has not been imported, or not completely."""
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
        """Whether a library with functions to replace has been imported since."""
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
        """Put a patch into its owner, if that is imported already.

        :returns: whether the patch is done, rather than awaiting an import.
        """
        owner = patch.owner()
        if owner is None:
            return False
        original = vars(owner).get(patch.name)
        # Versions of the library without this function keep their own behaviour.
        if original is not None:
            stand_in = patch.stand_in(original)
            setattr(owner, patch.name, stand_in)
            self._put.append((owner, patch.name, original, stand_in))
        return True
