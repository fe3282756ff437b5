"""Decorated cases of unittest: what a class shares and what each test gets, the same under every runner."""

import io
import sys
import unittest
from textwrap import dedent
from types import ModuleType

from project import HEAD
from tables import rows

from mock_secrets.activation import running

CASES = {
    "each test has a mock of its own": """
        @mock_secrets(secrets={"db": "s3cret"})
        class Case(unittest.TestCase):
            def setUp(self):
                self.addCleanup(lambda: self.assertEqual(held(), ["body", "db", "set-up", "tear-down"]))
                create("set-up")

            def tearDown(self):
                create("tear-down")

            def test_a(self):
                self.assertIs(self.secrets_backend, running())
                create("body")

            test_b = test_a
        """,
    "what setUpClass makes is there in each test, which has a savepoint of it": """
        @mock_secrets(region="eu-west-1")
        class Case(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.shared = cls.secrets_backend
                cls.client = boto3.client("secretsmanager")
                cls.client.create_secret(Name="class", SecretString="s3cret")
                cls.addClassCleanup(cls.clean_up_class)

            def setUp(self):
                create("set-up")

            def test_a(self):
                self.assertIs(self.secrets_backend, self.shared)
                self.assertEqual(read("class"), "s3cret")
                self.assertEqual(held(), ["class", "set-up"])
                self.assertEqual([call.operation for call in running().calls], [*["CreateSecret"] * 2, "GetSecretValue"])
                self.client.update_secret(SecretId="class", SecretString="changed")
                running().clock.advance(days=365)
                create("body")

            test_b = test_a

            @classmethod
            def tearDownClass(cls):
                assert held() == ["class"]
                assert cls.client.get_secret_value(SecretId="class")["SecretString"] == "s3cret"

            @classmethod
            def clean_up_class(cls):
                assert held() == ["class"]
        """,
    "a savepoint ends however the test does": """
        @mock_secrets
        class Case(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                create("class")

            @unittest.expectedFailure
            def test_a(self):
                create("body")
                self.fail()

            def test_b(self):
                self.assertEqual(held(), ["class"])
                create("body")
                self.skipTest("later")

            def test_c(self):
                self.assertEqual(held(), ["class"])

            @unittest.skip("later")
            def test_d(self):
                self.fail()
        """,
    "subtests of one test share": """
        @mock_secrets
        class Case(unittest.TestCase):
            def test_a(self):
                for number in range(3):
                    with self.subTest(number=number):
                        create(f"db-{number}")
                        self.assertEqual(len(held()), number + 1)

            def test_b(self):
                self.assertEqual(held(), [])
        """,
    "an async case": """
        @mock_secrets
        class Case(unittest.IsolatedAsyncioTestCase):
            @classmethod
            def setUpClass(cls):
                create("class")

            async def asyncSetUp(self):
                create("set-up")
                self.addAsyncCleanup(self.clean_up)

            async def clean_up(self):
                self.assertEqual(held(), ["body", "class", "set-up"])

            async def test_a(self):
                self.assertIs(self.secrets_backend, running())
                self.assertEqual(held(), ["class", "set-up"])
                create("body")

            test_b = test_a
        """,
    "subclasses bring the tests and the set-up": """
        @mock_secrets(secrets={"base": "s3cret"})
        class Base(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                create("base-class")

        class One(Base):
            def test_a(self):
                self.assertEqual(held(), ["base", "base-class"])
                create("body")

            test_b = test_a

        class Two(One):
            @classmethod
            def setUpClass(cls):
                super().setUpClass()
                create("two")

            def test_a(self):
                self.assertEqual(held(), ["base", "base-class", "two"])
                create("body")

            test_b = test_a

        class WithoutBase(unittest.TestCase):
            def test_a(self):
                self.assertIsNone(running())
        """,
    "the base of a decorated class stays as it was": """
        class Base(unittest.TestCase):
            is_mocked = False

            @classmethod
            def setUpClass(cls):
                assert (running() is not None) == cls.is_mocked

            def test_a(self):
                self.assertEqual(running() is not None, self.is_mocked)

        @mock_secrets
        class Case(Base):
            is_mocked = True
        """,
    "subclasses of a decorated class, one decorated too and one with a set-up of its own": """
        @mock_secrets(secrets={"base": "s3cret"})
        class Base(unittest.TestCase):
            pass

        @mock_secrets(secrets={"case": "s3cret"})
        class Case(Base):
            def test_a(self):
                self.assertEqual(held(), ["base", "case"])
                create("body")

            test_b = test_a

        class SetsUp(Base):
            @classmethod
            def setUpClass(cls):
                create("class")

            def test_a(self):
                self.assertEqual(held(), ["base", "class"])
                create("body")

            test_b = test_a
        """,
    "what setUpModule begins is there in each test, which has a savepoint of it": """
        activation = mock_secrets(secrets={"module": "s3cret"})

        def setUpModule():
            activation.start()

        def tearDownModule():
            assert held() == ["class", "module"]
            activation.stop()

        @mock_secrets
        class One(unittest.TestCase):
            def test_a(self):
                self.assertEqual([name for name in held() if name != "class"], ["module"])
                create("body")

            test_b = test_a

        @mock_secrets
        class Two(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                create("class")

            def test_a(self):
                self.assertEqual(held(), ["class", "module"])
                create("body")

            test_b = test_a
        """,
    "a method alone": """
        class Case(unittest.TestCase):
            @mock_secrets(secrets={"db": "s3cret"})
            def test_a(self, secrets_backend):
                self.assertIs(secrets_backend, running())
                self.assertEqual(held(), ["db"])

            def test_b(self):
                self.assertIsNone(running())
        """,
}


