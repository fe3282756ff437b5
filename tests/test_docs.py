"""The code of the pages runs, their commands exist, and what they show is what is printed."""

import collections.abc
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import fields
from urllib.parse import urlsplit

import pytest
from command_line.served import served
from pages import DOCS, PAGES, ROOT, Reader, anchors, blocks, environments, is_shown, links
from project import QUICK

from mock_secrets import Clock, Iam, Kms, Limits, SecretsBackend
from mock_secrets.command_line.main import parser
from mock_secrets.kernel.options import PARAMETERS
from mock_secrets.pytest_plugin.options import REPORT, SHOW_VALUES

# What it takes to run the code of a page, beside what the tests need.
NEEDS = {"async": "aiobotocore", "moving-from-moto": "moto"}

# Their code, if there is some, has tests of its own.
OTHERS = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "examples" / "README.md", *(ROOT / ".github").rglob("*.md")]

# What only a network or another program could run.
INSTALLING = {"mkdir", "cd", "python3", ".", "pip"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_and_commands_of_a_page_work_as_shown(page, pytester, pytestconfig):
    if page.stem in NEEDS:
        pytest.importorskip(NEEDS[page.stem])
    reader = Reader(pytester.path, page)
    plugins = ["-o", "asyncio_default_fixture_loop_scope=function"] if page.stem == "async" else QUICK
    own = [block for block in blocks(page) if block.language == "python" and block.title is None]
    printed = None

    for block in own:
        reader.add_own(block)
    for block in blocks(page):
        if block.title is not None:
            reader.add(block)
        elif block.language == "sh" and "curl" in block.code:
            run_curl(block.code, pytester)
        elif block.language == "sh":
            for command in block.commands:
                printed = run(command, pytester, plugins, pytestconfig)
        elif block.language == "text" and printed is not None:
            assert is_shown(block.code, printed), f"line {block.line} shows what is not printed:\n{printed}"
            printed = None

    if own:
        result = pytester.runpytest("-q", *plugins, reader.own)
        assert result.ret == 0
        assert result.parseoutcomes()["passed"] >= sum(block.code.count("def test_") for block in own)


def assert_known(command, config):
    """A command that runs tests of this repository takes too long to run, but names options that there are."""
    for option in (word for word in command if word.startswith("--")):
        config.getoption(option.removeprefix("--").replace("-", "_"))


def run(command, pytester, plugins, config):
    """Run a command of a page where that is quick, and see that it is one elsewhere.

    :returns: what pytest printed.
    """
    program, *arguments = command
    if program == "pytest" and arguments[0].startswith("tests/"):
        assert_known(arguments, config)
    elif program == "pytest":
        result = pytester.runpytest(*plugins, *arguments)
        # 5: the page has no test of its own.
        assert result.ret in {0, 1, 5}
        return result.stdout.str()
    elif program == "rm":
        for file in arguments:
            (pytester.path / file).unlink()
    elif program == "mock-secrets":
        parser().parse_args(arguments)
    elif command[:3] == ["python", "-m", "mock_secrets"]:
        parser().parse_args(arguments[2:])
    elif program == "tox":
        assert set(arguments[arguments.index("-e") + 1].split(",")) <= environments()
    else:
        assert program in INSTALLING, f"nothing is known of the command {command}"
    return None


def run_curl(code, pytester):
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    (pytester.path / ".curlrc").write_text("fail\n")
    with served("--control", "--at", "2026-01-01T00:00:00Z") as server:
        here = code.replace("127.0.0.1:4599", f"127.0.0.1:{server.endpoint.port}")
        environment = {**os.environ, "CURL_HOME": str(pytester.path)}
        subprocess.run(["bash", "-e", "-c", here], check=True, env=environment, capture_output=True)  # noqa: S603, S607


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=lambda page: page.stem)
def test_every_link_on_a_page_has_an_existing_target(page):
    for link in links(page):
        parts = urlsplit(link)
        target = (page.parent / parts.path).resolve() if parts.path else page
        assert target.is_file(), f"{page.name} links to {link}"
        if parts.fragment:
            assert parts.fragment in anchors(target), f"{page.name} links to {link}"


@pytest.mark.parametrize(("name", "made"), [("reference", "page"), ("house", "picture")])
def test_files_generated_by_docs_scripts_are_up_to_date(name, made):
    script = DOCS / "site" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    is_current = module.FILE.read_text(encoding="utf-8") == getattr(module, made)()

    assert is_current, f"write it anew: python docs/site/{name}.py"


def test_the_reference_explains_every_type_of_ours_that_a_signature_names():
    text = (DOCS / "reference.md").read_text(encoding="utf-8")
    signatures = "\n".join(re.findall(r"^```py\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL))
    explained = re.findall(r"(?:^##+ |^\| `)(\w+)(?:$|` \|)", text, flags=re.MULTILINE)

    named = set(re.findall(r"(?<![\w.'])[A-Z][a-z]\w+", signatures))

    of_python = {*collections.abc.__all__, "AbstractContextManager", "Any", "Path", "PathLike"}
    assert named - of_python - {*explained, "None", "True", "False"} == set()


# A form of words, and what may stand in it.
NAMED = {
    r"\bmock_secrets_(\w+) = ": {*PARAMETERS, "report_section"},
    r"(--mock-secrets-[\w-]+)": {REPORT, SHOW_VALUES},
    r"\btox run -e ([\w-]+)": environments(),
    r"\bbackend\.(\w+)": dir(SecretsBackend),
    r"\bbackend\.clock\.(\w+)": dir(Clock),
    r"\bbackend\.iam\.(\w+)": dir(Iam),
    r"\bbackend\.kms\.(\w+)": dir(Kms),
    r"\bLimits\((\w+)=": {field.name for field in fields(Limits)},
    r"[^.\w]mock_secrets\((\w+)=": PARAMETERS,
}


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.stem)
def test_options_and_attributes_named_on_a_page_exist(page):
    text = page.read_text(encoding="utf-8")

    named = {form: set(re.findall(form, text)) for form in NAMED}

    assert {form: found - set(NAMED[form]) for form, found in named.items() if found - set(NAMED[form])} == {}
