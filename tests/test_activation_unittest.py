"""Decorated ``unittest`` classes, run by unittest's own runner and by pytest."""

import io
import unittest

import boto3
from tables import rows

from mock_secrets import mock_secrets
from mock_secrets.activation import running


def create(name, value="s3cret"):
    return boto3.client("secretsmanager").create_secret(Name=name, SecretString=value)


def read(name):
    return boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]


def held():
    """The names of the secrets in the backend that runs; None where none does."""
    backend = running()
    return None if backend is None else sorted(secret.name for secret in backend)


def run(*cases):
    """The result of test cases, in their order, in unittest's own runner."""
    loader = unittest.TestLoader()
    suite = unittest.TestSuite(loader.loadTestsFromTestCase(case) for case in cases)
    return unittest.TextTestRunner(stream=io.StringIO()).run(suite)


def problems(result):
    return [text for _, text in [*result.errors, *result.failures]]


class TestUnderUnittest:
    def test_each_unittest_test_runs_inside_a_fresh_mock(self):
        seen = []

        @mock_secrets(secrets={"db": "s3cret"})
        class Case(unittest.TestCase):
            def test_one(self):
                seen.append(held())
                create("one")

            def test_two(self):
                seen.append(held())
                create("two")

        result = run(Case)

        assert problems(result) == []
        assert seen == [["db"], ["db"]]
        assert running() is None

    def test_set_up_test_tear_down_and_cleanups_share_one_mock(self):
        seen = []

        @mock_secrets
        class Case(unittest.TestCase):
            def setUp(self):
                self.addCleanup(lambda: seen.append(held()))
                create("a-set-up")

            def tearDown(self):
                create("c-tear-down")

            def test_it(self):
                create("b-test")

        result = run(Case)

        assert problems(result) == []
        assert seen == [["a-set-up", "b-test", "c-tear-down"]]

    def test_secrets_created_in_set_up_class_exist_in_every_test(self):
        seen = []

        @mock_secrets
        class Case(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                create("from-the-class")

            def test_one(self):
                seen.append(read("from-the-class"))

            def test_two(self):
                seen.append(read("from-the-class"))

            @classmethod
            def tearDownClass(cls):
                seen.append(read("from-the-class"))

        result = run(Case)

        assert problems(result) == []
        assert seen == ["s3cret"] * 3
        assert running() is None

    def test_class_cleanups_run_inside_the_mock(self):
        seen = []

        @mock_secrets
        class Case(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.addClassCleanup(lambda: seen.append(held()))
                create("from-the-class")

            def test_it(self):
                pass

        result = run(Case)

        assert problems(result) == []
        assert seen == [["from-the-class"]]
        assert running() is None

    def test_a_failing_set_up_class_ends_the_mock(self):
        @mock_secrets
        class Case(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                raise LookupError("mine")

            def test_it(self):
                pass

        result = run(Case)

        assert len(result.errors) == 1
        assert "LookupError: mine" in problems(result)[0]
        assert running() is None

    @rows("place", ["setUp", "test_it", "tearDown"])
    def test_a_failure_in_set_up_test_or_tear_down_ends_the_mock(self, place):
        def fail(self):
            raise LookupError("mine")

        class Case(unittest.TestCase):
            def test_it(self):
                pass

        setattr(Case, place, fail)

        result = run(mock_secrets(Case))

        assert len(result.errors) == 1
        assert "LookupError: mine" in problems(result)[0]
        assert running() is None

    def test_two_classes_with_set_up_class_do_not_share_state(self):
        seen = []

        class Base(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                create("from-the-class")

            def test_it(self):
                seen.append(held())

        first = mock_secrets(type("First", (Base,), {}))
        second = mock_secrets(type("Second", (Base,), {}))

        result = run(first, second)

        assert problems(result) == []
        assert seen == [["from-the-class"], ["from-the-class"]]

    def test_inherited_unittest_tests_and_set_up_run_inside_the_mock(self):
        seen = []

        class Base(unittest.TestCase):
            def setUp(self):
                create("from-the-base")

            def test_inherited(self):
                seen.append(held())

        @mock_secrets
        class Case(Base):
            def setUp(self):
                super().setUp()
                create("from-the-case")

        result = run(Case)

        assert problems(result) == []
        assert seen == [["from-the-base", "from-the-case"]]

    def test_decorating_a_class_leaves_its_base_alone(self):
        seen = []

        class Base(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                seen.append(held())

            def test_it(self):
                seen.append(held())

        @mock_secrets
        class Case(Base):
            pass

        result = run(Base, Case)

        assert problems(result) == []
        assert seen == [None, None, [], []]

    def test_a_subclass_of_a_decorated_unittest_class_runs_inside_the_mock(self):
        seen = []

        @mock_secrets
        class Base(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                create("from-the-base")

        class Case(Base):
            def test_it(self):
                seen.append(held())

        result = run(Case)

        assert problems(result) == []
        assert seen == [["from-the-base"]]
        assert running() is None

    def test_a_set_up_class_added_by_a_subclass_runs_inside_the_mock(self):
        seen = []

        @mock_secrets
        class Base(unittest.TestCase):
            pass

        class Case(Base):
            @classmethod
            def setUpClass(cls):
                seen.append(held())

            def test_it(self):
                seen.append(held())

        result = run(Case)

        assert problems(result) == []
        assert seen == [[], []]

    def test_a_decorated_class_and_its_decorated_base_share_one_mock(self):
        seen = []

        @mock_secrets(secrets={"base": "1"})
        class Base(unittest.TestCase):
            pass

        @mock_secrets(secrets={"case": "2"})
        class Case(Base):
            def test_it(self):
                seen.append(held())

        result = run(Case)

        assert problems(result) == []
        assert seen == [["base", "case"]]

    def test_a_decorated_unittest_method_gets_the_backend(self):
        seen = []

        class Case(unittest.TestCase):
            @mock_secrets(region="eu-west-1")
            def test_it(self, secrets_backend):
                seen.append((secrets_backend is running(), secrets_backend.region))

        result = run(Case)

        assert problems(result) == []
        assert seen == [(True, "eu-west-1")]

    def test_skips_and_expected_failures_of_a_decorated_class_keep_their_outcome(self):
        @mock_secrets
        class Case(unittest.TestCase):
            @unittest.skip("not now")
            def test_skipped(self):
                raise AssertionError

            @unittest.expectedFailure
            def test_expected(self):
                raise AssertionError

        result = run(Case)

        assert (len(result.skipped), len(result.expectedFailures), result.wasSuccessful()) == (1, 1, True)

    def test_an_async_unittest_case_shares_one_mock_from_set_up_to_cleanups(self):
        seen = []

        @mock_secrets
        class Case(unittest.IsolatedAsyncioTestCase):
            async def asyncSetUp(self):
                async def clean_up():
                    seen.append(held())

                self.addAsyncCleanup(clean_up)
                create("a-set-up")

            async def asyncTearDown(self):
                create("c-tear-down")

            async def test_it(self):
                create("b-test")

        result = run(Case)

        assert problems(result) == []
        assert seen == [["a-set-up", "b-test", "c-tear-down"]]
        assert running() is None

    def test_each_test_of_an_async_unittest_case_has_a_fresh_mock(self):
        seen = []

        @mock_secrets
        class Case(unittest.IsolatedAsyncioTestCase):
            async def test_one(self):
                create("one")
                seen.append(held())

            async def test_two(self):
                create("two")
                seen.append(held())

        result = run(Case)

        assert problems(result) == []
        assert seen == [["one"], ["two"]]

    def test_start_in_set_up_and_stop_as_a_cleanup_work_together(self):
        seen = []

        class Case(unittest.TestCase):
            def setUp(self):
                activation = mock_secrets()
                self.backend = activation.start()
                self.addCleanup(activation.stop)

            def test_it(self):
                create("db")
                seen.append([call.operation for call in self.backend.calls])

        result = run(Case)

        assert problems(result) == []
        assert seen == [["CreateSecret"]]
        assert running() is None


@mock_secrets(secrets={"db": "s3cret"})
class UnderPytest(unittest.TestCase):
    def setUp(self):
        self.addCleanup(held)
        create("from-set-up")

    def tearDown(self):
        assert "from-set-up" in held()

    def test_the_first_unittest_test_under_pytest_has_fresh_state(self):
        create("one")

        assert held() == ["db", "from-set-up", "one"]

    def test_the_second_unittest_test_under_pytest_has_fresh_state(self):
        create("two")

        assert held() == ["db", "from-set-up", "two"]


@mock_secrets
class SetUpClassUnderPytest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        create("from-the-class")

    def test_what_it_made_is_in_the_first_test(self):
        assert read("from-the-class") == "s3cret"

    def test_what_it_made_is_in_the_second_test(self):
        assert read("from-the-class") == "s3cret"

    @classmethod
    def tearDownClass(cls):
        assert held() == ["from-the-class"]


@mock_secrets
class AsyncUnderPytest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        create("from-set-up")

    async def test_set_up_of_an_async_unittest_case_runs_inside_the_mock(self):
        assert held() == ["from-set-up"]


def test_no_mock_is_left_running_after_the_unittest_classes():
    assert running() is None
