"""Decorated plain classes: what set-up methods make, the same with the plugin and without it."""

import pytest

pytestmark = pytest.mark.parametrize("plugin", [(), ("-p", "no:mock_secrets")], ids=["plugin", "no-plugin"])


def test_each_test_has_a_savepoint_of_the_class_set_up(project, plugin):
    result = project.run(
        """
        @mock_secrets(region="eu-west-1")
        class TestIt:
            @classmethod
            def setup_class(cls):
                create("class")
                cls.backend = running()

            def setup_method(self):
                create("method")

            @pytest.fixture(autouse=True)
            def own(self):
                create("fixture")
                yield
                assert held() == ["body", "class", "fixture", "method"]

            @pytest.mark.parametrize("round", [1, 2])
            def test_it(self, round):
                assert running() is self.backend
                create("body")

            def teardown_method(self):
                assert held() == ["body", "class", "fixture", "method"]

            @classmethod
            def teardown_class(cls):
                assert running() is cls.backend
                assert held() == ["class"]

        def test_outside():
            assert running() is None
        """,
        *plugin,
    )

    result.assert_outcomes(passed=3)


def test_a_call_from_outside_pytest_also_has_a_mock(project, plugin):
    result = project.run(
        """
        seen = []

        @mock_secrets
        class TestIt:
            def test_it(self):
                seen.append(held())

        def test_call():
            TestIt().test_it()
            assert seen == [[], []]
            assert running() is None
        """,
        *plugin,
    )

    result.assert_outcomes(passed=2)
