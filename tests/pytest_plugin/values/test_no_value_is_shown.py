"""Ways to fail, from every entrance and in every kind of test: no output of pytest shows a value.

The values are put together where they are used, so that no line of source in a report holds one.
"""

import base64
import json
import re
from textwrap import dedent, indent

import pytest
from project import WITH_ASYNCIO, output
from tables import rows

TEXT = "correct-horse-battery"
PASSWORD = 'it\'s "hunter\\2" né'
LINES = "-----BEGIN KEY-----\nfirst-line-of-it\nsecond-line-of-it\n-----END KEY-----"
LONG = " ".join(f"staple{number}" for number in range(80))
DOCUMENT = json.dumps({"password": PASSWORD, "host": "db.internal"})
BINARY = b"\xff\xfe-not-a-text"

HEAD = r"""
import asyncio, base64, dataclasses, json, logging, sys, threading, traceback, typing, unittest, warnings
import boto3
import pytest
from mock_secrets import mock_secrets
from mock_secrets.activation import running

TEXT = "correct-" + "horse-battery"
PASSWORD = "it's \"hun" + "ter\\2\" né"
LINES = "\n".join(["-----BEGIN" + " KEY-----", "first-" + "line-of-it", "second-" + "line-of-it", "-----END" + " KEY-----"])
LONG = " ".join("staple%d" % number for number in range(80))
DOCUMENT = json.dumps({"password": PASSWORD, "host": "db." + "internal"})
BINARY = bytes([255, 254]) + b"-not" + b"-a-text"

def client():
    return boto3.client("secretsmanager")

def create(value, name="db"):
    client().create_secret(Name=name, **{"SecretBinary" if isinstance(value, bytes) else "SecretString": value})
    return running()[name]

def read(name="db"):
    return client().get_secret_value(SecretId=name)
"""

