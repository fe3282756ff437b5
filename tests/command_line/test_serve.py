"""``mock-secrets serve``: what it is asked for, what it tells, and how it ends."""

import json
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from http.client import HTTPConnection
from importlib.metadata import PackageNotFoundError

import boto3
import pytest
from command_line.served import call, served
from tables import rows

from mock_secrets.command_line import serving
from mock_secrets.command_line.failure import Failure
from mock_secrets.command_line.main import main

START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def test_the_server_serves_the_secrets_of_a_file(tmp_path):
    (tmp_path / "a.json").write_text('{"db": "s3cret"}')

    with served("--secrets", tmp_path / "a.json", "--region", "eu-west-1", "--account-id", "111122223333") as server:
        answer = call(server, "CreateSecret", Name="new", ClientRequestToken="0" * 32)
        where = server.backend.region, server.backend.account_id

        assert server.backend["db"].value == "s3cret"
    assert where == ("eu-west-1", "111122223333")
    assert answer["ARN"].split(":")[3:5] == ["us-east-1", "111122223333"]


def test_time_stands_still_at_an_instant():
    with served("--at", "2026-01-01T00:00:00Z") as server:
        assert server.backend.clock.now() == START


def test_time_runs_from_an_instant_and_due_events_happen_without_a_call(monkeypatch):
    real = [0.0]
    monkeypatch.setattr("mock_secrets.kernel.process_time.PacedTime.__init__.__defaults__", (lambda: real[0],))
    with served("--at", "2026-01-01T00:00:00Z", "--speed", "86400") as server:
        server.backend.create("db", "s3cret")
        call(server, "DeleteSecret", SecretId="db", RecoveryWindowInDays=7)
        real[0] = 8
        server.tick()

        assert server.backend.clock.now() == START + timedelta(days=8)
        assert len(server.backend.service.state.store.region("123456789012", "us-east-1")) == 0


def test_the_lambda_extension_is_served_alongside_the_api(tmp_path):
    (tmp_path / "a.json").write_text('{"db": "s3cret"}')
    with served("--secrets", tmp_path / "a.json", "--extension", "0") as server:
        extension = server.extension
        told = [read_by_extension(extension)]
        server.backend["db"].update("new")
        told.append(read_by_extension(extension))
        server.reset()
        told.append(read_by_extension(extension))

        assert told == ["s3cret"] * 3
        assert f"export PARAMETERS_SECRETS_EXTENSION_HTTP_PORT={extension.port}\n" in server.greeting
        with pytest.raises(Failure, match=f"port {extension.port} is in use"), served("--extension", extension.port):
            pass
    assert not extension.is_open


def read_by_extension(extension):
    connection = HTTPConnection("127.0.0.1", extension.port, timeout=10)
    connection.request("GET", "/v1/db", headers={"X-Aws-Parameters-Secrets-Token": extension.token})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer["SecretString"]


class TestLinesOfCalls:
    def test_each_call_is_one_log_line_without_values(self, capsys):
        with served("--at", "2026-01-01T00:00:00Z") as server:
            call(server, "CreateSecret", Name="db", SecretString="s3cret-value", ClientRequestToken="0" * 32)
            arn = call(server, "GetSecretValue", SecretId="db")["ARN"]
            call(server, "GetSecretValue", SecretId=arn)
            call(server, "GetSecretValue", SecretId="s3cret-value")
            call(server, "GetSecretValue", SecretId="no\nsuch")
            call(server, "GetSecretValue", key="AKIAMOCK111122223333", SecretId=5)
            call(server, "Nonsense\t")
            call(server, "ListSecrets")

        at = "2026-01-01 00:00:00Z"
        assert capsys.readouterr().err.splitlines() == [
            f"{at}  CreateSecret  db  us-east-1  ok",
            f"{at}  GetSecretValue  db  us-east-1  ok",
            f"{at}  GetSecretValue  db  us-east-1  ok",
            f"{at}  GetSecretValue  <redacted>  us-east-1  ResourceNotFoundException",
            rf"{at}  GetSecretValue  no\nsuch  us-east-1  ValidationException",
            f"{at}  GetSecretValue  us-east-1 of 111122223333  SerializationException",
            f"{at}  Nonsense\\t  us-east-1  UnknownOperationException",
            f"{at}  ListSecrets  us-east-1  ok",
        ]

    def test_a_closed_log_does_not_stop_the_server_from_answering(self, monkeypatch):
        class Closed:
            def write(self, _):
                raise BrokenPipeError

        monkeypatch.setattr(sys, "stderr", Closed())
        with served() as server:
            assert call(server, "ListSecrets") == {"SecretList": []}


