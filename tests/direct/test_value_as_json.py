"""``backend["db"].json``, and that of each version."""

import pytest
from tables import rows


@rows(
    "value, document",
    [
        ('{"user": "app", "ports": [1, 2]}', {"user": "app", "ports": [1, 2]}),
        (b'{"user": "app"}', {"user": "app"}),
        ("null", None),
    ],
)
def test_a_json_document_is_read(secrets_backend, value, document):
    secrets_backend.create("db", value)

    assert secrets_backend["db"].json == document
    assert "app" not in repr(secrets_backend["db"].json)


def test_a_secret_without_a_value_has_no_document(secrets_backend):
    secrets_backend.create("db")

    assert secrets_backend["db"].json is None


@rows("value", ["hunter22", b"hunter22", b"\xff\xfe", '{"hunter22"', "[" * 60_000, " "])
def test_invalid_json_is_an_error_that_does_not_contain_the_value(secrets_backend, value):
    secrets_backend.create("db", value)

    with pytest.raises(ValueError, match=r"^the value of the secret 'db' is not JSON$") as caught:
        secrets_backend["db"].json  # noqa: B018 - it is read

    assert caught.value.__cause__ is caught.value.__context__ is None


def test_each_version_has_its_own_document(secrets_backend):
    db = secrets_backend.create("db", {"user": "old"})
    db.update({"user": "app"})
    db.put("hunter22", stages=["TEXT"], token="t" * 32)

    assert db.stages["AWSPREVIOUS"].json == {"user": "old"}
    assert "app" not in repr(db.stages["AWSCURRENT"].json)
    with pytest.raises(ValueError, match=f"^the value of the version {'t' * 32} is not JSON$"):
        db.stages["TEXT"].json  # noqa: B018 - it is read
