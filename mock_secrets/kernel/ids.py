"""The seeded randomness of a backend: a test sees the same ids on every run."""

import random
import string

_SUFFIX_CHARACTERS = string.ascii_letters + string.digits
_CODE_CHARACTERS = string.ascii_uppercase + string.digits


class Ids:
    """Request ids, event ids and ARN suffixes, drawn from a seeded source."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose, and not security-relevant

    def uuid(self) -> str:
        """Return a version 4 UUID. It is formatted by hand, since every call needs one and the uuid module is slow."""
        digits = f"{self.random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def arn_suffix(self) -> str:
        """Return six letters and digits, which AWS appends to a secret's name in its ARN."""
        return "".join(self.random.choices(_SUFFIX_CHARACTERS, k=6))

    def code(self, length: int) -> str:
        """Return capital letters and digits, as in AWS's access keys and unique ids."""
        return "".join(self.random.choices(_CODE_CHARACTERS, k=length))
