"""Many secrets cost many times as much as one, and no more: counted in calls of functions, not in time."""

import sys

import pytest
from tables import rows

from mock_secrets import SecretsBackend, mock_secrets
from mock_secrets.model.store import Region

FEW, MANY = 100, 1_000


def named(count, prefix="app"):
    return {f"{prefix}/{number:06}": f"value {number}" for number in range(count)}


def functions_called(action):
    """How many functions an action calls, generators as often as they are asked."""
    called = 0

    def count(frame, event, argument):
        nonlocal called
        called += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(None)
    return called


def seed(count):
    SecretsBackend(secrets=named(count)).clock.run_due()


def join(count):
    with mock_secrets(secrets=named(count)), mock_secrets(secrets=named(count) | named(count, "other")):
        pass


def create_unless_there(count):
    backend = SecretsBackend()
    for name, value in named(count).items():
        if name not in backend:
            backend.create(name, value)


@rows("action", [seed, join, create_unless_there])
def test_ten_times_as_many_secrets_cost_ten_times_as_much(action):
    action(1)

    assert functions_called(lambda: action(MANY)) < functions_called(lambda: action(FEW)) * MANY / FEW * 1.1


def test_checking_for_a_secret_does_not_look_at_the_others(monkeypatch):
    backend = SecretsBackend(secrets=named(FEW))
    backend.clock.run_due()
    monkeypatch.setattr(Region, "__iter__", lambda _: pytest.fail("somebody looks at every secret"))

    assert [name in backend for name in ("app/000007", "missing", 7)] == [True, False, False]
