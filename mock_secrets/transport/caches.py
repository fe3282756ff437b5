"""Empties the caches of client-side libraries when a mock ends, so that no test sees the secrets of the one before.

This covers the parameters of aws-lambda-powertools and aws-secretsmanager-caching, and only caches that were used while
a mock was active. Some of the attributes are private; tests against the libraries guard them.
"""

import sys
from typing import Any
from weakref import WeakSet

from mock_secrets.transport import running
from mock_secrets.transport.patches import Patch

_used: WeakSet[Any] = WeakSet()


def forget() -> None:
    """Empty the caches that were used since the mock started."""
    for cache in list(_used):
        if hasattr(cache, "clear_cache"):
            _forget_provider(cache)
        else:
            cache._cache = type(cache._cache)(max_size=cache._config.max_cache_size)
    _used.clear()


def _forget_provider(provider: Any) -> None:  # pragma: no cover - needs powertools: run by tox -e neighbours
    provider.clear_cache()
    base = sys.modules.get("aws_lambda_powertools.utilities.parameters.base")
    defaults = getattr(base, "DEFAULT_PROVIDERS", {})
    # A default provider also keeps a client that was created inside the mock.
    for name in [name for name, one in defaults.items() if one is provider]:
        del defaults[name]


def _noting(original: Any) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:  # pragma: no cover - of powertools: tox -e neighbours
        if running.mock is not None and running.mock.clears_caches:
            _used.add(self)
        return original(self, *args, **kwargs)

    return method


PATCHES = [
    Patch("aws_lambda_powertools.utilities.parameters.base", "BaseProvider", "get", _noting),
    Patch("aws_lambda_powertools.utilities.parameters.base", "BaseProvider", "get_multiple", _noting),
    Patch("aws_secretsmanager_caching.secret_cache", "SecretCache", "_get_cached_secret", _noting),
]
