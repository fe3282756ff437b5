"""The data that the page shows about a backend, and the writing of the page."""

from collections.abc import Callable
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any

from mock_secrets.direct.cloudtrail import Trail
from mock_secrets.kernel.arn import with_open_suffix
from mock_secrets.operations import OPERATIONS
from mock_secrets.proofs.evidence import evidence, summary
from mock_secrets.report.history import history
from mock_secrets.report.masks import Masks, without_values
from mock_secrets.report.page import write_page
from mock_secrets.service.path import Service

_ACTIONS = [f"secretsmanager:{name}" for name in sorted(OPERATIONS)]


def whole_history(service: Service, *, last: int | None = None) -> dict[str, Any]:
    """What happened, with the calls' parameters and what they prove, as JSON data without secret values.

    :param last: how many of the latest entries to keep; all if None.
    """
    with service.lock:
        happened = history(service, last=last, whole=True)
        checks = list(service.state.identities.checks)
        leaks = Trail(service.state.trail).leaks()
        return _with_evidence(happened, evidence(checks, leaks, _ACTIONS), _masks(service))


def hide_values(service: Service, happened: dict[str, Any]) -> dict[str, Any]:
    """A history that was read earlier, with values that have been stored since then hidden as well."""
    masks = _masks(service)
    return _with_evidence(without_values(happened, masks), happened["evidence"], masks)


def _masks(service: Service) -> Masks:
    return Masks(service.state.trail.masker(), service.state.trail.name_masker())


def _with_evidence(happened: dict[str, Any], proven: Any, masks: Masks) -> dict[str, Any]:
    secrets = {with_open_suffix(one["arn"]) for one in happened["secrets"]}

    def hide(text: str) -> str:
        """Also hides a secret's name in a policy, if the test used a value as the name."""
        return masks.name(text) if text in secrets else masks.text(text)

    return {**happened, "evidence": _hidden(proven, cache(hide))}


def _hidden(proven: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(proven, dict):
        return {hide(name): _hidden(one, hide) for name, one in proven.items()}
    if isinstance(proven, list):
        return [_hidden(one, hide) for one in proven]
    return hide(proven)


def write_page_of(path: str | PathLike[str], service: Service, name: str) -> Path:
    """Write the page of one backend.

    :raises OSError: if the file can't be written.
    """
    happened = whole_history(service)
    at = f"{happened['now'][:19].replace('T', ' ')}Z"
    return write_run(path, at, [{"id": name, "outcome": "none", "message": "", "mocks": [happened]}])


def write_run(path: str | PathLike[str], at: str, tests: list[dict[str, Any]]) -> Path:
    """Write the page of several tests.

    :param at: when the tests ran, as text.
    :param tests: each with its ``id``, ``outcome``, ``message`` and ``mocks``, which are whole histories.
    :raises OSError: if the file can't be written.
    """
    proven = summary(tests, sorted(OPERATIONS))
    return write_page(path, {"title": "AWS Secrets Manager, mocked", "at": at, "tests": tests, "summary": proven})
