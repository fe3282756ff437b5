"""Emitters share their handlers until one gets its own, which never shows in another."""

import copy
import inspect

import boto3
import botocore.session
import pytest
from botocore import handlers
from botocore.hooks import EventAliaser, HierarchicalEmitter, _PrefixTrie
from hypothesis import given
from hypothesis import strategies as st
from tables import rows

from mock_secrets import mock_secrets
from mock_secrets.transport import emitters
from mock_secrets.transport.emitters import SharingTrie

EVENT = "before-call.secrets-manager.ListSecrets"
KEYS = ["a", "a.b", "a.b.c", "a.*.c", "*", "b"]


class Trail:
    """Two copies of one family of tries, botocore's and ours, to which the same is done."""

    def __init__(self):
        self.pairs = [(_PrefixTrie(), SharingTrie())]

    def copy(self, index, key, value):
        theirs, ours = self.pairs[index % len(self.pairs)]
        self.pairs.append((copy.copy(theirs), copy.copy(ours)))

    def append(self, index, key, value):
        for trie in self.pairs[index % len(self.pairs)]:
            trie.append_item(key, value, section=value % 3)

    def remove(self, index, key, value):
        outcomes = []
        for trie in self.pairs[index % len(self.pairs)]:
            try:
                outcomes.append(trie.remove_item(key, value))
            except (ValueError, AttributeError) as error:
                outcomes.append(type(error))
        assert outcomes[0] == outcomes[1]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([Trail.copy, Trail.append, Trail.remove]),
            st.integers(0, 3),
            st.sampled_from(KEYS),
            st.integers(0, 3),
        ),
        max_size=25,
    )
)
def test_shared_handler_copies_find_the_same_as_botocores_own_copies(steps):
    trail = Trail()

    for act, *what in steps:
        act(trail, *what)

    for theirs, ours in trail.pairs:
        assert [ours.prefix_search(key) for key in KEYS] == [theirs.prefix_search(key) for key in KEYS]


def tell(name, heard):
    return lambda **_: heard.append(name)


@rows("session", [lambda backend: boto3, lambda backend: boto3.Session(), lambda backend: backend.session()])
def test_a_handler_of_one_client_is_not_called_by_other_clients(session):
    with mock_secrets() as backend:
        maker = session(backend)
        first, second = (maker.client("secretsmanager", region_name="us-east-1") for _ in range(2))
        heard = []
        first.meta.events.register(EVENT, tell("first", heard))
        third = maker.client("secretsmanager", region_name="us-east-1")

        for client in (second, third, first):
            client.list_secrets()

        assert heard == ["first"]


def test_a_handler_unregistered_by_one_client_is_still_called_by_others():
    heard = []
    handler = tell("session", heard)
    with mock_secrets():
        session = boto3.Session(region_name="us-east-1")
        session.events.register(EVENT, handler)
        first, second = session.client("secretsmanager"), session.client("secretsmanager")
        first.meta.events.unregister(EVENT, handler)

        first.list_secrets()
        second.list_secrets()

    assert heard == ["session"]


def test_a_later_session_handler_affects_only_later_clients_of_that_session():
    heard = []
    with mock_secrets():
        session = boto3.Session(region_name="us-east-1")
        before = session.client("secretsmanager")
        session.events.register(EVENT, tell("later", heard))

        before.list_secrets()
        boto3.Session(region_name="us-east-1").client("secretsmanager").list_secrets()
        assert heard == []

        session.client("secretsmanager").list_secrets()
        assert heard == ["later"]


def test_handlers_of_a_mocks_clients_stay_separate_after_it_ends():
    heard = []
    with mock_secrets():
        session = boto3.Session(region_name="us-east-1")
        first, second = session.client("secretsmanager"), session.client("secretsmanager")
    first.meta.events.register(EVENT, tell("first", heard))

    with mock_secrets():
        second.list_secrets()

    assert heard == []


def test_a_builtin_handler_added_by_another_library_is_in_the_next_session(monkeypatch):
    heard = []
    with mock_secrets():
        boto3.Session()
        monkeypatch.setattr(handlers, "BUILTIN_HANDLERS", [*handlers.BUILTIN_HANDLERS, (EVENT, tell("new", heard))])

        boto3.Session(region_name="us-east-1").client("secretsmanager").list_secrets()

    assert heard == ["new"]


def registered(session):
    return sorted((key, str(values)) for key, values in nodes(session.get_component("event_emitter")._emitter))


def nodes(emitter):
    waiting = [("", emitter._handlers._root)]
    while waiting:
        path, node = waiting.pop()
        yield path, node["values"]
        waiting += [(f"{path}.{chunk}", child) for chunk, child in node["children"].items()]


def test_a_session_has_the_same_handlers_inside_a_mock_as_outside():
    outside = registered(botocore.session.Session())

    with mock_secrets():
        assert [registered(botocore.session.Session()) for _ in range(2)] == [outside, outside]


def test_creating_a_client_does_not_copy_all_handlers(monkeypatch):
    with mock_secrets():
        session = boto3.Session(region_name="us-east-1")
        monkeypatch.setattr(_PrefixTrie, "_recursive_copy", lambda *_: pytest.fail("all handlers are copied"))

        for maker in (boto3, session):
            maker.client("secretsmanager", region_name="us-east-1")


def test_botocore_copies_handlers_that_cannot_be_shared(monkeypatch):
    monkeypatch.setattr(emitters, "CAN_SHARE", False)

    with mock_secrets():
        session = boto3.Session(region_name="us-east-1")
        session.client("secretsmanager").list_secrets()

    assert type(session.events._emitter._handlers) is _PrefixTrie


def test_botocores_private_emitter_attributes_are_as_expected():
    aliaser = EventAliaser(HierarchicalEmitter())

    assert emitters.CAN_SHARE
    assert aliaser._emitter._handlers._root["children"] == aliaser._emitter._unique_id_handlers == {}
    assert aliaser._alias_name_cache == {}
    assert aliaser._event_aliases == copy.copy(aliaser)._event_aliases
    assert "self.register(" in inspect.getsource(botocore.session.Session._register_builtin_handlers)
    assert list(inspect.signature(_PrefixTrie.append_item).parameters) == ["self", "key", "value", "section"]
    assert list(inspect.signature(_PrefixTrie.remove_item).parameters) == ["self", "key", "value"]
