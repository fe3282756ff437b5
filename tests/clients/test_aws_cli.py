"""The AWS CLI, version 1, as a process that finds the endpoint by its environment: every operation."""

import json
import re
import subprocess
import sys

import pytest
from clients.environment import environment, run

from mock_secrets import SecretsBackend

pytest.importorskip("awscli", reason="the AWS CLI is not installed: tox run -e clients has it")

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "*", "Resource": "*"}],
    }
)


class Cli:
    def __init__(self, environment):
        self.environment = environment
        self.used = set()

    def __call__(self, operation, *arguments):
        self.used.add(operation)
        out = run(self.command(operation, *arguments), self.environment)
        return json.loads(out) if out.strip() else None

    def refused(self, operation, *arguments):
        done = subprocess.run(  # noqa: S603
            self.command(operation, *arguments), env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode != 0
        return done.stderr

    def known(self):
        """The operations of this CLI, which may be fewer than ours."""
        told = self.refused("none").partition("valid choices are:")[2]
        return set(re.findall(r"[a-z]+(?:-[a-z]+)+", told))

    @staticmethod
    def command(operation, *arguments):
        return [sys.executable, "-m", "awscli", "secretsmanager", operation, *arguments, "--output", "json"]


@pytest.fixture
def backend():
    return SecretsBackend()


@pytest.fixture
def cli(backend, tmp_path):
    with backend.serve() as endpoint:
        yield Cli(environment(endpoint.url, tmp_path))


def test_every_operation_is_answered(cli, backend, tmp_path):
    (tmp_path / "value.bin").write_bytes(b"\0\xff")
    rotation = backend.register_rotation_lambda("rotate", lambda event, context: None)

    arn = cli("create-secret", "--name", "db", "--secret-string", "first")["ARN"]
    cli("put-secret-value", "--secret-id", "db", "--secret-binary", f"fileb://{tmp_path}/value.bin")
    assert cli("get-secret-value", "--secret-id", "db")["SecretBinary"] == "AP8="
    cli("update-secret", "--secret-id", arn, "--secret-string", "third", "--description", "of the shop")
    assert cli("get-secret-value", "--secret-id", "db", "--version-stage", "AWSCURRENT")["SecretString"] == "third"
    read = cli("batch-get-secret-value", "--secret-id-list", "db", "none")
    assert ([one["Name"] for one in read["SecretValues"]], len(read["Errors"])) == (["db"], 1)

    versions = cli("list-secret-version-ids", "--secret-id", "db", "--include-deprecated")["Versions"]
    previous = next(one["VersionId"] for one in versions if "AWSPREVIOUS" in one.get("VersionStages", []))
    cli(
        *("update-secret-version-stage", "--secret-id", "db", "--version-stage", "blue"),
        *("--move-to-version-id", previous),
    )
    cli("tag-resource", "--secret-id", "db", "--tags", "Key=team,Value=a", "Key=env,Value=b")
    cli("untag-resource", "--secret-id", "db", "--tag-keys", "env")
    told = cli("describe-secret", "--secret-id", "db")
    assert (told["Description"], told["Tags"]) == ("of the shop", [{"Key": "team", "Value": "a"}])
    assert "blue" in told["VersionIdsToStages"][previous]
    assert [one["Name"] for one in cli("list-secrets", "--filters", "Key=tag-key,Values=team")["SecretList"]] == ["db"]

    assert cli("validate-resource-policy", "--resource-policy", POLICY)["PolicyValidationPassed"] is True
    cli("put-resource-policy", "--secret-id", "db", "--resource-policy", POLICY)
    assert json.loads(cli("get-resource-policy", "--secret-id", "db")["ResourcePolicy"]) == json.loads(POLICY)
    cli("delete-resource-policy", "--secret-id", "db")

    cli(
        "replicate-secret-to-regions",
        "--secret-id",
        "db",
        "--add-replica-regions",
        "Region=eu-west-1",
        "Region=eu-west-2",
    )
    cli("stop-replication-to-replica", "--secret-id", "db", "--region", "eu-west-1")
    cli("remove-regions-from-replication", "--secret-id", "db", "--remove-replica-regions", "eu-west-2")

    # The function does nothing, so that a rotation pends which can be cancelled.
    cli(
        "rotate-secret",
        "--secret-id",
        "db",
        "--rotation-lambda-arn",
        rotation,
        "--rotation-rules",
        "AutomaticallyAfterDays=9",
    )
    cli("cancel-rotate-secret", "--secret-id", "db")
    assert len(cli("get-random-password", "--password-length", "40")["RandomPassword"]) == 40
    cli("delete-secret", "--secret-id", "db", "--recovery-window-in-days", "7")
    cli("restore-secret", "--secret-id", "db")

    assert cli.known() - cli.used == set()


def test_a_refusal_has_the_wording_of_aws(cli):
    told = cli.refused("get-secret-value", "--secret-id", "none")

    assert (
        "An error occurred (ResourceNotFoundException) when calling the GetSecretValue operation:"
        " Secrets Manager can't find the specified secret."
    ) in told
