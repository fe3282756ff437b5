"""Every entrance to the mock: what it wraps stays what it was, and what it changed is put back."""

import inspect
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import boto3
import botocore.handlers
import botocore.session
import pytest
import pytest_asyncio
from botocore.endpoint import Endpoint
from botocore.signers import RequestSigner

from mock_secrets import Limits, SecretsBackend, mock_secrets
from mock_secrets.activation import running

HOOKED = "before-send.secrets-manager"

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
LATER = datetime(2027, 1, 1, tzinfo=timezone.utc)

AWS_VARIABLES = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
]


def create(name, value="s3cret"):
    return boto3.client("secretsmanager").create_secret(Name=name, SecretString=value)


def read(name):
    return boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]


def held():
    """The names of the secrets in the backend that runs; None where none does."""
    backend = running()
    return None if backend is None else sorted(secret.name for secret in backend)


def process():
    """What a mock changes in the process while it is active."""
    return (
        dict(os.environ),
        boto3.DEFAULT_SESSION,
        Endpoint._send,
        RequestSigner.get_auth_instance,
        botocore.session.create_loader,
        list(botocore.handlers.BUILTIN_HANDLERS),
        running(),
    )


class TestFunctions:
    def test_a_bare_decorator_activates_the_mock_for_the_call_alone(self):
        @mock_secrets
        def application():
            create("db")
            return read("db")

        answer = application()

        assert answer == "s3cret"
        assert running() is None

    def test_a_decorator_with_parameters_applies_them(self):
        @mock_secrets(region="eu-west-1", account_id="111122223333", secrets={"db": "s3cret"})
        def application():
            return boto3.client("secretsmanager").describe_secret(SecretId="db")["ARN"]

        arn = application()

        assert arn.startswith("arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-")

    def test_a_decorator_with_empty_parentheses_is_the_bare_one(self):
        @mock_secrets()
        def application():
            return held()

        assert application() == []

    def test_arguments_and_result_pass_through(self):
        @mock_secrets
        def application(first, /, second, *rest, third, **others):
            return first, second, rest, third, others

        assert application(1, 2, 3, third=4, fourth=5) == (1, 2, (3,), 4, {"fourth": 5})

    def test_the_wrapped_function_keeps_name_doc_signature_and_module(self):
        def application(client, *, name: str = "db") -> str:
            """Reads it."""

        wrapped = mock_secrets(application)

        assert wrapped.__name__ == "application"
        assert wrapped.__doc__ == "Reads it."
        assert wrapped.__module__ == __name__
        assert wrapped.__wrapped__ is application
        assert inspect.signature(wrapped) == inspect.signature(application)

    @pytest.mark.parametrize(
        "kind",
        [
            inspect.isfunction,
            inspect.iscoroutinefunction,
            inspect.isgeneratorfunction,
            inspect.isasyncgenfunction,
        ],
    )
    def test_the_wrapped_function_stays_of_its_kind(self, kind):
        def plain(): ...

        async def coroutine(): ...

        def generator():
            yield

        async def async_generator():
            yield

        functions = [plain, coroutine, generator, async_generator]

        assert [kind(mock_secrets(function)) for function in functions] == [kind(function) for function in functions]

    def test_each_call_has_a_fresh_backend(self):
        @mock_secrets
        def application():
            before = held()
            create("db")
            return before

        assert [application(), application()] == [[], []]

    def test_a_recursive_function_has_one_backend(self):
        @mock_secrets
        def application(depth):
            create(f"secret-{depth}")
            return application(depth - 1) if depth else held()

        assert application(2) == ["secret-0", "secret-1", "secret-2"]

    def test_an_exception_passes_through_and_ends_the_mock(self):
        @mock_secrets
        def application():
            raise LookupError("mine")

        with pytest.raises(LookupError, match="mine"):
            application()
        assert running() is None

    def test_a_static_method_can_be_decorated_above_and_below_staticmethod(self):
        class Application:
            @mock_secrets
            @staticmethod
            def above():
                return held()

            @staticmethod
            @mock_secrets
            def below():
                return held()

        application = Application()

        assert application.below() == []
        assert application.above() == []


