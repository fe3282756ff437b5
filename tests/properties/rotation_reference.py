"""A rotation function that does as it is told, and what a row of runs must do to AWSCURRENT."""

from dataclasses import dataclass

from mock_secrets.kernel.codes import AWSError
from mock_secrets.model.rotation import Outcome

CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"


@dataclass(frozen=True)
class Plan:
    """How a rotation goes.

    ``fails_at`` is the step that raises, ``moves`` whether the last one moves AWSCURRENT, and ``cleans`` whether it
    then removes AWSPENDING.
    """

    fails_at: str | None = None
    moves: bool = True
    cleans: bool = True


class RotationFunction:
    """The function: what it is told to do, and what it has seen.

    ``currents`` has the version that was AWSCURRENT at each run's first step, in a list for each token.
    """

    def __init__(self, backend):
        self._backend = backend
        self._inside = set()
        self.plan = Plan()
        self.overlapped = False
        self.currents = {}

    def __call__(self, event, _):
        secret = event["SecretId"]
        self.overlapped = self.overlapped or secret in self._inside
        self._inside.add(secret)
        try:
            self._run(event["Step"], secret, event["ClientRequestToken"])
        finally:
            self._inside.discard(secret)

    def _run(self, step, secret, token):
        if step == "createSecret":
            self.currents.setdefault(token, []).append(self._holder(secret, CURRENT))
        if step == self.plan.fails_at:
            raise RuntimeError(step)
        if step == "createSecret":
            self._create(secret, token)
        elif step == "finishSecret" and self.plan.moves:
            self._finish(secret, token)

    def _create(self, secret, token):
        try:
            self._call("GetSecretValue", SecretId=secret, VersionId=token)
        except AWSError:
            self._call(
                "PutSecretValue", SecretId=secret, ClientRequestToken=token, SecretString=token, VersionStages=[PENDING]
            )

    def _finish(self, secret, token):
        current = self._holder(secret, CURRENT)
        if current != token:
            self._move(secret, CURRENT, MoveToVersionId=token, RemoveFromVersionId=current)
        if self.plan.cleans and self._holder(secret, PENDING) == token:
            self._move(secret, PENDING, RemoveFromVersionId=token)

    def _move(self, secret, label, **versions):
        self._call("UpdateSecretVersionStage", SecretId=secret, VersionStage=label, **versions)

    def _holder(self, secret, label):
        stages = self._call("DescribeSecret", SecretId=secret)["VersionIdsToStages"]
        return next((version for version, labels in stages.items() if label in labels), None)

    def _call(self, operation, **members):
        where = {"account_id": self._backend.account_id, "region": self._backend.region}
        return self._backend.service.direct(operation, **where, **members)


def follow(runs, current, currents):
    """The version that these runs leave AWSCURRENT: the token of one that succeeds, and else the one from before."""
    for run in runs:
        if run.is_test:
            continue
        assert currents[run.token][run.attempt - 1 :] or current, "a run that did not begin"
        assert current in currents[run.token], "AWSCURRENT moved between two runs"
        if run.outcome is Outcome.SUCCEEDED:
            current = run.token
    return current
