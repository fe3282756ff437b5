"""Rotation in whatever order somebody comes by: functions that fail, hands that interfere, and time that passes."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from conformance.raw import stored
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from properties.rotation_reference import CURRENT, PENDING, PREVIOUS, Plan, RotationFunction, follow

from mock_secrets import Limits, mock_secrets
from mock_secrets.model.rotation import STEPS, Outcome

START = datetime(2026, 1, 1, 10, 30, tzinfo=timezone.utc)
RETRIES = {"rotation_attempts": 3, "rotation_retry_delay": timedelta(minutes=10)}
SCHEDULES = [
    {"AutomaticallyAfterDays": 1},
    {"AutomaticallyAfterDays": 30, "Duration": "3h"},
    {"ScheduleExpression": "rate(20 hours)"},
    {"ScheduleExpression": "cron(0 16 1,15 * ? *)", "Duration": "2h"},
    {"ScheduleExpression": "cron(0 8 ? * SUN#2,4 *)"},
]

pytestmark = pytest.mark.filterwarnings("ignore::mock_secrets.UpdateRateWarning")

names = st.sampled_from(["db", "api"])
any_plan = st.builds(Plan, fails_at=st.none() | st.sampled_from(STEPS), moves=st.booleans(), cleans=st.booleans())
good_plan = st.builds(Plan, cleans=st.booleans())
plans = st.one_of(good_plan, good_plan, any_plan)
schedules = st.none() | st.sampled_from(SCHEDULES)
picks = st.none() | st.integers(min_value=0, max_value=5)
deltas = [timedelta(minutes=7), timedelta(minutes=10), timedelta(hours=5), timedelta(days=1), timedelta(days=40)]


class RotationAndTime(RuleBasedStateMachine):
    delay = timedelta(0)

    @initialize(first=schedules, second=schedules)
    def start(self, first, second):
        self.mock = mock_secrets(at=START, limits=Limits(rotation_delay=self.delay, **RETRIES))
        self.backend = self.mock.start()
        # One try for each call: a refused one must not sleep before it is tried again.
        self.client = self.backend.client(config=Config(retries={"total_max_attempts": 1}))
        self.function = RotationFunction(self.backend)
        self.arn = self.backend.register_rotation_lambda("rotate", self.function)
        self.made = 0
        self.rotated = {}
        for name, schedule in [("db", first), ("api", second)]:
            self.client.create_secret(Name=name, SecretString="one", ClientRequestToken=self.token())
            self.rotate(name, schedule, immediately=schedule is None, plan=Plan())

    def teardown(self):
        if hasattr(self, "mock"):
            self.mock.stop()

    @rule(plan=plans)
    def teach(self, plan):
        self.function.plan = plan

    @rule(name=names, schedule=schedules, immediately=st.booleans(), plan=plans)
    def ask_for_rotation(self, name, schedule, immediately, plan):
        self.rotate(name, schedule, immediately=immediately, plan=plan)

    def rotate(self, name, schedule, *, immediately, plan):
        self.function.plan = plan
        rules = {} if schedule is None else {"RotationRules": schedule}
        before = self.version_ids(name)

        done = self.try_to(
            lambda: self.client.rotate_secret(
                SecretId=name, RotationLambdaARN=self.arn, RotateImmediately=immediately, **rules
            )
        )

        if done and not immediately and not self.delay:
            assert self.version_ids(name) == before, "a test of a rotation left something"

    @rule(name=names)
    def cancel(self, name):
        self.try_to(lambda: self.client.cancel_rotate_secret(SecretId=name))

    @rule(name=names, value=st.sampled_from(["two", "three"]))
    def update(self, name, value):
        at = self.backend.clock.now()

        done = self.try_to(
            lambda: self.client.update_secret(SecretId=name, SecretString=value, ClientRequestToken=self.token())
        )

        if done and self.is_on(name):
            assert self.rotation(name).last_rotated_at == at, "a manual update is a rotation"

    @rule(name=names, pick=picks, stages=st.sampled_from([[PENDING], [CURRENT], ["blue"], [CURRENT, PENDING]]))
    def put(self, name, pick, stages):
        self.try_to(
            lambda: self.client.put_secret_value(
                SecretId=name, SecretString="put", ClientRequestToken=self.picked(name, pick), VersionStages=stages
            )
        )

    @rule(name=names, label=st.sampled_from([CURRENT, PREVIOUS, PENDING, "blue"]), move_to=picks)
    def move(self, name, label, move_to):
        holder = self.backend[name].stages.get(label) if name in self.backend else None
        given = {
            "MoveToVersionId": None if move_to is None else self.picked(name, move_to),
            "RemoveFromVersionId": holder and holder.id,
        }
        members = {member: version for member, version in given.items() if version is not None}
        self.try_to(lambda: self.client.update_secret_version_stage(SecretId=name, VersionStage=label, **members))

    @rule(name=names)
    def delete(self, name):
        self.try_to(lambda: self.client.delete_secret(SecretId=name, RecoveryWindowInDays=7))

    @rule(name=names)
    def restore(self, name):
        self.try_to(lambda: self.client.restore_secret(SecretId=name))

    @rule(name=names)
    def create_again(self, name):
        self.try_to(lambda: self.client.create_secret(Name=name, SecretString="new", ClientRequestToken=self.token()))

    @rule(delta=st.sampled_from(deltas), plan=st.none() | plans)
    def advance(self, delta, plan):
        self.function.plan = plan or self.function.plan
        before = {secret.arn: self.seen(secret) for secret in self.backend}
        off = {secret.arn for secret in self.backend if not self.is_on(secret.name)}
        until = self.backend.clock.now() + delta

        self.backend.clock.advance(seconds=delta.total_seconds())

        assert self.backend.clock.now() == until
        for secret in self.backend:
            labels, current, count = before[secret.arn]
            runs = secret.rotations[count:]
            found = {label: version.id for label, version in secret.stages.items()}
            assert not (runs and secret.arn in off), "rotated while rotation was off"
            assert found.get("blue") == labels.get("blue"), "time took a label, or its version"
            if not runs:
                assert found == labels
            if not self.delay:
                assert follow(runs, current, self.function.currents) == found[CURRENT]
                firsts = [run.started_at for run in runs if run.attempt == 1]
                assert all(at.minute == at.second == at.microsecond == 0 for at in firsts), "not when a window opens"

    @precondition(lambda self: hasattr(self, "backend"))
    @invariant()
    def labels_are_in_order(self):
        for secret in self.backend:
            labels = [label for version in secret.versions for label in version.stages]
            assert len(labels) == len(set(labels)), "a label is on two versions"
            assert CURRENT in secret.stages, "a secret that had a value has no AWSCURRENT"
            assert secret.stages[CURRENT].value is not None

    @precondition(lambda self: hasattr(self, "backend"))
    @invariant()
    def runs_come_one_after_the_other(self):
        assert not self.function.overlapped
        for secret in self.backend:
            instants = [step.at for run in secret.rotations for step in run.steps]
            assert instants == sorted(instants)
            assert all(run.outcome is not Outcome.RUNNING for run in secret.rotations)
            assert all(run.started_at <= self.backend.clock.now() for run in secret.rotations)

    @precondition(lambda self: hasattr(self, "backend"))
    @invariant()
    def dates_run_forward(self):
        now = self.backend.clock.now()
        for secret in self.backend:
            described = self.client.describe_secret(SecretId=secret.name)
            rotation = self.rotation(secret.name)
            last = rotation and rotation.last_rotated_at
            if secret.arn in self.rotated:
                assert last >= self.rotated[secret.arn], "LastRotatedDate ran back"
            if last is not None:
                assert last <= now
                self.rotated[secret.arn] = last
            runs = [run for run in secret.rotations if not run.is_test]
            failed = bool(runs) and runs[-1].outcome is Outcome.FAILED
            if not described.get("RotationEnabled"):
                assert not described.keys() & {"NextRotationDate", "LastRotatedDate"}
            elif "RotationRules" in described and not failed:
                assert described["NextRotationDate"] > now

    def try_to(self, act):
        """Do it, follow what it ran, and see that an error changes nothing. :returns: whether it was done"""
        before = self.everything()
        counts = {secret.arn: len(secret.rotations) for secret in self.backend}
        currents = {secret.arn: secret.stages[CURRENT].id for secret in self.backend}
        try:
            act()
        except ClientError:
            assert self.everything() == before, "an error changed something"
            return False
        for secret in self.backend:
            runs = secret.rotations[counts.get(secret.arn, 0) :]
            if runs:
                assert follow(runs, currents[secret.arn], self.function.currents) == secret.stages[CURRENT].id
        return True

    def everything(self):
        return [
            (
                repr(secret.versions),
                secret.value,
                secret.deleted_at,
                secret.changed_at,
                repr(self.rotation(secret.name)),
            )
            for secret in self.backend
        ]

    def seen(self, secret):
        labels = {label: version.id for label, version in secret.stages.items()}
        return labels, labels[CURRENT], len(secret.rotations)

    def rotation(self, name):
        return stored(self.backend, name).rotation

    def is_on(self, name):
        rotation = self.rotation(name)
        return rotation is not None and rotation.enabled

    def version_ids(self, name):
        return [version.id for version in self.backend[name].versions] if name in self.backend else []

    def picked(self, name, pick):
        """The id of one of the latest versions, or a new one."""
        ids = self.version_ids(name)[::-1]
        return ids[pick] if pick is not None and pick < len(ids) else self.token()

    def token(self):
        self.made += 1
        return f"{self.made:032d}"


class DelayedRotationAndTime(RotationAndTime):
    """Rotations that run half an hour after they are asked for, so that anything can come before."""

    delay = timedelta(minutes=30)


TestRotationAndTime = RotationAndTime.TestCase
TestDelayedRotationAndTime = DelayedRotationAndTime.TestCase
TestRotationAndTime.settings = TestDelayedRotationAndTime.settings = settings(
    settings.default, max_examples=settings.default.max_examples // 2, stateful_step_count=25
)
