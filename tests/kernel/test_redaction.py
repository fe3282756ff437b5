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
def test_a_value_compares_as_itself_and_does_not_show(value):
    hidden = redacted(value)

    assert hidden == value
    assert "hunter22" not in repr({"of": [hidden]})
    assert redacted(hidden) is hidden


def test_what_was_stored_is_in_use(scope):
    Values().add(redacted("hunter22"))

    assert in_use() == ["hunter22"]


def test_what_was_in_use_before_is_not(scope):
    values = Values()
    values.add(redacted("hunter22"))

    redaction.begin_scope()
    before = in_use()
    redaction.use(values)
    after = in_use()
    redaction.end_scope()

    assert (before, after) == ([], ["hunter22"])


def test_what_the_running_backend_holds_is(scope):
    values = Values()
    values.add(redacted("hunter22"))

    redaction.run(values)
    redaction.begin_scope()
    running = in_use()
    redaction.end_scope()
    redaction.run(None)

    assert running == ["hunter22"]


def test_what_was_offered_in_vain_is_in_use(scope):
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


def test_whatever_was_given_is_looked_into(scope):
    redaction.note({"a": "text", "b": [b"bytes", bytearray(b"more"), {"of": (12345,)}], "c": Unspeakable()})

    assert list(redaction.values_in_use()) == ["text", b"bytes", b"more", "12345"]


def test_without_a_report_nothing_is_in_use():
    count = len(redaction._scopes)
    scopes, redaction._scopes[:] = list(redaction._scopes), []
    try:
        redaction.note("hunter22")
        Values().add(redacted("hunter22"))

        assert list(redaction.values_in_use()) == list(redaction.names_in_use()) == []
    finally:
        redaction._scopes[:] = scopes
    assert len(redaction._scopes) == count
