"""The filters of ListSecrets and BatchGetSecretValue, and the sort orders of a listing.

The documentation calls every match a prefix match. Recordings show more: ``description`` and ``all`` are matched word
by word. The tests of this module list the cases.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from mock_secrets.model.secret import Secret

# A word ends before anything that is not a letter or digit, before a capital that follows a lower-case letter or starts
# a word after capitals, and between a letter and a digit. It does not end between a digit and a letter: AWS finds no
# "d" in "77d319", or moto's verified test_with_all_filter would fail in one of five runs.
_WORDS = re.compile(r"[0-9]*(?:[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z])|[0-9]+")


@dataclass(frozen=True)
class Filter:
    """One filter. Any of its values may match; a value that starts with ``!`` matches if the rest of it does not."""

    key: str
    values: tuple[str, ...]

    @property
    def beginnings(self) -> tuple[str, ...] | None:
        """The prefixes of which a name must have one; None if the filter does not restrict names to prefixes."""
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
    """Whether a secret matches every filter, even if two have the same key (recorded: duplicate_filter_keys)."""
    return all(one.matches(secret) for one in filters)


def sort_key(sort_by: str) -> Callable[[Secret], str]:
    """The sort key of a listing: text that sorts like the dates or names; of equal ones, the older secret is first."""
    value = _ORDERS[sort_by]
    return lambda secret: f"{value(secret)} {secret.serial:012}"


def words(text: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(text)]


def _begins(value: str, field: str) -> bool:
    return field.startswith(value)


def _begins_in_any_case(value: str, field: str) -> bool:
    return field.lower().startswith(value.lower())


def _words_begin(value: str, field: str) -> bool:
    """Whether every word of the value is a prefix of some word of the field. A value without words matches nothing."""
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
    # GUESS: the User Guide says that case does not matter, the API reference says that it does.
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
