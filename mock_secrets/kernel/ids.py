"""The randomness of one backend, from one seed: the same test sees the same ids on every run."""

import random
import string

_SUFFIX_CHARACTERS = string.ascii_letters + string.digits
_CODE_CHARACTERS = string.ascii_uppercase + string.digits


class Ids:
    """Request ids, event ids and ARN suffixes, drawn from a seeded source."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose, and nothing here guards anything

    def uuid(self) -> str:
        """A UUID of version 4, put together by hand: every call has one, and the library's takes its time."""
        digits = f"{self.random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def arn_suffix(self) -> str:
        """Six letters and digits, as AWS puts behind a secret's name in its ARN."""
        return "".join(self.random.choices(_SUFFIX_CHARACTERS, k=6))

    def code(self, length: int) -> str:
        """Capitals and digits, as AWS's access keys and unique ids have them."""
        return "".join(self.random.choices(_CODE_CHARACTERS, k=length))
