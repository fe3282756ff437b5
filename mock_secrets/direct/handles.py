"""What a test holds of the state, and may hold for longer than it is there."""

from typing import TypeVar

from mock_secrets.kernel.journal import Journaled

Held = TypeVar("Held", bound=Journaled)


class NoLongerThere(LookupError):
    """Something was made inside a savepoint that has ended, and is gone with all else that was done there."""


def there(held: Held, what: str) -> Held:
    """:raises NoLongerThere:"""
    if not held.is_part_of_state:
        raise NoLongerThere(f"{what} was made inside a savepoint that has ended, so it is gone")
    return held
