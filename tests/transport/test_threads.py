"""Threads that make sessions and mocks, while others end theirs."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
import botocore.configloader
import botocore.session
import pytest
from botocore.credentials import CredentialResolver
from inside import process

from mock_secrets import mock_secrets


@pytest.fixture(autouse=True)
def machine(monkeypatch, tmp_path):
    """A machine on which a region is set, and credentials."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")


def test_overlapping_mocks_in_threads_leave_nothing_behind():
    before = process()
    stop = threading.Event()

    def make_sessions():
        while not stop.is_set():
            boto3.Session()

    def activate(_):
        for _ in range(20):
            with mock_secrets(region="eu-west-1"):
                boto3.Session()

    with ThreadPoolExecutor(6) as pool:
        makers = [pool.submit(make_sessions) for _ in range(2)]
        for ended in [pool.submit(activate, number) for number in range(4)]:
            ended.result()
        stop.set()
        for maker in makers:
            maker.result()

    assert process() == before


def test_a_session_being_created_when_the_mock_ends_keeps_nothing_of_it(monkeypatch):
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


def test_a_session_loading_credentials_while_a_mock_starts_keeps_none_of_the_mocks(monkeypatch):
    begun, entered = threading.Event(), threading.Event()
    real = CredentialResolver.load_credentials

    def slow(self):
        begun.set()
        assert entered.wait(10)
        return real(self)

    monkeypatch.setattr(CredentialResolver, "load_credentials", slow)
    session = boto3.Session()
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(session.get_credentials)
        assert begun.wait(10)
        with mock_secrets():
            entered.set()
            looking.result()

    assert session.get_credentials().access_key == "AKIAEXAMPLE"


def test_profiles_a_session_is_reading_when_the_mock_ends_are_not_kept(monkeypatch):
    reached, left = threading.Event(), threading.Event()

    class Slow(dict):
        def __getitem__(self, name):
            reached.set()
            left.wait(0.3)
            return super().__getitem__(name)

    session, load = botocore.session.Session(), botocore.configloader.load_config
    monkeypatch.setattr(botocore.configloader, "load_config", lambda _: Slow(profiles={"of the mock": {}}))
    with ThreadPoolExecutor(1) as pool:
        with mock_secrets():
            reading = pool.submit(lambda: session.available_profiles)
            assert reached.wait(10)
        left.set()
        inside = reading.result()
    monkeypatch.setattr(botocore.configloader, "load_config", load)

    assert inside == ["of the mock"]
    assert "of the mock" not in session.available_profiles


def test_clients_keep_their_region_while_another_thread_registers_handlers():
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
