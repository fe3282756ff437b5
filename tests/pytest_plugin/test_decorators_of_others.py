"""A decorator by somebody else around a decorated test: the same with the plugin and without it."""

import pytest
from project import output
from tables import rows

WRAPS = """
import functools

def outer(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        assert running() is None
        function(*args, **kwargs)
        assert running() is None
    return wrapper
"""

WITH_AND_WITHOUT = pytest.mark.parametrize("plugin", [(), ("-p", "no:mock_secrets")], ids=["plugin", "no-plugin"])


@WITH_AND_WITHOUT
class TestWithoutTheFixture:
    @rows("inner", ["@mock_secrets", "@outer\n@mock_secrets", "@mock_secrets(region='eu-west-1')"])
    def test_the_mock_surrounds_only_the_decorated_function(self, project, plugin, inner):
        result = project.run(
            f"{WRAPS}\n@outer\n{inner}\ndef test_it(tmp_path):\n    assert held() == []\n",
            *plugin,
        )

        result.assert_outcomes(passed=1)

    def test_a_decorated_method_has_the_mock_around_it_alone(self, project, plugin):
        result = project.run(
            WRAPS
            + """
class TestIt:
    @outer
    @mock_secrets
    def test_it(self):
        assert held() == []

import unittest

class Case(unittest.TestCase):
    @outer
    @mock_secrets
    def test_it(self):
        assert held() == []
""",
            *plugin,
        )

        result.assert_outcomes(passed=2)

    def test_our_decorator_around_a_foreign_one_still_works(self, project, plugin):
        result = project.run(
            WRAPS.replace("is None", "is not None") + "\n@mock_secrets\n@outer\ndef test_it():\n    pass\n", *plugin
        )

        result.assert_outcomes(passed=1)

    def test_our_decorator_twice_around_a_foreign_one_is_one_mock(self, project, plugin):
        result = project.run(
            WRAPS.replace("running() is None", "held() == ['db']")
            + "\n@mock_secrets(secrets={'db': '1'})\n@outer\n@mock_secrets\ndef test_it():\n    assert held() == ['db']\n",
            *plugin,
        )

        result.assert_outcomes(passed=1)

    def test_each_hypothesis_example_has_its_own_mock(self, project, plugin):
        result = project.run(
            """
            from hypothesis import given, settings, strategies

            @settings(max_examples=5, database=None)
            @given(strategies.integers())
            @mock_secrets
            def test_it(number):
                create("db")
            """,
            *plugin,
        )

        result.assert_outcomes(passed=1)


class TestWithTheFixture:
    def test_the_parameters_of_the_wrapped_function_are_the_fixtures(self, project):
        result = project.run(
            WRAPS.replace("is None", "is not None")
            + """
@outer
@mock_secrets(region="eu-west-1", secrets={"db": "s3cret"})
def test_it(secrets_backend):
    assert running() is secrets_backend
    assert secrets_backend.region == "eu-west-1"
    assert held() == ["db"]

@pytest.mark.mock_secrets(account_id="111122223333")
@outer
@mock_secrets(region="eu-west-1")
def test_marker():
    assert (running().region, running().account_id) == ("eu-west-1", "111122223333")
"""
        )

        result.assert_outcomes(passed=2)

    @WITH_AND_WITHOUT
    def test_two_contradicting_decorators_of_ours_are_still_an_error(self, project, plugin):
        result = project.run(
            WRAPS.replace("is None", "is not None")
            + "\n@mock_secrets(region='eu-west-1')\n@outer\n@mock_secrets(region='eu-west-2')\ndef test_it(): pass\n",
            *plugin,
        )

        result.assert_outcomes(failed=1)
        assert "region='eu-west-2'" in output(result)
        assert "region='eu-west-1'" in output(result)
