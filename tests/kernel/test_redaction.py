"""Values that do not show, and which of them a report must not show."""

import pytest
from tables import rows

from mock_secrets.kernel import redaction
from mock_secrets.kernel.redaction import Values, redacted


@pytest.fixture
def scope():
    redaction.begin_scope()
    yield
    redaction.end_scope()


def in_use():
    return sorted(map(str, redaction.values_in_use()))


@rows("value", ["hunter22", b"hunter22"])
def test_a_redacted_value_compares_equal_but_is_not_shown(value):
    hidden = redacted(value)

    assert hidden == value
    assert "hunter22" not in repr({"of": [hidden]})
    assert redacted(hidden) is hidden


def test_stored_values_are_in_use(scope):
    Values().add(redacted("hunter22"))

    assert in_use() == ["hunter22"]


def test_values_from_an_earlier_scope_are_not_in_use(scope):
    values = Values()
    values.add(redacted("hunter22"))

    redaction.begin_scope()
    before = in_use()
    redaction.use(values)
    after = in_use()
    redaction.end_scope()

    assert (before, after) == ([], ["hunter22"])


def test_values_held_by_the_running_backend_are_in_use(scope):
    values = Values()
    values.add(redacted("hunter22"))

    redaction.run(values)
    redaction.begin_scope()
    running = in_use()
    redaction.end_scope()
    redaction.run(None)

    assert running == ["hunter22"]


def test_refused_values_are_in_use(scope):
    values = Values()
    values.offer(lambda: ["refused"])
    values.offer(lambda: ["arrived"])
    values.arrive()
    values.offer(lambda: ["pending"])
    values.refuse(lambda: ["wrong"])

    assert in_use() == ["pending", "refused", "wrong"]


class Unspeakable:
    def __str__(self):
        raise RuntimeError


def test_nested_values_are_noted_for_redaction(scope):
    redaction.note({"a": "text", "b": [b"bytes", bytearray(b"more"), {"of": (12345,)}], "c": Unspeakable()})

    assert list(redaction.values_in_use()) == ["text", b"bytes", b"more", "12345"]


def test_no_value_is_in_use_without_a_report():
    count = len(redaction._scopes)
    scopes, redaction._scopes[:] = list(redaction._scopes), []
    try:
        redaction.note("hunter22")
        Values().add(redacted("hunter22"))

        assert list(redaction.values_in_use()) == list(redaction.names_in_use()) == []
    finally:
        redaction._scopes[:] = scopes
    assert len(redaction._scopes) == count
