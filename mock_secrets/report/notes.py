"""What is added to a failed assertion or an error: hints as notes (PEP 678), and whose value was compared."""

import json
import traceback
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mock_secrets.kernel.notes import add_note
from mock_secrets.kernel.printable import printable


def add_hints(error: BaseException, backends: Iterable[Any]) -> None:
    """Add to each error in a chain the hint of the call that it answered, found by its request id."""
    hints = {call.request_id: call.hint for backend in backends for call in backend.calls if call.hint is not None}
    for one in chain(error):
        hint = hints.get(_request_id(one))
        if hint is not None:
            add_note(one, hint)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, its causes and contexts, and the errors in its group."""
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
    """Notes about the sides of a failed comparison.

    One is a value which is no longer, or not yet, current; or one is the JSON text of a value, and the other a document.
    """
    for side, value, other in (("left", left, right), ("right", right, left)):
        if isinstance(value, str) and isinstance(other, Mapping):
            yield from (
                f"the {side} side of a comparison is the JSON text of {secret.name!r}: compare json.loads(...) of it"
                for backend in backends
                for secret in backend.service.state.store
                if _document(value) and any(version.value == value for version in secret.versions)
            )
        elif isinstance(value, str | bytes | Mapping) and value:
            yield from (
                f"the {side} side of a comparison equals {which}"
                for backend in backends
                for which in _versions(value, backend)
            )


def sides_of_unittest(error: BaseException) -> tuple[object, object] | None:
    """The two values that a TestCase's ``assertEqual`` compared when it raised this error, or None."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_name == "assertEqual" and frame.f_globals.get("__name__") == "unittest.case":
            return frame.f_locals["first"], frame.f_locals["second"]
    return None


def _versions(value: str | bytes | Mapping[Any, Any], backend: Any) -> Iterator[str]:
    for secret in backend.service.state.store:
        current = secret.versions.current
        for version in secret.versions:
            if version is not current:
                labels = printable("+".join(sorted(version.labels))) or "a deprecated version"
                which = f"{labels} of {secret.name!r}, version {version.id}"
                if _is_value(value, version.value):
                    yield which
                elif current is not None and isinstance(value, str):
                    yield from (f"{name!r} in {which}" for name in _members(value, version.value, current.value))


def _members(given: str, value: str | bytes | None, current: str | bytes | None) -> list[str]:
    """The members of a JSON value that equal the given text, but differ in the current value."""
    if not isinstance(value, str) or not (given in value or json.dumps(given) in value):
        return []
    before, now = _document(value), _document(current)
    return [name for name, member in before.items() if member == given and now.get(name) != given]


def _document(value: str | bytes | None) -> dict[str, Any]:
    try:
        document = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _is_value(given: str | bytes | Mapping[Any, Any], value: str | bytes | None) -> bool:
    if value is None:
        return False
    if isinstance(given, Mapping):
        try:
            return bool(json.loads(value) == given)
        except (ValueError, RecursionError):
            return False
    return isinstance(given, str) == isinstance(value, str) and given == value
