"""What mocks and rotation functions write into the process: environment variables and boto3's default session."""

import os
import sys
from collections.abc import Iterable
from typing import Any

from mock_secrets.kernel.layers import Layers

#: The name for boto3's default session among the environment variables. Used only if boto3 is imported.
DEFAULT_SESSION = "boto3.DEFAULT_SESSION"


class _Process:
    """The environment variables and boto3's default session, as a place for layers."""

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
    """The values of these environment variables; None for one that is not set.

    Most are not set, and for each of those os.environ internally raises and catches an exception, which is slow.
    """
    environ = os.environ
    there = getattr(environ, "_data", None)
    if there is None:
        return {name: environ.get(name) for name in names}
    return {name: environ[name] if environ.encodekey(name) in there else None for name in names}


#: Everything that is written into this process.
layers = Layers(_Process())
