"""A fixture of a wider scope that asks for one of ours in a narrower: which other of ours it can have."""

import re
from typing import Any

# pytest's own words, since its error has no parts.
_MISMATCH = re.compile(
    r"ScopeMismatch: .*? (\w+) scoped fixture (\w*?_?secrets_(?:backend|client|clock|endpoint)) .*? (\w+) scoped request"
)

_IN_ITS_PLACE = {
    "secrets_client": "{twin}, and of it for .client()",
    "async_secrets_client": "{twin}, and of it for .async_client()",
    "secrets_endpoint": "{twin}, and of it for .serve()",
    "secrets_clock": "{twin}, and of it for .clock, which moves the service alone",
}


def name_twin(error: Any) -> None:
    """Have pytest's refusal of one of our fixtures name the one to ask for instead."""
    found = _MISMATCH.search(str(error.msg))
    if found is not None:
        twin = f"{found[3]}_secrets_backend"
        error.msg = f"{error.msg}\nAsk for {_IN_ITS_PLACE.get(found[2], '{twin}').format(twin=twin)}."