class TestCoroutines:
    @pytest.mark.asyncio
    async def test_a_coroutine_runs_inside_the_mock(self):
        @mock_secrets(secrets={"db": "s3cret"})
        async def application():
            return read("db")

        answer = await application()

        assert answer == "s3cret"
        assert running() is None

    @pytest.mark.asyncio
    async def test_a_coroutine_is_outside_the_mock_until_it_is_awaited(self):
        @mock_secrets
        async def application():
            return held()

        waiting = application()

        assert running() is None
        assert await waiting == []

    @pytest.mark.asyncio
    async def test_an_exception_of_a_coroutine_ends_the_mock(self):
        @mock_secrets
        async def application():
            raise LookupError("mine")

        with pytest.raises(LookupError, match="mine"):
            await application()
        assert running() is None

    @pytest.mark.asyncio
    @mock_secrets(secrets={"db": "s3cret"})
    async def test_an_async_test_can_be_decorated(self):
        assert read("db") == "s3cret"


class TestGenerators:
    @pytest.fixture
    @mock_secrets(secrets={"db": "s3cret"})
    def seeded(self):
        yield read("db")
        create("made-by-the-clean-up")

    @pytest.fixture(params=["one", "two"])
    @mock_secrets
    def made(self, request, tmp_path):
        """A decorated fixture with parameters that asks for other fixtures."""
        create(request.param)
        return request.param, tmp_path

    def test_a_generator_fixture_holds_the_mock_while_the_test_runs(self, seeded):
        assert seeded == "s3cret"
        assert held() == ["db"]

    def test_a_decorated_fixture_can_ask_for_fixtures_and_have_parameters(self, made):
        name, folder = made

        assert name in ("one", "two")
        assert folder.is_dir()

    @pytest.mark.parametrize("name", ["one", "two"])
    @mock_secrets
    def test_a_decorated_test_can_have_parameters(self, name, tmp_path):
        create(name)

        assert held() == [name]

    def test_values_sent_in_and_returned_pass_through(self):
        @mock_secrets
        def application():
            received = yield "first"
            received = yield received + 1
            return received + 1

        generator = application()

        assert next(generator) == "first"
        assert generator.send(1) == 2
        with pytest.raises(StopIteration) as stopped:
            generator.send(2)
        assert stopped.value.value == 3
        assert running() is None

    def test_an_exception_thrown_in_reaches_the_generator_inside_the_mock(self):
        @mock_secrets
        def application():
            try:
                yield
            except LookupError as error:
                yield str(error), held()

        generator = application()
        next(generator)

        assert generator.throw(LookupError("mine")) == ("mine", [])

    def test_an_exception_that_the_generator_lets_through_ends_the_mock(self):
        @mock_secrets
        def application():
            yield

        generator = application()
        next(generator)

        with pytest.raises(LookupError, match="mine"):
            generator.throw(LookupError("mine"))
        assert running() is None

    def test_closing_runs_the_clean_up_inside_the_mock(self):
        seen = []

        @mock_secrets
        def application():
            try:
                yield
            finally:
                seen.append(held())

        generator = application()
        next(generator)
        generator.close()

        assert seen == [[]]
        assert running() is None


