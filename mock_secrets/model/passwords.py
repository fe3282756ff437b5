"""Random passwords, as GetRandomPassword generates them."""

import json
import re
import string
from collections.abc import Iterable
from random import Random
from typing import Any

from mock_secrets.kernel.errors import EverythingExcluded, PasswordTooShort, TypeExcluded

UPPERCASE = string.ascii_uppercase
LOWERCASE = string.ascii_lowercase
NUMBERS = string.digits
PUNCTUATION = string.punctuation

_SECRET_NAME = re.compile("password|secret|token|key", re.IGNORECASE)


def random_password(
    random: Random, length: int, types: Iterable[str], *, excluded: str, space: bool, require_each: bool
) -> str:
    """A random password of these types of characters.

    The order of the errors is measured: a required type without a character left, then no character at all, then too
    short a length. A space is allowed, but never required.

    :param types: the characters of each type.
    :param require_each: whether the password must contain at least one character of each type.
    :raises TypeExcluded, EverythingExcluded, PasswordTooShort:
    """
    left = [[character for character in characters if character not in excluded] for characters in types]
    if require_each and not all(left):
        raise TypeExcluded
    pool = [character for characters in left for character in characters]
    if space and " " not in excluded:
        pool.append(" ")
    if not pool:
        raise EverythingExcluded
    required = [random.choice(characters) for characters in left] if require_each else []
    if len(required) > length:
        raise PasswordTooShort
    password = required + random.choices(pool, k=length - len(required))
    random.shuffle(password)
    return "".join(password)


def changed_password(random: Random, value: str | bytes | None) -> str:
    """A secret's value with a new password, in the same form.

    GUESS: in a JSON object, the strings whose names suggest a password, a key or the like are changed, or all strings
    if there are none. Any other value is replaced as a whole.
    """
    try:
        document = json.loads(value or "")
        if isinstance(document, dict):
            return json.dumps({**document, **_changed_members(random, document)})
    except (ValueError, RecursionError):
        pass
    return _password(random)


def _changed_members(random: Random, document: dict[str, Any]) -> dict[str, str]:
    strings = [name for name, member in document.items() if isinstance(member, str)]
    secrets = [name for name in strings if _SECRET_NAME.search(name)]
    return {name: _password(random) for name in secrets or strings}


def _password(random: Random) -> str:
    return "".join(random.choices(UPPERCASE + LOWERCASE + NUMBERS, k=32))
