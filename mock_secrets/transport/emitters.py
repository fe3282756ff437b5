"""Event emitters that share their handlers until one of them gets a handler of its own.

botocore deep-copies an emitter for each client, which is a third of a client's cost, and registers its two hundred
handlers in each session. Here a copy is one reference, and a registration copies only the few nodes on its path. No
handler ever appears in another client or session.

These are private parts of botocore, so a contract test guards them. If they are not as expected, botocore's own code
runs.
"""

import copy
from typing import Any, NamedTuple

from botocore import handlers, hooks
from botocore.hooks import HierarchicalEmitter
from botocore.session import Session

from mock_secrets.transport import running
from mock_secrets.transport.patches import Patch

_Trie: Any = getattr(hooks, "_PrefixTrie", object)
CAN_SHARE = getattr(_Trie(), "_root", None) == {"chunk": None, "children": {}, "values": None}


class SharingTrie(_Trie):  # type: ignore[misc]  # botocore has no types
    """Handlers by event, copied on write: nodes that another trie shares are never changed."""

    _root: dict[str, Any]

    def __copy__(self) -> "SharingTrie":
        twin = type(self)()
        twin._root = self._root
        return twin

    def append_item(self, key: str, *args: Any, **kwargs: Any) -> None:
        self._have_own(key)
        super().append_item(key, *args, **kwargs)

    def remove_item(self, key: str, *args: Any, **kwargs: Any) -> None:
        self._have_own(key)
        super().remove_item(key, *args, **kwargs)

    def _have_own(self, key: str) -> None:
        """Replace the nodes on the path to a key by copies."""
        node = self._root = _copied(self._root)
        for part in key.split("."):
            if part not in node["children"]:
                return
            child = node["children"][part] = _copied(node["children"][part])
            node = child


def _copied(node: dict[str, Any]) -> dict[str, Any]:
    return {**node, "children": dict(node["children"]), "values": copy.copy(node["values"])}


def share_handlers(emitter: HierarchicalEmitter) -> None:
    """Make an emitter without handlers share its future ones with its copies."""
    if CAN_SHARE:
        emitter._handlers = SharingTrie()


class _Prepared(NamedTuple):
    """botocore's own handlers, registered once for all sessions."""

    handlers: list[Any]
    trie: Any
    aliases: dict[str, str]


_prepared: list[_Prepared] = []


def _register_builtin_handlers(original: Any) -> Any:
    def register_builtin_handlers(self: Any, events: Any) -> None:
        if running.mock is None or not _is_untouched(self, events):
            original(self, events)
            return
        emitter = events._emitter
        for prepared in _prepared:
            if prepared.handlers == handlers.BUILTIN_HANDLERS:
                emitter._handlers = copy.copy(prepared.trie)
                events._alias_name_cache = prepared.aliases
                return
        entered = list(handlers.BUILTIN_HANDLERS)
        share_handlers(emitter)
        original(self, events)
        # Any earlier one is outdated, since BUILTIN_HANDLERS has changed.
        _prepared[:] = [_Prepared(entered, copy.copy(emitter._handlers), events._alias_name_cache)]

    return register_builtin_handlers


def _is_untouched(session: Any, events: Any) -> bool:
    """Whether the session and its emitter are botocore's own, and nothing is registered yet."""
    emitter: Any = getattr(events, "_emitter", None)
    return (
        CAN_SHARE
        and type(session).register is Session.register
        and type(emitter) is HierarchicalEmitter
        and type(emitter._handlers) is _Trie
        and not emitter._handlers._root["children"]
        and not emitter._unique_id_handlers
    )


def _copy_aliaser(original: Any) -> Any:
    def copied(self: Any) -> Any:
        twin = original(self)
        # The aliases alone determine the names in the cache.
        if running.mock is not None and twin._event_aliases == self._event_aliases:
            twin._alias_name_cache = self._alias_name_cache
        return twin

    return copied


PATCHES = [
    Patch("botocore.session", "Session", "_register_builtin_handlers", _register_builtin_handlers),
    Patch("botocore.hooks", "EventAliaser", "__copy__", _copy_aliaser),
]