class TestAsyncGenerators:
    @pytest_asyncio.fixture
    @mock_secrets(secrets={"db": "s3cret"})
    async def seeded(self):
        yield read("db")
        create("made-by-the-clean-up")

    @pytest_asyncio.fixture
    @mock_secrets(secrets={"db": "s3cret"})
    async def value(self):
        return read("db")

    @pytest.mark.asyncio
    async def test_an_async_generator_fixture_holds_the_mock_while_the_test_runs(self, seeded):
        assert seeded == "s3cret"
        assert held() == ["db"]

    @pytest.mark.asyncio
    async def test_an_async_fixture_is_over_when_the_test_runs(self, value):
        assert value == "s3cret"
        assert running() is None

    @pytest.mark.asyncio
    async def test_values_sent_in_pass_through(self):
        @mock_secrets
        async def application():
            received = yield "first"
            received = yield received + 1
            yield received + 1

        generator = application()

        assert await anext(generator) == "first"
        assert await generator.asend(1) == 2
        assert await generator.asend(2) == 3
        with pytest.raises(StopAsyncIteration):
            await anext(generator)
        assert running() is None

    @pytest.mark.asyncio
    async def test_an_exception_thrown_in_reaches_the_generator_inside_the_mock(self):
        @mock_secrets
        async def application():
            try:
                yield
            except LookupError as error:
                yield str(error), held()

        generator = application()
        await anext(generator)

        assert await generator.athrow(LookupError("mine")) == ("mine", [])
        await generator.aclose()
        assert running() is None

    @pytest.mark.asyncio
    async def test_an_exception_that_the_generator_lets_through_ends_the_mock(self):
        @mock_secrets
        async def application():
            yield

        generator = application()
        await anext(generator)

        with pytest.raises(LookupError, match="mine"):
            await generator.athrow(LookupError("mine"))
        assert running() is None

    @pytest.mark.asyncio
    async def test_closing_runs_the_clean_up_inside_the_mock(self):
        seen = []

        @mock_secrets
        async def application():
            try:
                yield
            finally:
                seen.append(held())

        generator = application()
        await anext(generator)
        await generator.aclose()

        assert seen == [[]]
        assert running() is None


class Inherited:
    def test_an_inherited_test_is_inside(self):
        assert held() == ["db"]


@mock_secrets(secrets={"db": "s3cret"})
class TestPlainClass(Inherited):
    @pytest.fixture
    def made_in_the_class(self):
        create("made-in-the-class")

    def test_a_method_is_inside(self):
        assert held() == ["db"]

    def test_a_method_can_ask_for_the_backend(self, secrets_backend):
        assert secrets_backend is running()

    def test_a_fixture_of_the_class_is_inside(self, made_in_the_class):
        assert held() == ["db", "made-in-the-class"]

    @pytest.mark.parametrize("name", ["one", "two"])
    def test_state_is_fresh_in_each_test(self, name):
        create(name)

        assert held() == sorted(["db", name])

    @staticmethod
    def test_a_static_method_is_inside():
        assert held() == ["db"]

    @classmethod
    def test_a_class_method_is_inside(cls):
        assert held() == ["db"]

    @pytest.mark.asyncio
    async def test_an_async_method_is_inside(self):
        assert held() == ["db"]


@mock_secrets
class TestPlainClassWithSetupMethod:
    def setup_method(self):
        create("from-setup")

    def teardown_method(self):
        assert "from-setup" in held()

    @pytest.mark.parametrize("name", ["one", "two"])
    def test_set_up_is_inside_and_fresh(self, name):
        create(name)

        assert held() == sorted(["from-setup", name])


@mock_secrets
class TestPlainClassWithSetupMethodThatTakesTheMethod:
    def setup_method(self, method):
        create(method.__name__)

    def teardown_method(self, method):
        assert held() == [method.__name__]

    def test_set_up_gets_the_method(self):
        assert held() == ["test_set_up_gets_the_method"]


@mock_secrets
class TestPlainClassWithSetupClass:
    @classmethod
    def setup_class(cls):
        create("from-setup-class")

    @classmethod
    def teardown_class(cls):
        assert "from-setup-class" in held()

    def test_what_it_made_is_in_the_first_test(self):
        assert read("from-setup-class") == "s3cret"

    def test_what_it_made_is_in_the_second_test(self):
        assert read("from-setup-class") == "s3cret"