# Each is the body of a function, and fails.
WAYS = {
    "refused": "create('1', 'db'); create(TEXT, 'db')",
    "refused_bytes": "create('1', 'db'); create(BINARY, 'db')",
    "position": "client().create_secret('db', SecretString=TEXT)",
    "positions": "client().create_secret('db', TEXT)",
    "type": "client().create_secret(Name='db', SecretString={'password': [TEXT]})",
    "type_of_all": "client().create_secret(Name=['db'], SecretString=DOCUMENT, SecretBinary=7)",
    "misspelt": "client().create_secret(Name='db', SecretStrnig=TEXT)",
    "misspelt_below": "client().create_secret(Name='db', SecretString='1', Tags=[{'Key': 'k', 'Valeu': TEXT}])",
    "caught": """
        with pytest.raises(Exception) as caught:
            client().create_secret(Name='db', SecretString={'password': TEXT})
        sent = {'password': TEXT}
        client().describe_secret(SecretId='db')
    """,
    "json": "create(TEXT.encode()).json",
    "json_of_bytes": "create(BINARY).json",
    "seed": "mock_secrets(secrets={'a': TEXT, 'b': {'password': TEXT, 'of': object()}})",
    "seed_of_a_backend": "running().create('a', {'password': TEXT, 'of': object()})",
    "parameter": "mock_secrets(secrets={'a': TEXT}, regoin='eu-west-1')",
    "seeds_of_a_backend": "given = TEXT; running().seed({'a': given, 'no name': given})",
    "direct_misspelt": "given = TEXT; running().create('a', vaule=given)",
    "direct_in_the_words_of_boto3": "given = TEXT; running().create(Name='a', SecretString=given)",
    "direct_with_another_misspelt": "given = TEXT; create('1').put(given, stagess=[])",
    "direct_elsewhere": "given = TEXT; running().create('a', given, account_id='12')",
    "asked_for": "given = TEXT; running().calls.assert_called('CreateSecret', SecretString=given)",
    "asked_for_in_order": "given = TEXT; running().calls.assert_sequence(('CreateSecret', {'SecretString': given}))",
    "asked_for_misspelt": "given = TEXT; running().calls.of('CreateSecret', SecretStrnig=given)",
    "inner_mock": "create(TEXT, 'a'); mock_secrets(secrets={'a': 'other', 'b': DOCUMENT}).start()",
    "dataclass": """
        @dataclasses.dataclass
        class Held:
            value: str
        assert Held(create(TEXT).value) == Held('x')
    """,
    "named_tuple": """
        Held = typing.NamedTuple('Held', [('value', str)])
        assert Held(create(TEXT).value) == Held('x')
    """,
    "answer": "create(TEXT); assert read() == {'SecretString': 'x'}",
    "answer_of_bytes": "create(BINARY); assert read()['SecretBinary'] == b'x'",
    "document": "create(DOCUMENT); assert json.loads(read()['SecretString']) == {'password': 'x'}",
    "document_as_text": "create(DOCUMENT); assert read()['SecretString'] == '{}'",
    "lines": "create(LINES); assert read()['SecretString'] == LINES.replace(LINES[15:], 'x')",
    "lines_in_a_document": "create(LINES); assert {'key': read()['SecretString'], 'b': 1} == {'key': LINES, 'b': 2}",
    "long": "create(LONG); assert read()['SecretString'] == LONG + '!'",
    "long_in_a_document": "create(LONG); assert {'key': read()['SecretString'], 'b': 1} == {'key': LONG, 'b': 2}",
    "not_in": "create(LONG); assert 'staple60 ' not in read()['SecretString']",
    "unittest_lines": "create(LINES); unittest.TestCase().assertEqual(LINES, LINES.replace(LINES[15:], 'x'))",
    "unittest_long": "create(LONG); unittest.TestCase().assertEqual(LONG, LONG.replace('staple60', 'paper'))",
    "unittest_document": "create(LONG); unittest.TestCase().assertEqual({'a': LONG, 'b': 1}, {'a': LONG, 'b': 2})",
    "base64": "create(TEXT); raise ValueError(base64.b64encode(TEXT.encode()))",
    "repr_of_json": "create(DOCUMENT); raise ValueError(repr(json.dumps(read()['SecretString'])))",
    "repr_of_bytes": "create(DOCUMENT); raise ValueError([DOCUMENT.encode(), PASSWORD.encode()])",
    "cause": """
        create(TEXT)
        try:
            raise KeyError(TEXT)
        except KeyError as error:
            raise RuntimeError(f'no {TEXT}') from error
    """,
    "options": "raise ValueError([running().options, running().effective, mock_secrets(secrets={'b': TEXT}).options.given])",
    "capture_locals": """
        create(TEXT)
        try:
            create(TEXT)
        except Exception as error:
            print(''.join(traceback.TracebackException.from_exception(error, capture_locals=True).format()))
        assert False
    """,
    "printed": "create(DOCUMENT); print(read()); print(DOCUMENT, file=sys.stderr); assert False",
    "logged": "create(DOCUMENT); logging.getLogger('app').warning('read %r', read()); assert False",
    "in_a_thread": """
        create(TEXT)
        thread = threading.Thread(target=client().create_secret, kwargs={'Name': 'a', 'SecretString': [TEXT]})
        thread.start()
        thread.join()
        assert False
    """,
    "warned": "create(TEXT); warnings.warn(f'weak: {TEXT}'); assert False",
    "skipped": "create(TEXT); pytest.skip(f'not with {TEXT}')",
    "expected": "create(TEXT); pytest.xfail(f'not with {TEXT}')",
    "failed": "create(TEXT); pytest.fail(f'not with {TEXT}', pytrace=False)",
    "passed": "create(DOCUMENT); print(read())",
}

# Where "{name}" is called, and the mock begins.
ENTRANCES = {
    "decorator": "@mock_secrets\ndef test_{name}_decorator():\n    {name}()",
    "fixture": "def test_{name}_fixture(secrets_backend):\n    {name}()",
    "with": "def test_{name}_with():\n    with mock_secrets():\n        {name}()",
    "marker": "@pytest.mark.mock_secrets(secrets={{'seed': DOCUMENT}})\ndef test_{name}_marker(request):\n"
    "    marker = request.node.get_closest_marker('mock_secrets')\n    {name}()",
    "class": "@mock_secrets\nclass Test_{name}:\n    def test_class(self):\n        {name}()",
    "async": "@pytest.mark.asyncio\n@mock_secrets\nasync def test_{name}_async():\n    {name}()",
    "test_case": "@mock_secrets\nclass Case_{name}(unittest.TestCase):\n    def test_case(self):\n        {name}()",
    "method": "class Method_{name}(unittest.TestCase):\n    @mock_secrets\n    def test_method(self):\n        {name}()",
    "set_up": "class SetUp_{name}(unittest.TestCase):\n    def setUp(self):\n        mocked = mock_secrets()\n"
    "        mocked.start()\n        self.addCleanup(mocked.stop)\n    def test_set_up(self):\n        {name}()",
    "block": "class Block_{name}(unittest.TestCase):\n    def test_block(self):\n        with mock_secrets():\n            {name}()",
    "async_case": "@mock_secrets\nclass Async_{name}(unittest.IsolatedAsyncioTestCase):\n"
    "    async def test_async(self):\n        {name}()",
    "subtest": "@mock_secrets\nclass Sub_{name}(unittest.TestCase):\n    def test_sub(self):\n"
    "        create(TEXT, 'text')\n        create(DOCUMENT, 'document')\n"
    "        for value in [TEXT, DOCUMENT]:\n            with self.subTest(value, value=value):\n                {name}()",
    "setting_up": "@pytest.fixture\ndef set_up_{name}(secrets_backend):\n    {name}()\n\n"
    "def test_{name}_setting_up(set_up_{name}):\n    pass",
    "tearing_down": "@pytest.fixture\ndef tear_down_{name}(secrets_backend):\n    yield\n    {name}()\n\n"
    "def test_{name}_tearing_down(tear_down_{name}):\n    pass",
}

