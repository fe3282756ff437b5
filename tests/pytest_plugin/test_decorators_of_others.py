"""A decorator by somebody else around a decorated test: the same with the plugin and without it."""

import pytest
from project import output

# Around a test that is in no mock there, and around one that is.
WRAPS = """
import functools
import unittest
from hypothesis import given, settings, strategies

def wraps(is_mocked):
    def outer(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            assert (running() is not None) is is_mocked
            function(*args, **kwargs)
            assert (running() is not None) is is_mocked
        return wrapper
    return outer

outside, inside = wraps(False), wraps(True)
"""


@pytest.mark.parametrize("plugin", [(), ("-p", "no:mock_secrets")], ids=["plugin", "no-plugin"])
def test_the_mock_surrounds_only_what_our_decorator_is_around(project, plugin):
    result = project.run(
        WRAPS
        + """
@outside
@mock_secrets
def test_decorated_below(tmp_path):
    assert held() == []

@outside
@outside
@mock_secrets
def test_decorated_below_two(tmp_path):
    assert held() == []

@outside
@mock_secrets(region="eu-west-1")
def test_decorated_below_with_parameters(tmp_path):
    assert held() == []

class TestIt:
    @outside
    @mock_secrets
    def test_method(self):
        assert held() == []

class Case(unittest.TestCase):
    @outside
    @mock_secrets
    def test_method_of_a_case(self):
        assert held() == []

@mock_secrets
@inside
def test_decorated_above():
    pass

@mock_secrets(secrets={"db": "1"})
@inside
@mock_secrets
def test_decorated_above_and_below():
    assert held() == ["db"]

@settings(max_examples=5, database=None)
@given(strategies.integers())
@mock_secrets
def test_each_hypothesis_example_has_its_own_mock(number):
    create("db")

@mock_secrets(region="eu-west-1")
@inside
@mock_secrets(region="eu-west-2")
def test_contradiction():
    pass
""",
        *plugin,
    )

    result.assert_outcomes(passed=8, failed=1)
    assert "region='eu-west-2'" in output(result)
    assert "region='eu-west-1'" in output(result)


def test_with_the_fixture_the_parameters_of_the_wrapped_function_are_in_force_around_it(project):
    result = project.run(
        WRAPS
        + """
@inside
@mock_secrets(region="eu-west-1", secrets={"db": "s3cret"})
def test_it(secrets_backend):
    assert running() is secrets_backend
    assert secrets_backend.region == "eu-west-1"
    assert held() == ["db"]

@pytest.mark.mock_secrets(account_id="111122223333")
@inside
@mock_secrets(region="eu-west-1")
def test_marker():
    assert (running().region, running().account_id) == ("eu-west-1", "111122223333")
"""
    )

    result.assert_outcomes(passed=2)