def test_decorating_a_class_gives_the_same_class():
    class Application:
        """Reads it."""

    assert mock_secrets(Application) is Application


def test_decorating_a_class_leaves_its_base_alone():
    class Base:
        def test_it(self):
            return running()

    @mock_secrets
    class Derived(Base):
        pass

    assert isinstance(Derived().test_it(), SecretsBackend)
    assert Base().test_it() is None


def test_decorating_a_class_leaves_what_is_no_test_alone():
    @mock_secrets
    class Application:
        testing = "a string"

        def helper(self):
            return running()

    application = Application()

    assert application.testing == "a string"
    assert application.helper() is None


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

    @pytest.mark.parametrize(
        ("name", "outer", "inner"),
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

    @pytest.mark.parametrize(
        ("name", "value"),
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

    @pytest.mark.parametrize(
        ("name", "outer", "inner"),
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


class TestPuttingBack:
    @pytest.fixture(params=["set", "unset"])
    def environment(self, request, monkeypatch):
        for name in AWS_VARIABLES:
            if request.param == "unset":
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, "eu-west-3" if "REGION" in name else f"my-{name.lower()}")

    @pytest.fixture(params=["none", "mine"])
    def default_session(self, request, monkeypatch):
        session = None if request.param == "none" else boto3.Session(region_name="eu-west-2")
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)

    @pytest.fixture
    def renewed(self):
        """What a test does to the default session must not fail the tests after it as well."""
        yield
        with mock_secrets():
            boto3.DEFAULT_SESSION.events.register("before-call", lambda **_: None)

    @pytest.mark.usefixtures("default_session", "environment")
    def test_everything_is_as_before_after_the_mock(self):
        before = process()

        with mock_secrets():
            create("db")
            during = process()

        assert process() == before
        assert all(inside is not outside for inside, outside in zip(during[:5], before[:5], strict=True))

    @pytest.mark.usefixtures("default_session", "environment")
    def test_everything_is_as_before_after_an_exception_in_the_body(self):
        before = process()

        with pytest.raises(LookupError, match="mine"), mock_secrets():
            raise LookupError("mine")

        assert process() == before

    @pytest.mark.usefixtures("default_session", "environment")
    @pytest.mark.parametrize(
        "parameters",
        [
            {"secrets": {"bad name": "s3cret"}},
            {"secrets": {"good": "s3cret", "also bad": "s3cret"}},
            {"passthrough": ["s3", "no-such-service"]},
        ],
        ids=["bad-name", "second-name-bad", "unknown-service"],
    )
    def test_everything_is_as_before_after_an_exception_in_entering(self, parameters):
        before = process()

        with pytest.raises(Exception, match=r"name|service"):
            mock_secrets(**parameters).start()

        assert process() == before

    @pytest.mark.usefixtures("default_session", "environment")
    def test_a_mock_can_be_entered_after_one_that_could_not(self):
        with pytest.raises(Exception, match="name"):
            mock_secrets(secrets={"bad name": "s3cret"}).start()

        with mock_secrets(secrets={"db": "s3cret"}):
            assert read("db") == "s3cret"

    @pytest.mark.usefixtures("environment")
    def test_what_the_test_changes_of_it_inside_is_put_back_too(self):
        before = process()

        with mock_secrets():
            os.environ["AWS_DEFAULT_REGION"] = "ap-south-1"
            os.environ.pop("AWS_ACCESS_KEY_ID")
            boto3.setup_default_session(region_name="ap-south-1")

        assert process() == before

    def test_leaving_an_inner_mock_puts_nothing_back_yet(self):
        with mock_secrets():
            during = process()
            with mock_secrets():
                pass

            assert process() == during

    @pytest.mark.usefixtures("environment")
    def test_inside_nothing_leads_to_real_credentials_or_endpoints(self):
        with mock_secrets() as backend:
            client = boto3.client("secretsmanager")
            credentials = boto3.Session().get_credentials()

            assert backend.region in client.meta.endpoint_url
            assert "my-" not in client.meta.endpoint_url
            assert "my-" not in credentials.access_key + credentials.secret_key + credentials.token

    def test_the_region_of_the_process_is_that_of_the_mock(self, monkeypatch):
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")

        with mock_secrets() as backend:
            assert backend.region == "eu-west-3"
            assert boto3.client("secretsmanager").meta.region_name == "eu-west-3"

    def test_a_process_without_a_region_is_in_us_east_1(self, monkeypatch):
        monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
        monkeypatch.delenv("AWS_REGION", raising=False)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)

        with mock_secrets() as backend:
            assert backend.region == "us-east-1"

    def test_the_default_session_is_in_the_region_of_each_mock(self):
        regions = []
        for region in ("eu-west-1", "eu-central-1"):
            with mock_secrets(region=region):
                regions.append(boto3.client("secretsmanager").meta.region_name)

        assert regions == ["eu-west-1", "eu-central-1"]

    @pytest.mark.parametrize("by", ["register", "register_first", "register_last"])
    def test_a_handler_on_the_default_session_does_not_reach_the_next_mock(self, by):
        seen = []
        with mock_secrets():
            boto3.client("secretsmanager")
            getattr(boto3.DEFAULT_SESSION.events, by)("before-call", lambda **_: seen.append("call"))
            create("db")
        with mock_secrets():
            create("db")

        assert seen == ["call"]

    def test_a_handler_taken_from_the_default_session_is_there_in_the_next_mock(self):
        added = next(entry[1] for entry in botocore.handlers.BUILTIN_HANDLERS if entry[0] == HOOKED)
        with mock_secrets() as first:
            boto3.DEFAULT_SESSION.events.unregister(HOOKED, added)
            session = boto3.DEFAULT_SESSION
        with mock_secrets(secrets={"db": "s3cret"}):
            assert boto3.DEFAULT_SESSION is not session
            assert read("db") == "s3cret"

        assert first.calls == []

    @pytest.mark.usefixtures("renewed")
    def test_a_configuration_of_the_default_session_does_not_reach_the_next_mock(self):
        with mock_secrets():
            boto3.DEFAULT_SESSION._session.set_config_variable("region", "ap-south-1")
        with mock_secrets(region="eu-west-1"):
            assert boto3.client("secretsmanager").meta.region_name == "eu-west-1"

    @pytest.mark.usefixtures("renewed")
    def test_credentials_set_on_the_default_session_do_not_reach_the_next_mock(self):
        with mock_secrets():
            boto3.DEFAULT_SESSION._session.set_credentials("AKIAMOCK444455556666", "mock-secrets")
        with mock_secrets(account_id="111122223333"):
            assert ":111122223333:" in create("db")["ARN"]


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


