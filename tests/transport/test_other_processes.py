"""Processes that the test starts: no mock runs in them, and each is told so; a fork has a copy of its own."""

import os
import socket
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection
from threading import Thread
from urllib.parse import urlsplit
from urllib.request import urlopen

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from children import in_child, read_and_write
from tables import rows

from mock_secrets import ForkedWriteWarning, SecretsBackend, mock_secrets
from mock_secrets.protocol import wire
from mock_secrets.transport import processes
from mock_secrets.transport.interception import Interception

ONE_TRY = "from botocore.config import Config; one_try = Config(connect_timeout=3, retries={'total_max_attempts': 1});"


def run(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603


class TestSubprocess:
    @rows(
        "imports, error, why",
        [
            ("boto3", "EndpointConnectionError", "mock_secrets-runs-in-process-{pid}-and-answers-only-there"),
            ("boto3, mock_secrets.activation", "MockNotActive", "from a mock in process {pid}, which started this one"),
        ],
    )
    def test_a_subprocess_never_calls_aws_and_the_error_says_why(self, imports, error, why):
        with mock_secrets():
            done = run(f"import {imports}; {ONE_TRY} boto3.client('secretsmanager', config=one_try).list_secrets()")

        assert "amazonaws.com" not in done.stderr
        assert error in done.stderr
        assert why.format(pid=os.getpid()) in done.stderr

    def test_a_subprocess_with_its_own_mock_is_answered(self):
        program = (
            "import boto3, os; from mock_secrets import mock_secrets\n"
            "before = dict(os.environ)\n"
            "with mock_secrets(secrets={'db': 'own'}):\n"
            "    print(boto3.client('secretsmanager').get_secret_value(SecretId='db')['SecretString'])\n"
            "print(before == dict(os.environ))"
        )
        with mock_secrets(secrets={"db": "parent's"}):
            done = run(program)

        assert done.stdout.split() == ["own", "True"], done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
class TestFork:
    def test_a_forked_child_reads_the_parents_secrets_without_a_warning(self):
        with mock_secrets(secrets={"db": "s3cret"}):
            value, warned = in_child("fork", read)

        assert (value, warned) == ("s3cret", [])

    def test_a_forked_childs_first_write_warns_that_the_parent_will_not_see_it(self):
        with mock_secrets(secrets={"db": "s3cret"}) as backend:
            value, warned = in_child("fork", write_twice_and_read)
            assert backend["db"].value == "s3cret"

        assert value == "child's"
        ((category, message),) = warned
        assert category == ForkedWriteWarning.__name__
        assert f"Process {os.getpid()}, from which it was forked" in message
        assert "PutSecretValue" in message
        assert "child's" not in message

    def test_a_refused_write_in_a_forked_child_does_not_warn(self):
        with mock_secrets():
            _, warned = in_child("fork", write_to_nothing)

        assert warned == []

    def test_a_forked_childs_clients_ignore_the_endpoint_for_other_processes(self):
        with mock_secrets():
            url, _ = in_child("fork", endpoint_url)

        assert url == "https://secretsmanager.us-east-1.amazonaws.com"

    def test_a_write_to_a_mock_started_in_a_forked_child_does_not_warn(self):
        value, warned = in_child("fork", write_in_an_own_mock)

        assert (value, warned) == ("child's", [])

    def test_a_write_warns_in_a_child_that_resumes_a_mock_suspended_at_the_fork(self):
        service = SecretsBackend(secrets={"db": "s3cret"}).service
        interception = Interception(service.answer, service.values, service.let_pause)

        def come_back():
            with interception:
                return write_twice_and_read()

        value, warned = in_child("fork", come_back)

        assert value == "child's"
        assert [category for category, _ in warned] == [ForkedWriteWarning.__name__]

    def test_a_write_in_the_parent_after_a_fork_does_not_warn(self):
        with mock_secrets(secrets={"db": "s3cret"}):
            in_child("fork", read)
            write()

    def test_a_forked_process_shares_the_parents_secrets_without_a_warning(self):
        with mock_secrets(secrets={"db": "parent's"}, processes=True) as backend:
            value, warned = in_child("fork", read_and_write)

            assert (value, warned, backend["db"].value) == ("parent's", [], "child's")

    def test_a_fork_does_not_close_connections_of_other_clients(self):
        with mock_secrets(processes=True):
            url = os.environ["AWS_ENDPOINT_URL_SECRETS_MANAGER"]
            with closing(HTTPConnection(urlsplit(url).netloc, timeout=10)) as connection:
                connection.request("POST", "/", b"{}")
                assert connection.getresponse().read()

                in_child("fork", os.getpid)

                connection.request("POST", "/", b"{}")
                assert connection.getresponse().read()


def read():
    return boto3.client("secretsmanager").get_secret_value(SecretId="db")["SecretString"]


def write(name="db"):
    boto3.client("secretsmanager").put_secret_value(SecretId=name, SecretString="child's")


def write_twice_and_read():
    write()
    write()
    return read()


def write_to_nothing():
    client = boto3.client("secretsmanager")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        write("nothing")


def write_in_an_own_mock():
    with mock_secrets(secrets={"db": "s3cret"}):
        write()
        return read()


def endpoint_url():
    return boto3.Session().client("secretsmanager", "us-east-1").meta.endpoint_url


def hang_up(listener):
    connection, _ = listener.accept()
    connection.recv(10)
    connection.close()


CHANGE = """import boto3{imports}
client = boto3.client("secretsmanager")
print(client.get_secret_value(SecretId="db")["SecretString"])
client.update_secret(SecretId="db", SecretString="child's")
"""


class TestShared:
    @rows("imports", ["", ", mock_secrets.activation"])
    def test_a_subprocess_shares_the_parents_secrets(self, imports):
        with mock_secrets(secrets={"db": "parent's"}, processes=True) as backend:
            done = run(CHANGE.format(imports=imports))

            assert (done.stdout, backend["db"].value) == ("parent's\n", "child's"), done.stderr

    def test_a_spawned_process_shares_the_parents_secrets(self):
        with mock_secrets(secrets={"db": "parent's"}, processes=True) as backend:
            value, _ = in_child("spawn", read_and_write)

            assert (value, backend["db"].value) == ("parent's", "child's")

    @pytest.mark.parametrize(
        ("behave", "error"),
        [
            (lambda listener: listener.close(), EndpointConnectionError),
            (lambda listener: None, ReadTimeoutError),
            (lambda listener: Thread(target=hang_up, args=(listener,)).start(), ConnectionClosedError),
        ],
        ids=["is gone", "does not answer", "hangs up"],
    )
    def test_an_unresponsive_parent_raises_botocores_connection_errors(self, monkeypatch, behave, error):
        monkeypatch.setattr(processes, "_PATIENCE", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            ask = processes._AsksParent(f"http://127.0.0.1:{listener.getsockname()[1]}")
            behave(listener)

            with pytest.raises(error):
                ask(wire.Request("ListSecrets", "AKIA", "us-east-1", 1, b"{}", "localhost", ""))

    def test_nothing_listens_and_the_environment_is_restored_after_a_shared_mock(self, monkeypatch):
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://localhost:4566")
        with mock_secrets(processes=True):
            url = os.environ["AWS_ENDPOINT_URL_SECRETS_MANAGER"]

        assert os.environ["AWS_ENDPOINT_URL_SECRETS_MANAGER"] == "http://localhost:4566"
        with pytest.raises(OSError, match="refused"):
            urlopen(url)  # noqa: S310 - of this machine
