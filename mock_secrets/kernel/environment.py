"""What mocks and the functions that they run write into the process: environment variables, and a default session."""

import os
import sys
from collections.abc import Iterable
from typing import Any

from mock_secrets.kernel.layers import Layers

#: Stands among the names of variables for boto3's default session, where boto3 is imported.
DEFAULT_SESSION = "boto3.DEFAULT_SESSION"


class _Process:
    """The environment variables, and boto3's default session, as a place of layers."""

    def read(self, names: Iterable[str]) -> dict[str, Any]:
        values = _variables(names)
        if DEFAULT_SESSION in values:
            values[DEFAULT_SESSION] = sys.modules["boto3"].DEFAULT_SESSION
        return values

    def write(self, name: str, value: Any) -> None:
        if name == DEFAULT_SESSION:
            sys.modules["boto3"].DEFAULT_SESSION = value  # type: ignore[attr-defined]
        elif value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _variables(names: Iterable[str]) -> dict[str, Any]:
    """The environment variables of these names, None where there is none.

    Most are not there, and for each of these os.environ raises and catches an exception inside.
    """
    environ = os.environ
    there = getattr(environ, "_data", None)
    if there is None:
        return {name: environ.get(name) for name in names}
    return {name: environ[name] if environ.encodekey(name) in there else None for name in names}


#: Everything that is written into this process.
layers = Layers(_Process())
