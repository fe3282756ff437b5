"""Whatever goes wrong at whichever call: the state is that of the calls until then, with the last of them or without."""

from contextlib import suppress
from datetime import datetime, timedelta, timezone

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from hypothesis import given
from hypothesis import strategies as st

from mock_secrets import NoSuchSecret, mock_secrets
from mock_secrets.faults import ConnectionClosed, ConnectTimeout, CorruptAnswer, Latency, LostAnswer, ReadTimeout

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ONCE = Config(retries={"total_max_attempts": 1})

CALLS = {
    "update": lambda client, token: client.update_secret(
        SecretId="db", SecretString=token[-1], ClientRequestToken=token
    ),
    "describe": lambda client, token: client.update_secret(SecretId="db", Description=token[-1]),
    "pend": lambda client, token: client.put_secret_value(
        SecretId="db", SecretString=token[-1], ClientRequestToken=token, VersionStages=["AWSPENDING"]
    ),
    "tag": lambda client, token: client.tag_resource(SecretId="db", Tags=[{"Key": "k", "Value": token[-1]}]),
    "replicate": lambda client, token: client.replicate_secret_to_regions(
        SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}], ForceOverwriteReplicaSecret=True
    ),
    "delete": lambda client, token: client.delete_secret(SecretId="db"),
    "restore": lambda client, token: client.restore_secret(SecretId="db"),
}
WITH_EFFECT = [LostAnswer(), CorruptAnswer(), Latency(timedelta(seconds=1))]
WITHOUT = ["ThrottlingException", "InternalServiceError", ConnectionClosed(), ReadTimeout(), ConnectTimeout()]

faults = st.sampled_from([*WITH_EFFECT, *WITHOUT])
plans = st.dictionaries(st.integers(0, 5), faults, max_size=3)
courses = st.lists(st.sampled_from(sorted(CALLS)), min_size=1, max_size=6)


def state(backend):
    """How the secrets are, without what tells only when."""
    found = {}
    for region in ("us-east-1", "eu-west-1"):
        with suppress(NoSuchSecret):
            secret = backend.secret("db", region=region)
            versions = [(version.id, version.stages, version.value) for version in secret.versions]
            found[region] = versions, secret.description, secret.tags, secret.deleted_at is not None
    return found


def run(course, plan=None):
    """The state after a function that makes these calls and stops at the first error; and how many it made."""
    with mock_secrets(at=NOON, region="us-east-1") as backend:
        backend.create("db", "0", token="0" * 32)
        made = make(backend, course, plan or {})
        return state(backend), made


def make(backend, course, plan, first=1):
    """Make these calls until the first error. :returns: how many were made"""
    client = backend.client(config=ONCE)
    made = 0
    for place, error in plan.items():
        backend.fail("*", error, after=place, times=1)
    with suppress(ClientError, BotoCoreError, ResponseParserError):
        for number, name in enumerate(course, first):
            made += 1
            CALLS[name](client, f"{number:032}")
    return made


@given(course=courses, plan=plans)
def test_the_state_matches_a_prefix_of_the_calls(course, plan):
    after, made = run(course, plan)

    assert after in (run(course[: made - 1])[0], run(course[:made])[0])


@given(before=courses, course=courses, plan=plans)
def test_a_savepoint_undoes_faults_started_in_it_and_their_effects(before, course, plan):
    with mock_secrets(at=NOON, region="us-east-1") as backend:
        backend.create("db", "0", token="0" * 32)
        outer = backend.fail("*", Latency(timedelta(seconds=1)), sequence=(1, 1))
        make(backend, before, {})
        left, met, now = state(backend), list(outer.calls), backend.clock.now()

        with backend.savepoint():
            make(backend, course, plan, first=100)

        assert (state(backend), outer.calls, backend.clock.now()) == (left, met, now)
        assert [*backend.faults.fired, *backend.faults.unfired] == [outer]
