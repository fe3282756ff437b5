"""What is told beside a failed assertion or an error: hints as notes (PEP 678), and whose value was compared."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mock_secrets.kernel.notes import add_note


def add_hints(error: BaseException, backends: Iterable[Any]) -> None:
    """Give each error of a chain that answered a call the hint of that call, found by its request id."""
    hints = {call.request_id: call.hint for backend in backends for call in backend.calls if call.hint is not None}
    for one in chain(error):
        hint = hints.get(_request_id(one))
        if hint is not None:
            add_note(one, hint)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, those that led to it, and those in its group."""
    seen: set[int] = set()
    errors = [error]
    while errors:
        one = errors.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        errors += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


def _request_id(error: BaseException) -> str:
    response = getattr(error, "response", None)
    metadata = response.get("ResponseMetadata") if isinstance(response, dict) else None
    request_id = metadata.get("RequestId") if isinstance(metadata, dict) else None
    return request_id if isinstance(request_id, str) else ""


def sides(left: object, right: object, backends: Iterable[Any]) -> Iterator[str]:
    """What there is to say of the sides of a comparison that failed: that one is a value which is not current."""
    for side, value in (("left", left), ("right", right)):
        if isinstance(value, str | bytes | Mapping) and value:
            yield from (
                f"the {side} side of a comparison equals {which}"
                for backend in backends
                for which in _versions(value, backend)
            )


def _versions(value: str | bytes | Mapping[Any, Any], backend: Any) -> Iterator[str]:
    for secret in backend.service.state.store:
        for version in secret.versions:
            if version is not secret.versions.current and _is_value(value, version.value):
                labels = "+".join(sorted(version.labels)) or "a deprecated version"
                yield f"{labels} of {secret.name!r}, version {version.id}"


def _is_value(given: str | bytes | Mapping[Any, Any], value: str | bytes | None) -> bool:
    if value is None:
        return False
    if isinstance(given, Mapping):
        try:
            return bool(json.loads(value) == given)
        except (ValueError, RecursionError):
            return False
    return isinstance(given, str) == isinstance(value, str) and given == value
