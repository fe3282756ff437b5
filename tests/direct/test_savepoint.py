"""``backend.savepoint()``: everything that happens inside is undone at its end."""

from contextlib import suppress
from datetime import datetime, timedelta, timezone

import pytest

from mock_secrets.direct.handles import NoLongerThere

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

pytestmark = pytest.mark.mock_secrets(at=NOON, secrets={"db": "s3cret"})


def test_a_savepoint_is_exact_when_its_body_raises(secrets_backend):
    with suppress(ZeroDivisionError), secrets_backend.savepoint():
        secrets_backend["db"].update("other")
        raise ZeroDivisionError

    assert secrets_backend["db"].value == "s3cret"


def test_a_nested_savepoint_restores_the_state_of_the_outer_one(secrets_backend):
    with secrets_backend.savepoint():
        secrets_backend["db"].update("outer")
        with secrets_backend.savepoint():
            secrets_backend["db"].update("inner")
        assert secrets_backend["db"].value == "outer"

    assert secrets_backend["db"].value == "s3cret"


def test_earlier_handles_show_the_current_and_then_the_restored_state(secrets_backend, secrets_client):
    secret, calls = secrets_backend["db"], secrets_backend.calls
    key, role = secrets_backend.kms.create_key(alias="alias/app"), secrets_backend.iam.create_role("app")

    with secrets_backend.savepoint():
        secrets_client.update_secret(SecretId="db", SecretString="other")
        key.disable()
        role.set_policy(ALLOW)
        assert (secret.value, len(calls), key.state, len(role.policies)) == ("other", 1, "Disabled", 1)

    assert (secret.value, len(calls), key.state, role.policies) == ("s3cret", 0, "Enabled", [])


def test_handles_created_inside_say_that_their_secret_is_gone(secrets_backend):
    with secrets_backend.savepoint():
        secret = secrets_backend.create("inner", "1")
        key = secrets_backend.kms.create_key()
        user = secrets_backend.iam.create_user("ann")

    for look in (lambda: secret.value, lambda: key.state, user.client):
        with pytest.raises(NoLongerThere, match="savepoint that has ended"):
            look()


def test_secrets_keep_their_order_when_a_deletion_is_undone(secrets_backend, secrets_client):
    for name in ("a", "b", "c"):
        secrets_backend.create(name, name)

    with secrets_backend.savepoint():
        secrets_client.delete_secret(SecretId="a", ForceDeleteWithoutRecovery=True)

    assert [secret.name for secret in secrets_backend] == ["db", "a", "b", "c"]


def test_a_savepoint_costs_as_much_as_what_changes_not_what_exists(secrets_backend):
    for number in range(500):
        secrets_backend.create(f"s{number}", "v")

    with secrets_backend.savepoint():
        secrets_backend["s7"].update("other")
        written_down = len(secrets_backend.service.state.journal.undo)

    assert written_down < 50
    assert secrets_backend.service.state.journal.undo == []


@pytest.mark.mock_secrets(limits=None)
def test_rate_quota_usage_is_restored():
    from mock_secrets import Limits, Rates, SecretsBackend

    backend = SecretsBackend(at=NOON, limits=Limits(rates=Rates(read=2)))
    buckets = backend.service._buckets

    with backend.savepoint():
        assert [buckets.take("read", "1", "us-east-1", NOON) for _ in range(3)] == [True, True, False]

    assert buckets.take("read", "1", "us-east-1", NOON + timedelta(0))
