"""Blocks, nesting, threads, and that everything is put back as it was."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import boto3
import pytest
from inside import LATER, NEW_YEAR, create, held, read
from tables import rows

from mock_secrets import Limits, SecretsBackend, mock_secrets
from mock_secrets.activation import running


class TestBlocks:
    def test_a_with_block_returns_the_running_backend(self):
        with mock_secrets(secrets={"db": "s3cret"}) as backend:
            assert isinstance(backend, SecretsBackend)
            assert backend is running()
            assert read("db") == "s3cret"
        assert running() is None

    @pytest.mark.asyncio
    async def test_an_async_with_block_returns_the_running_backend(self):
        async with mock_secrets(secrets={"db": "s3cret"}) as backend:
            assert backend is running()
            assert read("db") == "s3cret"
        assert running() is None

    def test_start_returns_the_backend_and_stop_ends_the_mock(self):
        activation = mock_secrets(secrets={"db": "s3cret"})

        backend = activation.start()
        try:
            assert backend is running()
            assert read("db") == "s3cret"
        finally:
            activation.stop()
        assert running() is None

    def test_an_activation_can_be_reused_and_is_fresh_each_time(self):
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

    def test_an_activation_can_be_both_a_decorator_and_a_with_block(self):
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

    def test_nested_mocks_can_be_stopped_in_any_order(self):
        first, second = mock_secrets(), mock_secrets()

        backend = first.start()
        second.start()
        first.stop()
        still = running()
        second.stop()

        assert still is backend
        assert running() is None

    def test_a_second_stop_raises_an_error_that_names_start(self):
        activation = mock_secrets()
        activation.start()
        activation.stop()

        with pytest.raises(RuntimeError, match=r"start\(\)"):
            activation.stop()

    def test_stop_without_start_raises_an_error_that_names_start_and_does_not_end_another_mock(self):
        with mock_secrets() as backend:
            with pytest.raises(RuntimeError, match=r"mock_secrets.*not active.*start\(\)"):
                mock_secrets().stop()
            assert running() is backend


class TestJoining:
    def test_an_inner_mock_joins_the_outer_one(self):
        with mock_secrets() as outer:
            create("before")
            with mock_secrets() as inner:
                assert inner is outer
                assert held() == ["before"]
                create("inside")
            assert held() == ["before", "inside"]

    def test_secrets_of_an_inner_mock_are_added_to_the_outer_one(self):
        with mock_secrets(secrets={"one": "1"}), mock_secrets(secrets={"two": "2"}):
            assert (read("one"), read("two")) == ("1", "2")

    def test_an_inner_mock_may_repeat_a_secret_with_the_same_value(self):
        with mock_secrets(secrets={"db": {"user": "app"}}), mock_secrets(secrets={"db": {"user": "app"}}) as backend:
            assert len(backend["db"].versions) == 1

    def test_an_inner_mock_with_another_value_is_an_error_that_shows_neither_value(self):
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
            ("leaks", "fail", "allow"),
        ],
    )
    def test_a_different_parameter_in_an_inner_mock_is_an_error_naming_both_values(self, name, outer, inner):
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
            ("leaks", "fail"),
        ],
    )
    def test_an_inner_parameter_that_differs_from_the_outer_default_is_an_error(self, name, value):
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
    def test_an_inner_mock_may_repeat_an_equal_parameter(self, name, outer, inner):
        with mock_secrets(**{name: outer}) as backend, mock_secrets(**{name: inner}) as joined:
            assert joined is backend

    def test_an_inner_parameter_may_equal_the_outer_default(self, monkeypatch):
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

        with mock_secrets() as backend, mock_secrets(region="eu-west-1", account_id="123456789012") as joined:
            assert joined is backend


class TestBackendParameter:
    def test_a_secrets_backend_parameter_can_be_mixed_with_other_parameters(self):
        @mock_secrets
        def application(first, secrets_backend, *, last):
            return first, isinstance(secrets_backend, SecretsBackend), last

        assert application(1, last=2) == (1, True, 2)

    def test_the_caller_may_pass_secrets_backend(self):
        @mock_secrets
        def application(secrets_backend):
            return secrets_backend

        with mock_secrets() as backend:
            assert application(secrets_backend=backend) is backend
            assert application(backend) is backend

    @pytest.mark.asyncio
    async def test_decorated_coroutines_and_generators_get_the_running_backend(self):
        @mock_secrets
        async def coroutine(secrets_backend):
            return secrets_backend is running()

        @mock_secrets
        def generator(secrets_backend):
            yield secrets_backend is running()

        @mock_secrets
        async def async_generator(secrets_backend):
            yield secrets_backend is running()

        assert await coroutine()
        assert list(generator()) == [True]
        assert [item async for item in async_generator()] == [True]

    def test_a_decorated_function_gets_the_backend_of_the_fixture(self, secrets_backend):
        @mock_secrets
        def application(secrets_backend):
            return secrets_backend

        assert application() is secrets_backend

    def test_a_function_without_a_secrets_backend_parameter_gets_no_backend(self):
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

    def test_activations_in_several_threads_share_one_backend(self):
        def application(number):
            with mock_secrets(secrets={f"secret-{number}": "s3cret"}) as backend:
                return backend

        with mock_secrets() as backend, ThreadPoolExecutor(4) as pool:
            backends = set(pool.map(application, range(8)))
            assert len(held()) == 8

        assert backends == {backend}
        assert running() is None


class TestHandler:
    def test_reimporting_the_package_replaces_the_botocore_handler(self):
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
    def test_the_repr_of_an_activation_shows_its_parameters_but_no_value(self):
        shown = repr(mock_secrets(region="eu-west-1", secrets={"db": "hunter2", "api": "correct horse"}))

        assert shown.startswith("mock_secrets(region='eu-west-1', secrets=")
        assert "hunter2" not in shown
        assert "correct horse" not in shown


class TestBare:
    def test_mock_secrets_without_parentheses_can_be_entered_and_nested(self):
        with mock_secrets as backend:
            create("db")
            with mock_secrets as inner:
                assert inner is backend
        assert running() is None
        assert "db" in backend

    def test_mock_secrets_without_parentheses_is_fresh_each_time_it_is_entered(self):
        with mock_secrets as first:
            create("db")
        with mock_secrets as second:
            assert held() == []
        assert first is not second

    def test_mock_secrets_without_parentheses_can_be_entered_with_async_with(self):
        async def enter():
            async with mock_secrets as backend:
                return running() is backend

        assert asyncio.run(enter())