@pytest.fixture
def backend():
    """A backend that answers nobody, since its direct door works at any time."""
    return SecretsBackend(at=NEW_YEAR)


class TestDirectDoor:
    def test_what_was_created_is_there_by_name_and_by_arn(self, backend):
        made = backend.create("db", "s3cret", description="the database", tags={"team": "core"})

        assert backend["db"].arn == backend[made.arn].arn == made.arn
        assert backend[made.arn.rpartition("-")[0]].name == "db"
        assert (made.name, made.value, made.description, made.tags) == (
            "db",
            "s3cret",
            "the database",
            {"team": "core"},
        )
        assert (made.created_at, made.changed_at, made.deleted_at) == (NEW_YEAR, NEW_YEAR, None)

    def test_a_secret_can_be_created_without_a_value(self, backend):
        made = backend.create("db")

        assert (made.value, made.versions, made.stages) == (None, [], {})

    def test_creating_twice_is_the_error_of_aws(self, backend):
        backend.create("db", "s3cret")

        with pytest.raises(Exception, match=r"ResourceExistsException.*db"):
            backend.create("db", "s3cret")

    def test_a_token_becomes_the_id_of_the_version(self, backend):
        made = backend.create("db", "one", token="1" * 32)
        updated = made.update("two", token="2" * 32)
        put = made.put("three", token="3" * 32)

        assert [version.id for version in made.versions] == ["1" * 32, "2" * 32, "3" * 32]
        assert (updated.id, put.id) == ("2" * 32, "3" * 32)

    def test_an_update_moves_the_stages(self, backend):
        secret = backend.create("db", "one")
        backend.clock.advance(hours=1)

        secret.update("two")

        assert secret.value == "two"
        assert {label: version.value for label, version in secret.stages.items()} == {
            "AWSCURRENT": "two",
            "AWSPREVIOUS": "one",
        }
        assert [version.created_at.hour for version in secret.versions] == [0, 1]

    def test_a_put_takes_stages(self, backend):
        secret = backend.create("db", "one")

        pending = secret.put("two", stages=["AWSPENDING"])

        assert secret.value == "one"
        assert pending.stages == ("AWSPENDING",)
        assert secret.stages["AWSPENDING"].value == "two"

    def test_a_deprecated_version_has_no_stages(self, backend):
        secret = backend.create("db", "one")

        secret.update("two")
        secret.update("three")

        assert [(version.value, version.stages) for version in secret.versions] == [
            ("one", ()),
            ("two", ("AWSPREVIOUS",)),
            ("three", ("AWSCURRENT",)),
        ]

    @pytest.mark.parametrize(
        ("given", "value", "json"),
        [
            ('{"user": "app"}', '{"user": "app"}', {"user": "app"}),
            (b'{"user": "app"}', b'{"user": "app"}', {"user": "app"}),
            ({"user": "app"}, '{"user": "app"}', {"user": "app"}),
        ],
        ids=["str", "bytes", "mapping"],
    )
    def test_values_are_str_bytes_or_a_mapping_stored_as_json(self, given, value, json):
        backend = SecretsBackend(secrets={"seeded": given})
        backend.create("created", given)
        backend.create("updated", "old").update(given)
        backend.create("put", "old").put(given)

        assert [secret.value for secret in backend] == [value] * 4
        assert [secret.json for secret in backend] == [json] * 4

    def test_clients_read_what_it_wrote_and_it_reads_what_clients_wrote(self):
        with mock_secrets(secrets={"text": "s3cret", "bytes": b"s3cret"}) as backend:
            client = backend.client()
            client.update_secret(SecretId="text", SecretString="changed")

            assert backend["text"].value == "changed"
            assert client.get_secret_value(SecretId="bytes")["SecretBinary"] == b"s3cret"

    def test_it_is_not_counted_among_the_calls(self, backend):
        backend.create("db", "one").update("two")
        _ = backend["db"].value

        assert backend.calls == []

    def test_in_and_iteration(self, backend):
        arns = [backend.create(name, "s3cret").arn for name in ("b", "a", "c")]

        assert "a" in backend
        assert arns[0] in backend
        assert "d" not in backend
        assert [secret.name for secret in backend] == ["b", "a", "c"]

    def test_a_secret_can_be_created_while_iterating(self, backend):
        backend.create("one", "1")

        for secret in backend:
            backend.create(f"{secret.name}-copy", "2")

        assert [secret.name for secret in backend] == ["one", "one-copy"]

    def test_a_missing_name_is_a_key_error_that_lists_what_there_is(self, backend):
        backend.create("db", "s3cret")
        backend.create("api", "s3cret")

        with pytest.raises(KeyError) as caught:
            backend["bd"]

        assert str(caught.value) == "no secret 'bd' in us-east-1 of account 123456789012. Secrets there: 'api', 'db'"

    def test_a_missing_name_in_an_empty_backend_says_that_there_is_none(self, backend):
        with pytest.raises(KeyError, match="Secrets there: none"):
            backend["db"]

    def test_other_accounts_and_regions_are_apart(self, backend):
        here = backend.create("db", "here")
        there = backend.create("db", "there", account_id="111122223333", region="eu-west-1")

        assert backend["db"].arn == here.arn
        assert backend.secret("db", account_id="111122223333", region="eu-west-1").value == "there"
        assert there.arn.startswith("arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-")
        with pytest.raises(KeyError, match=r"eu-west-1 of account 123456789012"):
            backend.secret("db", region="eu-west-1")

    def test_no_repr_shows_a_value(self):
        with mock_secrets(secrets={"db": "hunter2", "api": b"hunter2"}) as backend:
            client = backend.client()
            client.update_secret(SecretId="db", SecretString="hunter2-again")
            client.put_secret_value(SecretId="api", SecretBinary=b"hunter2-again")

            shown = [
                repr(thing)
                for thing in (backend, list(backend), backend["db"], backend["db"].versions, backend["db"].stages)
            ]
            shown += [repr(backend.calls), str(backend.calls), repr([call.params for call in backend.calls])]
            shown += [repr(backend.options), f"{backend}", f"{backend['db']}", f"{backend.calls[0]}"]

        assert [text for text in shown if "hunter2" in text or "aHVudGVyM" in text] == []
        assert "2 secrets, 2 calls" in shown[0]

    def test_the_repr_of_a_secret_names_its_versions(self, backend):
        secret = backend.create("db", "one", token="1" * 32)

        assert repr(secret) == (f"<secret 'db' in us-east-1: <version {'1' * 32} AWSCURRENT of 2026-01-01 00:00:00>>")
        assert repr(backend.create("empty")) == "<secret 'empty' in us-east-1: no value>"


