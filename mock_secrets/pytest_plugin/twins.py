"""A hint for a fixture that requests one of ours with a narrower scope: which of ours to use instead."""

import re
from typing import Any

# pytest's error is only a text, so it must be parsed.
_MISMATCH = re.compile(
    r"ScopeMismatch: .*? (\w+) scoped fixture (\w*?_?secrets_(?:backend|client|clock|endpoint)) .*? (\w+) scoped request"
)

_IN_ITS_PLACE = {
    "secrets_client": "{twin} and its client() method",
    "async_secrets_client": "{twin} and its async_client() method",
    "secrets_endpoint": "{twin} and its serve() method",
    "secrets_clock": "{twin} and its clock, which moves only the service,",
}


def name_twin(error: Any) -> None:
    """Add to pytest's refusal of one of our fixtures which one to use instead."""
    found = _MISMATCH.search(str(error.msg))
    if found is not None:
        twin = f"{found[3]}_secrets_backend"
        error.msg = f"{error.msg}\nUse {_IN_ITS_PLACE.get(found[2], '{twin}').format(twin=twin)} instead."
