"""The README's code runs, and its commands are the ones that CI runs."""

import re
from pathlib import Path

import pytest
from project import QUICK

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
IMPORTS = "import boto3\nfrom mock_secrets import mock_secrets\n"


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.strip().splitlines()[0])
def test_each_code_block_of_the_readme_runs(block, pytester):
    pytester.makepyfile(IMPORTS + block + "\n\ndef test_the_block_was_read():\n    pass\n")

    result = pytester.runpytest("-q", *QUICK)

    assert result.ret == 0
    result.assert_outcomes(passed=block.count("def test_") + 1)


def test_ci_runs_the_test_command_of_the_readme():
    [commands] = [block.splitlines() for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)]

    assert len(commands) == 2
    assert commands[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_readme_shows_a_failing_test_as_it_is_printed():
    printed = (ROOT / "tests" / "report" / "expected" / "narrow.txt").read_text(encoding="utf-8")

    [shown] = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    assert shown in printed


def test_the_readme_has_the_figures_of_the_scoreboard():
    scoreboard = (ROOT / "docs" / "scoreboard.md").read_text(encoding="utf-8")
    shown = re.search(r"\[(\d+) behaviours verified on AWS\].*\| (\d+) agree \| (\d+) agree", README).groups()

    verified = re.search(r"\| \*\*all\*\* \| (\d+) \| (\d+).*? \| (\d+)", scoreboard).groups()

    assert shown == verified


def test_the_readme_has_at_most_150_lines():
    assert len(README.splitlines()) <= 150
