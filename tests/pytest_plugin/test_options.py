"""The parameters in pytest: which there are is read from their declarations."""

import subprocess
import sys

from project import output

from mock_secrets.kernel.options import PARAMETERS


def test_pytest_help_explains_each_ini_option(project):
    shown = " ".join(output(project.run("", "--help")).split())

    assert [name for name, declared in PARAMETERS.items() if f"mock_secrets: {declared.help}" not in shown] == []


def test_the_marker_is_described_with_its_parameters(project):
    assert ", ".join(f"{name}=..." for name in PARAMETERS) in output(project.run("", "--markers"))


def test_the_start_of_pytest_loads_the_declarations_and_no_more():
    code = "import sys, mock_secrets.pytest_plugin; print(*sorted(name for name in sys.modules if name[:4] in ('boto', 'mock')))"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()  # noqa: S603

    assert [name.removeprefix("mock_secrets.") for name in loaded] == [
        "mock_secrets",
        "kernel",
        "kernel.options",
        "kernel.parameters",
        "pytest_plugin",
        "pytest_plugin.options",
    ]
