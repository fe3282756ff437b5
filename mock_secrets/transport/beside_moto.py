"""moto beside us: while a mock is active it has no say in Secrets Manager."""

import sys
from typing import Any

from mock_secrets.transport import running
from mock_secrets.transport.patches import Patch

_EVENTS = "before-send.secrets-manager"


def answers() -> bool:
    """Whether moto answers the calls of other services now."""
    stubber = getattr(sys.modules.get("moto.core.models"), "botocore_stubber", None)
    return bool(getattr(stubber, "enabled", False))


def _call(original: Any) -> Any:
    # botocore asks every handler of an event, also when one has answered; each answer of moto's is a call of its own.
    def call(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:
        if running.mock is not None and event_name.startswith(_EVENTS):
            return None
        return original(self, event_name, request, **kwargs)

    return call


PATCHES = [Patch("moto.core.botocore_stubber", "BotocoreStubber", "__call__", _call)]
