"""The filters of ListSecrets and BatchGetSecretValue, and the orders of a listing.

The documentation calls every match a prefix match. Recordings show more: a
description, and ``all``, are matched word by word. The tables that show it are
the tests of this module.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from mock_secrets.model.secret import Secret

# A word ends at anything that is no letter or digit, where a capital follows a
# small letter or begins a word after capitals, and from a letter to a digit. From
# a digit to a letter it goes on: AWS finds no "d" in "77d319", or moto's verified
# test_with_all_filter would fail in one of five runs.
_WORDS = re.compile(r"[0-9]*(?:[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z])|[0-9]+")


@dataclass(frozen=True)
class Filter:
    """One filter: any of its values may match; a value that begins with ``!`` matches where the rest of it does not."""

    key: str
    values: tuple[str, ...]

    @property
    def beginnings(self) -> tuple[str, ...] | None:
        """What a name must begin with, one of these; None for a filter that says nothing of it."""
        if self.key != "name" or any(value.startswith("!") for value in self.values):
            return None
        return self.values

    def matches(self, secret: Secret) -> bool:
        fields, match = _FIELDS[self.key](secret), _MATCHES[self.key]
        return any(
            not any(match(value[1:], field) for field in fields)
            if value.startswith("!")
            else any(match(value, field) for field in fields)
            for value in self.values
        )


def matches(filters: Iterable[Filter], secret: Secret) -> bool:
    """Whether a secret matches every filter, also where two have one key (recorded: duplicate_filter_keys)."""
    return all(one.matches(secret) for one in filters)


def sort_key(sort_by: str) -> Callable[[Secret], str]:
    """What orders a listing: text that sorts as the dates or names do, and of two alike the one made first."""
    value = _ORDERS[sort_by]
    return lambda secret: f"{value(secret)} {secret.serial:012}"


def words(text: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(text)]


def _begins(value: str, field: str) -> bool:
    return field.startswith(value)


def _begins_in_any_case(value: str, field: str) -> bool:
    return field.lower().startswith(value.lower())


def _words_begin(value: str, field: str) -> bool:
    """Whether every word of the value begins some word of the field; no word at all matches nothing."""
    wanted, there = words(value), words(field)
    return bool(wanted) and all(any(word.startswith(one) for word in there) for one in wanted)


def _tags(secret: Secret) -> dict[str, str]:
    return secret.tags or {}


def _present(*fields: str | None) -> list[str]:
    return [field for field in fields if field]


_FIELDS: dict[str, Callable[[Secret], Iterable[str]]] = {
    "name": lambda secret: [secret.name],
    "description": lambda secret: _present(secret.description),
    "tag-key": lambda secret: list(_tags(secret)),
    "tag-value": lambda secret: list(_tags(secret).values()),
    "primary-region": lambda secret: _present(secret.primary_region),
    "owning-service": lambda secret: _present(secret.owning_service),
    "all": lambda secret: [
        secret.name,
        *_present(secret.description, secret.primary_region, secret.owning_service),
        *_tags(secret),
        *_tags(secret).values(),
    ],
}
_MATCHES: dict[str, Callable[[str, str], bool]] = {
    "name": _begins,
    "description": _words_begin,
    "tag-key": _begins,
    "tag-value": _begins,
    "primary-region": _begins,
    # GUESS: the User Guide says in any case, the API reference the contrary.
    "owning-service": _begins_in_any_case,
    "all": _words_begin,
}


def _sortable(instant: datetime | date | None) -> str:
    return instant.isoformat() if instant else ""


_ORDERS: dict[str, Callable[[Secret], str]] = {
    "created-date": lambda secret: _sortable(secret.created_at),
    "last-changed-date": lambda secret: _sortable(secret.changed_at),
    "last-accessed-date": lambda secret: _sortable(secret.accessed_on),
    "name": lambda secret: secret.name,
}