FROM_EVERYWHERE = ["type", "dataclass", "printed"]

# What a module does when it is imported, after which its names are shown. All that they hold was given to the mock.
COLLECTION = {
    "call": "with mock_secrets():\n    [create(value, name) for name, value in ALL.items()]\n    create(TEXT, 'a')",
    "position": "with mock_secrets(secrets=ALL):\n    print(LONG)\n    client().create_secret('db', TEXT)",
    "decorator": "@mock_secrets(secrets={**ALL, 'x': [TEXT]})\ndef test_it(): pass",
    "parameter": "@mock_secrets(secrets=ALL, regoin='eu-west-1')\ndef test_it(): pass",
}

OPTIONS = {
    "plain": (),
    "verbose": ("-vv", "-l", "--color=yes"),
    "long": ("--tb=long", "-l", "-rA", "--log-level=DEBUG", "--junitxml=report.xml", "-o", "junit_logging=all"),
    "short": ("--tb=short", "-l", "-v"),
    "line": ("--tb=line",),
    "native": ("--tb=native", "-vv"),
    # It shows pytest's own frames too, which takes its time.
    "whole": ("--full-trace", "-l", "-k", "type_decorator or position_decorator or dataclass_fixture"),
}


FUNCTIONS = [f"def {name}():\n{indent(dedent(body).strip(), '    ')}" for name, body in WAYS.items()]
# Every way to fail from one entrance, and some from every other.
CASES = [(name, "decorator") for name in WAYS]
CASES += [(name, entrance) for name in FROM_EVERYWHERE for entrance in ENTRANCES if entrance != "decorator"]
MODULE = "\n\n\n".join([HEAD, *FUNCTIONS, *(ENTRANCES[entrance].format(name=name) for name, entrance in CASES)])


def is_told(value, text):
    """Whether a value is in a text, in any of its forms."""
    raw = value if isinstance(value, bytes) else value.encode()
    forms = [value, repr(value)[1:-1], json.dumps(value)[1:-1]] if isinstance(value, str) else [repr(value)[2:-1]]
    forms += [repr(raw)[2:-1], base64.b64encode(raw).decode()]
    return any(once in text or repr(once)[1:-1] in text for once in forms)


def told_values(text):
    """The values, and the pieces of values, that stand in an output."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    values = [TEXT, PASSWORD, *LINES.split("\n"), DOCUMENT, "db.internal", BINARY]
    pieces = re.findall(r"staple\d+ staple\d+", text)
    pieces += [text[mark.start() - 6 : mark.start()] for mark in re.finditer(r"\.\.\.|…|\[\d+ chars\]", text)]
    pieces += [text[mark.end() : mark.end() + 6] for mark in re.finditer(r"\.\.\.|…|\[\d+ chars\]", text)]
    everything = "\n".join([TEXT, PASSWORD, LINES, LONG, DOCUMENT, repr(DOCUMENT), json.dumps(DOCUMENT)])
    return [value for value in values if is_told(value, text)] + [piece for piece in pieces if piece in everything]


@pytest.fixture
def run(pytester):
    def run_it(body, *options):
        pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
        pytester.makepyfile(test_it=body)
        return pytester.runpytest_inprocess(*WITH_ASYNCIO, *options)

    return run_it


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_no_test_report_shows_a_value(run, pytester, options):
    result = run(MODULE, *options)

    assert result.parseoutcomes()["failed"] >= 3
    assert told_values(output(result)) == []
    assert [told_values(file.read_text()) for file in pytester.path.glob("report.*")] in ([], [[]])


@rows("options", [("-l",), ("--tb=long", "-l", "-vv"), ("--tb=native",)])
@rows("body", COLLECTION)
def test_no_collection_report_shows_a_value(run, body, options):
    result = run(f"{HEAD}\nALL = dict(a=TEXT, b=LINES, c=LONG, d=DOCUMENT, e=BINARY)\n{body}", *options)

    result.assert_outcomes(errors=1)
    assert told_values(output(result)) == []
