"""Functions of other libraries are replaced while a mock is active, and put back afterwards."""

import sys
import types

import pytest

from mock_secrets.transport.patches import Patch, Patches


class Sender:
    def send(self):
        return ["sent"]


def noted(original):
    return lambda self: ["noted", *original(self)]


@pytest.fixture
def library(monkeypatch):
    """A library, not imported yet; `import_it()` imports it."""
    name = "library_of_a_test"
    module = types.ModuleType(name)
    module.Sender = type("Sender", (Sender,), {"send": lambda self: ["sent"]})
    module.import_it = lambda: monkeypatch.setitem(sys.modules, name, module)
    return module


def patches(*names, kind="Sender"):
    return Patches([Patch("library_of_a_test", kind, name, noted) for name in names])


def test_a_method_is_replaced_and_put_back(library):
    library.import_it()
    replaced = patches("send")

    replaced.put()
    during = library.Sender().send()
    replaced.take()

    assert during == ["noted", "sent"]
    assert library.Sender().send() == ["sent"]


def test_what_somebody_else_has_replaced_meanwhile_is_left_to_them(library, monkeypatch):
    library.import_it()
    replaced = patches("send")

    replaced.put()
    monkeypatch.setattr(library.Sender, "send", lambda self: ["theirs"])
    replaced.take()

    assert library.Sender().send() == ["theirs"]


def test_a_name_that_a_version_of_the_library_lacks_is_passed_over(library):
    library.import_it()
    replaced = patches("receive", "send")

    replaced.put()
    during = library.Sender().send()
    replaced.take()

    assert during == ["noted", "sent"]
    assert not hasattr(library.Sender, "receive")


def test_a_library_that_is_imported_later_is_awaited(library):
    replaced = patches("send")
    replaced.put()
    before = replaced.awaits_imported

    library.import_it()
    noticed = replaced.awaits_imported
    replaced.put_awaited()
    during = library.Sender().send()
    settled = not replaced.awaits_imported
    replaced.take()

    assert (before, noticed, settled) == (False, True, True)
    assert during == ["noted", "sent"]
    assert library.Sender().send() == ["sent"]


def test_a_library_that_is_being_imported_is_awaited_to_its_end(library):
    kind = library.Sender
    del library.Sender
    library.import_it()
    replaced = patches("send")

    replaced.put()
    library.Sender = kind
    replaced.put_awaited()
    during = kind().send()
    replaced.take()

    assert during == ["noted", "sent"]


def test_nothing_is_awaited_when_the_mock_has_ended(library):
    replaced = patches("send")
    replaced.put()
    replaced.take()

    library.import_it()

    assert not replaced.awaits_imported
