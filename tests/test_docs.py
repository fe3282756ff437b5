"""The code of the documentation runs."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
BLOCKS = {
    f"{page.stem}-{number}": block
    for page in sorted(DOCS.glob("*.md"))
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
    # Those run where aiobotocore is.
    if "async def" not in block
}
IMPORTS = """
import json
import os
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timedelta, timezone
import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError
from mock_secrets import Limits, mock_secrets
from mock_secrets.faults import LostAnswer
"""

# What the reader of a page has, beside the library.
READERS = {
    "rotation-proofs": """
import json
import sys
sys.path.insert(0, TESTS)
from templates import FIRST, Database, SingleUser

LIVE = Database()
lambda_handler = SingleUser(LIVE)

@pytest.fixture
def database():
    LIVE.reset()
    return LIVE

@pytest.fixture(autouse=True)
def scene(secrets_backend, database):
    secrets_backend.seed({"shop/db": FIRST, "from": "s3cret", "to": "-"})
    arn = secrets_backend.register_rotation_lambda("rotator", lambda_handler)
    secrets_backend.client().rotate_secret(SecretId="shop/db", RotationLambdaARN=arn)

def make_shop():
    return lambda: json.loads(boto3.client("secretsmanager").get_secret_value(SecretId="shop/db")["SecretString"])

def move_the_value():
    client = boto3.client("secretsmanager")
    client.put_secret_value(SecretId="to", SecretString=client.get_secret_value(SecretId="from")["SecretString"])
    client.put_secret_value(SecretId="from", SecretString="-")

def is_somewhere(backend):
    return "s3cret" in (backend["from"].value, backend["to"].value)
""".replace("TESTS", repr(str(Path(__file__).parent / "trials")))
}


@pytest.mark.parametrize(("name", "block"), BLOCKS.items(), ids=BLOCKS)
def test_a_block_of_code_runs(name, block, pytester):
    pytester.makepyfile(IMPORTS + READERS.get(name.rpartition("-")[0], "") + block)
    collected = block.count("def test_")

    result = pytester.runpytest("-q", "-p", "no:asyncio")

    result.assert_outcomes(passed=collected)
