"""Imports point down, and files stay short enough to read."""

import ast
from pathlib import Path

from tables import rows

import mock_secrets

PACKAGE = Path(mock_secrets.__file__).parent
TESTS = Path(__file__).parent

# From the top floor down. A room imports from the floors below its own and from itself, never from a neighbour.
FLOORS = [
    ["__main__"],
    ["pytest_plugin", "command_line"],
    ["trials"],
    ["activation"],
    ["backend", "decorators", "faults"],
    ["direct", "transport"],
    ["service", "proofs", "report"],
    ["operations", "protocol"],
    ["aws", "model"],
    ["policy"],
    ["kernel"],
]
# Where public names are, whose homes are above.
FACADES = [PACKAGE / "__init__.py", PACKAGE / "proofs" / "__init__.py"]
DEPTH = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def imports(file):
    """The mock_secrets modules that a file imports, wherever in the file it does so."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("mock_secrets."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.ImportFrom) and node.module == "mock_secrets":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("mock_secrets."))


def room(file):
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_a_module_imports_only_from_lower_layers():
    files = [file for file in sorted(PACKAGE.rglob("*.py")) if file not in FACADES]

    assert [
        f"{file.relative_to(PACKAGE)} imports {name}"
        for file in files
        for name in imports(file)
        if name != room(file) and DEPTH[name] <= DEPTH[room(file)]
    ] == []


def test_the_package_has_at_most_eight_top_level_modules():
    assert len(list(PACKAGE.glob("*.py"))) <= 8


def test_no_test_file_has_more_than_500_lines():
    long = [file for file in TESTS.rglob("*.py") if len(file.read_text(encoding="utf-8").splitlines()) > 500]

    assert long == []


@rows("file", sorted((PACKAGE / "model").glob("*.py")))
def test_the_model_uses_neither_botocore_nor_a_clock(file):
    source = file.read_text(encoding="utf-8")

    assert "botocore" not in source.replace("no botocore", "")
    assert ".now(" not in source
    assert "import time\n" not in source
