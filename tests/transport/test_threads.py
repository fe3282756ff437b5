"""Threads that make sessions and mocks, while others end theirs."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
import botocore.session
import pytest
from inside import process

from mock_secrets import SecretsBackend, mock_secrets
from mock_secrets.transport.interception import Interception


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """A machine on which a region is set, and credentials."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")


def test_nothing_stays_of_mocks_that_overlap_in_threads():
    before = process()
    stop = threading.Event()

    def make_sessions():
        while not stop.is_set():
            boto3.Session()

    def activate(number):
        interception = Interception(SecretsBackend().service.answer, region=f"eu-west-{number % 3 + 1}")
        for _ in range(20):
            with interception:
                boto3.Session()

    with ThreadPoolExecutor(6) as pool:
        makers = [pool.submit(make_sessions) for _ in range(2)]
        for ended in [pool.submit(activate, number) for number in range(4)]:
            ended.result()
        stop.set()
        for maker in makers:
            maker.result()

    assert process() == before


def test_a_session_that_is_made_beyond_the_mock_keeps_nothing_of_it(monkeypatch):
    begun, ended = threading.Event(), threading.Event()
    real = botocore.session.create_loader

    def slow(*args):
        begun.set()
        assert ended.wait(10)
        return real(*args)

    monkeypatch.setattr(botocore.session, "create_loader", slow)
    with ThreadPoolExecutor(1) as pool:
        with mock_secrets(region="eu-central-1"):
            making = pool.submit(boto3.Session)
            assert begun.wait(10)
        ended.set()
        session = making.result()

    assert botocore.session.create_loader is slow
    assert session.region_name == "eu-west-3"
    assert session.get_credentials().access_key == "AKIAEXAMPLE"


def test_clients_are_in_their_region_while_another_thread_registers_handlers():
    regions = set()

    def register(backend):
        for number in range(5):
            boto3.DEFAULT_SESSION.events.register(f"before-call.{number}", lambda **_: None)
            backend.client()

    def make_clients(backend):
        return {
            boto3.client("secretsmanager").meta.region_name,
            boto3.Session().region_name,
            backend.client().meta.region_name,
            os.environ["AWS_REGION"],
        }

    with mock_secrets(region="eu-central-1") as backend, ThreadPoolExecutor(4) as pool:
        registered = pool.submit(register, backend)
        regions.update(*pool.map(make_clients, [backend] * 12))
        registered.result()

    assert regions == {"eu-central-1"}
