"""Files of secrets: JSON, YAML and .env. No error message shows their contents."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mock_secrets.command_line.failure import Failure
from mock_secrets.kernel.options import SeedValue, seed_value

_LINE = re.compile(r"""(?:export\s+)?(?P<name>[^\s=#'"]+)\s*=(?P<value>.*)""")
_QUOTED = re.compile(r"""(?P<quote>["'])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)\s*(?:#.*)?""")
_ESCAPE = re.compile(r"\\(.)")
_MEANT = {"n": "\n", "r": "\r", "t": "\t"}


def read_secrets(files: list[Path]) -> dict[str, SeedValue]:
    """The secrets of all files, by name.

    :raises Failure: if a file can't be read, or two files name the same secret.
    """
    secrets: dict[str, SeedValue] = {}
    for file in files:
        for name, value in _read(file).items():
            if name in secrets:
                raise Failure(f"{file}: the secret {name!r} is also in another file")
            secrets[name] = value
    return secrets


def _read(file: Path) -> Mapping[str, SeedValue]:
    try:
        read = _reader(file)
        return _checked(read(file.read_text(encoding="utf-8-sig")))
    except UnicodeDecodeError:
        raise Failure(f"{file}: it is not UTF-8") from None
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}") from None
    except (ValueError, TypeError) as error:
        raise Failure(f"{file}: {error}") from None


def _checked(secrets: Any) -> Mapping[str, SeedValue]:
    if not isinstance(secrets, dict):
        raise TypeError("it does not contain an object of names and values")
    for name, value in secrets.items():
        if not isinstance(name, str):
            raise TypeError(f"names must be strings, but one is of type {type(name).__name__}. Put it in quotes")
        seed_value(name, value)
    return secrets


def _reader(file: Path) -> Callable[[str], Any]:
    if file.suffix == ".json":
        return _read_json
    if file.suffix in (".yaml", ".yml"):
        return _read_yaml
    if file.suffix == ".env" or file.name.startswith(".env"):
        return _read_env
    raise ValueError("its type is unknown. The name must end in .json, .yaml, .yml or .env")


def _read_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not valid JSON: {error.msg}, in line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise ValueError("its JSON is nested too deeply") from None


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    names: set[str] = set()
    for name, _ in members:
        if name in names:
            raise ValueError(f"it contains {name!r} twice")
        names.add(name)
    return dict(members)


def _read_yaml(text: str) -> Any:
    try:
        import yaml
    except ModuleNotFoundError:
        raise ValueError("reading YAML needs PyYAML. Install it, or use a JSON file") from None
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        # The error's own text quotes parts of the file, so only its place is shown.
        mark = error.problem_mark
        where = "" if mark is None else f": see line {mark.line + 1}, column {mark.column + 1}"
        raise ValueError(f"it is not valid YAML{where}") from None
    except yaml.YAMLError:
        raise ValueError("it is not valid YAML") from None


def _read_env(text: str) -> dict[str, str]:
    return _once(
        [
            _read_line(line.strip(), number)
            for number, line in enumerate(text.splitlines(), 1)
            if line.strip() and not line.strip().startswith("#")
        ]
    )


def _read_line(line: str, number: int) -> tuple[str, str]:
    parts = _LINE.fullmatch(line)
    if parts is None:
        raise ValueError(f"line {number} is not NAME=value")
    value = parts["value"].strip()
    if value[:1] in ("'", '"'):
        quoted = _QUOTED.fullmatch(value)
        if quoted is None:
            raise ValueError(f"the quotes in line {number} are not closed")
        return parts["name"], quoted["text"] if quoted["quote"] == "'" else _ESCAPE.sub(_meant, quoted["text"])
    return parts["name"], re.sub(r"\s+#.*", "", parts["value"]).strip()


def _meant(escape: re.Match[str]) -> str:
    return _MEANT.get(escape[1], escape[1])
