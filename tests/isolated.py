"""Projects in which some tests have the mock of a wider fixture, and others are strangers to it."""

from textwrap import dedent

# What their test modules can ask.
HEAD = """
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

def variables():
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}

BEFORE = variables(), boto3.DEFAULT_SESSION

def is_outside():
    '''Whether nothing of any mock is in the process: no answer, no variable, no session.'''
    where = {"region_name": "us-east-1", "endpoint_url": "http://127.0.0.1:9"}
    session = boto3.Session(aws_access_key_id="mine", aws_secret_access_key="mine")
    client = session.client("secretsmanager", config=Config(retries={"total_max_attempts": 1}), **where)
    with pytest.raises(EndpointConnectionError):
        client.list_secrets()
    return running() is None and (variables(), boto3.DEFAULT_SESSION) == BEFORE
"""

# Runs each test twice, the second time after those that came after it.
THERE_AND_BACK = """
def pytest_collection_modifyitems(items):
    items[:] = [*items, *items[-2::-1]]
"""

# The same, the last test being the first.
BACK_AND_THERE = """
def pytest_collection_modifyitems(items):
    items[:] = [*items[::-1], *items[1:]]
"""


def module(body):
    """A test module with these tests."""
    return f"{HEAD}\n\n{dedent(body)}"
