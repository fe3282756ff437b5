"""A value is held once in memory: by its version, the call that brought it, and the log that must not show it."""

import gc
import tracemalloc

import pytest

SIZE, UPDATES = 20_000, 60


def text(number):
    return f"{number:010}" * (SIZE // 10)


def update(client, number):
    client.update_secret(SecretId="db", SecretString=text(number))


def update_bytes(client, number):
    client.update_secret(SecretId="db", SecretBinary=text(number).encode())


def put(client, number):
    client.put_secret_value(SecretId="db", SecretString=text(number), VersionStages=["blue"])


def update_and_read(client, number):
    update(client, number)
    client.get_secret_value(SecretId="db")
    client.batch_get_secret_value(SecretIdList=["db"])


def kept_by(action):
    """The bytes that are held after an action and were not before."""
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        action()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("act", [update, update_bytes, put, update_and_read])
def test_many_values_take_only_the_memory_of_their_total_size(secrets_client, act):
    secrets_client.create_secret(Name="db", SecretString="first", AddReplicaRegions=[{"Region": "eu-west-1"}])
    act(secrets_client, 0)

    kept = kept_by(lambda: [act(secrets_client, number) for number in range(1, UPDATES + 1)])

    assert kept < 1.5 * SIZE * UPDATES


@pytest.mark.parametrize("value", ["s3cret", b"s3cret"])
def test_the_version_the_call_and_the_log_share_one_value_object(secrets_backend, secrets_client, value):
    member = "SecretBinary" if isinstance(value, bytes) else "SecretString"
    secrets_client.create_secret(Name="db", **{member: value})
    current = secrets_backend["db"].value

    ((logged, _),) = secrets_backend.service.state.trail.values
    assert current is secrets_backend.calls[0].params[member] is logged


def test_versions_with_the_same_stored_value_share_one_object(secrets_backend):
    db = secrets_backend.create("db", "s3cret")

    db.update(db.value)

    assert len({id(version.value) for version in db.versions}) == 1


def test_a_value_rotated_by_another_service_is_held_once(secrets_backend, secrets_client):
    secrets_backend.create_managed_secret("rds", "rds!db", {"username": "app", "password": "old"})

    secrets_client.rotate_secret(SecretId="rds!db")

    current = secrets_backend["rds!db"].value
    assert current is [value for value, _ in secrets_backend.service.state.trail.values][-1]
    assert "old" not in repr(current)
