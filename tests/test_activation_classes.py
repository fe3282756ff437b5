"""The mock around plain test classes."""

import unittest

import pytest
from inside import create, held

from mock_secrets import SecretsBackend, mock_secrets
from mock_secrets.activation import running


@mock_secrets(secrets={"db": "s3cret"})
class TestPlainClass:
    def test_a_method_of_a_decorated_class_can_request_the_backend(self, secrets_backend):
        assert secrets_backend is running()
        assert held() == ["db"]


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
        class Base:
            def test_it(self): ...

        class Derived(Base): ...

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
