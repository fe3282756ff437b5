"""What a mock changes in the process is put back, whatever else has changed and whoever ends first."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from unittest import mock

import boto3
import botocore.session
import pytest
from inside import machine, process
from tables import rows

from mock_secrets import SecretsBackend, mock_secrets
from mock_secrets.transport.interception import Interception


@pytest.fixture(params=[True, False], ids=["set", "unset"], autouse=True)
def on_either_machine(request):
    with machine(is_configured=request.param):
        yield


@pytest.fixture
def new():
    """A backend with one secret, and what it takes to have it answer clients."""

    def make(value, **options):
        backend = SecretsBackend(secrets={"db": value}, **options)
        return Interception(backend.service.answer, backend.service.values, backend.service.let_pause, **options)

    return make


def read():
    return boto3.client("secretsmanager").get_secret_value(SecretId="db")["SecretString"]


def change():
    """What a test may change inside."""
    boto3.setup_default_session(region_name="ap-south-1")
    os.environ["AWS_DEFAULT_REGION"] = "ap-south-1"
    os.environ["AWS_PROFILE"] = "theirs"
    os.environ.pop("AWS_SECRET_ACCESS_KEY")


@rows("fails", [False, True])
def test_changes_the_test_makes_inside_a_mock_persist_after_it(fails):
    before = process()

    with ExitStack() as raising:
        if fails:
            raising.enter_context(pytest.raises(LookupError))
        with mock_secrets():
            change()
            session = boto3.DEFAULT_SESSION
            if fails:
                raise LookupError

    variables, default, *functions = process()
    assert default is session
    assert functions == list(before[2:])
    theirs = {"AWS_DEFAULT_REGION": "ap-south-1", "AWS_PROFILE": "theirs", "AWS_SECRET_ACCESS_KEY": None}
    expected = {**before[0], **theirs}
    assert variables == {name: value for name, value in expected.items() if value is not None}


def test_a_suspended_mock_resumes_unchanged(new):
    wide, own = new("wide"), new("own")
    before = process()

    with wide:
        first = read()
    aside = process()
    with own:
        second = read()
    with wide:
        third = read()

    assert (first, second, third) == ("wide", "own", "wide")
    assert aside == process() == before


def test_changes_made_inside_a_mock_reappear_when_it_resumes(new):
    wide = new("wide", region="eu-west-1")
    with wide:
        change()
        boto3.DEFAULT_SESSION.events.register("before-call", lambda **_: None)
        session = boto3.DEFAULT_SESSION

    with wide:
        assert os.environ["AWS_DEFAULT_REGION"] == "ap-south-1"
        assert os.environ["AWS_PROFILE"] == "theirs"
        assert "AWS_SECRET_ACCESS_KEY" not in os.environ
        assert boto3.DEFAULT_SESSION is session
    assert boto3.DEFAULT_SESSION is session


def test_default_session_handlers_return_only_with_their_own_mock(new):
    seen = []
    wide, own = new("wide"), new("own")
    with wide:
        boto3.DEFAULT_SESSION.events.register("before-call", lambda **_: seen.append("call"))

    with own:
        read()
    between = list(seen)
    with wide:
        read()

    assert (between, seen) == ([], ["call"])


def test_a_mock_can_start_and_end_in_another_thread(new):
    before = process()
    interception = new("value")

    with ThreadPoolExecutor(1) as pool:
        pool.submit(interception.enter).result()
        answered = read()
        pool.submit(interception.leave).result()

    assert answered == "value"
    assert process() == before


class TestWhoHasSavedOurs:
    """A tool that saves a value inside a mock, and puts it back when the mock has ended."""

    @rows(
        "change",
        {
            "setenv": lambda monkeypatch: monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1"),
            "setenv of one set aside": lambda monkeypatch: monkeypatch.setenv("AWS_PROFILE", "theirs"),
            "delenv": lambda monkeypatch: monkeypatch.delenv("AWS_SECRET_ACCESS_KEY"),
            "setattr": lambda monkeypatch: monkeypatch.setattr(boto3, "DEFAULT_SESSION", None),
        },
    )
    def test_a_monkeypatch_restores_the_state_before_the_mock(self, change):
        before = process()
        with pytest.MonkeyPatch.context() as monkeypatch:
            with mock_secrets():
                change(monkeypatch)
                during = process()
            assert during != before

        assert process() == before

    @rows("clear", [False, True])
    def test_a_started_unittest_patch_restores_the_state_before_the_mock(self, clear):
        before = process()
        patches = [
            mock.patch.dict(os.environ, {"AWS_DEFAULT_REGION": "ap-south-1"}, clear=clear),
            mock.patch("boto3.DEFAULT_SESSION", None),
            mock.patch.object(threading, "settrace"),
        ]

        with mock_secrets():
            for patch in patches:
                patch.start()
        for patch in patches:
            patch.stop()

        assert process() == before

    def test_a_monkeypatch_that_saved_the_users_own_value_restores_it(self):
        with pytest.MonkeyPatch.context() as monkeypatch, mock_secrets():
            os.environ["AWS_DEFAULT_REGION"] = "ap-south-1"
            monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-2")

        assert os.environ["AWS_DEFAULT_REGION"] == "ap-south-1"

    def test_a_patched_function_restored_after_the_mock_acts_like_the_original(self):
        real = botocore.session.create_loader
        with pytest.MonkeyPatch.context() as monkeypatch, mock_secrets():
            monkeypatch.setattr(botocore.session, "create_loader", lambda *_: pytest.fail("not asked for"))

        loader = botocore.session.create_loader()
        botocore.session.create_loader = real

        assert loader._cache == {}