class TestErrors:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ([], "the following arguments are required: COMMAND"),
            (["serve", "--port", "x"], "--port: it takes a port from 0 to 65535, not 'x'"),
            (["serve", "--port", "65536"], "--port: it takes a port from 0 to 65535, not '65536'"),
            (["serve", "--region", "Paris"], "--region: it takes the name of a region, such as 'eu-west-1'"),
            (["serve", "--account-id", "1"], "--account-id: it takes a string of 12 digits, not '1'"),
            (["serve", "--at", "2026-01-01"], "has none. For UTC, write 2026-01-01T00:00:00Z"),
            (
                ["serve", "--at", "noon"],
                "--at: it takes an instant such as 2026-01-01T12:00:00Z, not 'noon'",
            ),
            (["serve", "--at", "1900-01-01T00:00:00Z"], "--at: it takes an instant from 1970-01-01"),
            (
                ["serve", "--speed", "0"],
                "--speed: it takes a number above 0 and at most a billion, not '0'",
            ),
            (["serve", "--speed", "fast"], "--speed: it takes a number above 0"),
            (["serve", "--speed", "nan"], "--speed: it takes a number above 0"),
        ],
    )
    def test_an_invalid_argument_exits_with_status_2(self, capsys, arguments, told):
        with pytest.raises(SystemExit) as ended:
            main(arguments)

        assert ended.value.code == 2
        assert told in capsys.readouterr().err

    def test_an_unreadable_file_exits_with_status_1(self, capsys, tmp_path):
        assert main(["serve", "--secrets", str(tmp_path / "none.json")]) == 1
        assert capsys.readouterr().err == f"mock-secrets: {tmp_path / 'none.json'}: No such file or directory\n"

    def test_an_invalid_secret_name_exits_with_status_1(self, capsys, tmp_path):
        (tmp_path / "a.json").write_text('{"a b": "s3cret"}')

        assert main(["serve", "--secrets", str(tmp_path / "a.json")]) == 1
        assert "secrets={'a b': ...} can't be created" in capsys.readouterr().err

    def test_a_port_in_use_exits_with_status_1(self, capsys):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]

            assert main(["serve", "--port", str(port)]) == 1
        assert (
            capsys.readouterr().err
            == f"mock-secrets: port {port} is in use. Choose another, or leave the option out for a free one\n"
        )

    @pytest.mark.parametrize(
        ("error", "told"),
        [(PermissionError(13, "no"), "you may not listen on port 80"), (OSError(99, "odd"), "port 80: odd")],
    )
    def test_an_unavailable_port_exits_with_status_1(self, capsys, monkeypatch, error, told):
        def refuse(*_, **__):
            raise error

        monkeypatch.setattr(serving, "Endpoint", refuse)

        assert main(["serve", "--port", "80"]) == 1
        assert told in capsys.readouterr().err


@pytest.fixture
def interruptible():
    """A shell has what it runs in the background ignore SIGINT, and so would the processes that the test starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class TestItsEnd:
    def test_an_interrupt_exits_with_status_0_and_restores_the_signal_handlers(self, capsys, monkeypatch):
        before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]

        def interrupt(_):
            signal.raise_signal(signal.SIGTERM)

        monkeypatch.setattr(time, "sleep", interrupt)

        assert main(["serve"]) == 0
        assert capsys.readouterr().out.startswith("Listening on http://127.0.0.1:")
        assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == before

    @rows("by", [signal.SIGINT, signal.SIGTERM])
    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
    def test_an_external_signal_also_ends_the_server(self, by, interruptible):
        with subprocess.Popen(
            [sys.executable, "-m", "mock_secrets", "serve"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            url = process.stdout.readline().split()[-1]
            client = boto3.client(
                "secretsmanager",
                "us-east-1",
                endpoint_url=url,
                aws_access_key_id="mock",
                aws_secret_access_key="mock",
            )
            client.create_secret(Name="db", SecretString="s3cret")
            process.send_signal(by)
            out, err = process.stdout.read(), process.stderr.read()

        assert process.returncode == 0, err
        assert f"export AWS_ENDPOINT_URL_SECRETS_MANAGER={url}" in out
        assert "CreateSecret  db" in err
        assert "s3cret" not in out + err


def test_an_uninstalled_checkout_has_no_version(monkeypatch, capsys):
    def not_installed(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("mock_secrets.command_line.main.version", not_installed)
    with pytest.raises(SystemExit):
        main(["--version"])

    assert capsys.readouterr().out == "mock-secrets of a checkout\n"


@rows("arguments", [["--help"], ["serve", "--help"], ["--version"]])
def test_help_is_printed_without_importing_botocore(arguments):
    program = (
        "import sys; from mock_secrets.command_line.main import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: sys.stderr.write(str('botocore' in sys.modules))"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )

    assert "mock-secrets" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert done.stderr == "False"
