"""Each message that is a heading of the page of troubleshooting is one that a user gets."""

import re
import textwrap

import pytest
from pages import DOCS
from project import QUICK

PAGE = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^### (.+)$", PAGE, re.MULTILINE)

HEAD = """
import os
import subprocess
import sys
from datetime import datetime, timezone

import boto3
import freezegun
import pytest

import mock_secrets as package
from mock_secrets import Limits, Rates, mock_secrets

ONE_TRY = {"AWS_MAX_ATTEMPTS": "1"}


@pytest.fixture
def client(secrets_backend):
    secrets_backend.seed({"db": "s3cret"})
    return secrets_backend.client()


@pytest.fixture
def finished(secrets_backend):
    '''A function that does nothing.'''
    return secrets_backend.register_rotation_lambda("rotator", lambda event, context: None)


@pytest.fixture(scope="module")
def made_once(secrets_client):
    pass


@pytest.fixture(scope="module")
def asked_for_late(module_secrets_backend):
    pass
"""

# The parameters and the body of a test that gets a message, by the beginning of the message.
CASES = {
    "mock_secrets refused a call to": ("secrets_backend", "boto3.client('sts').get_caller_identity()"),
    "… was called on a client": (
        "",
        """
        with mock_secrets():
            client = boto3.client("secretsmanager")
        client.list_secrets()
        """,
    ),
    "You must specify a region": (
        "monkeypatch",
        """
        for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
        boto3.Session().client("secretsmanager")
        """,
    ),
    "The config profile": ("secrets_backend", "boto3.Session(profile_name='prod')"),
    "Could not connect": (
        "secrets_backend",
        """
        program = "import boto3; boto3.client('secretsmanager').list_secrets()"
        environment = {**os.environ, "AWS_MAX_ATTEMPTS": "1"}
        done = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True, env=environment)
        raise RuntimeError(done.stderr.splitlines()[-1])
        """,
    ),
    "… changed only the copy": (
        "client, tmp_path",
        """
        child = os.fork()
        if child == 0:
            try:
                client.update_secret(SecretId="db", SecretString="new")
            except BaseException as error:
                (tmp_path / "told").write_text(str(error))
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        raise RuntimeError((tmp_path / "told").read_text())
        """,
    ),
    "ScopeMismatch": ("made_once", "pass"),
    "mock_secrets(…) joins": ("secrets_backend", "mock_secrets(region='eu-west-9', any_region=True).start()"),
    "secrets={…} joins": ("client", "mock_secrets(secrets={'db': 'n3w'}).start()"),
    "a mock was not": ("", "mock_secrets().start()"),
    "this mock_secrets is not active": ("", "mock_secrets().stop()"),
    "mock_secrets is the package": ("", "package(region='eu-west-1')"),
    "mock_secrets decorates functions": ("", "mock_secrets(pytest.fixture(lambda: None))"),
    "mock_secrets decorates test classes": ("", "mock_secrets(type('Helper', (), {}))"),
    "mock_secrets has no parameter": ("", "mock_secrets(regoin='eu-west-1')"),
    "at takes an aware": ("", "mock_secrets(at=datetime(2026, 1, 1))"),
    "the module-scoped": ("secrets_backend, request", "request.getfixturevalue('asked_for_late')"),
    "no secret …": ("client, secrets_backend", "secrets_backend['bd']"),
    "Secrets Manager can't find the specified secret": ("client", "client.get_secret_value(SecretId='bd')"),
    "You can't perform this operation": (
        "client",
        """
        client.delete_secret(SecretId="db")
        client.get_secret_value(SecretId="db")
        """,
    ),
    "You can't create this secret": (
        "client",
        """
        client.delete_secret(SecretId="db")
        client.create_secret(Name="db")
        """,
    ),
    "A previous rotation": (
        "client, finished",
        """
        client.rotate_secret(SecretId="db", RotationLambdaARN=finished)
        client.rotate_secret(SecretId="db")
        """,
    ),
    "No Lambda rotation function": ("client", "client.rotate_secret(SecretId='db')"),
    "Secrets Manager cannot invoke": (
        "client",
        """
        arn = "arn:aws:lambda:us-east-1:123456789012:function:rotator"
        client.rotate_secret(SecretId="db", RotationLambdaARN=arn)
        """,
    ),
    "… returned from all steps": (
        "client, finished, secrets_backend",
        """
        client.rotate_secret(SecretId="db", RotationLambdaARN=finished)
        raise secrets_backend["db"].rotations[-1].error
        """,
    ),
    "Rate exceeded": (
        "monkeypatch",
        """
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        with mock_secrets(limits=Limits(rates=Rates(listing=1))):
            for _ in range(3):
                boto3.client("secretsmanager").list_secrets()
        """,
    ),
    "The request failed": (
        "monkeypatch",
        """
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        with mock_secrets(limits=Limits(secrets_per_region=1), secrets={"db": "s3cret"}):
            boto3.client("secretsmanager").create_secret(Name="api")
        """,
    ),
    "User: …": (
        "client, secrets_backend",
        "secrets_backend.iam.create_role('app').client().get_secret_value(SecretId='db')",
    ),
    "The operation failed": ("client", "client.create_secret(Name='api', KmsKeyId='dummy')"),
    "You can't use ClientRequestToken": (
        "client",
        """
        token = client.put_secret_value(SecretId="db", SecretString="new")["VersionId"]
        client.put_secret_value(SecretId="db", SecretString="newer", ClientRequestToken=token)
        """,
    ),
    "You can't delete secret": (
        "client",
        """
        client.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])
        client.delete_secret(SecretId="db")
        """,
    ),
    "Operation not permitted": (
        "client, secrets_backend",
        """
        client.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])
        secrets_backend.client(region_name="eu-west-1").put_secret_value(SecretId="db", SecretString="new")
        """,
    ),
    "the process's clock": (
        "secrets_backend",
        """
        with freezegun.freeze_time("2100-01-01"):
            secrets_backend.clock.now()
        secrets_backend.clock.now()
        """,
    ),
    "time can't go": (
        "secrets_backend",
        "secrets_backend.clock.travel_to(datetime(2020, 1, 1, tzinfo=timezone.utc))",
    ),
    "the secret …": (
        "",
        """
        with mock_secrets(limits=Limits(versions_per_secret=2), secrets={"db": "s3cret"}) as backend:
            backend["db"].update("new")
        """,
    ),
    "assert '<redacted>'": (
        "client",
        "assert client.get_secret_value(SecretId='db')['SecretString'] == 's3cret s3cret'",
    ),
    "assert <secret value>": ("client, secrets_backend", "assert secrets_backend['db'].value == 'something else'"),
    "secret values": (
        "",
        """
        with mock_secrets(leaks="fail") as backend:
            backend.client().create_secret(Name="api", SecretString="corr3ct-h0rse", Description="corr3ct-h0rse")
        """,
    ),
    "these faults": (
        "",
        """
        with mock_secrets(unfired="fail") as backend:
            backend.fail("UpdateSecret", "ThrottlingException")
        """,
    ),
    "… was created inside": (
        "secrets_backend",
        """
        with secrets_backend.savepoint():
            secret = secrets_backend.create("api")
        secret.value
        """,
    ),
    "Secrets Manager has no operation": (
        "secrets_backend",
        "secrets_backend.fail('get_secret_value', 'ThrottlingException')",
    ),
}
# Those of pytest alone, which no code of ours could change.
OF_PYTEST = {
    "fixture 'secrets_backend' not found",
    "TypeError: … missing 1 required positional argument: 'secrets_backend'",
}


@pytest.fixture
def told(pytester):
    """What a user reads of each case."""
    tests = [
        f"def test_{number}({parameters}):\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n"
        for number, (parameters, body) in enumerate(CASES.values())
    ]
    pytester.makepyfile(test_it="\n\n".join([HEAD, *tests]))
    run = pytester.inline_run("-W", "error", *QUICK, "-q")
    reports = [report for report in run.getreports("pytest_runtest_logreport") if report.failed]
    names = list(CASES)
    return {names[int(report.location[2].partition("_")[2])]: report.longreprtext for report in reports}


def test_each_troubleshooting_heading_is_a_message_of_the_library(told):
    headings = [heading for heading in HEADINGS if heading not in OF_PYTEST]

    assert sorted(told) == sorted(CASES)
    not_told = [heading for heading in headings if not is_told(heading, told)]
    assert not_told == [], "the library no longer says: " + "; ".join(not_told)
    assert len(headings) == len(CASES)


def is_told(heading, told):
    [case] = [beginning for beginning in told if heading.startswith(beginning)]
    said = " ".join(re.sub(r"^E +", "", told[case], flags=re.MULTILINE).split())
    return re.search(".+?".join(map(re.escape, re.split(" ?… ?", heading))), said) is not None
