"""References that a test holds to parts of the state, which may outlive them."""

from typing import TypeVar

from mock_secrets.kernel.journal import Journaled

Held = TypeVar("Held", bound=Journaled)


class NoLongerThere(LookupError):
    """The object was created inside a savepoint that has ended, so it was undone with everything else there."""


def there(held: Held, what: str) -> Held:
    """Return the object if it is still part of the state.

    :raises NoLongerThere: if its savepoint has ended.
    """
    if not held.is_part_of_state:
        raise NoLongerThere(f"{what} was created inside a savepoint that has ended, so it no longer exists")
    return held
