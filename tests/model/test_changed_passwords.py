"""The new value that another service gives to a secret that it rotates."""

import json

from conformance.fidelity import behaviour
from tables import rows

from mock_secrets.kernel.ids import Ids
from mock_secrets.model.passwords import changed_password


@behaviour(
    "RotateSecret",
    "a managed secret's rotation changes those members of its JSON whose names suggest a secret, or all strings",
    "GUESS",
    "no source",
    decided_by="a managed secret",
)
@rows(
    "document, changed",
    [
        ({"username": "app", "password": "0ld", "port": 5432}, {"password"}),
        ({"user": "app", "host": "db.example"}, {"user", "host"}),
        ({"port": 5432}, set()),
    ],
)
def test_a_managed_rotation_changes_the_password_members_or_else_all_strings(document, changed):
    new = json.loads(changed_password(Ids(0).random, json.dumps(document)))

    assert {name for name in document if new[name] != document[name]} == changed
    assert new.keys() == document.keys()


@rows("value", ["[" * 50_000, '{"password":' * 50_000, '{"a":' * 50_000 + "1" + "}" * 50_000])
def test_a_value_too_deeply_nested_to_read_is_replaced_as_a_whole(value):
    assert len(changed_password(Ids(0).random, value)) == 32
