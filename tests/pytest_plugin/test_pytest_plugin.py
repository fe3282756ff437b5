"""The fixtures of the plugin, its help, and what it costs."""

import sys

from project import QUICK

import mock_secrets.activation


class TestFixtures:
    def test_the_function_scope_is_fresh_in_each_test_and_ends_even_if_it_fails(self, project):
        result = project.run("""
            @pytest.mark.parametrize("name", ["one", "two"])
            def test_it(secrets_backend, name):
                create(name)
                assert held() == [name]
                assert secrets_backend is running()

            def test_fails(secrets_backend):
                assert False

            def test_no_mock_is_active_without_it():
                assert running() is None
        """)

        result.assert_outcomes(passed=3, failed=1)

    def test_the_class_scope_keeps_its_state_for_the_class(self, project):
        result = project.run("""
            class TestOne:
                def test_first(self, class_secrets_backend):
                    create("one")

                def test_second(self, class_secrets_backend):
                    assert held() == ["one"]

            class TestTwo:
                def test_it(self, class_secrets_backend):
                    assert held() == []

            def test_no_mock_is_active_after_it():
                assert running() is None
        """)

        result.assert_outcomes(passed=4)

    def test_the_module_scope_keeps_its_state_for_the_module(self, project):
        project.pytester.makepyfile(
            test_a="""
            from mock_secrets.activation import running

            def test_first(module_secrets_backend):
                module_secrets_backend.create("one", "s3cret")

            class TestOne:
                def test_second(self, module_secrets_backend):
                    assert "one" in module_secrets_backend
            """,
            test_b="""
            from mock_secrets.activation import running

            def test_no_mock_is_active_after_it():
                assert running() is None

            def test_it(module_secrets_backend):
                assert list(module_secrets_backend) == []
            """,
        )

        result = project.pytester.runpytest_inprocess(*QUICK)

        result.assert_outcomes(passed=4)

    def test_the_package_scope_keeps_its_state_for_the_package_that_imports_it(self, project):
        """For pytest the package of a fixture is the one that defines it, and of a plugin's fixture the whole run."""
        first = "def test_it(package_secrets_backend): package_secrets_backend.create('one', 's3cret')"
        second = "def test_it(package_secrets_backend): assert 'one' in package_secrets_backend"
        other = "def test_it(package_secrets_backend): assert 'one' not in package_secrets_backend"
        for package, modules in {"a": [first, second], "b": [other]}.items():
            folder = project.pytester.mkpydir(package)
            (folder / "conftest.py").write_text("from mock_secrets.pytest_plugin import package_secrets_backend")
            for number, source in enumerate(modules):
                (folder / f"test_{number}.py").write_text(source)

        result = project.pytester.runpytest_inprocess(*QUICK)

        result.assert_outcomes(passed=3)

    def test_the_session_scope_keeps_its_state_for_the_run(self, project):
        project.pytester.makepyfile(
            test_a="def test_it(session_secrets_backend): session_secrets_backend.create('one', 's3cret')",
            test_b="def test_it(session_secrets_backend): assert 'one' in session_secrets_backend",
        )

        result = project.pytester.runpytest_inprocess(*QUICK)

        result.assert_outcomes(passed=2)

    def test_each_twin_fixture_has_its_own_backend_and_the_narrowest_answers(self, project):
        result = project.run("""
            def test_it(session_secrets_backend, module_secrets_backend, class_secrets_backend, secrets_backend):
                create("one")
                assert running() is secrets_backend is class_secrets_backend
                assert len({id(session_secrets_backend), id(module_secrets_backend), id(class_secrets_backend)}) == 3
                assert ("one" in module_secrets_backend, "one" in class_secrets_backend) == (False, True)

            def test_what_it_made_is_gone(class_secrets_backend):
                assert held() == []
        """)

        result.assert_outcomes(passed=2)

    def test_the_client_belongs_to_the_backend(self, project):
        result = project.run("""
            @pytest.mark.mock_secrets(region="eu-west-1", secrets={"db": "s3cret"})
            def test_it(secrets_client):
                assert secrets_client.meta.region_name == "eu-west-1"
                assert secrets_client.get_secret_value(SecretId="db")["SecretString"] == "s3cret"
                assert [call.operation for call in running().calls] == ["GetSecretValue"]
        """)

        result.assert_outcomes(passed=1)


class TestCost:
    def test_loading_the_plugin_imports_neither_botocore_nor_boto3(self, pytester):
        pytester.makepyfile("def test_it(): pass")
        pytester.makeconftest("""
            import sys

            def heavy():
                return sorted({"botocore", "boto3", "freezegun", "mock_secrets.activation"} & sys.modules.keys())

            def pytest_sessionstart():
                print("loaded at start:", heavy(), "mock_secrets.pytest_plugin" in sys.modules)

            def pytest_sessionfinish():
                print("loaded at end:", heavy())
        """)

        result = pytester.runpytest_subprocess("-s", *QUICK)

        result.stdout.fnmatch_lines(["loaded at start: *[[]] True", "*loaded at end: *[[]]"])

    def test_the_plugin_is_registered_under_its_name(self, pytestconfig):
        plugin = pytestconfig.pluginmanager.get_plugin("mock_secrets")

        assert plugin is sys.modules["mock_secrets.pytest_plugin"]


def test_no_project_left_a_mock_behind():
    assert mock_secrets.activation.running() is None
