"""A dump of a whole backend, so that two moments can be compared."""

from datetime import datetime, timedelta
from enum import Enum
from types import FunctionType, MethodType

from mock_secrets import SecretsBackend
from mock_secrets.kernel.journal import Journal
from mock_secrets.kernel.lock import BackendLock
from mock_secrets.kernel.redaction import Values

# What is computed when it is first looked at, and the values that no report may show, of what was undone too.
NO_STATE = ("_query", "_kept", "_ever")
PLAIN = (str, bytes, int, float, type(None), datetime, timedelta, Enum, FunctionType, MethodType, type)


def everything(backend: SecretsBackend):
    """The state and how much can be taken back of it, the calls, what is due, the time, and which ids come next."""
    service = backend.service
    journal = service.state.journal
    return [
        traces([service.state, service.due, service.calls, service.clock.saved(), service.state.ids.random.getstate()]),
        (journal.recording, len(journal.undo)),
    ]


def what_is_kept(backend: SecretsBackend):
    """The state, the calls, and when what is due: all but the ids that come next and the timers.

    An id that was drawn is not given back, and a timer may be left that finds nothing to do.
    """
    service, state = backend.service, backend.service.state
    kept = [state.store, state.keys, state.functions, state.identities, state.trail, service.calls]
    return traces(kept), sorted((secret.arn, due) for secret, due in service.due._due.items())


def traces(value, seen=None):
    """All that can be reached from a value, as plain values in their order."""
    seen = {} if seen is None else seen
    if isinstance(value, PLAIN):
        return repr(value) if callable(value) else value
    # What a report must not show is no part of the state: it stays known when it is undone.
    # Python may have one empty tuple or several.
    is_again = id(value) in seen and value != ()
    if is_again or isinstance(value, BackendLock | Journal | Values):
        return f"again {type(value).__name__}"
    seen[id(value)] = value
    if isinstance(value, dict):
        return [(traces(key, seen), traces(one, seen)) for key, one in _items(value)]
    if isinstance(value, list | tuple):
        return [traces(one, seen) for one in value]
    if isinstance(value, set | frozenset):
        return sorted(map(repr, value))
    names = [*getattr(value, "__dict__", {}), *(name for kind in type(value).__mro__ for name in _slots(kind))]
    return type(value).__name__, [
        (name, traces(getattr(value, name, None), seen)) for name in names if name not in NO_STATE
    ]


def _items(mapping):
    if getattr(mapping, "_ordered", True):
        return mapping.items()
    return sorted(mapping.items(), key=lambda pair: getattr(pair[0], "arn", pair[0]))


def _slots(kind):
    slots = getattr(kind, "__slots__", ())
    return [slots] if isinstance(slots, str) else slots
