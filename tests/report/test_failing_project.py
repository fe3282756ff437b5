"""The section "AWS Secrets Manager" as it is printed. To write an expected output anew, delete it and run this."""

import os
import re
from pathlib import Path

import pytest
from project import QUICK

HERE = Path(__file__).parent
SHOP = (HERE / "failing" / "shop.py").read_text(encoding="utf-8")

ARGUMENTS = (*QUICK, "-p", "no:cacheprovider")

RUNS = {
    "narrow": (80, []),
    "wide": (140, []),
    "whole": (80, ["-vv"]),
    "in_colour": (80, ["--color=yes"]),
}


def sections(text):
    """The sections of a run, each under its test, without what differs from run to run."""
    text = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID", text)
    text = re.sub(r"\b[0-9a-f]{8}…", "UUID…", text)
    found, title, is_ours = [], "", False
    for line in text.splitlines():
        bare = re.sub(r"\x1b\[[0-9;]*m", "", line)
        if re.match(r"_{3,} .* _{3,}$", bare):
            title, is_ours = bare.strip("_ "), False
        elif re.match(r"-{3,} .* -{3,}$", bare):
            is_ours = "AWS Secrets Manager" in bare
            found += [f"## {title}", line] if is_ours else []
        elif re.match(r"={3,} ", bare):
            is_ours = False
        elif is_ours:
            found.append(line.rstrip())
    return "\n".join(found) + "\n"


@pytest.fixture
def shop(pytester, monkeypatch):
    """The failing project."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "PYTEST_XDIST"))]:
        monkeypatch.delenv(name)
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    pytester.makepyfile(test_shop=SHOP)
    return pytester


@pytest.mark.parametrize("name", RUNS)
def test_the_failure_report_is_printed_as_expected(shop, monkeypatch, name):
    width, arguments = RUNS[name]
    monkeypatch.setenv("COLUMNS", str(width))

    found = sections(shop.runpytest_inprocess(*ARGUMENTS, *arguments).stdout.str())

    expected = HERE / "expected" / f"{name}.txt"
    if not expected.exists():
        expected.write_text(found, encoding="utf-8")
        pytest.fail(f"{expected.name} is written anew: look at it")
    assert found == expected.read_text(encoding="utf-8")
    assert "hunter2" not in found


def test_the_failure_report_is_the_same_from_an_xdist_worker(shop, monkeypatch):
    pytest.importorskip("xdist")
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:randomly -p no:reverse")

    found = sections(shop.runpytest_subprocess(*ARGUMENTS, "-n", "1").stdout.str())

    assert found == (HERE / "expected" / "wide.txt").read_text(encoding="utf-8")