class TestClients:
    def test_a_client_is_in_the_account_and_region_of_the_backend(self):
        with mock_secrets(region="eu-west-1", account_id="111122223333") as backend:
            answer = backend.client().create_secret(Name="db", SecretString="s3cret")

        assert answer["ARN"].startswith("arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-")
        assert backend["db"].arn == answer["ARN"]

    def test_a_client_takes_what_boto3_takes(self):
        with mock_secrets() as backend:
            answer = backend.client(region_name="ap-south-1").create_secret(Name="db", SecretString="s3cret")

        assert ":ap-south-1:123456789012:" in answer["ARN"]

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            ({}, ":us-east-1:123456789012:"),
            ({"region": "eu-west-1"}, ":eu-west-1:123456789012:"),
            ({"account_id": "111122223333"}, ":us-east-1:111122223333:"),
            ({"account_id": "111122223333", "region": "eu-west-1"}, ":eu-west-1:111122223333:"),
        ],
    )
    def test_a_session_is_in_its_account_and_region(self, where, expected):
        with mock_secrets(region="us-east-1") as backend:
            answer = backend.session(**where).client("secretsmanager").create_secret(Name="db", SecretString="s3cret")

        assert expected in answer["ARN"]
        assert (backend.calls[0].region, backend.calls[0].account_id) == tuple(expected.strip(":").split(":"))

    def test_a_client_of_one_account_does_not_see_the_names_of_another(self):
        with mock_secrets(secrets={"db": "s3cret"}) as backend:
            client = backend.session(account_id="111122223333").client("secretsmanager")

            with pytest.raises(client.exceptions.ResourceNotFoundException):
                client.describe_secret(SecretId="db")


