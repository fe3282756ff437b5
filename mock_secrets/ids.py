"""The randomness of one backend, from one seed: the same test sees the same ids on every run."""

import random
import string
import uuid

_SUFFIX_CHARACTERS = string.ascii_letters + string.digits


class Ids:
    """Request ids, event ids and ARN suffixes, drawn from a seeded source."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose, and nothing here guards anything

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def arn_suffix(self) -> str:
        """Six letters and digits, as AWS puts behind a secret's name in its ARN."""
        return "".join(self.random.choices(_SUFFIX_CHARACTERS, k=6))
