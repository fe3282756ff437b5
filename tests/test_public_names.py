"""What a user imports."""

import inspect
import pydoc
import re
import subprocess
import sys
import textwrap
from contextlib import ExitStack
from pathlib import Path

import pytest
from tables import rows

import mock_secrets

ROOT = Path(__file__).parent.parent


@rows("name", mock_secrets.__all__)
def test_every_public_name_exists_and_has_a_docstring(name):
    assert name in dir(mock_secrets)
    assert inspect.getdoc(getattr(mock_secrets, name))


def test_help_of_the_package_begins_with_an_example_that_runs_and_names_pages_that_exist():
    example, pages = re.findall(r"(?:^    .+\n|^\n(?=    ))+", mock_secrets.__doc__, flags=re.MULTILINE)
    scope = {}

    exec(textwrap.dedent(example), scope)  # noqa: S102
    scope["test_it"]()

    assert all(map(pydoc.locate, re.findall(r'help\("(.+)"\)', pages, flags=re.MULTILINE)))


@rows("use", [lambda package: package(lambda: None), lambda package: package(), ExitStack().enter_context])
def test_using_the_package_as_the_mock_raises_an_error_with_the_right_import(use):
    with pytest.raises(TypeError, match="from mock_secrets import mock_secrets"):
        use(mock_secrets)


def test_every_public_member_has_a_docstring():
    members = [
        (name, member, held)
        for name in mock_secrets.__all__
        for member, held in vars(getattr(mock_secrets, name)).items()
        if not member.startswith("_") and (callable(held) or isinstance(held, property))
    ]

    assert [f"{name}.{member}" for name, member, held in members if not inspect.getdoc(held)] == []


def test_faults_are_available_without_a_separate_import():
    code = "import mock_secrets; print(mock_secrets.faults.LostAnswer())"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

    assert done.stdout == "LostAnswer()\n"


def test_unknown_names_are_not_attributes():
    assert not hasattr(mock_secrets, "moto")


def test_importing_the_package_does_not_load_boto3_botocore_or_pytest():
    code = "import sys, mock_secrets; print([name for name in sys.modules if name.split('.')[0] in ('boto3', 'botocore', 'pytest')])"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"  # noqa: S603


def test_every_public_backend_member_is_in_the_docs_and_has_a_docstring():
    documents = "".join(
        page.read_text(encoding="utf-8") for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    )
    shown = [name for name in vars(mock_secrets.SecretsBackend) if not name.startswith("_")]

    assert [name for name in shown if f"backend.{name}" not in documents] == []
    assert all(inspect.getdoc(getattr(mock_secrets.SecretsBackend, name)) for name in shown)