class TestCalls:
    def test_they_are_in_order_with_all_that_a_test_asks(self):
        with mock_secrets(region="eu-west-1", at=NEW_YEAR) as backend:
            client = backend.client()
            created = client.create_secret(Name="db", SecretString="s3cret")
            backend.clock.advance(minutes=1)
            client.get_secret_value(SecretId="db")

        create_call, get_call = backend.calls
        assert create_call.operation == "CreateSecret"
        assert create_call.params["SecretString"] == "s3cret"
        assert create_call.params["ClientRequestToken"] == created["VersionId"]
        assert (create_call.region, create_call.account_id) == ("eu-west-1", "123456789012")
        assert create_call.principal == "arn:aws:iam::123456789012:user/administrator"
        assert (create_call.attempt, create_call.error) == (1, None)
        assert create_call.request_id == created["ResponseMetadata"]["RequestId"]
        assert (get_call.operation, get_call.params) == ("GetSecretValue", {"SecretId": "db"})
        assert (get_call.at - create_call.at).total_seconds() == 60

    def test_an_error_is_kept_by_its_code(self):
        with mock_secrets() as backend:
            client = backend.client()
            with pytest.raises(client.exceptions.ResourceNotFoundException):
                client.get_secret_value(SecretId="db")
            with pytest.raises(client.exceptions.ClientError):
                client.create_secret(Name="bad name", SecretString="s3cret")

        assert [call.error for call in backend.calls] == ["ResourceNotFoundException", "ValidationException"]

    def test_of_finds_by_operation_and_parameters(self):
        with mock_secrets(secrets={"db": "s3cret", "api": "s3cret"}) as backend:
            client = backend.client()
            for name in ("db", "api", "db"):
                client.get_secret_value(SecretId=name)
            client.describe_secret(SecretId="db")
            client.update_secret(SecretId="db", SecretString="changed")

        assert len(backend.calls.of("GetSecretValue")) == 3
        assert len(backend.calls.of("GetSecretValue", SecretId="db")) == 2
        assert backend.calls.of("UpdateSecret", SecretId="db", SecretString="changed") == [backend.calls[-1]]
        assert backend.calls.of("GetSecretValue", SecretId="db", VersionStage="AWSCURRENT") == []
        assert backend.calls.of("DeleteSecret") == []

    def test_of_does_not_take_a_parameter_that_was_not_sent_for_one_that_is_none(self):
        with mock_secrets(secrets={"db": "s3cret"}) as backend:
            backend.client().get_secret_value(SecretId="db")

        assert backend.calls.of("GetSecretValue", VersionId=None) == backend.calls

    def test_a_retry_is_a_call_with_the_next_attempt_number(self):
        answers = iter([0, 0])
        with mock_secrets() as backend:
            client = backend.client()
            client.meta.events.register_first(
                "needs-retry.secrets-manager.CreateSecret", lambda **_: next(answers, None)
            )
            client.create_secret(Name="db", SecretString="s3cret")
            client.get_secret_value(SecretId="db")

        assert [(call.operation, call.attempt) for call in backend.calls] == [
            ("CreateSecret", 1),
            ("CreateSecret", 2),
            ("CreateSecret", 3),
            ("GetSecretValue", 1),
        ]
        assert len({call.request_id for call in backend.calls}) == 4
        assert len(backend["db"].versions) == 1


class TestSeed:
    def ids(self, **parameters):
        with mock_secrets(region="us-east-1", secrets={"seeded": "s3cret"}, **parameters) as backend:
            backend.client().create_secret(Name="db", SecretString="s3cret", ClientRequestToken="1" * 32)
            return [
                backend["seeded"].arn,
                backend["seeded"].versions[0].id,
                backend["db"].arn,
                backend.calls[0].request_id,
            ]

    @pytest.mark.parametrize("parameters", [{}, {"seed": 5}, {"seed": "mine"}])
    def test_the_same_seed_gives_the_same_ids(self, parameters):
        assert self.ids(**parameters) == self.ids(**parameters)

    def test_another_seed_gives_others(self):
        ids = [self.ids(seed=seed) for seed in (0, 1, "0", "mine")]

        assert all(len(set(same)) == 4 for same in zip(*ids, strict=True))
