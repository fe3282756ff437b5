"""Secrets that rotate by a schedule, and a function that notes when it is called."""

from datetime import datetime, timezone


class Rotations:
    """A function that rotates well unless it is told to fail, and notes when and what it saw."""

    def __init__(self, backend):
        self._client = backend.client()
        self._clock = backend.clock
        self.arn = backend.register_rotation_lambda("rotate", self)
        self.fails = False
        self.begun = []
        self.look = lambda: None
        self.seen = []

    def __call__(self, event, _):
        name, token = event["SecretId"], event["ClientRequestToken"]
        if event["Step"] == "createSecret":
            self.begun.append((name.split(":")[-1][:-7], self._clock.now()))
            self.seen.append(self.look())
        if self.fails:
            raise RuntimeError("no database")
        if event["Step"] == "createSecret":
            self._client.put_secret_value(
                SecretId=name, ClientRequestToken=token, SecretString=token, VersionStages=["AWSPENDING"]
            )
        elif event["Step"] == "finishSecret":
            stages = self._client.describe_secret(SecretId=name)["VersionIdsToStages"]
            current = next(version for version, labels in stages.items() if "AWSCURRENT" in labels)
            move = {"MoveToVersionId": token, "RemoveFromVersionId": current}
            self._client.update_secret_version_stage(SecretId=name, VersionStage="AWSCURRENT", **move)
            self._client.update_secret_version_stage(
                SecretId=name, VersionStage="AWSPENDING", RemoveFromVersionId=token
            )


def utc(text):
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=timezone.utc)


def rotate(client, function, *, secret="db", **rules):
    return client.rotate_secret(SecretId=secret, RotationLambdaARN=function.arn, RotationRules=rules)


def configure(client, function, *, secret="db", **rules):
    return client.rotate_secret(
        SecretId=secret, RotationLambdaARN=function.arn, RotationRules=rules, RotateImmediately=False
    )


def dates(client, secret="db"):
    described = client.describe_secret(SecretId=secret)
    return described.get("LastRotatedDate"), described.get("NextRotationDate")


def started(backend, secret="db"):
    return [run.started_at for run in backend[secret].rotations if not run.is_test]


def value(client, secret="db"):
    return client.get_secret_value(SecretId=secret)["SecretString"]
