"""Corrects what pytest, unittest and moto have saved inside a mock, in order to restore it after the mock has ended.

They would restore what the mock had written. Each is changed to restore what was there before the mock. The attributes
are private, so a contract test guards them.
"""

import gc
import os
import sys
from typing import Any
from weakref import WeakSet

import boto3

from mock_secrets.kernel.environment import DEFAULT_SESSION
from mock_secrets.kernel.layers import Layer
from mock_secrets.transport import beside_moto, running
from mock_secrets.transport.patches import Patch

# pytest's monkeypatch objects that saved something while a mock was active.
_monkeypatches: WeakSet[Any] = WeakSet()


def correct(layer: Layer) -> None:
    """Replace what a mock has written by what was there before, wherever others have saved it."""
    for monkeypatch in list(_monkeypatches):
        _correct_monkeypatch(monkeypatch, layer)
    _monkeypatches.clear()
    for patch in _started_patches():
        _correct_patch(patch, layer)
    for mock in _motos(layer):
        for name, saved in mock._orig_creds.items():
            mock._orig_creds[name] = _corrected(name, saved, layer)


def _correct_monkeypatch(monkeypatch: Any, layer: Layer) -> None:
    items, attributes = getattr(monkeypatch, "_setitem", []), getattr(monkeypatch, "_setattr", [])
    for index, (mapping, name, saved) in enumerate(items):
        if mapping is os.environ:
            absent = _absent(type(monkeypatch))
            value = _corrected(name, None if saved is absent else saved, layer)
            items[index] = (mapping, name, absent if value is None else value)
    for index, (target, name, saved) in enumerate(attributes):
        if target is boto3 and name == "DEFAULT_SESSION":
            attributes[index] = (target, name, _corrected(DEFAULT_SESSION, saved, layer))


def _absent(kind: Any) -> Any:
    """The marker that pytest saves for a missing item. Its name differs between versions."""
    monkeypatch = kind()
    monkeypatch.setitem({}, "name", "value")
    return monkeypatch._setitem.pop()[2]


def _started_patches() -> list[Any]:
    """unittest's started patches, without those of ``with`` blocks, which end before the mock around them does."""
    return list(getattr(getattr(sys.modules.get("unittest.mock"), "_patch", None), "_active_patches", ()))


def _correct_patch(patch: Any, layer: Layer) -> None:
    if getattr(patch, "in_dict", None) is os.environ:
        values = {name: _corrected(name, patch._original.get(name), layer) for name in layer.written}
        patch._original = {name: value for name, value in {**patch._original, **values}.items() if value is not None}
    elif getattr(patch, "attribute", None) == "DEFAULT_SESSION" and patch.target is boto3:
        patch.temp_original = _corrected(DEFAULT_SESSION, patch.temp_original, layer)


def _motos(layer: Layer) -> list[Any]:
    """moto's mocks, if moto is active and has overwritten the mock's keys. moto keeps no list of them."""
    if not beside_moto.answers() or os.environ.get("AWS_ACCESS_KEY_ID") == layer.before["AWS_ACCESS_KEY_ID"]:
        return []
    kind = sys.modules["moto.core.models"].MockAWS
    return [one for one in gc.get_referrers(kind) if isinstance(one, kind)]


def _corrected(name: str, saved: Any, layer: Layer) -> Any:
    is_ours = name in layer.written and layer.written[name] == saved
    return layer.before[name] if is_ours else saved


def _noting(original: Any) -> Any:
    def change(self: Any, *args: Any, **kwargs: Any) -> Any:
        if running.mock is not None:
            _monkeypatches.add(self)
        return original(self, *args, **kwargs)

    return change


PATCHES = [Patch("_pytest.monkeypatch", "MonkeyPatch", name, _noting) for name in ("setattr", "setitem", "delitem")]
