"""Rules that are tables: one test goes over all rows, and shows those that fail."""

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from mock_secrets import SecretsBackend
from mock_secrets.activation import running

#: Whether each row is a case after all: one is to be picked, or they run where no savepoint can be had. Set before tests
#: are collected.
ROWS_ARE_CASES = False


def rows(names: str, table: Iterable[Any] | Mapping[str, Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Have a test take each row of a table, where ``pytest.mark.parametrize`` would make a case of each.

    A case has fixtures of its own, a client among them, and takes its time. Here a row begins at a savepoint of the
    backends that there are, so it finds what the fixtures made and nothing of the row before. Other fixtures are shared.
    A row that is skipped leaves the others; the test is skipped if all are.
    ``--rows apart`` makes a case of each row.

    :param names: the parameters that a row gives, with commas between them.
    :param table: the rows; or what to call each, and the row.
    """
    parameters = [name.strip() for name in names.split(",")]
    named = list(table.items() if isinstance(table, Mapping) else _numbered(table))
    assert named, "the table is empty"
    if ROWS_ARE_CASES:
        # pytest's own names for rows without one: a repr may differ from run to run.
        ids = list(table) if isinstance(table, Mapping) else None
        return pytest.mark.parametrize(names, [row for _, row in named], ids=ids)

    def over(test: Callable[..., None]) -> Callable[..., None]:
        assert not inspect.iscoroutinefunction(test), "nobody would await it: parametrize an async test"

        @functools.wraps(test)
        def goes_over(*args: Any, **fixtures: Any) -> None:
            failed: dict[str, BaseException] = {}
            skipped: list[str] = []
            for name, row in named:
                values = row if len(parameters) > 1 else (row,)
                try:
                    with ExitStack() as savepoints:
                        for backend in _backends(fixtures):
                            savepoints.enter_context(backend.savepoint())
                        test(*args, **fixtures, **dict(zip(parameters, values, strict=True)))
                except pytest.skip.Exception as skip:
                    skipped.append(str(skip))
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - all that fail are shown
                    failed[name] = error
            if len(skipped) == len(named):
                pytest.skip(skipped[0])
            if failed:
                said = "\n".join(f"{name}: {_first_lines(error)}" for name, error in failed.items())
                message = f"{len(failed)} of {len(named)} rows fail:\n{said}"
                raise AssertionError(message) from next(iter(failed.values()))

        signature = inspect.signature(test)
        # Else pytest would take a row's parameters for fixtures.
        goes_over.__signature__ = signature.replace(
            parameters=[given for name, given in signature.parameters.items() if name not in parameters]
        )
        goes_over.rows = {name for name, _ in named} | getattr(test, "rows", set())
        return goes_over

    return over


def _backends(fixtures: dict[str, Any]) -> set[SecretsBackend]:
    """The one that is active, and those that are fixtures."""
    return {one for one in [running(), *fixtures.values()] if isinstance(one, SecretsBackend)}


def _numbered(table: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for number, row in enumerate(table):
        yield f"[{number}] {row!r:.200}", row


def _first_lines(error: BaseException) -> str:
    return "\n    ".join(f"{type(error).__name__}: {error}".splitlines()[:8])
