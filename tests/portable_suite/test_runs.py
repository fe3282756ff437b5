"""Runs of scenarios against an endpoint, and against what stands for AWS."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest
from conformance.portable import elsewhere, plugin, targets
from conformance.portable.names import Names

ROOT = Path(__file__).parents[2]
ACCOUNT = "999988887777"
IDENTITY = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::{ACCOUNT}:user/me</Arn><UserId>AIDA</UserId><Account>{ACCOUNT}</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""

#: A plugin of the inner run: what answers passes for AWS, and nobody waits for it.
STANDS_FOR_AWS = """
from conformance.portable import targets
targets.is_of_aws = lambda url: True
targets.OF_AWS = (targets.AT_ONCE,) * 3
"""
#: Another: Ctrl-C as soon as the third secret is there.
INTERRUPTS = """
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it in a background job
from conformance.portable.elsewhere import Elsewhere
receive, made = Elsewhere._receive, []
def interrupt(self, operation, parsed, context):
    receive(self, operation, parsed, context)
    made.extend([operation] if operation == "CreateSecret" else [])
    if len(made) == 3:
        made.append("")
        os.kill(os.getpid(), signal.SIGINT)
Elsewhere._receive = interrupt
"""


class Sts(BaseHTTPRequestHandler):
    """STS, which knows one caller."""

    def do_POST(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(IDENTITY)))
        self.end_headers()
        self.wfile.write(IDENTITY.encode())

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def sts(monkeypatch) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Sts) as server:
        Thread(target=server.serve_forever).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{server.server_port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "testing")
        yield server
        server.shutdown()


@pytest.fixture
def run(tmp_path):
    """Run scenarios in a process of their own."""

    def run(*arguments, plugin="", **environment):
        (tmp_path / "inner.py").write_text(plugin, encoding="utf-8")
        own = {
            "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT), str(ROOT / "tests")]),
            "AWS_ACCESS_KEY_ID": "me",
        }
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(["-p", "inner"] if plugin else [])]
        return subprocess.run(  # noqa: S603 - this Python
            [*command, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "AWS_SECRET_ACCESS_KEY": "me", **own, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


def scenarios(*names):
    return [f"tests/conformance/{name}" for name in names]


def verdicts(file):
    return Counter(case["verdict"] for case in json.loads(file.read_text(encoding="utf-8"))["cases"])


@pytest.mark.mock_secrets(account_id=ACCOUNT, region="eu-west-1")
def test_the_mock_endpoint_agrees_in_any_account_or_region_and_is_left_unchanged(secrets_backend, run, tmp_path):
    secrets_backend.seed({"db": "somebody's", "app": "somebody's"})
    files = scenarios("test_tags.py", "test_replication_ending.py", "test_finding_secrets.py")

    with secrets_backend.serve() as endpoint:
        done = run(
            *files,
            *("--endpoint-url", endpoint.url, "--home-region", "eu-west-1", "--results", tmp_path / "results.json"),
            AWS_ACCESS_KEY_ID=ACCOUNT,
        )

    assert done.returncode == 0, done.stdout
    assert verdicts(tmp_path / "results.json")["agrees"] > 50
    assert "could not run here: needs the clock: " in done.stdout
    assert sorted(secret.name for secret in secrets_backend) == ["app", "db"]
    assert secrets_backend["db"].value == "somebody's"
    assert {call.params.get("SecretId") for call in secrets_backend.calls}.isdisjoint({"db", "app"})
    assert [secret.name for secret in other_regions(secrets_backend)] == []


def other_regions(backend):
    store = backend.service.state.store
    return [secret for region in ("us-east-1", "eu-central-1") for secret in store.region(backend.account_id, region)]


def test_differences_are_reported_without_values(secrets_backend, run, tmp_path):
    secrets_backend.fail("GetSecretValue", "ResourceNotFoundException")
    test = scenarios("test_create_secret.py::test_the_first_version_has_only_awscurrent")

    with secrets_backend.serve() as endpoint:
        done = run(*test, "--endpoint-url", endpoint.url, "--results", tmp_path / "results.md")

    assert done.returncode == 1
    table = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert (
        "test_the_first_version_has_only_awscurrent` | differs | GetSecretValue -> 400 ResourceNotFoundException"
        in table
    )
    assert "1 differs" in done.stdout


def test_nothing_is_run_if_the_endpoint_does_not_answer(run):
    done = run(*scenarios("test_tags.py"), "--endpoint-url", "http://127.0.0.1:1")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "no secret can be made there" in done.stderr


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"endpoint_url": "http://127.0.0.1:1", "aws": True}, "name two places"),
        ({"endpoint_url": "http://127.0.0.1:1", "numprocesses": 2}, "runs in one process"),
        ({"from_record": Path("record.json")}, "goes with --write-fidelity"),
        ({"from_record": Path("missing.json"), "write_fidelity": True}, "--from-record: .*missing.json"),
    ],
)
def test_incompatible_options_are_refused(given, refusal):
    config = SimpleNamespace(
        getoption=lambda name, default=None: given.get(name, default), addinivalue_line=lambda *_: None
    )

    with pytest.raises(pytest.UsageError, match=refusal):
        plugin.pytest_configure(config)


@pytest.mark.mock_secrets(account_id=ACCOUNT)
def test_a_run_against_aws_is_announced_and_recorded(secrets_backend, sts, run, tmp_path):
    record = tmp_path / "record.json"
    # As where a write is seen late: the scenario agrees when it is tried again.
    secrets_backend.fail("DescribeSecret", "ResourceNotFoundException", times=1)

    with secrets_backend.serve() as endpoint:
        done = run(
            *scenarios("test_create_secret.py"),
            *("--aws", "--record", record),
            plugin=STANDS_FOR_AWS,
            AWS_ENDPOINT_URL_SECRETS_MANAGER=endpoint.url,
            AWS_ENDPOINT_URL_STS=os.environ["AWS_ENDPOINT_URL_STS"],
            MOCK_SECRETS_AWS_ACCOUNT=ACCOUNT,
            AWS_ACCESS_KEY_ID=ACCOUNT,
        )

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"run against AWS account {ACCOUNT} in us-east-1" in done.stdout
    assert "Estimated cost: $" in done.stdout
    assert "sts:GetCallerIdentity" in done.stdout
    written = record.read_text(encoding="utf-8")
    assert json.loads(written)["target"] == "AWS"
    assert '"SecretString": "<value 1>"' in written
    assert ACCOUNT not in written
    assert list(secrets_backend) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a process there")
def test_ctrl_c_leaves_nothing_behind(secrets_backend, run):
    with secrets_backend.serve() as endpoint:
        done = run(*scenarios("deleting"), "--endpoint-url", endpoint.url, plugin=INTERRUPTS)

    assert done.returncode == pytest.ExitCode.INTERRUPTED, done.stdout
    assert len(secrets_backend.calls.of("CreateSecret")) < 8
    assert list(secrets_backend) == []


@pytest.mark.parametrize(
    ("named", "refusal"),
    [
        (None, r"MOCK_SECRETS_AWS_ACCOUNT=<its 12 digits>"),
        (
            "123456789012",
            f"those of account {ACCOUNT}, and MOCK_SECRETS_AWS_ACCOUNT names 123456789012. Nothing was run",
        ),
        (ACCOUNT, "127.0.0.1:[0-9]+ is not AWS"),
    ],
    ids=["not named", "another", "not AWS"],
)
def test_an_account_other_than_the_named_one_is_refused(monkeypatch, sts, named, refusal):
    if named is None:
        monkeypatch.delenv(targets.ACCOUNT_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(targets.ACCOUNT_VARIABLE, named)

    with pytest.raises(pytest.UsageError, match=refusal):
        targets.aws("us-east-1")


@pytest.mark.parametrize(
    ("url", "is_aws"),
    [
        ("https://secretsmanager.eu-west-1.amazonaws.com", True),
        ("https://secretsmanager.cn-north-1.amazonaws.com.cn", True),
        ("http://localhost:4566", False),
        ("https://amazonaws.com.example.org", False),
    ],
)
def test_only_aws_urls_are_recognized_as_aws(url, is_aws):
    assert targets.is_of_aws(url) is is_aws


@pytest.mark.parametrize(
    ("operation", "waits"),
    [("GetSecretValue", [1]), ("DescribeSecret", [1]), ("ListSecrets", [14]), ("PutSecretValue", [])],
)
def test_a_read_waits_until_a_write_is_visible(monkeypatch, operation, waits):
    slept = []
    monkeypatch.setattr(elsewhere.time, "monotonic", lambda: 101)
    monkeypatch.setattr(elsewhere.time, "sleep", slept.append)
    scene = elsewhere.Elsewhere(targets.Target(None), Names("prefix/"), targets.Pace(2, 15), {})

    scene._wait(operation)
    scene._wrote_at = 100
    scene._wait(operation)

    assert slept == waits


@pytest.mark.parametrize(("status", "is_kept"), [(200, True), (400, False), (500, True)])
def test_a_secret_that_may_have_been_created_is_recorded_for_cleanup(status, is_kept):
    made = {}
    scene = elsewhere.Elsewhere(targets.Target(None), Names("prefix/"), targets.AT_ONCE, made)
    error = {} if status == 200 else {"Error": {"Code": "SomeException", "Message": ""}}
    context = {}

    scene._send("CreateSecret", {"Name": "db"}, context, "us-east-1")
    scene._receive("CreateSecret", {"ResponseMetadata": {"HTTPStatusCode": status}, **error}, context)

    assert made == {"us-east-1": {"prefix/db"} if is_kept else set()}


def test_a_run_deletes_only_what_it_created(secrets_backend):
    secrets_backend.create("db", "somebody's")
    target = targets.Target("http://127.0.0.1:1")

    with pytest.raises(AssertionError, match="did not make"):
        target.delete({"us-east-1": {"db"}})

    assert secrets_backend["db"].value == "somebody's"
