"""The page at ``/_mock_secrets/``: the report's viewer, updated live, with buttons."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mock_secrets.backend import SecretsBackend
from mock_secrets.direct.pages import whole_history
from mock_secrets.model.secret import Secret
from mock_secrets.model.versions import Version
from mock_secrets.report.history import shown_value
from mock_secrets.report.page import page, page_data

# The number of latest events that the page shows.
_EVENTS = 500
_TITLE = "AWS Secrets Manager, live"
_NO_SUMMARY: dict[str, Any] = {
    "policy": {"Version": "2012-10-17", "Statement": []},
    "unused": [],
    "leaks": [],
    "untested": [],
    "operations": [],
}


def live_page(backend: SecretsBackend) -> str:
    """The page, with the current state in it."""
    # Unlike the report's page, this one connects to the server.
    plain = page(_data(backend)).replace("default-src 'none';", "default-src 'none'; connect-src 'self';", 1)
    live = Path(__file__).with_name("live.html").read_text(encoding="utf-8")
    return plain.replace("</body>", f"{live}</body>", 1)


def state_of_page(backend: SecretsBackend, seen: str) -> dict[str, Any]:
    """The current state, for the page.

    :param seen: the mark that the page received last. If nothing has happened since, the history is left out.
    """
    with backend.service.lock:
        backend.clock.run_due()
        mark = _mark(backend)
        state = {
            "mark": mark,
            "now": backend.clock.now().isoformat(timespec="milliseconds"),
            "secrets": [_secret(one, backend) for one in backend.service.state.store],
        }
        return state if mark == seen else {**state, "page": json.loads(page_data(_data(backend)))}


def _data(backend: SecretsBackend) -> dict[str, Any]:
    backend.clock.run_due()
    happened = whole_history(backend.service, last=_EVENTS)
    test = {"id": "What happens", "outcome": "none", "message": "", "mocks": [happened]}
    return {"title": _TITLE, "at": "", "tests": [test], "summary": _NO_SUMMARY}


def _mark(backend: SecretsBackend) -> str:
    history = backend.service.state.history
    return f"{id(backend)} {len(history)} {id(history[-1]) if history else 0}"


def _secret(secret: Secret, backend: SecretsBackend) -> dict[str, Any]:
    return {
        "name": secret.name,
        "arn": secret.arn,
        "region": secret.region,
        "account_id": secret.account_id,
        "purged_at": None if secret.purged_at is None else secret.purged_at.isoformat(timespec="milliseconds"),
        "is_replica": secret.is_replica,
        "rotates": secret.rotation is not None and secret.rotation.enabled,
        "versions": list(_versions(secret, shows=backend.service.values.are_shown)),
    }


def _versions(secret: Secret, *, shows: bool) -> Iterator[dict[str, Any]]:
    for version in secret.versions:
        entry = {"id": version.id, "labels": sorted(version.labels), "created_at": version.created_at.isoformat()}
        yield {**entry, **({"value": _value(version)} if shows else {})}


def _value(version: Version) -> str | None:
    return None if version.value is None else shown_value(version.value)
