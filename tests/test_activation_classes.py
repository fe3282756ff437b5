"""The mock around plain test classes."""

import unittest

import pytest
from inside import create, held, read
from tables import rows

from mock_secrets import SecretsBackend, mock_secrets
from mock_secrets.activation import running


class Inherited:
    def test_an_inherited_test_runs_inside_the_mock(self):
        assert held() == ["db"]


@mock_secrets(secrets={"db": "s3cret"})
class TestPlainClass(Inherited):
    @pytest.fixture
    def made_in_the_class(self):
        create("made-in-the-class")

    def test_a_method_of_a_decorated_class_runs_inside_the_mock(self):
        assert held() == ["db"]

    def test_a_method_of_a_decorated_class_can_request_the_backend(self, secrets_backend):
        assert secrets_backend is running()

    def test_a_fixture_of_a_decorated_class_runs_inside_the_mock(self, made_in_the_class):
        assert held() == ["db", "made-in-the-class"]

    @rows("name", ["one", "two"])
    def test_each_test_of_a_decorated_class_starts_with_fresh_state(self, name):
        create(name)

        assert held() == sorted(["db", name])

    @staticmethod
    def test_a_static_method_runs_inside_the_mock():
        assert held() == ["db"]

    @classmethod
    def test_a_class_method_runs_inside_the_mock(cls):
        assert held() == ["db"]

    @pytest.mark.asyncio
    async def test_an_async_method_runs_inside_the_mock(self):
        assert held() == ["db"]


@mock_secrets
class TestPlainClassWithSetupMethod:
    def setup_method(self):
        create("from-setup")

    def teardown_method(self):
        assert "from-setup" in held()

    @rows("name", ["one", "two"])
    def test_setup_method_runs_inside_a_fresh_mock_for_each_test(self, name):
        create(name)

        assert held() == sorted(["from-setup", name])


@mock_secrets
class TestPlainClassWithSetupMethodThatTakesTheMethod:
    def setup_method(self, method):
        create(method.__name__)

    def teardown_method(self, method):
        assert held() == [method.__name__]

    def test_setup_method_receives_the_test_method(self):
        assert held() == ["test_setup_method_receives_the_test_method"]


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


def test_decorating_a_class_returns_the_same_class():
    class TestApplication:
        def test_it(self): ...

    assert mock_secrets(TestApplication) is TestApplication


def test_decorating_a_class_leaves_its_base_alone():
    class Base:
        def test_it(self):
            return running()

    @mock_secrets
    class Derived(Base):
        pass

    assert isinstance(Derived().test_it(), SecretsBackend)
    assert Base().test_it() is None


def test_decorating_a_class_changes_only_its_tests():
    @mock_secrets
    class TestApplication:
        testing = "a string"

        def helper(self):
            return running()

        def test_it(self): ...

    tests = TestApplication()

    assert tests.testing == "a string"
    assert tests.helper() is None


class TestClassWithoutTests:
    def test_a_class_without_tests_is_refused_with_advice(self):
        class Application:
            testing = "a string"

            def helper(self): ...

        with pytest.raises(
            TypeError, match=r"Application has no tests: .* Decorate .* or use a with block: with mock_secrets"
        ):
            mock_secrets(Application)
        assert Application().helper() is None

    def test_a_class_with_only_inherited_or_nested_tests_can_be_decorated(self):
        class Derived(Inherited): ...

        class Outer:
            class TestInner:
                def test_it(self): ...

        assert [mock_secrets(Derived), mock_secrets(Outer)] == [Derived, Outer]

    def test_a_unittest_case_without_tests_of_its_own_can_be_decorated(self):
        class Case(unittest.TestCase): ...

        assert mock_secrets(Case) is Case


@mock_secrets(secrets={"db": "s3cret"})
class TestOuter:
    def test_a_test_beside_a_nested_class_runs_inside_the_mock(self):
        assert held() == ["db"]

    class TestInner:
        def test_a_test_of_a_nested_class_runs_inside_the_mock(self):
            assert held() == ["db"]


@mock_secrets
class Base:
    def test_a_test_of_a_decorated_base_runs_inside_the_mock(self):
        assert held() in ([], ["set-up"])


class TestTearDownAlone(Base):
    def teardown_method(self):
        assert held() == []

    def test_a_subclass_of_a_decorated_base_may_add_a_teardown(self):
        assert held() == []


class TestSetUpAlone(Base):
    def setup_method(self):
        create("set-up")

    def test_a_subclass_of_a_decorated_base_may_add_a_setup(self):
        assert held() == ["set-up"]


def test_no_mock_is_left_running_after_the_decorated_classes():
    assert running() is None