def by_unittest(source):
    """What went wrong in the cases of a module, in unittest's own runner."""
    module = ModuleType("cases_of_unittest")
    sys.modules[module.__name__] = module
    try:
        exec(source, vars(module))  # noqa: S102 - a module of this file's
        suite = unittest.defaultTestLoader.loadTestsFromModule(module)
        result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
    finally:
        del sys.modules[module.__name__]
    return [problem for _, problem in [*result.errors, *result.failures]]


def source_of(case):
    return f"import unittest\n{HEAD}\n{dedent(case)}"


@rows("plugin", [(), ("-p", "no:mock_secrets")])
def test_pytest_runs_them_with_and_without_the_plugin(project, plugin):
    result = project.run([source_of(case) for case in CASES.values()], *plugin)

    outcomes = result.parseoutcomes()
    assert outcomes["passed"] >= len(CASES)
    assert outcomes.keys() <= {"passed", "skipped", "xfailed", "subtests passed"}
    assert running() is None


def test_the_unittest_command_runs_them(pytester):
    for number, case in enumerate(CASES.values()):
        pytester.makepyfile(**{f"test_{number}": source_of(case)})

    result = pytester.run(sys.executable, "-W", "error", "-m", "unittest")

    assert result.ret == 0, result.stderr.str()


@rows("place", ["setUpClass", "setUp", "test_a", "tearDown"])
def test_a_failure_anywhere_in_a_case_is_reported_and_ends_the_mock(place):
    [problem] = by_unittest(
        source_of(f"""
        class Case(unittest.TestCase):
            def test_a(self): pass

        def fail(*_):
            raise LookupError("mine")

        Case.{place} = classmethod(fail)
        mock_secrets(Case)
        """)
    )

    assert "LookupError: mine" in problem
    assert running() is None


def test_a_contradiction_fails_only_its_own_test():
    problems = by_unittest(
        source_of("""
        def setUpModule():
            activation.start()

        def tearDownModule():
            activation.stop()

        activation = mock_secrets(region="eu-west-1")

        @mock_secrets(region="eu-west-2")
        class Contradicts(unittest.TestCase):
            def test_a(self): pass

        @mock_secrets
        class Joins(unittest.TestCase):
            def test_a(self):
                self.assertEqual(running().region, "eu-west-1")
        """)
    )

    assert len(problems) == 1
    assert "region='eu-west-2'" in problems[0]
    assert "started by <string>" in problems[0]
