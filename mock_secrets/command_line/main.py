"""The arguments and exit codes of ``mock-secrets``."""

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mock_secrets.command_line.failure import Failure
from mock_secrets.kernel.instants import read_instant, service_instant
from mock_secrets.kernel.options import check_account_id, check_region

_DESCRIPTION = "An in-memory AWS Secrets Manager for tests: no Docker, no account, no network."

_SERVE = """\
Run an AWS Secrets Manager on 127.0.0.1, for programs in any language, until
Ctrl-C or SIGTERM. Prints what to paste into a shell, docker compose and SDKs.
"""

_EXAMPLES = """\
examples:
  mock-secrets serve --port 4599 --secrets secrets.json
      a fixed port, and some secrets from the start
  mock-secrets serve --at 2026-01-01T00:00:00Z --speed 86400
      a day passes every second: recovery windows end, rotations fall due
  mock-secrets serve --port 4599 --state secrets.state
      continue tomorrow where you stopped today

files:
  JSON and YAML map names to values. A value is a string, or an object, which
  is stored as JSON:
      {"db": {"user": "app", "password": "s3cret"}, "token": "t0ken"}
  A .env file has lines NAME=value; lines that start with # are comments.

exit codes:
  0 after Ctrl-C or SIGTERM, 1 if something fails, 2 if an argument is wrong
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    :param arguments: the arguments; by default those of the process.
    :returns: the exit code.
    :raises SystemExit: after ``--help`` and ``--version``, and if an argument is wrong.
    """
    given = parser().parse_args(arguments)
    # Imported late, so that the help is printed without delay.
    from mock_secrets.command_line.serving import serve

    try:
        with suppress(KeyboardInterrupt):
            serve(given)
    except Failure as failure:
        sys.stderr.write(f"mock-secrets: {failure}\n")
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """The parser of the arguments."""
    top = argparse.ArgumentParser(prog="mock-secrets", description=_DESCRIPTION)
    top.add_argument("--version", action="version", version=f"mock-secrets {_version()}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    serve = commands.add_parser(
        "serve",
        help="answer programs in any language on 127.0.0.1",
        description=_SERVE,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = serve.add_argument
    add("--port", type=_argument(_port), default=0, metavar="N", help="port on 127.0.0.1 (default: a free one)")
    add(
        "--region",
        type=_argument(_region),
        help="region of requests that name none (default: AWS_REGION, or us-east-1)",
    )
    add(
        "--account-id",
        type=_argument(check_account_id),
        metavar="ID",
        help="account of requests that name none, 12 digits (default: 123456789012)",
    )
    add(
        "--secrets",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="initial secrets by name: FILE.json, FILE.yaml (if PyYAML is installed) or FILE.env; can be repeated",
    )
    add(
        "--at",
        type=_argument(_at),
        metavar="INSTANT",
        help="initial time of the service clock, with a time zone, such as 2026-01-01T00:00:00Z;"
        " the clock stands still there unless --speed is given (default: the machine's time)",
    )
    add(
        "--speed",
        type=_argument(_speed),
        metavar="N",
        help="service seconds per real second: with 86400, a day passes every second",
    )
    add(
        "--state",
        type=Path,
        metavar="FILE",
        help="load the state from FILE if it exists, and save it there; FILE holds values, and only you can read it",
    )
    add(
        "--control",
        action="store_true",
        help="also serve /_mock_secrets/: a page that shows what happens, and a JSON API that resets, adds secrets,"
        " moves the clock, makes calls fail and lists the calls",
    )
    add(
        "--extension",
        type=_argument(_port),
        nargs="?",
        const=2773,
        metavar="N",
        help="also answer as the AWS Parameters and Secrets Lambda Extension and the Secrets Manager Agent do, on port"
        " N of 127.0.0.1 (default: 2773; 0 for a free one)",
    )
    add("--show-values", action="store_true", help="show values on the page and in the JSON of --control")
    return top


def _version() -> str:
    try:
        return version("mock_secrets")
    except PackageNotFoundError:
        # Run from a checkout that is not installed.
        return "of a checkout"


def _argument(read: Callable[[str, str], Any]) -> Callable[[str], Any]:
    """An argparse type that reads an argument and shows the reader's own error message."""

    def checked(text: str) -> Any:
        try:
            return read(text, "it")
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return checked


def _port(text: str, _: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= 65535):
        raise ValueError(f"it takes a port from 0 to 65535, not {text!r}")
    return int(text)


def _region(text: str, name: str) -> str:
    return check_region(text, name, any_region=True)


def _at(text: str, name: str) -> datetime:
    try:
        instant = read_instant(text)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None
    if instant.utcoffset() is None:
        raise ValueError(
            f"{name} takes an instant with a time zone, but {text!r} has none. For UTC, write {instant.isoformat()}Z"
        )
    return service_instant(instant, name)


def _speed(text: str, _: str) -> float:
    from mock_secrets.kernel.clock import check_speed

    try:
        return check_speed(float(text), "it")
    except ValueError:
        raise ValueError(f"it takes a number above 0 and at most a billion, not {text!r}") from None
