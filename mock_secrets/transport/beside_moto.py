"""moto beside this mock: while a mock is active, moto does not answer Secrets Manager."""

import sys
from typing import Any

from mock_secrets.transport import running
from mock_secrets.transport.patches import Patch

_EVENTS = "before-send.secrets-manager"


def answers() -> bool:
    """Whether moto answers the calls of other services now."""
    stubber = getattr(sys.modules.get("moto.core.models"), "botocore_stubber", None)
    return bool(getattr(stubber, "enabled", False))


def account_of(access_key: str) -> str | None:
    """The account for which moto issued an access key, for example for an assumed role; None if it did not issue it."""
    models = sys.modules.get("moto.iam.models")
    if models is None:
        return None
    account_id: str = models.get_account_id_from(access_key)
    # moto returns its default account for an unknown key.
    is_its_own = any(access_key in one.access_keys for one in list(models.iam_backends[account_id].values()))
    return account_id if is_its_own else None


def _call(original: Any) -> Any:
    # botocore calls every handler of an event, even after one has answered, so moto would record a call of its own.
    def call(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:
        if running.mock is not None and event_name.startswith(_EVENTS):
            return None
        return original(self, event_name, request, **kwargs)

    return call


PATCHES = [Patch("moto.core.botocore_stubber", "BotocoreStubber", "__call__", _call)]
