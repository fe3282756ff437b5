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
def test_copies_that_share_find_what_botocores_own_copies_find(steps):
    trail = Trail()

    for act, *what in steps:
        act(trail, *what)

    for theirs, ours in trail.pairs:
        assert [ours.prefix_search(key) for key in KEYS] == [theirs.prefix_search(key) for key in KEYS]


def tell(name, heard):
    return lambda **_: heard.append(name)


@rows("session", [lambda backend: boto3, lambda backend: boto3.Session(), lambda backend: backend.session()])
def test_a_handler_of_one_client_is_called_by_no_other(session):
    with mock_secrets() as backend:
        maker = session(backend)
        first, second = (maker.client("secretsmanager", region_name="us-east-1") for _ in range(2))
        heard = []
        first.meta.events.register(EVENT, tell("first", heard))
        third = maker.client("secretsmanager", region_name="us-east-1")

        for client in (second, third, first):
            client.list_secrets()

        assert heard == ["first"]


def test_a_handler_that_one_client_lays_down_is_still_called_by_the_others():
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


def test_what_a_session_gets_later_is_not_in_its_earlier_clients_nor_in_other_sessions():
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


def test_clients_of_a_mock_stay_apart_when_it_has_ended():
    heard = []
    with mock_secrets():
        session = boto3.Session(region_name="us-east-1")
        first, second = session.client("secretsmanager"), session.client("secretsmanager")
    first.meta.events.register(EVENT, tell("first", heard))

    with mock_secrets():
        second.list_secrets()

    assert heard == []


def test_a_handler_that_another_library_enters_is_in_the_next_session(monkeypatch):
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


def test_a_session_has_botocores_own_handlers():
    outside = registered(botocore.session.Session())

    with mock_secrets():
        assert [registered(botocore.session.Session()) for _ in range(2)] == [outside, outside]


def test_a_client_is_made_without_a_copy_of_all_handlers(monkeypatch):
    with mock_secrets():
        session = boto3.Session(region_name="us-east-1")
        monkeypatch.setattr(_PrefixTrie, "_recursive_copy", lambda *_: pytest.fail("all handlers are copied"))

        for maker in (boto3, session):
            maker.client("secretsmanager", region_name="us-east-1")


def test_where_botocore_keeps_its_handlers_in_another_way_it_copies_them_as_it_does(monkeypatch):
    monkeypatch.setattr(emitters, "CAN_SHARE", False)

    with mock_secrets():
        session = boto3.Session(region_name="us-east-1")
        session.client("secretsmanager").list_secrets()

    assert type(session.events._emitter._handlers) is _PrefixTrie


def test_the_private_parts_that_are_touched_are_there():
    aliaser = EventAliaser(HierarchicalEmitter())

    assert emitters.CAN_SHARE
    assert aliaser._emitter._handlers._root["children"] == aliaser._emitter._unique_id_handlers == {}
    assert aliaser._alias_name_cache == {}
    assert aliaser._event_aliases == copy.copy(aliaser)._event_aliases
    assert "self.register(" in inspect.getsource(botocore.session.Session._register_builtin_handlers)
    assert list(inspect.signature(_PrefixTrie.append_item).parameters) == ["self", "key", "value", "section"]
    assert list(inspect.signature(_PrefixTrie.remove_item).parameters) == ["self", "key", "value"]
