"""Proofs for tests: least privilege, no unused access, no secret value in the log, and safe rotation."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock_secrets.trials.consumers import StaleWindow, stale_window
    from mock_secrets.trials.exploring import Finding, explore
    from mock_secrets.trials.rotation import RotationUnsafe, assert_rotation_safe

__all__ = ["Finding", "RotationUnsafe", "StaleWindow", "assert_rotation_safe", "explore", "stale_window"]

# Public here but implemented in a higher layer, because they start mocks. So they are imported on first use.
_HOMES = {
    "Finding": "exploring",
    "RotationUnsafe": "rotation",
    "StaleWindow": "consumers",
    "assert_rotation_safe": "rotation",
    "explore": "exploring",
    "stale_window": "consumers",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"mock_secrets.trials.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
