"""Versions, labels, deletion and time against a plain reference, in whatever order somebody comes by."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from properties.reference import CURRENT, PENDING, PREVIOUS, Reference, Refused

from mock_secrets import Limits, mock_secrets

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
LIMITS = Limits(retained_versions=4, retention=timedelta(hours=24), versions_per_secret=8, labels_per_secret=5)
LABELS = [CURRENT, PREVIOUS, PENDING, "blue", "green", "red"]

pytestmark = pytest.mark.filterwarnings("ignore::mock_secrets.UpdateRateWarning")

names = st.sampled_from(["app/db", "app/api"])
values = st.sampled_from(["one", "two"])
label_lists = st.lists(st.sampled_from(LABELS), min_size=1, max_size=4, unique=True)
picks = st.integers(min_value=0, max_value=9)


class VersionsAndTime(RuleBasedStateMachine):
    @initialize()
    def start(self):
        self.mock = mock_secrets(at=START, limits=LIMITS)
        self.backend = self.mock.start()
        # One try for each call: a refused one must not sleep before it is tried again.
        self.client = self.backend.client(config=Config(retries={"total_max_attempts": 1}))
        self.reference = Reference(4, timedelta(hours=24), 8, 5, START)
        self.made = 0
        self.before = self.seen()

    def teardown(self):
        if hasattr(self, "mock"):
            self.mock.stop()

    @rule(name=names, value=st.none() | values, pick=picks)
    def create(self, name, value, pick):
        token = self.token(name, pick)
        params = {} if value is None else {"SecretString": value}
        self.check(
            lambda: self.reference.create(name, token, value),
            lambda: self.client.create_secret(Name=name, ClientRequestToken=token, **params),
        )

    @rule(name=names, value=values, pick=picks)
    def update(self, name, value, pick):
        token = self.token(name, pick)
        self.check(
            lambda: self.reference.store(name, token, value, {CURRENT}),
            lambda: self.client.update_secret(SecretId=name, SecretString=value, ClientRequestToken=token),
        )

    @rule(name=names, count=st.integers(min_value=2, max_value=8))
    def update_in_a_row(self, name, count):
        for _ in range(count):
            self.update(name, "one", 9)

    @rule(name=names, value=values, stages=label_lists, pick=picks)
    def put(self, name, value, stages, pick):
        token = self.token(name, pick)
        self.check(
            lambda: self.reference.store(name, token, value, stages),
            lambda: self.client.put_secret_value(
                SecretId=name, SecretString=value, ClientRequestToken=token, VersionStages=stages
            ),
        )

    @rule(
        name=names, label=st.sampled_from(LABELS), move=st.none() | picks, remove=st.none() | picks | st.just("holder")
    )
    def move_label(self, name, label, move, remove):
        secret = self.reference.secrets.get(name)
        move_to = None if move is None else self.token(name, move)
        if remove == "holder":
            remove_from = secret.labels.get(label) if secret else None
        else:
            remove_from = None if remove is None else self.token(name, remove)
        given = {"MoveToVersionId": move_to, "RemoveFromVersionId": remove_from}
        self.check(
            lambda: self.reference.move(name, label, move_to, remove_from),
            lambda: self.client.update_secret_version_stage(
                SecretId=name, VersionStage=label, **{key: value for key, value in given.items() if value is not None}
            ),
        )

    @rule(name=names, days=st.sampled_from([7, 30]))
    def delete(self, name, days):
        self.check(
            lambda: self.reference.delete(name, days),
            lambda: self.client.delete_secret(SecretId=name, RecoveryWindowInDays=days),
        )

    @rule(name=names)
    def delete_at_once(self, name):
        self.check(
            lambda: self.reference.delete_at_once(name),
            lambda: self.client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True),
        )

    @rule(name=names)
    def restore(self, name):
        self.check(lambda: self.reference.restore(name), lambda: self.client.restore_secret(SecretId=name))

    @rule(name=names)
    def read(self, name):
        secret = self.reference.secrets.get(name)
        try:
            value = self.client.get_secret_value(SecretId=name)["SecretString"]
        except ClientError:
            assert secret is None or secret.purged_at is not None or CURRENT not in secret.labels
        else:
            assert value == secret.versions[secret.labels[CURRENT]].value

    @rule(
        delta=st.sampled_from(
            [
                timedelta(milliseconds=1),
                timedelta(minutes=10),
                timedelta(hours=23, minutes=59, seconds=59, milliseconds=999),
                timedelta(hours=24),
                timedelta(days=7),
                timedelta(days=400),
            ]
        )
    )
    def advance(self, delta):
        before = self.seen()

        self.reference.advance(delta)
        self.backend.clock.advance(seconds=delta.total_seconds())

        after = self.seen()
        for arn in before.keys() & after.keys():
            labelled = {version_id: labels for version_id, (_, labels) in before[arn][1].items() if labels}
            kept = {version_id: labels for version_id, (_, labels) in after[arn][1].items() if labels}
            assert kept == labelled, "time took a labelled version, or a label"

    @precondition(lambda self: hasattr(self, "backend"))
    @invariant()
    def the_reference_agrees(self):
        self.reference.settle()
        assert {secret.name for secret in self.backend} == set(self.reference.secrets)
        for name, expected in self.reference.secrets.items():
            found = self.backend[name]
            assert [version.id for version in found.versions] == list(expected.versions)
            for version in found.versions:
                assert set(version.stages) == expected.stages(version.id)
                assert version.value == expected.versions[version.id].value
            assert (found.deleted_at is not None) == (expected.purged_at is not None)

    @precondition(lambda self: hasattr(self, "backend"))
    @invariant()
    def what_always_holds(self):
        now = self.backend.clock.now()
        after = self.seen()
        for secret in self.backend:
            labels = [label for version in secret.versions for label in version.stages]
            assert len(labels) == len(set(labels)), "a label is on two versions"
            assert (CURRENT in labels) == bool(secret.versions), "a secret with a value has one AWSCURRENT"
            assert secret.created_at <= secret.changed_at <= now
        for arn, (changed_at, versions) in self.before.items():
            if arn not in after:
                continue
            assert changed_at <= after[arn][0], "LastChangedDate ran back"
            for version_id, (created_at, _) in versions.items():
                if version_id not in after[arn][1]:
                    assert now - created_at >= LIMITS.retention, "a version disappeared that is too young"
        self.before = after

    def token(self, name, pick):
        """The id of a version of the secret, or a new one."""
        secret = self.reference.secrets.get(name)
        used = list(secret.versions) if secret else []
        if pick < len(used) and pick < 7:
            return used[pick]
        self.made += 1
        return f"{self.made:032d}"

    def check(self, expect, act):
        """Both do the same: the same answer or the same error, and an error changes nothing."""
        refused = expected_error(expect)
        if refused is None:
            act()
        else:
            before = self.everything()
            with pytest.raises(ClientError) as caught:
                act()
            assert caught.value.response["Error"]["Code"] == refused
            assert self.everything() == before
        self.reference.settle()

    def seen(self):
        return {
            secret.arn: (
                secret.changed_at,
                {version.id: (version.created_at, set(version.stages)) for version in secret.versions},
            )
            for secret in self.backend
        }

    def everything(self):
        return [
            (
                secret.arn,
                secret.value,
                secret.deleted_at,
                secret.changed_at,
                [str(version) for version in secret.versions],
            )
            for secret in self.backend
        ]


def expected_error(expect):
    try:
        expect()
    except Refused as refused:
        return refused.code
    return None


TestVersionsAndTime = VersionsAndTime.TestCase
