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


def test_a_method_is_replaced_and_restored(library):
    library.import_it()
    replaced = patches("send")

    replaced.put()
    during = library.Sender().send()
    replaced.take()

    assert during == ["noted", "sent"]
    assert library.Sender().send() == ["sent"]


def test_a_method_replaced_by_someone_else_meanwhile_is_left_alone(library, monkeypatch):
    library.import_it()
    replaced = patches("send")

    replaced.put()
    monkeypatch.setattr(library.Sender, "send", lambda self: ["theirs"])
    replaced.take()

    assert library.Sender().send() == ["theirs"]


def test_a_name_missing_from_a_library_version_is_skipped(library):
    library.import_it()
    replaced = patches("receive", "send")

    replaced.put()
    during = library.Sender().send()
    replaced.take()

    assert during == ["noted", "sent"]
    assert not hasattr(library.Sender, "receive")


def test_a_library_imported_after_the_mock_starts_is_patched(library):
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


def test_a_half_imported_library_is_patched_once_its_import_finishes(library):
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


def test_no_import_is_awaited_after_the_mock_ends(library):
    replaced = patches("send")
    replaced.put()
    replaced.take()

    library.import_it()

    assert not replaced.awaits_imported
