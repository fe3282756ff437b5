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
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError
from mock_secrets import Limits, mock_secrets
from mock_secrets.faults import LostAnswer
"""


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_a_block_of_code_runs(block, pytester):
    pytester.makepyfile(IMPORTS + block)
    collected = block.count("def test_")

    result = pytester.runpytest("-q", "-p", "no:asyncio")

    result.assert_outcomes(passed=collected)
