"""Blocks, nesting, threads, and that everything is put back as it was."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import boto3
import botocore.handlers
import botocore.session
import pytest
from inside import HOOKED, LATER, NEW_YEAR, create, held, read
from tables import rows

from mock_secrets import Limits, SecretsBackend, mock_secrets
from mock_secrets.activation import running


class TestBlocks:
    def test_with_gives_the_backend(self):
        with mock_secrets(secrets={"db": "s3cret"}) as backend:
            assert isinstance(backend, SecretsBackend)
            assert backend is running()
            assert read("db") == "s3cret"
        assert running() is None

    @pytest.mark.asyncio
    async def test_async_with_gives_the_backend(self):
        async with mock_secrets(secrets={"db": "s3cret"}) as backend:
            assert backend is running()
            assert read("db") == "s3cret"
        assert running() is None

    def test_start_gives_the_backend_and_stop_ends_it(self):
        activation = mock_secrets(secrets={"db": "s3cret"})

        backend = activation.start()
        try:
            assert backend is running()
            assert read("db") == "s3cret"
        finally:
            activation.stop()
        assert running() is None

    def test_an_activation_can_be_used_again_and_is_fresh_each_time(self):
        activation = mock_secrets(secrets={"db": "s3cret"})

        with activation as first:
            create("other")
        with activation as second:
            assert held() == ["db"]

        assert first is not second

    def test_an_activation_can_be_entered_inside_itself(self):
        activation = mock_secrets(secrets={"db": "s3cret"})

        with activation as outer:
            with activation as inner:
                assert inner is outer
            assert running() is outer
        assert running() is None

    def test_an_activation_can_be_decorator_and_block(self):
        activation = mock_secrets(secrets={"db": "s3cret"})

        @activation
        def application():
            return held()

        with activation as backend:
            backend.create("other")
            joined = application()
        alone = application()

        assert joined == ["db", "other"]
        assert alone == ["db"]

    def test_starts_and_stops_need_not_be_in_order(self):
        first, second = mock_secrets(), mock_secrets()

        backend = first.start()
        second.start()
        first.stop()
        still = running()
        second.stop()

        assert still is backend
        assert running() is None

    def test_stop_without_start_says_what_is_missing(self):
        with pytest.raises(RuntimeError, match=r"mock_secrets.*not active.*start\(\)"):
            mock_secrets().stop()

    def test_a_second_stop_says_what_is_missing(self):
        activation = mock_secrets()
        activation.start()
        activation.stop()

        with pytest.raises(RuntimeError, match=r"start\(\)"):
            activation.stop()

    def test_stop_without_start_does_not_end_the_mock_of_somebody_else(self):
        with mock_secrets() as backend:
            with pytest.raises(RuntimeError, match=r"start\(\)"):
                mock_secrets().stop()
            assert running() is backend

    def test_exceptions_are_not_swallowed(self):
        with pytest.raises(LookupError, match="mine"), mock_secrets():
            raise LookupError("mine")
        assert running() is None


class TestJoining:
    def test_an_inner_mock_joins_the_outer_one(self):
        with mock_secrets() as outer:
            create("before")
            with mock_secrets() as inner:
                assert inner is outer
                assert held() == ["before"]
                create("inside")
            assert held() == ["before", "inside"]

    def test_the_secrets_of_an_inner_mock_are_added(self):
        with mock_secrets(secrets={"one": "1"}), mock_secrets(secrets={"two": "2"}):
            assert (read("one"), read("two")) == ("1", "2")

    def test_a_secret_with_the_same_value_is_fine(self):
        with mock_secrets(secrets={"db": {"user": "app"}}), mock_secrets(secrets={"db": {"user": "app"}}) as backend:
            assert len(backend["db"].versions) == 1

    def test_a_secret_with_another_value_is_an_error_that_shows_neither_value(self):
        with (
            mock_secrets(secrets={"db": "hunter2"}),
            pytest.raises(ValueError, match="'db'") as caught,
            mock_secrets(secrets={"db": "correct horse"}),
        ):
            pass  # pragma: no cover

        assert "hunter2" not in str(caught.value)
        assert "correct horse" not in str(caught.value)

    def test_a_refused_inner_mock_adds_none_of_its_secrets(self):
        with mock_secrets(secrets={"db": "hunter2"}):
            with pytest.raises(ValueError, match="'db'"), mock_secrets(secrets={"new": "1", "db": "other"}):
                pass  # pragma: no cover

            assert held() == ["db"]

    def test_a_refused_inner_mock_leaves_the_outer_one_active(self):
        with mock_secrets(region="eu-west-1") as backend:
            with pytest.raises(ValueError, match="region"), mock_secrets(region="us-east-1"):
                pass  # pragma: no cover

            assert running() is backend
        assert running() is None

    @rows(
        "name, outer, inner",
        [
            ("region", "eu-west-1", "eu-central-1"),
            ("account_id", "111122223333", "444455556666"),
            ("at", NEW_YEAR, LATER),
            ("token_reuse", "aws", "documented"),
            ("limits", Limits(retained_versions=5), Limits(retained_versions=6)),
            ("passthrough", ("s3",), ("sqs",)),
            ("seed", 1, 2),
        ],
    )
    def test_a_contradicting_parameter_is_an_error_that_names_both_values(self, name, outer, inner):
        with mock_secrets(**{name: outer}), pytest.raises(ValueError, match=name) as caught:
            mock_secrets(**{name: inner}).start()

        assert repr(outer) in str(caught.value)
        assert repr(inner) in str(caught.value)

    @rows(
        "name, value",
        [
            ("region", "eu-central-1"),
            ("account_id", "444455556666"),
            ("at", NEW_YEAR),
            ("token_reuse", "documented"),
            ("limits", Limits(retained_versions=6)),
            ("passthrough", ["s3"]),
            ("seed", 2),
        ],
    )
    def test_a_parameter_that_contradicts_a_default_in_force_is_an_error(self, name, value):
        with mock_secrets(), pytest.raises(ValueError, match=name):
            mock_secrets(**{name: value}).start()

    @rows(
        "name, outer, inner",
        [
            ("region", "eu-west-1", "eu-west-1"),
            ("account_id", "111122223333", "111122223333"),
            ("at", NEW_YEAR, datetime.fromisoformat("2026-01-01T01:00:00+01:00")),
            ("token_reuse", "documented", "documented"),
            ("limits", Limits(retained_versions=5), Limits(retained_versions=5)),
            ("passthrough", ["s3", "sqs"], ("s3", "sqs")),
            ("passthrough", ["s3", "sqs"], ["sqs", "s3"]),
            ("seed", "x", "x"),
        ],
    )
    def test_an_equal_parameter_is_fine(self, name, outer, inner):
        with mock_secrets(**{name: outer}) as backend, mock_secrets(**{name: inner}) as joined:
            assert joined is backend

    def test_a_parameter_that_equals_a_default_in_force_is_fine(self, monkeypatch):
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

        with mock_secrets() as backend, mock_secrets(region="eu-west-1", account_id="123456789012") as joined:
            assert joined is backend

    def test_no_parameter_contradicts_nothing(self):
        with (
            mock_secrets(region="eu-west-1", at=NEW_YEAR, token_reuse="documented", seed=5) as backend,
            mock_secrets() as joined,
        ):
            assert joined is backend


class TestBackendParameter:
    def test_a_function_that_names_it_gets_the_running_backend(self):
        @mock_secrets
        def application(secrets_backend):
            return secrets_backend is running()

        assert application()

    def test_it_can_stand_beside_other_arguments(self):
        @mock_secrets
        def application(first, secrets_backend, *, last):
            return first, isinstance(secrets_backend, SecretsBackend), last

        assert application(1, last=2) == (1, True, 2)

    def test_the_caller_may_give_it(self):
        @mock_secrets
        def application(secrets_backend):
            return secrets_backend

        with mock_secrets() as backend:
            assert application(secrets_backend=backend) is backend
            assert application(backend) is backend

    @pytest.mark.asyncio
    async def test_a_coroutine_gets_it(self):
        @mock_secrets
        async def application(secrets_backend):
            return secrets_backend is running()

        assert await application()

    def test_a_generator_gets_it(self):
        @mock_secrets
        def application(secrets_backend):
            yield secrets_backend is running()

        assert list(application()) == [True]

    @pytest.mark.asyncio
    async def test_an_async_generator_gets_it(self):
        @mock_secrets
        async def application(secrets_backend):
            yield secrets_backend is running()

        assert [item async for item in application()] == [True]

    def test_the_fixture_is_the_running_backend(self, secrets_backend):
        @mock_secrets
        def application(secrets_backend):
            return secrets_backend

        assert application() is secrets_backend

    @mock_secrets(region="eu-west-1", secrets={"db": "s3cret"})
    def test_the_parameters_of_the_decorator_reach_the_fixture(self, secrets_backend, secrets_client):
        assert secrets_backend is running()
        assert secrets_backend.region == "eu-west-1"
        assert secrets_client.get_secret_value(SecretId="db")["SecretString"] == "s3cret"

    def test_a_function_that_does_not_name_it_is_not_given_it(self):
        @mock_secrets
        def application(**others):
            return others

        assert application() == {}


class TestThreads:
    def test_calls_of_worker_threads_are_answered(self):
        with mock_secrets(secrets={"db": "s3cret"}) as backend, ThreadPoolExecutor(4) as pool:
            client = backend.client()
            answers = list(pool.map(lambda _: client.get_secret_value(SecretId="db")["SecretString"], range(20)))

        assert answers == ["s3cret"] * 20
        assert len(backend.calls) == 20

    def test_a_worker_thread_can_make_its_own_client(self):
        def application(_):
            return boto3.Session().client("secretsmanager").get_secret_value(SecretId="db")["SecretString"]

        with mock_secrets(secrets={"db": "s3cret"}), ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(application, range(4)))

        assert answers == ["s3cret"] * 4

    def test_activations_of_several_threads_are_one_backend(self):
        def application(number):
            with mock_secrets(secrets={f"secret-{number}": "s3cret"}) as backend:
                return backend

        with mock_secrets() as backend, ThreadPoolExecutor(4) as pool:
            backends = set(pool.map(application, range(8)))
            assert len(held()) == 8

        assert backends == {backend}
        assert running() is None


class TestHandler:
    def test_it_exists_once_among_the_handlers_of_botocore(self):
        with mock_secrets(), mock_secrets():
            pass

        names = [entry[0] for entry in botocore.handlers.BUILTIN_HANDLERS]

        assert names.count(HOOKED) == 1

    def test_importing_the_package_anew_replaces_it(self):
        """As pytester does between in-process runs, which forget what the run imported."""
        program = """
