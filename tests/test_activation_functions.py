"""The mock around functions of every kind: what it wraps stays what it was."""

import inspect

import boto3
import pytest
from inside import create, held, read
from tables import rows

from mock_secrets import mock_secrets
from mock_secrets.activation import running


class TestFunctions:
    def test_a_bare_decorator_activates_the_mock_only_during_the_call(self):
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

    def test_a_decorator_with_empty_parentheses_works_like_a_bare_one(self):
        @mock_secrets()
        def application():
            return held()

        assert application() == []

    def test_a_decorated_function_passes_on_its_arguments_and_result(self):
        @mock_secrets
        def application(first, /, second, *rest, third, **others):
            return first, second, rest, third, others

        assert application(1, 2, 3, third=4, fourth=5) == (1, 2, (3,), 4, {"fourth": 5})

    def test_a_decorated_function_keeps_its_name_docstring_signature_and_module(self):
        def application(client, *, name: str = "db") -> str:
            """Reads it."""

        wrapped = mock_secrets(application)

        assert wrapped.__name__ == "application"
        assert wrapped.__doc__ == "Reads it."
        assert wrapped.__module__ == __name__
        assert wrapped.__wrapped__ is application
        assert inspect.signature(wrapped) == inspect.signature(application)

    @rows(
        "kind",
        [
            inspect.isfunction,
            inspect.iscoroutinefunction,
            inspect.isgeneratorfunction,
            inspect.isasyncgenfunction,
        ],
    )
    def test_a_decorated_function_stays_a_coroutine_or_generator_function(self, kind):
        def plain(): ...

        async def coroutine(): ...

        def generator():
            yield

        async def async_generator():
            yield

        functions = [plain, coroutine, generator, async_generator]

        assert [kind(mock_secrets(function)) for function in functions] == [kind(function) for function in functions]

    def test_each_call_of_a_decorated_function_has_a_fresh_backend(self):
        @mock_secrets
        def application():
            before = held()
            create("db")
            return before

        assert [application(), application()] == [[], []]

    def test_an_exception_in_a_decorated_function_is_raised_and_ends_the_mock(self):
        @mock_secrets
        def application():
            raise LookupError("mine")

        with pytest.raises(LookupError, match="mine"):
            application()
        assert running() is None

    def test_the_decorator_works_both_above_and_below_staticmethod(self):
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
    async def test_a_coroutine_starts_its_mock_only_when_awaited(self):
        @mock_secrets
        async def application():
            return held()

        waiting = application()

        assert running() is None
        assert await waiting == []

    @pytest.mark.asyncio
    async def test_an_exception_in_a_coroutine_ends_the_mock(self):
        @mock_secrets
        async def application():
            raise LookupError("mine")

        with pytest.raises(LookupError, match="mine"):
            await application()
        assert running() is None


class TestGenerators:
    def test_values_sent_to_and_returned_by_a_decorated_generator_are_passed_on(self):
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
    @pytest.mark.asyncio
    async def test_values_sent_to_a_decorated_async_generator_are_passed_on(self):
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
