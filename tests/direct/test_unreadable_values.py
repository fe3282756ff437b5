"""What no request can carry is refused by the direct door and by ``secrets=`` too, and not shown."""

from functools import partial

import pytest
from tables import rows

from mock_secrets import SecretsBackend
from mock_secrets.kernel.codes import SerializationException

HALF_PAIR = "\ud800"
SECRET = f"hunter2{HALF_PAIR}"


@rows(
    "arguments, options",
    [
        ((SECRET,), {}),
        (("value",), {"description": HALF_PAIR}),
        (("value",), {"kms_key_id": HALF_PAIR}),
        (("value",), {"token": HALF_PAIR * 32}),
        (("value",), {"tags": {HALF_PAIR: "value"}}),
        (("value",), {"tags": {"key": HALF_PAIR}}),
        (("value",), {"description": 5}),
        (("value",), {"description": b"bytes"}),
        (("value",), {"tags": {"key": 5}}),
        (("value",), {"token": 5}),
    ],
)
def test_a_secret_cannot_be_created_with_an_unencodable_value(arguments, options):
    backend = SecretsBackend()

    with pytest.raises(SerializationException) as caught:
        backend.create("db", *arguments, **options)

    assert "hunter2" not in str(caught.value)
    assert list(backend) == []


@rows("name", [HALF_PAIR, 5])
def test_an_unencodable_secret_name_is_refused(name):
    with pytest.raises(SerializationException):
        SecretsBackend().create(name, "value")


def test_a_version_cannot_be_created_with_an_unencodable_value():
    db = SecretsBackend(secrets={"db": "value"})["db"]

    for refused in (
        partial(db.update, SECRET),
        partial(db.put, SECRET),
        partial(db.put, "new", stages=[HALF_PAIR]),
        partial(db.put, "new", stages=[5]),
        partial(db.update, "new", token=HALF_PAIR * 32),
    ):
        with pytest.raises(SerializationException) as caught:
            refused()
        assert "hunter2" not in str(caught.value)

    assert [version.value for version in db.versions] == ["value"]


def test_an_unencodable_initial_secret_is_refused():
    with pytest.raises(ValueError, match=r"'db'.*can't be created") as caught:
        SecretsBackend(secrets={"db": SECRET})

    assert "hunter2" not in str(caught.value)


def test_a_mapping_too_deep_for_json_is_refused_naming_its_secret():
    value = {"password": "hunter2"}
    for _ in range(100_000):
        value = {"deeper": value}

    with pytest.raises(TypeError, match=r"'db'.*JSON") as caught:
        SecretsBackend(secrets={"db": value})

    assert "hunter2" not in str(caught.value)