import sys
import boto3, botocore.handlers

def use():
    from mock_secrets import mock_secrets
    with mock_secrets(secrets={"db": "s3cret"}):
        return boto3.client("secretsmanager").get_secret_value(SecretId="db")["SecretString"]

first = use()
for name in [name for name in sys.modules if name.partition(".")[0] == "mock_secrets"]:
    del sys.modules[name]
print(first, use(), [entry[0] for entry in botocore.handlers.BUILTIN_HANDLERS].count("before-send.secrets-manager"))
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603

        assert done.stdout.split() == ["s3cret", "s3cret", "1"], done.stderr


class TestRepr:
    def test_it_shows_the_parameters_and_no_value(self):
        shown = repr(mock_secrets(region="eu-west-1", secrets={"db": "hunter2", "api": "correct horse"}))

        assert shown.startswith("mock_secrets(region='eu-west-1', secrets=")
        assert "hunter2" not in shown
        assert "correct horse" not in shown


class TestBare:
    def test_it_is_entered_like_one_with_parameters(self):
        with mock_secrets as backend:
            create("db")
            with mock_secrets as inner:
                assert inner is backend
        assert running() is None
        assert "db" in backend

    def test_each_entrance_is_a_mock_of_its_own(self):
        with mock_secrets as first:
            create("db")
        with mock_secrets as second:
            assert held() == []
        assert first is not second

    def test_it_is_entered_by_async_with_too(self):
        async def enter():
            async with mock_secrets as backend:
                return running() is backend

        assert asyncio.run(enter())
