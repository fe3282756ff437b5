"""What ``backend.fail`` refuses, and what it says then."""

from datetime import datetime, timedelta

import pytest
from tables import rows

from mock_secrets import SecretsBackend, faults

THROTTLED = "ThrottlingException"


@rows("operation, error, given, kind, told", [
        ("get_secret_value", THROTTLED, {}, ValueError, "no operation 'get_secret_value'. Did you mean 'GetSecretValue'?"),
        (None, THROTTLED, {}, TypeError, "takes an operation by AWS's name, or '*', not NoneType"),
        ("*", "ThrotlingException", {}, ValueError, "no error 'ThrotlingException'. Did you mean 'ThrottlingException'?"),
        ("*", "LostAnswer", {}, ValueError, "'LostAnswer' is not an error code. Import LostAnswer from mock_secrets.faults"),
        ("*", faults.LostAnswer, {}, TypeError, "takes an instance: LostAnswer()"),
        ("*", faults.Latency, {}, TypeError, "takes an instance: Latency(...)"),
        ("*", faults.NetworkFault(), {}, TypeError, "or one of mock_secrets.faults: LostAnswer, "),
        ("*", ValueError(), {}, TypeError, "not ValueError"),
        ("*", THROTTLED, {"secret": 1}, TypeError, "fail(secret=) takes a name, not 1"),
        ("*", THROTTLED, {"stage": ""}, TypeError, "fail(stage=) takes a name, not ''"),
        ("*", THROTTLED, {"principal": 1}, TypeError, "fail(principal=) takes a user or a role of backend.iam"),
        ("*", THROTTLED, {"region": "eu-wset-1"}, ValueError, "Did you mean 'eu-west-1'?"),
        ("*", THROTTLED, {"when": True}, TypeError, "fail(when=) takes a callable that is given the call, not bool"),
        ("*", THROTTLED, {"times": 0}, ValueError, "fail(times=) takes 1 or more, not 0"),
        ("*", THROTTLED, {"times": True}, TypeError, "fail(times=) takes a number of calls, not bool"),
        ("*", THROTTLED, {"after": -1}, ValueError, "fail(after=) takes 0 or more, not -1"),
        ("*", THROTTLED, {"sequence": 3}, TypeError, "such as (3, 2), not 3"),
        ("*", THROTTLED, {"sequence": (3,)}, ValueError, "such as (3, 2), not (3,)"),
        ("*", THROTTLED, {"sequence": (0, 2)}, ValueError, "such as (3, 2), not (0, 2)"),
        ("*", THROTTLED, {"sequence": (1, -2)}, ValueError, "fail(sequence=) takes 0 or more, not -2"),
        ("*", THROTTLED, {"rate": 0}, ValueError, "fail(rate=) takes a number above 0 and up to 1, not 0"),
        ("*", THROTTLED, {"rate": "0.5"}, TypeError, "fail(rate=) takes a number from 0 to 1, not str"),
        ("*", THROTTLED, {"until": datetime(2026, 1, 1)}, ValueError, "until takes an aware datetime"),  # noqa: DTZ001
        ("*", THROTTLED, {"SecretId": "db"}, TypeError, "fail() has no parameter 'SecretId'. Did you mean 'secret'?"),
    ])  # fmt: skip
def test_a_fault_that_can_never_fire_is_refused_with_a_suggestion(operation, error, given, kind, told):
    backend = SecretsBackend()

    with pytest.raises(kind) as caught:
        backend.fail(operation, error, **given)

    assert told in str(caught.value)
    assert backend.faults.unfired == []


@rows(
    "span, kind, told",
    [(3, TypeError, "takes a timedelta, not int"), (timedelta(0), ValueError, "a timedelta above 0, not 0:00:00")],
)
def test_a_latency_is_a_duration(span, kind, told):
    with pytest.raises(kind, match=told):
        faults.Latency(span)


def test_faults_of_the_same_kind_are_equal_and_of_different_kinds_are_not():
    assert faults.LostAnswer() == faults.LostAnswer() != faults.ConnectionClosed()
    assert faults.Latency(timedelta(1)) == faults.Latency(timedelta(1)) != faults.Latency(timedelta(2))
